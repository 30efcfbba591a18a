"""Taking plots in: a file's plots with their first events, as one stream and in one commit.

A file may hold a million plots, so nothing here is kept per plot, and what is equal for all of
them (the review their first events add up to) is worked out once.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice, repeat
from operator import itemgetter

from georeview.core.ledger import Event, Linked, linked
from georeview.core.replay import moves_sight, replay
from georeview.storage.engine import Connection, Row, insert, statement
from georeview.storage.facts import NEXT
from georeview.storage.ledger import head_of, move_head
from georeview.storage.ports import Batch, Entry, Head, Import
from georeview.storage.records import (
    BATCH,
    EVENT,
    FACTS,
    GIVEN,
    IMPORT,
    STATE,
    WHOLE,
    facts_values,
    given_values,
    state_values,
    whole_values,
)
from georeview.storage.where_condition import NEVER

ADD_BATCH = statement(insert("batch", BATCH), "ON CONFLICT (name) DO NOTHING")
ADD_IMPORT = insert("import_file", IMPORT)
SPAN = """UPDATE import_file SET first_seq = :first, last_seq = :last
WHERE import_id = :import_id"""
REVIEW_DUE = "SELECT review_due FROM batch WHERE name = :name"
LAST_FID = "SELECT COALESCE(MAX(fid), 0) FROM plot"

_plot_id, _seq, _recorded_at = (
    itemgetter(EVENT.index(name)) for name in ("plot_id", "seq", "recorded_at")
)
_sight = itemgetter(*(EVENT.index(name) for name in ("action", "before", "after")))
_replayed = itemgetter(
    *(EVENT.index(name) for name in ("version", "action", "actor", "before", "after"))
)
"""All that a replay looks at, apart from numbers that differ from plot to plot."""

CHUNK = 2000
"""Plots written together."""

MANY = 5_000
"""When more plots than this, and than there were, have come in, indexes wait for the end."""


def add(
    connection: Connection,
    batch: Batch,
    source: Import,
    entries: Iterable[Entry],
    *,
    since: int | None = None,
) -> int:
    """Keep plots with their first events in the transaction that is open.

    Args:
        connection: The transaction.
        batch: Their batch; kept if it is not there.
        source: Their file.
        entries: The plots.
        since: Number of the last event that is not the file's, where it has brought some already.

    Returns:
        The number of plots.

    Raises:
        ValueError: The events of a plot are not its first ones, in order.
    """
    # The head before all else: it is the lock between processes, also for the numbers given here.
    head = head_of(connection)
    taking = _Taking(connection, head)
    connection.execute(ADD_BATCH, {name: getattr(batch, name) for name in BATCH})
    connection.execute(ADD_IMPORT, {name: getattr(source, name) for name in IMPORT})
    (review_due,) = connection.execute(REVIEW_DUE, {"name": batch.name}).fetchone() or (None,)
    remaining = iter(entries)
    with uncollected():
        while taking.write(islice(remaining, CHUNK), review_due):
            pass
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


class _Taking:
    """One file on its way in."""

    def __init__(self, connection: Connection, head: Head) -> None:
        self._connection = connection
        self._seq, self._hash, self._area_seq = head.seq, head.hash, head.area_seq
        self._facts_seq = head.facts_seq
        (self._there,) = connection.execute(LAST_FID).fetchone() or (0,)
        self._added = 0
        self._facts = False
        self._states: dict[tuple[Row, ...], Row] = {}
        self._index: Callable[[], None] | None = None

    def write(self, entries: Iterable[Entry], review_due: str | None) -> bool:
        """Add events, plots, facts and projection of some plots; whether there were any."""
        bulk = self._connection.bulk
        chunk: list[Entry] = []
        kept: list[list[Linked]] = []
        # Read and chained while they are written: a server takes in what it has meanwhile.
        bulk("event", EVENT, chain.from_iterable(self._chained(entries, chunk, kept)))
        if not chunk:
            return False
        numbers = range(1 + self._there + self._added, 1 + self._there + self._added + len(chunk))
        plots = ((fid, *given_values(e.plot)) for fid, e in zip(numbers, chunk, strict=True))
        bulk("plot", ("fid", *GIVEN), plots)
        facts = [entry.facts for entry in chunk if entry.facts is not None]
        if facts:
            self._facts = True
            bulk("facts", FACTS, map(facts_values, facts))
        whole = list(map(self._whole, numbers, chunk, kept, repeat(review_due)))
        filled = self._filled()
        bulk("plot_state", filled(WHOLE), map(filled, whole))
        self._added += len(chunk)
        if self._index is None and self._added > max(self._there, MANY):
            self._index = self._connection.unindexed()
        return True

    def _chained(
        self, entries: Iterable[Entry], chunk: list[Entry], kept: list[list[Linked]]
    ) -> Iterator[list[Linked]]:
        """The first events of each entry, both kept for what is written next."""
        for entry in entries:
            events = self._link(entry)
            chunk.append(entry)
            kept.append(events)
            yield events

    def _link(self, entry: Entry) -> list[Linked]:
        """Chain the first events of one plot."""
        events = []
        for version, draft in enumerate(entry.drafts):
            if draft.base != version or draft.plot_id != entry.plot.plot_id:
                raise ValueError(f"first events out of order: {draft.event_id}")
            self._seq += 1
            event = linked(draft, seq=self._seq, version=version + 1, prev_hash=self._hash)
            self._hash = event[-1]
            if moves_sight(*_sight(event)):
                self._area_seq = self._seq
            events.append(event)
        if not events:
            raise ValueError(f"no first event: {entry.plot.plot_id}")
        return events

    def _whole(
        self, fid: int, entry: Entry, events: Sequence[Linked], review_due: str | None
    ) -> Row:
        """The columns of ``WHOLE``."""
        return whole_values(
            fid,
            entry.plot,
            entry.facts,
            self._state(events),
            due=(review_due or NEVER, None),
            updated_at=_recorded_at(events[-1]),
        )

    def _state(self, events: Sequence[Linked]) -> Row:
        """The columns of ``STATE``: replayed once for all plots whose events say the same."""
        said = tuple(map(_replayed, events))
        if said not in self._states:
            self._states[said] = state_values(replay("", (Event(*event) for event in events)))
        _, version, _, *rest = self._states[said]
        return (_plot_id(events[-1]), version, _seq(events[-1]), *rest)

    def _filled(self) -> Callable[[Row], Row]:
        """Takes from a row of ``WHOLE`` what first events and facts can fill; the rest is empty."""
        empty = {
            name
            for name, *values in zip(STATE, *self._states.values(), strict=True)
            if all(value is None for value in values)
        }
        return itemgetter(*(n for n, name in enumerate(WHOLE) if name not in empty))

    def finish(self) -> int:
        """Move the head and index what is not indexed yet; the number of plots."""
        if self._index is not None:
            self._index()
        head = Head(self._seq, self._hash, self._area_seq, self._facts_seq)
        move_head(self._connection, head)
        if self._facts:
            self._connection.execute(NEXT)
        return self._added
