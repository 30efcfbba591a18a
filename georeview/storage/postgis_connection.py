"""Connections to PostgreSQL: what is set on every one, and what its errors mean."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from types import MappingProxyType

import psycopg
from psycopg import conninfo

from georeview.errors import Malformed, Unavailable
from georeview.errors.store import (
    DiskFull,
    StoreAddressUnread,
    StoreBroken,
    StoreBusy,
    StoreConflict,
    StoreGone,
    StoreReadOnly,
    StoreUnsafe,
)
from georeview.storage.engine import Connection, Cursor, Params, Row, listed, statement
from georeview.storage.postgis_dialect import adapt, numbered

FLOOR = 14
"""Major version of the server; older ones are no longer mended by their makers."""

STREAMED_ROWS = 2000
"""Rows of a stream in memory at a time."""

ADDRESS_DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        "application_name": "georeview",
        "connect_timeout": "5",
        # A server that vanished without a word is noticed within a minute, not after two hours.
        "keepalives_idle": "20",
        "keepalives_interval": "10",
        "keepalives_count": "3",
        "tcp_user_timeout": "50000",
    }
)
"""What holds unless the store's address says otherwise."""

_COMMON: Mapping[str, str] = MappingProxyType(
    {
        "TimeZone": "UTC",
        "client_encoding": "UTF8",
        "lock_timeout": "15s",
        # Every statement here reads or writes to its end and runs often: no plan for a first row,
        # and no compiling that takes longer than the statement.
        "cursor_tuple_fraction": "1",
        "jit": "off",
    }
)
READING: Mapping[str, str] = MappingProxyType(
    {
        **_COMMON,
        "default_transaction_isolation": "repeatable read",
        "default_transaction_read_only": "on",
        "statement_timeout": "5min",
        "idle_in_transaction_session_timeout": "10min",
        # A plan for any county suits none: one has a thousand times the plots of another.
        "plan_cache_mode": "force_custom_plan",
    }
)
"""What is set on a connection that reads."""

WRITING: Mapping[str, str] = MappingProxyType(
    {
        **_COMMON,
        # Behind the store's lock each statement must see what the process before has committed.
        "default_transaction_isolation": "read committed",
        "default_transaction_read_only": "off",
        # A process that hangs with the lock in hand is put out, and the others go on.
        "idle_in_transaction_session_timeout": "1min",
    }
)
"""What is set on the connection that writes."""

_DURABLE = """SELECT current_setting('synchronous_commit'), current_setting('fsync'),
    current_setting('server_encoding'), current_setting('server_version_num')::int / 10000"""
# Who waits for the standby's own readers too keeps it so: that is more than we ask.
_COMMIT_ON_DISK = """SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') <> 'remote_apply'"""
_SET = "SELECT set_config($1, $2, false)"
LOOK = "ANALYZE plot, plot_state, event, facts"
_COLUMNS_OF = """SELECT attname::text, atttypid, attidentity <> '' FROM pg_attribute
WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped"""

_REFUSALS: Mapping[str, type[Unavailable]] = MappingProxyType(
    {
        "22": StoreConflict,
        "23": StoreConflict,
        "25006": StoreReadOnly,
        "25P03": StoreBusy,
        "40": StoreConflict,
        "42501": StoreReadOnly,
        "53": StoreBusy,
        "53100": DiskFull,
        "54": StoreConflict,
        "55P03": StoreBusy,
        "57014": StoreBusy,
        "XX": StoreBroken,
    }
)
"""SQLSTATE, or its class of two → what it means for whoever asked; all else is ``StoreGone``."""

_UNREADABLE = frozenset({None, "22003", "22021", "22P05"})
"""States of data errors that say: this value can be kept nowhere."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's exceptions into refusals of ours; none of them tells the address."""
    try:
        yield
    except psycopg.Error as error:
        state = error.sqlstate
        if isinstance(error, psycopg.DataError) and state in _UNREADABLE:
            raise Malformed from error
        refusal = _REFUSALS.get(state or "") or _REFUSALS.get((state or "")[:2], StoreGone)
        raise refusal(why=type(error).__name__) from error
    except (UnicodeEncodeError, OverflowError) as error:
        raise Malformed from error


class PostgisConnection:
    """A connection of the driver behind the methods of ours.

    Args:
        address: The store's address with its defaults, as ``addressed`` gives it.
        settings: What is set on it.

    Raises:
        StoreUnsafe: What is acknowledged might not be on disk.
        psycopg.Error: There is no server, or it does not want us.
    """

    def __init__(self, address: str, settings: Mapping[str, str]) -> None:
        self._driver = psycopg.connect(address, autocommit=True, cursor_factory=psycopg.RawCursor)
        self._columns: dict[str, dict[str, tuple[int, bool]]] = {}
        self._streams = count()
        try:
            self._set(settings)
            adapt(self._driver)
            check_durable(self)
        except BaseException:
            self._driver.close()
            raise

    def _set(self, settings: Mapping[str, str]) -> None:
        with self._driver.pipeline(), self._driver.cursor() as cursor:
            cursor.execute(_COMMIT_ON_DISK)
            for item in settings.items():
                cursor.execute(_SET, item)

    @property
    def lost(self) -> bool:
        """Whether the driver has noticed that there is nobody at the other end."""
        return self._driver.closed or self._driver.broken

    def execute(self, sql: str, params: Params = MappingProxyType({}), /) -> Cursor:
        """Run one statement."""
        text, names = numbered(sql)
        values = [params[name] for name in names]
        return self._driver.cursor(binary=True).execute(text, values)

    def executemany(self, sql: str, params: Iterable[Params], /) -> None:
        """Run one statement for many sets of parameters, without waiting between them."""
        text, names = numbered(sql)
        with self._driver.cursor(binary=True) as cursor:
            cursor.executemany(text, ([each[name] for name in names] for each in params))

    def change(self, table: str, columns: Sequence[str], rows: Iterable[Row], /) -> None:
        """Give many rows new values, each found by the first of its columns."""
        key, *changed = columns
        update = statement(
            "UPDATE", table, "SET", ", ".join(f"{name} = :{name}" for name in changed),
            f"WHERE {key} = :{key}",
        )  # fmt: skip
        self.executemany(update, (dict(zip(columns, row, strict=True)) for row in rows))

    def stream(self, sql: str, params: Params = MappingProxyType({}), /) -> Iterator[Row]:
        """Run one statement behind a cursor of the server, which ends with the transaction."""
        name = f"stream_{next(self._streams)}"
        self.execute(statement("DECLARE", name, "NO SCROLL CURSOR FOR", sql), params)
        fetch = f"FETCH {STREAMED_ROWS} FROM {name}"
        with self._driver.cursor(binary=True) as cursor:
            # Prepared, it would outlive the columns of this cursor.
            while rows := cursor.execute(fetch, prepare=False).fetchall():
                yield from rows
        self.command(f"CLOSE {name}")

    def bulk(self, table: str, columns: Sequence[str], rows: Iterable[Row], /) -> None:
        """Add many rows by binary COPY; numbers the database gives go on after the highest."""
        kinds = self._kinds(table)
        copying = statement("COPY", table, "(", listed(columns), ") FROM STDIN (FORMAT BINARY)")
        with self._driver.cursor() as cursor:
            with cursor.copy(copying) as copy:
                copy.set_types([kinds[name][0] for name in columns])
                for row in rows:
                    copy.write_row(row)
            for name in columns:
                if kinds[name][1]:
                    cursor.execute(
                        f"SELECT setval(pg_get_serial_sequence('{table}', '{name}'), "  # noqa: S608 - constants of ours
                        f"(SELECT MAX({name}) FROM {table}))"
                    )

    def unindexed(self) -> Callable[[], None]:
        """Keep the indexes, for who reads would have to wait for a dropped one until the commit.

        At the end the server looks at what has come in: plans made for an empty table would read
        all of it for the first page of a list.
        """
        return lambda: self.command(LOOK)

    def _kinds(self, table: str) -> dict[str, tuple[int, bool]]:
        """Column → number of its type, and whether the database numbers it."""
        if table not in self._columns:
            rows = self._driver.execute(_COLUMNS_OF, [table])
            self._columns[table] = {name: (oid, own) for name, oid, own in rows}
        return self._columns[table]

    def command(self, sql: str) -> None:
        """Run commands without parameters in one journey to the server."""
        self._driver.execute(sql, prepare=False)

    def close(self) -> None:
        """Let go of it; what is not committed is undone by the server."""
        self._driver.close()


def addressed(address: str) -> str:
    """The store's address as the driver takes it, with our defaults.

    Raises:
        StoreAddressUnread: It is none; nothing of it is told, for it may hold a password.
    """
    given = None
    with suppress(psycopg.ProgrammingError):
        given = conninfo.conninfo_to_dict(address)
    # Not raised where the driver's own error is at hand, which repeats the address.
    if given is None:
        raise StoreAddressUnread
    return conninfo.make_conninfo("", **{**ADDRESS_DEFAULTS, **given})


def check_durable(connection: Connection) -> None:
    """Refuse a connection on which a promise does not hold.

    Raises:
        StoreUnsafe: A commit may not be on disk, text may not be UTF-8, or the server is too old.
    """
    commit, fsync, encoding, version = connection.execute(_DURABLE).fetchone() or ("", "", "", 0)
    for held, why in (
        (commit in {"on", "remote_apply"}, f"synchronous_commit = {commit}"),
        (fsync == "on", f"fsync = {fsync}"),
        (encoding == "UTF8", f"server_encoding = {encoding}"),
        (version >= FLOOR, f"PostgreSQL {version} < {FLOOR}"),
    ):
        if not held:
            raise StoreUnsafe(why=why)
