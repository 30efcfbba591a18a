"""What one plot's history makes of it, day by day; each rule of the clocks once."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.core.figures import SETS
from georeview.core.standing import Held, Standing, Track, days_of, parse
from georeview.services.calendar import is_working_day
from tests.core.histories import (
    CONFIRMED,
    DISPATCHED,
    IMPORTED,
    MARKED,
    RECTIFY_DUE,
    REVIEW_DUE,
    SUBMITTED,
    Step,
    events,
    on,
    standing,
    step,
)

BEGUN = (IMPORTED, DISPATCHED)
APPROVED = step("05-10", "approve", "city_check")
RETURNED = step("05-20", "return", "in_review", body_code="RT1")
NEGATIVE = step("05-16", "accept_negative", "closed", outcome="negative")
PROBLEM = step("05-16", "accept_problem", "rectify_plan", determination="problem")


def sets(plot: Standing, day: str) -> set[str]:
    return {name for name, row in SETS.items() if row.holds(plot, on(day))}


def test_a_plot_that_waits_for_the_city_has_been_done_by_the_county() -> None:
    plot = standing(*BEGUN, MARKED, SUBMITTED, APPROVED)
    assert sets(plot, "07-10") == {
        "dispatched", "submitted", "review_on_time", "review_due", "reached", "timed",
    }  # fmt: skip
    assert plot.days == 21  # 04-11 … 05-10: 30 days, 8 of weekends and 3 of May Day off, 2 made up


def test_what_the_city_sent_back_is_owed_again_less_the_days_it_lay_there() -> None:
    plot = standing(*BEGUN, MARKED, SUBMITTED, APPROVED, RETURNED)
    assert plot.review == Held(due=date(2023, 7, 10))
    assert {"overdue_review", "returned", "reached"} < sets(plot, "07-11")
    assert "overdue_review" not in sets(plot, "07-10")
    assert "submitted" not in sets(plot, "07-10")


def test_a_stop_that_is_open_moves_the_due_day_on() -> None:
    plot = standing(*BEGUN, step("06-20", "refuse", "refused", body_code="RF1"))
    assert plot.review == Held(due=REVIEW_DUE, stopped_since=on("06-20"))
    assert plot.review.due_on(on("07-20")) == on("07-30")
    assert not plot.review.late(on("12-31"))
    late = standing(*BEGUN, step("07-03", "refuse", "refused", body_code="RF1"))
    assert late.review.late(on("12-31"))


def test_a_refusal_that_was_denied_never_stopped_the_clock() -> None:
    refused = step("06-20", "refuse", "refused", body_code="RF1")
    denied = standing(*BEGUN, refused, step("06-28", "deny_refusal", "at_county"))
    assert denied.review == Held(due=REVIEW_DUE)
    moved = step("06-28", "transfer", "at_county", county="511922", area="511922")
    taken = standing(*BEGUN, refused, moved)
    assert (taken.review.due, taken.county) == (date(2023, 7, 8), "511922")
    done = standing(*BEGUN, refused, moved, *_from("06-29"))
    assert done.days == 1  # its own time only


def _from(day: str) -> tuple[Step, ...]:
    marked, submitted, approved = (
        step(day, *("mark", "in_review"), determination="not_problem"),
        step(day, "submit", "county_check"),
        step(day, "approve", "city_check"),
    )
    return marked, submitted, approved


def test_stops_that_overlap_count_once() -> None:
    plot = standing(
        *BEGUN,
        step("05-01", "stop_clock", body_reason="汛期"),
        step("05-03", "refuse", "refused", body_code="RF1"),
        step("05-08", "transfer", "at_county", county="511922"),
        step("05-11", "restart_clock"),
    )
    assert plot.review.due == date(2023, 7, 10)


def test_an_extension_counts_only_stops_after_it() -> None:
    plot = standing(
        *BEGUN,
        step("05-01", "stop_clock"),
        step("05-11", "restart_clock"),
        step("05-12", "extend", body_date="2023-07-15"),
        step("06-01", "stop_clock"),
        step("06-03", "restart_clock"),
    )
    assert plot.review.due == date(2023, 7, 17)


def test_reopening_sets_both_dates_and_takes_the_plot_out_of_what_was_counted() -> None:
    closed = (*BEGUN, MARKED, SUBMITTED, APPROVED, NEGATIVE)
    assert {"closed", "reviewed", "negatives", "first_pass"} < sets(standing(*closed), "06-01")
    plot = standing(
        *closed,
        step("11-30", "reopen", "in_review", determination=None, mark="pending", body_code="RO4"),
    )
    assert plot.review == Held(due=date(2023, 12, 14))
    assert sets(plot, "12-01") == {"dispatched", "reached", "relapsed"}


def test_rectification_runs_to_the_county_that_accepts_it() -> None:
    found = (*BEGUN, CONFIRMED, SUBMITTED, APPROVED, PROBLEM)
    assert {"problems", "owed"} < sets(standing(*found), "06-01")
    assert "overdue_rectify" in sets(standing(*found), "12-01")
    fixed = (
        *found,
        step("06-01", "plan", "rectifying"),
        step("11-20", "claim_rectified", "county_accept", mark="rectified"),
        step("11-29", "accept_rectified", "city_accept"),
    )
    plot = standing(*fixed)
    assert {"rectified", "rectify_on_time"} < sets(plot, "12-20")
    assert "struck" not in sets(plot, "12-20")
    back = standing(*fixed, step("12-09", "reject_rectified", "rectifying", mark="confirmed"))
    assert back.rectify.due == date(2023, 12, 10)
    assert "rectified" not in sets(back, "12-09")
    assert {"struck", "closed"} < sets(standing(*fixed, step("12-09", "close", "closed")), "12-20")


def test_what_was_put_right_on_the_spot_was_done_when_the_county_approved() -> None:
    plot = standing(
        *BEGUN, CONFIRMED, SUBMITTED, APPROVED,
        step("05-16", "accept_problem", "city_accept", determination="problem"),
    )  # fmt: skip
    assert plot.accepted
    assert plot.rectify == Held(done=True, on_time=True)
    assert {"rectified", "owed", "rectify_on_time"} < sets(plot, "06-01")


def test_a_mark_of_the_city_is_done_with_its_submit_and_counts_in_the_countys_row() -> None:
    plot = standing(
        IMPORTED,
        step("04-20", "mark", "in_review", determination="not_problem"),
        step("04-21", "submit", "city_check"),
    )
    assert (plot.county, plot.days) == (None, 1)
    assert {"dispatched", "submitted", "review_on_time"} < sets(plot, "05-01")


@pytest.mark.parametrize(
    ("approved", "on_time"),
    [("07-03", False), ("07-02<06-30", True), ("07-04<06-30", False), ("07-02<07-03", False)],
)
def test_the_day_something_was_done_is_the_devices_when_it_told_so_soon(
    approved: str, on_time: bool
) -> None:
    plot = standing(*BEGUN, MARKED, SUBMITTED, step(approved, "approve", "city_check"))
    assert plot.review.on_time is on_time


@pytest.mark.parametrize("stage", ["merged", "withdrawn", "imported"])
def test_what_nobody_owes_is_in_no_set(stage: str) -> None:
    assert sets(standing(*BEGUN, step("05-01", "x", stage)), "12-01") == set()


def test_a_batch_without_dates_is_never_late() -> None:
    plot = standing(*BEGUN, MARKED, SUBMITTED, APPROVED, RETURNED, dates=(None, None))
    assert not {"overdue_review", "review_due"} & sets(plot, "12-31")
    done = standing(*BEGUN, MARKED, SUBMITTED, APPROVED, dates=(None, None))
    assert not {"review_on_time", "review_due"} & sets(done, "12-31")


def test_a_clock_set_back_counts_from_the_day_before_it() -> None:
    told = events([*BEGUN, MARKED, step("05-02", "submit", "county_check")])
    track = Track(REVIEW_DUE, RECTIFY_DUE, is_working_day)
    assert [day.isoformat() for day, *_ in days_of(track, told, 0)] == ["2023-04-10", "2023-05-08"]


_ACTIONS = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.sampled_from(["mark", "refuse", "return", "reopen", "approve", "stop_clock", "close"]),
        st.sampled_from(["at_county", "refused", "in_review", "city_check", "closed", "watch"]),
    ),
    max_size=12,
)


@given(_ACTIONS)
def test_any_history_gives_a_standing_that_its_text_gives_back(
    told: list[tuple[int, str, str]],
) -> None:
    day = on("04-10").toordinal()
    steps = [IMPORTED, DISPATCHED]
    for wait, action, stage in told:
        day += wait
        steps.append(step(date.fromordinal(day).isoformat()[5:], action, stage))
        if day > on("12-01").toordinal():
            break
    plot = standing(*steps)
    assert parse(plot.as_text()) == plot
    assert plot.days is None or plot.days >= 0
    assert not (plot.review.done and plot.review.stopped_since)
