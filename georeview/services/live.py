"""What the pages of people who are at work hear of each other: changes as they come, and who is here.

The lines are cut to who hears them exactly as the feed is; they say only what a page needs to paint
a plot anew.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from georeview.clock import Clock
from georeview.core.access import Actor
from georeview.core.aside import ASIDE
from georeview.core.feed import Change
from georeview.core.ledger import stamp
from georeview.core.locks import Lock, in_force
from georeview.services.feed import FeedService
from georeview.services.plots import seen_by
from georeview.storage.ports.leases import Present
from georeview.storage.ports.store import Store

Json = dict[str, Any]

BEHIND_MAX = 1000
"""Events after which a page does better to ask for everything anew."""

PRESENT_SECONDS = 35
"""How long a page counts as open after it has last said so."""


@dataclass(frozen=True, slots=True)
class Here:
    """Who is at a plot.

    Attributes:
        people: Everybody who has it open, each once.
        lock: Who holds it.
    """

    people: Sequence[Present] = ()
    lock: Lock | None = None

    def others(self, user: str) -> "Here":
        """The same without the one who asks."""
        return Here(tuple(one for one in self.people if one.user != user), self.lock)


@dataclass(frozen=True, slots=True)
class Looked:
    """What has happened since the last look.

    Attributes:
        head: Number of the last event.
        changes: What came after the number asked for; ``None`` when that is too much to tell.
        pages: Page → the plot it shows.
        here: Plot → who is at it, for every plot that some page shows.
    """

    head: int
    changes: Sequence[Change] | None
    pages: Mapping[str, str]
    here: Mapping[str, Here]


class LiveService:
    """What pages hear."""

    def __init__(self, store: Store, feed: FeedService, clock: Clock) -> None:
        self._store = store
        self._feed = feed
        self._clock = clock

    def head(self) -> int:
        """Number of the last event."""
        return self._store.ledger.head().seq

    def look(self, since: int) -> Looked:
        """What has happened after a number, in every area: one look for all who listen."""
        head = self.head()
        changes: list[Change] | None = []
        if head - since > BEHIND_MAX:
            changes = None
        elif head > since:
            changes = self._store.feed.changes(since, head - since)
        shown = self._store.presence.all(stamp(self._clock()))
        return Looked(head, changes, {one.page: one.plot_id for one in shown}, self._here(shown))

    def after(self, actor: Actor, since: int, until: int) -> list[Json] | None:
        """The lines between two numbers for one person; ``None`` when they are too many."""
        if until - since > BEHIND_MAX:
            return None
        lines: list[Json] = []
        while since < until:
            part = self._feed.changes(actor, since, BEHIND_MAX)
            lines += [line(kind, told) for kind, told in part.items if told.event.seq <= until]
            if part.next == since:
                break
            since = part.next
        return lines

    def say_open(self, actor: Actor, page: str, plot_id: str) -> Here:
        """A page of the actor's shows a plot; who else is there.

        Raises:
            NotFound: The plot is not visible to the actor.
        """
        lock = self._store.plots.get(seen_by(actor), plot_id).lock
        now = self._clock()
        until = stamp(now + timedelta(seconds=PRESENT_SECONDS))
        who = Present(page_of(actor, page), plot_id, actor.user, actor.name, actor.unit, until)
        self._store.presence.put(who)
        shown = [one for one in self._store.presence.all(stamp(now)) if one.plot_id == plot_id]
        return Here(_once(shown), in_force(lock, now)).others(actor.user)

    def say_closed(self, actor: Actor, page: str) -> None:
        """A page of the actor's shows no plot any more."""
        self._store.presence.leave(page_of(actor, page))

    def _here(self, shown: Sequence[Present]) -> Mapping[str, Here]:
        plots: dict[str, list[Present]] = defaultdict(list)
        for one in shown:
            plots[one.plot_id].append(one)
        locks, now = self._store.locks.among(list(plots)), self._clock()
        return {
            plot_id: Here(_once(people), in_force(locks.get(plot_id), now))
            for plot_id, people in plots.items()
        }


def page_of(actor: Actor, page: str) -> str:
    """What a page is kept under: nobody speaks for a page of somebody else."""
    return f"{actor.user} {page}"


def _once(shown: Sequence[Present]) -> tuple[Present, ...]:
    """Everybody once, in however many windows."""
    return tuple({one.user: one for one in shown}.values())


def line(kind: str, told: Change) -> Json:
    """One change: what left a receiver's area says no more than that."""
    event, after = told.event, told.after
    said: Json = {"kind": kind, "seq": event.seq, "plot_id": event.plot_id}
    if kind == "left_scope":
        return said
    return said | {
        "batch": told.batch,
        "action": event.action,
        "actor": event.actor,
        "unit": event.unit,
        "mark": after.mark,
        "mark_state": after.mark_state,
        "stage": after.stage,
        "version": after.version,
        # A record beside the plot came or went: that moves no version.
        "late": event.action == ASIDE or "record" in event.said,
    }
