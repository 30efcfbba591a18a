"""GeoPackages: one layer, with or without shapes."""

from georeview.ingest import gdal
from georeview.ingest.archive import Source
from georeview.ingest.raw import Raw
from georeview.ingest.sniff import SQLITE_MAGIC, sniff


def read(source: Source, _encoding: str | None, layer: str | None) -> Raw:
    """A layer.

    Raises:
        FormatDisguised: The file is no SQLite database.
        LayerUnclear: It has several layers, or not the one named.
        NoRows: It has none.
        FileBroken: It cannot be read.
    """
    sniff(source, ".gpkg", SQLITE_MAGIC)
    return gdal.read(source, source.parts[".gpkg"], layer, format="gpkg")


def layers(source: Source) -> list[str]:
    """Layers that hold rows."""
    sniff(source, ".gpkg", SQLITE_MAGIC)
    return gdal.layers(source.parts[".gpkg"], source.name)
