"""Webhooks: other systems are told of each change in their area, in order, until they have it.

One number says how far a receiver is. It moves when a message was answered with 2xx, so everything
arrives at least once, and what comes later waits until what came before has arrived.
"""

import http.client
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

import orjson

from georeview.clock import Clock
from georeview.core.access import SYSTEM_USER, Action, Actor, Role, need
from georeview.core.accesslog import NewEntry
from georeview.core.feed import Change
from georeview.core.ledger import Value
from georeview.core.webhooks import headers, next_try, secret_of
from georeview.errors import NotFound
from georeview.errors.people import AddressRefused, TooManyWebhooks
from georeview.services import outside
from georeview.services.feed import FeedService
from georeview.services.ids import new_id
from georeview.services.jobs import actor_named
from georeview.services.lines import change
from georeview.services.people import OWNER, area_of
from georeview.settings import Settings
from georeview.storage.ports import Json
from georeview.storage.ports.jobs import Job
from georeview.storage.ports.notices import Webhook
from georeview.storage.ports.store import Store

KIND = "webhook"
MOST = 20
"""Webhooks of one person or system."""

PART = 100
SECRET_BYTES = 32


class WebhookService:
    """Who is told where, and telling it."""

    def __init__(self, store: Store, feed: FeedService, clock: Clock, settings: Settings) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock
        self._settings = settings

    # Looking after -------------------------------------------------------------------------------

    def all(self, actor: Actor) -> list[Webhook]:
        """The actor's own; an administrator sees everybody's."""
        return [hook for hook in self._store.webhooks.all() if _looks_after(actor, hook)]

    def add(self, actor: Actor, url: str) -> Webhook:
        """Tell an address of everything that happens from now on where the actor sees plots.

        Raises:
            BadValue: It is no address.
            AddressRefused: It lies in a network of our own.
            TooManyWebhooks: The actor has as many as one may have.
        """
        need(actor, Action.SEE)
        outside.allowed(outside.parse(url), self._settings.webhooks_to)
        if sum(hook.owner == actor.user for hook in self._store.webhooks.all()) >= MOST:
            raise TooManyWebhooks(n=MOST)
        now = self._clock().isoformat()
        hook = Webhook(
            webhook_id=new_id(),
            url=url,
            secret=secret_of(secrets.token_bytes(SECRET_BYTES)),
            owner=actor.user,
            created_at=now,
            since=self._store.ledger.head().seq,
            failures=0,
            next_at=now,
        )
        self._store.webhooks.add(hook, _entry(now, actor, "add_webhook", hook))
        return hook

    def remove(self, actor: Actor, webhook_id: str) -> None:
        """Tell an address no more.

        Raises:
            NotFound: No such webhook for the actor.
        """
        hook = self._store.webhooks.get(webhook_id)
        if hook is None or not _looks_after(actor, hook):
            raise NotFound(what=webhook_id)
        now = self._clock().isoformat()
        self._store.webhooks.remove(webhook_id, _entry(now, actor, "remove_webhook", hook))

    # Delivering ----------------------------------------------------------------------------------

    def due(self) -> Iterator[tuple[str, Json]]:
        """The deliveries to be asked for: the name that only one job has, and its options."""
        now, end = self._clock(), self._store.ledger.head().seq
        for hook in self._store.webhooks.all():
            waits = datetime.fromisoformat(hook.next_at) > now
            if hook.disabled_at is None and hook.since < end and not waits:
                # By the hour, so that a job that was given up is not the last.
                name = f"{KIND} {hook.webhook_id} {hook.since} {hook.failures} {now:%Y%m%d%H}"
                yield name, {"webhook": hook.webhook_id}

    def deliver(self, job: Job, told: Callable[[int], None]) -> Json:
        """Tell one address everything that it has not been told, until it does not listen.

        Args:
            job: Names the webhook.
            told: Is called after each message.
        """
        hook = self._store.webhooks.get(str(job.given.options["webhook"]))
        n = 0
        while hook is not None and hook.disabled_at is None:
            owner = actor_named(self._store, hook.owner, self._clock())
            if owner is None:
                self._give_up(hook, "owner")
                break
            part = self._feed.changes(owner, hook.since, PART)
            for kind, item in part.items:
                failed = self._tell(hook, kind, item)
                if failed is not None:
                    self._failed(hook, *failed)
                    return {"told": n}
                n += 1
                hook = self._arrived(hook, item.event.seq)
                told(1)
            if part.next > hook.since:
                hook = replace(hook, since=part.next)
                self._store.webhooks.move(hook)
            if not part.more:
                break
            hook = self._store.webhooks.get(hook.webhook_id)
        return {"told": n}

    def _tell(self, hook: Webhook, kind: str, item: Change) -> tuple[str, int | None] | None:
        """Send one message: ``None`` when it has arrived, else what was wrong."""
        data = change(kind, item)
        payload = orjson.dumps(
            {"type": f"plot.{kind}", "timestamp": data["recorded_at"], "data": data}
        )
        signed = headers(hook.secret, f"{hook.webhook_id}.{item.event.seq}", self._clock(), payload)
        parts = urlsplit(hook.url)
        try:
            address = outside.allowed(parts, self._settings.webhooks_to)
            status = outside.post(parts, address, signed, payload)
        except AddressRefused:
            return "address", None
        except (OSError, http.client.HTTPException):
            return "silence", None
        return None if 200 <= status < 300 else (str(status), status)

    def _arrived(self, hook: Webhook, seq: int) -> Webhook:
        moved = replace(
            hook,
            since=seq,
            failures=0,
            failing_since=None,
            last_error=None,
            delivered_at=self._clock().isoformat(),
        )
        self._store.webhooks.move(moved)
        return moved

    def _failed(self, hook: Webhook, why: str, status: int | None) -> None:
        now = self._clock()
        at = next_try(hook.failures + 1, now, status)
        tried = replace(
            hook,
            failures=hook.failures + 1,
            failing_since=hook.failing_since or now.isoformat(),
            last_error=why,
            next_at=(at or now).isoformat(),
        )
        if at is None:
            self._give_up(tried, why)
        else:
            self._store.webhooks.move(tried)

    def _give_up(self, hook: Webhook, why: str) -> None:
        now = self._clock().isoformat()
        area = self._area(hook.owner)
        detail: dict[str, Value] = {"url": [None, hook.url]}
        noted = NewEntry(now, OWNER, "disable_webhook", hook.owner, area, detail)
        self._store.webhooks.move(replace(hook, disabled_at=now, last_error=why), noted)

    def _area(self, owner: str) -> str:
        """Where somebody is known, also one who is shut out by now."""
        for key in self._store.keys.all():
            if SYSTEM_USER + key.name == owner:
                return key.area
        person = self._store.people.get(owner)
        return "" if person is None else area_of(person.grants)


def _looks_after(actor: Actor, hook: Webhook) -> bool:
    return hook.owner == actor.user or any(g.role is Role.ADMIN for g in actor.grants)


def _entry(at: str, actor: Actor, action: str, hook: Webhook) -> NewEntry:
    area = area_of(actor.grants)
    return NewEntry(at, actor.user, action, hook.owner, area, {"url": [None, hook.url]})
