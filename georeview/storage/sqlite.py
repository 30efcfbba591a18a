"""The embedded store: one SQLite file, many views to read from, one connection that writes."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pysqlite3 import dbapi2 as sqlite3

from georeview.errors import (
    DiskFull,
    Malformed,
    StoreBroken,
    StoreBusy,
    StoreConflict,
    StoreGone,
    StoreReadOnly,
    StoreUnsafe,
    Unavailable,
)
from georeview.storage import migrate
from georeview.storage.engine import Connection, Dialect
from georeview.storage.evidence import EvidenceRecords
from georeview.storage.exports import ExportRecords
from georeview.storage.facts import FactRecords
from georeview.storage.layers import LayerRecords
from georeview.storage.ledger import LedgerRecords, keep_together
from georeview.storage.people import PeopleRecords
from georeview.storage.plots import PlotRecords
from georeview.storage.ports import Pending
from georeview.storage.scenes import SceneRecords
from georeview.storage.writer import Results, Writer

FLOOR = (3, 51, 3)
"""Older versions can corrupt a WAL file that several connections check-point."""

BUSY_S = 15.0
"""How long to wait for another process that holds the lock."""

IDLE_MAX = 8
"""Reading connections kept open while nobody reads."""

PRAGMAS = MappingProxyType(
    {"journal_mode": "wal", "synchronous": 2, "recursive_triggers": 1, "foreign_keys": 1}
)
"""What the promise rests on: set and read back on every connection (2 is FULL)."""

SET_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA foreign_keys = ON",
    "PRAGMA wal_autocheckpoint = 4000",
)
READ_PRAGMAS = MappingProxyType(
    {
        "journal_mode": "PRAGMA journal_mode",
        "synchronous": "PRAGMA synchronous",
        "recursive_triggers": "PRAGMA recursive_triggers",
        "foreign_keys": "PRAGMA foreign_keys",
    }
)
PROBE = "UPDATE head SET probe = probe + 1 WHERE one = 1"

SQLITE = Dialect(
    name="sqlite",
    types=MappingProxyType(
        {
            "serial": "INTEGER PRIMARY KEY",
            "int": "INTEGER",
            "real": "REAL",
            "geom": "BLOB",
            "blob": "BLOB",
            "json": "TEXT",
            "strict": "STRICT",
        }
    ),
    # The boxes of the index are 32-bit and a little larger: they sieve, the plot's own box decides.
    box="""s.fid IN (
        SELECT b.fid FROM plot_box b JOIN plot g ON g.fid = b.fid
        WHERE b.west <= :east AND b.east >= :west AND b.south <= :north AND b.north >= :south
          AND g.west <= :east AND g.east >= :west AND g.south <= :north AND g.north >= :south)""",
)

_REFUSALS: MappingProxyType[int, type[Unavailable]] = MappingProxyType(
    {
        3: StoreReadOnly,
        5: StoreBusy,
        6: StoreBusy,
        8: StoreReadOnly,
        10: StoreGone,
        11: StoreBroken,
        13: DiskFull,
        14: StoreGone,
        19: StoreConflict,
        26: StoreBroken,
    }
)
"""Primary result code of SQLite → what it means for whoever asked."""

T = TypeVar("T")


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the driver's exceptions into refusals of ours."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        refusal = _REFUSALS.get((code or 14) & 0xFF, StoreGone)
        raise refusal(why=getattr(error, "sqlite_errorname", None) or "SQLITE") from error
    except UnicodeEncodeError as error:
        raise Malformed from error


def _connect(path: Path) -> Any:
    connection = sqlite3.connect(
        str(path),
        timeout=BUSY_S,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    try:
        for command in SET_PRAGMAS:
            connection.execute(command)
        _check_pragmas(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_pragmas(connection: Connection) -> None:
    for name, expected in PRAGMAS.items():
        row = connection.execute(READ_PRAGMAS[name]).fetchone()
        if row is None or row[0] != expected:
            raise StoreUnsafe(why=f"PRAGMA {name} = {row[0] if row else '-'}")


class SqliteEngine:
    """Connections to one file.

    Args:
        path: The database file; made, with its folder, if it is not there.

    Raises:
        StoreUnsafe: This SQLite is older than ``FLOOR``, or a pragma did not hold.
        Unavailable: The file cannot be opened.
    """

    dialect = SQLITE

    def __init__(self, path: Path) -> None:
        if sqlite3.sqlite_version_info < FLOOR:
            floor = ".".join(map(str, FLOOR))
            raise StoreUnsafe(why=f"SQLite {sqlite3.sqlite_version} < {floor}")
        self._path = path
        self._idle: list[Any] = []
        self._gate = threading.Lock()
        self._closed = False
        self._writing: Any = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreGone(why=type(error).__name__) from error
        self._writer = Writer(self._transaction, keep_together)

    # Reading -------------------------------------------------------------------------------------

    @contextmanager
    def view(self) -> Iterator[Connection]:
        """A connection that sees one consistent state for as long as it is held."""
        with _translated():
            connection = self._take()
            try:
                connection.execute("BEGIN")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
        self._give(connection)

    @contextmanager
    def raw_view(self) -> Iterator[Connection]:
        """A view on which text that is no UTF-8 comes with marks instead of an error."""
        with _translated():
            connection = _connect(self._path)
            try:
                connection.text_factory = _any_text
                connection.execute("BEGIN")
                yield connection
            finally:
                connection.close()

    def _take(self) -> Any:
        with self._gate:
            if self._closed:
                raise StoreGone(why="closed")
            if self._idle:
                return self._idle.pop()
        connection = _connect(self._path)
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _give(self, connection: Any) -> None:
        with self._gate:
            if not self._closed and len(self._idle) < IDLE_MAX:
                self._idle.append(connection)
                return
        connection.close()

    # Writing -------------------------------------------------------------------------------------

    def submit(self, batch: Sequence[Pending]) -> Future[Results]:
        """Queue events; they are kept together with whatever else is queued."""
        return self._writer.append(batch)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run work in a transaction of its own."""
        return self._writer.write(work).result()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """The writing connection with the lock held; only ever called on the writer's thread."""
        with _translated():
            if self._writing is None:
                self._writing = _connect(self._path)
            connection = self._writing
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except sqlite3.Error:
                # After a failed write nothing is taken for granted: the next one starts afresh.
                self._writing = None
                with suppress(sqlite3.Error):
                    connection.rollback()
                connection.close()
                raise
            except BaseException:
                connection.rollback()
                raise

    def close(self) -> None:
        """Finish what was accepted and close every connection that is not in use."""
        self._writer.close()
        with self._gate:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in (*idle, *([self._writing] if self._writing else [])):
            connection.close()
        self._writing = None


def _any_text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


class SqliteStore:
    """All of the store in one SQLite file, brought to the present schema when opened.

    Args:
        path: The file.

    Raises:
        Unavailable: The file cannot be opened or migrated, or SQLite is too old to be trusted.
    """

    def __init__(self, path: Path) -> None:
        self._engine = SqliteEngine(path)
        try:
            migrate.migrate(self._engine)
        except BaseException:
            self._engine.close()
            raise
        self.ledger = LedgerRecords(self._engine, self._engine.submit)
        self.plots = PlotRecords(self._engine)
        self.facts = FactRecords(self._engine)
        self.evidence = EvidenceRecords(self._engine)
        self.layers = LayerRecords(self._engine)
        self.scenes = SceneRecords(self._engine)
        self.people = PeopleRecords(self._engine)
        self.exports = ExportRecords(self._engine)

    def ready(self) -> None:
        """Check that the store can be read and written and is fully migrated."""
        known = migrate.migrations(SQLITE)

        def probe(connection: Connection) -> None:
            _check_pragmas(connection)
            migrate.check(connection, known)
            connection.execute(PROBE)

        self._engine.write(probe)

    def close(self) -> None:
        """Finish what was accepted and let go of every handle."""
        self._engine.close()
