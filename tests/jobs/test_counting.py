"""Figures over many events: a worker counts them, and who asks meanwhile is told how far it is."""

from datetime import date
from threading import Event

import pytest

from georeview.errors.figures import StillCounting
from georeview.jobs.tasks import ask_what_is_due
from georeview.jobs.worker import Worker
from georeview.services import Services, figures
from tests.builders import a_batch, an_actor

CITY = an_actor("city", "5119")


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "SMALL", 7)


def kinds(doors: Services) -> list[str]:
    return [job.given.kind for job in doors.jobs.every()]


def test_many_events_are_counted_by_a_worker(doors: Services) -> None:
    a_batch(doors.store, 5)
    with pytest.raises(StillCounting) as refused:
        doors.figures.table(CITY)
    assert refused.value.facts == {"done": 0, "of": 10}
    for _ in range(2):
        ask_what_is_due(doors)
    assert kinds(doors).count("figures") == 1
    Worker(doors).run(Event(), until_idle=True)
    counted = doors.figures.table(CITY).total["review_rate"]
    assert (counted.num, counted.den) == (0, 5)
    assert doors.figures.uncounted() == 0


def test_few_events_are_counted_by_whoever_asks(doors: Services) -> None:
    a_batch(doors.store, 3)
    assert doors.figures.table(CITY).total["review_rate"].den == 3
    a_batch(doors.store, 3, seed=1, name="2023-2")
    assert doors.figures.table(CITY, "2023-2").total["review_rate"].den == 3
    ask_what_is_due(doors)
    assert "figures" not in kinds(doors)


def test_another_calendar_makes_all_of_it_new(doors: Services) -> None:
    a_batch(doors.store, 5)
    doors.figures.count()
    assert doors.figures.uncounted() == 0
    doors.calendar.put(CITY, date(2023, 5, 4), working=False, source="示例通知")
    assert doors.figures.uncounted() == 10
