"""What a file really is, and its rows: shapefile, GeoPackage, GeoJSON."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.errors import (
    FileBroken,
    FormatDisguised,
    LayerUnclear,
    NoRows,
    PartMissing,
    UnknownFormat,
)
from georeview.ingest import dbf
from georeview.ingest.archive import Source
from georeview.ingest.encoding import Encoding, decide, decode
from georeview.ingest.encoding import Raw as RawText
from georeview.ingest.raw import Cell, Raw
from georeview.ingest.report import Flag

Geometries = NDArray[np.object_]
SHAPEFILE_MAGIC = b"\x00\x00\x27\x0a"
SQLITE_MAGIC = b"SQLite format 3\x00"
MAX_CRS_TEXT = 8_000


def read(source: Source, *, encoding: str | None, layer: str | None) -> Raw:
    """All rows of a data set.

    Args:
        source: Its parts.
        encoding: Encoding of its texts, if the user says so.
        layer: Which layer, if there are several.

    Raises:
        GeoreviewError: It is not what it claims to be, is damaged, lacks a part or holds no row.
    """
    for suffix, reader in _READERS.items():
        if suffix in source.parts:
            raw = reader(source, encoding, layer)
            if raw.n + raw.lost == 0:
                raise NoRows(file=source.name)
            return raw
    raise UnknownFormat(file=source.name)


def _starts(source: Source, suffix: str) -> bytes:
    with source.parts[suffix].open("rb") as file:
        return file.read(512)


def _sniff(source: Source, suffix: str, magic: bytes) -> None:
    """Refuse what only bears the name: descriptions that would read other files, or a network.

    Raises:
        FormatDisguised: The content is of another kind.
    """
    start = _starts(source, suffix)
    if not start.startswith(magic):
        raise FormatDisguised(file=source.name, found=_looks_like(start))


def _looks_like(start: bytes) -> str:
    text = start.lstrip(b"\xef\xbb\xbf \r\n\t")
    if found := re.match(rb"<\??\s*([A-Za-z_]{1,30})", text):
        return "XML " + found[1].decode("ascii")
    for magic, name in ((b"PK", "zip"), (b"%PDF", "PDF"), (b"{", "JSON"), (SQLITE_MAGIC, "SQLite")):
        if start.startswith(magic):
            return name
    return "?"


# Shapefile ---------------------------------------------------------------------------------------


def _shapefile(source: Source, encoding: str | None, _layer: str | None) -> Raw:
    _sniff(source, ".shp", SHAPEFILE_MAGIC)
    if ".dbf" not in source.parts:
        raise PartMissing(file=source.name, part=".dbf")
    table = dbf.read(source.parts[".dbf"], source.name)
    cpg = _short_text(source, ".cpg")
    chosen = _encoding_of(table, source.name, encoding, cpg)
    columns, cut = _decoded(table, chosen)
    geoms, notes = _shapes(source)
    if chosen.lied:
        notes.append(Flag("encoding_lied", {"stated": chosen.lied, "found": chosen.name}))
    rows = min(len(geoms), len(table.records))
    lost = max(len(geoms), table.stated, len(table.records)) - rows
    return Raw(
        source=source,
        format="shp",
        layer=source.stem,
        columns={name: cells[:rows] for name, cells in columns.items()},
        geoms=geoms[:rows],
        crs=_short_text(source, ".prj"),
        encoding=chosen.name,
        encoding_by=chosen.by,
        notes=tuple(notes),
        cut=cut,
        lost=lost,
    )


def _shapes(source: Source) -> tuple[Geometries, list[Flag]]:
    """Geometries alone: the attribute table is ours to read, so GDAL does not see it."""
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    notes = []
    alone = source.parts[".shp"].parent / "alone"
    alone.mkdir()
    source.parts[".shp"].rename(alone / "data.shp")
    if ".shx" in source.parts:
        source.parts[".shx"].rename(alone / "data.shx")
    else:
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
        notes.append(Flag("shx_rebuilt"))
    try:
        _, _, wkb, _ = pyogrio.raw.read(str(alone / "data.shp"), columns=[], encoding="ascii")
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise FileBroken(file=source.name) from error
    return _from_wkb(wkb), notes


def _from_wkb(wkb: Sequence[bytes | None]) -> Geometries:
    return np.asarray(shapely.from_wkb(np.asarray(wkb, dtype=object), on_invalid="ignore"))


def _encoding_of(table: dbf.Table, name: str, given: str | None, cpg: str | None) -> Encoding:
    def texts() -> Iterator[RawText]:
        for number, column in enumerate(table.columns, 1):
            yield RawText(column.name, 0, str(number))
            if column.kind == "C":
                for row, cell in enumerate(table.cells(column), 1):
                    yield RawText(cell, row, column.name.decode("ascii", "replace"))

    return decide(texts(), given=given, cpg=cpg, ldid=table.ldid, file=name)


def _decoded(
    table: dbf.Table, encoding: Encoding
) -> tuple[dict[str, list[Cell]], dict[int, tuple[str, ...]]]:
    columns: dict[str, list[Cell]] = {}
    cut: dict[int, tuple[str, ...]] = {}
    for column in table.columns:
        named = decode(column.name, encoding.name)
        header = named[0] if named else column.name.decode("latin-1")
        while header in columns:
            header += "_1"
        cells: list[Cell] = []
        for row, data in enumerate(table.cells(column), 1):
            found = decode(data, encoding.name)
            text, was_cut = found or (data.decode("latin-1"), False)
            if was_cut:
                cut[row] = (*cut.get(row, ()), header)
            cells.append(_cell(column, text))
        columns[header] = cells
    return columns, cut


def _cell(column: dbf.Column, text: str) -> Cell:
    """A value of its dBASE type; whole numbers too long for a float stay text."""
    if column.kind not in "NF":
        return text or None
    plain = text.strip()
    try:
        if not column.decimals and "." not in plain and "e" not in plain.lower():
            return int(plain) if len(plain) <= 15 else plain
        return float(plain)
    except ValueError:
        return plain or None


def _short_text(source: Source, suffix: str) -> str | None:
    if suffix not in source.parts:
        return None
    data = source.parts[suffix].read_bytes()[: MAX_CRS_TEXT + 1]
    return data.decode("utf-8", "replace").strip("\x00\ufeff \r\n\t") or None


# GeoPackage --------------------------------------------------------------------------------------


def _geopackage(source: Source, _encoding: str | None, layer: str | None) -> Raw:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    _sniff(source, ".gpkg", SQLITE_MAGIC)
    path = str(source.parts[".gpkg"])
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        chosen = _one_of(layers, layer, source.name)
        meta, _, wkb, cells = pyogrio.raw.read(path, layer=chosen)
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise FileBroken(file=source.name) from error
    names = [str(name) for name in meta["fields"]]
    count = len(cells[0]) if len(cells) else len(wkb) if wkb is not None else 0
    geoms = _from_wkb(wkb) if wkb is not None else np.full(count, None, dtype=object)
    return Raw(
        source=source,
        format="gpkg",
        layer=chosen,
        columns={n: [_plain(v) for v in column] for n, column in zip(names, cells, strict=True)},
        geoms=geoms,
        crs=meta["crs"],
        encoding="utf-8",
        encoding_by="format",
    )


def _one_of(layers: list[str], wanted: str | None, name: str) -> str:
    hits = [layer for layer in layers if wanted in (None, layer)]
    if len(hits) != 1:
        raise LayerUnclear(file=name, layers=", ".join(layers[:20]))
    return hits[0]


def _plain(value: Any) -> Cell:
    """A cell as plain Python: NumPy scalars unpacked, dates as ISO text."""
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)[:10]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value if isinstance(value, str | int | float) or value is None else str(value)


# GeoJSON -----------------------------------------------------------------------------------------


def _geojson(source: Source, _encoding: str | None, _layer: str | None) -> Raw:
    """Parsed by Python's own reader: ids of any length stay exact and no link is followed."""
    suffix = ".geojson" if ".geojson" in source.parts else ".json"
    data = source.parts[suffix].read_bytes()
    if not data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        raise FormatDisguised(file=source.name, found=_looks_like(data[:512]))
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FileBroken(file=source.name) from error
    features = document.get("features") if isinstance(document, dict) else None
    if document.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise FormatDisguised(file=source.name, found=str(document.get("type"))[:40])
    if not all(isinstance(feature, dict) for feature in features):
        raise FileBroken(file=source.name)
    properties = [_properties(feature) for feature in features]
    names = list(dict.fromkeys(name for row in properties for name in row))
    return Raw(
        source=source,
        format="geojson",
        layer=source.stem,
        columns={name: [row.get(name) for row in properties] for name in names},
        geoms=_geometries(features),
        crs=_linked_crs(document.get("crs")),
        encoding="utf-8",
        encoding_by="format",
    )


def _properties(feature: Mapping[str, Any]) -> dict[str, Cell]:
    given = feature.get("properties")
    row = {str(k): _json_cell(v) for k, v in given.items()} if isinstance(given, dict) else {}
    if "id" in feature and "id" not in row:
        row["id"] = _json_cell(feature["id"])
    return row


def _json_cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str | int | float) or value is None:
        # Beyond 15 digits a whole number is an id: it stays text.
        return str(value) if isinstance(value, int) and abs(value) >= 10**15 else value
    return json.dumps(value, ensure_ascii=False)


def _geometries(features: Sequence[Mapping[str, Any]]) -> Geometries:
    texts = [json.dumps(f["geometry"]) if f.get("geometry") else None for f in features]
    geoms = shapely.from_geojson(np.asarray(texts, dtype=object), on_invalid="ignore")
    return np.asarray(geoms, dtype=object)


def _linked_crs(crs: Any) -> str | None:
    """The system a GeoJSON names; RFC 7946 says longitude and latitude when it names none."""
    name = crs.get("properties", {}).get("name") if isinstance(crs, dict) else None
    if not isinstance(name, str) or "CRS84" in name.upper():
        return "EPSG:4326"
    found = re.search(r"EPSG:{1,2}(?:[\d.]*:)?(\d{4,6})$", name.strip(), re.IGNORECASE)
    return f"EPSG:{found[1]}" if found else name


_READERS: Mapping[str, Callable[[Source, str | None, str | None], Raw]] = MappingProxyType(
    {".shp": _shapefile, ".gpkg": _geopackage, ".geojson": _geojson, ".json": _geojson}
)
