"""The sender's own shapefile with some of its cells filled; every other byte stays as it came.

Runs inside the sandbox. Only the attribute table changes, and of it only the cells that something
is said for: columns, widths, order, encoding, shapes and coordinate system are those of the source.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from georeview.errors.files import UnknownFormat
from georeview.ingest import archive, dbf, shapefile
from georeview.ingest.sheet import Filled, Piece, Unfit
from georeview.ingest.values import text

PIECE = 4 << 20
"""Bytes that leave at a time."""

Values = Mapping[str, Mapping[str, str]]
"""Number of a plot → header → what is to stand there."""


def fill(
    files: tuple[Path, ...], layer: str | None, encoding: str, number: str, values: Values
) -> Iterator[Piece | Filled]:
    """A shapefile with its cells filled.

    Args:
        files: The source, with its parts.
        layer: Which data set of an archive.
        encoding: Of its texts, as it was read.
        number: Header of the plots' numbers.
        values: What is to stand where.

    Yields:
        The bytes of its parts, piece by piece; last what became of the cells.

    Raises:
        UnknownFormat: It is no shapefile.
    """
    with archive.opened(files, layer) as source:
        if ".shp" not in source.parts or ".dbf" not in source.parts:
            raise UnknownFormat(file=source.name)
        table = dbf.read(source.parts[".dbf"], source.name)
        filled = _Filling(table, encoding).all(number, values)
        for suffix, path in source.parts.items():
            if suffix == ".dbf":
                yield from _pieces(source.stem, suffix, filled.data)
            else:
                yield from _pieces(source.stem, suffix, path.read_bytes())
        yield Filled(source.stem, table.count, filled.rows, tuple(filled.unfit))


def _pieces(stem: str, suffix: str, data: bytes | bytearray) -> Iterator[Piece]:
    for at in range(0, max(len(data), 1), PIECE):
        yield Piece(stem, suffix, bytes(data[at : at + PIECE]))


@dataclass(slots=True)
class _Result:
    data: bytearray
    rows: int
    unfit: list[Unfit]


class _Filling:
    """Cells of a table, written over."""

    def __init__(self, table: dbf.Table, encoding: str) -> None:
        self._table = table
        self._encoding = encoding
        self._columns = shapefile.headers_of(table, encoding)

    def all(self, number: str, values: Values) -> _Result:
        """The whole table with what is said for its rows."""
        result = _Result(bytearray(self._table.path.read_bytes()), 0, [])
        row = 0
        for cells in shapefile.cells_of(self._table, number, self._encoding):
            for cell in cells:
                source_id = text(cell)
                said = values.get(source_id) if source_id is not None else None
                if said is not None and source_id is not None:
                    self._fill(result, row, source_id, said)
                    result.rows += 1
                row += 1
        return result

    def _fill(self, result: _Result, row: int, source_id: str, said: Mapping[str, str]) -> None:
        for header, value in said.items():
            column = self._columns.get(header)
            if column is None:
                result.unfit.append(Unfit(row + 1, source_id, header, "no_column", value))
                continue
            data, why = self._cell(column, value)
            if why is not None:
                result.unfit.append(Unfit(row + 1, source_id, header, why, value))
            if data is not None:
                at = self._table.start + row * self._table.length + column.start
                result.data[at : at + column.width] = data

    def _cell(self, column: dbf.Column, value: str) -> tuple[bytes | None, str | None]:
        """The bytes of a cell, and what was lost; no bytes where the value is of another kind."""
        if column.kind == "C":
            return self._text(column.width, value)
        plain = value.replace("-", "") if column.kind == "D" else value
        if column.kind == "D":
            fits = len(plain) == 8 and plain.isdigit()
        else:
            fits = column.kind in "NF" and _is_number(plain) and len(plain) <= column.width
        if not fits:
            return None, "other_kind"
        return plain.encode("ascii").rjust(column.width), None

    def _text(self, width: int, value: str) -> tuple[bytes, str | None]:
        """A text cut between characters, never inside one."""
        data = value.encode(self._encoding, "replace")
        why = None if data.decode(self._encoding) == value else "not_in_encoding"
        if len(data) > width:
            short = value
            while len(short.encode(self._encoding, "replace")) > width:
                short = short[:-1]
            data, why = short.encode(self._encoding, "replace"), "cut"
        return data.ljust(width), why


def _is_number(value: str) -> bool:
    return value.lstrip("-").replace(".", "", 1).isdigit() and value.isascii()
