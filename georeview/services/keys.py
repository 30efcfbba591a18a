"""Keys for other systems: each has one role in one area, an end, and no hands of its own.

A key reads what a person of its role and area would read. What it writes about plots it writes for
a named person who has an account, and may do no more than both may: whom the ledger names is
somebody who can be asked, and nobody accepts his own mark by sending it through a system.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from georeview.clock import SHANGHAI, Clock
from georeview.core.access import (
    ROLE_NAMES,
    SYSTEM_USER,
    Action,
    Actor,
    Grant,
    Role,
    as_system,
    may_manage,
    need,
    on_behalf,
)
from georeview.core.accesslog import NewEntry
from georeview.core.ledger import Value
from georeview.errors import BadValue, Forbidden, GeoreviewError, NotFound, Unavailable
from georeview.errors.people import BadKey, KeyKnown, PersonUnknown
from georeview.errors.store import StoreConflict
from georeview.services.ids import new_id
from georeview.services.pauses import Pauses
from georeview.services.people import as_actor, is_area
from georeview.services.sessions import sha256
from georeview.storage.ports.people import AccessKey
from georeview.storage.ports.store import Store

PREFIX = "grk_"
"""What a key begins with, so that one that lies about is known for what it is."""

_NAME = re.compile(r"[^\s:/?#]{1,50}")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as it is handed out, this once."""

    key: AccessKey
    secret: str


class KeyService:
    """Looking after keys, and knowing who comes with one."""

    def __init__(self, store: Store, pauses: Pauses, clock: Clock) -> None:
        self._store = store
        self._pauses = pauses
        self._clock = clock

    # Looking after -------------------------------------------------------------------------------

    def all(self, actor: Actor) -> list[AccessKey]:
        """The keys whose role and area the actor may give."""
        need(actor, Action.PEOPLE)
        return [key for key in self._store.keys.all() if may_manage(actor, [grant_of(key)])]

    def add(
        self,
        actor: Actor,
        name: str,
        grant: Grant,
        *,
        unit: str | None = None,
        expires_on: str | None = None,
    ) -> NewKey:
        """Make a key.

        Args:
            actor: Who makes it.
            name: What the system is called.
            grant: What it may, and where.
            unit: The unit that runs it.
            expires_on: Its last day, ``YYYY-MM-DD``; none for no end.

        Raises:
            Forbidden: The actor may not give this role there.
            KeyKnown: There is, or was, a key of that name.
            BadValue: A value is impossible.
        """
        need(actor, Action.PEOPLE)
        if not _NAME.fullmatch(name) or not name.isprintable():
            raise BadValue(field="name", value=name[:80])
        if not is_area(grant.area):
            raise BadValue(field="area", value=grant.area[:80])
        if not may_manage(actor, [grant]):
            raise Forbidden(action=Action.PEOPLE.value)
        unit = unit or f"{grant.area} {ROLE_NAMES[grant.role][0]}"
        if len(unit) > 200 or not unit.isprintable():
            raise BadValue(field="unit", value=unit[:80])
        now, secret = self._clock(), PREFIX + secrets.token_urlsafe(32)
        ends = None if expires_on is None else _after(expires_on, now).isoformat()
        key = AccessKey(
            key_id=new_id(),
            name=name,
            sha256=sha256(secret),
            unit=unit,
            role=grant.role.value,
            area=grant.area,
            created_at=now.isoformat(),
            created_by=actor.user,
            expires_at=ends,
        )
        detail: dict[str, Value] = {
            "grants": [[], [f"{key.role}@{key.area}"]],
            "unit": [None, unit],
            "expires": [None, expires_on],
        }
        try:
            self._store.keys.add(key, self._entry(actor, "add_key", key, detail))
        except StoreConflict as error:
            raise KeyKnown(name=name) from error
        return NewKey(key, secret)

    def revoke(self, actor: Actor, name: str) -> AccessKey:
        """End a key at once and for good, by its name or id.

        Raises:
            NotFound: No such key for the actor.
        """
        for key in self.all(actor):
            if name in (key.name, key.key_id):
                if key.revoked_at is None:
                    noted = self._entry(actor, "revoke_key", key, {})
                    self._store.keys.revoke(key.key_id, noted.at, noted)
                return key
        raise NotFound(what=name)

    def _entry(
        self, actor: Actor, action: str, key: AccessKey, detail: Mapping[str, Value]
    ) -> NewEntry:
        now = self._clock().isoformat()
        return NewEntry(now, actor.user, action, SYSTEM_USER + key.name, key.area, detail)

    # Coming with one -----------------------------------------------------------------------------

    def actors(self, sent: Sequence[tuple[str, str | None]]) -> list[Actor | GeoreviewError]:
        """Who each of several keys stands for, or why it opens nothing; nothing is remembered.

        Args:
            sent: Each key, with the sign-in name of the person it is used for, if one is named.
        """
        hashes = [sha256(secret) for secret, _ in sent]
        found, now = self._store.keys.by_hash(hashes), self._clock()
        return [
            self._actor(found.get(one), person, now)
            for one, (_, person) in zip(hashes, sent, strict=True)
        ]

    def _actor(
        self, key: AccessKey | None, user: str | None, now: datetime
    ) -> Actor | GeoreviewError:
        if key is None or is_over(key, now):
            return BadKey()
        today = now.astimezone(SHANGHAI).date().isoformat()
        if key.last_used != today:
            # What is only for people to read never stops a request.
            with suppress(Unavailable):
                self._store.keys.used(key.key_id, today)
        if user is None:
            return _system(key)
        person = self._store.people.get(user)
        if person is None or person.disabled:
            return PersonUnknown(user=user[:80])
        return on_behalf(_system(key), as_actor(person))

    def wrong(self, address: str) -> None:
        """Note that a key was wrong.

        Raises:
            TooOften: Too many from this address lately.
        """
        who = f"key:{address}"
        self._pauses.check(who)
        self._pauses.failed(who)


def named(store: Store, user: str, now: datetime) -> Actor | None:
    """The system of this name, as long as its key holds."""
    for key in store.keys.all():
        if SYSTEM_USER + key.name == user and not is_over(key, now):
            return _system(key)
    return None


def grant_of(key: AccessKey) -> Grant:
    """What a key may, and where."""
    return Grant(Role(key.role), key.area)


def _system(key: AccessKey) -> Actor:
    return as_system(key.name, key.unit, grant_of(key))


def is_over(key: AccessKey, now: datetime) -> bool:
    """Whether a key has been revoked or has come to its end."""
    ended = key.expires_at is not None and datetime.fromisoformat(key.expires_at) <= now
    return ended or key.revoked_at is not None


def _after(day: str, now: datetime) -> datetime:
    """The end of a day here.

    Raises:
        BadValue: It is no day, or over.
    """
    try:
        ends = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=SHANGHAI) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise BadValue(field="expires", value=day[:80]) from error
    if ends <= now:
        raise BadValue(field="expires", value=day[:80])
    return ends
