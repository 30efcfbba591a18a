"""XLSX: dates that are dates, numbers that are numbers, ids that stay text, filters, links.

The shape stands in a last column ``wkt``; where it is too long for a cell it lies in the report.
"""

import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import quote
from xml.etree.ElementTree import Element, iterparse

import numpy as np
import shapely

from georeview.errors.exports import ExportDiffers, ExportTooLarge
from georeview.exports import fit, names, ooxml
from georeview.exports.base import (
    Column,
    Columns,
    Format,
    Found,
    Limits,
    Losses,
    Picture,
    Plan,
    Schema,
)
from georeview.geometry.crs import known, project

_LINK: Final = "link"
_CHIPS: Final = ("before", "after")
_SHAPE: Final = Column("wkt", "wkt", True, "text", ooxml.MOST_CHARACTERS, None, "形状", "shape")
_OPEN: Final = "打开"
_SHEET, _CODEBOOK = "图斑", "字段说明"
_CODEBOOK_HEAD: Final = ("列名", "值类型", "字段名", "列来源", "含义", "meaning")
_PART: Final = "xl/worksheets/sheet1.xml"
_DEFLATE: Final = 1
_PIXELS: Final = (240, 180)
"""Size of a picture in its cell."""
_POINTS: Final = 138
"""Height of a row that holds it: 180 pixels and a little."""
_WIDTHS: Final = {"text": 18, "integer": 10, "real": 14, "date": 12}
"""Of columns, in characters."""


def _columns(schema: Schema, encoding: str) -> tuple[Column, ...]:
    return names.long(schema, encoding, taken=(_LINK, *_CHIPS, _SHAPE.name))


def _before(plan: Plan) -> list[tuple[str, int]]:
    """Title and width of the columns before those of the plan: link and pictures."""
    wide = _PIXELS[0] // 7
    links = [(_LINK, 8)] if plan.options.link else []
    return [*links, *([(chip, wide) for chip in _CHIPS] if plan.options.pictures else [])]


def _write(chunks: Iterator[Columns], plan: Plan, path: Path) -> Losses:
    if plan.rows() >= ooxml.MOST_ROWS:
        raise ExportTooLarge(
            format="xlsx", what="rows", found=plan.rows(), limit=ooxml.MOST_ROWS - 1
        )
    losses, pictures = Losses(), _Pictures(plan)
    wide = len(_before(plan)) + len(plan.columns) + 1
    sheets = {
        _SHEET: ooxml.area(wide, plan.rows() + 1),
        _CODEBOOK: ooxml.area(len(_CODEBOOK_HEAD), len(plan.columns) + 1),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_DEFLATE) as file:
        with file.open(_PART, "w", force_zip64=True) as sheet:
            _plots(sheet, chunks, plan, losses, pictures)
        file.writestr("xl/worksheets/sheet2.xml", _codebook(plan))
        for name, text in ooxml.parts(sheets, pictures.anchors):
            file.writestr(name, text)
        for n, jpeg in enumerate(pictures.held, 1):
            file.writestr(_media(n), jpeg, zipfile.ZIP_STORED)
    return losses


def _plots(
    sheet: IO[bytes], chunks: Iterator[Columns], plan: Plan, losses: Losses, pictures: "_Pictures"
) -> None:
    first, height = 0, _POINTS if plan.options.pictures else 0
    held = [(column.name, _WIDTHS[column.kind]) for column in plan.columns]
    titles, widths = zip(*_before(plan), *held, (_SHAPE.name, 40), strict=True)
    sheet.write(ooxml.sheet_head(titles, widths).encode())
    for chunk in chunks:
        cells = [_cells(column, chunk, first, losses) for column in plan.columns]
        empty = [[ooxml.EMPTY] * len(chunk)] * len(_before(plan))
        if plan.options.link:
            empty[0] = _links(chunk, plan.options.link)
        rows = zip(*empty, *cells, _shapes(chunk, plan, first, losses), strict=True)
        sheet.write(ooxml.rows(first + 2, rows, height).encode())
        pictures.take(chunk, first)
        first += len(chunk)
    drawing = bool(pictures.held)
    sheet.write(ooxml.sheet_tail(len(titles), first + 1, drawing=drawing).encode())


def _cells(column: Column, chunk: Columns, first: int, losses: Losses) -> list[str]:
    values = fit.cells(column, chunk, first, losses, fit.for_cell)
    if column.kind in ("integer", "real"):
        return [ooxml.EMPTY if value is None else ooxml.number(value) for value in values]
    write: Any = ooxml.text if column.kind == "text" else ooxml.day
    # Most columns hold few different values: each is written once.
    made = {value: write(value) if value else ooxml.EMPTY for value in set(values)}
    return [made[value] for value in values]


def _links(chunk: Columns, address: str) -> list[str]:
    addresses = [address + quote(str(number), safe="") for number in chunk.values["source_id"]]
    return [
        ooxml.link(one, _OPEN) if len(one) <= ooxml.MOST_URL else ooxml.EMPTY for one in addresses
    ]


def _shapes(chunk: Columns, plan: Plan, first: int, losses: Losses) -> list[str]:
    geoms = np.asarray(shapely.from_wkb(np.asarray(chunk.wkb, dtype=object)), dtype=object)
    cells = []
    for i, wkt in enumerate(shapely.to_wkt(project(geoms, known(plan.epsg)), -1).tolist()):
        if len(wkt) > ooxml.MOST_CHARACTERS:
            losses.add("too_wide", _SHAPE, chunk, (first, i), wkt, None)
            cells.append(ooxml.EMPTY)
        else:
            cells.append(ooxml.text(wkt))
    return cells


class _Pictures:
    """Pictures and their anchors, in the order they come."""

    def __init__(self, plan: Plan) -> None:
        self._column = int(bool(plan.options.link))
        self.anchors: list[str] = []
        self.held: list[bytes] = []

    def take(self, chunk: Columns, first: int) -> None:
        for row, pictures in enumerate(chunk.pictures, first + 1):
            for picture in pictures:
                self.held.append(picture.jpeg)
                at = (self._column + _CHIPS.index(picture.name), row)
                self.anchors.append(ooxml.picture(len(self.held), at, _PIXELS))


def _media(n: int) -> str:
    return f"xl/media/{n}.jpeg"


def _codebook(plan: Plan) -> str:
    """A second sheet that says what every column is."""
    told = [
        (c.name, c.kind, c.key, "georeview" if c.ours else "sender", c.zh, c.en)
        for c in plan.columns
    ]
    cells = [[ooxml.text(fit.shown(cell)) for cell in row] for row in told]
    head = ooxml.sheet_head(_CODEBOOK_HEAD, (20, 10, 20, 12, 28, 28))
    return head + ooxml.rows(2, cells) + ooxml.sheet_tail(len(_CODEBOOK_HEAD), len(told) + 1)


# Back -------------------------------------------------------------------------------------------

_ROW, _CELL, _INLINE, _VALUE = (f"{{{ooxml.MAIN}}}{tag}" for tag in ("row", "c", "is/t", "v"))


def _reopen(path: Path, plan: Plan) -> Iterator[Found]:
    """Read by an XML parser, row by row."""
    with zipfile.ZipFile(path) as file, file.open(_PART) as sheet:
        rows = _rows(sheet)
        if len(next(rows)) != len(_before(plan)) + len(plan.columns) + 1:
            raise ValueError(path.name)
        for size in [*(n for n, _ in plan.sizes), None]:
            if held := list(islice(rows, size)):
                yield _found(held, plan)


def _rows(sheet: IO[bytes]) -> Iterator[list[Any]]:
    held = None
    for event, element in iterparse(sheet, ("start", "end")):  # noqa: S314 - ours
        if event == "start":
            held = element if element.tag.endswith("}sheetData") else held
        elif element.tag == _ROW:
            yield [_value(cell) for cell in element]
            if held is not None:
                held.clear()


def _value(cell: Element) -> str | float | None:
    """A text, a number, or a day as ISO text, by what the cell says it is."""
    if not len(cell):
        return None
    value = cell[-1]
    if cell.get("t") == "inlineStr":
        return ooxml.plain(value[0].text or "")
    if cell.get("t") == "str":
        return value.text
    return ooxml.day_of(value.text or "") if cell.get("s") else float(value.text or "nan")


def _found(rows: Sequence[Sequence[Any]], plan: Plan) -> Found:
    columns = list(zip(*rows, strict=True))[len(_before(plan)) :]
    values = {column.name: held for column, held in zip(plan.columns, columns, strict=False)}
    return Found(np.asarray(shapely.from_wkt(np.asarray(columns[-1], dtype=object))), values)


def _others(chunks: Iterator[Columns], _plan: Plan, path: Path) -> None:
    """Hold the pictures against those that were given."""
    with zipfile.ZipFile(path) as file:
        n = 0
        for chunk in chunks:
            for plot, pictures in zip(chunk.values["source_id"], chunk.pictures, strict=False):
                for picture in pictures:
                    n += 1
                    _same(file, n, picture, str(plot))


def _same(file: zipfile.ZipFile, n: int, picture: Picture, plot: str) -> None:
    if file.read(_media(n)) != picture.jpeg:
        raise ExportDiffers(column=picture.name, plot=plot, what="pictures")


WORKBOOK: Final = Format(
    name="xlsx",
    suffix=".xlsx",
    gdal=False,
    limits=Limits(
        columns=ooxml.MOST_COLUMNS - 4,
        tells_empty=False,
        shape=_SHAPE.name,
        pictures="chips",
    ),
    columns=_columns,
    write=_write,
    reopen=_reopen,
    others=_others,
)
