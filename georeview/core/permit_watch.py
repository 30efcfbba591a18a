"""Permits that run out under what was closed on them: nobody reopens by itself, the city is asked."""

from datetime import date, datetime
from typing import Final

from georeview.core.access import Actor, Role
from georeview.core.deadlines import day_of
from georeview.core.ledger import Draft, Event, Value
from georeview.core.permits import Permit
from georeview.core.plot import Review
from georeview.core.procedure import Command
from georeview.core.review import draft

WATCH: Final = Actor("system", "system", "system", ())
"""Who asks: the service itself."""


def ends_on(review: Review, permit: Permit | None) -> str | None:
    """The day on which what a plot was closed on ends: the register's word before the mark's."""
    own = permit and (permit.withdrawn_on or permit.valid_to)
    return own or review.permit_valid_to


def is_over(end: str | None, today: date) -> bool:
    """Whether that day has passed."""
    return end is not None and end < today.isoformat()


def asking(review: Review, event_id: str, end: str, now: datetime) -> Draft:
    """The event by which the service asks the city to reopen a plot (RO7)."""
    body: dict[str, Value] = {"code": "RO7", "text": f"{review.permit_no or '-'} {end}"}
    request: dict[str, Value] = {
        "action": "request_reopen",
        "body": body,
        "by": WATCH.user,
        "unit": WATCH.unit,
        "on": day_of(now).isoformat(),
    }
    command = Command("request_reopen", event_id, review.version)
    after: dict[str, Value] = {"request": request}
    return draft(review, command, WATCH, Role.SYSTEM, body=body, after=after, now=now)


def asked_before(events: list[Event], end: str) -> bool:
    """Whether the service has asked for this end already: what was declined is not asked again."""
    return any(
        event.action == "request_reopen" and event.actor == WATCH.user and f' {end}"' in event.body
        for event in events
    )
