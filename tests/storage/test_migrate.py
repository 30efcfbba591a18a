import shutil
import threading
from importlib import resources
from pathlib import Path

import pytest

from georeview.errors import MigrationChanged, SchemaUnknown, Unavailable
from georeview.storage.migrate import migrate, migrations, statements
from georeview.storage.sqlite import SqliteEngine
from georeview.storage.sqlite_connection import SQLITE
from georeview.storage.store import DatabaseStore
from tests.storage.tampering import raw

READ_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of our migrations that a test may spoil."""
    copy = tmp_path / "migrations"
    with resources.as_file(resources.files("georeview.storage") / "migrations") as place:
        shutil.copytree(place, copy)
    return copy


@pytest.fixture
def engine(database: Path):
    opened = SqliteEngine(database)
    yield opened
    opened.close()


def test_a_second_run_changes_nothing(engine: SqliteEngine, folder: Path) -> None:
    migrate(engine, folder)
    migrate(engine, folder)
    assert next(m.name for m in migrations(SQLITE)) == "0001_start"


@pytest.mark.parametrize("file", ["0001_start.sql", "0001_start.sqlite.sql"])
def test_a_file_changed_after_it_ran_is_refused(
    engine: SqliteEngine, folder: Path, file: str
) -> None:
    migrate(engine, folder)
    changed = folder / file
    changed.write_text(changed.read_text(encoding="utf-8") + "-- \n", encoding="utf-8")
    with pytest.raises(MigrationChanged):
        migrate(engine, folder)


def test_a_failing_file_leaves_nothing_behind(
    engine: SqliteEngine, folder: Path, database: Path
) -> None:
    migrate(engine, folder)
    connection = raw(database)
    before = connection.execute(READ_TABLES).fetchall()
    (folder / "0002_next.sql").write_text("CREATE TABLE one (a TEXT);\n")
    (folder / "0002_next.sqlite.sql").write_text("CREATE TABLE two (a TEXT);\nNONSENSE;\n")
    with pytest.raises(Unavailable):
        migrate(engine, folder)
    assert connection.execute(READ_TABLES).fetchall() == before
    (folder / "0002_next.sqlite.sql").write_text("CREATE TABLE two (a TEXT);\n")
    migrate(engine, folder)
    assert ("two",) in connection.execute(READ_TABLES).fetchall()
    connection.close()


def test_a_store_of_a_later_version_is_refused(
    engine: SqliteEngine, folder: Path, database: Path
) -> None:
    (folder / "0002_next.sql").write_text("CREATE TABLE one (a TEXT);\n")
    migrate(engine, folder)
    with pytest.raises(SchemaUnknown):
        DatabaseStore(SqliteEngine(database))


def test_several_may_start_on_one_new_file(database: Path) -> None:
    failed: list[Exception] = []

    def start() -> None:
        try:
            DatabaseStore(SqliteEngine(database)).close()
        except Unavailable as error:
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_trigger_stays_in_one_piece() -> None:
    script = (
        "-- why\nCREATE TABLE a (\n    b TEXT\n);\nCREATE TRIGGER t BEGIN\n    SELECT 1;\nEND;\n"
    )
    assert list(statements(script)) == [
        "CREATE TABLE a (\n    b TEXT\n);",
        "CREATE TRIGGER t BEGIN\n    SELECT 1;\nEND;",
    ]
