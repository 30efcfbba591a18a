"""The whole procedure: every transition is reached, every rule refuses, and nothing else happens."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.core.access import Actor
from georeview.core.commands import ACTION_FIELDS
from georeview.core.plot import DETERMINATIONS, Stage
from georeview.core.procedure import STEPS, TRANSITIONS
from georeview.core.replay import apply, replay
from georeview.core.review import possible
from georeview.errors import BadValue, Forbidden, GeoreviewError
from georeview.errors.review import (
    ActionNotAllowed,
    AlreadySubmitted,
    BulkUnfit,
    ClockAsItIs,
    DateImpossible,
    EvidenceIncomplete,
    FieldMissing,
    FinishLate,
    FourEyes,
    HardDate,
    MarkUnfit,
    NeverReturned,
    RefusalFinal,
    RefusalLate,
    SecondNeeded,
    SeverityUnfit,
)
from tests.core.walking import (
    AUDITOR,
    CITY,
    CITY_THREE,
    CITY_TWO,
    COUNTY,
    COUNTY_TWO,
    EVERYBODY,
    GIS,
    ISSUER,
    NEIGHBOUR,
    PROVINCE,
    SYSTEM,
    TOWN,
    Walk,
    lacking,
)
from tests.core.wishes import ACTIONS, DOC, body_of


def test_every_step_has_its_fields_and_somebody_who_may_take_it() -> None:
    assert set(TRANSITIONS) == set(ACTION_FIELDS)
    for step in STEPS:
        assert step.takers(), step.action
        assert set(step.needs) <= {field.name for field in ACTION_FIELDS[step.action]}


# Dispatching -------------------------------------------------------------------------------------


def test_a_plot_of_no_county_is_dispatched_to_its_largest_share() -> None:
    state = Walk(county=None).act(CITY, "dispatch")
    assert (state.stage, state.county) == ("at_county", "511923")
    assert state.course.dispatched_on == "2023-05-04"


def test_claiming_starts_the_review() -> None:
    state = Walk().act(COUNTY, "claim")
    assert (state.stage, state.assignee) == ("in_review", "wang")


def test_a_refusal_waits_for_the_city_and_may_go_to_another_county() -> None:
    walk = Walk()
    walk.act(COUNTY, "mark", mark="confirmed")
    refused = walk.act(COUNTY, "refuse", code="RF2")
    assert refused.stage == "refused"
    assert refused.course.stop == {"clock": "review", "since": "2023-05-04", "why": "refused"}
    walk.wait(3)
    state = walk.act(CITY, "transfer", county="511922")
    assert (state.stage, state.county, state.area) == ("at_county", "511922", "511922")
    assert (state.mark, state.course.transfers) == ("pending", 1)
    assert state.course.stops == [["review", "2023-05-04", "2023-05-07"]]
    walk.act(NEIGHBOUR, "refuse", code="RF3")
    last = walk.act(CITY, "transfer", county="511923")
    assert last.course.transfers == 2
    with pytest.raises(RefusalFinal):
        walk.act(COUNTY, "refuse", code="RF2")
    assert "refuse" not in possible(walk.state, COUNTY)


def test_the_first_transfer_goes_to_nobody_who_refused() -> None:
    walk = Walk()
    walk.act(COUNTY, "refuse", code="RF1")
    with pytest.raises(BadValue):
        walk.act(CITY, "transfer", county="511923")


def test_a_denied_refusal_stops_no_clock() -> None:
    walk = Walk()
    walk.act(COUNTY, "refuse", code="RF1")
    state = walk.wait(4).act(CITY, "deny_refusal", text="位于本县")
    assert (state.stage, state.county) == ("at_county", "511923")
    assert (state.course.stop, state.course.stops, state.course.refused_by) == (None, None, None)


@pytest.mark.parametrize(("days", "late"), [(7, False), (8, True)])
def test_a_county_has_five_working_days_to_refuse(days: int, *, late: bool) -> None:
    walk = Walk().wait(days)
    if not late:
        assert walk.act(COUNTY, "refuse", code="RF1").stage == "refused"
        return
    with pytest.raises(RefusalLate) as refused:
        walk.act(COUNTY, "refuse", code="RF1")
    assert refused.value.facts["last"] == "2023-05-11"


@pytest.mark.parametrize(
    ("code", "body", "error"),
    [
        ("RF1", {}, EvidenceIncomplete),
        ("RF4", {}, FieldMissing),
        ("RF5", {}, FieldMissing),
        (None, {}, FieldMissing),
        ("RF9", {}, BadValue),
    ],
)
def test_a_refusal_needs_what_its_code_asks_for(
    code: str | None, body: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        Walk().act(COUNTY, "refuse", proof=lacking(facts=False), code=code, **body)


def test_nothing_is_refused_after_it_was_submitted() -> None:
    walk = Walk().submitted()
    walk.act(COUNTY, "return", code="RT1")
    with pytest.raises(AlreadySubmitted):
        walk.act(COUNTY, "refuse", code="RF1")


def test_a_township_opens_or_sends_back_what_it_was_sent() -> None:
    walk = Walk()
    walk.act(COUNTY, "dispatch_town", township="511923001")
    back = walk.act(TOWN, "send_back", code="RF5", text="位置在河心")
    assert (back.stage, back.township, back.area) == ("at_county", None, "511923")
    walk.act(COUNTY, "dispatch_town", township="511923001")
    assert walk.act(TOWN, "open").stage == "in_review"


def test_work_is_given_to_somebody_else() -> None:
    walk = Walk()
    walk.act(COUNTY, "claim")
    assert walk.act(COUNTY, "reassign", to="zhao").assignee == "zhao"


# Checking ----------------------------------------------------------------------------------------


def test_a_negative_goes_through_both_checks_to_the_end() -> None:
    walk = Walk().submitted("false_positive")
    with pytest.raises(FourEyes):
        walk.act(COUNTY, "approve")
    state = walk.wait(2).act(COUNTY_TWO, "approve")
    assert (state.stage, state.course.review_done_on) == ("city_check", "2023-05-06")
    assert state.course.stop == {"clock": "review", "since": "2023-05-06", "why": "city_check"}
    done = walk.act(CITY, "accept_negative")
    assert (done.stage, done.outcome, done.mark_state) == ("closed", "negative", "verified")
    assert done.course.closed_on == "2023-05-06"


def test_what_is_called_historic_needs_proof() -> None:
    walk = Walk().approved("false_positive")
    with pytest.raises(EvidenceIncomplete):
        walk.act(
            CITY,
            "accept_negative",
            proof=lacking(evidence={}),
            determination="not_problem_historic",
        )
    state = walk.act(CITY, "accept_negative", determination="not_problem_historic")
    assert state.outcome == "negative_historic"


def test_a_step_back_takes_the_county_s_done_day_and_keeps_its_stop() -> None:
    walk = Walk().approved()
    state = walk.wait(5).act(CITY, "return", code="RT5")
    assert (state.stage, state.mark, state.mark_state) == ("in_review", "confirmed", "draft")
    assert state.course.review_done_on is None
    assert state.course.stops == [["review", "2023-05-04", "2023-05-09"]]
    assert (state.course.returns, state.course.approved_by) == (1, None)


@pytest.mark.parametrize("stage", ["county", "city"])
def test_a_return_for_another_reason_says_which(stage: str) -> None:
    walk, actor = (
        (Walk().submitted(), COUNTY_TWO) if stage == "county" else (Walk().approved(), CITY)
    )
    with pytest.raises(FieldMissing):
        walk.act(actor, "return", code="RT9")
    assert walk.act(actor, "return", code="RT9", text="照片模糊").stage == "in_review"


def test_a_problem_is_accepted_with_class_and_severity() -> None:
    state = Walk().approved().act(CITY, "accept_problem", severity="serious")
    assert (state.stage, state.determination, state.severity) == (
        "rectify_plan", "problem", "serious",
    )  # fmt: skip
    proposed = Walk().approved().act(CITY, "accept_problem")
    assert (proposed.violation, proposed.severity) == ("PR32", "general")


def test_the_mark_decides_how_it_can_be_accepted() -> None:
    with pytest.raises(MarkUnfit):
        Walk().approved("false_positive").act(CITY, "accept_problem")
    with pytest.raises(MarkUnfit):
        Walk().approved().act(CITY, "accept_negative")
    assert "accept_negative" not in possible(Walk().approved().state, CITY)


def test_what_is_fixed_on_the_spot_goes_to_the_city_at_once() -> None:
    state = Walk().approved("rectified").act(CITY, "accept_problem")
    assert (state.stage, state.determination) == ("city_accept", "problem")
    assert state.course.rectify_done_on == state.course.review_done_on == "2023-05-04"


def test_nobody_at_the_city_accepts_what_the_same_person_marked() -> None:
    walk = Walk(county=None)
    walk.act(CITY, "mark", mark="false_positive", reason="FP31")
    state = walk.act(CITY, "submit")
    assert (state.stage, state.course.review_done_on) == ("city_check", "2023-05-04")
    with pytest.raises(FourEyes):
        walk.act(CITY, "accept_negative")
    assert "accept_negative" not in possible(state, CITY)
    assert walk.act(CITY_TWO, "accept_negative").stage == "closed"


def test_a_city_that_takes_its_submission_back_has_not_done_the_review() -> None:
    walk = Walk(county=None)
    walk.act(CITY, "mark", mark="false_positive", reason="FP31")
    walk.act(CITY, "submit")
    course = walk.act(CITY, "undo_mark").course
    assert (course.review_done_on, course.stop, course.stops) == (None, None, None)


def test_the_watch_list_takes_old_problems_that_are_not_major() -> None:
    state = Walk().watched().state
    assert (state.stage, state.determination) == ("watch", "problem_historic")
    assert state.course.recheck_due_on == "2024-05-04"
    with pytest.raises(SeverityUnfit):
        Walk().approved().act(CITY, "accept_watch", document_no=DOC, severity="major")
    with pytest.raises(EvidenceIncomplete):
        Walk().approved().act(CITY, "accept_watch", proof=lacking(evidence={}), document_no=DOC)


def returned() -> Walk:
    walk = Walk().approved()
    walk.act(CITY, "return", code="RT3")
    walk.act(COUNTY, "submit")
    walk.act(COUNTY_TWO, "approve")
    return walk


OVERRULED = {"text": "影像显示为滩地", "document_no": DOC, "second": "liu"}


@pytest.mark.parametrize(
    ("body", "stage"),
    [
        ({"mark": "false_positive", "reason": "FP41"}, "closed"),
        ({"mark": "rectified"}, "city_accept"),
    ],
)
def test_overruling_takes_two_persons(body: dict[str, object], stage: str) -> None:
    walk = returned()
    proposed = walk.act(CITY, "overrule", **OVERRULED, **body)
    assert (proposed.stage, proposed.mark) == ("city_check", "confirmed")
    with pytest.raises(FourEyes):
        walk.act(CITY, "confirm")
    with pytest.raises(SecondNeeded):
        walk.act(CITY_THREE, "confirm")
    assert ["confirm" in possible(proposed, a) for a in (CITY, CITY_TWO, CITY_THREE)] == [
        False, True, False,
    ]  # fmt: skip
    state = walk.act(CITY_TWO, "confirm")
    assert (state.stage, state.mark) == (stage, body["mark"])
    assert state.course.proposal is None


def test_overruling_to_the_watch_list_and_from_a_negative() -> None:
    walk = Walk().approved("false_positive")
    walk.act(CITY, "return", code="RT4")
    walk.act(COUNTY, "submit")
    walk.act(COUNTY_TWO, "approve")
    verdict = {"mark": "confirmed", "determination": "problem_historic", "violation": "PR44"}
    walk.act(CITY, "overrule", **OVERRULED, **verdict)
    assert walk.act(CITY_TWO, "confirm").stage == "watch"


def test_nobody_overrules_before_a_return_or_alone() -> None:
    with pytest.raises(NeverReturned):
        Walk().approved().act(CITY, "overrule", mark="false_positive", **OVERRULED)
    with pytest.raises(BadValue):
        returned().act(CITY, "overrule", mark="false_positive", **OVERRULED | {"second": "li"})


def test_a_proposal_is_declined_or_lapses() -> None:
    walk = returned()
    walk.act(CITY, "overrule", mark="false_positive", **OVERRULED)
    assert walk.act(CITY_TWO, "decline", text="证据不足").course.proposal is None
    walk.act(CITY, "overrule", mark="false_positive", **OVERRULED)
    state = walk.act(CITY_TWO, "accept_problem")
    assert (state.stage, state.course.proposal) == ("rectify_plan", None)


# Rectifying --------------------------------------------------------------------------------------

PLAN = {"measure": "M2", "unit": "同州街道办", "person": "周某"}


def test_a_problem_is_planned_worked_on_claimed_accepted_and_closed() -> None:
    walk = Walk().confirmed()
    state = walk.act(COUNTY, "plan", **PLAN, finish="2023-08-31")
    assert (state.stage, state.course.finish_on) == ("rectifying", "2023-08-31")
    assert walk.act(TOWN_OF(walk), "progress", percent=40, text="清运过半").course.percent == 40
    noted = walk.act(COUNTY, "mark", mark="rectified")
    assert (noted.stage, noted.mark, noted.mark_state) == ("rectifying", "rectified", "draft")
    assert noted.violation == "PR32"
    walk.wait(30)
    state = walk.act(COUNTY, "claim_rectified", date="2023-06-02")
    assert (state.stage, state.mark, state.course.measure) == ("county_accept", "rectified", "M2")
    with pytest.raises(FourEyes):
        walk.act(COUNTY, "accept_rectified", method="site")
    state = walk.act(COUNTY_TWO, "accept_rectified", method="site")
    assert (state.stage, state.course.rectify_done_on) == ("city_accept", "2023-06-03")
    assert state.course.stop == {"clock": "rectify", "since": "2023-06-03", "why": "city_accept"}
    done = walk.act(CITY, "close", method="site")
    assert (done.stage, done.outcome, done.mark_state) == ("closed", "rectified", "verified")


def TOWN_OF(walk: Walk) -> Actor:  # noqa: N802 - reads as a person
    return COUNTY if walk.state.township is None else TOWN


def test_a_claim_in_draft_can_be_taken_back() -> None:
    walk = Walk().confirmed()
    before = walk.state
    walk.act(COUNTY, "mark", mark="rectified")
    back = walk.act(COUNTY, "undo_mark")
    assert (back.stage, back.mark, back.mark_state) == ("rectify_plan", "confirmed", "verified")
    assert back.marked_at == before.marked_at
    with pytest.raises(ActionNotAllowed):
        walk.act(COUNTY, "mark", mark="false_positive")


def test_a_plan_ends_before_the_due_date_unless_that_was_extended() -> None:
    walk = Walk().confirmed()
    with pytest.raises(FinishLate):
        walk.act(COUNTY, "plan", **PLAN, finish="2023-12-15")
    walk.act(PROVINCE, "extend", date="2023-12-31", document_no=DOC)
    assert walk.act(COUNTY, "plan", **PLAN, finish="2023-12-15").stage == "rectifying"


def test_progress_says_why_it_went_back() -> None:
    walk = Walk().confirmed()
    walk.act(COUNTY, "plan", **PLAN, finish="2023-08-31")
    walk.act(COUNTY, "progress", percent=60, evidence=["f1"])
    for body in ({"percent": 30}, {"percent": 30, "evidence": ["f2"]}, {"percent": 70}):
        with pytest.raises(FieldMissing):
            walk.act(COUNTY, "progress", **body)
    assert walk.act(COUNTY, "progress", percent=30, text="又有倾倒").course.percent == 30
    for percent in (100, -1, "x", True):
        with pytest.raises(BadValue):
            walk.act(COUNTY, "progress", percent=percent, text="x")


def test_a_system_speaks_for_a_named_person() -> None:
    walk = Walk().confirmed()
    walk.act(COUNTY, "plan", **PLAN, finish="2023-08-31")
    with pytest.raises(FieldMissing):
        walk.act(SYSTEM, "progress", percent=10, text="进场")
    named = {"unit": "同州街道办", "person": "周某"}
    assert walk.act(SYSTEM, "progress", percent=10, text="进场", **named).course.percent == 10
    with pytest.raises(Forbidden):
        walk.act(SYSTEM, "mark", mark="rectified")


@pytest.mark.parametrize(
    ("day", "error"),
    [("2023-05-03", DateImpossible), ("2023-05-05", DateImpossible)],
)
def test_a_claim_is_of_a_day_between_confirmation_and_today(
    day: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        Walk().confirmed().act(COUNTY, "claim_rectified", date=day, measure="M2")


def test_a_claim_needs_two_photos_from_after_and_a_measure() -> None:
    walk = Walk().confirmed()
    with pytest.raises(EvidenceIncomplete) as refused:
        walk.act(
            COUNTY, "claim_rectified", proof=lacking(photos=("2023-05-01", "2023-05-04")),
            date="2023-05-04", measure="M2",
        )  # fmt: skip
    assert refused.value.facts["missing"][0].n == 1  # type: ignore[index]
    with pytest.raises(FieldMissing):
        walk.act(COUNTY, "claim_rectified", date="2023-05-04")


@pytest.mark.parametrize(("actor", "stage"), [(COUNTY_TWO, "county"), (CITY, "city")])
def test_a_rejected_claim_goes_back_to_work(actor: Actor, stage: str) -> None:
    walk = Walk().claimed() if stage == "county" else Walk().accepted()
    state = walk.act(actor, "reject_rectified", code="RT6")
    assert (state.stage, state.mark, state.mark_state) == ("rectifying", "confirmed", "verified")
    assert (state.course.rectify_done_on, state.course.claimed_by) == (None, None)


def test_closing_looks_at_what_came_after_the_claim() -> None:
    with pytest.raises(DateImpossible):
        Walk().accepted().act(CITY, "close", method="imagery", date="2023-05-04")
    with pytest.raises(FieldMissing):
        Walk().accepted().act(CITY, "close", method="imagery")
    walk = Walk().accepted().wait(9)
    assert walk.act(CITY, "close", method="imagery", date="2023-05-10").stage == "closed"


def test_a_serious_problem_is_not_closed_by_a_document() -> None:
    walk = Walk().approved()
    walk.act(CITY, "accept_problem", severity="serious")
    walk.act(COUNTY, "claim_rectified", date="2023-05-04", measure="M1")
    walk.act(COUNTY_TWO, "accept_rectified", method="site")
    with pytest.raises(SeverityUnfit):
        walk.act(CITY, "close", method="document")
    assert walk.act(CITY, "close", method="site").stage == "closed"


def test_who_accepted_for_the_county_does_not_close() -> None:
    both = Actor("zhao", "赵", "市河长办", CITY.grants)
    with pytest.raises(FourEyes):
        Walk().accepted().act(both, "close", method="site")


@pytest.mark.parametrize(
    ("to", "stage", "outcome"),
    [("watch", "watch", None), ("rectify_plan", "rectify_plan", None),
     ("closed", "closed", "watch_cleared")],
)  # fmt: skip
def test_a_recheck_is_proposed_by_the_county_and_confirmed_by_the_city(
    to: str, stage: str, outcome: str | None
) -> None:
    walk = Walk().watched().wait(360)
    walk.act(COUNTY, "recheck", to=to, text="现场复查")
    state = walk.act(CITY, "confirm")
    assert (state.stage, state.outcome) == (stage, outcome)
    course = state.course
    if to == "watch":
        assert course.recheck_due_on == "2025-04-28"
    elif to == "rectify_plan":
        assert (state.determination, course.rectify_due_on) == ("problem", "2024-07-19")


# Beside the way ----------------------------------------------------------------------------------


def test_reopening_begins_anew_with_new_dates() -> None:
    walk = Walk().closed().wait(30)
    state = walk.act(CITY, "reopen", code="RO1")
    assert (state.stage, state.mark, state.determination, state.outcome) == (
        "in_review", "pending", None, None,
    )  # fmt: skip
    course = state.course
    assert (course.review_due_on, course.rectify_due_on) == ("2023-06-16", "2023-08-25")
    assert course.review_due_set_on == course.dispatched_on == "2023-06-03"
    assert (course.stops, course.closed_on, course.review_done_on) == (None, None, None)
    assert state.submitted_at is not None


def test_the_province_asks_and_the_city_reopens() -> None:
    walk = Walk().closed()
    asked = walk.act(PROVINCE, "request_reopen", code="RO2", text="省级核查发现")
    assert asked.course.request is not None
    assert asked.course.request["by"] == "sheng"
    assert walk.act(CITY, "reopen", code="RO2").course.request is None
    assert walk.act(ISSUER, "record_finding", text="现场仍有弃渣").stage == "in_review"


def test_dates_are_extended_by_the_city_and_beyond_the_ministry_s_by_the_province() -> None:
    walk = Walk()
    walk.act(COUNTY, "request_extend", date="2023-07-15", text="汛期无法进场")
    with pytest.raises(HardDate):
        walk.act(CITY, "extend", date="2023-07-15", document_no=DOC)
    with pytest.raises(DateImpossible):
        walk.act(CITY, "extend", date="2023-05-03", document_no=DOC)
    assert walk.act(CITY, "extend", date="2023-06-20", document_no=DOC).course.request is None
    state = walk.act(PROVINCE, "extend", date="2023-07-15", document_no=DOC)
    assert (state.course.review_due_on, state.course.review_due_set_on) == (
        "2023-07-15", "2023-05-04",
    )  # fmt: skip
    named = walk.act(PROVINCE, "extend", date="2024-01-15", document_no=DOC, clock="rectify")
    assert (named.course.review_due_on, named.course.rectify_due_on) == ("2023-07-15", "2024-01-15")


def test_a_clock_is_stopped_and_started_by_document() -> None:
    walk = Walk()
    walk.act(CITY, "stop_clock", text="汛期", document_no=DOC)
    with pytest.raises(ClockAsItIs):
        walk.act(CITY, "stop_clock", text="汛期", document_no=DOC)
    state = walk.wait(10).act(CITY, "restart_clock", document_no=DOC)
    assert state.course.stops == [["review", "2023-05-04", "2023-05-14"]]
    with pytest.raises(ClockAsItIs):
        walk.act(CITY, "restart_clock", document_no=DOC)


def test_a_boundary_in_doubt_is_answered_by_two() -> None:
    walk = Walk().submitted()
    asked = {"text": "管理线偏移", "layer_version": "v1"}
    with pytest.raises(FieldMissing):
        walk.act(COUNTY, "query_boundary", proof=lacking(evidence={}), **asked)
    state = walk.act(COUNTY, "query_boundary", point="107.1,31.56", **asked)
    assert (state.stage, state.mark_state) == ("boundary_query", "submitted")
    with pytest.raises(FieldMissing):
        walk.act(GIS, "resolve_boundary")
    walk.act(GIS, "resolve_boundary", layer_version="v2")
    state = walk.wait(3).act(CITY, "confirm")
    assert (state.stage, state.mark, state.mark_state) == ("in_review", "confirmed", "draft")
    assert state.course.stops == [["review", "2023-05-04", "2023-05-07"]]


def test_a_question_of_the_boundary_undoes_no_review_before_its_answer() -> None:
    walk = Walk().approved()
    done = walk.state.course.review_done_on
    asked = walk.act(CITY, "query_boundary", text="存疑", layer_version="v1", point="107.1,31.56")
    assert asked.course.review_done_on == done is not None
    walk.act(GIS, "resolve_boundary", text="无变化")
    assert walk.act(CITY, "confirm").course.review_done_on is None


PARTS = [{"plot_id": name, "source_id": name, "geometry_sha256": "0" * 64} for name in ("a", "b")]


def test_a_plot_is_split_and_made_whole() -> None:
    walk = Walk()
    state = walk.act(GIS, "split", parts=PARTS)
    assert (state.stage, state.course.children) == ("merged", ["a", "b"])
    assert walk.act(CITY, "unmerge", text="一处").stage == "at_county"
    for wrong in ([], PARTS[:1], [*PARTS, "c"], "a", [*PARTS, {**PARTS[0], "more": "x"}]):
        with pytest.raises(BadValue):
            walk.act(GIS, "split", parts=wrong)
    for actor in (COUNTY, TOWN):
        with pytest.raises(Forbidden):
            walk.act(actor, "split", parts=PARTS)
    with pytest.raises(ActionNotAllowed):
        Walk().submitted().act(CITY, "split", parts=PARTS)


def test_a_duplicate_is_merged_and_brought_back() -> None:
    walk = Walk().submitted()
    state = walk.act(GIS, "merge", target="p2")
    assert (state.stage, state.course.target) == ("merged", "p2")
    assert walk.act(CITY, "unmerge", text="并非同一处").stage == "county_check"


@pytest.mark.parametrize("actor", [CITY, ISSUER])
def test_a_plot_is_withdrawn_and_reinstated_where_it_was(actor: Actor) -> None:
    walk = Walk().approved()
    assert walk.act(actor, "withdraw", document_no=DOC).stage == "withdrawn"
    back = walk.act(actor, "reinstate", document_no=DOC)
    assert (back.stage, back.mark) == ("city_check", "confirmed")


def test_an_escalation_is_noted_on_the_plot() -> None:
    state = Walk().act(CITY, "escalate", code="notice", document_no=DOC, date="2023-05-11")
    assert state.course.escalation == {
        "code": "notice", "document_no": DOC, "on": "2023-05-04", "reply_due": "2023-05-11",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("action", "good", "bad"),
    [
        ("approve", {"reason": "FP31"}, {"reason": "FP41"}),
        ("accept_negative", {"sample": "抽查-1"}, {}),
    ],
)
def test_bulk_takes_plain_negatives_only(
    action: str, good: dict[str, object], bad: dict[str, object]
) -> None:
    if action == "approve":
        walk, actor = Walk().submitted("false_positive"), COUNTY_TWO
    else:
        walk, actor = Walk().approved("false_positive"), CITY
    with pytest.raises((BulkUnfit, FieldMissing)):
        walk.act(actor, action, bulk=True, **bad)
    assert walk.act(actor, action, bulk=True, **good).version == len(walk.events)
    with pytest.raises(BulkUnfit):
        Walk().act(COUNTY, "refuse", bulk=True, code="RF1")


def test_many_plots_are_marked_only_as_what_they_are_not_and_with_a_reason() -> None:
    named = {"mark": "false_positive", "reason": "FP21"}
    assert Walk().act(COUNTY, "mark", bulk=True, **named).reason == "FP21"
    with pytest.raises(FieldMissing):
        Walk().act(COUNTY, "mark", bulk=True, mark="false_positive")
    with pytest.raises(BulkUnfit):
        Walk().act(COUNTY, "mark", bulk=True, mark="confirmed")


# All together ------------------------------------------------------------------------------------


@st.composite
def wanted(draw: st.DrawFn) -> tuple[Actor, str, dict[str, object], int]:
    """Somebody who wants something, some days later."""

    def choose(values: Sequence[Any]) -> Any:
        return draw(st.sampled_from(values))

    action = choose(ACTIONS)
    return choose(EVERYBODY), action, body_of(action, choose), choose((0, 0, 1, 20))


@given(st.lists(wanted(), max_size=30))
def test_whatever_anybody_does_the_procedure_keeps_its_promises(
    steps: list[tuple[Actor, str, dict[str, object], int]],
) -> None:
    walk = Walk()
    followed = walk.state
    for actor, action, body, days in steps:
        may, before = action in possible(walk.state, actor), walk.state
        try:
            state = walk.wait(days).act(actor, action, **body)
        except GeoreviewError:
            continue
        assert may, "a step that was taken must have been offered"
        followed = apply(followed, walk.events[-1])
        assert followed == state
        kept_promises(walk, before.stage, actor)
    assert replay("p1", walk.events) == walk.state


def kept_promises(walk: Walk, before: str | None, actor: Actor) -> None:
    state, course, event = walk.state, walk.state.course, walk.events[-1]
    assert AUDITOR.user != event.actor
    if state.stage != before:
        targets = {to for step in TRANSITIONS[event.action] for to in step.targets}
        assert state.stage in targets or event.action in ("unmerge", "reinstate")
    if state.mark_state == "verified" and state.determination:
        assert state.determination in DETERMINATIONS[state.mark]
    if state.stage == Stage.CLOSED:
        assert state.outcome is not None
        assert state.mark_state == "verified" or state.outcome == "watch_cleared"
    if before == "city_check" and state.stage in ("closed", "rectify_plan", "watch"):
        assert actor.user not in (state.marked_by, course.approved_by)
    for _, first, last in course.stops or ():
        assert first <= last <= walk.today.isoformat()
    assert (course.stop is not None) == (
        state.stage in ("refused", "city_check", "boundary_query", "city_accept")
    )
