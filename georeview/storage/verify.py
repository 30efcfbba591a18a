"""Holding the store against itself: every hash, every link, every projection; and making it anew.

Both walk the events once in order and once plot by plot, in memory that does not grow with them.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby, islice
from types import MappingProxyType
from typing import Generic, TypeVar

from georeview.core.aside import lying
from georeview.core.commands import HASH_OF_NAME
from georeview.core.deliveries import GIVES
from georeview.core.heads import SignedHead, Verdict, judge
from georeview.core.ledger import GENESIS, Event, intact
from georeview.core.personal import token_of, tokens_in
from georeview.core.replay import moves_sight, replay
from georeview.storage.access_log import access_flaws
from georeview.storage.engine import Connection, Row, listed, statement
from georeview.storage.heads import identity_of, signed_heads
from georeview.storage.ports.ledger import Flaw
from georeview.storage.records import (
    EVENT,
    FACTS,
    GIVEN,
    STATE,
    WHOLE,
    due_of,
    event_of,
    facts_of,
    given_of,
    review_of,
    state_values,
    whole_values,
)
from georeview.storage.signing import holds

IN_ORDER = statement("SELECT", listed(EVENT), "FROM event ORDER BY seq")
BY_PLOT = statement("SELECT", listed(EVENT), "FROM event ORDER BY plot_id, seq")
STATES = statement(
    "SELECT",
    listed(STATE),
    ", updated_at, conflicts, parent, due_on, stopped_on, fid FROM plot_state ORDER BY plot_id",
)
FILES = "SELECT plot_id, evidence_id, kind, sha256 FROM evidence ORDER BY plot_id"
PLOTS = "SELECT plot_id, batch, source_id, row_no, wkb, fid FROM plot ORDER BY plot_id"
DUES = "SELECT name, review_due, rectify_due FROM batch"
PASTS = """SELECT plot_id, batch, source_id, row_no, wkb, replaced_by FROM plot_past
ORDER BY plot_id, replaced_by"""
NAMES = "SELECT plot_id, token, salt, value FROM personal ORDER BY plot_id"
HEAD = "SELECT seq, hash, area_seq FROM head WHERE one = 1"

CLEAR_STATES = "DELETE FROM plot_state"
FORGET = "UPDATE head SET facts_seq = facts_seq + 1 WHERE one = 1"
"""No process goes on with what it remembers of plots."""

WHOLE_PLOTS = statement(
    "SELECT p.fid, b.review_due, b.rectify_due,",
    listed(GIVEN, "p."),
    ",",
    listed(FACTS, "f."),
    "FROM plot p JOIN batch b ON b.name = p.batch",
    "LEFT JOIN facts f ON f.plot_id = p.plot_id ORDER BY p.plot_id",
)
ALL_IDS = """SELECT plot_id FROM plot UNION SELECT plot_id FROM plot_state
UNION SELECT plot_id FROM event UNION SELECT plot_id FROM evidence
UNION SELECT plot_id FROM plot_past UNION SELECT plot_id FROM personal ORDER BY plot_id"""
CHUNK = 1000

T = TypeVar("T")
Advance = Callable[[int], None]


def unseen(_: int) -> None:
    """Tell nobody how far it is."""


def flaws(
    connection: Connection,
    heads: Mapping[str, SignedHead] = MappingProxyType({}),
    advance: Advance = unseen,
) -> Iterator[Flaw]:
    """Everything that is wrong, event by event and then plot by plot.

    Args:
        connection: A view; best one that gives damaged text without an error.
        heads: Signed heads that were kept elsewhere, each with what to call it; those of the
            store itself are looked at too.
        advance: Told how many events have been looked at since last time.
    """
    own = {f"{head.why} {head.signed_at}": head for head in signed_heads(connection)}
    yield from _chain_flaws(connection, {**own, **heads}, advance)
    yield from access_flaws(connection, {**own, **heads})
    yield from _state_flaws(connection, advance)


def _chain_flaws(
    connection: Connection, heads: Mapping[str, SignedHead], advance: Advance
) -> Iterator[Flaw]:
    wanted = {head.seq for head in heads.values()}
    found = {0: GENESIS}
    seq, previous, area_seq = 0, GENESIS, 0
    for row in stepped(connection.stream(IN_ORDER), advance):
        event = event_of(row)
        if event.seq != seq + 1:
            yield Flaw("gap", event.seq, event.plot_id)
        if not _is_intact(event):
            yield Flaw("hash", event.seq, event.plot_id)
        if event.prev_hash != previous:
            yield Flaw("link", event.seq, event.plot_id)
        if moves_sight(event.action, event.before, event.after):
            area_seq = event.seq
        if event.seq in wanted:
            found[event.seq] = event.hash
        seq, previous = event.seq, event.hash
    if connection.execute(HEAD).fetchone() != (seq, previous, area_seq):
        yield Flaw("head", seq, None)
    store = identity_of(connection)
    for name, head in heads.items():
        verdict = judge(head, store=store, found=found.get(head.seq), holds=holds)
        if verdict is not Verdict.HELD:
            yield Flaw(verdict.value, head.seq, None, name)


def _is_intact(event: Event) -> bool:
    try:
        return intact(event)
    except ValueError:
        return False


def _state_flaws(connection: Connection, advance: Advance) -> Iterator[Flaw]:
    """Replay every plot beside its projection."""
    events = _ById(_by_plot(connection, advance))
    states = _ById((row[0], row) for row in connection.stream(STATES))
    known = _ById((row[0], row) for row in connection.stream(PLOTS))
    pasts = _ById(_grouped(connection.stream(PASTS)))
    files = _ById(_files(connection))
    names = _ById(_grouped(connection.stream(NAMES)))
    dues = {name: (review, rectify) for name, review, rectify in connection.execute(DUES)}
    for (plot_id,) in connection.stream(ALL_IDS):
        own, state, past = events.take(plot_id) or [], states.take(plot_id), pasts.take(plot_id)
        if (files.take(plot_id) or set()) != _attached(own):
            yield Flaw("attached", None, plot_id)
        if not _named_as_said(names.take(plot_id) or [], own):
            yield Flaw("personal", None, plot_id)
        plot = known.take(plot_id)
        if plot is None or not own:
            yield Flaw("orphan", own[0].seq if own else None, plot_id)
            continue
        strange = list(_not_as_given([*(past or []), plot], own))
        yield from (Flaw("given", seq, plot_id) for seq in strange)
        yield from _version_flaws(own)
        if state is None or state[-1] != plot[-1] or not _agrees(state[:-3], own):
            yield Flaw("projection", None, plot_id)
        elif not strange and state[-3:-1] != due_of(review_of(state[:-6]), *dues[plot[1]]):
            yield Flaw("due", None, plot_id)


def _not_as_given(contents: Sequence[Row], events: list[Event]) -> Iterator[int]:
    """Numbers of events that say other of a plot than what is kept of it.

    Args:
        contents: What the plot was and is, oldest first, each but the last with the number of the
            event that replaced it.
        events: Its events.
    """
    giving = [events[0], *(event for event in events[1:] if event.action in GIVES)]
    replaced = [row[-1] for row in contents[:-1]]
    if replaced != [event.seq for event in giving[1:]]:
        yield giving[-1].seq
    for content, event in zip(contents, giving, strict=False):
        if not _as_given(content, event):
            yield event.seq


def _as_given(content: Row, event: Event) -> bool:
    """Whether a plot is what an event says; older events do not tell the geometry's hash."""
    _, batch, source_id, row_no, wkb, _ = content
    given = {
        "batch": batch,
        "source_id": source_id,
        "row": row_no,
        "geometry_sha256": hashlib.sha256(wkb).hexdigest(),
    }
    try:
        said = json.loads(event.body)
        return all(said[name] == given[name] for name in said.keys() & given.keys())
    except (ValueError, AttributeError):
        return False


def _grouped(rows: Iterable[Row]) -> Iterator[tuple[str, list[Row]]]:
    for plot_id, own in groupby(rows, key=lambda row: str(row[0])):
        yield plot_id, list(own)


def _version_flaws(events: list[Event]) -> Iterator[Flaw]:
    version = 0
    for event in events:
        if event.version - version not in (0, 1):
            yield Flaw("version", event.seq, event.plot_id)
        version = event.version


def _agrees(state: Row, events: list[Event]) -> bool:
    """Whether the projection is what the events add up to; damaged text never agrees."""
    *columns, updated_at, conflicts, parent = state
    try:
        review = replay(state[0], events)
        return (
            review_of(tuple(columns)) == review
            and parent == review.course.parent
            and updated_at == events[-1].recorded_at
            and conflicts == len(lying(events))
        )
    except (ValueError, TypeError, AttributeError, KeyError):
        return False


def _named_as_said(rows: Sequence[Row], events: list[Event]) -> bool:
    """Whether each name an event says the hash of is on record, or was erased; and no other is."""
    said = set[str]()
    for event in events:
        if HASH_OF_NAME in event.body:
            with suppress(ValueError, AttributeError):
                said |= tokens_in(event.said)
    return said == {row[1] for row in rows} and all(
        value is None or token_of(salt, value) == token for _, token, salt, value in rows
    )


def _attached(events: list[Event]) -> set[Row]:
    """The files that the events put beside the plot; damaged text names none."""
    found = set()
    for event in events:
        if event.action == "attach":
            with suppress(ValueError, KeyError, TypeError):
                body = json.loads(event.body)
                found.add((body["evidence_id"], body["kind"], body["sha256"]))
    return found


def _files(connection: Connection) -> Iterator[tuple[str, set[Row]]]:
    for plot_id, rows in _grouped(connection.stream(FILES)):
        yield plot_id, {tuple(row[1:]) for row in rows}


def rebuild(connection: Connection) -> int:
    """Make the projection anew from events, plots and facts.

    Returns:
        The number of plots.
    """
    connection.execute(CLEAR_STATES)
    connection.execute(FORGET)
    rows = _projected(connection)
    count = 0
    while chunk := list(islice(rows, CHUNK)):
        connection.bulk("plot_state", (*WHOLE, "conflicts", "parent"), chunk)
        count += len(chunk)
    return count


def _projected(connection: Connection) -> Iterator[Row]:
    events = _ById(_by_plot(connection))
    for fid, review_due, rectify_due, *columns in connection.stream(WHOLE_PLOTS):
        given = given_of(tuple(columns[: len(GIVEN)]))
        facts = facts_of(tuple(columns[len(GIVEN) :]))
        own = events.take(given.plot_id) or []
        review = replay(given.plot_id, own)
        due = due_of(review, review_due, rectify_due)
        updated_at = own[-1].recorded_at if own else ""
        state = state_values(review)
        whole = whole_values(fid, given, facts, state, due=due, updated_at=updated_at)
        yield (*whole, len(lying(own)), review.course.parent)


def _by_plot(
    connection: Connection, advance: Advance = unseen
) -> Iterator[tuple[str, list[Event]]]:
    every = (event_of(row) for row in stepped(connection.stream(BY_PLOT), advance))
    for plot_id, own in groupby(every, key=lambda event: event.plot_id):
        yield plot_id, list(own)


def stepped(rows: Iterable[Row], advance: Advance) -> Iterator[Row]:
    """The same rows; tells how many have gone by, in steps."""
    n = 0
    for n, row in enumerate(rows, 1):
        yield row
        if n % CHUNK == 0:
            advance(CHUNK)
    advance(n % CHUNK)


class _ById(Generic[T]):
    """A stream ordered by plot id, read in step with others of the same order."""

    def __init__(self, stream: Iterable[tuple[str, T]]) -> None:
        self._stream = iter(stream)
        self._next = next(self._stream, None)

    def take(self, plot_id: str) -> T | None:
        """What the stream has for this plot, if it is the next one."""
        if self._next is None or self._next[0] != plot_id:
            return None
        found = self._next[1]
        self._next = next(self._stream, None)
        return found
