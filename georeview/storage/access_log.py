"""The log of rights: added to in the commit of what it tells of, read, and held against itself."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields

from georeview.core.access import Scope
from georeview.core.accesslog import Entry, NewEntry, chained, intact
from georeview.core.heads import SignedHead, Why
from georeview.core.ledger import GENESIS
from georeview.storage.engine import Connection, Engine, insert, listed, statement
from georeview.storage.ports.ledger import Flaw
from georeview.storage.where import held

COLUMNS = tuple(field.name for field in fields(Entry))
LAST = "SELECT number, hash FROM access_log ORDER BY number DESC LIMIT 1"
ADD = insert("access_log", COLUMNS)
PART = statement("SELECT", listed(COLUMNS), "FROM access_log WHERE")
IN_ORDER = statement("SELECT", listed(COLUMNS), "FROM access_log ORDER BY number")


class AccessLogRecords:
    """The access log over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def entries(self, scope: Scope, before: int | None, limit: int) -> list[Entry]:
        """Entries about subjects of a scope, newest first, before a number."""
        where = held(scope, "area")
        where.params["lines"] = limit
        if before is not None:
            where.also("number < :before", before=before)
        sql = statement(PART, where.sql, "ORDER BY number DESC LIMIT :lines")
        with self._engine.view() as connection:
            return [Entry(*row) for row in connection.execute(sql, where.params)]

    def add(self, new: NewEntry) -> None:
        """Add an entry about something that changes nothing here."""
        self._engine.write(lambda connection: note(connection, new))

    def last_hash(self) -> str:
        """Hash of the last entry, that of none when there is none."""
        with self._engine.view() as connection:
            return _last(connection)[1]


def note(connection: Connection, new: NewEntry | None) -> None:
    """Add an entry, if there is one, in the transaction of what it tells of."""
    if new is not None:
        connection.execute(ADD, asdict(chained(new, *_last(connection))))


def _last(connection: Connection) -> tuple[int, str]:
    row = connection.execute(LAST).fetchone()
    return (0, GENESIS) if row is None else (row[0], row[1])


def access_flaws(connection: Connection, heads: Mapping[str, SignedHead]) -> Iterator[Flaw]:
    """What is wrong with the log: its hashes and links, and heads that swear to what is gone.

    Args:
        connection: A view.
        heads: Signed heads, each with what to call it; those of this log name the hash of an entry.
    """
    sworn = {name: head for name, head in heads.items() if head.why == Why.ACCESS}
    unmet = {head.covers for head in sworn.values()}
    number, previous = 0, GENESIS
    for row in connection.stream(IN_ORDER):
        entry = Entry(*row)
        if entry.number != number + 1 or entry.prev_hash != previous or not intact(entry):
            yield Flaw("access", entry.number, None)
        number, previous = entry.number, entry.hash
        unmet.discard(entry.hash)
    for name, head in sworn.items():
        if head.covers in unmet:
            yield Flaw("access_cut", number, None, name)
