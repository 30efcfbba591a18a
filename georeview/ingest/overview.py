"""The first walk through a file of plots: what must be known of all rows before any is handed on.

Where the plots lie, in which unit areas are stated, which numbers and shapes come twice: all this
rests on every row. What is kept of a row for it are some 60 bytes in arrays, whatever it holds.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.core.fields import AREA_UNITS_M2
from georeview.geometry import measure
from georeview.geometry.assemble import assembled
from georeview.geometry.land import Land
from georeview.geometry.repair import mended
from georeview.geometry.systems import Crs
from georeview.ingest import checks, values
from georeview.ingest.columns import normal
from georeview.ingest.place import counties_named, points
from georeview.ingest.raw import Cell, Chunk, Raw
from georeview.ingest.reader import readers
from georeview.ingest.rows import Value, Walked

Float64 = NDArray[np.float64]
Hashes = NDArray[np.int64]

EXAMPLES = 200
"""Cells of a column by which it is judged what it may mean."""

COUNTY_FIELDS = ("adcode_stated", "county_stated")
"""Fields that say which county a plot lies in, the surest first."""

GROUPED_BY = ("county_stated", "adcode_stated")
"""Fields whose value says who wrote a row, the surer first: each writes areas in a unit of its own."""


@dataclass(frozen=True, slots=True)
class Overview:
    """What all rows (n) come to.

    Attributes:
        shaped: Whether any row has a shape.
        points: A vertex of each shape (n, 2) in the file's coordinates, nan where there is none.
        lonlat: Positions that attributes state (n, 2), nan where none; ``None`` if no row does.
        counties: Code of the county that rows state (n,), ``None`` where they state none that is
            known; ``None`` if no row does.
        numbers: A hash of each row's number (n,), 0 where it has none.
        numbers_twice: Hashes of numbers that come more than once.
        boxes: A hash of each shape's box (n,), 0 where there is none.
        boxes_twice: Hashes of boxes that come more than once.
        stated: Stated areas (n,), nan where none.
        own_m2: Square metres of the unit that a stated area names itself (n,), nan where none.
        own_units: The units named so.
        flat: Areas in square units of the file's coordinates (n,).
        group: Who wrote the row (n,), from 0.
        groups: How many groups there are.
        examples: Some cells of every column.
    """

    shaped: bool
    points: Float64
    lonlat: Float64 | None
    counties: NDArray[np.object_] | None
    numbers: Hashes
    numbers_twice: Hashes
    boxes: Hashes
    boxes_twice: Hashes
    stated: Float64
    own_m2: Float64
    own_units: frozenset[str]
    flat: Float64
    group: NDArray[np.int32]
    groups: int
    examples: Mapping[str, Sequence[Cell]]

    def units(self, crs: Crs, given: str | None) -> list[str | None]:
        """The unit in which each group states its areas, as far as it can be told.

        Args:
            crs: The system of the file.
            given: What the user says.
        """
        if given is not None:
            return [given] * self.groups
        measured = np.full(len(self.flat), np.nan)
        bare = np.isfinite(self.stated) & np.isnan(self.own_m2)
        rows = np.flatnonzero(bare & (self.flat > 0))
        measured[rows] = self.flat[rows] * measure.unit_m2(self.points[rows], crs)
        return checks.area_units(self.stated, measured, self.group, self.groups)

    def stated_m2(self, units: Sequence[str | None], start: int, end: int) -> Float64:
        """Stated areas of some rows in m² (end - start,), nan where none or in no known unit."""
        factor = np.array([AREA_UNITS_M2[unit] if unit else np.nan for unit in units])
        own = self.own_m2[start:end]
        unit_m2 = np.where(np.isnan(own), factor[self.group[start:end]], own)
        stated_m2: Float64 = self.stated[start:end] * unit_m2
        return stated_m2


def headers_that_mean(raw: Raw) -> tuple[str, ...]:
    """Headers that may mean a field: X and Y do only where they hold degrees."""
    doubtful = {header for header in raw.headers if normal(header) in ("X", "Y")}
    metres: set[str] = set()
    for chunk in raw.chunks() if doubtful else ():
        metres |= {h for h in doubtful - metres if not all(map(_may_be_degrees, chunk.columns[h]))}
        if metres == doubtful:
            break
    return tuple(header for header in raw.headers if header not in metres)


def examples(chunk: Chunk) -> dict[str, Sequence[Cell]]:
    """Some cells of every column."""
    return {header: cells[:EXAMPLES] for header, cells in chunk.columns.items()}


def _may_be_degrees(cell: Cell) -> bool:
    found = values.read("degrees", cell)
    return found is None or (isinstance(found, float) and abs(found) <= 180)


def walk(raw: Raw, mapped: Mapping[str, str], land: Land) -> Generator[Walked, None, Overview]:
    """Walk through a file once, telling how far.

    Args:
        raw: The file.
        mapped: Field → header.
        land: The counties there are.
    """
    taking = _Taking(raw.count, mapped, land)
    for chunk in raw.chunks():
        taking.take(chunk)
        yield Walked(chunk.first - 1 + chunk.n, 2 * raw.count)
    return taking.overview()


class _Taking:
    """An overview on its way."""

    def __init__(self, n: int, mapped: Mapping[str, str], land: Land) -> None:
        needed = ("source_id", "lon", "lat", "area_stated", *GROUPED_BY)
        self._mapped = mapped
        self._land = land
        self._counties: list[NDArray[np.object_] | None] = []
        self._readers = {name: r for name, r in readers(mapped).items() if name in needed}
        self._shaped = False
        self._points = np.full((n, 2), np.nan)
        self._lonlat = np.full((n, 2), np.nan) if {"lon", "lat"} <= mapped.keys() else None
        self._numbers, self._boxes = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        self._stated, self._flat = np.full(n, np.nan), np.zeros(n)
        self._own_m2, self._own_units = np.full(n, np.nan), set[str]()
        self._group = np.zeros(n, dtype=np.int32)
        self._groups: dict[str, int] = {}
        self._examples: Mapping[str, Sequence[Cell]] = {}

    def take(self, chunk: Chunk) -> None:
        """Take in the next rows."""
        self._examples = self._examples or examples(chunk)
        rows = slice(chunk.first - 1, chunk.first - 1 + chunk.n)
        fields = {
            name: reader.read(chunk.columns[self._mapped[name]])
            for name, reader in self._readers.items()
        }
        self._shaped = self._shaped or not shapely.is_missing(chunk.geoms).all()
        outlines = assembled(chunk.geoms).geoms
        self._points[rows] = points(outlines)
        # Areas and boxes are those of what is stored: an outline that crosses itself has none to go by.
        sound = _sound(outlines)
        self._flat[rows] = np.nan_to_num(shapely.area(sound))
        self._boxes[rows] = _hashes_of_boxes(sound)
        self._numbers[rows] = [0 if v is None else hash(str(v)) for v in fields["source_id"]]
        if "area_stated" in fields:
            self._stated[rows] = [
                v if isinstance(v, float) else np.nan for v in fields["area_stated"]
            ]
            self._take_units(rows.start, chunk.columns[self._mapped["area_stated"]])
        if self._lonlat is not None:
            lonlat = [
                [v if isinstance(v, float) else np.nan for v in fields[name]]
                for name in ("lon", "lat")
            ]
            self._lonlat[rows] = np.array(lonlat).T
        self._group[rows] = self._group_of(chunk.n, fields)
        stated = [chunk.columns[self._mapped[n]] for n in COUNTY_FIELDS if n in self._mapped]
        self._counties.append(counties_named(stated, self._land))

    def _take_units(self, start: int, cells: Sequence[Cell]) -> None:
        """Units that stated areas name themselves."""
        for i, cell in enumerate(cells, start):
            if isinstance(cell, str) and (unit := values.unit_in(cell)):
                self._own_m2[i] = AREA_UNITS_M2[unit]
                self._own_units.add(unit)

    def _group_of(self, n: int, fields: Mapping[str, Sequence[Value]]) -> list[int]:
        columns = [fields[name] for name in GROUPED_BY if name in fields]
        if not columns:
            return [0] * n
        names = (str(next(filter(None, row), "")) for row in zip(*columns, strict=True))
        return [self._groups.setdefault(name, len(self._groups)) for name in names]

    def _all_counties(self) -> NDArray[np.object_] | None:
        there = [codes for codes in self._counties if codes is not None]
        return np.concatenate(there) if there else None

    def overview(self) -> Overview:
        """What all rows came to."""
        lonlat = self._lonlat
        if lonlat is not None:
            # East of 70° and south of 60°, also where the two columns are exchanged.
            lonlat = np.column_stack([lonlat.max(axis=1), lonlat.min(axis=1)])
            with np.errstate(invalid="ignore"):
                inside = ((lonlat > (70, 0)) & (lonlat < (140, 60))).all(axis=1)
            lonlat[~inside] = np.nan
            lonlat = lonlat if inside.any() else None
        return Overview(
            shaped=self._shaped,
            points=self._points,
            lonlat=lonlat,
            counties=self._all_counties(),
            numbers=self._numbers,
            numbers_twice=_twice(self._numbers),
            boxes=self._boxes,
            boxes_twice=_twice(self._boxes),
            stated=self._stated,
            own_m2=self._own_m2,
            own_units=frozenset(self._own_units),
            flat=self._flat,
            group=self._group,
            groups=max(1, len(self._groups)),
            examples=self._examples,
        )


def _sound(outlines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Outlines (n,), those that are not valid mended; ``None`` where there is no place."""
    usable = outlines.copy()
    xy, owner = shapely.get_coordinates(outlines, return_index=True)
    usable[owner[~np.isfinite(xy).all(axis=1)]] = None
    return mended(usable)[0]


def _hashes_of_boxes(geoms: NDArray[np.object_]) -> Hashes:
    """A hash of each shape's box (n,): equal shapes have the same, however their rings begin."""
    boxes = shapely.bounds(geoms) + 0.0  # minus zero is zero
    return np.array([0 if box[0] != box[0] else hash(tuple(box)) for box in boxes.tolist()])


def _twice(hashes: Hashes) -> Hashes:
    """Hashes that come more than once, rising; 0 stands for nothing."""
    ordered = np.sort(hashes)
    found = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    some: Hashes = found[found != 0]
    return some
