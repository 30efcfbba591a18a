"""Where a store may lie: in a file, or in a database of a real PostGIS server."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from pysqlite3 import dbapi2 as sqlite3

from benchmarks.postgres import Cluster
from georeview.settings import Settings
from georeview.storage.engine import Dialect, Engine
from georeview.storage.store import DatabaseStore, open_engine, open_store

BACK_ENDS = ("sqlite", "postgis")
TEMPLATE = "template_georeview"


@dataclass(frozen=True)
class Place:
    """Room for one store, with nothing in it but, perhaps, the schema.

    Attributes:
        name: Of the back end.
        home: Folder of the files.
        address: What ``GEOREVIEW_STORE`` is set to.
    """

    name: str
    home: Path
    address: str = ""

    @property
    def settings(self) -> Settings:
        """Settings that name this place."""
        return Settings(home=self.home, store=self.address)

    @property
    def dialect(self) -> Dialect:
        """How statements are said there."""
        from georeview.storage.postgis_dialect import POSTGIS
        from georeview.storage.sqlite_connection import SQLITE

        return POSTGIS if self.address else SQLITE

    def engine(self) -> Engine:
        """Connections to it."""
        return open_engine(self.settings)

    def store(self) -> DatabaseStore:
        """The store in it."""
        return open_store(self.settings)

    @contextmanager
    def raw(self) -> Iterator[Any]:
        """A connection of somebody who is let in, past all of ours; it commits by itself."""
        with closing(self._connect()) as connection:
            yield connection

    def _connect(self) -> Any:
        if not self.address:
            path = str(self.settings.database)
            return sqlite3.connect(path, isolation_level=None, timeout=10)
        from georeview.storage.postgis_connection import WRITING, PostgisConnection

        return PostgisConnection(self.address, WRITING)

    @property
    def as_text(self) -> str:
        """Bytes given as ``:value``, put where text belongs."""
        return "convert_from(:value, 'UTF8')" if self.address else "CAST(:value AS TEXT)"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the store's lock, as another process does while it writes."""
        from georeview.storage.postgis import BEGIN_WRITE

        with self.raw() as connection:
            if self.address:
                connection.command(BEGIN_WRITE)
            else:
                connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                connection.execute("COMMIT")

    def commits(self) -> int:
        """A number that each transaction which keeps events makes larger by one."""
        if self.address:
            with self.raw() as connection:
                counted = "SELECT COUNT(DISTINCT xmin::text) FROM event"
                return int(connection.execute(counted).fetchone()[0])
        # Frames of the write-ahead log that carry the size of the file.
        log = Path(f"{self.settings.database}-wal").read_bytes()
        page = int.from_bytes(log[8:12], "big")
        salts = log[16:24]
        frames = (log[at : at + 24] for at in range(32, len(log), 24 + page))
        return sum(f[8:16] == salts and int.from_bytes(f[4:8], "big") > 0 for f in frames)

    def content(self) -> bytes:
        """All that is kept, as it lies on disk or would be read."""
        if not self.address:
            files = self.home.glob(f"{self.settings.database.name}*")
            return b"".join(path.read_bytes() for path in files)
        with closing(self.engine()) as engine, engine.view() as connection:
            tables = {table for table, _ in connection.execute(engine.dialect.columns)}
            rows = [connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
        return repr(rows).encode()

    def tamper(self, *commands: str, **params: object) -> None:
        """Take the guards off, as an owner can, and change what is kept."""
        with self.raw() as connection:
            if self.address:
                # The second is for the guards that stay when somebody plays a replica.
                connection.execute("SET session_replication_role = replica")
                connection.execute("ALTER TABLE event DISABLE TRIGGER ALL")
            else:
                for name in ("event_no_update", "event_no_delete", "event_in_order"):
                    connection.execute(f"DROP TRIGGER IF EXISTS {name}")
            for command in commands:
                connection.execute(command, params)


class Databases:
    """Databases of one cluster, each made in a few milliseconds from one that has the schema."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._numbers = itertools.count()
        self._template_made = False

    def address(self, name: str) -> str:
        """Store address of a database."""
        return self._cluster.url.replace("/postgres?", f"/{name}?")

    @contextmanager
    def one(self, *, empty: bool = False, options: str = "") -> Iterator[str]:
        """Address of a database of one's own, dropped afterwards.

        Args:
            empty: Without the schema, and without PostGIS.
            options: What else is said when it is made.
        """
        template = "template0" if empty else self._template()
        name = f"store_{next(self._numbers)}"
        with self._cluster.connect() as connection:
            connection.execute(
                f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log {options}"
            )
            try:
                if not empty:
                    self._number(name)
                yield self.address(name)
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _number(self, name: str) -> None:
        """No two stores are one, though these are copies."""
        with psycopg.connect(self.address(name)) as connection:
            connection.execute("UPDATE identity SET store_id = md5(%s)", [name])

    def _template(self) -> str:
        if not self._template_made:
            with self._cluster.connect() as connection:
                connection.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
            open_store(Settings(store=self.address(TEMPLATE))).close()
            self._template_made = True
        return TEMPLATE


NewPlace = Callable[..., Any]
"""``(name, folder, empty=False)`` → a context that holds a ``Place``."""


def new_place(databases: Callable[[], Databases]) -> NewPlace:
    """The maker of places; a cluster is only started for the first that needs one."""

    @contextmanager
    def make(name: str, folder: Path, *, empty: bool = False) -> Iterator[Place]:
        place = Place(name, folder / "home")
        place.home.mkdir(parents=True, exist_ok=True)
        if name == "sqlite":
            yield place
            return
        with databases().one(empty=empty) as address:
            yield replace(place, address=address)

    return make
