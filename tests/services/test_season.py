"""The league table of a whole season against one worked out by plain loops over the events."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from georeview.core.access import EVERYTHING
from georeview.core.breakdown import DIMENSIONS
from georeview.core.figures import SETS, Rate, Value
from georeview.core.query import Filter
from georeview.services import Services, open_services
from georeview.settings import Settings
from tests.builders import an_actor
from tests.places import NewPlace
from tests.services import by_hand
from tests.services.by_hand import plain
from tests.services.season import Season

pytestmark = pytest.mark.slow

CITY = an_actor("city", "5119")
DAYS = [
    date(2023, 4, 29), date(2023, 5, 31), date(2023, 6, 30), date(2023, 7, 3), date(2023, 10, 8),
    date(2023, 12, 15),
]  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgis"])
def doors(
    request: pytest.FixtureRequest, places: NewPlace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    """A season of all 1,299 plots, in December."""
    with places(request.param, tmp_path_factory.mktemp("season")) as place:
        season = Season()
        settings = Settings(home=place.home, store=place.address)
        services = open_services(settings, season.clock)
        season.play(services, 1299 if request.param == "sqlite" else 150)
        season.now = datetime(2023, 12, 20, 4, tzinfo=UTC)
        yield services
        services.close()


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_table_is_what_the_events_say(doors: Services, day: date) -> None:
    expected = by_hand.by_hand(list(doors.store.ledger.events()), day)
    table = doors.figures.table(CITY, as_of=day)
    assert [row.unit for row in table.rows] == by_hand.order(expected)
    for row in (*table.rows, None):
        told = table.total if row is None else row.figures
        found = {name: plain(value) for name, value in told.items() if name != "sample_error_rate"}
        assert found == expected["total" if row is None else row.unit], row and row.unit


def test_each_plot_says_of_its_clock_what_the_events_say(doors: Services) -> None:
    told = by_hand.told_of(list(doors.store.ledger.events()), date(2023, 12, 20))
    checked = 0
    for chunk in doors.store.plots.stream(EVERYTHING, Filter()):
        for plot in chunk:
            timing = doors.plots.timing(plot, ())
            if timing is None or plot.given.plot_id not in told:
                continue
            clock = told[plot.given.plot_id][timing.clock]
            assert (timing.done, timing.due_eff) == (clock["done"], clock["due_eff"]), plot.review
            if timing.state == "overdue_open":
                assert timing.overdue_days == clock["overdue"]
            assert timing.state.endswith("late") == bool(clock["done"] and clock["late"])
            checked += 1
    assert checked > 100
    assert list(doors.store.ledger.verify()) == []


@pytest.mark.parametrize("by", DIMENSIONS)
@pytest.mark.parametrize("day", [DAYS[1], DAYS[-1]], ids=str)
def test_a_breakdown_is_what_the_events_say(doors: Services, by: str, day: date) -> None:
    expected = by_hand.by_hand(list(doors.store.ledger.events()), day, by)
    table = doors.figures.breakdown(CITY, by, as_of=day)
    assert {row.unit for row in table.rows} == expected.keys() - {"total"}
    assert len(table.rows) > 1 or by == "type"
    for row in (*table.rows, None):
        told = table.total if row is None else row.figures
        found = {name: plain(value) for name, value in told.items() if name != "sample_error_rate"}
        assert found == expected["total" if row is None else row.unit], row and row.unit


@pytest.mark.parametrize("by", DIMENSIONS)
def test_every_part_of_a_breakdown_opens_its_plots(doors: Services, by: str) -> None:
    table = doors.figures.breakdown(CITY, by, as_of=DAYS[-1])
    listed: list[str] = []
    for row in table.rows:
        found, after = None, 0
        while after is not None:
            found = doors.figures.behind(
                CITY, set_id="submitted", as_of=DAYS[-1], by=by, unit=row.unit or "-",
                after=after, limit=1000,
            )  # fmt: skip
            listed += [plot.plot_id for plot in found.items]
            after = found.after
        assert found.matched == counts(row.figures)[0]
    assert len(listed) == len(set(listed)) == counts(table.total)[0]


def counts(figures: Mapping[str, Value]) -> tuple[int, int]:
    """Reported, and all."""
    share = figures["submit_rate"]
    assert isinstance(share, Rate)
    return share.num, share.den


def test_whoever_sees_no_drafts_is_told_of_none(doors: Services) -> None:
    """What is marked and not yet with the city counts for the province as not marked at all."""
    province, day = an_actor("province", "51"), DAYS[1]
    city, told = (
        {row.unit: row.figures for row in doors.figures.breakdown(who, "reason", as_of=day).rows}
        for who in (CITY, province)
    )
    assert told.keys() <= city.keys()
    for reason in city.keys() - {None}:
        reported, every = counts(told[reason]) if reason in told else (0, 0)
        assert reported == counts(city[reason])[0]
        assert every <= counts(city[reason])[1]
    assert sum(counts(f)[1] for f in told.values()) == sum(counts(f)[1] for f in city.values())
    assert counts(told[None])[1] > counts(city[None])[1]


def test_every_figure_lists_the_plots_it_counts(doors: Services) -> None:
    for day in (DAYS[-3], DAYS[-1]):
        table = doors.figures.table(CITY, as_of=day)
        for name in SETS:
            every = doors.figures.behind(CITY, set_id=name, as_of=day, limit=1000)
            seen = [plot.plot_id for plot in every.items]
            while every.after is not None:
                every = doors.figures.behind(
                    CITY, set_id=name, as_of=day, limit=1000, after=every.after
                )
                seen += [plot.plot_id for plot in every.items]
            assert len(seen) == len(set(seen)) == every.matched
            of = [
                doors.figures.behind(CITY, set_id=name, as_of=day, unit=row.unit or "-").matched
                for row in table.rows
            ]
            assert sum(of) == every.matched
        overdue = table.total["overdue_review_n"]
        late = doors.figures.behind(CITY, set_id="overdue_review", as_of=day, limit=1000)
        assert late.matched == overdue
        assert (
            max(p.overdue_review_days for p in late.items) == table.total["max_overdue_review_days"]
        )


def test_counting_begun_anew_comes_to_the_same(doors: Services) -> None:
    before = doors.figures.table(CITY)
    doors.calendar.put(CITY, date(2023, 12, 16), working=True, source="test")
    changed = doors.figures.table(CITY)
    doors.calendar.remove(CITY, date(2023, 12, 16))
    assert (
        changed.total["max_overdue_review_days"] == int(before.total["max_overdue_review_days"]) + 1
    )  # type: ignore[arg-type]
    assert doors.figures.table(CITY) == before


def test_a_county_counts_its_own_and_reads_what_was_published(doors: Services) -> None:
    county = an_actor("county", "511921")
    day = date(2023, 6, 30)
    table = doors.figures.table(CITY, as_of=day)
    own = next(row for row in table.rows if row.unit == "511921")
    stats = doors.figures.stats(county, as_of=day)
    assert stats.total == own.figures
    assert [row.unit for row in stats.rows] == ["511921"]
    league = doors.figures.publish(CITY, as_of=day)
    assert doors.figures.latest(county, as_of=day + timedelta(days=9)) == league
