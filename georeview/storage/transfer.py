"""A whole store carried into another, empty one, of either kind: row by row, nothing made anew.

Events keep their numbers and hashes, plots their ``fid``; the ledger does not notice that it has
moved. Tables go in the order in which they refer to each other, in memory that does not grow with
them, and in one transaction: at the other end everything is there, or nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType

from georeview.errors.upkeep import StoreFlawed, StoreNotEmpty, TransferDiffers
from georeview.storage.engine import Connection, Engine, listed, statement
from georeview.storage.heads import identity_of
from georeview.storage.ledger import head_of
from georeview.storage.ports.ledger import Head
from georeview.storage.verify import Advance, flaws, stepped

Tables = Mapping[str, Sequence[str]]

STAYS = frozenset(
    {"migration", "session", "failure", "plot_lock", "presence"}
    | {"figure_head", "figure_standing", "figure_day", "figure_span", "figure_trait"}
)
"""What belongs to a place: nobody stays signed in or holds a plot by a copy, and figures are counted anew there."""

SINGLE = frozenset({"head", "identity"})
"""Tables of one row, which a new store has too."""

ORDERED: Mapping[str, str] = MappingProxyType({"event": "ORDER BY seq"})
"""Tables that take their rows in one order only."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What went over: rows by table, and the store and the head that both ends now have."""

    rows: Mapping[str, int]
    store: str
    head: Head


def tables(connection: Connection, engine: Engine) -> Tables:
    """What there is to carry: the stored columns of each table, tables in order of reference."""
    rows = connection.execute(engine.dialect.columns)
    found = {t: tuple(row[1] for row in part) for t, part in groupby(rows, lambda row: str(row[0]))}
    return MappingProxyType({t: columns for t, columns in found.items() if t not in STAYS})


def rows(source: Engine) -> Mapping[str, int]:
    """How many rows each table has that is carried."""
    with source.view() as view:
        return {table: _count(view, table) for table in tables(view, source)}


def steps(counted: Mapping[str, int]) -> int:
    """How often ``advance`` is told of a row or an event, when all of it is checked afterwards."""
    return sum(counted.values()) + 2 * counted.get("event", 0)


def need_empty(target: Engine) -> None:
    """Refuse a store that holds anything.

    Raises:
        StoreNotEmpty: It does.
    """
    with target.view() as view:
        _need_empty(view, tables(view, target))


def transfer(source: Engine, target: Engine, advance: Advance, *, checked: bool) -> Carried:
    """Carry everything over.

    Args:
        source: Read in one consistent view, whatever is written meanwhile.
        target: A store of the same schema that holds nothing yet.
        advance: Told how many rows have gone over since last time.
        checked: Whether to recompute all hashes and projections at the other end, and refuse what
            has a flaw.

    Raises:
        StoreNotEmpty: The target holds something.
        TransferDiffers: Something other arrived than what was sent.
        StoreFlawed: The ledger or a projection does not hold.
        Unavailable: Either end gave up.
    """
    with source.view() as view:

        def work(connection: Connection) -> Carried:
            return _carry(view, source, connection, target, advance, checked=checked)

        return target.write(work)


def _carry(
    view: Connection,
    source: Engine,
    connection: Connection,
    target: Engine,
    advance: Advance,
    *,
    checked: bool,
) -> Carried:
    sent, known = tables(view, source), tables(connection, target)
    if {t: set(c) for t, c in sent.items()} != {t: set(c) for t, c in known.items()}:
        raise TransferDiffers(what="schema", sent=len(sent), arrived=len(known))
    _need_empty(connection, known)
    for table in SINGLE:
        connection.execute(statement("DELETE FROM", table))
    arrived, index = {}, connection.unindexed()
    for table, columns in sent.items():
        read = view.stream(
            statement("SELECT", listed(columns), "FROM", table, ORDERED.get(table, ""))
        )
        connection.bulk(table, columns, stepped(read, advance))
        n = arrived[table] = _count(connection, table)
        if n != (there := _count(view, table)):
            raise TransferDiffers(what=table, sent=there, arrived=n)
    index()
    carried = Carried(MappingProxyType(arrived), identity_of(connection), head_of(connection))
    if carried.head != head_of(view):
        raise TransferDiffers(what="head", sent=head_of(view).seq, arrived=carried.head.seq)
    flaw = next(flaws(connection, advance=advance), None) if checked else None
    if flaw is not None:
        raise StoreFlawed(flaw=flaw.code, seq=flaw.seq or "-", plot=flaw.plot_id or "-")
    return carried


def _need_empty(connection: Connection, known: Iterable[str]) -> None:
    for table in known:
        if table not in SINGLE and _count(connection, table):
            raise StoreNotEmpty(what=table)
    if head_of(connection).seq:
        raise StoreNotEmpty(what="head")


def _count(connection: Connection, table: str) -> int:
    row = connection.execute(statement("SELECT COUNT(*) FROM", table)).fetchone()
    return int(row[0]) if row else 0
