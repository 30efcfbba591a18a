"""How this process speaks to SQLite: what is set on every connection, and what errors mean."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pysqlite3 import dbapi2 as sqlite3

from georeview.errors import Malformed, Unavailable
from georeview.errors.store import (
    DiskFull,
    StoreBroken,
    StoreBusy,
    StoreConflict,
    StoreGone,
    StoreReadOnly,
    StoreUnsafe,
)
from georeview.storage.engine import Connection, Dialect, Params, Row, listed, statement
from georeview.storage.sqlite_boxes import pack

FLOOR = (3, 51, 3)
"""Older versions can corrupt a WAL file that several connections check-point."""

TOGETHER = 32
"""Rows written in one call."""

BUSY_S = 15.0
"""How long to wait for another process that holds the lock."""

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
    # The log of a large load is cut back when it has been written to the file.
    "PRAGMA journal_size_limit = 67108864",
)
READ_PRAGMAS = MappingProxyType(
    {
        "journal_mode": "PRAGMA journal_mode",
        "synchronous": "PRAGMA synchronous",
        "recursive_triggers": "PRAGMA recursive_triggers",
        "foreign_keys": "PRAGMA foreign_keys",
    }
)

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
    words=MappingProxyType({}),
    # The boxes of the index are 32-bit and a little larger: they sieve, the plot's own box decides.
    box="""s.fid IN (
        SELECT b.fid FROM plot_box b JOIN plot g ON g.fid = b.fid
        WHERE b.west <= :east AND b.east >= :west AND b.south <= :north AND b.north >= :south
          AND g.west <= :east AND g.east >= :west AND g.south <= :north AND g.north >= :south)""",
    meets="shapes_meet(g.wkb, {shape})",
    # LIKE takes letters of either case for the same here.
    like="{column} GLOB {pattern}",
    pattern=("*", "?", MappingProxyType({"*": "[*]", "?": "[?]", "[": "[[]"})),
    # Tables of virtual ones are none of ours; column 1 of ``hidden`` and above is computed.
    columns="""SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE 'plot_box%'
          AND c.hidden = 0
        ORDER BY m.rowid, c.cid""",
)

_NO_VALUE: dict[None, None] = {}
"""Its ``get`` gives ``None`` for ``None`` without entering Python."""

_NOTHING: dict[str, object] = {}

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


LIST_INDEXES = """SELECT name, sql FROM sqlite_schema
WHERE type = 'index' AND tbl_name = 'plot_state' AND sql IS NOT NULL"""
BOXING = "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = 'plot_boxed'"


class SqliteConnection(sqlite3.Connection):  # type: ignore[misc]  # the driver has no types
    """A connection of the driver with the two ways that differ between databases."""

    def execute(self, sql: str, params: Params = _NOTHING, /) -> Any:
        """Run one statement; text that no other store could keep is refused here too."""
        if any(type(value) is str and "\0" in value for value in params.values()):
            raise Malformed
        return super().execute(sql, params)

    def stream(self, sql: str, params: Params = _NOTHING, /) -> Iterator[Row]:
        """Run one statement; SQLite makes its rows one by one."""
        rows: Iterator[Row] = self.execute(sql, params)
        return rows

    def bulk(self, table: str, columns: Sequence[str], rows: Iterable[Row], /) -> None:
        """Add many rows."""
        into = statement("INSERT INTO", table, "(", listed(columns), ")")
        for part in _parts(rows):
            super().execute(statement(into, _places(part)), list(chain.from_iterable(part)))

    def change(self, table: str, columns: Sequence[str], rows: Iterable[Row], /) -> None:
        """Give many rows new values, each found by the first of its columns."""
        key, *changed = columns
        given = statement("WITH given (", listed(columns), ") AS (")
        update = statement(
            ") UPDATE", table, "SET",
            ", ".join(f"{name} = given.{name}" for name in changed),
            f"FROM given WHERE {table}.{key} = given.{key}",
        )  # fmt: skip
        for part in _parts(rows):
            super().execute(
                statement(given, _places(part), update), list(chain.from_iterable(part))
            )

    def unindexed(self) -> Callable[[], None]:
        """Drop the indexes of the list and the trigger of the boxes, as the schema has them."""
        indexes = self.execute(LIST_INDEXES).fetchall()
        (trigger,) = self.execute(BOXING).fetchone()
        self.execute("DROP TRIGGER plot_boxed")
        for name, _ in indexes:
            self.execute(f"DROP INDEX {name}")

        def again() -> None:
            pack(self)
            for command in (trigger, *(definition for _, definition in indexes)):
                self.execute(command)

        return again


def _parts(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows for one call each, in numbers that are powers of two, so that few texts serve all.

    After every call a thread has to wait for the interpreter again; with the rows one by one, the
    thread that writes and the one that answers would take it from each other hundreds of times for
    each commit.
    """
    rest = iter(rows)
    while part := list(islice(rest, TOGETHER)):
        while part:
            size = 1 << (len(part).bit_length() - 1)
            yield part[:size]
            part = part[size:]


def _places(rows: Sequence[Row]) -> str:
    row = f"({', '.join('?' * len(rows[0]))})"
    return f"VALUES {', '.join([row] * len(rows))}"


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's exceptions into refusals of ours."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        refusal = _REFUSALS.get((code or 14) & 0xFF, StoreGone)
        raise refusal(why=getattr(error, "sqlite_errorname", None) or "SQLITE") from error
    except (UnicodeEncodeError, OverflowError) as error:
        raise Malformed from error


def check_version() -> None:
    """Refuse a SQLite that is not safe with several connections.

    Raises:
        StoreUnsafe: It is older than ``FLOOR``.
    """
    if sqlite3.sqlite_version_info < FLOOR:
        raise StoreUnsafe(why=f"SQLite {sqlite3.sqlite_version} < {'.'.join(map(str, FLOOR))}")


def connect(path: Path) -> Any:
    """Open the file; every promise is set and read back.

    Raises:
        StoreUnsafe: A pragma did not hold.
    """
    # The driver looks for an adapter of every None it binds, 0.7 µs each, unless it finds one.
    sqlite3.register_adapter(type(None), _NO_VALUE.get)
    connection = sqlite3.connect(
        str(path),
        timeout=BUSY_S,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        factory=SqliteConnection,
    )
    try:
        connection.create_function("shapes_meet", 2, _ShapesMeet(), deterministic=True)
        for command in SET_PRAGMAS:
            connection.execute(command)
        check_pragmas(connection)
    except BaseException:
        connection.close()
        raise
    return connection


class _ShapesMeet:
    """Whether a plot's shape meets one that is asked about, both WKB; one for each connection.

    What is prepared for many comparisons is not for several threads at once.
    """

    def __init__(self) -> None:
        self._asked = b""
        self._shape: Any = None

    def __call__(self, wkb: bytes, asked: bytes) -> bool:
        import shapely

        if asked != self._asked:
            self._asked, self._shape = asked, shapely.from_wkb(asked)
            shapely.prepare(self._shape)
        return bool(self._shape.intersects(shapely.from_wkb(wkb)))


def check_pragmas(connection: Connection) -> None:
    """Refuse a connection on which a promise does not hold."""
    for name, expected in PRAGMAS.items():
        row = connection.execute(READ_PRAGMAS[name]).fetchone()
        if row is None or row[0] != expected:
            raise StoreUnsafe(why=f"PRAGMA {name} = {row[0] if row else '-'}")
