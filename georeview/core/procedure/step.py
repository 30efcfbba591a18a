"""A row of the procedure, and all that it is judged from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from georeview.core.access import GRANTS, Action, Actor, Role
from georeview.core.course import Course
from georeview.core.deadlines import day_of, done_day
from georeview.core.ledger import Value
from georeview.core.plot import Review, Stage
from georeview.core.requirements import Missing, Proof
from georeview.errors.review import EvidenceIncomplete, FieldMissing

Changes = dict[str, Value]
"""Review and course fields with their new values."""


@dataclass(frozen=True, slots=True)
class Command:
    """A step somebody asks for.

    Attributes:
        action: Key of ``TRANSITIONS``.
        event_id: Identifier for the event, made at the edge.
        base: Version of the plot the person saw; ``None`` if none was named.
        body: What it carries (fields of ``commands.ACTION_FIELDS``).
        observed_at: When it was done by the device's clock, ISO 8601 with offset as it came;
            server time if unknown.
        bulk: Whether it is one of many taken with one click.
        keep: Whether it was done offline, and must be kept even when it comes too late.
    """

    action: str
    event_id: str
    base: int | None
    body: Mapping[str, object] = field(default_factory=dict)
    observed_at: object = None
    bulk: bool = False
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """All that a step is judged from."""

    action: str
    state: Review
    body: Mapping[str, Value]
    actor: Actor
    role: Role
    proof: Proof
    now: datetime
    observed_at: datetime
    bulk: bool = False

    def asked(self, name: str) -> str | None:
        """A text of the body, or nothing."""
        value = self.body.get(name)
        return None if value is None else str(value)

    def day(self, name: str) -> date | None:
        """A day of the body, or nothing."""
        value = self.body.get(name)
        return None if value is None else date.fromisoformat(str(value))

    @property
    def course(self) -> Course:
        """How far the plot has come."""
        return self.state.course

    @property
    def today(self) -> date:
        """The day in Shanghai on which it is recorded."""
        return day_of(self.now)

    @property
    def done_day(self) -> date:
        """The day on which it was done."""
        return done_day(self.observed_at, self.now)

    def need(self, *names: str) -> None:
        """Refuse a body without these fields.

        Raises:
            FieldMissing: One is not given.
        """
        for name in names:
            if name not in self.body:
                raise FieldMissing(field=name, value="")

    def need_evidence(self, *kinds: str) -> None:
        """Refuse a plot that has not a piece of each kind.

        Raises:
            EvidenceIncomplete: Some are not there.
        """
        lacking = tuple(
            Missing("evidence", (kind,)) for kind in kinds if self.proof.count(kind) == 0
        )
        if lacking:
            raise EvidenceIncomplete(missing=lacking)


Change = Callable[[Case], Changes]


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the procedure.

    Attributes:
        id: Number of the transition in the procedure's description.
        right: The right it needs, and its name.
        sources: Stages it starts from.
        targets: Stages it may lead to; empty when it leaves the plot where it is.
        change: What it changes.
        roles: Who takes it of those who have the right; all when ``None``.
        city_also: Stages from which the city alone may take it.
        needs: Fields its body must have.
        not_by: Course or review fields that name people who may not take it (four eyes).
        bulk: Whether many may be taken at once.
        values_first: Whether ``change`` may be asked whatever the stage, so that a value that can
            never be right is named before the rule of the moment.
        offered: Whether it makes sense for this person now; ``None``: always.
        action: What it is called.
        free: Whether it is offered to everybody who may take it here, always.
        of_city: Stages from which the city may take it.
    """

    id: str
    right: Action
    sources: frozenset[Stage]
    targets: tuple[Stage, ...]
    change: Change
    roles: frozenset[Role] | None = None
    city_also: frozenset[Stage] = frozenset()
    needs: tuple[str, ...] = ()
    not_by: tuple[str, ...] = ()
    bulk: bool = False
    values_first: bool = False
    offered: Callable[[Review, Actor], bool] | None = None
    action: str = field(init=False)
    free: bool = field(init=False)
    of_city: frozenset[Stage] = field(init=False)

    def __post_init__(self) -> None:
        """Find out once what is asked for with every plot that is shown."""
        object.__setattr__(self, "action", self.right.value)
        object.__setattr__(self, "free", not self.not_by and self.offered is None)
        object.__setattr__(self, "of_city", self.sources | self.city_also)

    def takers(self) -> tuple[Role, ...]:
        """Roles that may take it, in the order of the table of rights."""
        return tuple(
            role
            for role, rights in GRANTS.items()
            if self.right in rights and (self.roles is None or role in self.roles)
        )

    def stages(self, role: Role) -> frozenset[Stage]:
        """The stages from which a role may take it."""
        return self.of_city if role is Role.CITY else self.sources


def stages(*named: Stage) -> frozenset[Stage]:
    """Some stages."""
    return frozenset(named)


OPEN = frozenset(Stage) - {Stage.CLOSED, Stage.MERGED, Stage.WITHDRAWN}
"""Stages of a plot that is not done with."""
