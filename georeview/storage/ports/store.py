"""All of it behind one door."""

from collections.abc import Callable, Mapping
from typing import Protocol

from georeview.core.jobs import Claim
from georeview.storage.ports.deliveries import Deliveries
from georeview.storage.ports.escalations import Escalations
from georeview.storage.ports.evidence import EvidenceIndex
from georeview.storage.ports.figures import Calendars, Figures, Samples
from georeview.storage.ports.jobs import Jobs, Lease
from georeview.storage.ports.layers import Around, Layers, Scenes
from georeview.storage.ports.leases import Locks, Presence
from georeview.storage.ports.ledger import Feed, Heads, Ledger
from georeview.storage.ports.notices import Mails, Notices, Webhooks
from georeview.storage.ports.people import AccessKeys, AccessLog, People, Personal
from georeview.storage.ports.permits import Permits
from georeview.storage.ports.plots import FactStore, Plots
from georeview.storage.ports.registers import Registers
from georeview.storage.ports.sender_profiles import SenderProfiles


class Expiry(Protocol):
    """What is kept for a time only."""

    def forget(self, *, now: str, answers_before: str, jobs_before: str) -> Mapping[str, int]:
        """Remove what is over: leases, sessions, answers to repeated requests, finished jobs.

        Returns:
            How many of each: ``sessions``, ``answers``, ``jobs``.
        """


class Store(Protocol):
    """All of it."""

    ledger: Ledger
    feed: Feed
    heads: Heads
    plots: Plots
    locks: Locks
    presence: Presence
    deliveries: Deliveries
    facts: FactStore
    evidence: EvidenceIndex
    layers: Layers
    scenes: Scenes
    people: People
    personal: Personal
    access: AccessLog
    keys: AccessKeys
    webhooks: Webhooks
    notices: Notices
    jobs: Jobs
    expiry: Expiry
    figures: Figures
    calendar: Calendars
    samples: Samples
    sender_profiles: SenderProfiles
    registers: Registers
    permits: Permits
    mails: Mails
    escalations: Escalations

    def fenced(self, claim: Claim, lease: Callable[[], Lease]) -> "Store":
        """The same store for the work of one job: every write renews its lease in the same commit.

        Whatever writes through it is refused with ``JobLost``, and nothing of it kept, once
        somebody else holds the job. Closing it closes nothing.

        Args:
            claim: The holder's.
            lease: Gives a lease from the present instant on.
        """

    def around(self) -> Around:
        """What stands beside every plot."""

    def store_id(self) -> str:
        """Which store this is: random, made once, never changed."""

    def ready(self) -> None:
        """Check that the store can be read and written and is fully migrated.

        Raises:
            Unavailable: It cannot; ``why`` says what is wrong.
        """

    def close(self) -> None:
        """Finish what was accepted and let go of every handle."""
