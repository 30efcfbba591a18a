"""Records that came too late: kept beside a plot until whoever holds it settles them.

What was done offline is judged on the version it was done on. What could not be done then is
refused; all else is kept, whatever has happened since, as an event that moves nothing: a replay
passes over it, and so does whatever counts reviews. A later event that names the record settles it:
``settle_conflict`` keeps what is there, the same step again makes the record good.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

from georeview.core.access import Action, Actor, Role
from georeview.core.commands import check, instant
from georeview.core.ledger import Draft, Event, Value
from georeview.core.plot import STAGES, Review, Stage
from georeview.core.procedure import Command
from georeview.core.requirements import Proof
from georeview.core.review import admit, decide, draft
from georeview.errors import BadValue, Forbidden, RuleBroken
from georeview.errors.review import RecordSettled

ASIDE = "aside"
"""The action of the event that keeps a record."""

FIELD_WORK = frozenset(
    {
        Action.CLAIM, Action.OPEN, Action.MARK, Action.UNDO_MARK, Action.SUBMIT, Action.PROGRESS,
        Action.CLAIM_RECTIFIED,
    }
)  # fmt: skip
"""Steps that are taken without a connection; others wait until there is one."""

_RANKS = (Role.TOWNSHIP, Role.COUNTY, Role.CITY)


@dataclass(frozen=True, slots=True)
class Aside:
    """A record that lies beside a plot.

    Attributes:
        record: Its name: the id of its event.
        seq: Number of its event.
        action: The step it asked for.
        base: Version of the plot it was made on.
        said: What it carried.
        actor: Who made it.
        unit: For which unit.
        role: In which role.
        observed_at: When, by the device's clock.
        recorded_at: When it arrived.
    """

    record: str
    seq: int
    action: str
    base: int
    said: Mapping[str, Value]
    actor: str
    unit: str
    role: str
    observed_at: str
    recorded_at: str


Lying = tuple[Aside, ...]
"""The records of a plot that nobody has settled, oldest first."""


def lying(events: Iterable[Event]) -> Lying:
    """What a plot's events, oldest first, leave unsettled."""
    return reduce(followed, events, ())


def followed(records: Lying, event: Event) -> Lying:
    """The same after one more event."""
    if event.action == ASIDE:
        return (*records, _record_of(event))
    if not records:
        return records
    settled = event.said.get("record")
    return tuple(one for one in records if one.record != settled)


def _record_of(event: Event) -> Aside:
    said = event.said
    return Aside(
        record=event.event_id,
        seq=event.seq,
        action=str(said["action"]),
        base=int(str(said["base"])),
        said=said["said"] if isinstance(said["said"], dict) else {},
        actor=event.actor,
        unit=event.unit,
        role=event.role,
        observed_at=event.observed_at,
        recorded_at=event.recorded_at,
    )


def aside(
    state: Review, was: Review, command: Command, actor: Actor, proof: Proof, now: datetime
) -> Draft:
    """The event that keeps a record beside the plot.

    Args:
        state: The plot's review as it stands.
        was: The review that the record was made on.
        command: The step it asks for.
        actor: Who asks.
        proof: What is known beside the review.
        now: Server time, aware.

    Raises:
        Forbidden: The actor could not do this then.
        BadValue: A value is missing or not possible.
    """
    _, role = admit(was, command, actor)
    body = check(command.action, command.body)
    observed_at = now if command.observed_at is None else instant(command.observed_at)
    # What the rules did not allow is kept too: whoever settles it sees what it lacks.
    with suppress(RuleBroken):
        decide(was, command, actor, proof, now)
    said: dict[str, Value] = {"action": command.action, "base": was.version, "said": body}
    kept = replace(command, action=ASIDE)
    event = draft(state, kept, actor, role, body=said, after={}, observed_at=observed_at, now=now)
    return replace(event, base=None)


# Settling ----------------------------------------------------------------------------------------


def settles(state: Review, record: Aside, actor: Actor) -> bool:
    """Whether this person may settle a record: its author, who holds the plot, or who stands above."""
    holders = STAGES[Stage(str(state.stage))].holders
    least = min((_RANKS.index(r) for r in _RANKS if r in holders), default=_RANKS.index(Role.CITY))
    return any(
        actor.has(Action.SETTLE_CONFLICT, grant)
        and grant.covers(state.area)
        and (record.actor == actor.user or _RANKS.index(grant.role) >= least)
        for grant in actor.grants
    )


def need_record(state: Review, records: Lying, command: Command, actor: Actor) -> None:
    """Refuse a step that names a record it cannot settle.

    Raises:
        RecordSettled: No such record lies beside the plot any more.
        Forbidden: It is for others to settle.
        BadValue: The record asked for another step.
    """
    name = command.body.get("record")
    found = next((one for one in records if one.record == name), None)
    if found is None:
        raise RecordSettled(plot=state.plot_id)
    if not settles(state, found, actor):
        raise Forbidden(action=Action.SETTLE_CONFLICT.value)
    if command.action not in (Action.SETTLE_CONFLICT, found.action):
        raise BadValue(field="record", value=str(name)[:80])


def settled(state: Review, command: Command, actor: Actor, now: datetime) -> Draft:
    """The event by which what is there stays as it is: the record is done with, the review unmoved.

    Raises:
        GeoreviewError: Whatever ``core.review.admit`` refuses.
        BadValue: A value is not possible.
    """
    _, role = admit(state, command, actor)
    body = check(command.action, command.body)
    return replace(draft(state, command, actor, role, body=body, after={}, now=now), base=None)
