"""Who works on a plot: a lease of some minutes that keeps others from reviewing it meanwhile.

A lock stands outside the ledger and moves no version. It ends by itself, so that a browser that was
killed holds nobody up for longer than the lease.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from georeview.core.access import Action, Actor
from georeview.core.ledger import stamp

TAKES = frozenset({Action.CLAIM.value, Action.OPEN.value, Action.MARK.value})
"""Steps by which a plot is opened for review, and so locked for whoever takes them."""

HELD_BACK = TAKES | {Action.UNDO_MARK.value, Action.SUBMIT.value}
"""Steps that others may not take meanwhile. Who verifies is held back by nobody."""


@dataclass(frozen=True, slots=True)
class Lock:
    """Who holds a plot.

    Attributes:
        user: Sign-in name.
        name: Name shown to others.
        unit: The unit the person acts for.
        until: When it ends, ISO 8601 in UTC.
    """

    user: str
    name: str
    unit: str
    until: str


@dataclass(frozen=True, slots=True)
class Lease:
    """The lock that a step brings.

    Attributes:
        lock: What it would be from now on.
        enough: A lock of one's own that holds beyond this is left as it is.
    """

    lock: Lock
    enough: str

    def after(self, held: Lock | None) -> Lock:
        """The lock as the step leaves it."""
        if held is None or held.user != self.lock.user or held.until < self.enough:
            return self.lock
        return held


def lease(actor: Actor, now: datetime, minutes: int) -> Lease:
    """A lock from this second on, renewed when less than half of it is left."""
    return _lease(actor.user, actor.name, actor.unit, now.replace(microsecond=0), minutes)


@lru_cache(maxsize=256)
def _lease(user: str, name: str, unit: str, now: datetime, minutes: int) -> Lease:
    """Made once for all that somebody does in a second: it takes a quarter of judging a mark."""
    half = timedelta(minutes=minutes) / 2
    return Lease(Lock(user, name, unit, stamp(now + 2 * half)), stamp(now + half))


def in_force(lock: Lock | None, now: datetime) -> Lock | None:
    """A lock that has not ended."""
    return lock if lock is not None and lock.until > stamp(now) else None


def holds_back(lock: Lock, action: str, user: str, now: datetime) -> bool:
    """Whether a lock is in the way of somebody's step."""
    return lock.user != user and action in HELD_BACK and in_force(lock, now) is not None
