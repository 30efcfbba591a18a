"""Who may do what, where: one table, one check for a thing, one filter for a list.

An area is an administrative code prefix: ``51`` province, ``5119`` city, ``511921`` county,
``511921100`` township. What lies outside a person's areas does not exist for that person.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from georeview.errors import Forbidden


class Role(StrEnum):
    """What a person is for the procedure."""

    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    GIS = "gis"
    AUDITOR = "auditor"
    ADMIN = "admin"


ROLE_NAMES: Mapping[Role, tuple[str, str]] = MappingProxyType(
    {
        Role.CITY: ("市河长办", "City river-chief office"),
        Role.COUNTY: ("县(区)专班", "County task force"),
        Role.TOWNSHIP: ("乡镇复核员", "Township reviewer"),
        Role.GIS: ("GIS 技术人员", "GIS staff"),
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
    DISPATCH_TOWN = "dispatch_town"
    MARK = "mark"
    UNDO_MARK = "undo_mark"
    SUBMIT = "submit"
    PEOPLE = "people"
    ACCESS_LOG = "access_log"
    METRICS = "metrics"
    JOBS = "jobs"
    JOBS_OF_OTHERS = "jobs_of_others"
    FIGURES = "figures"
    LEAGUE = "league"
    PUBLISH = "publish"
    SAMPLE = "sample"
    CALENDAR = "calendar"


_REVIEWS = {
    Action.SEE,
    Action.SEE_EVIDENCE,
    Action.ATTACH,
    Action.MARK,
    Action.UNDO_MARK,
    Action.SUBMIT,
}

_LOOKS_AFTER = {Action.JOBS, Action.JOBS_OF_OTHERS}
"""Sees what long work runs in the area, whoever asked for it, and may stop it."""

_COMPARES = {Action.FIGURES, Action.LEAGUE}
"""Sees the figures of the area, and its units held against each other as of any day."""

GRANTS: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.CITY: frozenset(
            _REVIEWS
            | _LOOKS_AFTER
            | {Action.PEOPLE, Action.ACCESS_LOG}
            | {Action.DISPATCH, Action.IMPORT, Action.RETRACT}
            | {Action.LAYER, Action.IMAGERY, Action.EXPORT}
            | _COMPARES
            | {Action.PUBLISH, Action.SAMPLE, Action.CALENDAR}
        ),
        Role.COUNTY: frozenset(
            _REVIEWS | {Action.DISPATCH_TOWN, Action.EXPORT, Action.JOBS, Action.FIGURES}
        ),
        Role.TOWNSHIP: frozenset(_REVIEWS),
        Role.GIS: frozenset(
            _LOOKS_AFTER
            | {Action.SEE, Action.IMPORT, Action.RETRACT}
            | {Action.LAYER, Action.IMAGERY, Action.EXPORT}
        ),
        Role.AUDITOR: frozenset(
            {Action.SEE, Action.SEE_EVIDENCE, Action.EXPORT, Action.JOBS, Action.ACCESS_LOG}
            | _COMPARES
        ),
        Role.ADMIN: frozenset({Action.PEOPLE, Action.ACCESS_LOG, Action.METRICS} | _LOOKS_AFTER),
    }
)
"""The one table of rights. What is not here is refused."""

MAY_GIVE: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {
        Role.ADMIN: frozenset(Role),
        Role.CITY: frozenset({Role.CITY, Role.COUNTY, Role.TOWNSHIP, Role.GIS, Role.AUDITOR}),
    }
)
"""Which roles each role may give: never more than it has itself."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in one area."""

    role: Role
    area: str

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
    """

    user: str
    name: str
    unit: str
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a list may show: plots whose area code begins with one of the prefixes."""

    prefixes: tuple[str, ...]

    def holds(self, area: str) -> bool:
        """Whether a thing with this area code is visible."""
        return any(area.startswith(prefix) for prefix in self.prefixes)


EVERYTHING = Scope(("",))
"""For the system's own work (overlay, verify, the command line's owner); never for a request."""


def scope_of(actor: Actor, action: Action = Action.SEE) -> Scope:
    """The areas in which the actor may do something; the filter of every list."""
    areas = sorted({g.area for g in actor.grants if action in GRANTS[g.role]})
    outer = [a for a in areas if not any(a != b and a.startswith(b) for b in areas)]
    return Scope(tuple(outer))


def role_for(actor: Actor, action: Action, area: str) -> Role | None:
    """The role in which the actor may do something to a thing with this area code."""
    for grant in actor.grants:
        if grant.covers(area) and action in GRANTS[grant.role]:
            return grant.role
    return None


def may(actor: Actor, action: Action, area: str | None = None) -> bool:
    """Whether the actor may do something here, or anywhere when no area is given."""
    if area is None:
        return any(action in GRANTS[g.role] for g in actor.grants)
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
        and (own.role is Role.ADMIN or own.covers(grant.area))
        for own in actor.grants
    )


def may_manage(actor: Actor, grants: Collection[Grant]) -> bool:
    """Whether the actor may change who holds these: nobody touches a right he could not give."""
    if not grants:
        return any(own.role is Role.ADMIN for own in actor.grants)
    return all(may_give(actor, grant) for grant in grants)


def actions_of(actor: Actor) -> list[Action]:
    """All the actor may do anywhere, for the page's own menus."""
    granted: Iterable[Action] = {a for g in actor.grants for a in GRANTS[g.role]}
    return sorted(granted)
