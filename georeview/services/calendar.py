"""Which days are working days in China: public holidays move working days to weekends (调休)."""

import hashlib
from datetime import date
from functools import lru_cache
from importlib.metadata import version

from georeview.clock import Clock
from georeview.core.access import Action, Actor, need
from georeview.core.deadlines import Calendar, Count, OwnDays, counting
from georeview.errors import BadValue
from georeview.storage.ports.figures import DayOverride
from georeview.storage.ports.store import Store

SOURCE_MAX = 200


@lru_cache(maxsize=8)
def calendar_with(own_days: OwnDays) -> Calendar:
    """The packaged calendar, with what an office has put right in it."""
    if not own_days:
        return is_working_day
    said = {date.fromisoformat(day): working for day, working in own_days}

    def works(day: date) -> bool:
        own = said.get(day)
        return is_working_day(day) if own is None else own

    return works


@lru_cache(maxsize=8)
def count_with(own_days: OwnDays) -> Count:
    """Working days between two days of that calendar, remembered."""
    return counting(calendar_with(own_days))


@lru_cache(maxsize=4096)
def is_working_day(day: date) -> bool:
    """Whether people work that day.

    Beyond the years the State Council has announced, weekdays that are no statutory holiday count;
    what rests on that is provisional.
    """
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        statutory, moved = _statutory(day.year)
        return (day.weekday() < 5 and day not in statutory) or day in moved


@lru_cache(maxsize=16)
def _statutory(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Holidays of a year, and the days at weekends on which people work instead, as far as known."""
    import holidays

    found = holidays.country_holidays("CN", years=year)
    return frozenset(found), frozenset(found.weekend_workdays)


@lru_cache(maxsize=256)
def is_announced(year: int) -> bool:
    """Whether the State Council's plan of a year is known."""
    import chinese_calendar

    try:
        chinese_calendar.is_workday(date(year, 1, 4))
    except NotImplementedError:
        return False
    return True


class CalendarService:
    """The packaged calendar, and what an office has put right in it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def calendar(self) -> Calendar:
        """Which days are working days, as it is known now."""
        return calendar_with(self._own())

    def basis(self) -> str:
        """Names the calendar: as long as it is the same, so is every day."""
        told = repr(list(self._own()))
        return f"{version('chinesecalendar')} {hashlib.sha256(told.encode()).hexdigest()[:16]}"

    def overrides(self, actor: Actor) -> list[DayOverride]:
        """Days that were put right.

        Raises:
            Forbidden: The actor sees no figures.
        """
        need(actor, Action.FIGURES)
        return self._store.calendar.overrides()

    def put(self, actor: Actor, day: date, *, working: bool, source: str) -> DayOverride:
        """Say what a day is.

        Raises:
            Forbidden: The actor may not.
            BadValue: No source is named.
        """
        need(actor, Action.CALENDAR)
        said = source.strip()
        if not said or len(said) > SOURCE_MAX:
            raise BadValue(field="source", value=said[:80])
        at = self._clock().isoformat()
        override = DayOverride(day.isoformat(), working, said, actor.user, at)
        self._store.calendar.put(override)
        return override

    def remove(self, actor: Actor, day: date) -> None:
        """Let the packaged calendar decide again.

        Raises:
            Forbidden: The actor may not.
        """
        need(actor, Action.CALENDAR)
        self._store.calendar.remove(day.isoformat())

    def _own(self) -> OwnDays:
        return self._store.around().own_days
