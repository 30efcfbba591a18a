"""Events: kept once, in one order, with the projection and the answers to repeats beside them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import cast

from georeview.core.access import Scope
from georeview.core.heads import SignedHead
from georeview.core.ledger import Event, keep
from georeview.core.plot import Review
from georeview.core.replay import advance, moves_sight, replay
from georeview.errors import NotFound
from georeview.storage import verify
from georeview.storage.clocks import put_right
from georeview.storage.engine import Connection, Engine, Results, listed, statement
from georeview.storage.ports.ledger import (
    Asked,
    Flaw,
    Head,
    Idempotency,
    Kept,
    KeyClash,
    Pending,
    Settled,
    Stale,
)
from georeview.storage.records import EVENT, STATE, event_of, event_values, review_of
from georeview.storage.where import among_rows, seen

LOCKED_HEAD = "SELECT seq, hash, area_seq, facts_seq FROM head WHERE one = 1"
ADVANCE_HEAD = "UPDATE head SET seq = :seq, hash = :hash, area_seq = :area_seq WHERE one = 1"
EVENTS_SINCE = statement("SELECT", listed(EVENT), "FROM event WHERE seq > :since ORDER BY seq")
EVENTS_OF = statement(
    "SELECT",
    listed(EVENT),
    "FROM event WHERE plot_id = :plot_id AND seq <= :until ORDER BY seq",
)
STATES = statement("SELECT", listed(STATE, "s."), "FROM plot_state s WHERE")
ANSWER_KEY = ("user_name", "route", "plot_id", "key")
ANSWERS = statement("SELECT", listed(ANSWER_KEY), ", body_sha256, seq FROM idempotency WHERE")
LAST = 2**62


class LedgerRecords:
    """The ledger over one database.

    Args:
        engine: The database.
        submit: Queues events for the one writer; answers when they are on disk.
    """

    def __init__(
        self, engine: Engine, submit: Callable[[Sequence[Pending | Asked]], Future[Results]]
    ) -> None:
        self._engine = engine
        self._submit = submit

    def append(self, batch: Sequence[Pending]) -> list[Kept | Stale | KeyClash]:
        """Keep events; those that arrive together are committed together."""
        return cast("list[Kept | Stale | KeyClash]", self._submit(batch).result() if batch else [])

    def settle(self, batch: Sequence[Asked]) -> Future[list[Settled | NotFound]]:
        """Judge and keep steps, together with whatever else arrives; one answer for each."""
        return cast("Future[list[Settled | NotFound]]", self._submit(batch))

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

    def put_clocks_right(self) -> int:
        """Write the dates that lists keep where a plot's clock says another; returns how many."""
        return self._engine.write(put_right)


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
    where.also("s.plot_id = :plot_id", plot_id=plot_id)
    row = connection.execute(statement(STATES, where.sql), where.params).fetchone()
    if row is None:
        raise NotFound(what=plot_id)
    return review_of(row)


def events_of(connection: Connection, plot_id: str, until: int = LAST) -> list[Event]:
    """A plot's events up to a number, oldest first."""
    rows = connection.execute(EVENTS_OF, {"plot_id": plot_id, "until": until})
    return [event_of(row) for row in rows]


AnswerKey = tuple[str, str, str, str]
"""The columns of ``ANSWER_KEY``."""


def key_of(idempotency: Idempotency, plot_id: str) -> AnswerKey:
    """What a request and its repeats have in common."""
    return (idempotency.user, idempotency.route, plot_id, idempotency.key)


def answers_to(
    connection: Connection, keys: Sequence[AnswerKey]
) -> dict[AnswerKey, tuple[str, int]]:
    """Which of these requests were answered: hash of the body, and number of the event."""
    if not keys:
        return {}
    where = among_rows(ANSWER_KEY, keys)
    rows = connection.execute(statement(ANSWERS, where.sql), where.params)
    return {
        (user, route, plot_id, key): (body, seq) for user, route, plot_id, key, body, seq in rows
    }


def answer_again(connection: Connection, plot_id: str, seq: int) -> Kept:
    """The answer an equal request got: its event, and the review as it was right after it."""
    events = events_of(connection, plot_id, seq)
    return Kept(events[-1], replay(plot_id, events), repeated=True)


# Adding ------------------------------------------------------------------------------------------


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
        moved = moves_sight(event.action, event.before, event.after)
        area_seq = seq if moved else self.head.area_seq
        self.head = Head(seq, event.hash, area_seq, self.head.facts_seq)
        self.events.append(event)
        after = self.reviews[draft.plot_id] = advance(review, draft, seq, version)
        return Kept(event, after)

    def write(self, connection: Connection) -> None:
        """Add the events and move the head; the projection is the caller's."""
        connection.bulk("event", EVENT, map(event_values, self.events))
        move_head(connection, self.head)
