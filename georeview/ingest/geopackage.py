"""GeoPackages: one layer, with or without shapes."""

from georeview.errors import FileBroken, LayerUnclear, NoRows
from georeview.ingest.archive import Source
from georeview.ingest.raw import Raw, from_wkb, plain, unreadable
from georeview.ingest.sniff import SQLITE_MAGIC, sniff


def read(source: Source, _encoding: str | None, layer: str | None) -> Raw:
    """All rows of a layer.

    Raises:
        FormatDisguised: The file is no SQLite database.
        LayerUnclear: It has several layers, or not the one named.
        NoRows: It has none.
        FileBroken: It cannot be read.
    """
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    sniff(source, ".gpkg", SQLITE_MAGIC)
    path = str(source.parts[".gpkg"])
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        chosen = _one_of(layers, layer, source.name)
        # Arrow keeps whole numbers beside empty cells; NumPy would make floats of them.
        meta, table = pyogrio.raw.read_arrow(path, layer=chosen)
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise FileBroken(file=source.name) from error
    shape = meta["geometry_name"] or "wkb_geometry"
    there = shape in table.column_names and meta["geometry_type"] is not None
    wkb = table.column(shape).to_pylist() if there else [None] * table.num_rows
    geoms = from_wkb(wkb)
    return Raw(
        source=source,
        format="gpkg",
        layer=chosen,
        columns={str(n): [plain(v) for v in table.column(n).to_pylist()] for n in meta["fields"]},
        geoms=geoms,
        crs=meta["crs"],
        encoding="utf-8",
        encoding_by="format",
        refused=unreadable(geoms, [data is not None for data in wkb]),
    )


def _one_of(layers: list[str], wanted: str | None, name: str) -> str:
    if not layers:
        raise NoRows(file=name)
    hits = [layer for layer in layers if wanted in (None, layer)]
    if len(hits) != 1:
        raise LayerUnclear(file=name, layers=", ".join(layers[:20]))
    return hits[0]
