"""Counting working days and stopped days; which days people work comes in as a calendar."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache, partial

from georeview.clock import SHANGHAI

Calendar = Callable[[date], bool]
"""Whether a day is a working day."""

Count = Callable[[date, date], int]
"""Working days later than one day and not later than another."""

OwnDays = tuple[tuple[str, bool], ...]
"""Days, by ISO date, and whether an office says that people work then."""

Span = tuple[date, date]
"""A stop: the days after the first, up to and with the second."""

BELIEVED = timedelta(hours=72)
"""How far behind the server a device's time may lie and still say on which day work was done."""


def working_days(after: date, until: date, calendar: Calendar) -> int:
    """Working days later than ``after`` and not later than ``until``; 0 when there are none."""
    days = (until - after).days
    return sum(calendar(after + timedelta(days=step)) for step in range(1, days + 1))


def later(day: date, days: int, calendar: Calendar) -> date:
    """The day that is so many working days after a day; counting starts on the next one."""
    while days > 0:
        day += timedelta(days=1)
        days -= calendar(day)
    return day


def counting(calendar: Calendar) -> Count:
    """Working days between two days, remembered: thousands of plots share their dates."""
    return lru_cache(maxsize=65_536)(partial(working_days, calendar=calendar))


def weekdays(day: date) -> bool:
    """Monday to Friday: what counts where no calendar of holidays is given."""
    return day.weekday() < 5


def day_of(moment: datetime) -> date:
    """The day of an instant in Shanghai."""
    return moment.astimezone(SHANGHAI).date()


def done_day(observed_at: datetime, recorded_at: datetime) -> date:
    """The day work was done: the device's, where that can be believed, else the server's."""
    believed = timedelta(0) <= recorded_at - observed_at <= BELIEVED
    return day_of(observed_at if believed else recorded_at)


def stopped_days(spans: Iterable[Span], after: date, until: date) -> int:
    """Days in the union of stops, cut to those after one day and up to another."""
    total, covered = 0, after
    for first, last in sorted(spans):
        start, end = max(first, covered), min(last, until)
        if end > start:
            total += (end - start).days
            covered = end
    return total
