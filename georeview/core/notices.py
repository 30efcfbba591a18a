"""Who is told of what: one row for each step that somebody else must know of.

A notice is counted, not repeated: what a unit is told of one batch on one day in one way is one
notice that grows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from georeview.clock import SHANGHAI
from georeview.core.access import Action, Role
from georeview.core.aside import ASIDE
from georeview.core.feed import Change
from georeview.core.plot import STAGES, Stage


class To(StrEnum):
    """Who is told."""

    MARKER = "marker"
    """Whoever made the mark."""
    HOLDERS = "holders"
    """The units that must act where the plot lies now."""
    HOLDING = "holding"
    """The units that hold the plot as it lies; the city where nobody does."""
    COUNTY = "county"
    """The county's task force."""
    CITY = "city"
    """The city's office."""
    OFFICES = "offices"
    """The city's office and the county's task force."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a step tells: ``kind`` stands under ``notice.`` in the texts."""

    kind: str
    to: To


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        Action.DISPATCH: Rule("dispatched", To.HOLDERS),
        Action.DISPATCH_TOWN: Rule("dispatched", To.HOLDERS),
        Action.TRANSFER: Rule("dispatched", To.HOLDERS),
        Action.SEND_BACK: Rule("sent_back", To.HOLDERS),
        Action.REFUSE: Rule("refused", To.HOLDERS),
        Action.DENY_REFUSAL: Rule("refusal_denied", To.HOLDERS),
        Action.SUBMIT: Rule("to_check", To.HOLDERS),
        Action.APPROVE: Rule("to_check", To.HOLDERS),
        Action.RETURN: Rule("returned", To.MARKER),
        Action.ACCEPT_PROBLEM: Rule("to_rectify", To.HOLDERS),
        Action.CLAIM_RECTIFIED: Rule("to_check", To.HOLDERS),
        Action.ACCEPT_RECTIFIED: Rule("to_check", To.HOLDERS),
        Action.REJECT_RECTIFIED: Rule("rectify_again", To.COUNTY),
        Action.REOPEN: Rule("reopened", To.HOLDERS),
        Action.REQUEST_REOPEN: Rule("asked", To.CITY),
        Action.REQUEST_EXTEND: Rule("asked", To.CITY),
        Action.RECORD_FINDING: Rule("finding", To.OFFICES),
        Action.QUERY_BOUNDARY: Rule("boundary", To.HOLDERS),
        Action.ESCALATE: Rule("escalated", To.COUNTY),
        ASIDE: Rule("conflict", To.HOLDING),
    }
)
"""The one table; a step that is not here tells nobody."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to tell one person or one role of an area; the other two are empty.

    Attributes:
        kind: What.
        user: The person, or empty.
        role: The role, or empty.
        area: Area code of the plot, or empty.
        day: The day here, ISO.
        plot_id: Which plot.
        actor: Who did it.
        seq: The event's number.
        at: When, ISO 8601 UTC.
    """

    kind: str
    user: str
    role: str
    area: str
    day: str
    plot_id: str
    actor: str
    seq: int
    at: str


def told(change: Change) -> Iterator[Told]:
    """What one change tells whom; nobody is told what he did himself."""
    rule = RULES.get(change.event.action)
    if rule is None:
        return
    if rule.to is To.MARKER:
        user = change.before.marked_by
        if user and user != change.event.actor:
            yield _told(change, rule, user=user)
        return
    for role in _roles(rule.to, change):
        yield _told(change, rule, role=role, area=change.after.area)


def _roles(to: To, change: Change) -> tuple[str, ...]:
    if to is To.COUNTY:
        return (Role.COUNTY.value,)
    if to is To.CITY:
        return (Role.CITY.value,)
    if to is To.OFFICES:
        return (Role.CITY.value, Role.COUNTY.value)
    if to is To.HOLDING:
        return STAGES[Stage(str(change.after.stage))].holders or (Role.CITY.value,)
    moved = change.before.stage != change.after.stage and change.after.stage is not None
    return STAGES[Stage(str(change.after.stage))].holders if moved else ()


def _told(change: Change, rule: Rule, *, user: str = "", role: str = "", area: str = "") -> Told:
    event = change.event
    day = datetime.fromisoformat(event.recorded_at).astimezone(SHANGHAI).date().isoformat()
    return Told(
        rule.kind, user, role, area, day, event.plot_id, event.actor, event.seq, event.recorded_at
    )
