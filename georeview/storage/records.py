"""Rows of the store turned into values and back; one place knows which column is which."""

from dataclasses import fields
from operator import attrgetter
from typing import Any

from georeview.core.ledger import Event
from georeview.core.plot import STATE_FIELDS, Review, UndoPoint
from georeview.storage.engine import Row, dump, parse
from georeview.storage.ports import Batch, Facts, NewPlot, Plot
from georeview.storage.where import NEVER, UNKNOWN_SIZE

EVENT = tuple(field.name for field in fields(Event))
BATCH = tuple(field.name for field in fields(Batch))
STATE = ("plot_id", "version", "seq", *STATE_FIELDS, "undo")
GIVEN = (
    "plot_id", "batch", "source_id", "row_no", "wkb", "source_wkb", "source_crs",
    "fields", "extra", "flags", "west", "south", "east", "north",
)  # fmt: skip
FACTS = tuple(field.name for field in fields(Facts))
_EVENT_OF, _STATE_OF, _FACTS_OF = (attrgetter(*names) for names in (EVENT, STATE, FACTS))

LISTED_GIVEN = ("fid", "batch", "source_id", "type_issued", "due_on", "words_given")
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
    points = tuple(UndoPoint(point["actor"], point["before"]) for point in parse(row[-1]))
    return Review(*(*row[:-1], points))


def state_row(review: Review) -> dict[str, Any]:
    """The columns of ``STATE``."""
    row = dict(zip(STATE, _STATE_OF(review), strict=True))
    undo = [{"actor": point.actor, "before": point.before} for point in review.undo]
    row["undo"] = dump(undo) if undo else "[]"
    return row


def given_row(plot: NewPlot) -> dict[str, Any]:
    """The columns of ``GIVEN``."""
    west, south, east, north = plot.bbox
    return {
        "plot_id": plot.plot_id,
        "batch": plot.batch,
        "source_id": plot.source_id,
        "row_no": plot.row,
        "wkb": plot.wkb,
        "source_wkb": plot.source_wkb,
        "source_crs": plot.source_crs,
        "fields": dump(plot.fields),
        "extra": dump(plot.extra),
        "flags": dump(list(plot.flags)),
        "west": west,
        "south": south,
        "east": east,
        "north": north,
    }


def given_of(row: Row) -> NewPlot:
    """A plot as given from the columns of ``GIVEN``."""
    own, extra, flags = (parse(text) for text in row[7:10])
    return NewPlot(*(*row[:7], own, extra, flags, row[10:]))


def facts_row(facts: Facts) -> dict[str, Any]:
    """The columns of ``FACTS``."""
    row = dict(zip(FACTS, _FACTS_OF(facts), strict=True))
    return row | {"multi_county": int(facts.multi_county), "detail": dump(facts.detail)}


def facts_of(row: Row) -> Facts | None:
    """Facts from the columns of ``FACTS``; ``None`` where a plot has none."""
    if row[0] is None:
        return None
    values = dict(zip(FACTS, row, strict=True))
    values["multi_county"] = bool(values["multi_county"])
    values["detail"] = parse(values["detail"])
    return Facts(**values)


def plot_of(row: Row) -> Plot:
    """A plot from ``fid``, ``GIVEN``, ``STATE``, ``updated_at``, both dates, photos, hash and ``FACTS``."""
    given_end = 1 + len(GIVEN)
    state_end = given_end + len(STATE)
    updated_at, review_due, rectify_due, photos, last_hash = row[state_end : state_end + 5]
    return Plot(
        fid=row[0],
        given=given_of(row[1:given_end]),
        review=review_of(row[given_end:state_end]),
        facts=facts_of(row[state_end + 5 :]),
        updated_at=updated_at,
        review_due=review_due,
        rectify_due=rectify_due,
        photos=photos,
        hash=last_hash,
    )


# What lists filter and sort by -------------------------------------------------------------------


def listed_given(plot: NewPlot, fid: int, due_on: str | None) -> dict[str, Any]:
    """The columns of ``LISTED_GIVEN``."""
    return {
        "fid": fid,
        "batch": plot.batch,
        "source_id": plot.source_id,
        "type_issued": _text(plot.fields.get("type_issued")),
        "due_on": due_on or NEVER,
        "words_given": _words(plot.source_id, *(plot.fields.get(name) for name in _WORDS)),
    }


def listed_facts(facts: Facts | None, bbox: tuple[float, float, float, float]) -> dict[str, Any]:
    """The columns of ``LISTED_FACTS``; a plot without facts lies at the middle of its box.

    ``risk`` is only the part that facts decide; due date and number are put behind it.
    """
    if facts is None:
        lon, lat = (bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2
        empty = dict.fromkeys(LISTED_FACTS)
        return empty | {
            "words_found": "",
            "size_m2": UNKNOWN_SIZE,
            "lon": lon,
            "lat": lat,
            "risk": risk(None, None, None),
        }
    return {
        "words_found": _words(facts.river, facts.township_name, facts.county_name),
        "found_county": facts.county,
        "found_township": facts.township,
        "river": facts.river,
        "size_m2": UNKNOWN_SIZE if facts.area_m2 is None else facts.area_m2,
        "band": facts.band,
        "suggestion": facts.suggestion,
        "lon": facts.lon,
        "lat": facts.lat,
        "risk": risk(facts.suggestion, facts.band, facts.area_m2),
    }


def whole_row(
    fid: int,
    given: NewPlot,
    facts: Facts | None,
    review: Review,
    *,
    review_due: str | None,
    updated_at: str,
) -> dict[str, Any]:
    """The columns of ``WHOLE``: a row of the projection from nothing."""
    row = state_row(review) | listed_given(given, fid, review_due)
    row |= listed_facts(facts, given.bbox)
    row["risk"] += risk_end(row["due_on"], given.source_id)
    row["updated_at"] = updated_at
    return row


def risk_end(due_on: str, source_id: str) -> str:
    """Second part of the queue's order, where facts say the same."""
    return f" {due_on} {source_id}"


def risk(suggestion: str | None, band: str | None, area_m2: float | None) -> str:
    """First part of the queue's order, smallest first.

    A suggested problem comes before all else; then inside, critical, unknown, outside; then the
    larger before the smaller, to the square metre's tenth.
    """
    problem = 0 if (suggestion or "").startswith("PR") else 1
    place = _BANDS.index(band if band in _BANDS else "unknown")
    tenths = min(max(round((area_m2 or 0.0) * 10), 0), _AREA_TOP - 1)
    return f"{problem}{place}{_AREA_TOP - 1 - tenths:012d}"


def _words(*values: object) -> str:
    """Text to search in: folded, one value a line."""
    return "\n".join(str(value).casefold() for value in values if value)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
