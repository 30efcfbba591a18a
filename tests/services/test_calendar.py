"""Which days are working days, against the State Council's plans; and what an office puts right."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from georeview.core.access import Actor
from georeview.core.deadlines import later
from georeview.core.plot import Review
from georeview.core.procedure import Command
from georeview.errors.review import RefusalLate
from georeview.services import Services
from georeview.services.calendar import is_announced, is_working_day
from georeview.services.plots import PlotService
from georeview.services.review import ReviewService
from tests.builders import a_batch, an_actor, some_facts
from tests.places import Place
from tests.services.doors import open_doors

PLOT = "2023-1-0-0000000"


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


CITY, COUNTY = an_actor("city", "5119"), an_actor("county", "511902")
SECOND = an_actor("county", "511902", "second")


@pytest.fixture
def doors(tmp_path: Path, place: Place) -> Iterator[Services]:
    with open_doors(tmp_path, store=place.address) as services:
        (plot,) = a_batch(services.store, 1)
        services.store.facts.put([replace(some_facts(plot), band="out")])
        yield services


def at(doors: Services, day: str) -> ReviewService:
    """The review's door on a day."""
    moment = datetime.fromisoformat(f"{day}T10:00+08:00")

    def clock() -> datetime:
        return moment

    plots = PlotService(doors.store, clock)
    return ReviewService(doors.store, doors.files, plots, clock, doors.settings)


def take(review: ReviewService, actor: Actor, action: str, base: int, **body: object) -> Review:
    return review.act(actor, PLOT, Command(action, f"{action}{base}", base, body)).review


def test_a_day_put_right_moves_the_last_day_to_refuse(doors: Services) -> None:
    """Sent on Monday the tenth; the fifth working day after it is the seventeenth."""
    with pytest.raises(RefusalLate):
        take(at(doors, "2023-04-18"), COUNTY, "refuse", 2, code="RF1")
    doors.calendar.put(CITY, date(2023, 4, 13), working=False, source="暴雨停工令")
    assert take(at(doors, "2023-04-18"), COUNTY, "refuse", 2, code="RF1").stage == "refused"


def test_a_day_put_right_counts_for_what_is_reopened_and_for_how_late_it_is(
    doors: Services,
) -> None:
    doors.calendar.put(CITY, date(2023, 5, 20), working=True, source="补班")
    review = at(doors, "2023-05-15")
    take(review, COUNTY, "mark", 2, mark="false_positive", reason="FP31")
    take(review, COUNTY, "submit", 3)
    take(review, SECOND, "approve", 4)
    take(review, CITY, "accept_negative", 5)
    due = take(review, CITY, "reopen", 6, code="RO4").course.review_due_on
    assert due == "2023-05-26"  # with the Saturday that was worked; else the 29th

    def shown() -> tuple[int, str]:
        clock = PlotService(doors.store, lambda: datetime(2023, 6, 5, 4, tzinfo=UTC))
        timing = clock.timing(clock.detail(CITY, PLOT).plot, clock.around().own_days)
        assert timing is not None
        return timing.overdue_days, timing.state

    late, _ = shown()
    doors.calendar.put(CITY, date(2023, 6, 3), working=True, source="补班")
    assert shown() == (late + 1, "overdue_open")
    doors.calendar.remove(CITY, date(2023, 6, 3))
    assert shown() == (late, "overdue_open")
