"""Rows on their way out of the sandbox: some of a file at a time, column by column.

A million rows are a million of everything that is made for each; so rows travel as columns, and
what only few of them have (flags, reasons) stands beside the columns.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import TypeVar

from georeview.ingest.report import Flag, SetAside

T = TypeVar("T")

Value = str | float | None
"""A value of a field."""

Cell = str | float | int | None
"""A value of a column that means no field."""

STATED_M2 = "area_stated_m2"
"""The one field that is worked out and not read: it is there only where it could be."""


@dataclass(frozen=True, slots=True)
class Walked:
    """How far a file has been read: rows looked at, each as often as the file is walked."""

    done: int
    of: int


@dataclass(frozen=True, slots=True)
class PlotRow:
    """One plot that can be stored.

    Attributes:
        row: Its row as people see it in the file: in a sheet, the row of the sheet.
        source_id: Number as issued.
        wkb: Geometry in EPSG:4490, repaired, two-dimensional.
        source_wkb: Geometry as it came.
        fields: Canonical fields.
        extra: Columns that mean no field, and what came of those that do where it was read
            otherwise than it came (header → cell).
        flags: What there is to know about it.
        bbox: West, south, east, north in degrees.
    """

    row: int
    source_id: str
    wkb: bytes
    source_wkb: bytes
    fields: Mapping[str, Value]
    extra: Mapping[str, Cell]
    flags: tuple[Flag, ...]
    bbox: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class PlotRows:
    """Plots of consecutive rows that can be stored (n), and the rows between that cannot.

    Attributes:
        numbers: Number of every row these came from.
        row: Row of each plot.
        source_id: Number as issued.
        wkb: Geometry in EPSG:4490, repaired, two-dimensional.
        source_wkb: Geometry as it came.
        bbox: West, south, east, north in degrees.
        fields: Canonical field → values; ``STATED_M2`` is left out where it is ``None``.
        extra: Header → cells that go back to the sender as they came: see ``PlotRow.extra``.
        partly: Headers of ``extra`` that mean a field: their cells are ``None`` where the field
            says the same.
        flags: Place among these plots, from 0 → what there is to know about it.
        aside: The other rows.
    """

    numbers: Sequence[int]
    row: Sequence[int]
    source_id: Sequence[str]
    wkb: Sequence[bytes]
    source_wkb: Sequence[bytes]
    bbox: Sequence[tuple[float, float, float, float]]
    fields: Mapping[str, Sequence[Value]]
    extra: Mapping[str, Sequence[Cell]]
    partly: frozenset[str] = frozenset()
    flags: Mapping[int, tuple[Flag, ...]] = field(default_factory=dict)
    aside: tuple[SetAside, ...] = ()

    def rows(self) -> Iterator[PlotRow]:
        """The plots, one after the other."""
        n = len(self.row)
        return map(
            PlotRow,
            self.row,
            self.source_id,
            self.wkb,
            self.source_wkb,
            self._fields(),
            self._extra(),
            (self.flags.get(place, ()) for place in range(n)),
            map(tuple, self.bbox),
        )

    def _fields(self) -> Iterator[dict[str, Value]]:
        read = {name: values for name, values in self.fields.items() if name != STATED_M2}
        stated = self.fields.get(STATED_M2, repeat(None))
        for given, m2 in zip(_dicts(read, len(self.row)), stated, strict=False):
            if m2 is not None:
                given[STATED_M2] = m2
            yield given

    def _extra(self) -> Iterator[dict[str, Cell]]:
        rows = _dicts(self.extra, len(self.row))
        if not self.partly:
            return rows
        partly = self.partly
        return (
            {name: cell for name, cell in row.items() if cell is not None or name not in partly}
            for row in rows
        )


@dataclass(frozen=True, slots=True)
class TextRow:
    """One row of a table without shapes: what it says adds to the plot of this number.

    Attributes:
        row: Its row, as of ``PlotRow``.
        source_id: Number as issued.
        fields: Canonical fields that it states.
        extra: Its other columns, as of ``PlotRow``, as far as they hold anything.
    """

    row: int
    source_id: str
    fields: Mapping[str, Value]
    extra: Mapping[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TextRows:
    """Texts of consecutive rows, and the rows between that say nothing.

    Attributes:
        numbers: Number of every row these came from.
        texts: The texts.
        aside: The other rows.
    """

    numbers: Sequence[int]
    texts: tuple[TextRow, ...]
    aside: tuple[SetAside, ...] = ()


def _dicts(columns: Mapping[str, Sequence[T]], n: int) -> Iterator[dict[str, T]]:
    """Columns (n each) as one mapping a row."""
    if not columns:
        return ({} for _ in range(n))
    names = tuple(columns)
    return (dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True))
