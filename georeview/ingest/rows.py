"""Rows on their way out of the sandbox: some of a file at a time, column by column.

A million rows are a million of everything that is made for each; so rows travel as columns, and
what only few of them have (flags, reasons) stands beside the columns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from georeview.ingest.report import Flag, ReadReport, SetAside

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
        fields: Canonical field → values.
        extra: Header → cells that go back to the sender as they came: see ``PlotRow.extra``.
        sparse: Of ``fields``, those that a plot does not have where they are ``None``.
        partly: The same of ``extra``: headers that mean a field, ``None`` where it says the same.
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
    sparse: frozenset[str] = frozenset({STATED_M2})
    partly: frozenset[str] = frozenset()
    flags: Mapping[int, tuple[Flag, ...]] = field(default_factory=dict)
    aside: tuple[SetAside, ...] = ()

    def __len__(self) -> int:
        return len(self.row)

    def at(self, place: int) -> PlotRow:
        """One of the plots, by its place among them, from 0."""
        return PlotRow(
            self.row[place],
            self.source_id[place],
            self.wkb[place],
            self.source_wkb[place],
            _at(self.fields, place, self.sparse),
            _at(self.extra, place, self.partly),
            self.flags.get(place, ()),
            tuple(self.bbox[place]),  # type: ignore[arg-type]
        )

    def only(self, places: Sequence[int]) -> "PlotRows":
        """Some of the plots, by their places; ``first``, ``last`` and ``aside`` stay."""

        def some(column: Sequence[T]) -> Sequence[T]:
            return [column[place] for place in places]

        return replace(
            self,
            row=some(self.row),
            source_id=some(self.source_id),
            wkb=some(self.wkb),
            source_wkb=some(self.source_wkb),
            bbox=some(self.bbox),
            fields={name: some(column) for name, column in self.fields.items()},
            extra={name: some(column) for name, column in self.extra.items()},
            flags={n: self.flags[p] for n, p in enumerate(places) if p in self.flags},
        )

    def with_rows(self, rows: Mapping[int, PlotRow]) -> "PlotRows":
        """The plots with what a few of them say put in anew (place → row)."""
        n, own = len(self), {place: row.fields for place, row in rows.items()}
        others = {place: row.extra for place, row in rows.items()}
        fields, sparse = _with(self.fields, n, self.sparse, own)
        extra, partly = _with(self.extra, n, self.partly, others)
        flags = {**self.flags, **{at: row.flags for at, row in rows.items() if row.flags}}
        return replace(self, fields=fields, extra=extra, sparse=sparse, partly=partly, flags=flags)


NO_PLOTS = PlotRows((), (), (), (), (), (), {}, {})
"""No plots of no rows."""


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


def _at(columns: Mapping[str, Sequence[T]], place: int, sparse: frozenset[str]) -> dict[str, T]:
    """One row of columns."""
    row = {name: column[place] for name, column in columns.items()}
    return {name: value for name, value in row.items() if value is not None or name not in sparse}


def _with(
    columns: Mapping[str, Sequence[Any]],
    n: int,
    sparse: frozenset[str],
    rows: Mapping[int, Mapping[str, Any]],
) -> tuple[dict[str, Sequence[Any]], frozenset[str]]:
    """Columns (n) with some rows put in anew; a name that other rows lack is sparse from now on."""
    new = dict.fromkeys(name for row in rows.values() for name in row if name not in columns)
    told: dict[str, list[Any]] = {name: list(column) for name, column in columns.items()}
    told |= {name: [None] * n for name in new}
    for place, row in rows.items():
        for name, value in row.items():
            told[name][place] = value
    return {**told}, sparse | frozenset(new)


@dataclass(frozen=True, slots=True)
class LayerFeature:
    """One feature: geometry in EPSG:4490 (WKB), code, name and all its columns."""

    wkb: bytes
    code: str | None
    name: str | None
    props: Mapping[str, str | float | None]


@dataclass(frozen=True, slots=True)
class LayerRead:
    """Features to publish and what was found."""

    features: tuple[LayerFeature, ...]
    report: ReadReport
