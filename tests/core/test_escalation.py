"""When each step is suggested, with days the calendar of 2023 gives."""

from dataclasses import replace
from datetime import date

import pytest

from georeview.core.deadlines import counting
from georeview.core.escalation import Issued, Late, Situation, basis_of, proposals
from georeview.services.calendar import calendar_with

WORK = calendar_with(())
DUE = date(2023, 6, 30)
NOTICE = Issued(
    "notice", "first_overdue", "review", date(2023, 7, 3), date(2023, 7, 10), None, frozenset({"p"})
)
LATE = (Late("p", "review", DUE, 1),)


def now(day: date, **known: object) -> Situation:
    return replace(Situation(day, WORK, counting(WORK)), **known)  # type: ignore[arg-type]


def steps(day: date, **known: object) -> list[tuple[str, str]]:
    return [(one.step, one.basis) for one in proposals(now(day, **known))]


@pytest.mark.parametrize(
    ("clock", "due", "day", "basis"),
    [
        ("review", DUE, date(2023, 6, 14), None),
        ("review", DUE, date(2023, 6, 15), "due_in_10"),
        ("review", DUE, date(2023, 6, 26), "due_in_10"),
        ("review", DUE, date(2023, 6, 27), "due_in_3"),
        ("review", DUE, DUE, "due_in_3"),
        ("review", DUE, date(2023, 7, 1), None),
        ("rectify", date(2023, 11, 30), date(2023, 11, 15), None),
        ("rectify", date(2023, 11, 30), date(2023, 11, 16), "due_in_10"),
        ("rectify", date(2023, 11, 30), date(2023, 11, 27), "due_in_3"),
    ],
)
def test_reminders_come_ten_and_three_working_days_before(
    clock: str, due: date, day: date, basis: str | None
) -> None:
    found = proposals(now(day, open_due={clock: {due: 7}}))
    assert [(one.basis, one.clock, one.facts["n"]) for one in found] == (
        [(basis, clock, 7)] if basis else []
    )


def test_a_day_off_of_the_offices_own_moves_the_reminder() -> None:
    own = calendar_with((("2023-06-26", False),))
    known = replace(now(date(2023, 6, 14), open_due={"review": {DUE: 1}}), calendar=own)
    assert [one.basis for one in proposals(replace(known, count=counting(own)))] == ["due_in_10"]


def test_who_was_reminded_is_not_reminded_again_until_it_comes_nearer() -> None:
    sent = Issued("remind", "due_in_10", "review", date(2023, 6, 15), None, None, frozenset())
    near = {"open_due": {"review": {DUE: 7}}, "issued": (sent,)}
    assert steps(date(2023, 6, 19), **near) == []
    assert steps(date(2023, 6, 27), **near) == [("remind", "due_in_3")]


def test_the_first_late_plot_leads_to_a_notice_once() -> None:
    assert steps(date(2023, 7, 3), late=LATE) == [("notice", "first_overdue")]
    assert steps(date(2023, 7, 4), late=LATE, issued=(NOTICE,)) == []
    before = replace(NOTICE, on=date(2023, 5, 8), plots=frozenset())
    assert steps(date(2023, 5, 9), late=LATE, issued=(before,)) == [("notice", "first_overdue")]


def test_two_returns_of_one_plot_lead_to_a_notice() -> None:
    assert steps(date(2023, 5, 9), returned={"p": 1}) == []
    assert steps(date(2023, 5, 9), returned={"p": 2}) == [("notice", "returned_twice")]
    told = replace(NOTICE, basis="returned_twice", replied_on=date(2023, 5, 9))
    assert steps(date(2023, 5, 9), returned={"p": 2}, issued=(told,)) == []


@pytest.mark.parametrize(("done", "found"), [(30, False), (29, True)])
def test_a_county_twenty_points_behind_time_is_given_notice(done: int, found: bool) -> None:
    # Half of the 80 days have passed: 30 of 100 is exactly twenty points behind.
    known = {"submitted": (done, 100), "period": (date(2023, 4, 11), DUE)}
    assert (steps(date(2023, 5, 21), **known) == [("notice", "behind_pace")]) is found


def test_silence_leads_to_a_summons_and_an_answer_does_not() -> None:
    assert steps(date(2023, 7, 10), issued=(NOTICE,)) == []
    assert steps(date(2023, 7, 11), issued=(NOTICE,)) == [("summons", "unanswered")]
    answered = replace(NOTICE, replied_on=date(2023, 7, 7))
    assert steps(date(2023, 7, 11), issued=(answered,)) == []


def test_what_is_late_ten_working_days_after_goes_one_step_further() -> None:
    answered = replace(NOTICE, replied_on=date(2023, 7, 7))
    assert steps(date(2023, 7, 14), late=LATE, issued=(answered,)) == []
    after = steps(date(2023, 7, 17), late=LATE, issued=(answered,))
    assert after == [("summons", "overdue_after_notice")]
    summons = Issued("summons", after[0][1], "review", date(2023, 7, 17), None, None, NOTICE.plots)
    issued = (answered, summons)
    assert steps(date(2023, 7, 28), late=LATE, issued=issued) == []
    assert steps(date(2023, 7, 31), late=LATE, issued=issued) == [
        ("criticism", "overdue_after_summons")
    ]


def test_wrong_negatives_of_a_sample_lead_to_a_summons() -> None:
    drawn = date(2023, 7, 20)
    assert steps(date(2023, 8, 1), wrong=1, drawn_on=drawn) == []
    assert steps(date(2023, 8, 1), wrong=2, drawn_on=drawn) == [("summons", "wrong_negatives")]


def test_a_late_major_problem_is_made_public_before_all_else() -> None:
    late = (Late("p", "rectify", date(2023, 11, 30), 1, "major"),)
    assert steps(date(2023, 12, 1), late=late) == [
        ("criticism", "major_overdue"),
        ("notice", "first_overdue"),
    ]


def test_false_evidence_is_named_by_a_person_only() -> None:
    assert "false_evidence" in basis_of("criticism")
    assert "false_evidence" not in basis_of("notice")
