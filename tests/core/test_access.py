"""Rights: one table, and the check agrees with the filter."""

from hypothesis import given
from hypothesis import strategies as st

from georeview.core.access import GRANTS, Action, Actor, Grant, Role, Scope, may, scope_of

AREAS = st.sampled_from(["51", "5119", "511921", "511923", "511923001", "511923002", "5101"])
GRANTED = st.lists(st.builds(Grant, st.sampled_from(list(Role)), AREAS), max_size=4)


@given(GRANTED, st.sampled_from(list(Action)), AREAS)
def test_what_one_may_do_to_a_thing_is_what_the_list_shows(
    grants: list[Grant], action: Action, area: str
) -> None:
    actor = Actor("a", "a", "a", tuple(grants))
    assert scope_of(actor, action).holds(area) == may(actor, action, area)


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
