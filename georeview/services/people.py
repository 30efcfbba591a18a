"""Accounts: who there is, what they may, and whoever changes it within what they may give."""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from os.path import commonprefix
from typing import Any

from georeview import texts
from georeview.clock import Clock
from georeview.core.access import (
    EVERYTHING,
    ROLE_NAMES,
    Action,
    Actor,
    Grant,
    Role,
    may_manage,
    need,
    scope_of,
)
from georeview.core.accesslog import Entry, NewEntry
from georeview.core.ledger import Value
from georeview.errors import BadValue, Forbidden, NotFound
from georeview.errors.people import OwnAccount, PersonKnown
from georeview.services.passwords import kept, one_time
from georeview.services.pauses import Pauses
from georeview.storage.ports.people import Person
from georeview.storage.ports.store import Store

OWNER = "system"
"""Sign-in name of whoever runs commands on the machine itself."""

KEEPER = Actor(OWNER, OWNER, OWNER, (Grant(Role.ADMIN, ""),))
"""Whoever runs commands on the machine itself, looking after all accounts."""

AREA_DIGITS = (2, 4, 6, 9)
_USER = re.compile(r"[^\s:/?#]{1,60}")
_EMAIL = re.compile(r"[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]{1,190}")


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of a person beside the sign-in name.

    Attributes:
        name: Name shown to others.
        unit: Unit the person acts for.
        grants: Roles with areas.
        email: Where the person is reached, if told.
        lang: The language the person reads.
    """

    name: str
    unit: str
    grants: tuple[Grant, ...]
    email: str | None = None
    lang: str = "zh-CN"


class PeopleService:
    """Looking after accounts."""

    def __init__(self, store: Store, pauses: Pauses, clock: Clock) -> None:
        self._store = store
        self._pauses = pauses
        self._clock = clock

    # Looking -------------------------------------------------------------------------------------

    def all(self, actor: Actor) -> list[Person]:
        """Everybody the actor looks after, and the actor.

        Raises:
            Forbidden: The actor looks after nobody.
        """
        need(actor, Action.PEOPLE)
        return [p for p in self._store.people.all() if _is_seen(actor, p)]

    def paused(self) -> Mapping[str, datetime]:
        """The accounts that nobody can sign in to for a time, each with when that is over."""
        return self._pauses.of_users()

    def get(self, actor: Actor, user: str) -> Person:
        """One of those.

        Raises:
            NotFound: No such account, or not one of those.
        """
        person = self._store.people.get(user)
        if person is None or not _is_seen(actor, person):
            raise NotFound(what=user)
        return person

    def person(self, user: str) -> Person:
        """Any account, for whoever runs commands on the machine itself.

        Raises:
            NotFound: No such account.
        """
        return self.get(KEEPER, user)

    def log(self, actor: Actor, *, before: int | None = None, limit: int = 100) -> list[Entry]:
        """Who gave or took which right in the areas of the actor, newest first.

        Raises:
            Forbidden: The actor may not read it.
        """
        need(actor, Action.ACCESS_LOG)
        everywhere = any(grant.role is Role.ADMIN for grant in actor.grants)
        scope = EVERYTHING if everywhere else scope_of(actor, Action.ACCESS_LOG)
        return self._store.access.entries(scope, before, limit)

    # Changing ------------------------------------------------------------------------------------

    def add(
        self, actor: Actor, user: str, account: Account, password: str | None = None
    ) -> str | None:
        """Add a person.

        Args:
            actor: Who adds.
            user: Sign-in name.
            account: What is known of the person.
            password: The person's own; where none is given, one is made up for the first sign-in.

        Returns:
            The password that was made up, told this once.

        Raises:
            PersonKnown: The name is taken.
            Forbidden: The actor may not give these roles there.
            BadValue: A value is impossible.
        """
        need(actor, Action.PEOPLE)
        if not _USER.fullmatch(user) or not user.isprintable():
            raise BadValue(field="user", value=user[:80])
        _check(account)
        self._need_batches(account.grants)
        self._need_manage(actor, account.grants)
        if self._store.people.get(user) is not None:
            raise PersonKnown(user=user)
        made = None if password is not None else one_time()
        person = _with(Person(user, "", "", None, False, ()), account)
        self._put(actor, "add", None, _given(person, password, made))
        return made

    def put(
        self, user: str, *, name: str, unit: str, grants: tuple[Grant, ...], password: str | None
    ) -> None:
        """Have a person be there as said, whoever was there before; for sample people and set-up.

        Args:
            user: Sign-in name.
            name: Name shown to others.
            unit: Unit the person acts for.
            grants: Roles with areas.
            password: ``None`` for an account that nobody can sign in to with a password.

        Raises:
            BadValue: A value is impossible.
        """
        if not _USER.fullmatch(user) or not user.isprintable():
            raise BadValue(field="user", value=user[:80])
        account = Account(name, unit, grants)
        _check(account)
        person = _with(Person(user, "", "", None, False, ()), account)
        before = self._store.people.get(user)
        self._put(KEEPER, "add", before, _given(person, password, None))

    def change(self, actor: Actor, user: str, account: Account) -> Person:
        """Give an account other values; whoever is signed in with it goes on with the new rights.

        Raises:
            NotFound: No such account for the actor.
            OwnAccount: The actor's own roles are for somebody else to change.
            Forbidden: The actor may not give these roles there.
            BadValue: A value is impossible.
        """
        before = self._managed(actor, user, own=True)
        _check(account)
        if account.grants != before.grants:
            self._need_other(actor, user)
            self._need_batches(account.grants)
            self._need_manage(actor, account.grants)
        return self._put(actor, "change", before, _with(before, account))

    def batches(self, actor: Actor) -> list[str]:
        """Batches that a role may be limited to, newest first.

        Raises:
            Forbidden: The actor looks after nobody.
        """
        need(actor, Action.PEOPLE)
        everywhere = any(grant.role is Role.ADMIN for grant in actor.grants)
        scope = EVERYTHING if everywhere else scope_of(actor, Action.PEOPLE)
        return [batch.name for batch in self._store.plots.batches(scope)]

    def _need_batches(self, grants: Collection[Grant]) -> None:
        """Refuse a role for a batch that is not there: it would let nobody do anything.

        Raises:
            BadValue: There is none of this name.
        """
        named = {name for grant in grants for name in grant.batches}
        known = {batch.name for batch in self._store.plots.batches(EVERYTHING)} if named else set()
        for name in sorted(named - known):
            raise BadValue(field="batches", value=name[:80])

    def give_password(self, actor: Actor, user: str, password: str | None = None) -> str | None:
        """Give a new password and end every session of the account; as ``add`` does.

        Raises:
            NotFound: No such account for the actor.
            BadValue: The password is too short.
        """
        before = self._managed(actor, user)
        made = None if password is not None else one_time()
        self._put(actor, "give_password", before, _given(before, password, made))
        self._store.people.close_sessions(user)
        return made

    def set_disabled(self, actor: Actor, user: str, *, disabled: bool) -> Person:
        """Close an account and end its sessions, or open it again; what the person did stays.

        Raises:
            NotFound: No such account for the actor.
            OwnAccount: It is the actor's.
        """
        before = self._managed(actor, user)
        action = "disable" if disabled else "enable"
        person = self._put(actor, action, before, replace(before, disabled=disabled))
        if disabled:
            self._store.people.close_sessions(user)
            self._store.locks.release(user)
        return person

    def unlock(self, actor: Actor, user: str) -> None:
        """Let somebody try to sign in again at once after too many wrong passwords.

        Raises:
            NotFound: No such account for the actor.
        """
        person = self._managed(actor, user, own=True)
        noted = self._entry(actor, "unlock", person, {})
        self._store.people.forgive(f"user:{user}", noted)

    def _managed(self, actor: Actor, user: str, *, own: bool = False) -> Person:
        need(actor, Action.PEOPLE)
        person = self.get(actor, user)
        if not own:
            self._need_other(actor, user)
        return person

    def _need_other(self, actor: Actor, user: str) -> None:
        """Nobody widens his own rights, nor shuts himself out."""
        if actor.user == user:
            raise OwnAccount

    def _need_manage(self, actor: Actor, grants: Collection[Grant]) -> None:
        if not may_manage(actor, grants):
            raise Forbidden(action=Action.PEOPLE.value)

    def _put(self, actor: Actor, action: str, before: Person | None, person: Person) -> Person:
        detail = _difference(before, person)
        if before is None or detail or action == "give_password":
            self._store.people.put(person, self._entry(actor, action, person, detail))
        return person

    def _entry(
        self, actor: Actor, action: str, person: Person, detail: Mapping[str, Value]
    ) -> NewEntry:
        now = self._clock().isoformat()
        return NewEntry(now, actor.user, action, person.user, area_of(person.grants), detail)


def as_actor(person: Person) -> Actor:
    """The person as the rules see one."""
    return Actor(person.user, person.name, person.unit, person.grants)


def owner(area: str) -> Actor:
    """Whoever runs commands on the machine itself: acts for the city of an area."""
    return Actor(OWNER, OWNER, ROLE_NAMES[Role.CITY][0], (Grant(Role.CITY, area),))


def area_of(grants: Collection[Grant]) -> str:
    """The area that holds all of these."""
    # Area codes grow by letters, not by path components.
    return commonprefix([grant.area for grant in grants])  # noqa: RUF071


def is_area(code: str) -> bool:
    """Whether this is an area code: province 2, city 4, county 6, township 9 digits."""
    return code.isascii() and code.isdigit() and len(code) in AREA_DIGITS


def _is_seen(actor: Actor, person: Person) -> bool:
    return person.user == actor.user or may_manage(actor, person.grants)


def _check(account: Account) -> None:
    for field, text in (("name", account.name), ("unit", account.unit)):
        if not text.strip() or len(text) > 200 or not text.isprintable():
            raise BadValue(field=field, value=text[:80])
    for grant in account.grants:
        if not is_area(grant.area):
            raise BadValue(field="area", value=grant.area[:80])
    if account.email is not None and not _EMAIL.fullmatch(account.email):
        raise BadValue(field="email", value=account.email[:80])
    if account.lang not in texts.LANGS:
        raise BadValue(field="lang", value=account.lang[:80])


def _with(person: Person, account: Account) -> Person:
    """A person with the values of an account, which are named alike."""
    values: dict[str, Any] = {name: getattr(account, name) for name in Account.__slots__}
    return replace(person, **values)


def _given(person: Person, password: str | None, made: str | None) -> Person:
    """A person with a password: one's own, one that was made up for the first sign-in, or none."""
    chosen = password if password is not None else made
    return replace(
        person,
        password_hash=None if chosen is None else kept(chosen),
        must_change=made is not None,
    )


_TOLD = ("name", "unit", "email", "lang", "disabled")


def _difference(before: Person | None, after: Person) -> dict[str, Value]:
    """What changes, by name: old and new; of a password only that it does."""
    old, new = ({} if p is None else asdict(p) for p in (before, after))
    told: dict[str, Value] = {
        name: [old.get(name), new[name]] for name in _TOLD if old.get(name) != new[name]
    }
    held, holds = (_named(()) if p is None else _named(p.grants) for p in (before, after))
    return told if held == holds else {**told, "grants": [held, holds]}


def _named(grants: Collection[Grant]) -> list[Value]:
    return [" ".join((f"{g.role.value}@{g.area}", *g.batches)) for g in grants]
