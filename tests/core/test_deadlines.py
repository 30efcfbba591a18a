"""Working days on the Chinese calendar, with its make-up days."""

from datetime import date

import pytest

from georeview.core.deadlines import working_days
from georeview.services.calendar import is_working_day


@pytest.mark.parametrize(
    ("after", "until", "days"),
    [
        (date(2023, 4, 28), date(2023, 5, 9), 5),
        (date(2023, 9, 28), date(2023, 10, 18), 10),
        (date(2023, 6, 21), date(2023, 6, 29), 5),
        (date(2023, 11, 30), date(2023, 12, 14), 10),
        (date(2023, 6, 30), date(2023, 6, 30), 0),
        (date(2023, 6, 30), date(2023, 6, 1), 0),
        (date(2022, 12, 31), date(2023, 12, 31), 249),
    ],
)
def test_known_spans(after: date, until: date, days: int) -> None:
    assert working_days(after, until, is_working_day) == days


def test_beyond_the_announced_years_weekdays_count() -> None:
    assert working_days(date(2090, 1, 7), date(2090, 1, 14), is_working_day) == 5
