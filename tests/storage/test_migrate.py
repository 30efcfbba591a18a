import shutil
import threading
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from georeview.core.access import Scope
from georeview.errors import Unavailable
from georeview.errors.store import MigrationChanged, SchemaUnknown
from georeview.storage.engine import Engine, run
from georeview.storage.jobs import JobRecords
from georeview.storage.migrate import migrate, migrations, statements
from georeview.storage.sqlite_connection import SQLITE
from tests.places import BACK_ENDS, NewPlace, Place

OLD_EXPORT = """INSERT INTO export (export_id, user_name, format, options, state, file, losses,
    error, created_at) VALUES (:id, 'li', 'shp', :options, :state, :file, :losses, :error, :at)"""


def tables(engine: Engine) -> set[str]:
    with engine.view() as connection:
        return {table for table, _ in connection.execute(engine.dialect.columns)}


@pytest.fixture(params=BACK_ENDS)
def empty(request: pytest.FixtureRequest, places: NewPlace, tmp_path: Path) -> Iterator[Place]:
    """Room without a schema."""
    with places(request.param, tmp_path, empty=True) as place:
        yield place


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of our migrations that a test may spoil."""
    copy = tmp_path / "migrations"
    with resources.as_file(resources.files("georeview.storage") / "migrations") as place:
        shutil.copytree(place, copy)
    return copy


@pytest.fixture
def engine(empty: Place) -> Iterator[Engine]:
    opened = empty.engine()
    yield opened
    opened.close()


def test_a_second_run_changes_nothing(engine: Engine, folder: Path) -> None:
    migrate(engine, folder)
    migrate(engine, folder)
    assert next(m.name for m in migrations(SQLITE)) == "0001_start"


@pytest.mark.parametrize("file", ["0001_start.sql", "0001_start.{name}.sql"])
def test_a_file_changed_after_it_ran_is_refused(engine: Engine, folder: Path, file: str) -> None:
    migrate(engine, folder)
    changed = folder / file.format(name=engine.dialect.name)
    changed.write_text(changed.read_text(encoding="utf-8") + "-- \n", encoding="utf-8")
    with pytest.raises(MigrationChanged):
        migrate(engine, folder)


def test_a_failing_file_leaves_nothing_behind(engine: Engine, folder: Path) -> None:
    migrate(engine, folder)
    before = tables(engine)
    own = folder / f"0002_next.{engine.dialect.name}.sql"
    (folder / "0002_next.sql").write_text("CREATE TABLE one (a TEXT);\n")
    own.write_text("CREATE TABLE two (a TEXT);\nNONSENSE;\n")
    with pytest.raises(Unavailable):
        migrate(engine, folder)
    assert tables(engine) == before
    own.write_text("CREATE TABLE two (a TEXT);\n")
    migrate(engine, folder)
    assert tables(engine) == before | {"one", "two"}


def test_a_store_of_a_later_version_is_refused(engine: Engine, folder: Path, empty: Place) -> None:
    (folder / "0002_next.sql").write_text("CREATE TABLE one (a TEXT);\n")
    migrate(engine, folder)
    with pytest.raises(SchemaUnknown):
        empty.store()


def test_several_may_start_on_one_new_store(empty: Place) -> None:
    failed: list[Exception] = []

    def start() -> None:
        try:
            empty.store().close()
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


def test_exports_of_the_first_release_go_on_as_jobs(engine: Engine, folder: Path) -> None:
    later = [path for path in folder.glob("*.sql") if not path.name.startswith("0001")]
    kept = {path: path.read_text(encoding="utf-8") for path in later}
    for path in later:
        path.unlink()
    migrate(engine, folder)
    asked = '{"encoding": "utf-8", "crs": "EPSG:4490", "batch": "b", "marks": [], "stages": []}'
    rows = [
        ("x1", "done", "georeview.zip", '{"rows": 3}', None),
        ("x2", "running", None, None, None),
        ("x3", "failed", None, None, '{"code": "nothing_to_export"}'),
    ]
    for export_id, state, file, losses, error in rows:
        row = {"id": export_id, "state": state, "file": file, "losses": losses, "error": error}
        run(engine, OLD_EXPORT, {**row, "options": asked, "at": f"2023-04-1{export_id[1]}"})
    for path, text in kept.items():
        path.write_text(text, encoding="utf-8")
    migrate(engine, folder)
    assert "export" not in tables(engine)
    jobs = {job.given.job_id: job for job in JobRecords(engine).all("li", Scope(()))}
    assert {key: job.state.value for key, job in jobs.items()} == {"x1": "done", "x2": "queued"}
    assert jobs["x1"].result == {"file": "georeview.zip", "losses": {"rows": 3}}
    expected = {"format": "shp", "encoding": "utf-8", "crs": "EPSG:4490", "batch": "b"}
    assert jobs["x2"].given.options == expected | {"marks": [], "stages": []}
