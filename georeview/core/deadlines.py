"""Counting working days; which days those are comes in as a calendar."""

from collections.abc import Callable
from datetime import date, timedelta

Calendar = Callable[[date], bool]
"""Whether a day is a working day."""


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
