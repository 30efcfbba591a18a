"""The state machine: what is possible, what is refused, and that replay equals decide."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.core.access import Actor, Grant, Role
from georeview.core.intake import Intake, sent_to
from georeview.core.ledger import GENESIS, Draft, Event, Value, canonical, keep
from georeview.core.plot import Review
from georeview.core.procedure import Command
from georeview.core.reasons import CHIPS, REASONS, VIOLATIONS
from georeview.core.replay import apply, replay
from georeview.core.requirements import Proof
from georeview.core.review import attachment, decide, draft, possible
from georeview.errors import BadValue, Forbidden, GeoreviewError, VersionMissing
from georeview.errors.review import (
    ActionNotAllowed,
    EvidenceIncomplete,
    NothingToUndo,
    OtherUnit,
    StaleVersion,
)

NOW = datetime(2023, 5, 4, 1, 2, 3, tzinfo=UTC)
CITY = Actor("li", "李", "市河长办", (Grant(Role.CITY, "5119"),))
COUNTY = Actor("wang", "王", "平昌县专班", (Grant(Role.COUNTY, "511923"),))
OTHER_COUNTY = Actor("zhao", "赵", "平昌县专班", (Grant(Role.COUNTY, "511923"),))
TOWN = Actor("chen", "陈", "同州街道", (Grant(Role.TOWNSHIP, "511923001"),))
STRANGER = Actor("he", "何", "南江县专班", (Grant(Role.COUNTY, "511922"),))
GIS = Actor("gu", "顾", "信息中心", (Grant(Role.GIS, "5119"),))
AUDITOR = Actor("shen", "沈", "审计局", (Grant(Role.AUDITOR, "5119"),))


class Plot:
    """A plot's events as a store would keep them."""

    def __init__(self, county: str | None = "511923") -> None:
        self.events: list[Event] = []
        body: dict[str, Value] = {"batch": "b", "source_id": "x"}
        intake = Intake(GIS, Role.GIS, area="5119", now=NOW)
        for n, step in enumerate(intake.steps(county), 1):
            own = {"body": body} if n == 1 else {}
            self.keep(replace(step.draft, event_id=f"e{n}", plot_id="p1", **own))

    @property
    def state(self) -> Review:
        return replay("p1", self.events)

    def keep(self, draft: Draft) -> None:
        prev = self.events[-1].hash if self.events else GENESIS
        version = self.state.version + (0 if draft.base is None else 1)
        self.events.append(keep(draft, seq=len(self.events) + 1, version=version, prev_hash=prev))

    def act(self, actor: Actor, action: str, proof: Proof | None = None, **body: object) -> Review:
        command = Command(action, f"e{len(self.events) + 1}", self.state.version, body)
        self.keep(decide(self.state, command, actor, proof or Proof(), NOW))
        return self.state


FULL = Proof(
    evidence=dict.fromkeys(
        ("E_PHOTO", "E_IMG", "E_PERMIT", "E_CONSENT", "E_STATE", "E_FLOOD", "E_HISTORY"), 2
    ),
    facts=True,
    band="out",
)


def test_taking_in_dispatches_to_the_county_of_the_largest_share() -> None:
    assert Plot().state == replace(
        Review("p1"),
        version=2,
        seq=2,
        stage="at_county",
        area="511923",
        county="511923",
        course_text='{"dispatched_on":"2023-05-04"}',
    )


def test_a_plot_outside_every_county_stays_with_the_city() -> None:
    plot = Plot(county=None)
    assert (plot.state.stage, plot.state.area) == ("imported", "5119")
    assert plot.act(CITY, "dispatch", county="511923").stage == "at_county"


def test_the_first_mark_claims() -> None:
    state = Plot().act(COUNTY, "mark", mark="false_positive", reason="FP31")
    assert (state.stage, state.assignee, state.mark_state) == ("in_review", "wang", "draft")
    assert (state.reason, state.reason_source) == ("FP31", "chosen")
    assert state.determination == "not_problem"


@pytest.mark.parametrize(
    ("suggestion", "reason", "source"), [("FP31", "FP31", "suggested"), (None, "FP99", "default")]
)
def test_a_negative_without_reason_takes_the_suggested_one_and_says_so(
    suggestion: str | None, reason: str, source: str
) -> None:
    state = Plot().act(COUNTY, "mark", Proof(suggestion=suggestion), mark="false_positive")
    assert (state.reason, state.reason_source) == (reason, source)


def test_confirmed_without_class_is_other_and_problem() -> None:
    state = Plot().act(COUNTY, "mark", mark="confirmed")
    assert (state.violation, state.determination, state.severity) == ("PR90", "problem", None)


def test_turning_a_negative_into_a_problem_drops_the_negative_reason() -> None:
    plot = Plot()
    plot.act(COUNTY, "mark", mark="false_positive", reason="FP41", note="滩地")
    state = plot.act(COUNTY, "mark", mark="confirmed", violation="PR32")
    assert (state.reason, state.violation, state.note) == (None, "PR32", "滩地")


def test_marking_again_with_the_same_mark_keeps_what_was_said() -> None:
    plot = Plot()
    plot.act(COUNTY, "mark", mark="false_positive", reason="FP21", permit_no="许可〔2019〕3号")
    state = plot.act(COUNTY, "mark", mark="false_positive", note="见许可")
    assert (state.reason, state.permit_no, state.note) == ("FP21", "许可〔2019〕3号", "见许可")


@pytest.mark.parametrize(
    "body",
    [
        {"mark": "false_positive", "determination": "problem"},
        {"mark": "rectified", "determination": "problem_historic"},
        {"mark": "confirmed", "reason": "FP31"},
        {"mark": "false_positive", "violation": "PR11"},
        {"mark": "pending"},
        {"mark": "wrong"},
        {},
        {"mark": "confirmed", "colour": "red"},
        {"mark": "confirmed", "area_m2": "-3"},
        {"mark": "confirmed", "permit_date": "2023-02-30"},
        {"mark": "confirmed", "note": "x" * 5000},
    ],
)
def test_impossible_marks_are_refused(body: dict[str, object]) -> None:
    with pytest.raises(BadValue):
        Plot().act(COUNTY, "mark", **body)


@pytest.mark.parametrize("actor", [GIS, AUDITOR, STRANGER, TOWN])
def test_only_who_may_mark_here_marks(actor: Actor) -> None:
    with pytest.raises(Forbidden):
        Plot().act(actor, "mark", mark="confirmed")


def test_a_township_marks_what_was_dispatched_to_it() -> None:
    plot = Plot()
    plot.act(COUNTY, "dispatch_town", township="511923001")
    assert plot.act(TOWN, "mark", mark="confirmed").marked_role == "township"


def test_a_county_dispatches_to_its_own_townships_only() -> None:
    with pytest.raises(BadValue):
        Plot().act(COUNTY, "dispatch_town", township="511922001")


def test_an_old_version_is_refused_with_who_and_when() -> None:
    plot = Plot()
    old = plot.state
    plot.act(COUNTY, "mark", mark="confirmed")
    late = Command("mark", "e9", old.version, {"mark": "false_positive"})
    with pytest.raises(StaleVersion) as refused:
        decide(plot.state, late, OTHER_COUNTY, Proof(), NOW)
    assert refused.value.facts["who"] == "wang"


def test_no_version_is_refused_after_rights_and_before_values() -> None:
    nothing = Command("mark", "e9", None, {"mark": "nonsense"})
    with pytest.raises(VersionMissing):
        decide(Plot().state, nothing, COUNTY, Proof(), NOW)
    with pytest.raises(Forbidden):
        decide(Plot().state, nothing, AUDITOR, Proof(), NOW)


def test_undo_gives_back_the_state_before_the_last_mark_step_by_step() -> None:
    plot = Plot()
    first = plot.act(COUNTY, "mark", mark="false_positive", reason="FP41")
    plot.act(COUNTY, "mark", mark="confirmed", violation="PR31")
    back = plot.act(COUNTY, "undo_mark")
    assert (back.mark, back.reason, back.violation) == ("false_positive", "FP41", None)
    assert back.marked_at == first.marked_at
    again = plot.act(COUNTY, "undo_mark")
    assert (again.mark, again.stage) == ("pending", "in_review")
    with pytest.raises(NothingToUndo):
        plot.act(COUNTY, "undo_mark")


def test_undo_after_submit_brings_it_back_to_review() -> None:
    plot = Plot()
    plot.act(COUNTY, "mark", mark="false_positive", reason="FP31")
    assert plot.act(COUNTY, "submit", FULL).stage == "county_check"
    back = plot.act(COUNTY, "undo_mark")
    assert (back.stage, back.mark, back.mark_state) == ("in_review", "pending", "draft")


def test_undo_ends_when_someone_else_has_acted() -> None:
    plot = Plot()
    plot.act(COUNTY, "mark", mark="confirmed")
    plot.act(OTHER_COUNTY, "mark", mark="confirmed", violation="PR31")
    with pytest.raises(NothingToUndo):
        plot.act(COUNTY, "undo_mark")
    assert "undo_mark" not in possible(plot.state, COUNTY)
    assert "undo_mark" in possible(plot.state, OTHER_COUNTY)


def test_submit_lists_what_is_missing() -> None:
    plot = Plot()
    plot.act(COUNTY, "mark", mark="false_positive", reason="FP13")
    with pytest.raises(EvidenceIncomplete) as refused:
        plot.act(COUNTY, "submit")
    assert [thing.any_of for thing in refused.value.facts["missing"]] == [  # type: ignore[attr-defined]
        ("E_CONSENT", "E_STATE"),
        ("E_PHOTO",),
    ]


def test_the_citys_own_mark_goes_to_the_city() -> None:
    plot = Plot(county=None)
    plot.act(CITY, "mark", mark="false_positive", reason="FP31")
    assert plot.act(CITY, "submit", FULL).stage == "city_check"


def test_another_unit_does_not_submit() -> None:
    plot = Plot()
    plot.act(COUNTY, "mark", mark="false_positive", reason="FP31")
    with pytest.raises(OtherUnit) as refused:
        plot.act(CITY, "submit", FULL)
    assert refused.value.facts["unit"] == COUNTY.unit


def test_nothing_is_marked_after_submission() -> None:
    plot = Plot()
    plot.act(COUNTY, "mark", mark="false_positive", reason="FP31")
    plot.act(COUNTY, "submit", FULL)
    with pytest.raises(ActionNotAllowed):
        plot.act(COUNTY, "mark", mark="confirmed")


def test_evidence_moves_no_version_and_ends_no_undo() -> None:
    plot = Plot()
    before = plot.act(COUNTY, "mark", mark="confirmed")
    plot.keep(
        attachment(before, "e8", OTHER_COUNTY, body={"kind": "E_PHOTO"}, observed_at=None, now=NOW)
    )
    assert plot.state == before
    with pytest.raises(Forbidden):
        attachment(before, "e9", AUDITOR, body={}, observed_at=None, now=NOW)


def test_the_devices_time_is_kept_beside_the_servers() -> None:
    phone = NOW - timedelta(days=400)
    command = Command("mark", "e9", 2, {"mark": "confirmed"}, observed_at=phone.isoformat())
    kept = decide(Plot().state, command, COUNTY, Proof(), NOW)
    assert kept.observed_at.startswith("2022-03-30")
    assert kept.recorded_at == "2023-05-04T01:02:03.000+00:00"


ACTORS = st.sampled_from([CITY, COUNTY, OTHER_COUNTY, TOWN, STRANGER, GIS, AUDITOR])
STEPS = st.one_of(
    st.tuples(
        st.just("mark"),
        st.fixed_dictionaries(
            {"mark": st.sampled_from(["confirmed", "false_positive", "rectified"])},
            optional={
                "reason": st.sampled_from(sorted(REASONS)),
                "violation": st.sampled_from(sorted(VIOLATIONS)),
                "note": st.sampled_from(["", "滩地", "多年耕种,未硬化"]),
            },
        ),
    ),
    st.tuples(st.sampled_from(["undo_mark", "submit"]), st.just({})),
    st.tuples(
        st.just("dispatch_town"),
        st.fixed_dictionaries({"township": st.sampled_from(["511923001", "511922001"])}),
    ),
)


@given(st.lists(st.tuples(ACTORS, STEPS), max_size=12), st.booleans())
def test_any_history_replays_to_the_state_it_was_decided_on(
    steps: list[tuple[Actor, tuple[str, dict[str, object]]]], proven: bool
) -> None:
    plot = Plot()
    followed = plot.state
    for actor, (action, body) in steps:
        may = action in possible(plot.state, actor)
        try:
            plot.act(actor, action, FULL if proven else None, **body)
        except GeoreviewError:
            continue
        assert may, "a step that was taken must have been offered"
        followed = apply(followed, plot.events[-1])
        assert followed == plot.state
    assert plot.state.version == len(plot.events)
    assert (plot.state.mark == "pending") == (plot.state.reason is plot.state.violation is None)


def test_every_chip_is_a_reason() -> None:
    assert set(CHIPS) <= set(REASONS)
    assert len(CHIPS) == 9


@pytest.mark.parametrize("area", ["", "5119"])
@pytest.mark.parametrize("county", [None, "511923"])
def test_first_events_are_those_of_the_procedure(area: str, county: str | None) -> None:
    """What is written once for all plots is what would be written for each."""
    intake = Intake(GIS, Role.GIS, area=area, now=NOW)
    body: dict[str, Value] = {"source_id": "x"}
    steps = intake.steps(county)
    assert intake.steps(county) is steps
    new = Review("p1")
    first = draft(
        new, Command("import", "e1", 0), GIS, Role.GIS,
        body=body, after={"stage": "imported", "area": area}, now=NOW,
    )  # fmt: skip
    held = apply(new, keep(first, seq=1, version=1, prev_hash=GENESIS))
    second = draft(
        held, Command("dispatch", "e2", 1), GIS, Role.GIS,
        body={"county": county, "auto": True},
        after=sent_to(county or "", NOW), now=NOW,
    )  # fmt: skip
    expected = (first,) if county is None else (first, second)
    found = [
        step.linked(one.event_id, "p1", canonical(one.body), seq=n, version=n, prev_hash=GENESIS)
        for n, (step, one) in enumerate(zip(steps, expected, strict=True), 1)
    ]
    assert [Event(*columns) for columns in found] == [
        keep(one, seq=n, version=n, prev_hash=GENESIS) for n, one in enumerate(expected, 1)
    ]
    assert [step.body for step in steps[1:]] == [canonical(one.body) for one in expected[1:]]
    assert [step.draft.base for step in steps] == [one.base for one in expected]
