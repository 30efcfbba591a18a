"""One step taken on many plots: each an event of its own, each stands or falls alone."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from georeview.core.access import Actor
from georeview.core.procedure import BULK, Command
from georeview.core.query import Filter
from georeview.errors import BadValue, NotFound
from georeview.errors.review import TooManyAtOnce
from georeview.services.ids import new_id
from georeview.services.plots import seen_by
from georeview.services.review import ReviewService
from georeview.storage.ports.ledger import Idempotency, Settled
from georeview.storage.ports.store import Store

MOST = 5000
"""Plots in one request."""

GROUP = 500
"""Plots in one commit: others who write wait no longer than that takes."""

MOVED_ON = -1
"""A version no plot has: what has changed since the list was made is refused as outdated."""

Target = tuple[str, int]
"""A plot and the version it was seen in."""

Result = tuple[str, Settled | NotFound]


class BulkService:
    """Steps on many plots at once."""

    def __init__(self, store: Store, review: ReviewService) -> None:
        self._store = store
        self._review = review

    def matching(self, actor: Actor, where: Filter, as_of_seq: int) -> list[Target]:
        """The plots of a filter, each with the version it had at an event.

        Args:
            actor: Who asks.
            where: Which plots.
            as_of_seq: Number of the last event the person has seen.

        Raises:
            TooManyAtOnce: They are too many for one request.
        """
        found: list[Target] = []
        for plots in self._store.plots.stream(seen_by(actor), where):
            for plot in plots:
                known = plot.review.seq <= as_of_seq
                version = plot.review.version if known else MOVED_ON
                found.append((plot.given.plot_id, version))
            _need_few(found)
        return found

    def take(
        self,
        actor: Actor,
        action: str,
        targets: Sequence[Target],
        body: Mapping[str, object],
        same: Callable[[], Idempotency | None] = lambda: None,
    ) -> Iterator[list[Result]]:
        """Take a step on many plots, a commit for each part; what became of each.

        Args:
            actor: Who asks.
            action: Which step.
            targets: The plots.
            body: What the step carries, the same for all.
            same: What makes a later request the same one; scoped by plot.

        Raises:
            BadValue: The step is none that is taken in bulk.
            TooManyAtOnce: They are too many for one request.
        """
        if action not in BULK:
            raise BadValue(field="action", value=action[:80])
        _need_few(targets)
        for at in range(0, len(targets), GROUP):
            part = targets[at : at + GROUP]
            asked = [
                self._review.ask(
                    actor, plot_id, Command(action, new_id(), base, body, bulk=True), same()
                )
                for plot_id, base in part
            ]
            results = self._review.settle(asked).result()
            yield [(plot_id, result) for (plot_id, _), result in zip(part, results, strict=True)]


def _need_few(targets: Sequence[Target]) -> None:
    if len(targets) > MOST:
        raise TooManyAtOnce(most=MOST)
