"""Rows of the store turned into values and back; one place knows which column is which."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date
from itertools import repeat
from operator import attrgetter
from typing import Any

from georeview.core.clocks import clock_of, done_on, due_eff, open_stop
from georeview.core.course import NO_COURSE
from georeview.core.ledger import Event
from georeview.core.plot import STATE_FIELDS, Review, UndoPoint
from georeview.core.rowtext import dump
from georeview.storage.engine import Row, parse
from georeview.storage.ports.deliveries import NewPlots
from georeview.storage.ports.plots import Batch, FactColumns, Facts, Import, NewPlot, Plot
from georeview.storage.where_condition import NEVER, UNKNOWN_SIZE

EVENT = tuple(field.name for field in fields(Event))
BATCH = tuple(field.name for field in fields(Batch))
IMPORT = tuple(field.name for field in fields(Import))
STATE = ("plot_id", "version", "seq", *STATE_FIELDS, "undo", "course_text")
GIVEN = (
    "plot_id", "batch", "source_id", "row_no", "wkb", "source_wkb", "source_crs",
    "fields", "extra", "flags", "west", "south", "east", "north",
)  # fmt: skip
FACTS = tuple(field.name for field in fields(Facts))
LOCK = ("user_name", "name", "unit", "until")
"""The columns of a ``Lock``, in its order."""

_EVENT_OF, _STATE_OF, _FACTS_OF = (attrgetter(*names) for names in (EVENT, STATE, FACTS))

LISTED_GIVEN = (
    "fid", "batch", "source_id", "type_issued", "due_on", "stopped_on", "words_given",
)  # fmt: skip
"""What lists need of a plot as it was given."""

LISTED_FACTS = (
    "words_found", "found_county", "found_township", "river", "size_m2", "band", "suggestion",
    "lon", "lat", "risk",
)  # fmt: skip
"""What lists need of a plot's facts; ``risk`` ends with what was given."""

WHOLE = (*STATE, "updated_at", *LISTED_GIVEN, *LISTED_FACTS)
"""All columns of the projection that are not made by the database itself."""

WORDS = ("type_issued", "river_stated", "town_stated", "county_stated", "address")
"""Fields that are searched in, behind the number."""

_LISTED_FROM = (
    "river", "township_name", "county_name", "county", "township", "area_m2", "band", "suggestion",
    "lon", "lat",
)  # fmt: skip
_LISTED_OF = attrgetter(*_LISTED_FROM)
_BANDS = ("in", "critical", "unknown", "out")
_AREA_TOP = 10**12
_MULTI_COUNTY = FACTS.index("multi_county")


def event_of(row: Row) -> Event:
    """An event from its columns."""
    return Event(*row)


def event_values(event: Event) -> Row:
    """The columns of ``EVENT``, in its order."""
    values: Row = _EVENT_OF(event)
    return values


def batch_of(row: Row) -> Batch:
    """A batch from its columns."""
    name, area, review_due, rectify_due, hard, created_at = row
    return Batch(name, area, review_due, rectify_due, bool(hard), created_at)


def review_of(row: Row) -> Review:
    """A review from the columns of ``STATE``."""
    *values, undo, course = row
    points = tuple(UndoPoint(point["actor"], point["before"]) for point in parse(undo))
    return Review(*(*values, points, course))


def state_values(review: Review) -> Row:
    """The columns of ``STATE``, in its order."""
    *values, undo, course = _STATE_OF(review)
    # As objects of JSON already: looking into our classes takes the encoder as long again.
    points = [{"actor": point.actor, "before": point.before} for point in undo]
    return (*values, dump(points) if points else "[]", course)


def given_values(plot: NewPlot) -> Row:
    """The columns of ``GIVEN``, in its order."""
    return (
        plot.plot_id,
        plot.batch,
        plot.source_id,
        plot.row,
        plot.wkb,
        plot.source_wkb,
        plot.source_crs,
        dump(plot.fields),
        dump(plot.extra),
        dump(list(plot.flags)),
        *plot.bbox,
    )


def columns_of(plots: Sequence[NewPlot]) -> NewPlots:
    """Plots (one at least) of one batch and one system as columns."""
    columns = [list(column) for column in zip(*map(given_values, plots), strict=True)]
    ids, (batch, *_), numbers, rows, wkb, source_wkb, (crs, *_), own, extra, flags, *bbox = columns
    return NewPlots(
        ids, batch, numbers, rows, wkb, source_wkb, crs, own, extra, flags, bbox,
        [text_of(plot.fields.get("type_issued")) for plot in plots],
        [words_of(plot.source_id, *map(plot.fields.get, WORDS)) for plot in plots],
    )  # fmt: skip


def given_columns(plots: NewPlots) -> list[Iterable[Any]]:
    """The columns of ``GIVEN``, in its order, of many plots; some of them without an end."""
    return [
        plots.plot_id,
        repeat(plots.batch),
        plots.source_id,
        plots.row,
        plots.wkb,
        plots.source_wkb,
        repeat(plots.source_crs),
        plots.fields,
        plots.extra,
        plots.flags,
        *plots.bbox,
    ]


def given_of(row: Row) -> NewPlot:
    """A plot as given from the columns of ``GIVEN``."""
    own, extra, flags = (parse(text) for text in row[7:10])
    return NewPlot(*(*row[:7], own, extra, flags, row[10:]))


def facts_values(facts: Facts) -> Row:
    """The columns of ``FACTS``, in its order."""
    *values, detail = _FACTS_OF(facts)
    values[_MULTI_COUNTY] = int(facts.multi_county)
    return (*values, dump(detail))


def facts_of(row: Row) -> Facts | None:
    """Facts from the columns of ``FACTS``; ``None`` where a plot has none."""
    return None if row[0] is None else facts_of_plot(row)


def facts_of_plot(row: Row) -> Facts:
    """Facts from the columns of ``FACTS``, where there are some."""
    values = dict(zip(FACTS, row, strict=True))
    values["multi_county"] = bool(values["multi_county"])
    values["detail"] = parse(values["detail"])
    return Facts(**values)


def plot_of(row: Row) -> Plot:
    """A plot from ``fid``, ``GIVEN``, ``STATE``, the columns named below, and ``FACTS``."""
    given_end = 1 + len(GIVEN)
    state_end = given_end + len(STATE)
    facts_start = state_end + 7
    updated_at, review_due, rectify_due, hard, photos, conflicts, last_hash = row[
        state_end:facts_start
    ]
    return Plot(
        fid=row[0],
        given=given_of(row[1:given_end]),
        review=review_of(row[given_end:state_end]),
        facts=facts_of(row[facts_start:]),
        updated_at=updated_at,
        review_due=review_due,
        rectify_due=rectify_due,
        hard=bool(hard),
        photos=photos,
        conflicts=conflicts,
        hash=last_hash,
    )


# What lists filter and sort by -------------------------------------------------------------------

Due = tuple[str, str | None]
"""``due_on`` and ``stopped_on``."""

RISK_LENGTH = 14
"""Characters of the part of ``risk`` that facts decide."""


def due_of(review: Review, review_due: str | None, rectify_due: str | None) -> Due:
    """The due date of the clock that runs, with the days it stood still; since when it stands.

    Args:
        review: The plot's review.
        review_due: The batch's last day of review.
        rectify_due: The batch's last day of rectification.
    """
    clock = clock_of(review)
    if clock is None or done_on(review, clock) is not None:
        return NEVER, None
    batch_due = review_due if clock == "review" else rectify_due
    if review.course_text == NO_COURSE:
        return batch_due or NEVER, None
    due = due_eff(review, clock, batch_due, date.max, opened=False)
    stop = open_stop(review, clock)
    return NEVER if due is None else due.isoformat(), stop[0].isoformat() if stop else None


def listed_given(plot: NewPlot, fid: int, due: Due) -> Row:
    """The columns of ``LISTED_GIVEN``, in its order."""
    return (
        fid,
        plot.batch,
        plot.source_id,
        text_of(plot.fields.get("type_issued")),
        *due,
        words_of(plot.source_id, *map(plot.fields.get, WORDS)),
    )


def listed_facts(facts: Facts | None, bbox: tuple[float, float, float, float]) -> Row:
    """The columns of ``LISTED_FACTS``; a plot without facts lies at the middle of its box.

    ``risk`` is only the part that facts decide; due date and number are put behind it.
    """
    if facts is None:
        lon, lat = (bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2
        return ("", None, None, None, UNKNOWN_SIZE, None, None, lon, lat, _NO_FACTS_RISK)
    return _listed(*_LISTED_OF(facts))


def _listed(
    river: str | None,
    township_name: str | None,
    county_name: str | None,
    county: str | None,
    township: str | None,
    area_m2: float | None,
    band: str | None,
    suggestion: str | None,
    lon: float,
    lat: float,
) -> Row:
    return (
        words_of(river, township_name, county_name),
        county,
        township,
        river,
        UNKNOWN_SIZE if area_m2 is None else area_m2,
        band,
        suggestion,
        lon,
        lat,
        risk(suggestion, band, area_m2),
    )


def whole_values(
    fid: int,
    given: NewPlot,
    facts: Facts | None,
    state: Row,
    *,
    due: Due,
    updated_at: str,
) -> Row:
    """The columns of ``WHOLE``, in its order: a row of the projection from nothing.

    Args:
        fid: The plot's number.
        given: The plot as it was taken in.
        facts: Its facts, where there are any.
        state: Its review as ``state_values`` gives it.
        due: What ``due_of`` gives for its review.
        updated_at: Server time of its last event.
    """
    *listed, first = listed_facts(facts, given.bbox)
    end = _whole_risk(first, due[0], given.source_id)
    return (*state, updated_at, *listed_given(given, fid, due), *listed, end)


def whole_columns(
    fids: Sequence[int],
    plots: NewPlots,
    facts: FactColumns | None,
    states: Sequence[Row],
    *,
    due: Due,
) -> dict[str, Iterable[Any]]:
    """The columns of ``WHOLE`` by their names, of many plots; what is empty in all is left out.

    Args:
        fids: Numbers of the plots (n).
        plots: The plots as they were taken in.
        facts: Their facts, where there are any.
        states: Their reviews as ``state_values`` gives them, and the time of their last events.
        due: What ``due_of`` gives for the review of every one.
    """
    dates = ([day] * len(fids) for day in due)
    given = (
        fids, repeat(plots.batch), plots.source_id, plots.type_issued, *dates, plots.words,
    )  # fmt: skip
    listed = zip(*_listed_facts(plots, facts), strict=True)
    *found, first = listed
    ends = map(_whole_risk, first, repeat(due[0]), plots.source_id)
    named = dict(zip(WHOLE, (*zip(*states, strict=True), *given, *found, ends), strict=True))
    return {name: column for name, column in named.items() if not _is_empty(column)}


def _is_empty(column: Iterable[Any]) -> bool:
    return isinstance(column, list | tuple) and column.count(None) == len(column)


def _listed_facts(plots: NewPlots, facts: FactColumns | None) -> Iterator[Row]:
    """The columns of ``LISTED_FACTS`` of each plot."""
    if facts is None:
        return (listed_facts(None, box) for box in zip(*plots.bbox, strict=True))
    return map(_listed, *map(facts.__getitem__, _LISTED_FROM))


def _whole_risk(found: str, due_on: str, source_id: str) -> str:
    return f"{found} {due_on} {source_id}"


def risk(suggestion: str | None, band: str | None, area_m2: float | None) -> str:
    """First part of the queue's order, smallest first.

    A suggested problem comes before all else; then inside, critical, unknown, outside; then the
    larger before the smaller, to the square metre's tenth.
    """
    problem = 0 if (suggestion or "").startswith("PR") else 1
    place = _BANDS.index(band if band in _BANDS else "unknown")
    tenths = min(max(round((area_m2 or 0.0) * 10), 0), _AREA_TOP - 1)
    return f"{problem}{place}{_AREA_TOP - 1 - tenths:012d}"


_NO_FACTS_RISK = risk(None, None, None)


def words_of(*values: object) -> str:
    """Text to search in: folded, one value a line."""
    return "\n".join([str(value) for value in values if value]).casefold()


def text_of(value: object) -> str | None:
    """A value of a field as text."""
    return None if value is None else str(value)
