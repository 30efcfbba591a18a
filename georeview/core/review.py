"""Judging a step of the procedure: who may, on which version, and what it changes.

``decide`` judges and never loads; ``replay.apply`` follows and never judges. A mark is judged a
thousand times for every other step: what only others need, only they pay for.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from georeview.core.access import Action, Actor, Role, role_for
from georeview.core.commands import check, instant
from georeview.core.course import COURSE_FIELDS
from georeview.core.ledger import Draft, Value, stamp
from georeview.core.plot import STAGES, Review, Stage
from georeview.core.procedure import BULK, OFFERED, TRANSITIONS, Case, Command, Step
from georeview.core.requirements import Proof
from georeview.errors import BadValue, Forbidden, RuleBroken, VersionMissing
from georeview.errors.review import (
    ActionNotAllowed,
    BulkUnfit,
    FieldMissing,
    FourEyes,
    StaleVersion,
)


def admit(state: Review, command: Command, actor: Actor) -> tuple[Step, Role]:
    """Who may take this step here, and on this version; what it carries is not looked at yet.

    Raises:
        BadValue: There is no such step.
        Forbidden: No role of the actor may do this here.
        VersionMissing: The command names no version.
        StaleVersion: The plot has moved on since ``command.base``.
    """
    steps = TRANSITIONS.get(command.action)
    if steps is None:
        raise BadValue(field="action", value=command.action[:80])
    fitting = _fitting(steps, state, actor)
    if command.base is None:
        raise VersionMissing(plot=state.plot_id)
    if command.base != state.version:
        raise stale(state)
    return fitting


def _fitting(steps: tuple[Step, ...], state: Review, actor: Actor) -> tuple[Step, Role]:
    """The step and the role that fit the plot's stage; else the first the person has a right to.

    Raises:
        Forbidden: There is none.
    """
    first = None
    right = steps[0].right
    for grant in actor.grants:
        role = grant.role
        if not actor.has(right, grant) or not grant.covers(state.area):
            continue
        for step in steps:
            if step.roles is not None and role not in step.roles:
                continue
            if state.stage in step.stages(role):
                return step, role
            first = first or (step, role)
    if first is None:
        raise Forbidden(action=right.value)
    return first


def stale(state: Review) -> StaleVersion:
    """The refusal of what was based on an older version of a plot."""
    return StaleVersion(plot=state.plot_id, who=state.marked_by or "-", at=state.marked_at or "-")


def decide(state: Review, command: Command, actor: Actor, proof: Proof, now: datetime) -> Draft:
    """Judge one step.

    Args:
        state: The plot's review as it stands.
        command: The step asked for.
        actor: Who asks.
        proof: What is known beside the review.
        now: Server time, aware.

    Returns:
        The event to keep.

    Raises:
        Forbidden: No role of the actor may do this here.
        VersionMissing: The command names no version.
        StaleVersion: The plot has moved on since ``command.base``.
        BadValue: A value is missing or not possible.
        RuleBroken: The stage, the evidence, the history or four eyes do not allow it.
    """
    step, role = admit(state, command, actor)
    body = check(command.action, command.body)
    for name in step.needs:
        if name not in body:
            raise FieldMissing(field=name, value="")
    observed_at = now if command.observed_at is None else instant(command.observed_at)
    case = Case(
        command.action, state, body, actor, role, proof, now, observed_at, bulk=command.bulk
    )
    after = _changes(step, case)
    if after.get("stage", state.stage) != state.stage:
        after = _left(state, after, case)
    return draft(
        state, command, actor, role, body=body, after=after, observed_at=observed_at, now=now
    )


def _changes(step: Step, case: Case) -> dict[str, Value]:
    state = case.state
    fits = state.stage in step.stages(case.role)
    if not fits and not step.values_first:
        raise ActionNotAllowed(action=step.action, stage=str(state.stage))
    try:
        after = step.change(case)
    except RuleBroken:
        if fits:
            raise
        after = {}
    # After the change, for a value that can never be right is named before the rule of the moment.
    if not fits:
        raise ActionNotAllowed(action=step.action, stage=str(state.stage))
    if step.offered is not None and not step.offered(state, case.actor):
        raise ActionNotAllowed(action=step.action, stage=str(state.stage))
    if step.not_by and _is_by(state, step.not_by, case.actor):
        raise FourEyes(action=step.action, who=case.actor.user)
    if case.bulk and step.action not in BULK:
        raise BulkUnfit(action=step.action)
    return after


def _is_by(state: Review, names: tuple[str, ...], actor: Actor) -> bool:
    """Whether the actor is one of those who did these things to the plot."""
    return any(value_of(state, name) == actor.user for name in names)


def _left(state: Review, after: Mapping[str, Value], case: Case) -> dict[str, Value]:
    """What leaving a stage brings with it: clocks stop or go on, and proposals lapse."""
    course, today = state.course, case.today.isoformat()
    left = dict(after)
    if course.proposal is not None:
        left["proposal"] = None
    if course.stop is not None and "stop" not in after:
        stops: list[Value] = [*(course.stops or ())]
        left["stop"] = None
        left["stops"] = [*stops, [course.stop["clock"], course.stop["since"], today]]
    entered = STAGES[Stage(str(after["stage"]))]
    if after["stage"] == Stage.CLOSED:
        left["closed_on"] = today
    if entered.stopped:
        left["stop"] = {"clock": entered.clock, "since": today, "why": after["stage"]}
    return left


def value_of(state: Review, name: str) -> Value:
    """A value of the review or of its course."""
    found: Value = getattr(state.course if name in COURSE_FIELDS else state, name)
    return found


def draft(
    state: Review,
    command: Command,
    actor: Actor,
    role: Role,
    *,
    body: Mapping[str, Value],
    after: Mapping[str, Value],
    now: datetime,
    observed_at: datetime | None = None,
) -> Draft:
    """The event for a judged change; only what really changes is written down."""
    before: dict[str, Value] = {"stage": state.stage}
    changed: dict[str, Value] = {}
    for name, value in after.items():
        was = value_of(state, name)
        if was != value:
            before[name], changed[name] = was, value
    return Draft(
        event_id=command.event_id,
        plot_id=state.plot_id,
        base=command.base,
        action=command.action,
        actor=actor.user,
        unit=actor.unit,
        role=role.value,
        observed_at=(observed_at or now).isoformat(timespec="seconds"),
        recorded_at=stamp(now),
        body=body if actor.system is None else {**body, "via": actor.system},
        before=before,
        after=changed,
    )


def attachment(
    state: Review,
    event_id: str,
    actor: Actor,
    *,
    body: Mapping[str, Value],
    observed_at: datetime | None,
    now: datetime,
) -> Draft:
    """The event that puts evidence beside a plot; it depends on no version and moves none.

    Raises:
        Forbidden: No role of the actor may attach evidence here.
    """
    role = role_for(actor, Action.ATTACH, state.area)
    if role is None:
        raise Forbidden(action=Action.ATTACH.value)
    command = Command("attach", event_id, state.version)
    event = draft(
        state, command, actor, role, body=body, after={}, observed_at=observed_at, now=now
    )
    return replace(event, base=None)


def possible(state: Review, actor: Actor) -> list[str]:
    """The steps the actor may take now, in the order of the procedure."""
    roles = dict.fromkeys(grant.role for grant in actor.grants if grant.covers(state.area))
    found: dict[str, None] = {}
    for role in roles:
        for step in OFFERED[role, state.stage or ""]:
            if step.free or _is_offered(step, state, actor):
                found[step.action] = None
    if len(roles) < 2:
        return list(found)
    return [action for action in TRANSITIONS if action in found]


def _is_offered(step: Step, state: Review, actor: Actor) -> bool:
    if step.not_by and _is_by(state, step.not_by, actor):
        return False
    return step.offered is None or step.offered(state, actor)
