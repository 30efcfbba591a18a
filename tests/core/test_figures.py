"""Counting, dividing and ranking, against sums done by hand or by the standard library."""

import statistics
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.core.figures import (
    FIGURES,
    RANKING,
    SETS,
    Rate,
    Value,
    figures,
    median,
    ranked,
    tally,
    total,
)
from georeview.core.standing import Held, Standing
from georeview.services.calendar import is_working_day

DAY = date(2023, 7, 10)
OPEN = Standing(
    "511921", "in_review", None, False, False, False, False, False,
    Held(due=date(2023, 6, 30)), Held(due=date(2023, 11, 30)), None,
)  # fmt: skip


def test_rates_are_rounded_half_up_and_never_made_up() -> None:
    assert [Rate(1, 16).pct, Rate(1, 3).pct, Rate(7, 7).pct] == [6.3, 33.3, 100.0]
    assert Rate(0, 0).pct is None
    assert Rate(0, 0).fraction == 1


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_a_rate_is_its_fraction_to_one_decimal(num: int, den: int) -> None:
    pct = Rate(num, den).pct
    assert pct is not None
    exact = Fraction(num, den) * 100
    assert Fraction(-1, 20) < Fraction(str(pct)) - exact <= Fraction(1, 20)


@given(st.dictionaries(st.integers(0, 200), st.integers(1, 5)))
def test_the_median_is_the_librarys(days: dict[int, int]) -> None:
    every = [day for day, n in days.items() for _ in range(n)]
    assert median(days) == (statistics.median(every) if every else None)


def test_the_worst_is_told_in_working_days() -> None:
    found = figures(tally([("511921", OPEN, 2)], DAY, is_working_day)["511921"])
    assert (found["overdue_review_n"], found["max_overdue_review_days"]) == (2, 6)
    assert (found["overdue_rectify_n"], found["max_overdue_rectify_days"]) == (0, 0)
    assert found["review_rate"] == Rate(0, 2)
    assert found["median_days"] is None


_STANDINGS = st.builds(
    Standing,
    county=st.sampled_from([None, "511902", "511921"]),
    stage=st.sampled_from(["imported", "in_review", "city_check", "rectifying", "watch", "closed"]),
    determination=st.sampled_from([None, "not_problem", "problem", "problem_historic"]),
    submitted=st.booleans(),
    accepted=st.booleans(),
    reached=st.booleans(),
    returned=st.booleans(),
    relapsed=st.booleans(),
    review=st.builds(Held, done=st.booleans(), on_time=st.sampled_from([None, True, False])),
    rectify=st.builds(Held, due=st.dates(date(2023, 6, 1), date(2023, 8, 1))),
    days=st.one_of(st.none(), st.integers(0, 60)),
)


@given(st.lists(st.tuples(_STANDINGS, st.integers(1, 3)), max_size=20))
def test_counts_add_up_to_the_total_whatever_the_order(
    standings: list[tuple[Standing, int]],
) -> None:
    parted = [(plot.county, plot, n) for plot, n in standings]
    units = tally(parted, DAY, is_working_day)
    whole = figures(total(units.values()))
    every = [plot for plot, n in standings for _ in range(n)]
    for row in FIGURES.values():
        counted = sum(SETS[row.num].holds(plot, DAY) for plot in every)
        value = whole[row.id]
        if row.kind == "rate":
            assert row.den is not None
            assert value == Rate(counted, sum(SETS[row.den].holds(p, DAY) for p in every))
        elif row.kind == "count":
            assert value == counted
    assert tally(reversed(parted), DAY, is_working_day) == units


@given(st.lists(_STANDINGS, max_size=30))
def test_no_rate_exceeds_its_whole(standings: list[Standing]) -> None:
    for row in FIGURES.values():
        if row.den is not None and row.id != "return_rate":
            for plot in standings:
                assert SETS[row.den].holds(plot, DAY) or not SETS[row.num].holds(plot, DAY)


def a_unit(**values: Value) -> dict[str, Value]:
    even: dict[str, Value] = {name: Rate(1, 2) for name, _ in RANKING}
    return even | {"overdue_rectify_n": 0, "overdue_review_n": 0} | values


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (a_unit(), a_unit(overdue_rectify_n=1)),
        (a_unit(overdue_review_n=1), a_unit(overdue_rectify_n=1)),
        (a_unit(review_rate=Rate(334, 1000)), a_unit(review_rate=Rate(1, 3))),
        (a_unit(rectify_rate=Rate(0, 0)), a_unit(rectify_rate=Rate(99, 100))),
        (a_unit(first_pass_rate=Rate(2, 3)), a_unit(first_pass_rate=Rate(1, 2))),
        (a_unit(review_rate=Rate(2, 4)), a_unit(review_rate=Rate(1, 2))),
    ],
)
def test_ranks(first: dict[str, Value], second: dict[str, Value]) -> None:
    """The last pair is even, so that the code decides."""
    assert ranked({"511902": first, "511903": second}) == [("511902", 1), ("511903", 2)]
    if first["review_rate"] != Rate(2, 4):
        assert ranked({"511902": second, "511903": first}) == [("511903", 1), ("511902", 2)]


def test_plots_of_no_county_stand_last_and_have_no_rank() -> None:
    assert ranked({None: a_unit(), "511903": a_unit()}) == [("511903", 1), (None, None)]
