"""Rows of the store turned into values and back; one place knows which column is which."""

from dataclasses import fields
from datetime import date
from operator import attrgetter

from georeview.core.clocks import clock_of, done_on, due_eff, open_stop
from georeview.core.course import NO_COURSE
from georeview.core.ledger import Event
from georeview.core.plot import STATE_FIELDS, Review, UndoPoint
from georeview.storage.engine import Row, dump, parse
from georeview.storage.ports import Batch, Facts, Import, NewPlot, Plot
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

_WORDS = ("type_issued", "river_stated", "town_stated", "county_stated", "address")
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
    return (*values, dump(undo) if undo else "[]", course)


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
    if row[0] is None:
        return None
    values = dict(zip(FACTS, row, strict=True))
    values["multi_county"] = bool(values["multi_county"])
    values["detail"] = parse(values["detail"])
    return Facts(**values)


def plot_of(row: Row) -> Plot:
    """A plot from ``fid``, ``GIVEN``, ``STATE``, ``updated_at``, both dates, ``hard``, photos, hash and ``FACTS``."""
    given_end = 1 + len(GIVEN)
    state_end = given_end + len(STATE)
    updated_at, review_due, rectify_due, hard, photos, last_hash = row[state_end : state_end + 6]
    return Plot(
        fid=row[0],
        given=given_of(row[1:given_end]),
        review=review_of(row[given_end:state_end]),
        facts=facts_of(row[state_end + 6 :]),
        updated_at=updated_at,
        review_due=review_due,
        rectify_due=rectify_due,
        hard=bool(hard),
        photos=photos,
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
        _text(plot.fields.get("type_issued")),
        *due,
        _words(plot.source_id, *map(plot.fields.get, _WORDS)),
    )


def listed_facts(facts: Facts | None, bbox: tuple[float, float, float, float]) -> Row:
    """The columns of ``LISTED_FACTS``; a plot without facts lies at the middle of its box.

    ``risk`` is only the part that facts decide; due date and number are put behind it.
    """
    if facts is None:
        lon, lat = (bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2
        return ("", None, None, None, UNKNOWN_SIZE, None, None, lon, lat, _NO_FACTS_RISK)
    return (
        _words(facts.river, facts.township_name, facts.county_name),
        facts.county,
        facts.township,
        facts.river,
        UNKNOWN_SIZE if facts.area_m2 is None else facts.area_m2,
        facts.band,
        facts.suggestion,
        facts.lon,
        facts.lat,
        risk(facts.suggestion, facts.band, facts.area_m2),
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
    end = f"{first} {due[0]} {given.source_id}"
    return (*state, updated_at, *listed_given(given, fid, due), *listed, end)


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


def _words(*values: object) -> str:
    """Text to search in: folded, one value a line."""
    return "\n".join([str(value).casefold() for value in values if value])


def _text(value: object) -> str | None:
    return None if value is None else str(value)
