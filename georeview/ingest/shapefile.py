"""Shapefiles: geometry by GDAL, the attribute table by our own reader."""

import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from georeview.errors.files import FileBroken, PartCut, PartMissing
from georeview.ingest import arrow, dbf
from georeview.ingest.archive import Source
from georeview.ingest.encoding import Encoding, decide, decode, forced, note
from georeview.ingest.encoding import Raw as RawText
from georeview.ingest.raw import CHUNK, MOST_EXACT, Cell, Chunk, Raw, from_wkb
from georeview.ingest.report import Flag
from georeview.ingest.sniff import SHAPEFILE_MAGIC, sniff

MAX_CRS_TEXT = 8_000

REMEMBERED = 20_000
"""Different values of a column that are not decoded again."""


def read(source: Source, encoding: str | None, _layer: str | None) -> Raw:
    """A shapefile; its texts are walked through once to find their encoding.

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
    shp, n, notes = _shapes(source)
    rows = _Rows(source.name, table, headers_of(table, chosen.name), chosen.name, shp, n)
    return Raw(
        source=source,
        format="shp",
        layer=source.stem,
        headers=tuple(rows.headers),
        count=min(n, table.count),
        chunks=rows.chunks,
        crs=_short_text(source, ".prj"),
        encoding=chosen.name,
        encoding_by=chosen.by,
        notes=(*notes, *note(chosen)),
        lost=abs(n - table.count),
    )


def _shapes(source: Source) -> tuple[Path, int, list[Flag]]:
    """Geometries alone: the attribute table is ours to read, so GDAL does not see it."""
    import pyogrio

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
    with arrow.reading(source.name):
        about = pyogrio.read_info(str(alone / "data.shp"), encoding="ascii")
    return alone / "data.shp", int(about["features"]), notes


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
    return decide(_texts(table), given=given, cpg=cpg, ldid=table.ldid, file=name)


def _texts(table: dbf.Table) -> Iterator[RawText]:
    """Headers and all cells beyond ASCII, equal ones of a block once."""
    for number, column in enumerate(table.columns, 1):
        yield RawText(column.name, 0, str(number))
    columns = [(c, c.name.decode("ascii", "replace")) for c in table.columns if c.kind == "C"]
    for block in table.blocks(CHUNK):
        for column, header in columns:
            places = block.beyond_ascii(column)
            if len(places):
                cells = block.cells(column)
                firsts = {cells[place]: place for place in reversed(places.tolist())}
                for data, place in firsts.items():
                    yield RawText(data.rstrip(b" \x00"), block.first + place, header)


def headers_of(table: dbf.Table, encoding: str) -> dict[str, dbf.Column]:
    """Header → column; one that comes again, as cut ones do, gets a number behind it."""
    headers: dict[str, dbf.Column] = {}
    for column in table.columns:
        headers[_free(forced(column.name, encoding), headers)] = column
    return headers


def cells_of(table: dbf.Table, header: str, encoding: str) -> Iterator[list[Cell]]:
    """The cells of one column as they are read with all others, some rows at a time.

    Raises:
        KeyError: There is no such column.
    """
    decoder = _Decoder(headers_of(table, encoding)[header], encoding)
    for block in table.blocks(CHUNK):
        yield decoder.all_of(block)[0]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a table beside the shapes of a file.

    Attributes:
        file: Name for the sentence.
        table: The attributes.
        headers: Header → column.
        encoding: Encoding of the texts.
        shp: File of the shapes, alone.
        n: How many shapes it says it has.
    """

    file: str
    table: dbf.Table
    headers: Mapping[str, dbf.Column]
    encoding: str
    shp: Path
    n: int

    def chunks(self) -> Iterator[Chunk]:
        """Rows that have both, in order.

        Raises:
            FileBroken: There are not as many shapes as the file says.
        """
        decoders = {h: _Decoder(column, self.encoding) for h, column in self.headers.items()}
        blocks = self.table.blocks(CHUNK)
        shapes = arrow.shapes(self.shp, self.file)
        walked = 0
        for block, wkb in _side_by_side(blocks, shapes):
            walked += len(wkb)
            yield _chunk(block, wkb, decoders)
        if walked != min(self.n, self.table.count):
            raise FileBroken(file=self.file)


def _side_by_side(
    blocks: Iterator[dbf.Block], shapes: Iterator[list[bytes | None]]
) -> Iterator[tuple[dbf.Block, list[bytes | None]]]:
    """Records and shapes of the same rows, however many of each come at a time."""
    block, wkb = next(blocks, None), next(shapes, None)
    while block is not None and wkb is not None:
        n = min(len(block.records), len(wkb))
        if n:
            yield block.part(0, n), wkb[:n]
        block = block.part(n, len(block.records)) if n < len(block.records) else next(blocks, None)
        wkb = wkb[n:] if n < len(wkb) else next(shapes, None)


def _chunk(block: dbf.Block, wkb: list[bytes | None], decoders: "Mapping[str, _Decoder]") -> Chunk:
    columns = _Columns(block, decoders)
    refused = dict.fromkeys(block.deleted(), "row_deleted")
    return Chunk(block.first, columns, from_wkb(wkb), _Cut(columns), refused)


class _Columns(Mapping[str, Sequence[Cell]]):
    """The columns of a block, each decoded when it is first looked at."""

    def __init__(self, block: dbf.Block, decoders: "Mapping[str, _Decoder]") -> None:
        self._block = block
        self._decoders = decoders
        self._read: dict[str, tuple[list[Cell], list[int]]] = {}

    def __getitem__(self, header: str) -> Sequence[Cell]:
        return self._of(header)[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._decoders)

    def __len__(self) -> int:
        return len(self._decoders)

    def cut(self) -> dict[int, tuple[str, ...]]:
        """Row in the file → headers of texts that lost their last character."""
        cut: dict[int, tuple[str, ...]] = {}
        for header in self._decoders:
            for place in self._of(header)[1]:
                row = self._block.first + place
                cut[row] = (*cut.get(row, ()), header)
        return cut

    def _of(self, header: str) -> tuple[list[Cell], list[int]]:
        if header not in self._read:
            self._read[header] = self._decoders[header].all_of(self._block)
        return self._read[header]


class _Cut(Mapping[int, tuple[str, ...]]):
    """What ``Chunk.cut`` says, found when somebody asks: it takes decoding every column."""

    def __init__(self, columns: _Columns) -> None:
        self._columns = columns

    @cached_property
    def _found(self) -> dict[int, tuple[str, ...]]:
        return self._columns.cut()

    def __getitem__(self, row: int) -> tuple[str, ...]:
        return self._found[row]

    def __iter__(self) -> Iterator[int]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class _Decoder(dict[bytes, Cell]):
    """Bytes of a column's cells → values; bytes that come again are not decoded again."""

    def __init__(self, column: dbf.Column, encoding: str) -> None:
        super().__init__()
        self._column = column
        self._cut: set[bytes] = set()
        self._encoding = encoding

    def all_of(self, block: dbf.Block) -> tuple[list[Cell], list[int]]:
        """Values of a block's cells, and where texts were cut or hold what is no character."""
        numbers: list[Any] | None = block.decimals(self._column) or block.wholes(self._column)
        if numbers is not None:
            return numbers, []
        cells = block.cells(self._column)
        if self._column.kind == "C" and len(set(cells)) > len(cells) // 2:
            texts = self._at_once(cells)
            if texts is not None:
                return texts, []
        if len(self) > REMEMBERED:
            self.clear()
            self._cut.clear()
        values = [self[data] for data in cells]
        return values, [n for n, c in enumerate(cells) if c in self._cut] if self._cut else []

    def _at_once(self, cells: list[bytes]) -> list[Cell] | None:
        """Different texts decoded in one go; ``None`` where one of them needs a closer look."""
        try:
            texts = b"\n".join(cells).decode(self._encoding).split("\n")
        except UnicodeDecodeError:
            return None
        if len(texts) != len(cells):
            return None
        return [text.rstrip(" \x00") or None for text in texts]

    def __missing__(self, data: bytes) -> Cell:
        text = data.rstrip(b" \x00")
        found, cut = decode(text, self._encoding) or (forced(text, self._encoding), True)
        if cut:
            self._cut.add(data)
        self[data] = cell = _cell(self._column, found)
        return cell


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
