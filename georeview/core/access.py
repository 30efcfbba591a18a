"""Who may do what, where: one table, one check for a thing, one filter for a list.

An area is an administrative code prefix: ``51`` province, ``5119`` city, ``511921`` county,
``511921100`` township. What lies outside a person's areas does not exist for that person.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from georeview.core.plot import STAGES, Mark, Review
from georeview.errors import Forbidden


class Role(StrEnum):
    """What a person is for the procedure."""

    ISSUER = "issuer"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    GIS = "gis"
    SYSTEM = "system"
    AUDITOR = "auditor"
    ADMIN = "admin"


ROLE_NAMES: Mapping[Role, tuple[str, str]] = MappingProxyType(
    {
        Role.ISSUER: ("水利部/流域机构", "Issuer (ministry, basin)"),
        Role.PROVINCE: ("省河长办", "Province"),
        Role.CITY: ("市河长办", "City river-chief office"),
        Role.COUNTY: ("县(区)专班", "County task force"),
        Role.TOWNSHIP: ("乡镇复核员", "Township reviewer"),
        Role.GIS: ("GIS 技术人员", "GIS staff"),
        Role.SYSTEM: ("其他业务系统", "Another system"),
        Role.AUDITOR: ("审计督查(只读)", "Auditor (reads only)"),
        Role.ADMIN: ("系统管理员", "Administrator"),
    }
)


class Action(StrEnum):
    """Everything a route, a command or a step of the workflow may need a right for."""

    SEE = "see"
    SEE_EVIDENCE = "see_evidence"
    EXPORT = "export"
    IMPORT = "import"
    RETRACT = "retract"
    LAYER = "layer"
    IMAGERY = "imagery"
    ATTACH = "attach"
    DISPATCH = "dispatch"
    CLAIM = "claim"
    REFUSE = "refuse"
    TRANSFER = "transfer"
    DENY_REFUSAL = "deny_refusal"
    DISPATCH_TOWN = "dispatch_town"
    SEND_BACK = "send_back"
    REASSIGN = "reassign"
    OPEN = "open"
    MARK = "mark"
    TAKE_OVER = "take_over"
    UNDO_MARK = "undo_mark"
    SUBMIT = "submit"
    SETTLE_CONFLICT = "settle_conflict"
    APPROVE = "approve"
    RETURN = "return"
    ACCEPT_NEGATIVE = "accept_negative"
    ACCEPT_PROBLEM = "accept_problem"
    ACCEPT_WATCH = "accept_watch"
    OVERRULE = "overrule"
    PLAN = "plan"
    PROGRESS = "progress"
    CLAIM_RECTIFIED = "claim_rectified"
    ACCEPT_RECTIFIED = "accept_rectified"
    REJECT_RECTIFIED = "reject_rectified"
    CLOSE = "close"
    RECHECK = "recheck"
    REOPEN = "reopen"
    REQUEST_REOPEN = "request_reopen"
    RECORD_FINDING = "record_finding"
    EXTEND = "extend"
    REQUEST_EXTEND = "request_extend"
    STOP_CLOCK = "stop_clock"
    RESTART_CLOCK = "restart_clock"
    ESCALATE = "escalate"
    QUERY_BOUNDARY = "query_boundary"
    RESOLVE_BOUNDARY = "resolve_boundary"
    MERGE = "merge"
    SPLIT = "split"
    UNMERGE = "unmerge"
    WITHDRAW = "withdraw"
    REINSTATE = "reinstate"
    CONFIRM = "confirm"
    DECLINE = "decline"
    SEE_PERSONAL = "see_personal"
    ERASE_PERSONAL = "erase_personal"
    PEOPLE = "people"
    ACCESS_LOG = "access_log"
    METRICS = "metrics"
    JOBS = "jobs"
    JOBS_OF_OTHERS = "jobs_of_others"
    FIGURES = "figures"
    LEAGUE = "league"
    PUBLISH = "publish"
    SAMPLE = "sample"
    SEND_UP = "send_up"
    CALENDAR = "calendar"
    KEEP_DUTIES = "keep_duties"
    FINDINGS = "findings"
    REPLY_FINDING = "reply_finding"
    REFERRALS = "referrals"
    REFER = "refer"
    PERMITS = "permits"
    KEEP_PERMITS = "keep_permits"
    LINK_PERMIT = "link_permit"
    UNLINK_PERMIT = "unlink_permit"


_REVIEWS = {
    Action.SEE,
    Action.SEE_EVIDENCE,
    Action.ATTACH,
    Action.MARK,
    Action.UNDO_MARK,
    Action.SUBMIT,
    Action.LINK_PERMIT,
    Action.UNLINK_PERMIT,
}

_LOOKS_AFTER = {Action.JOBS, Action.JOBS_OF_OTHERS}
"""Sees what long work runs in the area, whoever asked for it, and may stop it."""

_COMPARES = {Action.FIGURES, Action.LEAGUE}
"""Sees the figures of the area, and its units held against each other as of any day."""

_FOLLOWS = {Action.FINDINGS, Action.REFERRALS}
"""Reads what was found on visits, and what was referred to enforcement."""

_SETTLES = {Action.SETTLE_CONFLICT, Action.QUERY_BOUNDARY, Action.TAKE_OVER}
"""Sees to it that work goes on: also on a plot that somebody else has locked."""

_KEEPS_PERMITS = {Action.PERMITS, Action.KEEP_PERMITS}
"""Reads the register of permits whole, who holds them included, and writes it."""

_DECIDES = {
    Action.DISPATCH, Action.TRANSFER, Action.DENY_REFUSAL, Action.REASSIGN, Action.RETURN,
    Action.ACCEPT_NEGATIVE, Action.ACCEPT_PROBLEM, Action.ACCEPT_WATCH, Action.OVERRULE,
    Action.REJECT_RECTIFIED, Action.CLOSE, Action.REOPEN, Action.EXTEND, Action.STOP_CLOCK,
    Action.RESTART_CLOCK, Action.ESCALATE, Action.MERGE, Action.SPLIT, Action.UNMERGE,
    Action.WITHDRAW, Action.REINSTATE, Action.CONFIRM, Action.DECLINE,
}  # fmt: skip
"""What the city alone decides, or has somebody above it decide."""

_LEADS = {
    Action.CLAIM, Action.REFUSE, Action.DISPATCH_TOWN, Action.REASSIGN, Action.APPROVE,
    Action.RETURN, Action.PLAN, Action.PROGRESS, Action.CLAIM_RECTIFIED, Action.ACCEPT_RECTIFIED,
    Action.REJECT_RECTIFIED, Action.RECHECK, Action.REQUEST_EXTEND,
}  # fmt: skip
"""What a county's task force does with what it was sent."""

GRANTS: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.ISSUER: frozenset(
            {Action.SEE, Action.SEE_EVIDENCE, Action.IMPORT, Action.WITHDRAW, Action.REINSTATE}
            | _COMPARES
            | {Action.REQUEST_REOPEN, Action.RECORD_FINDING, Action.FINDINGS, Action.SAMPLE}
        ),
        Role.PROVINCE: frozenset(
            {Action.SEE, Action.SEE_EVIDENCE, Action.EXPORT, Action.JOBS, Action.EXTEND}
            | _COMPARES
            | _FOLLOWS
            | {Action.REQUEST_REOPEN, Action.RECORD_FINDING, Action.SAMPLE}
        ),
        Role.CITY: frozenset(
            _REVIEWS
            | _LOOKS_AFTER
            | {Action.PEOPLE, Action.ACCESS_LOG, Action.SEE_PERSONAL, Action.ERASE_PERSONAL}
            | _SETTLES
            | _DECIDES
            | _COMPARES
            | {Action.IMPORT, Action.RETRACT, Action.LAYER, Action.IMAGERY, Action.EXPORT}
            | {Action.PUBLISH, Action.SAMPLE, Action.CALENDAR, Action.SEND_UP}
            | _FOLLOWS
            | {Action.KEEP_DUTIES, Action.RECORD_FINDING, Action.REFER}
            | _KEEPS_PERMITS
        ),
        Role.COUNTY: frozenset(
            _REVIEWS
            | _SETTLES
            | _LEADS
            | {Action.EXPORT, Action.JOBS, Action.FIGURES, Action.SEE_PERSONAL}
            | _FOLLOWS
            | {Action.KEEP_DUTIES, Action.REPLY_FINDING, Action.REFER}
            | _KEEPS_PERMITS
        ),
        Role.TOWNSHIP: frozenset(
            _REVIEWS
            | {Action.OPEN, Action.SEND_BACK, Action.SETTLE_CONFLICT}
            | {Action.PROGRESS, Action.CLAIM_RECTIFIED}
        ),
        Role.GIS: frozenset(
            _LOOKS_AFTER
            | {Action.SEE, Action.IMPORT, Action.RETRACT}
            | {Action.LAYER, Action.IMAGERY, Action.EXPORT}
            | {Action.QUERY_BOUNDARY, Action.RESOLVE_BOUNDARY, Action.MERGE, Action.SPLIT}
            | {Action.PERMITS}
        ),
        Role.SYSTEM: frozenset(
            {Action.SEE, Action.SEE_EVIDENCE, Action.IMPORT, Action.ATTACH, Action.PROGRESS}
        ),
        Role.AUDITOR: frozenset(
            {Action.SEE, Action.SEE_EVIDENCE, Action.EXPORT, Action.JOBS, Action.ACCESS_LOG}
            | {Action.PERMITS}
            | _COMPARES
            | _FOLLOWS
        ),
        Role.ADMIN: frozenset({Action.PEOPLE, Action.ACCESS_LOG, Action.METRICS} | _LOOKS_AFTER),
    }
)
"""The one table of rights. What is not here is refused."""

MAY_GIVE: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {
        Role.ADMIN: frozenset(Role),
        Role.CITY: frozenset(
            {Role.CITY, Role.COUNTY, Role.TOWNSHIP, Role.GIS, Role.SYSTEM, Role.AUDITOR}
        ),
    }
)
"""Which roles each role may give: never more than it has itself."""


SYSTEM_USER = "key:"
"""What the name of a system begins with where a person's sign-in name stands."""

NOT_BY_HAND = frozenset(Action) - {
    Action.APPROVE, Action.ACCEPT_NEGATIVE, Action.ACCEPT_PROBLEM, Action.ACCEPT_WATCH,
    Action.ACCEPT_RECTIFIED, Action.OVERRULE, Action.CLOSE, Action.CONFIRM, Action.EXTEND,
    Action.PEOPLE, Action.ERASE_PERSONAL,
}  # fmt: skip
"""What a system may send at all: nobody approves by it, and nobody gives rights by it."""

PUSHES_FOR = frozenset({Role.CITY, Role.COUNTY, Role.TOWNSHIP})
PUSHED = frozenset(
    GRANTS[Role.SYSTEM] | {Action.MARK, Action.UNDO_MARK, Action.SUBMIT, Action.CLAIM_RECTIFIED}
)
"""What a key of ``Role.SYSTEM`` does for a named person."""


class Gate(StrEnum):
    """Which plots of an area somebody sees."""

    ALL = "all"
    CHECKED = "checked"
    """Those that have been submitted once."""
    UNDRAFTED = "undrafted"
    """Those that carry no mark still in draft, unless they have been submitted once."""


GATES: Mapping[Role, Gate] = MappingProxyType(
    {Role.ISSUER: Gate.UNDRAFTED, Role.PROVINCE: Gate.CHECKED}
)
"""Who does not see a plot at every stage."""

_SHOWS = frozenset({Action.SEE, Action.SEE_EVIDENCE, Action.EXPORT, Action.SEND_UP})
"""Rights that show single plots; figures of an area count all of it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in one area, for some batches or for all."""

    role: Role
    area: str
    batches: tuple[str, ...] = ()

    def covers(self, area: str) -> bool:
        """Whether a plot or unit with this code lies in the grant's area."""
        return area.startswith(self.area)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a named person of a unit.

    Attributes:
        user: Sign-in name.
        name: Name shown to others.
        unit: Name of the unit the person acts for.
        grants: Roles with their areas.
        system: The system that acts, by itself or for the person; ``None`` for nobody's hands but
            the person's own.
        lent: What a system's hands may do at all; ``None`` for a person's own.
    """

    user: str
    name: str
    unit: str
    grants: tuple[Grant, ...]
    system: str | None = None
    lent: frozenset[Action] | None = None

    def has(self, action: Action, grant: Grant) -> bool:
        """Whether one of the actor's grants gives a right."""
        return action in GRANTS[grant.role] and (self.lent is None or action in self.lent)

    def on(self, batch: str) -> "Actor":
        """The same person with the grants that hold for a batch."""
        if not any(grant.batches for grant in self.grants):
            return self
        held = tuple(g for g in self.grants if not g.batches or batch in g.batches)
        return replace(self, grants=held)


@dataclass(frozen=True, slots=True)
class Sight:
    """Part of what somebody sees: some plots of an area.

    Attributes:
        area: Area code prefix.
        gate: Which of its plots.
        batches: Of which batches; all when empty.
    """

    area: str
    gate: Gate = Gate.ALL
    batches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a list may show: plots whose area code begins with one of the prefixes.

    Attributes:
        prefixes: Areas of which everything is seen.
        sights: Areas of which something is seen.
    """

    prefixes: tuple[str, ...]
    sights: tuple[Sight, ...] = ()

    def holds(self, area: str) -> bool:
        """Whether everything with this area code is visible."""
        return any(area.startswith(prefix) for prefix in self.prefixes)

    def sees(self, review: Review, batch: str) -> bool:
        """Whether a plot is visible."""
        return self.holds(review.area) or any(
            review.area.startswith(sight.area)
            and (not sight.batches or batch in sight.batches)
            and _PASSES[sight.gate](review)
            for sight in self.sights
        )


def _checked(review: Review) -> bool:
    # Events of before it was kept do not say when a plot was submitted; its stage then does.
    return review.submitted_at is not None or review.stage in CHECKED


def _undrafted(review: Review) -> bool:
    return review.mark == Mark.PENDING or review.mark_state != "draft" or _checked(review)


CHECKED = frozenset(stage for stage, info in STAGES.items() if info.checked)
"""Stages that a plot reaches by being submitted."""

_PASSES: Mapping[Gate, Callable[[Review], bool]] = MappingProxyType(
    {Gate.ALL: lambda _: True, Gate.CHECKED: _checked, Gate.UNDRAFTED: _undrafted}
)

EVERYTHING = Scope(("",))
"""For the system's own work (overlay, verify, the command line's owner); never for a request."""


def scope_of(actor: Actor, action: Action = Action.SEE) -> Scope:
    """What the actor may do something to; the filter of every list."""
    granted = [g for g in actor.grants if actor.has(action, g)]
    gates = GATES if action in _SHOWS else {}
    areas = {g.area for g in granted if g.role not in gates and not g.batches}
    outer = [a for a in sorted(areas) if not any(a != b and a.startswith(b) for b in areas)]
    parts = {
        Sight(g.area, gates.get(g.role, Gate.ALL), g.batches)
        for g in granted
        if g.role in gates or g.batches
    }
    return Scope(tuple(outer), tuple(sorted(parts, key=lambda s: (s.area, s.gate, s.batches))))


def area_of(actor: Actor, action: Action, batch: str) -> Scope:
    """The areas in which the actor may do something that concerns a batch, whole areas only."""
    held = (g for g in actor.on(batch).grants if actor.has(action, g))
    return Scope(tuple(sorted({grant.area for grant in held})))


def sees_drafts(actor: Actor, action: Action, batch: str) -> bool:
    """Whether the actor does something in a role that sees marks before they are submitted."""
    held = (g for g in actor.on(batch).grants if actor.has(action, g))
    return any(grant.role not in GATES for grant in held)


def sees_evidence(actor: Actor, review: Review, batch: str) -> bool:
    """Whether the actor may look at a plot's evidence; an issuer at that of negatives only."""
    here = []
    for grant in actor.on(batch).grants:
        if grant.covers(review.area) and actor.has(Action.SEE_EVIDENCE, grant):
            if grant.role not in GATES:
                return True
            here.append(grant.role)
    if not scope_of(actor, Action.SEE_EVIDENCE).sees(review, batch):
        return False
    negative = review.mark == Mark.FALSE_POSITIVE and review.mark_state != "draft"
    return negative or any(role is not Role.ISSUER for role in here)


def role_for(actor: Actor, action: Action, area: str) -> Role | None:
    """The role in which the actor may do something to a thing with this area code."""
    for grant in actor.grants:
        if grant.covers(area) and actor.has(action, grant):
            return grant.role
    return None


def may(actor: Actor, action: Action, area: str | None = None) -> bool:
    """Whether the actor may do something here, or anywhere when no area is given."""
    if area is None:
        return any(actor.has(action, g) for g in actor.grants)
    return role_for(actor, action, area) is not None


def need(actor: Actor, action: Action, area: str | None = None) -> None:
    """Refuse unless the actor may.

    Raises:
        Forbidden: No grant allows it.
    """
    if not may(actor, action, area):
        raise Forbidden(action=action.value)


def may_give(actor: Actor, grant: Grant) -> bool:
    """Whether the actor may give this role in this area: an administrator anywhere."""
    return any(
        grant.role in MAY_GIVE.get(own.role, ())
        and (own.role is Role.ADMIN or (own.covers(grant.area) and _within(grant, own)))
        for own in actor.grants
    )


def _within(grant: Grant, own: Grant) -> bool:
    """Whether a grant holds for no more batches than another."""
    return not own.batches or (bool(grant.batches) and set(grant.batches) <= set(own.batches))


def may_manage(actor: Actor, grants: Collection[Grant]) -> bool:
    """Whether the actor may change who holds these: nobody touches a right he could not give."""
    if not grants:
        return any(own.role is Role.ADMIN for own in actor.grants)
    return all(may_give(actor, grant) for grant in grants)


def as_system(name: str, unit: str, grant: Grant) -> Actor:
    """Another system, acting by itself with the rights of its key."""
    return Actor(f"{SYSTEM_USER}{name}", name, unit, (grant,), name, NOT_BY_HAND)


def on_behalf(system: Actor, person: Actor) -> Actor:
    """The person, acting through a system: what both may, where both may it.

    A key of another role lends its hands to people of that role; one of ``Role.SYSTEM`` to whoever
    reviews, for no more than ``PUSHED``.
    """
    shared, lent = [], NOT_BY_HAND
    for own in system.grants:
        for theirs in person.grants:
            pushes = own.role is Role.SYSTEM and theirs.role in PUSHES_FOR
            if not (pushes or own.role is theirs.role):
                continue
            if own.covers(theirs.area) or theirs.covers(own.area):
                lent = PUSHED if pushes else lent
                shared.append(replace(theirs, area=max(own.area, theirs.area, key=len)))
    held = tuple(dict.fromkeys(shared))
    return replace(person, grants=held, system=system.system, lent=lent)


def actions_of(actor: Actor) -> list[Action]:
    """All the actor may do anywhere, for the page's own menus."""
    return sorted({a for g in actor.grants for a in GRANTS[g.role] if actor.has(a, g)})
