"""Records that came too late: kept whatever happened, moving nothing, settled by whoever holds the plot."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.core.access import Actor, Role
from georeview.core.aside import ASIDE, FIELD_WORK, aside, lying, need_record, settled, settles
from georeview.core.feed import changes
from georeview.core.ledger import Event
from georeview.core.notices import told
from georeview.core.plot import Review
from georeview.core.procedure import Command
from georeview.core.replay import replay
from georeview.core.standing import Track, days_of
from georeview.errors import BadValue, Forbidden, GeoreviewError
from georeview.errors.review import RecordSettled
from georeview.services.calendar import is_working_day
from tests.core.histories import RECTIFY_DUE, REVIEW_DUE
from tests.core.test_procedure import wanted
from tests.core.walking import (
    CITY,
    COUNTY,
    COUNTY_TWO,
    FULL,
    NEIGHBOUR,
    PROVINCE,
    TOWN,
    Walk,
    person,
)


def at_version(walk: Walk, version: int) -> Review:
    """The plot as somebody saw it then."""
    return replay("p1", (event for event in walk.events if event.version <= version))


def late(walk: Walk, actor: Actor, action: str, base: int, **body: object) -> Event:
    """Keep what was done on an older version."""
    command = Command(action, f"e{len(walk.events) + 1}", base, body, keep=True)
    walk.keep(aside(walk.state, at_version(walk, base), command, actor, FULL, walk.now))
    return walk.events[-1]


def settle(walk: Walk, actor: Actor, record: str) -> None:
    command = Command("settle_conflict", "s", walk.state.version, {"record": record})
    need_record(walk.state, lying(walk.events), command, actor)
    walk.keep(settled(walk.state, command, actor, walk.now))


def standings(events: list[Event]) -> object:
    return days_of(Track(REVIEW_DUE, RECTIFY_DUE, is_working_day), events, 0)[-1][1]


@given(st.lists(st.tuples(wanted(), st.integers(0, 9), st.booleans()), max_size=25))
def test_a_history_with_late_records_replays_to_the_review_without_them(
    steps: list[tuple[tuple[Actor, str, dict[str, object], int], int, bool]],
) -> None:
    walk = Walk()
    moving = list(walk.events)
    for (actor, action, body, days), back, comes_late in steps:
        walk.wait(days)
        before = walk.state
        try:
            if comes_late and action in FIELD_WORK:
                late(walk, actor, action, max(1, before.version - back), **body)
                assert walk.state == before
                continue
            walk.act(actor, action, **body)
        except GeoreviewError:
            continue
        moving.append(walk.events[-1])
    for record in lying(walk.events):
        settle(walk, CITY, record.record)
    assert lying(walk.events) == ()
    assert replay("p1", walk.events) == replay("p1", moving)
    assert standings(walk.events) == standings(moving)


def test_it_says_what_was_done_on_which_version_and_when() -> None:
    walk = Walk()
    walk.act(COUNTY, "mark", mark="confirmed")
    command = Command(
        "mark", "e9", 2, {"mark": "false_positive"}, "2023-05-03T18:00:00+08:00", keep=True
    )
    walk.keep(aside(walk.state, at_version(walk, 2), command, COUNTY_TWO, FULL, walk.now))
    (record,) = lying(walk.events)
    assert (record.record, record.action, record.base) == ("e9", "mark", 2)
    assert record.said == {"mark": "false_positive"}
    assert (record.actor, record.role) == ("zhao", "county")
    assert record.observed_at == "2023-05-03T18:00:00+08:00"
    assert (walk.events[-1].action, walk.events[-1].version) == (ASIDE, 3)
    assert walk.state.mark == "confirmed"


def test_what_lacked_evidence_is_kept_too() -> None:
    walk = Walk()
    walk.act(COUNTY, "mark", mark="confirmed")
    walk.act(COUNTY_TWO, "mark", mark="confirmed")
    assert late(walk, COUNTY, "submit", 3).action == ASIDE


@pytest.mark.parametrize(
    ("actor", "body", "error"),
    [
        (COUNTY, {"mark": "nonsense"}, BadValue),
        (COUNTY, {}, BadValue),
        (COUNTY, {"mark": "confirmed", "reason": "FP31"}, BadValue),
        (NEIGHBOUR, {"mark": "confirmed"}, Forbidden),
        (PROVINCE, {"mark": "confirmed"}, Forbidden),
    ],
)
def test_what_could_never_be_done_is_refused(
    actor: Actor, body: dict[str, object], error: type[Exception]
) -> None:
    walk = Walk()
    walk.act(CITY, "mark", mark="confirmed")
    with pytest.raises(error):
        late(walk, actor, "mark", 2, **body)


def test_the_same_step_again_makes_a_record_good() -> None:
    walk = Walk()
    walk.act(COUNTY, "mark", mark="confirmed")
    record = late(walk, COUNTY_TWO, "mark", 2, mark="false_positive", reason="FP31")
    command = Command("mark", "e", 3, {"mark": "false_positive", "record": record.event_id})
    need_record(walk.state, lying(walk.events), command, COUNTY)
    walk.act(COUNTY, "mark", mark="false_positive", reason="FP31", record=record.event_id)
    assert lying(walk.events) == ()
    assert walk.state.mark == "false_positive"
    with pytest.raises(RecordSettled):
        need_record(walk.state, lying(walk.events), command, COUNTY)
    other = late(walk, COUNTY_TWO, "submit", 3)
    wrong = replace(command, body={"record": other.event_id})
    with pytest.raises(BadValue):
        need_record(walk.state, lying(walk.events), wrong, COUNTY)


def test_it_is_settled_by_its_author_by_who_holds_the_plot_and_by_who_stands_above() -> None:
    walk = Walk()
    walk.act(COUNTY, "dispatch_town", township="511923001")
    walk.act(COUNTY, "mark", mark="confirmed")
    late(walk, TOWN, "mark", 3, mark="confirmed")
    (record,) = lying(walk.events)
    colleague = person("bai", Role.TOWNSHIP, "511923001", "同州街道")
    may = {who.user: settles(walk.state, record, who) for who in (TOWN, colleague, COUNTY, CITY)}
    assert may == {"chen": True, "bai": True, "wang": True, "li": True}
    walk.submitted()
    walk.act(COUNTY_TWO, "approve")
    may = {who.user: settles(walk.state, record, who) for who in (TOWN, colleague, COUNTY, CITY)}
    assert may == {"chen": True, "bai": False, "wang": False, "li": True}
    assert not settles(walk.state, record, PROVINCE)
    with pytest.raises(Forbidden):
        settle(walk, COUNTY, record.record)


def test_whoever_holds_the_plot_is_told() -> None:
    walk = Walk()
    walk.act(COUNTY, "mark", mark="confirmed")
    late(walk, COUNTY_TWO, "mark", 2, mark="false_positive")
    (change,) = changes(walk.events, walk.events[-2].seq)
    assert [(one.kind, one.role) for one in told(change)] == [
        ("conflict", "county"), ("conflict", "township"),
    ]  # fmt: skip
    closed = Walk().closed()
    late(closed, COUNTY_TWO, "mark", 2, mark="confirmed")
    (change,) = changes(closed.events, closed.events[-2].seq)
    assert [(one.role, one.area) for one in told(change)] == [("city", "511923")]
