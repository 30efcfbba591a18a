"""Events: kept once, in one order, with the projection and the answers to repeats beside them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from georeview.core.access import Scope
from georeview.core.heads import SignedHead
from georeview.core.ledger import Event, keep
from georeview.core.plot import STATE_FIELDS, Review
from georeview.core.review import apply, replay
from georeview.errors import NotFound
from georeview.storage import verify
from georeview.storage.engine import Connection, Engine, Results, insert, listed, statement
from georeview.storage.evidence import ADD_EVIDENCE, evidence_row
from georeview.storage.ports import Flaw, Head, Idempotency, Kept, KeyClash, Pending, Stale
from georeview.storage.records import EVENT, STATE, event_of, event_values, review_of, state_row
from georeview.storage.where import seen

LOCKED_HEAD = "SELECT seq, hash, area_seq, facts_seq FROM head WHERE one = 1"
ADVANCE_HEAD = "UPDATE head SET seq = :seq, hash = :hash, area_seq = :area_seq WHERE one = 1"
EVENTS_SINCE = statement("SELECT", listed(EVENT), "FROM event WHERE seq > :since ORDER BY seq")
EVENT_AT = statement("SELECT", listed(EVENT), "FROM event WHERE seq = :seq")
EVENTS_OF = statement(
    "SELECT",
    listed(EVENT),
    "FROM event WHERE plot_id = :plot_id AND seq <= :until ORDER BY seq",
)
STATE_OF = statement("SELECT", listed(STATE, "s."), "FROM plot_state s WHERE s.plot_id = :plot_id")
_CHANGED = ("version", "seq", *STATE_FIELDS, "undo", "updated_at")
CHANGE_STATE = statement(
    "UPDATE plot_state SET",
    ", ".join(f"{name} = :{name}" for name in _CHANGED),
    "WHERE plot_id = :plot_id",
)
ANSWERED = """SELECT body_sha256, seq FROM idempotency
WHERE user_name = :user_name AND route = :route AND plot_id = :plot_id AND key = :key"""
ADD_ANSWER = insert("idempotency", ("user_name", "route", "plot_id", "key", "body_sha256", "seq"))
LAST = 2**62


class LedgerRecords:
    """The ledger over one database.

    Args:
        engine: The database.
        submit: Queues events for the one writer; answers when they are on disk.
    """

    def __init__(
        self, engine: Engine, submit: Callable[[Sequence[Pending]], Future[Results]]
    ) -> None:
        self._engine = engine
        self._submit = submit

    def append(self, batch: Sequence[Pending]) -> Results:
        """Keep events; those that arrive together are committed together."""
        return self._submit(batch).result() if batch else []

    def earlier(self, idempotency: Idempotency, plot_id: str) -> Kept | KeyClash | None:
        """What an equal request was answered before; ``None`` if there was none."""
        with self._engine.view() as connection:
            return answered(connection, idempotency, plot_id)

    def review(self, scope: Scope, plot_id: str) -> Review:
        """The plot's review."""
        with self._engine.view() as connection:
            return visible(connection, scope, plot_id)

    def history(self, scope: Scope, plot_id: str) -> list[Event]:
        """The plot's events, oldest first."""
        with self._engine.view() as connection:
            visible(connection, scope, plot_id)
            return events_of(connection, plot_id)

    def events(self, since: int = 0) -> Iterator[Event]:
        """Every event after a number, in order."""
        with self._engine.view() as connection:
            for row in connection.stream(EVENTS_SINCE, {"since": since}):
                yield event_of(row)

    def head(self) -> Head:
        """The end of the chain."""
        with self._engine.view() as connection:
            return head_of(connection)

    def verify(
        self,
        heads: Mapping[str, SignedHead] = MappingProxyType({}),
        advance: Callable[[int], None] = verify.unseen,
    ) -> Iterator[Flaw]:
        """Recompute every hash, every link and every projection; yields what is wrong."""
        with self._engine.raw_view() as connection:
            yield from verify.flaws(connection, heads, advance)

    def rebuild(self) -> int:
        """Make the projection anew from the events; returns the number of plots."""
        return self._engine.write(verify.rebuild)


def head_of(connection: Connection) -> Head:
    """The head row; inside a write it is the lock that gives events their order."""
    row = connection.execute(LOCKED_HEAD).fetchone()
    if row is None:
        raise NotFound(what="head")
    return Head(*row)


def move_head(connection: Connection, head: Head) -> None:
    """The end of the chain after new events."""
    connection.execute(
        ADVANCE_HEAD, {"seq": head.seq, "hash": head.hash, "area_seq": head.area_seq}
    )


def visible(connection: Connection, scope: Scope, plot_id: str) -> Review:
    """A plot's review, if the scope holds it.

    Raises:
        NotFound: No such plot in this scope.
    """
    where = seen(scope)
    row = connection.execute(
        statement(STATE_OF, "AND", where.sql), {"plot_id": plot_id, **where.params}
    ).fetchone()
    if row is None:
        raise NotFound(what=plot_id)
    return review_of(row)


def events_of(connection: Connection, plot_id: str, until: int = LAST) -> list[Event]:
    """A plot's events up to a number, oldest first."""
    rows = connection.execute(EVENTS_OF, {"plot_id": plot_id, "until": until})
    return [event_of(row) for row in rows]


def answered(
    connection: Connection, idempotency: Idempotency, plot_id: str
) -> Kept | KeyClash | None:
    """The answer an equal request got: its event, and the review as it was right after it."""
    row = connection.execute(ANSWERED, _key(idempotency, plot_id)).fetchone()
    if row is None:
        return None
    body, seq = row
    if body != idempotency.body_sha256:
        return KeyClash()
    events = events_of(connection, plot_id, seq)
    return Kept(events[-1], replay(plot_id, events), repeated=True)


def _key(idempotency: Idempotency, plot_id: str) -> dict[str, Any]:
    return {
        "user_name": idempotency.user,
        "route": idempotency.route,
        "plot_id": plot_id,
        "key": idempotency.key,
    }


# Keeping -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Chain:
    """Events being put at the end of the chain, and what they leave of each plot."""

    head: Head
    reviews: dict[str, Review] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def add(self, pending: Pending) -> Kept | Stale:
        """Judge the version and, if it holds, chain the event."""
        draft = pending.draft
        review = self.reviews[draft.plot_id]
        if draft.base is not None and draft.base != review.version:
            return Stale(review)
        version = review.version if draft.base is None else draft.base + 1
        seq = self.head.seq + 1
        event = keep(draft, seq=seq, version=version, prev_hash=self.head.hash)
        area_seq = seq if "area" in draft.after else self.head.area_seq
        self.head = Head(seq, event.hash, area_seq, self.head.facts_seq)
        self.events.append(event)
        after = self.reviews[draft.plot_id] = apply(review, event)
        return Kept(event, after)

    def write(self, connection: Connection) -> None:
        """Add the events and move the head; the projection is the caller's."""
        connection.bulk("event", EVENT, map(event_values, self.events))
        move_head(connection, self.head)


def keep_together(connection: Connection, batches: Sequence[Sequence[Pending]]) -> list[Results]:
    """Keep the events of several senders in the transaction that is open.

    Each event stands or falls alone; later ones see what earlier ones of the same group changed.

    Raises:
        NotFound: An event is about a plot that is not there.
    """
    chain = Chain(head_of(connection))
    answers: dict[tuple[object, ...], tuple[str, Kept]] = {}
    results = [[_keep_one(connection, chain, answers, p) for p in batch] for batch in batches]
    if chain.events:
        chain.write(connection)
        _write_beside(connection, chain, answers, batches, results)
    return results


def _keep_one(
    connection: Connection,
    chain: Chain,
    answers: dict[tuple[object, ...], tuple[str, Kept]],
    pending: Pending,
) -> Kept | Stale | KeyClash:
    plot_id, repeat = pending.draft.plot_id, pending.idempotency
    if repeat is not None:
        key = tuple(_key(repeat, plot_id).values())
        if key in answers:
            body, kept = answers[key]
            same = body == repeat.body_sha256
            return Kept(kept.event, kept.review, repeated=True) if same else KeyClash()
        earlier = answered(connection, repeat, plot_id)
        if earlier is not None:
            return earlier
    if plot_id not in chain.reviews:
        row = connection.execute(STATE_OF, {"plot_id": plot_id}).fetchone()
        if row is None:
            raise NotFound(what=plot_id)
        chain.reviews[plot_id] = review_of(row)
    result = chain.add(pending)
    if repeat is not None and isinstance(result, Kept):
        answers[tuple(_key(repeat, plot_id).values())] = (repeat.body_sha256, result)
    return result


def _write_beside(
    connection: Connection,
    chain: Chain,
    answers: dict[tuple[object, ...], tuple[str, Kept]],
    batches: Sequence[Sequence[Pending]],
    results: list[Results],
) -> None:
    """The projection, the evidence and the answers, in the commit of their events."""
    last = {event.plot_id: event for event in chain.events}
    changed = [
        state_row(chain.reviews[plot_id]) | {"updated_at": event.recorded_at}
        for plot_id, event in last.items()
    ]
    connection.executemany(CHANGE_STATE, changed)
    names = ("user_name", "route", "plot_id", "key")
    connection.executemany(
        ADD_ANSWER,
        [
            {**dict(zip(names, key, strict=True)), "body_sha256": body, "seq": kept.event.seq}
            for key, (body, kept) in answers.items()
        ],
    )
    pairs = (pair for b, r in zip(batches, results, strict=True) for pair in zip(b, r, strict=True))
    files = [
        evidence_row(pending.evidence)
        for pending, result in pairs
        if pending.evidence and isinstance(result, Kept) and not result.repeated
    ]
    connection.executemany(ADD_EVIDENCE, files)
