"""Signing in and out, and who is signed in."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from georeview.clock import Clock
from georeview.core.access import Actor, Role
from georeview.core.accesslog import NewEntry
from georeview.errors import BadValue, GeoreviewError, NotFound, NotSignedIn
from georeview.errors.people import BadCredentials, PasswordToChange
from georeview.services.passwords import Checker, kept
from georeview.services.pauses import Pauses
from georeview.services.people import area_of, as_actor
from georeview.settings import Settings
from georeview.storage.ports.people import Person, Session, SignedInPerson
from georeview.storage.ports.store import Store


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the secret is handed out once and kept nowhere.

    ``must_change`` says that it opens nothing yet but the way to a password of one's own.
    """

    token: str
    actor: Actor
    expires_at: datetime
    must_change: bool


class SessionService:
    """Sessions of people."""

    def __init__(self, store: Store, pauses: Pauses, clock: Clock, settings: Settings) -> None:
        self._store = store
        self._pauses = pauses
        self._clock = clock
        self._settings = settings
        self._checker = Checker()

    # Signing in ----------------------------------------------------------------------------------

    def sign_in(self, user: str, password: str, address: str) -> SignedIn:
        """Open a session for a name and password.

        Raises:
            TooOften: Too many failures of this account or address lately.
            BadCredentials: They do not match; takes as long for an unknown name.
        """
        return self._open(self._proven(user, password, address))

    def _proven(self, user: str, password: str, address: str) -> Person:
        whos = (f"user:{user}", f"address:{address}")
        self._pauses.check(*whos)
        person = self._store.people.get(user)
        known = None if person is None or person.disabled else person.password_hash
        if not self._checker.matches(known, password) or person is None:
            self._pauses.failed(*whos)
            raise BadCredentials
        return person

    def sign_in_sample(self, role: str) -> SignedIn:
        """Open a session for a sample person; only where the demo is on.

        Raises:
            NotFound: This is not the demo, or there is no such sample person.
        """
        person = self._store.people.get(f"demo-{role}") if self._settings.demo else None
        if person is None or person.disabled:
            raise NotFound(what="demo")
        return self._open(person)

    def samples(self) -> list[Person]:
        """The sample people of the demo, in the order of the roles; none outside it."""
        if not self._settings.demo:
            return []
        found = (self._store.people.get(f"demo-{role.value}") for role in Role)
        return [person for person in found if person is not None]

    def choose_password(self, token: str | None, old: str, new: str, address: str) -> SignedIn:
        """Give oneself a new password: every other session ends, and this one begins anew.

        Raises:
            NotSignedIn: No such session, or it is over.
            TooOften: The old password was wrong too often lately.
            BadCredentials: It is not the old password.
            BadValue: The new one is too short, or the old one again.
        """
        who = self._person(token)
        person = self._proven(who.user, old, address)
        if new in (old, person.user):
            raise BadValue(field="new_password", value="=")
        try:
            password_hash = kept(new)
        except BadValue as error:
            raise BadValue(field="new_password", value=error.facts["value"]) from error
        changed = replace(person, password_hash=password_hash, must_change=False)
        now = self._clock().isoformat()
        area = area_of(person.grants)
        noted = NewEntry(now, person.user, "choose_password", person.user, area, {})
        self._store.people.put(changed, noted)
        self._store.people.close_sessions(person.user)
        return self._open(changed)

    def _open(self, person: Person) -> SignedIn:
        token, now = secrets.token_urlsafe(32), self._clock()
        expires = now + timedelta(hours=self._settings.session_hours)
        self._store.people.open_session(
            Session(sha256(token), person.user, now.isoformat(), expires.isoformat())
        )
        return SignedIn(token, as_actor(person), expires, person.must_change)

    # Being signed in -----------------------------------------------------------------------------

    def actor(self, token: str | None) -> Actor:
        """Who a session belongs to.

        Raises:
            NotSignedIn: No such session, or it is over.
            PasswordToChange: The person must choose a password first.
        """
        (found,) = self.actors([token])
        if isinstance(found, GeoreviewError):
            raise found
        return found

    def actors(self, tokens: Sequence[str | None]) -> list[Actor | GeoreviewError]:
        """Who each of several sessions belongs to, or why it opens nothing.

        Nothing is remembered from one time to the next: who has signed out or was shut out, in
        whatever process, is out for everything that comes after.
        """
        hashes = [sha256(token) if token else "" for token in tokens]
        found = self._store.people.signed_in(hashes)
        now = self._clock()
        return [_actor_of(found.get(one), now) for one in hashes]

    def sign_out(self, token: str | None) -> None:
        """End a session, if it is one."""
        if token:
            self._store.people.close_session(sha256(token))

    def _person(self, token: str | None) -> Person:
        hashed = sha256(token or "")
        found = self._store.people.signed_in([hashed]).get(hashed)
        if found is None or _is_over(found, self._clock()):
            raise NotSignedIn
        return found.person


def _actor_of(found: SignedInPerson | None, now: datetime) -> Actor | GeoreviewError:
    if found is None or _is_over(found, now):
        return NotSignedIn()
    return PasswordToChange() if found.person.must_change else as_actor(found.person)


def _is_over(found: SignedInPerson, now: datetime) -> bool:
    return found.person.disabled or datetime.fromisoformat(found.expires_at) <= now


def sha256(secret: str) -> str:
    """A secret as it is kept where it is long and random: nobody can try them all."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()
