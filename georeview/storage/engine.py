"""What the statements of this room need of a database, and what every dialect must give.

The modules beside hold the SQL; a back end gives connections, views and one writer. Statements
are constants with ``:name`` parameters in the subset of SQL that SQLite and PostgreSQL share; what
differs stands in ``Dialect`` and behind the methods of ``Connection``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import orjson

from georeview.errors import NotFound
from georeview.storage.ports.ledger import Asked, Kept, KeyClash, Pending, Settled, Stale
from georeview.storage.remembered import PlotMemory

Row = tuple[Any, ...]
Params = Mapping[str, object]
Results = list[Kept | Stale | KeyClash | Settled | NotFound]
T = TypeVar("T")


class Cursor(Protocol):
    """The rows of one statement."""

    def __iter__(self) -> Iterator[Row]: ...

    def fetchone(self) -> Row | None:
        """The next row."""

    def fetchmany(self, size: int) -> list[Row]:
        """The next rows, none at the end."""

    def fetchall(self) -> list[Row]:
        """All rows that are left."""


class Connection(Protocol):
    """One connection, inside a transaction."""

    def execute(self, sql: str, params: Params = ..., /) -> Cursor:
        """Run one statement; its rows may all be in memory at once."""

    def executemany(self, sql: str, params: Iterable[Params], /) -> object:
        """Run one statement for many sets of parameters."""

    def stream(self, sql: str, params: Params = ..., /) -> Iterator[Row]:
        """Run one statement and hand over its rows in memory that does not grow with them.

        Several may be read in step, and other statements run between their rows.
        """

    def bulk(self, table: str, columns: Sequence[str], rows: Iterable[Row], /) -> None:
        """Add many rows the fastest way there is.

        Args:
            table: A table of ours, a constant of the caller.
            columns: The columns given, constants of the caller.
            rows: Values in the order of the columns; read as they are written.
        """

    def change(self, table: str, columns: Sequence[str], rows: Iterable[Row], /) -> None:
        """Give many rows new values, each found by the first of its columns.

        Args:
            table: A table of ours, a constant of the caller.
            columns: The key and what changes, constants of the caller.
            rows: Values in the order of the columns; no key twice.
        """

    def unindexed(self) -> Callable[[], None]:
        """Stop indexing plots one by one, where that is dearer than doing it at the end.

        Returns:
            Makes the indexes again; to be called before the transaction ends.
        """


@dataclass(frozen=True, slots=True)
class Dialect:
    """Where one database differs from another.

    Attributes:
        name: Middle part of its migration files.
        types: Column types for the placeholders of the shared migration files.
        words: What whole words of those files are called here.
        box: Condition that keeps plots whose box meets ``:west :south :east :north``.
        meets: Expression of ``g``, a row of ``plot``, that holds where its shape meets ``{shape}``,
            WKB in EPSG:4490.
        like: ``{column}`` by the pattern ``{pattern}``, every character for itself.
        pattern: How the pattern is written: for ``%``, for ``_``, and what stands for each
            character that means something else there.
        columns: Statement giving table and column of everything we keep, tables in the order in
            which they refer to each other, without columns the database computes itself.
    """

    name: str
    types: Mapping[str, str]
    words: Mapping[str, str]
    box: str
    meets: str
    like: str
    pattern: tuple[str, str, Mapping[str, str]]
    columns: str


class Engine(Protocol):
    """One database: many views to read from, one thread that writes."""

    dialect: Dialect
    remembered: PlotMemory

    def view(self) -> AbstractContextManager[Connection]:
        """A connection that sees one consistent state for as long as it is held.

        Raises:
            Unavailable: The store cannot be read now.
        """

    def raw_view(self) -> AbstractContextManager[Connection]:
        """The same for reading what may be damaged: text that is no text comes without error."""

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run work in a transaction of its own; returns when it is on disk.

        Raises:
            Unavailable: The store cannot write now; nothing was kept.
        """

    def submit(self, batch: Sequence[Pending | Asked]) -> Future[Results]:
        """Queue events; they are kept together with whatever else is queued."""

    def check(self, connection: Connection) -> None:
        """Refuse a connection on which a promise does not hold.

        Raises:
            StoreUnsafe: What is acknowledged might not be on disk.
        """

    def close(self) -> None:
        """Finish what was accepted and close every connection that is not in use."""


def statement(*parts: str) -> str:
    """Put a statement together from constants; values only ever come as parameters."""
    return "\n".join(parts)


def run(engine: Engine, sql: str, params: Params) -> None:
    """Write with one statement, in a transaction of its own."""

    def work(connection: Connection) -> None:
        connection.execute(sql, params)

    engine.write(work)


def listed(columns: Sequence[str], prefix: str = "") -> str:
    """Columns as they stand in a statement, each with its table's letter: ``s.mark, s.stage``."""
    return ", ".join(prefix + name for name in columns)


def insert(table: str, columns: Sequence[str]) -> str:
    """Statement that adds one row given by name."""
    return statement(
        "INSERT INTO", table, "(", listed(columns), ") VALUES (", listed(columns, ":"), ")"
    )


def parse(text: str) -> Any:
    """A JSON value from text."""
    return orjson.loads(text)
