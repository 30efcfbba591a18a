"""Rights: one table, and the check agrees with the filter."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.core.access import (
    GRANTS,
    PUSHED,
    Action,
    Actor,
    Grant,
    Role,
    Scope,
    actions_of,
    as_system,
    may,
    may_give,
    on_behalf,
    scope_of,
    sees_evidence,
)
from georeview.core.plot import Review

AREAS = st.sampled_from(["51", "5119", "511921", "511923", "511923001", "511923002", "5101"])
GRANTED = st.lists(st.builds(Grant, st.sampled_from(list(Role)), AREAS), max_size=4)


@given(GRANTED, st.sampled_from(list(Action)), AREAS)
def test_what_one_may_do_to_a_thing_is_what_the_list_shows(
    grants: list[Grant], action: Action, area: str
) -> None:
    actor = Actor("a", "a", "a", tuple(grants))
    closed = Review("p", stage="closed", area=area, submitted_at="2023-05-04T01:02:03.000+00:00")
    assert scope_of(actor, action).sees(closed, "b") == may(actor, action, area)


@pytest.mark.parametrize(
    ("role", "stage", "mark_state", "mark", "seen"),
    [
        ("city", "in_review", "draft", "confirmed", True),
        ("province", "in_review", "draft", "confirmed", False),
        ("province", "at_county", "draft", "pending", False),
        ("province", "county_check", "submitted", "confirmed", True),
        ("issuer", "at_county", "draft", "pending", True),
        ("issuer", "in_review", "draft", "confirmed", False),
        ("issuer", "city_check", "submitted", "confirmed", True),
    ],
)
def test_those_above_the_city_see_what_was_submitted(
    role: str, stage: str, mark_state: str, mark: str, *, seen: bool
) -> None:
    actor = Actor("a", "a", "a", (Grant(Role(role), "51"),))
    review = Review("p", stage=stage, area="511923", mark=mark, mark_state=mark_state)
    assert scope_of(actor).sees(review, "b") == seen
    again = replace(review, submitted_at="2023-05-04T01:02:03.000+00:00")
    assert scope_of(actor).sees(again, "b")


def test_a_grant_for_a_batch_shows_that_batch_only() -> None:
    actor = Actor("a", "a", "a", (Grant(Role.COUNTY, "511923", ("b",)), Grant(Role.ADMIN, "5")))
    review = Review("p", stage="at_county", area="511923001")
    assert [scope_of(actor).sees(review, batch) for batch in "bc"] == [True, False]
    assert [grant.role for grant in actor.on("c").grants] == [Role.ADMIN]


def test_an_issuer_sees_the_evidence_of_negatives_only() -> None:
    issuer = Actor("a", "a", "a", (Grant(Role.ISSUER, "51"),))
    closed = Review("p", stage="closed", area="511923", mark_state="verified")
    assert sees_evidence(issuer, replace(closed, mark="false_positive"), "b")
    assert not sees_evidence(issuer, replace(closed, mark="confirmed"), "b")


def test_nobody_without_a_grant_may_anything() -> None:
    nobody = Actor("x", "x", "x", ())
    assert not any(may(nobody, action) for action in Action)
    assert scope_of(nobody) == Scope(())


def test_roles_that_only_look_change_nothing() -> None:
    changes = {Action.MARK, Action.SUBMIT, Action.UNDO_MARK, Action.ATTACH, Action.IMPORT}
    assert not GRANTS[Role.AUDITOR] & changes
    assert Action.MARK not in GRANTS[Role.GIS]
    assert not GRANTS[Role.ADMIN] & (changes | {Action.SEE, Action.SEE_EVIDENCE, Action.EXPORT})
    assert Action.EXPORT not in GRANTS[Role.TOWNSHIP]


def test_a_system_does_what_both_may_and_never_approves() -> None:
    county = Actor("wang", "王", "专班", (Grant(Role.COUNTY, "511923"), Grant(Role.GIS, "5119")))
    by_county = on_behalf(as_system("s", "u", Grant(Role.COUNTY, "5119")), county)
    assert by_county.grants == (Grant(Role.COUNTY, "511923"),)
    assert may(by_county, Action.MARK, "511923")
    assert not may(by_county, Action.APPROVE, "511923")
    pushed = on_behalf(as_system("s", "u", Grant(Role.SYSTEM, "511923001")), county)
    assert pushed.grants == (Grant(Role.COUNTY, "511923001"),)
    assert set(actions_of(pushed)) <= PUSHED
    assert may(pushed, Action.MARK, "511923001")
    assert not may(pushed, Action.MARK, "511923002")
    elsewhere = on_behalf(as_system("s", "u", Grant(Role.COUNTY, "511922")), county)
    assert elsewhere.grants == ()


def test_nobody_gives_a_role_for_more_batches_than_ones_own() -> None:
    city = Actor("li", "li", "u", (Grant(Role.CITY, "5119", ("a", "b")),))
    assert may_give(city, Grant(Role.COUNTY, "511921", ("a",)))
    assert not may_give(city, Grant(Role.COUNTY, "511921", ("a", "c")))
    assert not may_give(city, Grant(Role.COUNTY, "511921"))
