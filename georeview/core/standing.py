"""Where a plot stands at the end of a day: all that the key figures count it by.

``Track`` follows the events of one plot and never judges. What it gives, a ``Standing``, is a small
value that many plots share; a table of a million plots is a few thousand standings, each with the
number of plots that have it. Only open clocks go on by themselves, so a standing is read with a day.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

import orjson

from georeview.core.deadlines import Calendar, Count, counting, day_of, done_day, later
from georeview.core.ledger import Event, Value
from georeview.core.plot import STAGES
from georeview.core.traits import Told, Traits

REOPENED_REVIEW = 10
"""Working days that a reopened plot has for its review."""

REOPENED_RECTIFY = 60
"""Working days that a reopened plot, or one taken off the watch list, has for its rectification."""

REVIEW_STOPS, RECTIFY_STOPS = (
    frozenset(s.value for s, info in STAGES.items() if info.stopped and info.clock == clock)
    for clock in ("review", "rectify")
)
"""Stages in which the county waits for others, by the clock that they stop."""

NOT_DISPATCHED = frozenset({"", "imported", "merged", "withdrawn"})
VERIFIED = frozenset(
    {"rectify_plan", "rectifying", "county_accept", "city_accept", "watch", "closed"}
)


@dataclass(frozen=True, slots=True)
class Held:
    """A clock: done in time or late, or running.

    Attributes:
        done: Whether what it measures is done.
        on_time: Of what is done, whether it was in time; ``None`` where there is no due date.
        due: Of what is not done, the due day with the stopped days that are over.
        stopped_since: Since when it stands still; the due day moves on with every day.
    """

    done: bool = False
    on_time: bool | None = None
    due: date | None = None
    stopped_since: date | None = None

    def due_on(self, day: date) -> date | None:
        """The due day as it is seen on a day."""
        if self.due is None or self.stopped_since is None:
            return self.due
        return self.due + (day - self.stopped_since)

    def late(self, day: date) -> bool:
        """Whether it was done too late, or should be done and is not."""
        if self.done:
            return self.on_time is False
        due = self.due_on(day)
        return due is not None and day > due


@dataclass(frozen=True, slots=True)
class Standing:
    """What a plot counts as.

    Attributes:
        county: Code of the county it was dispatched to.
        stage: Where it lies.
        determination: What the city or, before that, the reviewer says.
        submitted: It is with the city, or has been and was not sent back.
        accepted: Its rectification is accepted by the county and not rejected.
        reached: It has ever been with the city.
        returned: The city has ever sent it back.
        relapsed: It was reopened because the problem came back.
        review: Clock of the review.
        rectify: Clock of the rectification.
        days: Working days the review took.
    """

    county: str | None
    stage: str
    determination: str | None
    submitted: bool
    accepted: bool
    reached: bool
    returned: bool
    relapsed: bool
    review: Held
    rectify: Held
    days: int | None

    @property
    def dispatched(self) -> bool:
        """Whether some county owes a review of it."""
        return self.stage not in NOT_DISPATCHED

    @property
    def verified(self) -> bool:
        """Whether the city has accepted what was found."""
        return self.stage in VERIFIED

    def as_text(self) -> str:
        """One text for one standing, to be kept."""
        values = [
            self.county, self.stage, self.determination, self.submitted, self.accepted,
            self.reached, self.returned, self.relapsed, *_held(self.review), *_held(self.rectify),
            self.days,
        ]  # fmt: skip
        return orjson.dumps(values).decode("ascii")


def _held(clock: Held) -> tuple[object, ...]:
    return clock.done, clock.on_time, clock.due, clock.stopped_since


@lru_cache(maxsize=65_536)
def parse(text: str) -> Standing:
    """A standing from its text."""
    own = orjson.loads(text)
    review, rectify = (
        Held(done, on_time, _day(due), _day(since))
        for done, on_time, due, since in (own[8:12], own[12:16])
    )
    return Standing(*(*own[:8], review, rectify, own[16]))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


@dataclass(slots=True)
class _Stop:
    """Days on which a clock stood still: later than ``since``, not later than ``until``."""

    why: str
    since: date
    until: date | None = None


@dataclass(slots=True)
class _Clock:
    """One clock of one plot while its events are followed."""

    due: date | None
    set_on: date = date.min
    done: date | None = None
    stops: list[_Stop] = field(default_factory=list)

    def set(self, due: date | None, on: date) -> None:
        """A new date, from a day on; stops before that day count no more."""
        self.due, self.set_on = due, on

    def stop(self, why: str, on: date) -> None:
        self.stops.append(_Stop(why, on))

    def go(self, why: str, on: date, *, counts: bool = True) -> None:
        """End the stops that are open for this reason; one that was not justified is forgotten."""
        for stop in self.stops:
            if stop.why == why and stop.until is None:
                stop.until = on if counts else stop.since

    def held(self) -> Held:
        if self.due is None:
            return Held(done=self.done is not None)
        if self.done is not None:
            stopped = self._stopped(self.set_on, self.done)
            return Held(done=True, on_time=self.done <= self.due + timedelta(stopped))
        since = min(
            (max(stop.since, self.set_on) for stop in self.stops if stop.until is None),
            default=None,
        )
        stopped = self._stopped(self.set_on, since or date.max)
        return Held(due=self.due + timedelta(stopped), stopped_since=since)

    def _stopped(self, after: date, until: date) -> int:
        """Calendar days on which it stood still, each once."""
        return sum((end - begin).days for begin, end in self.stopped(after, until))

    def stopped(self, after: date, until: date) -> list[tuple[date, date]]:
        """The same as intervals that do not overlap, without their first and with their last day."""
        spans: list[tuple[date, date]] = []
        for stop in sorted(self.stops, key=lambda stop: stop.since):
            begin, end = max(stop.since, after), min(stop.until or until, until)
            if spans:
                begin = max(begin, spans[-1][1])
            if end > begin:
                spans.append((begin, end))
        return spans


class Track:
    """The events of one plot, oldest first, followed to its standing.

    Args:
        review_due: Date of the batch for the review.
        rectify_due: Date of the batch for the rectification.
        calendar: Which days are working days.
        count: Counts them; made of the calendar when not given.
    """

    __slots__ = (
        "_accepted",
        "_calendar",
        "_count",
        "_county",
        "_determination",
        "_reached",
        "_rectify",
        "_relapsed",
        "_returned",
        "_review",
        "_stage",
        "_start",
        "_submitted",
        "_version",
        "day",
    )

    def __init__(
        self,
        review_due: date | None,
        rectify_due: date | None,
        calendar: Calendar,
        count: Count | None = None,
    ) -> None:
        self._calendar = calendar
        self._count = count or counting(calendar)
        self._review, self._rectify = _Clock(review_due), _Clock(rectify_due)
        self._stage = ""
        self._county: str | None = None
        self._determination: str | None = None
        self._submitted = self._accepted = False
        self._reached = self._returned = self._relapsed = False
        self._start: date | None = None
        self._version = 0
        self.day = date.min
        """Day of the last event; one whose clock was set back counts from the day before it."""

    def take(self, event: Event) -> bool:
        """Follow one more event; false when it does not move the review."""
        self.day = max(self.day, shanghai_day(event.recorded_at))
        if event.version == self._version:
            return False
        self._version = event.version
        changes = event.changes
        old, new = self._stage, str(changes.get("stage") or self._stage)
        self._county = _text(changes, "county", self._county)
        self._determination = _text(changes, "determination", self._determination)
        self._stage = new
        if old != new:
            self._leave(old, event.action)
        follow = _FOLLOW.get(event.action)
        if follow is not None:
            follow(self, event, old)
        if old != new:
            self._enter(old, new, event)
        return True

    def standing(self) -> Standing:
        """Where the plot stands after the events so far."""
        return Standing(
            county=self._county,
            stage=self._stage,
            determination=self._determination,
            submitted=self._submitted,
            accepted=self._accepted,
            reached=self._reached,
            returned=self._returned,
            relapsed=self._relapsed,
            review=self._review.held(),
            rectify=self._rectify.held(),
            days=self._days(),
        )

    def _days(self) -> int | None:
        start, done = self._start, self._review.done
        if start is None or done is None:
            return None
        stopped = self._review.stopped(start, done)
        waited = sum(self._count(begin, end) for begin, end in stopped)
        return self._count(start, done) - waited

    # What events mean ----------------------------------------------------------------------------

    def _leave(self, old: str, action: str) -> None:
        if old in REVIEW_STOPS:
            # The clock of a county whose refusal was denied was never stopped.
            self._review.go(old, self.day, counts=action != "deny_refusal")
        elif old in RECTIFY_STOPS:
            self._rectify.go(old, self.day)

    def _enter(self, old: str, new: str, event: Event) -> None:
        if old == "imported" and new not in NOT_DISPATCHED and self._start is None:
            self._start = self.day
        if new == "in_review":
            self._submitted = False
            self._review.done = None
        elif new == "city_check":
            self._submitted = self._reached = True
            if event.action in ("approve", "submit"):
                self._review.done = _done_day(event)
        elif new == "city_accept" and old == "city_check":
            # Put right on the spot: the city takes what the county had accepted.
            self._accepted, self._rectify.done = True, self._review.done
        if new in REVIEW_STOPS:
            self._review.stop(new, self.day)
        elif new in RECTIFY_STOPS:
            self._rectify.stop(new, self.day)

    def _dispatched(self, _event: Event, _old: str) -> None:
        self._start = self.day

    def _returned_by(self, _event: Event, old: str) -> None:
        self._returned = self._returned or old == "city_check"

    def _reopened(self, event: Event, _old: str) -> None:
        self._review.done = self._rectify.done = None
        self._accepted = False
        self._start = self.day
        self._set_due(self._review, event, "review_due_on", REOPENED_REVIEW)
        self._set_due(self._rectify, event, "rectify_due_on", REOPENED_RECTIFY)
        self._relapsed = self._relapsed or _body(event).get("code") == "RO4"

    def _set_due(self, clock: _Clock, event: Event, name: str, days: int) -> None:
        """The date the event says, or the rule where it says none."""
        said = event.changes.get(name)
        due = date.fromisoformat(str(said)) if said else later(self.day, days, self._calendar)
        clock.set(due, self.day)

    def _extended(self, event: Event, _old: str) -> None:
        body = _body(event)
        self._named(body.get("clock")).set(date.fromisoformat(str(body["date"])), self.day)

    def _named(self, clock: object) -> _Clock:
        """The clock of this name, or the one that runs."""
        if clock in ("review", "rectify"):
            return self._rectify if clock == "rectify" else self._review
        return self._rectify if self._stage in VERIFIED else self._review

    def _rectified(self, event: Event, _old: str) -> None:
        self._accepted, self._rectify.done = True, _done_day(event)

    def _rejected(self, _event: Event, _old: str) -> None:
        self._accepted, self._rectify.done = False, None

    def _rechecked(self, event: Event, old: str) -> None:
        if old == "watch" and self._stage == "rectify_plan":
            self._set_due(self._rectify, event, "rectify_due_on", REOPENED_RECTIFY)

    def _stopped_by_order(self, event: Event, _old: str) -> None:
        self._named(_body(event).get("clock")).stop("order", self.day)

    def _started_by_order(self, _event: Event, _old: str) -> None:
        for clock in (self._review, self._rectify):
            clock.go("order", self.day)


def days_of(track: Track, events: Iterable[Event], since: int) -> list[tuple[date, Standing, Told]]:
    """What a plot stood at, at the end of each day on which an event moved it.

    Args:
        track: Follows the plot; new.
        events: All its events, oldest first.
        since: Days that are told are those of events after this number.
    """
    days: list[tuple[date, Standing, Told]] = []
    traits = Traits()
    for event in events:
        if not track.take(event):
            continue
        traits.take(event.changes)
        if event.seq <= since:
            continue
        if days and days[-1][0] == track.day:
            days.pop()
        days.append((track.day, track.standing(), traits.told()))
    return days


_FOLLOW: Mapping[str, Callable[[Track, Event, str], None]] = {
    "dispatch": Track._dispatched,
    "transfer": Track._dispatched,
    "return": Track._returned_by,
    "reopen": Track._reopened,
    "extend": Track._extended,
    "accept_rectified": Track._rectified,
    "reject_rectified": Track._rejected,
    "recheck": Track._rechecked,
    "confirm": Track._rechecked,
    "stop_clock": Track._stopped_by_order,
    "restart_clock": Track._started_by_order,
}
"""What an action means beside the stage it leads to."""


def _done_day(event: Event) -> date:
    """The day on which what the event tells was done."""
    return done_day(_instant(event.observed_at), _instant(event.recorded_at))


@lru_cache(maxsize=65_536)
def shanghai_day(instant: str) -> date:
    """The date here of an ISO instant."""
    return day_of(_instant(instant))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _text(changes: Mapping[str, Value], name: str, otherwise: str | None) -> str | None:
    value = changes.get(name, otherwise)
    return None if value is None else str(value)


def _body(event: Event) -> Mapping[str, object]:
    body: dict[str, object] = orjson.loads(event.body)
    return body
