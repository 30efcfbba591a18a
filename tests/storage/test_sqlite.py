import subprocess
import sys
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite3

from georeview.errors.store import StoreBroken, StoreGone, StoreUnsafe
from georeview.storage.sqlite import SqliteEngine
from georeview.storage.sqlite_connection import PRAGMAS, READ_PRAGMAS
from georeview.storage.store import DatabaseStore
from tests.builders import an_actor

COUNTY = an_actor("county", "511902")


def pragmas(connection: object) -> dict[str, object]:
    return {name: connection.execute(READ_PRAGMAS[name]).fetchone()[0] for name in PRAGMAS}  # type: ignore[attr-defined]


def test_every_connection_is_durable(database: Path) -> None:
    DatabaseStore(SqliteEngine(database)).close()
    engine = SqliteEngine(database)
    with engine.view() as one, engine.view() as two, engine.raw_view() as three:
        assert pragmas(one) == pragmas(two) == pragmas(three) == PRAGMAS
    assert engine.write(pragmas) == PRAGMAS
    engine.close()
    assert PRAGMAS["synchronous"] == 2


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
