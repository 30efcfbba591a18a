import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite3

from georeview.core.access import EVERYTHING
from georeview.core.query import Filter, PageOf
from georeview.errors import (
    Malformed,
    MigrationChanged,
    NotFound,
    StoreBroken,
    StoreGone,
    StoreUnsafe,
    Unavailable,
)
from georeview.storage.sqlite import SqliteEngine
from georeview.storage.sqlite_connection import PRAGMAS, READ_PRAGMAS
from georeview.storage.store import DatabaseStore
from tests.builders import a_batch, a_mark, an_actor
from tests.storage.tampering import raw

COUNTY = an_actor("county", "511902")


def pragmas(connection: object) -> dict[str, object]:
    return {name: connection.execute(READ_PRAGMAS[name]).fetchone()[0] for name in PRAGMAS}  # type: ignore[attr-defined]


def test_every_connection_is_durable(store: DatabaseStore, database: Path) -> None:
    engine = SqliteEngine(database)
    with engine.view() as one, engine.view() as two, engine.raw_view() as three:
        assert pragmas(one) == pragmas(two) == pragmas(three) == PRAGMAS
    assert engine.write(pragmas) == PRAGMAS
    engine.close()
    assert PRAGMAS["synchronous"] == 2


def test_a_view_cannot_write(store: DatabaseStore, database: Path) -> None:
    engine = SqliteEngine(database)
    with pytest.raises(Unavailable), engine.view() as connection:
        connection.execute("DELETE FROM head")
    engine.close()


def test_a_view_is_one_moment(store: DatabaseStore, database: Path) -> None:
    plots = a_batch(store, 5)
    engine = SqliteEngine(database)
    count = "SELECT COUNT(*) FROM event"
    with engine.view() as connection:
        before = connection.execute(count).fetchone()
        store.ledger.append([a_mark(store, plots[0].plot_id, COUNTY)])
        assert connection.execute(count).fetchone() == before
    with engine.view() as connection:
        assert connection.execute(count).fetchone() == (before[0] + 1,)
    engine.close()


def test_an_old_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 2))
    with pytest.raises(StoreUnsafe):
        DatabaseStore(SqliteEngine(tmp_path / "georeview.sqlite"))


def test_a_file_that_is_no_database_is_refused(database: Path) -> None:
    database.write_bytes(b"PK\x03\x04 this is a zip file" * 400)
    with pytest.raises(StoreBroken):
        DatabaseStore(SqliteEngine(database))


def test_a_place_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, not a folder")
    with pytest.raises(StoreGone):
        DatabaseStore(SqliteEngine(tmp_path / "home" / "georeview.sqlite"))


def test_ready_writes_and_looks_at_the_schema(store: DatabaseStore, database: Path) -> None:
    store.ready()
    connection = raw(database)
    assert connection.execute("SELECT probe FROM head").fetchone() == (1,)
    connection.execute("UPDATE migration SET sha256 = 'other'")
    connection.close()
    with pytest.raises(MigrationChanged):
        store.ready()


def test_a_closed_store_refuses(store: DatabaseStore) -> None:
    plots = a_batch(store, 1)
    pending = a_mark(store, plots[0].plot_id, COUNTY)
    store.close()
    store.close()
    for call in (
        store.ready,
        store.ledger.head,
        lambda: store.ledger.append([pending]),
        lambda: store.plots.page(EVERYTHING, Filter(), PageOf(), count=False),
    ):
        with pytest.raises(StoreGone):
            call()


def test_half_a_character_is_refused_as_such(store: DatabaseStore) -> None:
    with pytest.raises(Malformed):
        store.plots.get(EVERYTHING, "\ud800")
    with pytest.raises(NotFound):
        store.plots.get(EVERYTHING, "\U0001f30f")


def test_many_readers_at_once_use_no_more_files_each_time(
    store: DatabaseStore, database: Path
) -> None:
    a_batch(store, 5)
    engine = SqliteEngine(database)

    def read(gate: threading.Barrier) -> None:
        with engine.view() as connection:
            gate.wait(timeout=20)
            assert connection.execute("SELECT COUNT(*) FROM plot").fetchone() == (5,)

    def files_after_a_round() -> int:
        gate = threading.Barrier(24)
        threads = [threading.Thread(target=read, args=(gate,)) for _ in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        handles = Path(f"/proc/{os.getpid()}/fd").iterdir()
        return sum(os.path.realpath(handle) == str(database) for handle in handles)

    first = files_after_a_round()
    assert [files_after_a_round() for _ in range(3)] == [first] * 3
    engine.close()


def test_a_full_disk_is_said_and_overcome(database: Path) -> None:
    """The file may not grow past a limit; when the limit goes, the same store works again."""
    script = """
import resource, signal, sys
from pathlib import Path
from georeview.core.access import EVERYTHING
from georeview.errors import Unavailable
from georeview.storage.sqlite import SqliteEngine
from georeview.storage.store import DatabaseStore
from tests.builders import a_batch, a_mark, an_actor, kept
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = DatabaseStore(SqliteEngine(Path(sys.argv[1])))
plots = a_batch(store, 60)
actor = an_actor("county", "511902")
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
said, held = 0, 0
for turn in range(40):
    for plot in plots[::5]:
        try:
            kept(store.ledger.append([a_mark(store, plot.plot_id, actor, note="x" * 900)])[0])
            held += 1
        except Unavailable:
            said += 1
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
kept(store.ledger.append([a_mark(store, plots[0].plot_id, actor)])[0])
print(said > 0, store.ledger.head().seq == 120 + held + 1, list(store.ledger.verify()))
store.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(database)],
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert done.stdout.strip() == "True True []", done.stderr[-2000:]
