"""Shapefiles: geometry by GDAL, the attribute table by our own reader."""

import math
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from georeview.errors import FileBroken, PartCut, PartMissing
from georeview.ingest import dbf
from georeview.ingest.archive import Source
from georeview.ingest.encoding import Encoding, decide, decode
from georeview.ingest.encoding import Raw as RawText
from georeview.ingest.raw import MOST_EXACT, Cell, Geometries, Raw, from_wkb
from georeview.ingest.report import Flag
from georeview.ingest.sniff import SHAPEFILE_MAGIC, sniff

MAX_CRS_TEXT = 8_000


def read(source: Source, encoding: str | None, _layer: str | None) -> Raw:
    """All rows of a shapefile.

    Raises:
        FormatDisguised: It is none.
        PartMissing: Its table is not there.
        PartCut: A part ends in the middle.
        FileBroken: It is damaged in another way.
    """
    sniff(source, ".shp", SHAPEFILE_MAGIC)
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
        refused={row: "row_deleted" for row in table.deleted() if row <= rows},
        lost=max(len(geoms), len(table.records)) - rows,
    )


def _shapes(source: Source) -> tuple[Geometries, list[Flag]]:
    """Geometries alone: the attribute table is ours to read, so GDAL does not see it."""
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    _whole(source)
    notes = []
    alone = source.parts[".shp"].parent / "alone"
    alone.mkdir()
    source.parts[".shp"].rename(alone / "data.shp")
    if ".shx" in source.parts and _fits(source.parts[".shx"], alone / "data.shp"):
        source.parts[".shx"].rename(alone / "data.shx")
    else:
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
        notes.append(Flag("shx_rebuilt"))
    try:
        _, _, wkb, _ = pyogrio.raw.read(str(alone / "data.shp"), columns=[], encoding="ascii")
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise FileBroken(file=source.name) from error
    return from_wkb(wkb), notes


def _whole(source: Source) -> None:
    """A shapefile's header says how many 16-bit words it has.

    Raises:
        PartCut: The file is shorter.
    """
    path = source.parts[".shp"]
    if path.stat().st_size < _stated_size(path):
        raise PartCut(file=source.name, part=".shp")


def _stated_size(path: Path) -> int:
    with path.open("rb") as file:
        start = file.read(28)
    return 2 * int(struct.unpack_from(">i", start, 24)[0]) if len(start) == 28 else 100


def _fits(shx: Path, shp: Path) -> bool:
    """Whether an index is one, is whole, and its last record lies in the shapefile."""
    data = shx.read_bytes()
    if not data.startswith(SHAPEFILE_MAGIC) or len(data) < max(100, _stated_size(shx)):
        return False
    if len(data) < 108:
        return True
    at, words = struct.unpack_from(">2i", data, 100 + 8 * ((len(data) - 100) // 8 - 1))
    return 2 * int(at + 4 + words) <= shp.stat().st_size


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
        header = _free(named[0] if named else column.name.decode("latin-1"), columns)
        cells: list[Cell] = []
        for row, data in enumerate(table.cells(column), 1):
            found = decode(data, encoding.name)
            text, was_cut = found or (data.decode("latin-1"), False)
            if was_cut:
                cut[row] = (*cut.get(row, ()), header)
            cells.append(_cell(column, text))
        columns[header] = cells
    return columns, cut


def _free(header: str, taken: Mapping[str, object]) -> str:
    """A header that comes again, as cut ones do, gets a number behind it."""
    number, name = 2, header
    while name in taken:
        name = f"{header}#{number}"
        number += 1
    return name


def _cell(column: dbf.Column, text: str) -> Cell:
    """A value of its dBASE type; what a number would not hold exactly stays text."""
    if column.kind not in "NF":
        return text or None
    plain = text.strip()
    whole, point, rest = plain.partition(".")
    if point and not rest.strip("0") and len(whole.lstrip("-")) > 15:
        return whole
    try:
        if not point and whole.lstrip("-").isdigit():
            exact = str(int(whole)) == whole and abs(int(whole)) < MOST_EXACT
            return int(whole) if exact else whole
        number = float(plain)
    except ValueError:
        return plain or None
    return number if math.isfinite(number) else plain


def _short_text(source: Source, suffix: str) -> str | None:
    if suffix not in source.parts:
        return None
    with source.parts[suffix].open("rb") as file:
        data = file.read(MAX_CRS_TEXT + 1)
    return data.decode("utf-8", "replace").strip("\x00\ufeff \r\n\t") or None
