"""What other systems follow: the ledger in order, cut to who follows it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from georeview.core.access import Actor
from georeview.core.feed import Change
from georeview.services.plots import seen_by
from georeview.storage.ports.store import Store

LOOKED_AT = 2000
"""Events looked at for one answer, seen or not: a small area never reads a whole ledger at once."""

STEP = 200
"""Events read together: who sees most of them needs no more than were asked for."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the feed.

    Attributes:
        items: Changes with what each is to the receiver.
        next: Number to go on from; given also when nothing was seen.
        more: Whether there is more already.
    """

    items: Sequence[tuple[str, Change]]
    next: int
    more: bool


class FeedService:
    """The feed of changes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def changes(self, actor: Actor, since: int, limit: int) -> Part:
        """What happened after a number in the areas of the actor, as it was to be seen then.

        Following ``next`` leaves nothing out and repeats nothing: numbers are given in the order
        in which events are committed, without a gap.
        """
        scope = seen_by(actor)
        found: list[tuple[str, Change]] = []
        for change in self._after(since):
            kind = change.kind(scope)
            if kind is not None:
                found.append((kind, change))
            since = change.event.seq
            if len(found) == limit:
                break
        return Part(found, since, more=self._store.ledger.head().seq > since)

    def _after(self, since: int) -> Iterator[Change]:
        """The changes after a number, as many as one answer may look at."""
        for _ in range(0, LOOKED_AT, STEP):
            step = self._store.feed.changes(since, STEP)
            yield from step
            if len(step) < STEP:
                return
            since += STEP
