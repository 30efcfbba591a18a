"""What is told to people and to other systems."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from georeview.core.access import Scope
from georeview.core.accesslog import NewEntry
from georeview.core.notices import Told


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where another system wants to be told of changes.

    Attributes:
        webhook_id: Ours.
        url: Where to.
        secret: What messages are signed with.
        owner: Sign-in name of whoever asked, or ``key:NAME``; its area is what is told of.
        created_at: When.
        since: Number of the last event that has arrived, or was none of the owner's.
        failures: Tries in a row that failed.
        next_at: Not to be tried before.
        delivered_at: When something arrived last.
        failing_since: When the first of the failures was.
        last_error: What was wrong last: a status, or a word for what stands in the texts.
        disabled_at: When it was given up.
    """

    webhook_id: str
    url: str
    secret: str
    owner: str
    created_at: str
    since: int
    failures: int
    next_at: str
    delivered_at: str | None = None
    failing_since: str | None = None
    last_error: str | None = None
    disabled_at: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """What a person, or a role of an area, is told of a batch on one day.

    Attributes:
        number: Ours.
        kind: What is told.
        user_name: The person, empty for a role.
        role: The role, empty for a person.
        area: Where.
        batch: Of which batch.
        day: The day here, ISO.
        plots: How often it was told.
        plot_id: The last plot.
        actor: Who acted last.
        seq: The last event.
        at: When that was.
    """

    number: int
    kind: str
    user_name: str
    role: str
    area: str
    batch: str
    day: str
    plots: int
    plot_id: str
    actor: str
    seq: int
    at: str


class Webhooks(Protocol):
    """Where other systems want to be told."""

    def add(self, hook: Webhook, noted: NewEntry) -> None:
        """Keep a new one."""

    def all(self) -> list[Webhook]:
        """Every webhook, oldest first."""

    def get(self, webhook_id: str) -> Webhook | None:
        """One of them."""

    def move(self, hook: Webhook, noted: NewEntry | None = None) -> None:
        """Keep how far one is and how it fares."""

    def remove(self, webhook_id: str, noted: NewEntry) -> None:
        """Forget one."""


class Notices(Protocol):
    """What people are told."""

    def done(self, what: str) -> int | None:
        """Up to which event something has been told; ``None`` when never."""

    def tell(self, what: str, told: Iterable[Told], seq: int, at: str) -> None:
        """Keep what is told, and that everything up to an event has been, in one commit."""

    def of(
        self, user: str, roles: Sequence[tuple[str, Scope]], since: str, limit: int
    ) -> list[Notice]:
        """What a person and the roles it holds were told since a day, newest first."""

    def read(self, user: str) -> Mapping[str, int]:
        """What a person has read, each with what it had come to then."""

    def set_read(self, user: str, read: Mapping[str, int]) -> None:
        """Keep that a person has read these."""


class Mails(Protocol):
    """Who wants notices by mail, and what each was sent."""

    def wishes(self) -> Mapping[str, str]:
        """Sign-in name → how the person wants it; whoever has not said so is missing."""

    def set_wish(self, user: str, wish: str) -> None:
        """Keep how a person wants it."""

    def sent(self, user: str) -> Mapping[str, int]:
        """What a person was sent, each notice with what it had come to then."""

    def keep(self, user: str, sent: Mapping[str, int], at: str) -> None:
        """Keep what is about to be sent."""

    def take_back(
        self, user: str, names: Sequence[str], before: Mapping[str, int], at: str
    ) -> None:
        """What was kept did not go out: as it was before."""
