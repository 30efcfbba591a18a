"""The store for many server processes: one PostGIS database, read by many, written one by one.

Every write, of whatever process, first takes the same lock and holds it to its commit. So numbers
of events follow each other without a gap in the order of their commits, a reader of the feed never
skips one that is committed late, and what is true of the embedded store is true here. Events that
arrive together in a process share its turn and its wait for the disk.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TypeVar

import psycopg

from georeview.errors.store import PostgisMissing, StoreBusy
from georeview.meter import UNHEARD, Meter
from georeview.storage.engine import Connection, Results
from georeview.storage.idle import Idle
from georeview.storage.keeping import Keeper
from georeview.storage.ports.ledger import Asked, Pending
from georeview.storage.postgis_connection import (
    READING,
    WRITING,
    PostgisConnection,
    addressed,
    check_durable,
    translated,
)
from georeview.storage.postgis_dialect import POSTGIS
from georeview.storage.remembered import PlotMemory
from georeview.storage.writer import Writer

IDLE_MAX = 16
"""Reading connections kept open while nobody reads."""

READERS_MAX = 40
"""Reading connections of a process at once: as many as it has threads to answer with."""

BUSY_S = 15.0
"""How long to wait for a reading connection."""

# The lock is there before any table is, and ends with the transaction whatever ends the process.
_LOCK_NUMBER = int.from_bytes(b"geoview")
BEGIN_WRITE = f"BEGIN; SELECT pg_advisory_xact_lock({_LOCK_NUMBER})"
BEGIN_READ = "BEGIN"
HAS_POSTGIS = "SELECT to_regtype('geometry') IS NOT NULL"
ADD_POSTGIS = "CREATE EXTENSION IF NOT EXISTS postgis"

T = TypeVar("T")


class PostgisEngine:
    """Connections to one database.

    Args:
        address: ``postgresql://…`` or what else libpq takes; never told to anybody.
        meter: Is told what is written.

    Raises:
        StoreAddressUnread: The address is none.
        StoreUnsafe: The server does not keep what it acknowledges.
        PostgisMissing: The extension is not there and cannot be added.
        Unavailable: The server cannot be reached.
    """

    dialect = POSTGIS

    def __init__(self, address: str, meter: Meter = UNHEARD) -> None:
        self._address = addressed(address)
        self._idle: Idle[PostgisConnection] = Idle(IDLE_MAX)
        self._readers = threading.BoundedSemaphore(READERS_MAX)
        self._writing: PostgisConnection | None = None
        with translated():
            self._add_postgis()
        self.remembered = PlotMemory()
        self._writer = Writer(self._transaction, Keeper(self.remembered).keep, meter)

    def _add_postgis(self) -> None:
        """See that the extension is there before any connection asks for its type."""
        connection = PostgisConnection(self._address, WRITING)
        try:
            if connection.execute(HAS_POSTGIS).fetchone() == (True,):
                return
            connection.command(BEGIN_WRITE)
            connection.command(ADD_POSTGIS)
            connection.command("COMMIT")
            if connection.execute(HAS_POSTGIS).fetchone() != (True,):
                raise PostgisMissing(why="search_path")
        except (
            psycopg.errors.InsufficientPrivilege,
            psycopg.errors.FeatureNotSupported,
            psycopg.errors.UndefinedFile,
        ) as error:
            raise PostgisMissing(why=type(error).__name__) from error
        finally:
            connection.close()

    # Reading -------------------------------------------------------------------------------------

    @contextmanager
    def view(self) -> Iterator[Connection]:
        """A connection that sees one consistent state for as long as it is held."""
        if not self._readers.acquire(timeout=BUSY_S):
            raise StoreBusy(why=f"{READERS_MAX} readers")
        try:
            with translated():
                connection = self._take()
                try:
                    yield connection
                    connection.command("COMMIT")
                except BaseException:
                    self._put_back(connection)
                    raise
            self._idle.give(connection)
        finally:
            self._readers.release()

    raw_view = view
    """Here text is always text: the server takes and gives nothing else."""

    def _take(self) -> PostgisConnection:
        """A connection in a transaction; those that died while nobody looked are passed over."""
        while True:
            connection = self._idle.take()
            if connection is None:
                connection = PostgisConnection(self._address, READING)
                connection.command(BEGIN_READ)
                return connection
            try:
                connection.command(BEGIN_READ)
            except psycopg.Error:
                lost = connection.lost
                connection.close()
                if not lost:
                    raise
            else:
                return connection

    def _put_back(self, connection: PostgisConnection) -> None:
        """Keep a connection whose reader was refused or went away, if it is whole."""
        try:
            connection.command("ROLLBACK")
        except psycopg.Error:
            connection.close()
        else:
            self._idle.give(connection)

    # Writing -------------------------------------------------------------------------------------

    def submit(self, batch: Sequence[Pending | Asked]) -> Future[Results]:
        """Queue events; they are kept together with whatever else is queued."""
        return self._writer.append(batch)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run work in a transaction of its own."""
        return self._writer.write(work).result()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """The writing connection with the lock held; only ever called on the writer's thread.

        Note:
            When the server is lost between a commit and its answer, nobody here can know whether
            it was kept. It is said to have failed; a repeat with the same key finds it.
        """
        with translated():
            connection = self._begin()
            try:
                yield connection
                connection.command("COMMIT")
            except psycopg.Error:
                # After a failed write nothing is taken for granted: the next one starts afresh.
                self._drop_writing()
                raise
            except BaseException:
                with suppress(psycopg.Error):
                    connection.command("ROLLBACK")
                if connection.lost:
                    self._drop_writing()
                raise

    def _begin(self) -> PostgisConnection:
        """Take the lock; on a connection that died while nobody wrote, try once more afresh."""
        if self._writing is not None:
            try:
                self._writing.command(BEGIN_WRITE)
            except psycopg.Error:
                lost = self._writing.lost
                self._drop_writing()
                if not lost:
                    raise
        if self._writing is None:
            connection = PostgisConnection(self._address, WRITING)
            try:
                connection.command(BEGIN_WRITE)
            except BaseException:
                connection.close()
                raise
            self._writing = connection
        return self._writing

    def _drop_writing(self) -> None:
        if self._writing is not None:
            self._writing.close()
            self._writing = None

    def check(self, connection: Connection) -> None:
        """Refuse a connection on which a promise does not hold."""
        check_durable(connection)

    def close(self) -> None:
        """Finish what was accepted and close every connection that is not in use."""
        self._writer.close()
        self._idle.close()
        self._drop_writing()
