"""A group of events, judged in turn and kept in one commit.

What a group rests on is read first, in a handful of statements however many plots it touches; then
each step is judged and chained in memory, seeing what earlier ones of the group changed; then all
is written, in a handful of statements again. The judging happens inside the transaction: the store
is locked for the time of some arithmetic, but nothing is read twice, no step can become stale
between its judgement and its commit, and several processes on one store need no other rule.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain as joined

from georeview.core.aside import followed
from georeview.core.ledger import Draft, Named
from georeview.core.locks import Lease, Lock
from georeview.core.plot import Review
from georeview.core.replay import apply
from georeview.errors import NotFound
from georeview.storage.around import AroundReader
from georeview.storage.aside import keep_conflicts, lying_among
from georeview.storage.clocks import keep_clocks
from georeview.storage.engine import Connection, Results, statement
from georeview.storage.evidence import ADD_EVIDENCE, evidence_row, files_among
from georeview.storage.ledger import (
    ANSWER_KEY,
    STATES,
    AnswerKey,
    Chain,
    answer_again,
    answers_to,
    events_of,
    head_of,
    key_of,
)
from georeview.storage.locks import keep_locks
from georeview.storage.personal import ADD_NAMED, named_row
from georeview.storage.plots import known_plots
from georeview.storage.ports.deliveries import Entries
from georeview.storage.ports.evidence import EvidenceFile
from georeview.storage.ports.ledger import (
    Asked,
    Idempotency,
    Kept,
    KeyClash,
    Known,
    Pending,
    Settled,
    Stale,
)
from georeview.storage.ports.plots import Plot
from georeview.storage.records import STATE, review_of, state_values
from georeview.storage.remembered import PlotMemory
from georeview.storage.splitting import add_parts
from georeview.storage.where import among

CHANGED = (*STATE, "updated_at")
ANSWER = (*ANSWER_KEY, "body_sha256", "seq")

Item = Pending | Asked


class Keeper:
    """Keeps groups over one database.

    Args:
        memory: Of its plots.
    """

    def __init__(self, memory: PlotMemory) -> None:
        self._around = AroundReader()
        self._memory = memory

    def keep(self, connection: Connection, batches: Sequence[Sequence[Item]]) -> list[Results]:
        """Keep what several senders want kept, in the transaction that is open.

        Each event stands or falls alone.

        Raises:
            NotFound: A judged event is about a plot that is not there.
        """
        group = _Group(connection, self._around, self._memory, list(joined.from_iterable(batches)))
        results = [[group.take(item) for item in batch] for batch in batches]
        group.write()
        return results


class _Group:
    """One group on its way through a transaction."""

    def __init__(
        self,
        connection: Connection,
        around: AroundReader,
        memory: PlotMemory,
        items: list[Item],
    ) -> None:
        self._connection = connection
        self._memory = memory
        self._chain = Chain(head_of(connection))
        asked = {name: None for item in items if isinstance(item, Asked) for name in _named(item)}
        judged = {item.draft.plot_id: None for item in items if isinstance(item, Pending)}
        self._known = _known(connection, around, memory, list(asked))
        self._conflicts = {name: known.plot.conflicts for name, known in self._known.items()}
        self._chain.reviews = {name: known.plot.review for name, known in self._known.items()}
        self._read_states([name for name in judged if name not in asked])
        self._found = dict(self._chain.reviews)
        self._answered = answers_to(connection, list(_keys(items)))
        self._answers: dict[AnswerKey, tuple[str, Kept]] = {}
        self._files: list[EvidenceFile] = []
        self._locks: dict[str, Lock | None] = {}
        self._parts: list[tuple[Plot, Entries]] = []
        self._named: list[Named] = []

    def _read_states(self, plot_ids: list[str]) -> None:
        if plot_ids:
            where = among("s.plot_id", plot_ids)
            rows = self._connection.execute(statement(STATES, where.sql), where.params)
            self._chain.reviews |= {row[0]: review_of(row) for row in rows}

    # Judging -------------------------------------------------------------------------------------

    def take(self, item: Item) -> Kept | Stale | KeyClash | Settled | NotFound:
        """Keep one event, if it may be."""
        return self._settle(item) if isinstance(item, Asked) else self._add(item)

    def _settle(self, asked: Asked) -> Settled | NotFound:
        known = self._known.get(asked.plot_id)
        if known is None:
            return NotFound(what=asked.plot_id)
        seen = _sees(asked, known, known.plot.review)
        if asked.base is not None:
            known = replace(known, was=self._as_it_was(asked.plot_id, asked.base))
        if not (seen or (known.was is not None and _sees(asked, known, known.was))):
            return NotFound(what=asked.plot_id)
        try:
            repeat = self._repeat(asked.idempotency, asked.plot_id)
            if asked.other is not None:
                other = self._known.get(asked.other)
                known = replace(known, other=other.plot if other else None)
            family = [self._known[name].plot for name in asked.family if name in self._known]
            result = repeat or self._judged(asked, replace(known, family=family))
        except Exception as refusal:  # noqa: BLE001 - one sender's defect is that sender's answer
            return Settled(refusal, known, seen)
        if asked.beside is not None and isinstance(result, Kept) and not result.repeated:
            for pending in asked.beside(self._known[asked.plot_id]):
                self._chained(pending)
        known = self._known[asked.plot_id]
        if isinstance(result, Kept) and result.repeated:
            known = replace(known, plot=replace(known.plot, review=result.review))
        return Settled(result, known, seen)

    def _judged(self, asked: Asked, known: Known) -> Kept | Stale:
        """The step, and what goes with it."""
        drafts = asked.judge(known)
        first, *along = [drafts] if isinstance(drafts, Draft) else drafts
        result = self._chained(Pending(first, asked.idempotency), asked.lease)
        if isinstance(result, Kept):
            for draft in along:
                self._chained(Pending(draft))
            if asked.parts is not None:
                self._parts.append((known.plot, asked.parts))
        return result

    def _as_it_was(self, plot_id: str, version: int) -> Review | None:
        """The review at a version, if there ever was one."""
        now = self._chain.reviews[plot_id]
        if now.version == version:
            return now
        state = Review(plot_id)
        own = (event for event in self._chain.events if event.plot_id == plot_id)
        for event in joined(events_of(self._connection, plot_id), own):
            state = apply(state, event)
            if state.version == version:
                return state
        return None

    def _add(self, pending: Pending) -> Kept | Stale | KeyClash:
        earlier = self._repeat(pending.idempotency, pending.draft.plot_id)
        return earlier or self._chained(pending)

    def _repeat(self, request: Idempotency | None, plot_id: str) -> Kept | KeyClash | None:
        """What an equal request was answered, be it long ago or in this group."""
        if request is None:
            return None
        key = key_of(request, plot_id)
        if key in self._answers:
            body, kept = self._answers[key]
            return replace(kept, repeated=True) if body == request.body_sha256 else KeyClash()
        if key in self._answered:
            body, seq = self._answered[key]
            same = body == request.body_sha256
            return answer_again(self._connection, plot_id, seq) if same else KeyClash()
        return None

    def _chained(self, pending: Pending, lease: Lease | None = None) -> Kept | Stale:
        plot_id = pending.draft.plot_id
        if plot_id not in self._chain.reviews:
            raise NotFound(what=plot_id)
        result = self._chain.add(pending)
        if isinstance(result, Kept):
            self._remember(pending, result, lease)
        return result

    def _remember(self, pending: Pending, kept: Kept, lease: Lease | None) -> None:
        """What the later ones of the group find, and what is written beside the event."""
        plot_id, file = pending.draft.plot_id, pending.evidence
        if pending.idempotency is not None:
            key = key_of(pending.idempotency, plot_id)
            self._answers[key] = (pending.idempotency.body_sha256, kept)
        if file is not None:
            self._files.append(file)
        self._named += pending.draft.named
        if plot_id in self._known:
            known = self._known[plot_id]
            left = self._known[plot_id] = _as_left(known, kept, file, lease)
            if left.plot.lock is not known.plot.lock:
                self._locks[plot_id] = left.plot.lock

    # Writing -------------------------------------------------------------------------------------

    def write(self) -> None:
        """The events, and in the same commit the projection, the evidence and the answers."""
        if not self._chain.events:
            return
        self._chain.write(self._connection)
        last = {event.plot_id: event for event in self._chain.events}
        changed = [
            (*state_values(self._chain.reviews[plot_id]), event.recorded_at)
            for plot_id, event in last.items()
        ]
        self._connection.change("plot_state", CHANGED, changed)
        keep_clocks(self._connection, self._found, [self._chain.reviews[name] for name in last])
        answers = [(*key, body, kept.event.seq) for key, (body, kept) in self._answers.items()]
        if answers:
            self._connection.bulk("idempotency", ANSWER, answers)
        for parent, parts in self._parts:
            add_parts(self._connection, parent, parts)
        if self._files:
            self._connection.executemany(ADD_EVIDENCE, map(evidence_row, self._files))
        if self._locks:
            keep_locks(self._connection, self._locks)
        if self._named:
            self._connection.executemany(ADD_NAMED, map(named_row, self._named))
        plots = [self._known[plot_id].plot for plot_id in last if plot_id in self._known]
        counted = {plot.given.plot_id: plot.conflicts for plot in plots}
        keep_conflicts(self._connection, dict(counted.items() - self._conflicts.items()))
        # Should the commit fail, no store will ever name the hashes these are remembered under.
        self._memory.keep(plots, self._chain.head.facts_seq)


def _named(asked: Asked) -> tuple[str, ...]:
    other = () if asked.other is None else (asked.other,)
    return (asked.plot_id, *other, *asked.family)


def _sees(asked: Asked, known: Known, review: Review) -> bool:
    return asked.scope.sees(review, known.plot.given.batch)


def _keys(items: Iterable[Item]) -> Iterator[AnswerKey]:
    """The keys under which these may have been answered before."""
    for item in items:
        if item.idempotency is not None:
            plot_id = item.plot_id if isinstance(item, Asked) else item.draft.plot_id
            yield key_of(item.idempotency, plot_id)


def _known(
    connection: Connection, around: AroundReader, memory: PlotMemory, plot_ids: Sequence[str]
) -> dict[str, Known]:
    """The plots that are there, each with all that a step on it is judged by."""
    if not plot_ids:
        return {}
    beside, files = around.read(connection), files_among(connection, plot_ids)
    plots = known_plots(connection, memory, plot_ids)
    late = lying_among(connection, plots.values())
    return {
        plot_id: Known(plot, files.get(plot_id, ()), beside, aside=late.get(plot_id, ()))
        for plot_id, plot in plots.items()
    }


def _as_left(known: Known, kept: Kept, file: EvidenceFile | None, lease: Lease | None) -> Known:
    """What is known once an event is in the chain."""
    event, plot = kept.event, known.plot
    moved = event.seq == kept.review.seq
    photo = file is not None and file.kind == "E_PHOTO"
    late = followed(known.aside, event)
    plot = replace(
        plot,
        review=kept.review,
        updated_at=event.recorded_at,
        photos=plot.photos + int(photo),
        conflicts=len(late),
        hash=event.hash if moved else plot.hash,
        lock=_lock_after(plot, kept.review, lease) if moved else plot.lock,
    )
    files = (*known.files, file) if file else known.files
    return Known(plot, files, known.around, aside=late)


def _lock_after(plot: Plot, review: Review, lease: Lease | None) -> Lock | None:
    """A step that opens a plot for review locks it; one that leads it on lets go of it."""
    if lease is not None:
        return lease.after(plot.lock)
    return plot.lock if review.stage == plot.review.stage else None
