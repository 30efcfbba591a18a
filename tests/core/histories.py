"""Histories of one plot, told in a line a step: what figures are counted from."""

from collections.abc import Sequence
from datetime import date, datetime, time

from georeview.clock import SHANGHAI
from georeview.core.ledger import GENESIS, Draft, Event, Value, keep
from georeview.core.standing import Standing, Track
from georeview.services.calendar import is_working_day

REVIEW_DUE, RECTIFY_DUE = date(2023, 6, 30), date(2023, 11, 30)

Step = tuple[str, str, dict[str, Value], dict[str, Value]]
"""Day (``05-17``) or instant, action, what changes, what was asked."""


def step(day: str, action: str, stage: str | None = None, /, **more: Value) -> Step:
    """A step of 2023; ``body_…`` is what was asked, all else what changes."""
    body = {k.removeprefix("body_"): v for k, v in more.items() if k.startswith("body_")}
    changes = {k: v for k, v in more.items() if not k.startswith("body_")}
    return day, action, changes | ({"stage": stage} if stage else {}), body


IMPORTED = step("04-10", "import", "imported", area="5119")
DISPATCHED = step("04-10", "dispatch", "at_county", county="511921", area="511921")
MARKED = step("05-08", "mark", "in_review", mark="false_positive", determination="not_problem")
CONFIRMED = step("05-08", "mark", "in_review", mark="confirmed", determination="problem")
SUBMITTED = step("05-09", "submit", "county_check")


def events(steps: Sequence[Step], plot_id: str = "p") -> list[Event]:
    """The steps as events of one plot."""
    told, before = list[Event](), ""
    for n, (day, action, changes, body) in enumerate(steps, 1):
        at, seen = moments(day)
        draft = Draft(
            f"e{n}", plot_id, n - 1, action, "wang", "unit", "county",
            seen.isoformat(), at.isoformat(timespec="milliseconds"),
            body, {"stage": before or None}, changes,
        )  # fmt: skip
        last = told[-1].hash if told else GENESIS
        told.append(keep(draft, seq=n, version=n, prev_hash=last))
        before = str(changes.get("stage", before))
    return told


def moments(day: str) -> tuple[datetime, datetime]:
    """When it was recorded and when it was done: ``06-26`` or ``06-26<06-24``."""
    recorded, _, done = day.partition("<")
    at = noon(recorded)
    return at, noon(done) if done else at


def noon(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(f"2023-{day}"), time(12), SHANGHAI)


def standing(
    *steps: Step, dates: tuple[date | None, date | None] = (REVIEW_DUE, RECTIFY_DUE)
) -> Standing:
    """Where a plot stands after the steps."""
    track = Track(*dates, is_working_day)
    for event in events(steps):
        track.take(event)
    return track.standing()


def on(day: str) -> date:
    """A day of 2023."""
    return date.fromisoformat(f"2023-{day}")
