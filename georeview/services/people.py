"""Who may sign in, and who is signed in."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from georeview.clock import Clock
from georeview.core.access import ROLE_NAMES, Actor, Grant, Role
from georeview.errors import BadCredentials, BadValue, NotFound, NotSignedIn, TooOften
from georeview.settings import Settings
from georeview.storage.ports import Person, Session, SignedInPerson, Store

FAILURES_BEFORE_PAUSE = 5
PAUSE = timedelta(minutes=10)
PASSWORD_MIN = 10
CHECKS_AT_ONCE = 2
CHECK_WAIT_S = 5
OWNER = "system"
"""Sign-in name of whoever runs commands on the machine itself."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the secret is handed out once and kept nowhere."""

    token: str
    actor: Actor
    expires_at: datetime


class PeopleService:
    """Accounts and sessions."""

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings
        self._checking = BoundedSemaphore(CHECKS_AT_ONCE)

    # Accounts ------------------------------------------------------------------------------------

    def put(
        self, user: str, *, name: str, unit: str, grants: tuple[Grant, ...], password: str | None
    ) -> Person:
        """Add a person, or replace what is known of one.

        Args:
            user: Sign-in name.
            name: Name shown to others.
            unit: Unit the person acts for.
            grants: Roles with areas.
            password: ``None`` for an account that nobody can sign in to with a password.

        Raises:
            BadValue: A name is empty, too long or not printable, or the password too short.
        """
        for field, text, limit in (("user", user, 60), ("name", name, 200), ("unit", unit, 200)):
            if not text.strip() or len(text) > limit or not text.isprintable():
                raise BadValue(field=field, value=text[:80])
        if password is not None and len(password) < PASSWORD_MIN:
            raise BadValue(field="password", value=f"< {PASSWORD_MIN}")
        person = Person(
            user=user,
            name=name,
            unit=unit,
            password_hash=PasswordHasher().hash(password) if password is not None else None,
            disabled=False,
            grants=grants,
        )
        self._store.people.put(person)
        return person

    def all(self) -> list[Person]:
        """Everybody who has an account."""
        return self._store.people.all()

    def person(self, user: str) -> Person:
        """One account.

        Raises:
            NotFound: No such account.
        """
        person = self._store.people.get(user)
        if person is None:
            raise NotFound(what=user)
        return person

    def disable(self, user: str) -> None:
        """Close an account and end its sessions; what the person did stays."""
        self._store.people.put(replace(self.person(user), disabled=True))
        self._store.people.close_sessions(user)

    def change_password(self, user: str, password: str) -> None:
        """Give a new password and end every session of the account."""
        person = self.person(user)
        self.put(user, name=person.name, unit=person.unit, grants=person.grants, password=password)
        self._store.people.close_sessions(user)

    # Sessions ------------------------------------------------------------------------------------

    def sign_in(self, user: str, password: str, address: str) -> SignedIn:
        """Open a session for a name and password.

        Raises:
            TooOften: Too many failures of this account or address lately.
            BadCredentials: They do not match; takes as long for an unknown name.
        """
        now = self._clock()
        for who in (f"user:{user}", f"address:{address}"):
            self._pause(who, now)
        person = self._store.people.get(user)
        known = person is not None and not person.disabled and person.password_hash is not None
        stored = person.password_hash if known and person else _unusable_hash()
        if not self._matches(str(stored), password) or not known or person is None:
            for who in (f"user:{user}", f"address:{address}"):
                self._store.people.failed(who, now.isoformat(), (now - PAUSE).isoformat())
            raise BadCredentials
        return self._open(person, now)

    def sign_in_sample(self, role: str) -> SignedIn:
        """Open a session for a sample person; only where the demo is on.

        Raises:
            NotFound: This is not the demo, or there is no such sample person.
        """
        person = self._store.people.get(f"demo-{role}") if self._settings.demo else None
        if person is None or person.disabled:
            raise NotFound(what="demo")
        return self._open(person, self._clock())

    def samples(self) -> list[Person]:
        """The sample people of the demo, in the order of the roles; none outside it."""
        if not self._settings.demo:
            return []
        found = (self._store.people.get(f"demo-{role.value}") for role in Role)
        return [person for person in found if person is not None]

    def actor(self, token: str | None) -> Actor:
        """Who a session belongs to.

        Raises:
            NotSignedIn: No such session, or it is over.
        """
        (found,) = self.actors([token])
        if found is None:
            raise NotSignedIn
        return found

    def actors(self, tokens: Sequence[str | None]) -> list[Actor | None]:
        """Who each of several sessions belongs to; ``None`` for no session, or one that is over.

        Nothing is remembered from one time to the next: who has signed out or was shut out, in
        whatever process, is out for everything that comes after.
        """
        hashes = [_sha256(token) if token else "" for token in tokens]
        found = self._store.people.signed_in(hashes)
        now = self._clock()
        return [_actor_of(found.get(one), now) for one in hashes]

    def sign_out(self, token: str | None) -> None:
        """End a session, if it is one."""
        if token:
            self._store.people.close_session(_sha256(token))

    def _matches(self, stored: str, password: str) -> bool:
        # Each check takes 64 MB and a core: a few at a time, so that sign-ins never stop the work.
        if not self._checking.acquire(timeout=CHECK_WAIT_S):
            raise TooOften(seconds=CHECK_WAIT_S)
        try:
            return PasswordHasher().verify(stored, password)
        except VerificationError:
            return False
        finally:
            self._checking.release()

    def _open(self, person: Person, now: datetime) -> SignedIn:
        token = secrets.token_urlsafe(32)
        expires = now + timedelta(hours=self._settings.session_hours)
        self._store.people.open_session(
            Session(_sha256(token), person.user, now.isoformat(), expires.isoformat())
        )
        return SignedIn(token, as_actor(person), expires)

    def _pause(self, who: str, now: datetime) -> None:
        # What a clock that has since been set back dated into the future would last too long.
        since, until = (now - PAUSE).isoformat(), now.isoformat()
        failures = [at for at in self._store.people.failures(who, since) if at <= until]
        allowed = FAILURES_BEFORE_PAUSE if who.startswith("user:") else 10 * FAILURES_BEFORE_PAUSE
        if len(failures) >= allowed:
            over = datetime.fromisoformat(failures[-allowed]) + PAUSE
            raise TooOften(seconds=max(1, int((over - now).total_seconds())))


def as_actor(person: Person) -> Actor:
    """The person as the rules see one."""
    return Actor(person.user, person.name, person.unit, person.grants)


def _actor_of(found: SignedInPerson | None, now: datetime) -> Actor | None:
    if found is None or found.person.disabled:
        return None
    over = datetime.fromisoformat(found.expires_at) <= now
    return None if over else as_actor(found.person)


def owner(area: str) -> Actor:
    """Whoever runs commands on the machine itself: acts for the city of an area."""
    return Actor(OWNER, OWNER, ROLE_NAMES[Role.CITY][0], (Grant(Role.CITY, area),))


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


@cache
def _unusable_hash() -> str:
    """A hash nobody knows the password of: an unknown name then takes as long as a known one."""
    return PasswordHasher().hash(secrets.token_urlsafe(32))
