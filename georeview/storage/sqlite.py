"""The embedded store: one SQLite file, many views to read from, one connection that writes."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from pysqlite3 import dbapi2 as sqlite3

from georeview.errors.store import StoreGone
from georeview.meter import UNHEARD, Meter
from georeview.storage.engine import Connection, Results
from georeview.storage.idle import Idle
from georeview.storage.keeping import Keeper
from georeview.storage.ports.ledger import Asked, Pending
from georeview.storage.remembered import PlotMemory
from georeview.storage.sqlite_connection import (
    SQLITE,
    check_pragmas,
    check_version,
    connect,
    translated,
)
from georeview.storage.writer import Writer

IDLE_MAX = 8
"""Reading connections kept open while nobody reads."""

# Room for a large file's indexes: pages that do not fit are written to the log again and again.
WRITING_CACHE = "PRAGMA cache_size = -65536"

T = TypeVar("T")


class SqliteEngine:
    """Connections to one file.

    Args:
        path: The database file; made, with its folder, if it is not there.
        meter: Is told what is written.

    Raises:
        StoreUnsafe: This SQLite is older than ``FLOOR``, or a pragma did not hold.
        Unavailable: The file cannot be opened.
    """

    dialect = SQLITE

    def __init__(self, path: Path, meter: Meter = UNHEARD) -> None:
        check_version()
        self._path = path
        self._idle: Idle[Any] = Idle(IDLE_MAX)
        self._writing: Any = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreGone(why=type(error).__name__) from error
        self.remembered = PlotMemory()
        self._writer = Writer(self._transaction, Keeper(self.remembered).keep, meter)

    # Reading -------------------------------------------------------------------------------------

    @contextmanager
    def view(self) -> Iterator[Connection]:
        """A connection that sees one consistent state for as long as it is held."""
        with translated():
            connection = self._take()
            try:
                connection.execute("BEGIN")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.close()
                raise
        self._idle.give(connection)

    @contextmanager
    def raw_view(self) -> Iterator[Connection]:
        """A view on which text that is no UTF-8 comes with marks instead of an error."""
        with translated():
            connection = connect(self._path)
            try:
                connection.text_factory = _any_text
                connection.execute("BEGIN")
                yield connection
            finally:
                connection.close()

    def _take(self) -> Any:
        connection = self._idle.take()
        if connection is None:
            connection = connect(self._path)
            connection.execute("PRAGMA query_only = ON")
        return connection

    # Writing -------------------------------------------------------------------------------------

    def submit(self, batch: Sequence[Pending | Asked]) -> Future[Results]:
        """Queue events; they are kept together with whatever else is queued."""
        return self._writer.append(batch)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run work in a transaction of its own."""
        return self._writer.write(work).result()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """The writing connection with the lock held; only ever called on the writer's thread."""
        with translated():
            if self._writing is None:
                self._writing = connect(self._path)
                self._writing.execute(WRITING_CACHE)
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

    def check(self, connection: Connection) -> None:
        """Refuse a connection on which a promise does not hold."""
        check_pragmas(connection)

    def close(self) -> None:
        """Finish what was accepted and close every connection that is not in use."""
        self._writer.close()
        self._idle.close()
        if self._writing is not None:
            self._writing.close()
            self._writing = None


def _any_text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
