"""Stores that released versions left behind: each is brought to the present schema with all it holds.

``released/NNNN.sqlite.sql`` is what the code of that schema wrote. The rows are put into PostGIS
under the same number's schema too, for what they hold is the same on both.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing
from importlib import resources
from itertools import groupby
from pathlib import Path

import pytest
from pysqlite3 import dbapi2 as sqlite3

from georeview.core.access import EVERYTHING
from georeview.core.query import Filter
from georeview.errors.store import MigrationChanged
from georeview.storage.engine import Engine, listed, run
from georeview.storage.migrate import migrate
from georeview.storage.store import schema
from georeview.storage.transfer import rows
from tests.builders import a_batch, a_mark, an_actor, kept
from tests.places import BACK_ENDS, NewPlace, Place

RELEASED = sorted(Path(__file__).with_name("released").glob("*.sqlite.sql"))
GONE = {"export": "0002_jobs"}
"""Tables that a later migration has turned into something else."""


def columns(engine: Engine) -> dict[str, list[str]]:
    with engine.view() as view:
        found = view.execute(engine.dialect.columns).fetchall()
        return {t: [c for _, c in part] for t, part in groupby(found, lambda row: row[0])}


def content(engine: Engine, wanted: dict[str, list[str]]) -> dict[str, list[tuple[object, ...]]]:
    """The rows of these columns, in no order."""
    with engine.view() as view:
        return {
            table: sorted(
                map(tuple, view.execute(f"SELECT {listed(names)} FROM {table}").fetchall()),
                key=repr,
            )
            for table, names in wanted.items()
        }


def only(number: str, folder: Path) -> Path:
    """The migrations up to a number."""
    with resources.as_file(resources.files("georeview.storage") / "migrations") as place:
        folder.mkdir()
        for file in place.iterdir():
            if file.name[:4] <= number:
                shutil.copy(file, folder)
    return folder


@pytest.fixture(params=RELEASED, ids=lambda file: file.name[:4])
def dump(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture(params=BACK_ENDS)
def released(
    request: pytest.FixtureRequest, places: NewPlace, dump: Path, tmp_path: Path
) -> Iterator[Place]:
    """A store as the released version left it."""
    with places("sqlite", tmp_path / "file", empty=True) as file:
        with closing(sqlite3.connect(str(file.settings.database))) as connection:
            connection.executescript(dump.read_text(encoding="utf-8"))
        if request.param == "sqlite":
            yield file
            return
        with places(request.param, tmp_path / "server", empty=True) as server:
            with closing(file.engine()) as source, closing(server.engine()) as target:
                migrate(target, only(dump.name[:4], tmp_path / "migrations"))
                carry(source, target)
            yield server


def carry(source: Engine, target: Engine) -> None:
    """The rows of the released store, into the same schema on the other back end."""
    wanted = {t: names for t, names in columns(source).items() if t != "migration"}
    with source.view() as view:
        read = {
            t: view.execute(f"SELECT {listed(n)} FROM {t}").fetchall() for t, n in wanted.items()
        }

    def work(connection: object) -> None:
        connection.execute("DELETE FROM head")
        for table, names in wanted.items():
            connection.bulk(table, names, read[table])

    target.write(work)


def test_nothing_is_lost_by_an_upgrade(released: Place, dump: Path) -> None:
    with closing(released.engine()) as engine:
        old = {t: n for t, n in columns(engine).items() if t not in {*GONE, "migration"}}
        before = content(engine, old)
        exports = content(engine, {"export": ["export_id", "user_name", "format"]})["export"]
    done, pending = schema(released.settings)
    assert (done[-1][:4], all(name[:4] > dump.name[:4] for name in pending)) == (
        dump.name[:4],
        True,
    )
    with closing(released.store()) as store:
        assert schema(released.settings) == (done + pending, [])
        assert content(store.engine, old) == before
        assert list(store.ledger.verify()) == []
        jobs = content(store.engine, {"job": ["job_id", "user_name", "kind", "state"]})["job"]
        assert jobs == [(i, user, "export", "done") for i, user, _ in exports]
        (job,) = store.jobs.all("li", EVERYTHING)
        assert (job.given.options["format"], job.result["file"]) == ("csv", "a.csv")


def test_an_upgraded_store_goes_on(released: Place) -> None:
    with closing(released.store()) as store:
        end = store.ledger.head().seq
        before = list(store.plots.stream(EVERYTHING, Filter()))
        assert store.ledger.rebuild() == rows(store.engine)["plot"]
        assert list(store.plots.stream(EVERYTHING, Filter())) == before
        plot_id = before[0][0].given.plot_id
        (result,) = store.ledger.append(
            [a_mark(store, plot_id, an_actor("county", "511902"), "confirmed", violation="PR42")]
        )
        assert kept(result).event.seq == end + 1
        assert list(store.ledger.verify()) == []


def test_released_migrations_keep_their_bytes(released: Place, tmp_path: Path) -> None:
    """What ran at somebody's place is never written anew."""
    changed = only("9999", tmp_path / "changed")
    first = changed / "0001_start.sql"
    first.write_text(first.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with closing(released.engine()) as engine, pytest.raises(MigrationChanged):
        migrate(engine, changed)


def test_a_longer_memory_of_marks_is_cut_to_what_a_replay_gives(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(place.store()) as store:
        plot_id = a_batch(store, 5)[0].plot_id
        with monkeypatch.context() as earlier:
            earlier.setattr("georeview.core.replay.UNDO_DEPTH", 20)
            for n in range(5):
                marking = a_mark(
                    store, plot_id, an_actor("county", "511902"), event_id=f"m{n}", note=f"{n}"
                )
                kept(store.ledger.append([marking])[0])
        assert len(store.ledger.review(EVERYTHING, plot_id).undo) == 5
        run(store.engine, "DELETE FROM migration WHERE name = '0006_undo'", {})
    with closing(place.store()) as store:
        noted = [point.before["note"] for point in store.ledger.review(EVERYTHING, plot_id).undo]
        assert noted == ["1", "2", "3"]
        assert list(store.ledger.verify()) == []
