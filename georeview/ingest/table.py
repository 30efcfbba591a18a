"""Tables of cells, from a spreadsheet or a text file: where the headers are, and what lies below.

People put titles above the headers and totals below the rows; so the row of headers is looked for,
and every row under it that holds anything is a row of the file, under its own number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from georeview.core.fields import EXPORT_FIELDS, PLOT_FIELDS
from georeview.errors.files import TooManyColumns
from georeview.ingest import coordinates
from georeview.ingest.archive import Source
from georeview.ingest.columns import exported
from georeview.ingest.coordinates import plain_name
from georeview.ingest.raw import Cell, Raw, whole
from georeview.ingest.report import Flag

LOOKED_AT = 40
"""Rows among which the headers are looked for."""

MAX_COLUMNS = 2_000
"""More than the widest table of any office."""

_KNOWN = (
    coordinates.WORDS
    | {word.upper() for f in PLOT_FIELDS for word in (f.name, *f.aliases)}
    | {f.name.upper() for f in EXPORT_FIELDS}
)

Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """Cells with their headers.

    Attributes:
        headers: Names of the columns, each once.
        numbers: Number of each row (n,) in the sheet, from 1.
        rows: The rows (n,) that hold anything, all as wide as the headers.
        recognised: How many headers are words of ours.
    """

    headers: tuple[str, ...]
    numbers: tuple[int, ...]
    rows: tuple[Row, ...]
    recognised: int


def under_headers(rows: Sequence[Row], file: str) -> Table:
    """A table from all cells of a sheet; empty cells are ``None``.

    Raises:
        TooManyColumns: It is wider than any list of plots.
    """
    at = _header_row(rows)
    named, above = rows[at] if rows else (), rows[at - 1] if at else ()
    filled = [i for i, row in enumerate(rows[at + 1 :], at + 1) if any(c is not None for c in row)]
    wide = max([len(named), *(len(rows[i]) for i in filled)], default=0)
    if wide > MAX_COLUMNS:
        raise TooManyColumns(file=file, n=wide, limit=MAX_COLUMNS)
    used = [i for i in range(wide) if _at(named, i) is not None or _any(rows, filled, i)]
    headers = _distinct([_header(named, above, i) for i in used])
    return Table(
        headers,
        tuple(i + 1 for i in filled),
        tuple([_at(rows[i], column) for column in used] for i in filled),
        sum(plain_name(header) in _KNOWN for header in headers),
    )


def raw(
    table: Table,
    source: Source,
    *,
    format: str,  # noqa: A002 - as the attribute
    layer: str | None = None,
    encoding: str | None = "utf-8",
    encoding_by: str = "format",
    notes: tuple[Flag, ...] = (),
) -> Raw:
    """The rows of a table as those of any other file."""
    columns = {h: [row[i] for row in table.rows] for i, h in enumerate(table.headers)}
    found = coordinates.located(columns)
    geoms = found.geoms if found else np.full(len(table.rows), None, dtype=object)
    crs = found.crs if found else None
    if found and found.column:
        columns.pop(found.column)
        ours = exported(table.headers)
        if crs is None and {"lon", "lat"} <= ours.keys():
            lon, lat = (columns[ours[name]] for name in ("lon", "lat"))
            crs = coordinates.system_of_export(geoms, lon, lat)
    if table.numbers and table.numbers[0] > 2:
        notes += (Flag("headers_below", {"row": table.numbers[0] - 1}),)

    return whole(
        source=source,
        format=format,
        layer=layer,
        columns=columns,
        geoms=geoms,
        crs=crs,
        encoding=encoding,
        encoding_by=encoding_by,
        notes=notes + (found.notes if found else ()),
        refused=found.refused if found else {},
        shown=table.numbers,
        shapeless=found is None,
    )


def _header_row(rows: Sequence[Row]) -> int:
    """The row with the most words of ours; else the first that is as wide as the rows below."""
    first = rows[:LOOKED_AT]
    words = [sum(isinstance(c, str) and plain_name(c) in _KNOWN for c in row) for row in first]
    if any(words):
        at = words.index(max(words))
        return at + 1 if at + 1 < len(first) and _splits(first[at], first[at + 1]) else at
    filled = [sum(c is not None for c in row) for row in first]
    return next((i for i, n in enumerate(filled) if n and 2 * n > max(filled)), 0)


def _splits(upper: Row, lower: Row) -> bool:
    """Whether headings for several columns are parted by those below: words under nothing.

    A word of ours under a header is a value that happens to be one, such as ``X``.
    """
    return any(
        isinstance(cell, str) and plain_name(cell) in _KNOWN and _at(upper, i) is None
        for i, cell in enumerate(lower)
    )


def _header(named: Row, above: Row, i: int) -> str:
    """The cell itself, else what stands above it where two rows of headers are merged."""
    found = _at(named, i)
    if found is None:
        found = _at(above, i)
    return str(found).strip()[: coordinates.LONGEST] if found is not None else f"列{i + 1}"


def _at(row: Row, i: int) -> Cell:
    return row[i] if i < len(row) else None


def _any(rows: Sequence[Row], filled: Sequence[int], i: int) -> bool:
    return any(_at(rows[row], i) is not None for row in filled)


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """A header that comes again gets a number behind it."""
    taken: dict[str, None] = {}
    next_number: dict[str, int] = {}
    for name in names:
        free = name
        while free in taken:
            next_number[name] = next_number.get(name, 1) + 1
            free = f"{name}#{next_number[name]}"
        taken[free] = None
    return tuple(taken)
