"""Who may ask: people, sessions, keys, and what became of their rights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from georeview.core.access import Grant, Scope
from georeview.core.accesslog import Entry as AccessEntry
from georeview.core.accesslog import NewEntry
from georeview.core.personal import OnRecord


class Personal(Protocol):
    """Names of third parties, beside the ledger."""

    def of_plot(self, plot_id: str) -> list[OnRecord]:
        """What is on record of a plot, erased names too."""

    def erase(self, tokens: Sequence[str], said: Mapping[str, str], noted: NewEntry) -> None:
        """Erase names, and note it in the same commit.

        Args:
            tokens: Which.
            said: ``erased_at``, ``erased_by``, ``reason``.
            noted: What the access log says.
        """


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in.

    Attributes:
        user: Sign-in name.
        name: Name shown to others.
        unit: Unit the person acts for.
        password_hash: ``None`` where nobody can sign in with a password.
        disabled: Whether the account is closed.
        grants: Roles with areas.
        email: Where the person is reached, if told.
        lang: The language the person reads.
        must_change: Whether the password was somebody else's and only opens the way to a new one.
        last_sign_in: When a session was last opened; kept by ``open_session`` alone.
    """

    user: str
    name: str
    unit: str
    password_hash: str | None
    disabled: bool
    grants: tuple[Grant, ...]
    email: str | None = None
    lang: str = "zh-CN"
    must_change: bool = False
    last_sign_in: str | None = None


@dataclass(frozen=True, slots=True)
class SignedInPerson:
    """Whose session it is, and when it ends."""

    person: Person
    expires_at: str


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser; only the hash of its secret is kept."""

    token_sha256: str
    user: str
    created_at: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class AccessKey:
    """The key of another system.

    Attributes:
        key_id: Ours.
        name: What the system is called; no two keys ever share it.
        sha256: Hash of the secret.
        unit: The unit that runs the system.
        role: What it may.
        area: Where.
        created_at: When it was made.
        created_by: Sign-in name of who made it.
        expires_at: From when on it opens nothing; ``None`` for no end.
        revoked_at: When it was ended.
        last_used: The day it was last used.
    """

    key_id: str
    name: str
    sha256: str
    unit: str
    role: str
    area: str
    created_at: str
    created_by: str
    expires_at: str | None = None
    revoked_at: str | None = None
    last_used: str | None = None


class People(Protocol):
    """Who may sign in, and who is signed in."""

    def put(self, person: Person, noted: NewEntry | None = None) -> None:
        """Add a person or replace what is known of one, and note it in the same commit."""

    def get(self, user: str) -> Person | None:
        """One person, or ``None``."""

    def all(self) -> list[Person]:
        """Everybody, by sign-in name."""

    def open_session(self, session: Session) -> None:
        """Keep a session, and when its person signed in last; those that are over go."""

    def signed_in(self, tokens_sha256: Sequence[str]) -> Mapping[str, SignedInPerson]:
        """Sessions by the hashes of their secrets, each with its person; expired ones too."""

    def close_session(self, token_sha256: str) -> None:
        """End a session."""

    def close_sessions(self, user: str) -> None:
        """End all sessions of a person."""

    def failed(self, who: str, at: str, since: str) -> None:
        """Note a failed sign-in for an account or an address; those before ``since`` go."""

    def failures(self, who: str, since: str) -> list[str]:
        """When sign-ins of an account or address failed since an instant."""

    def every_failure(self, since: str) -> Mapping[str, list[str]]:
        """The same for everybody whose sign-ins failed."""

    def forgive(self, who: str, noted: NewEntry) -> None:
        """Forget the failed sign-ins of an account or address."""


class AccessKeys(Protocol):
    """The keys of other systems."""

    def add(self, key: AccessKey, noted: NewEntry) -> None:
        """Keep a new key.

        Raises:
            StoreConflict: There is one of that name.
        """

    def all(self) -> list[AccessKey]:
        """Every key, also those that are over, by name."""

    def by_hash(self, hashes: Sequence[str]) -> Mapping[str, AccessKey]:
        """Keys by their hashes, also those that are over."""

    def revoke(self, key_id: str, at: str, noted: NewEntry) -> None:
        """End a key for good."""

    def used(self, key_id: str, day: str) -> None:
        """Keep on which day a key was used last."""


class AccessLog(Protocol):
    """Who gave or took which right; only ever added to."""

    def entries(self, scope: Scope, before: int | None, limit: int) -> list[AccessEntry]:
        """Entries about subjects of a scope, newest first, before a number."""

    def add(self, new: NewEntry) -> None:
        """Add an entry about something that changes nothing here."""

    def last_hash(self) -> str:
        """Hash of the last entry, that of none when there is none."""
