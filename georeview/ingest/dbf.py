"""dBASE tables as bytes: the attributes of a shapefile before anybody has guessed their encoding."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georeview.errors.files import FileBroken, PartCut

_HEADER = struct.Struct("<BBBBIHH20x")
_FIELD = struct.Struct("<11sc4xBB14x")
_SIGNS = np.frombuffer(b" -.", dtype=np.uint8)
_EXACT_WIDTH = 16
"""Characters of a number with a point that has no more digits than a float."""

_EXACT_DIGITS = 15
"""Digits of a whole number that a float holds too."""

MAX_FIELDS = 2_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name as bytes, dBASE type letter, place in the record and width."""

    name: bytes
    kind: str
    start: int
    width: int
    decimals: int


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive records.

    Attributes:
        first: Number of the first of them, from 1.
        records: Their bytes (n, length), deletion mark first.
    """

    first: int
    records: NDArray[np.uint8]

    def deleted(self) -> list[int]:
        """Rows, from 1, that are marked as deleted."""
        return (np.flatnonzero(self.records[:, 0] == ord("*")) + self.first).tolist()

    def cells(self, column: Column) -> list[bytes]:
        """The column's bytes, row by row; NULs at the end left off."""
        if column.width == 0:
            return [b""] * len(self.records)
        bytes_ = np.ascontiguousarray(self._of(column))
        return bytes_.view(f"S{column.width}").ravel().tolist()

    def decimals(self, column: Column) -> list[float | None] | None:
        """The cells of a column whose numbers all have a point and digits that a float holds.

        ``None`` for any other column: its cells need a closer look.
        """
        if column.kind not in "NF" or not 0 < column.width <= _EXACT_WIDTH:
            return None
        given = self._of(column)
        there = (given != ord(" ")).any(axis=1)
        plain = ((given >= ord("0")) & (given <= ord("9"))) | np.isin(given, _SIGNS)
        if not (plain.all() and (given == ord(".")).any(axis=1)[there].all()):
            return None
        texts = np.ascontiguousarray(given[there]).view(f"S{column.width}").ravel()
        try:
            return _spread(texts.astype(np.float64), there)
        except ValueError:
            return None

    def wholes(self, column: Column) -> list[int | None] | None:
        """The cells of a column that are all whole numbers, right-aligned and written shortest.

        ``None`` for any other column: its cells need a closer look.
        """
        if column.kind not in "NF" or not 0 < column.width <= _EXACT_DIGITS:
            return None
        given = self._of(column)
        blank = given == ord(" ")
        there, first = ~blank.all(axis=1), np.minimum(blank.sum(axis=1), column.width - 1)
        digits = (given >= ord("0")) & (given <= ord("9"))
        leads = given[np.arange(len(given)), first] == ord("0")
        if (
            not (blank | digits).all()
            or (blank[:, 1:] & ~blank[:, :-1]).any()
            or (leads & (first < column.width - 1)).any()
        ):
            return None
        tens = 10 ** np.arange(column.width - 1, -1, -1, dtype=np.int64)
        return _spread(
            (np.where(blank, ord("0"), given).astype(np.int64) - ord("0"))[there] @ tens, there
        )

    def beyond_ascii(self, column: Column) -> NDArray[np.intp]:
        """Places in the block of cells that say something about the encoding."""
        return np.flatnonzero((self._of(column) >= 0x80).any(axis=1))

    def part(self, start: int, end: int) -> "Block":
        """The records from one place in the block to before another."""
        return Block(self.first + start, self.records[start:end])

    def _of(self, column: Column) -> NDArray[np.uint8]:
        return self.records[:, column.start : column.start + column.width]


def _spread(values: NDArray[Any], there: NDArray[np.bool_]) -> list[Any]:
    """Values of the rows that have one, and ``None`` for the others."""
    if there.all():
        found: list[Any] = values.tolist()
        return found
    spread = np.full(len(there), None, dtype=object)
    spread[there] = values
    return spread.tolist()


@dataclass(frozen=True, slots=True)
class Table:
    """A dBASE table.

    Attributes:
        path: Its file.
        ldid: Language byte.
        columns: Its columns.
        count: Number of records.
        start: Where the first of them begins, bytes.
        length: Bytes of each.
    """

    path: Path
    ldid: int
    columns: tuple[Column, ...]
    count: int
    start: int
    length: int

    def blocks(self, size: int) -> Iterator[Block]:
        """All records, some at a time; as often as one likes."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            for done in range(0, self.count, size):
                n = min(size, self.count - done)
                data = np.frombuffer(file.read(n * self.length), dtype=np.uint8)
                yield Block(done + 1, data.reshape(n, self.length))


def read(path: Path, name: str) -> Table:
    """Read the header of a table.

    Args:
        path: The file.
        name: Its name for the sentence.

    Raises:
        FileBroken: It is no dBASE table, or its header makes no sense.
        PartCut: It ends before its last record.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        data = file.read(0xFFFF + 1)
    if len(data) < 33:
        raise FileBroken(file=name)
    _, _, _, _, stated, header, length = _HEADER.unpack_from(data)
    columns = tuple(_columns(data, header))
    wide = 1 + sum(column.width for column in columns)
    if not columns or length < wide or header > size:
        raise FileBroken(file=name)
    if size - header < stated * length:
        raise PartCut(file=name, part=".dbf")
    return Table(path, data[29], columns, stated, header, length)


def _columns(data: bytes, header: int) -> Iterator[Column]:
    start, at = 1, 32
    for _ in range(MAX_FIELDS):
        if at + 32 > min(header, len(data)) or data[at] in (0x0D, 0x00):
            return
        name, kind, width, decimals = _FIELD.unpack_from(data, at)
        letter = kind.decode("ascii", "replace")
        if letter == "C":
            width += decimals << 8
            decimals = 0
        yield Column(name.split(b"\x00")[0], letter, start, width, decimals)
        start += width
        at += 32
