"""dBASE tables as bytes: the attributes of a shapefile before anybody has guessed their encoding."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from georeview.errors import FileBroken, PartCut

_HEADER = struct.Struct("<BBBBIHH20x")
_FIELD = struct.Struct("<11sc4xBB14x")
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
class Table:
    """A dBASE table.

    Attributes:
        ldid: Language byte.
        columns: Its columns.
        records: One record each, deletion mark first.
    """

    ldid: int
    columns: tuple[Column, ...]
    records: tuple[bytes, ...]

    def deleted(self) -> list[int]:
        """Rows, from 1, that are marked as deleted."""
        return [row for row, record in enumerate(self.records, 1) if record[:1] == b"*"]

    def cells(self, column: Column) -> Iterator[bytes]:
        """The column's bytes, row by row, blanks and NULs at the end left off."""
        end = column.start + column.width
        for record in self.records:
            yield record[column.start : end].rstrip(b" \x00")


def read(path: Path, name: str) -> Table:
    """Read a whole table.

    Args:
        path: The file.
        name: Its name for the sentence.

    Raises:
        FileBroken: It is no dBASE table, or its header makes no sense.
        PartCut: It ends before its last record.
    """
    data = path.read_bytes()
    if len(data) < 33:
        raise FileBroken(file=name)
    _, _, _, _, stated, header, length = _HEADER.unpack_from(data)
    columns = tuple(_columns(data, header))
    wide = 1 + sum(column.width for column in columns)
    if not columns or length < wide or header > len(data):
        raise FileBroken(file=name)
    body = memoryview(data)[header:]
    if len(body) < stated * length:
        raise PartCut(file=name, part=".dbf")
    records = tuple(bytes(body[i * length : (i + 1) * length]) for i in range(stated))
    return Table(data[29], columns, records)


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
