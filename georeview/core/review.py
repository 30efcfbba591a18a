"""The state machine of a review: which step is possible when, by whom, and what it changes.

``decide`` judges and never loads; ``apply`` follows and never judges; ``replay`` of a plot's
events is the plot's state, and the store's projection must equal it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import partial, reduce
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from georeview.core.access import Action, Actor, Role, role_for
from georeview.core.commands import check, instant
from georeview.core.ledger import Draft, Event, Pattern, Repeat, Value
from georeview.core.plot import DETERMINATIONS, STATE_FIELDS, Mark, Review, Stage, UndoPoint
from georeview.core.reasons import REASONS
from georeview.core.requirements import Proof, missing
from georeview.errors import (
    ActionNotAllowed,
    BadValue,
    EvidenceIncomplete,
    Forbidden,
    NothingToUndo,
    OtherUnit,
    RuleBroken,
    StaleVersion,
    VersionMissing,
)

UNDO_DEPTH = 3
"""Marks of one person in a row that stay undoable."""

_STATE_FIELDS = frozenset(STATE_FIELDS)
_REVIEW_FIELDS = tuple(field.name for field in fields(Review))
_review_values = attrgetter(*_REVIEW_FIELDS)


@dataclass(frozen=True, slots=True)
class Command:
    """A step somebody asks for.

    Attributes:
        action: Key of ``TRANSITIONS``.
        body: What it carries (fields of ``commands.ACTION_FIELDS``).
        base: Version of the plot the person saw; ``None`` if none was named.
        observed_at: When it was done by the device's clock, ISO 8601 with offset as it came;
            server time if unknown.
        event_id: Identifier for the event, made at the edge.
    """

    action: str
    event_id: str
    base: int | None
    body: Mapping[str, object] = field(default_factory=dict)
    observed_at: object = None


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the procedure.

    Attributes:
        id: Number of the transition in the procedure's description.
        action: What it is called.
        right: The right it needs.
        sources: Stages it starts from.
        city_also: Stages from which the city alone may take it.
        change: What it changes, judged from state, body, role, unit and proof.
    """

    id: str
    action: str
    right: Action
    sources: frozenset[Stage]
    change: Callable[["Case"], dict[str, Value]]
    city_also: frozenset[Stage] = frozenset()

    def stages(self, role: Role) -> frozenset[Stage]:
        """The stages from which a role may take it."""
        return self.sources | self.city_also if role is Role.CITY else self.sources


@dataclass(frozen=True, slots=True)
class Case:
    """All that a step is judged from."""

    state: Review
    body: Mapping[str, Value]
    actor: Actor
    role: Role
    proof: Proof
    now: datetime

    def asked(self, name: str) -> str | None:
        """A text of the body, or nothing."""
        value = self.body.get(name)
        return None if value is None else str(value)


def admit(state: Review, command: Command, actor: Actor) -> tuple[Step, Role]:
    """Who may take this step here, and on this version; what it carries is not looked at yet.

    Raises:
        BadValue: There is no such step.
        Forbidden: No role of the actor may do this here.
        VersionMissing: The command names no version.
        StaleVersion: The plot has moved on since ``command.base``.
    """
    step = TRANSITIONS.get(command.action)
    if step is None:
        raise BadValue(field="action", value=command.action[:80])
    role = role_for(actor, step.right, state.area)
    if role is None:
        raise Forbidden(action=step.right.value)
    if command.base is None:
        raise VersionMissing(plot=state.plot_id)
    if command.base != state.version:
        raise stale(state)
    return step, role


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
        BadValue: A value is not possible.
        RuleBroken: The stage, the evidence or the history does not allow it.
    """
    step, role = admit(state, command, actor)
    body = check(command.action, command.body)
    observed_at = now if command.observed_at is None else instant(command.observed_at)
    case = Case(state, body, actor, role, proof, now)
    try:
        after = step.change(case)
    except RuleBroken:
        _need_stage(step, state, role)
        raise
    # After the change, for a value that can never be right is named before the rule of the moment.
    _need_stage(step, state, role)
    return draft(
        state, command, actor, role, body=body, after=after, observed_at=observed_at, now=now
    )


def _need_stage(step: Step, state: Review, role: Role) -> None:
    if state.stage not in step.stages(role):
        raise ActionNotAllowed(action=step.action, stage=str(state.stage))


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
    changed = {k: v for k, v in after.items() if getattr(state, k) != v}
    before: dict[str, Value] = {k: getattr(state, k) for k in changed}
    return Draft(
        event_id=command.event_id,
        plot_id=state.plot_id,
        base=command.base,
        action=command.action,
        actor=actor.user,
        unit=actor.unit,
        role=role.value,
        observed_at=(observed_at or now).isoformat(timespec="seconds"),
        recorded_at=now.astimezone(UTC).isoformat(timespec="milliseconds"),
        body=body,
        before={"stage": state.stage, **before},
        after=changed,
    )


class Intake:
    """The first events of the plots of one file: taken in and, if possible, dispatched.

    What is the same for all plots is judged and written once, for a file may hold a million.

    Args:
        actor: Who takes the batch in.
        role: In which role.
        area: Area code of the batch.
        now: Server time.
    """

    def __init__(self, actor: Actor, role: Role, *, area: str, now: datetime) -> None:
        self._make = partial(draft, actor=actor, role=role, now=now)
        taken: dict[str, Value] = {"stage": Stage.IMPORTED.value, "area": area}
        imported = self._make(Review(""), Command("import", "", 0), body={}, after=taken)
        self._imported = Pattern(imported)
        self._held = Review("", version=1, stage=Stage.IMPORTED.value, area=area)
        self._dispatched: dict[str, Pattern] = {}

    def events(
        self,
        plot_id: str,
        event_ids: tuple[str, str],
        *,
        county: str | None,
        body: Mapping[str, Value],
    ) -> tuple[Repeat, ...]:
        """The first events of one plot.

        Args:
            plot_id: The new plot.
            event_ids: Identifiers for the two events.
            county: County of the largest share; ``None`` leaves the plot with the city.
            body: Where it came from (batch, number, file, row, hash of the geometry).
        """
        first = Repeat(self._imported, event_ids[0], plot_id, body)
        if county is None:
            return (first,)
        if county not in self._dispatched:
            self._dispatched[county] = self._dispatch(county)
        sent = self._dispatched[county]
        return first, Repeat(sent, event_ids[1], plot_id, sent.draft.body)

    def _dispatch(self, county: str) -> Pattern:
        sent: dict[str, Value] = {"stage": Stage.AT_COUNTY.value, "county": county, "area": county}
        said: dict[str, Value] = {"county": county, "auto": True}
        return Pattern(self._make(self._held, Command("dispatch", "", 1), body=said, after=sent))


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


def apply(state: Review, event: Event) -> Review:
    """The state after one more event. Never judges: what is in the ledger has happened."""
    if event.version == state.version:
        return state
    return _moved(state, event, event.replaced, event.changes, event.seq, event.version)


def advance(state: Review, draft: Draft, seq: int, version: int) -> Review:
    """What ``apply`` gives for the event that a draft becomes, without reading it back."""
    if version == state.version:
        return state
    # In the order of the event's text, so that a projection made anew is the same to the byte.
    replaced = {name: draft.before[name] for name in sorted(draft.before) if name in draft.after}
    return _moved(state, draft, replaced, draft.after, seq, version)


def moves_sight(action: str, before: str, after: str) -> bool:
    """Whether an event changes who sees a plot, or what shape they see.

    Args:
        action: What is done.
        before: What it changes, canonical text.
        after: What it changes it to; a quoted name stands in canonical text only as a name.
    """
    if action in ("revise", "restore", "retract"):
        return True
    return '"area":' in after or '"stage":"withdrawn"' in before


def _moved(
    state: Review,
    what: Event | Draft,
    replaced: Mapping[str, Value],
    changes: Mapping[str, Value],
    seq: int,
    version: int,
) -> Review:
    # Every move leaves points of one person only.
    own = state.undo if state.undo and state.undo[-1].actor == what.actor else ()
    if what.action == "mark":
        own = (*own, UndoPoint(what.actor, replaced))[-UNDO_DEPTH:]
    elif what.action == "undo_mark":
        own = own[:-1]
    values: dict[str, Any] = dict(zip(_REVIEW_FIELDS, _review_values(state), strict=True))
    values |= {name: value for name, value in changes.items() if name in _STATE_FIELDS}
    return Review(**values | {"version": version, "seq": seq, "undo": own})


def replay(plot_id: str, events: Iterable[Event]) -> Review:
    """The state that a plot's events, oldest first, add up to."""
    return reduce(apply, events, Review(plot_id))


def possible(state: Review, actor: Actor) -> list[str]:
    """The steps the actor may take now, in the order of the procedure."""
    return [step.action for step in TRANSITIONS.values() if _is_possible(step, state, actor)]


def _is_possible(step: Step, state: Review, actor: Actor) -> bool:
    role = role_for(actor, step.right, state.area)
    if role is None:
        return False
    if state.stage not in step.stages(role):
        return False
    if step.action == "undo_mark":
        return bool(state.undo) and state.undo[-1].actor == actor.user
    if step.action == "submit":
        return state.mark != Mark.PENDING and state.marked_unit == actor.unit
    return True


# What each step changes --------------------------------------------------------------------------


def _dispatch(case: Case) -> dict[str, Value]:
    county = case.asked("county")
    if county is None or not _is_code(county, 6) or not county.startswith(case.state.area):
        raise BadValue(field="county", value=county or "")
    return {"stage": Stage.AT_COUNTY.value, "county": county, "area": county}


def _dispatch_town(case: Case) -> dict[str, Value]:
    township = case.asked("township")
    own = case.state.county or "?"
    if township is None or not _is_code(township, 9) or not township.startswith(own):
        raise BadValue(field="township", value=township or "")
    return {"stage": Stage.AT_TOWN.value, "township": township, "area": township}


def _is_code(text: str, digits: int) -> bool:
    return len(text) == digits and text.isascii() and text.isdigit()


_REASONING = ("reason", "reason_source", "violation", "severity", "determination")
_PERMIT = ("permit_no", "permit_authority", "permit_date", "permit_valid_to")
_KEPT = ("type_actual", "note", "area_m2", "volume_m3", "review_mode", *_PERMIT)


def _mark(case: Case) -> dict[str, Value]:
    mark = case.asked("mark")
    if mark is None or mark == Mark.PENDING:
        raise BadValue(field="mark", value=mark or "")
    state = case.state
    same = mark == state.mark
    after: dict[str, Value] = {name: getattr(state, name) if same else None for name in _REASONING}
    after |= {name: getattr(state, name) for name in _KEPT}
    after |= {name: value for name, value in case.body.items() if name in STATE_FIELDS}
    if mark == Mark.FALSE_POSITIVE:
        _name_reason(after, case)
    else:
        _name_violation(after, case)
    if after["determination"] not in DETERMINATIONS[mark]:
        raise BadValue(field="determination", value=str(after["determination"]))
    return after | {
        "mark": mark,
        "mark_state": "draft",
        "stage": Stage.IN_REVIEW.value,
        "assignee": case.actor.user,
        "marked_by": case.actor.user,
        "marked_unit": case.actor.unit,
        "marked_role": case.role.value,
        "marked_at": case.now.astimezone(UTC).isoformat(timespec="milliseconds"),
        "second_look": None,
    }


def _name_reason(after: dict[str, Value], case: Case) -> None:
    """A negative always has a reason: the given, the suggested, or “other”, and says which."""
    if case.asked("violation"):
        raise BadValue(field="violation", value=case.asked("violation"))
    if case.asked("reason"):
        after["reason_source"] = case.asked("reason_source") or "chosen"
        after["determination"] = case.asked("determination")
    elif not after["reason"]:
        after["reason"] = case.proof.suggestion or "FP99"
        after["reason_source"] = "suggested" if case.proof.suggestion else "default"
    after["violation"] = after["severity"] = None
    after["determination"] = after["determination"] or REASONS[str(after["reason"])].determination


def _name_violation(after: dict[str, Value], case: Case) -> None:
    if case.asked("reason"):
        raise BadValue(field="reason", value=case.asked("reason"))
    after["reason"] = after["reason_source"] = None
    after["violation"] = after["violation"] or "PR90"
    after["determination"] = after["determination"] or "problem"


def _undo(case: Case) -> dict[str, Value]:
    undo = case.state.undo
    if not undo or undo[-1].actor != case.actor.user:
        raise NothingToUndo(plot=case.state.plot_id)
    # The plot stays claimed by whoever marked it; only what the mark said is taken back.
    kept = {"mark_state": "draft", "stage": Stage.IN_REVIEW.value, "assignee": case.actor.user}
    return {**undo[-1].before, **kept}


def _submit(case: Case) -> dict[str, Value]:
    state = case.state
    if state.marked_unit != case.actor.unit:
        raise OtherUnit(unit=state.marked_unit or "-")
    lacking = missing(state, case.proof)
    if lacking:
        raise EvidenceIncomplete(missing=lacking)
    by_city = state.marked_role == Role.CITY.value
    stage = Stage.CITY_CHECK if by_city else Stage.COUNTY_CHECK
    return {"stage": stage.value, "mark_state": "submitted"}


_REVIEWABLE = frozenset({Stage.AT_COUNTY, Stage.AT_TOWN, Stage.IN_REVIEW})

_STEPS = (
    Step("T02", "dispatch", Action.DISPATCH, frozenset({Stage.IMPORTED}), _dispatch),
    Step(
        "T07",
        "dispatch_town",
        Action.DISPATCH_TOWN,
        frozenset({Stage.AT_COUNTY, Stage.IN_REVIEW}),
        _dispatch_town,
    ),
    Step(
        "T10",
        "mark",
        Action.MARK,
        _REVIEWABLE,
        _mark,
        city_also=frozenset({Stage.IMPORTED}),
    ),
    Step(
        "T11",
        "undo_mark",
        Action.UNDO_MARK,
        frozenset({Stage.IN_REVIEW, Stage.COUNTY_CHECK, Stage.CITY_CHECK}),
        _undo,
    ),
    Step("T12", "submit", Action.SUBMIT, frozenset({Stage.IN_REVIEW}), _submit),
)

TRANSITIONS: Mapping[str, Step] = MappingProxyType({step.action: step for step in _STEPS})
"""Every step a person can take, by name."""
