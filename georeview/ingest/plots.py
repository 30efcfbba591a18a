"""Plots of a file: rows matched to fields, placed, repaired and checked; none is lost.

A file is walked through twice. The first walk (``overview``) finds what rests on all rows, the
second hands the rows on, chunk by chunk, so that a million of them need no more room than some.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import shapely

from georeview.core.fields import AREA_UNITS_M2
from georeview.errors import BadValue
from georeview.errors.files import NoShapes
from georeview.geometry import crs
from georeview.geometry.crs import CrsHints
from georeview.geometry.land import Land
from georeview.geometry.repair import Repaired, repair
from georeview.ingest import archive, checks, formats, overview, reader, text_rows, values
from georeview.ingest.columns import match
from georeview.ingest.options import ReadOptions
from georeview.ingest.overview import Overview
from georeview.ingest.place import Chosen, system_of
from georeview.ingest.proposals import Profile, Proposal, no_number, propose
from georeview.ingest.raw import CHUNK, Chunk, Raw
from georeview.ingest.report import Flag, ReadReport, SetAside
from georeview.ingest.rows import STATED_M2, PlotRows, TextRows, Value, Walked

ID_MAX = 200
"""Characters of a number as issued: far more than any has, and few enough for every index."""

T = TypeVar("T")

Read = Walked | PlotRows | TextRows | ReadReport
"""What comes of a file: its rows, in between how far it is, at the end the report."""


def read_plots(
    files: tuple[Path, ...],
    options: ReadOptions,
    land: Land | None = None,
    profiles: tuple[Profile, ...] = (),
) -> Iterator[Read]:
    """Read a file of plots; runs inside the sandbox.

    Args:
        files: The file and, for a shapefile, the parts beside it.
        options: What is known about it.
        land: Counties and rivers, to see where its plots land.
        profiles: How earlier files of the same sender were understood.

    Yields:
        Either ``PlotRows`` or ``TextRows``, all rows of the file in order; ``Walked`` in between;
        last the report. The rows are good only once the report has come.

    Raises:
        GeoreviewError: The file as a whole cannot be taken; the sentence says why.
    """
    if options.area_unit is not None and options.area_unit not in AREA_UNITS_M2:
        raise BadValue(field="area_unit", value=options.area_unit)
    with archive.opened(files, options.layer) as source:
        raw = formats.read(source, encoding=options.encoding)
        mapped = match(overview.headers_that_mean(raw), options.mapping or {})
        if "source_id" not in mapped:
            raise no_number(overview.examples(next(raw.chunks())), mapped)
        known = yield from overview.walk(raw, mapped, land or Land())
        proposals = propose(known.examples, mapped, profiles)
        if known.shaped:
            yield from _plots(files, raw, mapped, known, options, land or Land(), proposals)
        elif raw.shapeless:
            yield from _texts(files, raw, mapped, known, proposals)
        else:
            raise NoShapes(file=raw.source.name)


# Plots -------------------------------------------------------------------------------------------


def _plots(
    files: tuple[Path, ...],
    raw: Raw,
    mapped: Mapping[str, str],
    known: Overview,
    options: ReadOptions,
    land: Land,
    proposals: tuple[Proposal, ...],
) -> Iterator[Read]:
    hints = CrsHints(options.expected, known.lonlat, known.counties, land)
    chosen = system_of(known.points, raw.crs, options.crs, hints)
    units = known.units(chosen.crs, options.area_unit)
    second = _SecondWalk(raw, mapped, known, chosen, units)
    kept = walked = 0
    for chunk in raw.chunks():
        rows = second.rows(chunk)
        kept, walked = kept + len(rows.row), walked + chunk.n
        yield rows
        yield Walked(raw.count + walked, 2 * raw.count)
    yield from _halves(walked, raw.lost)
    found = sorted({unit for unit in (*units, *known.own_units) if unit})
    yield _report(
        files,
        raw,
        mapped,
        crs=chosen.crs.code or options.crs or raw.crs or chosen.crs.name,
        crs_by=chosen.by,
        rows=walked,
        kept=kept,
        notes=(*raw.notes, *chosen.notes),
        area_unit=", ".join(found) or None,
        proposals=proposals,
    )


def _texts(
    files: tuple[Path, ...],
    raw: Raw,
    mapped: Mapping[str, str],
    known: Overview,
    proposals: tuple[Proposal, ...],
) -> Iterator[Read]:
    """A table without shapes, whose rows go to the plots of the same numbers."""
    kept = walked = 0
    for chunk, rows in text_rows.read(raw, mapped):
        kept, walked = kept + len(rows.texts), walked + chunk.n
        yield rows
        yield Walked(raw.count + walked, 2 * raw.count)
    yield _report(
        files,
        raw,
        mapped,
        crs="-",
        crs_by="-",
        rows=walked,
        kept=kept,
        notes=(*raw.notes, Flag("texts_only", {"n": kept})),
        area_unit=", ".join(sorted(known.own_units)) or None,
        proposals=proposals,
    )


def _halves(walked: int, lost: int) -> Iterator[PlotRows]:
    """Rows behind the last that have attributes without a geometry, or the other way round."""
    for start in range(walked + 1, walked + lost + 1, CHUNK):
        rows = range(start, min(start + CHUNK, walked + lost + 1))
        aside = tuple(SetAside(row, None, "half_a_row") for row in rows)
        yield PlotRows(list(rows), (), (), (), (), (), {}, {}, aside=aside)


class _SecondWalk:
    """Rows made ready with what the first walk has found.

    What is remembered of the rows so far are only the numbers and shapes that come again.
    """

    def __init__(
        self,
        raw: Raw,
        mapped: Mapping[str, str],
        known: Overview,
        chosen: Chosen,
        units: Sequence[str | None],
    ) -> None:
        self._format = raw.format
        self._mapped = mapped
        self._meaning = {header: name for name, header in mapped.items()}
        self._readers = reader.readers(mapped)
        self._known = known
        self._crs = chosen.crs
        self._units = units
        self._first_of_number: dict[str, tuple[int, bytes]] = {}
        self._first_of_shape: dict[bytes, str] = {}

    def rows(self, chunk: Chunk) -> PlotRows:
        """The plots of some rows, and the rows that are none."""
        at, to = chunk.first - 1, chunk.first - 1 + chunk.n
        mended = repair(crs.to_4490(chunk.geoms, self._crs), chunk.geoms)
        read = {
            name: reader.read(chunk.columns[self._mapped[name]])
            for name, reader in self._readers.items()
        }
        extra = reader.as_it_came(chunk, self._mapped, self._readers, read)
        numbers = [None if value is None else str(value) for value in read["source_id"]]
        stated_m2 = self._known.stated_m2(self._units, at, to)
        flags = self._flags(chunk, mended, numbers, read, stated_m2)
        aside = self._aside(chunk, mended, numbers)
        out = {item.row for item in aside}
        rows = chunk.numbers
        kept = [i for i in range(chunk.n) if rows[i] not in out]
        read[STATED_M2] = [None if m2 != m2 else m2 for m2 in stated_m2.tolist()]
        place = {i: n for n, i in enumerate(kept)} if flags else {}
        return PlotRows(
            numbers=list(rows),
            row=[rows[i] for i in kept],
            source_id=[str(numbers[i]) for i in kept],
            wkb=shapely.to_wkb(mended.geoms[kept]).tolist(),
            source_wkb=shapely.to_wkb(chunk.geoms[kept]).tolist(),
            bbox=shapely.bounds(mended.geoms[kept]).tolist(),
            fields={name: _some(cells, kept) for name, cells in read.items()},
            extra={header: _some(cells, kept) for header, cells in extra.items()},
            partly=frozenset(extra.keys() & self._meaning.keys()),
            flags={place[i]: tuple(found) for i, found in flags.items() if i in place},
            aside=tuple(aside),
        )

    def _aside(
        self, chunk: Chunk, mended: Repaired, numbers: Sequence[str | None]
    ) -> list[SetAside]:
        """Rows that cannot be stored, in row order, each with its reason."""
        far = crs.outside(mended.geoms)
        at = chunk.first - 1
        again = np.isin(self._known.numbers[at : at + chunk.n], self._known.numbers_twice)
        doubtful = (mended.reason != None) | far | again  # noqa: E711  element by element
        doubtful[[row - chunk.first for row in chunk.refused]] = True
        doubtful |= np.array([n is None or len(n) > ID_MAX for n in numbers], dtype=bool)
        aside = []
        for i in np.flatnonzero(doubtful).tolist():
            row, number = chunk.numbers[i], numbers[i]
            if code := chunk.refused.get(chunk.first + i) or mended.reason[i]:
                aside.append(SetAside(row, number, str(code)))
            elif far[i]:
                west, south = (
                    round(float(edge), 3) for edge in shapely.bounds(mended.geoms[i])[:2]
                )
                aside.append(SetAside(row, number, "outside_china", {"lon": west, "lat": south}))
            elif number is None:
                aside.append(SetAside(row, None, "no_id"))
            elif len(number) > ID_MAX:
                aside.append(SetAside(row, number[:ID_MAX], "id_too_long", {"max": ID_MAX}))
            else:
                shape = _digest(mended.geoms[i])
                first, its_shape = self._first_of_number.setdefault(number, (row, shape))
                if first != row:
                    code = "row_repeated" if shape == its_shape else "id_with_two_shapes"
                    aside.append(SetAside(row, number, code, {"row": first}))
        return aside

    def _flags(
        self,
        chunk: Chunk,
        mended: Repaired,
        numbers: Sequence[str | None],
        read: Mapping[str, Sequence[Value]],
        stated_m2: overview.Float64,
    ) -> checks.Flags:
        flags = checks.geometry_flags(mended)
        found = [
            self._twins(chunk, mended, numbers),
            checks.area_flags(stated_m2, mended.area_after_m2),
            self._area_cells(chunk, read, stated_m2),
            _inexact(numbers),
            checks.text_flags(chunk),
            checks.reading_flags(chunk),
        ]
        if {"img_before", "img_after"} <= read.keys():
            found.append(checks.date_flags(read["img_before"], read["img_after"]))
        for more in found:
            for i, own in more.items():
                flags[i].extend(own)
        if self._format == "shp":
            outer = shapely.get_exterior_ring(shapely.get_geometry(chunk.geoms, 0))
            for i in np.flatnonzero(shapely.is_ccw(outer)).tolist():
                flags[i].append(Flag("ring_reversed"))
        return flags

    def _area_cells(
        self, chunk: Chunk, read: Mapping[str, Sequence[Value]], stated_m2: overview.Float64
    ) -> checks.Flags:
        """Stated areas that name their unit themselves, and those that are no number."""
        if "area_stated" not in read:
            return {}
        cells = chunk.columns[self._mapped["area_stated"]]
        return checks.area_cell_flags(cells, read["area_stated"], stated_m2)

    def _twins(self, chunk: Chunk, mended: Repaired, numbers: Sequence[str | None]) -> checks.Flags:
        """Shapes that were there before, however their rings begin."""
        at = chunk.first - 1
        again = np.isin(self._known.boxes[at : at + chunk.n], self._known.boxes_twice)
        flags: checks.Flags = {}
        for i in np.flatnonzero(again & ~shapely.is_missing(mended.geoms)).tolist():
            own = numbers[i] or "-"
            digest = _digest(mended.geoms[i])
            if digest in self._first_of_shape:
                flags[i] = [Flag("duplicate", {"other": self._first_of_shape[digest]})]
            self._first_of_shape.setdefault(digest, own)
        return flags


def _inexact(numbers: Sequence[str | None]) -> checks.Flags:
    """Numbers whose end a spreadsheet has lost."""
    return {
        i: [Flag("id_inexact", {"id": number})]
        for i, number in enumerate(numbers)
        if number is not None and values.inexact_id(number)
    }


def _digest(shape: shapely.Geometry) -> bytes:
    """The same for equal shapes, however their rings begin."""
    return hashlib.blake2b(shapely.to_wkb(shapely.normalize(shape)), digest_size=16).digest()


def _some(column: Sequence[T], places: Sequence[int]) -> Sequence[T]:
    return column if len(places) == len(column) else [column[i] for i in places]


# The report --------------------------------------------------------------------------------------


def _report(
    files: tuple[Path, ...],
    raw: Raw,
    mapped: Mapping[str, str],
    *,
    crs: str,
    crs_by: str,
    rows: int,
    kept: int,
    notes: tuple[Flag, ...],
    proposals: tuple[Proposal, ...],
    area_unit: str | None = None,
) -> ReadReport:
    return ReadReport(
        file=archive.called(files),
        sha256=archive.sha256_of(files),
        format=raw.format,
        layer=raw.layer,
        encoding=raw.encoding,
        encoding_by=raw.encoding_by,
        crs=crs,
        crs_by=crs_by,
        columns=dict(mapped),
        unmapped=tuple(header for header in raw.headers if header not in mapped.values()),
        rows_in=rows + raw.lost,
        kept=kept,
        area_unit=area_unit,
        notes=notes,
        proposals=proposals,
    )
