"""Taking plots in: a file's plots with their first events, as one stream and in one commit.

A file may hold a million plots, so nothing here is kept per plot, and what is equal for all of
them (the review their first events add up to) is worked out once.
"""

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from georeview.core.ledger import GENESIS, Event, Linked, Pattern
from georeview.core.replay import moves_sight, replay
from georeview.storage.engine import Connection, Row, insert, statement
from georeview.storage.facts import NEXT
from georeview.storage.ledger import head_of, move_head
from georeview.storage.ports.deliveries import Entries
from georeview.storage.ports.ledger import Head
from georeview.storage.ports.plots import Batch, Import
from georeview.storage.records import (
    BATCH,
    EVENT,
    FACTS,
    GIVEN,
    IMPORT,
    given_columns,
    state_values,
    whole_columns,
)
from georeview.storage.where_condition import NEVER

ADD_BATCH = statement(insert("batch", BATCH), "ON CONFLICT (name) DO NOTHING")
ADD_IMPORT = insert("import_file", IMPORT)
SPAN = """UPDATE import_file SET first_seq = :first, last_seq = :last
WHERE import_id = :import_id"""
REVIEW_DUE = "SELECT review_due FROM batch WHERE name = :name"
LAST_FID = "SELECT COALESCE(MAX(fid), 0) FROM plot"

MANY = 5_000
"""When more plots than this, and than there were, have come in, indexes wait for the end."""


def add(
    connection: Connection,
    batch: Batch,
    source: Import,
    entries: Iterable[Entries],
    *,
    since: int | None = None,
) -> int:
    """Keep plots with their first events in the transaction that is open.

    Args:
        connection: The transaction.
        batch: Their batch; kept if it is not there.
        source: Their file.
        entries: The plots, some at a time.
        since: Number of the last event that is not the file's, where it has brought some already.

    Returns:
        The number of plots.

    Raises:
        ValueError: The events of a plot are not its first ones, in order.
    """
    # The head before all else: it is the lock between processes, also for the numbers given here.
    head = head_of(connection)
    taking = Taking(connection, head)
    connection.execute(ADD_BATCH, {name: getattr(batch, name) for name in BATCH})
    connection.execute(ADD_IMPORT, {name: getattr(source, name) for name in IMPORT})
    (review_due,) = connection.execute(REVIEW_DUE, {"name": batch.name}).fetchone() or (None,)
    with uncollected():
        for some in entries:
            taking.write(some, review_due)
    added = taking.finish()
    first, last = (head.seq if since is None else since) + 1, head_of(connection).seq
    if last >= first:
        connection.execute(SPAN, {"first": first, "last": last, "import_id": source.import_id})
    return added


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cycles meanwhile: rows make none, and looking costs a fifth of a large load."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Taking:
    """Plots on their way in: those of a file, or the parts of one plot."""

    def __init__(self, connection: Connection, head: Head) -> None:
        self._connection = connection
        self._seq, self._hash, self._area_seq = head.seq, head.hash, head.area_seq
        self._facts_seq = head.facts_seq
        (self._there,) = connection.execute(LAST_FID).fetchone() or (0,)
        self._added = 0
        self._facts = False
        self._firsts: dict[tuple[Pattern, ...], _First] = {}
        self._index: Callable[[], None] | None = None

    def write(self, some: Entries, review_due: str | None) -> None:
        """Add events, plots, facts and projection of some plots."""
        bulk, plots, n = self._connection.bulk, some.plots, len(some.plots)
        lasts: list[int] = []
        # Chained while they are written: a server takes in what it has meanwhile.
        bulk("event", EVENT, self._chained(some, lasts))
        numbers = range(1 + self._there + self._added, 1 + self._there + self._added + n)
        given = zip(numbers, *given_columns(plots), strict=False)
        bulk("plot", ("fid", *GIVEN), given)
        if some.facts is not None:
            self._facts = True
            bulk("facts", FACTS, zip(*map(some.facts.__getitem__, FACTS), strict=True))
        firsts = [self._firsts[steps] for steps in some.steps]
        states = [
            (plot_id, first.version, seq, *first.state)
            for plot_id, seq, first in zip(plots.plot_id, lasts, firsts, strict=True)
        ]
        due = (review_due or NEVER, None)
        columns = whole_columns(numbers, plots, some.facts, states, due=due)
        bulk("plot_state", tuple(columns), zip(*columns.values(), strict=False))
        self._added += n
        if self._index is None and self._added > max(self._there, MANY):
            self._index = self._connection.unindexed()

    def _chained(self, some: Entries, lasts: list[int]) -> Iterator[Linked]:
        """The first events of all plots, chained; the number of each plot's last is noted."""
        ids = iter(some.event_ids)
        seq, prev_hash = self._seq, self._hash
        for plot_id, steps, body in zip(some.plots.plot_id, some.steps, some.bodies, strict=True):
            first = self._firsts.get(steps) or self._first(steps)
            for version, step in enumerate(steps, 1):
                seq += 1
                said = body if version == 1 else step.body
                event = step.linked(
                    next(ids), plot_id, said, seq=seq, version=version, prev_hash=prev_hash
                )
                prev_hash = event[-1]
                yield event
            if first.sight:
                self._area_seq = seq - len(steps) + first.sight
            lasts.append(seq)
        self._seq, self._hash = seq, prev_hash

    def _first(self, steps: tuple[Pattern, ...]) -> "_First":
        """What steps come to: worked out once for all plots that take them."""
        if not steps or [step.draft.base for step in steps] != [*range(len(steps))]:
            raise ValueError("first events are missing or out of order")
        events = [
            Event(*step.linked("", "", step.body, seq=n, version=n, prev_hash=GENESIS))
            for n, step in enumerate(steps, 1)
        ]
        _, version, _, *state = state_values(replay("", events))
        sight = max((e.seq for e in events if moves_sight(e.action, e.before, e.after)), default=0)
        first = _First(version, (*state, events[-1].recorded_at), sight)
        self._firsts[steps] = first
        return first

    def finish(self) -> int:
        """Move the head and index what is not indexed yet; the number of plots."""
        if self._index is not None:
            self._index()
        head = Head(self._seq, self._hash, self._area_seq, self._facts_seq)
        move_head(self._connection, head)
        if self._facts:
            self._connection.execute(NEXT)
        return self._added


@dataclass(frozen=True, slots=True)
class _First:
    """What the first steps of a plot come to, whichever plot it is.

    Attributes:
        version: Version of the plot behind them.
        state: Its review: the columns of ``STATE`` behind the third, and the time of the last step.
        sight: Which step, from 1, was the last that moved who sees the plot; 0 for none.
    """

    version: int
    state: Row
    sight: int
