"""The feed for other systems: each event as a receiver with one area may see it.

What is seen is judged at the event, not today: a plot that left the area is told to have left, by
one last line that says nothing else, and one that came in is told with its whole review.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from georeview.core.access import Scope
from georeview.core.ledger import Event
from georeview.core.plot import Review
from georeview.core.replay import apply


@dataclass(frozen=True, slots=True)
class Change:
    """One event with what it made of its plot.

    Attributes:
        event: The event.
        before: The review before it.
        after: The review after it.
        batch: The plot's batch.
    """

    event: Event
    before: Review
    after: Review
    batch: str

    def kind(self, scope: Scope) -> str | None:
        """``event``, ``entered_scope``, ``left_scope``, or ``None`` when the scope never saw it."""
        seen_before = self.before.version > 0 and scope.sees(self.before, self.batch)
        if scope.sees(self.after, self.batch):
            return "event" if seen_before else "entered_scope"
        return "left_scope" if seen_before else None


def changes(events: Iterable[Event], since: int) -> Iterator[Change]:
    """The changes after a number, from the whole history of every plot in them.

    Args:
        events: All events of the plots concerned up to the end of the part, in order.
        since: Number of the last event that the receiver has.
    """
    reviews: dict[str, Review] = {}
    batches: dict[str, str] = {}
    for event in events:
        if event.plot_id not in batches:
            batches[event.plot_id] = str(event.said.get("batch", ""))
        before = reviews.get(event.plot_id) or Review(event.plot_id)
        after = reviews[event.plot_id] = apply(before, event)
        if event.seq > since:
            yield Change(event, before, after, batches[event.plot_id])
