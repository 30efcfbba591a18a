"""How a plot stands against its clocks, computed for a day and never stored.

A due date D means until D 24:00 in Shanghai.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from georeview.core.deadlines import Count, day_of, stopped_days
from georeview.core.plot import STAGES, Review, Stage

Clock = Literal["review", "rectify"]
CLOCKS: tuple[Clock, ...] = ("review", "rectify")

SOON = 10
"""Working days before the due date from which something is due soon."""

State = Literal["not_due", "due_soon", "overdue_open", "done_on_time", "done_late"]


@dataclass(frozen=True, slots=True)
class Timing:
    """How a plot stands against one clock on a day.

    Attributes:
        clock: Which clock.
        due: Date in force, without stopped days.
        due_eff: The same with the days on which the county could do nothing.
        done: Day it was done, if it was.
        stopped_since: First day of the stop that is open, if one is.
        stopped_why: Stage or ``force`` that stops it.
        overdue_days: Working days late.
        state: In one word.
    """

    clock: Clock
    due: date
    due_eff: date
    done: date | None
    stopped_since: date | None
    stopped_why: str | None
    overdue_days: int
    state: State


def clock_of(review: Review) -> Clock | None:
    """The clock that runs, stands still, or decided the plot; ``None`` where there is none."""
    if review.stage in (None, Stage.MERGED, Stage.WITHDRAWN):
        return None
    if review.stage == Stage.CLOSED:
        return "rectify" if review.outcome == "rectified" else "review"
    clock = STAGES[Stage(review.stage)].clock
    return "rectify" if clock == "rectify" else "review"


def due_in_force(review: Review, clock: Clock, batch_due: str | None) -> date | None:
    """The due date without stopped days: the plot's own, else the batch's."""
    due = getattr(review.course, f"{clock}_due_on") or batch_due
    return None if due is None else date.fromisoformat(due)


def done_on(review: Review, clock: Clock) -> date | None:
    """The day a phase was done; ``None`` as long as it is not."""
    done = getattr(review.course, f"{clock}_done_on")
    if done is None and clock == "review" and review.marked_at and is_past_review(review):
        # Events of before clocks were kept do not say it; the mark is the nearest they know.
        return day_of(datetime.fromisoformat(review.marked_at))
    return None if done is None else date.fromisoformat(done)


_PAST_REVIEW = frozenset({Stage.CITY_CHECK, Stage.CLOSED, Stage.WATCH}) | frozenset(
    stage for stage, info in STAGES.items() if info.clock == "rectify"
)


def is_past_review(review: Review) -> bool:
    """Whether the review lies behind the plot."""
    return review.stage in _PAST_REVIEW


def open_stop(review: Review, clock: Clock) -> tuple[date, str] | None:
    """Since when and why a clock stands still, the earliest of the stops that are open."""
    course = review.course
    found = [stop for stop in (course.stop, course.force_stop) if stop and stop["clock"] == clock]
    if not found:
        return None
    first = min(found, key=lambda stop: stop["since"])
    return date.fromisoformat(first["since"]), first["why"]


def due_eff(
    review: Review, clock: Clock, batch_due: str | None, until: date, *, opened: bool = True
) -> date | None:
    """The due date with the days that were stopped up to a day.

    Args:
        review: The plot's review.
        clock: Which clock.
        batch_due: The batch's date.
        until: Days after it do not count.
        opened: Whether a stop that is still open counts too.
    """
    due = due_in_force(review, clock, batch_due)
    if due is None:
        return None
    course = review.course
    set_on = getattr(course, f"{clock}_due_set_on")
    spans = [
        (date.fromisoformat(first), date.fromisoformat(last))
        for of, first, last in course.stops or ()
        if of == clock
    ]
    if opened and (stop := open_stop(review, clock)):
        spans.append((stop[0], max(until, stop[0])))
    since = date.fromisoformat(set_on) if set_on else date.min
    return due + timedelta(days=stopped_days(spans, since, until)) if spans else due


def timing(
    review: Review, clock: Clock, batch_due: str | None, today: date, count: Count
) -> Timing | None:
    """How a plot stands against a clock; ``None`` without a due date.

    Args:
        review: The plot's review.
        clock: Which clock.
        batch_due: The batch's date.
        today: Day as of which it is asked.
        count: Gives the working days after one day up to another.
    """
    due = due_in_force(review, clock, batch_due)
    if due is None:
        return None
    done = done_on(review, clock)
    until = min(done, today) if done else today
    effective = due_eff(review, clock, batch_due, until) or due
    late = until > effective
    days = count(effective, until) if late else 0
    stop = None if done else open_stop(review, clock)
    state: State
    if done:
        state = "done_late" if late else "done_on_time"
    elif late:
        state = "overdue_open"
    else:
        soon = count(today, effective) <= SOON
        state = "due_soon" if soon else "not_due"
    since, why = stop or (None, None)
    return Timing(clock, due, effective, done, since, why, days, state)
