"""Steps on their way into the chain of events, and out to whoever follows it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from georeview.core.access import Scope
from georeview.core.aside import Lying
from georeview.core.feed import Change
from georeview.core.heads import SignedHead
from georeview.core.ledger import Draft, Event
from georeview.core.locks import Lease
from georeview.core.plot import Review
from georeview.errors import NotFound
from georeview.storage.ports.deliveries import Entries
from georeview.storage.ports.evidence import EvidenceFile
from georeview.storage.ports.layers import Around
from georeview.storage.ports.plots import Plot


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A repeat of the same request by the same user on the same plot is the same request."""

    user: str
    route: str
    key: str
    body_sha256: str


@dataclass(frozen=True, slots=True)
class Pending:
    """A judged event waiting to be kept, with what must be kept in the same commit."""

    draft: Draft
    idempotency: Idempotency | None = None
    evidence: EvidenceFile | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """The event is on disk.

    Attributes:
        event: The event.
        review: The plot's review right after it.
        repeated: Whether it had been kept by an earlier, equal request.
    """

    event: Event
    review: Review
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Stale:
    """The plot had moved on; nothing was kept for this one."""

    review: Review


@dataclass(frozen=True, slots=True)
class KeyClash:
    """The idempotency key was used for another body; nothing was kept for this one."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain.

    Attributes:
        seq: Number of the last event.
        hash: Its hash.
        area_seq: Number of the last event that moved a plot into or out of somebody's sight.
        facts_seq: Moves with every write of facts, and when the projection is made anew.
    """

    seq: int
    hash: str
    area_seq: int
    facts_seq: int


@dataclass(frozen=True, slots=True)
class Flaw:
    """What ``verify`` found wrong: a code of ``flaw.<code>``, where, and in which file or head."""

    code: str
    seq: int | None
    plot_id: str | None
    what: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """All that a step on a plot is judged by, as it stands when its turn comes.

    Attributes:
        plot: The plot, with what earlier steps of the same group changed.
        files: Its evidence, oldest first.
        around: What stands beside every plot.
        other: Another plot the step speaks of, where it names one and it is there.
        aside: Records that lie beside it unsettled.
        was: The review at the version that a step to be kept rests on, where there was one.
        family: The plots that a step takes along, those that are there.
    """

    plot: Plot
    files: Sequence[EvidenceFile]
    around: Around
    other: Plot | None = None
    aside: Lying = ()
    was: Review | None = None
    family: Sequence[Plot] = ()


Judge = Callable[[Known], Draft | Sequence[Draft]]
"""Gives the event to keep, or several of which the first is the step itself; or raises a refusal."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that is judged and kept in one go.

    Attributes:
        plot_id: The plot.
        scope: What the person sees; a plot outside it is not there.
        judge: Gives the events to keep, or raises the refusal. It is called while the store's lock
            is held: it reads nothing, waits for nothing, changes nothing.
        idempotency: What makes a later request the same one.
        other: Another plot that the judge has to know.
        base: The version that a step rests on which is to be kept even when it comes too late: who
            saw the plot then is answered, though it may have left the scope. ``None`` for any other.
        lease: The lock that the step brings; ``None`` when it opens nothing for review.
        family: Plots that the step takes along: events of theirs may follow its own.
        parts: New plots that come in with the step.
        beside: Gives the events that go with it, kept in the same commit once it is.
    """

    plot_id: str
    scope: Scope
    judge: Judge
    idempotency: Idempotency | None = None
    other: str | None = None
    base: int | None = None
    lease: Lease | None = None
    family: Sequence[str] = ()
    parts: Entries | None = None
    beside: Callable[[Known], Iterable[Pending]] | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one step.

    Attributes:
        result: The event and the review right after it, or why nothing was kept.
        known: What it was judged by, with the plot as the event left it.
        seen: Whether whoever asked sees the plot now; else there is a receipt and no more.
    """

    result: Kept | Stale | KeyClash | Exception
    known: Known
    seen: bool = True


class Ledger(Protocol):
    """Events: kept once, in one order, never changed."""

    def append(self, batch: Sequence[Pending]) -> list[Kept | Stale | KeyClash]:
        """Keep events; those that arrive together are committed together.

        Returns only when what was kept is on disk. Each event stands or falls alone.

        Raises:
            Unavailable: The store cannot write now; nothing of the batch was kept.
        """

    def settle(self, batch: Sequence[Asked]) -> Future[list[Settled | NotFound]]:
        """Judge and keep steps, together with whatever else arrives; one answer for each.

        ``NotFound`` is the answer for a plot that is not there for the person.

        What was kept is on disk when the answers come. Each step stands or falls alone; a repeat of
        an earlier request gets that request's answer before it is judged, for it is based on a
        version that its own first try has moved.

        Raises:
            Unavailable: In the future: the store cannot write now; nothing of the batch was kept.
        """

    def review(self, scope: Scope, plot_id: str) -> Review:
        """The plot's review.

        Raises:
            NotFound: No such plot in this scope.
        """

    def history(self, scope: Scope, plot_id: str) -> list[Event]:
        """The plot's events, oldest first.

        Raises:
            NotFound: No such plot in this scope.
        """

    def events(self, since: int = 0) -> Iterator[Event]:
        """Every event after a number, in order."""

    def head(self) -> Head:
        """The end of the chain."""

    def verify(
        self, heads: Mapping[str, SignedHead] = ..., advance: Callable[[int], None] = ...
    ) -> Iterator[Flaw]:
        """Recompute every hash, every link and every projection; yields what is wrong.

        The signed heads of the store itself are held against the ledger too.

        Args:
            heads: Signed heads that were kept elsewhere, each with what to call it.
            advance: Told how many events have been looked at since last time; each is looked at
                twice, in order and plot by plot.
        """

    def rebuild(self) -> int:
        """Make the projection anew from the events; returns the number of plots."""

    def put_clocks_right(self) -> int:
        """Write the dates that lists keep where a plot's clock says another; returns how many."""


class Feed(Protocol):
    """Events for other systems."""

    def changes(self, since: int, limit: int) -> list[Change]:
        """The next changes after a number, in the order of the ledger, none left out."""


class Heads(Protocol):
    """Signed heads that the store itself keeps."""

    def add(self, head: SignedHead) -> None:
        """Keep a signed head."""

    def all(self) -> list[SignedHead]:
        """Every signed head, oldest first."""
