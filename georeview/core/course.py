"""How far a plot has come in the procedure, beside its mark: clocks, claims, proposals.

Most plots are negatives and need a few of these values; so they are one text, read where a step
needs it, and a mark costs what it cost without them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache

import orjson

from georeview.core.ledger import Value

NO_COURSE = "{}"


@dataclass(frozen=True, slots=True)
class Course:
    """What steps leave behind for later steps; days are ISO dates of Shanghai.

    Attributes:
        dispatched_on: Day from which the county's time runs.
        refused_by: Counties whose refusal led to a transfer, or is still open.
        transfers: How often it went to another county; the second transfer is final.
        returns: How often the city has sent it back.
        approved_by: Who approved it for the county.
        confirmed_on: Day on which the city accepted it as a problem.
        review_due_on: Own review date, instead of the batch's.
        review_due_set_on: Day that date was set; stops before it no longer count.
        rectify_due_on: Own date of rectification.
        rectify_due_set_on: Day that date was set.
        review_done_on: Day the review was done.
        rectify_done_on: Day the rectification was accepted by the county.
        stops: Stops that are over: ``[clock, first day, last day]``.
        stop: The stop that comes with the stage: ``{"clock", "since", "why"}``.
        force_stop: A stop ordered by document, the same shape.
        measure: Code of the measure that is planned or done.
        measure_unit: Responsible unit.
        measure_person: Responsible person of that unit, as the hash of a name (``core/personal.py``).
        party: Responsible party, in the same way.
        finish_on: Planned last day.
        percent: Progress told last.
        claimed_by: Who claimed that it is rectified.
        claimed_on: Day on which it was rectified, as claimed.
        accepted_by: Who accepted the rectification for the county.
        watch_no: Number of the document that puts it on the watch list.
        watched_on: Day it was put there or rechecked last.
        recheck_due_on: Day of the next recheck.
        left_stage: Stage before it was merged or withdrawn.
        target: Plot it was merged into.
        children: Plots it was split into.
        parent: Plot it was cut from.
        undone: Whether that split was undone.
        closed_on: Day on which it was closed.
        follow_up_on: Last day of the permit it was closed on: to be looked at once that is over.
        proposal: What one person proposed and a second has to confirm:
            ``{"action", "body", "by", "unit", "on"}``.
        request: What somebody asked the city for, the same shape.
        escalation: Step of escalation taken last: ``{"code", "document_no", "on", "reply_due"}``.
    """

    dispatched_on: str | None = None
    refused_by: list[str] | None = None
    transfers: int | None = None
    returns: int | None = None
    approved_by: str | None = None
    confirmed_on: str | None = None
    review_due_on: str | None = None
    review_due_set_on: str | None = None
    rectify_due_on: str | None = None
    rectify_due_set_on: str | None = None
    review_done_on: str | None = None
    rectify_done_on: str | None = None
    stops: list[list[str]] | None = None
    stop: Mapping[str, str] | None = None
    force_stop: Mapping[str, str] | None = None
    measure: str | None = None
    measure_unit: str | None = None
    measure_person: str | None = None
    party: str | None = None
    finish_on: str | None = None
    percent: int | None = None
    claimed_by: str | None = None
    claimed_on: str | None = None
    accepted_by: str | None = None
    watch_no: str | None = None
    watched_on: str | None = None
    recheck_due_on: str | None = None
    left_stage: str | None = None
    target: str | None = None
    children: list[str] | None = None
    parent: str | None = None
    undone: bool | None = None
    closed_on: str | None = None
    follow_up_on: str | None = None
    proposal: Mapping[str, Value] | None = None
    request: Mapping[str, Value] | None = None
    escalation: Mapping[str, Value] | None = None


COURSE_FIELDS = frozenset(field.name for field in fields(Course))
"""Names that events change here."""

CLAIMS: Mapping[str, Value] = dict.fromkeys(("measure", "measure_unit", "measure_person", "finish_on", "percent", "claimed_by", "claimed_on", "accepted_by", "rectify_done_on"))  # fmt: skip
"""What a rectification leaves behind, all taken back."""


@lru_cache(maxsize=4096)
def course_of(text: str) -> Course:
    """A course from its text."""
    return Course() if text == NO_COURSE else Course(**orjson.loads(text))


def moved_course(text: str, changes: Mapping[str, Value]) -> str:
    """The text after changes; what is empty is not written."""
    values = orjson.loads(text)
    values |= {name: value for name, value in changes.items() if name in COURSE_FIELDS}
    kept = {name: value for name, value in values.items() if value is not None}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode("utf-8")
