"""Which days are working days, against the State Council's plans; and what an office puts right."""

from datetime import date

import pytest

from georeview.core.deadlines import later
from georeview.services.calendar import is_announced, is_working_day


@pytest.mark.parametrize(
    ("after", "days", "day"),
    [
        ("2023-04-28", 5, "2023-05-09"),
        ("2023-09-28", 10, "2023-10-18"),
        ("2023-06-21", 5, "2023-06-29"),
        ("2023-11-30", 10, "2023-12-14"),
    ],
)
def test_counting_begins_on_the_next_day(after: str, days: int, day: str) -> None:
    begin = date.fromisoformat(after)
    assert later(begin, days, is_working_day).isoformat() == day


def test_years_not_announced_yet_have_their_statutory_holidays() -> None:
    assert (is_announced(2026), is_announced(2031)) == (True, False)
    spring_festival, national_day = date(2031, 1, 23), date(2031, 10, 1)
    assert not is_working_day(spring_festival)
    assert not is_working_day(national_day)
    assert is_working_day(date(2031, 3, 5))
