"""GeoPackages: one layer, with or without shapes."""

from georeview.errors import LayerUnclear, NoRows
from georeview.ingest import arrow
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
    import pyogrio

    sniff(source, ".gpkg", SQLITE_MAGIC)
    path = source.parts[".gpkg"]
    with arrow.reading(source.name):
        layers = [str(name) for name, _ in pyogrio.list_layers(str(path))]
    chosen = _one_of(layers, layer, source.name)
    found = arrow.layer(path, chosen, source.name)
    return Raw(
        source=source,
        format="gpkg",
        layer=chosen,
        headers=found.headers,
        count=found.count,
        chunks=found.chunks,
        crs=found.crs,
        encoding="utf-8",
        encoding_by="format",
    )


def _one_of(layers: list[str], wanted: str | None, name: str) -> str:
    if not layers:
        raise NoRows(file=name)
    hits = [layer for layer in layers if wanted in (None, layer)]
    if len(hits) != 1:
        raise LayerUnclear(file=name, layers=", ".join(layers[:20]))
    return hits[0]
