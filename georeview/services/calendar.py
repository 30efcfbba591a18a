"""Which days are working days in China: public holidays move working days to weekends (调休)."""

from datetime import date
from functools import lru_cache


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
        return day.weekday() < 5 and (day.month, day.day) not in {
            (1, 1),
            (5, 1),
            (10, 1),
            (10, 2),
            (10, 3),
        }
