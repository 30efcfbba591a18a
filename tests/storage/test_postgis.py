"""What only a server does: its settings, its rights, and how it comes and goes."""

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from benchmarks.postgres import cluster
from georeview.core.access import EVERYTHING
from georeview.core.query import Filter, PageOf
from georeview.errors import GeoreviewError, Malformed, Unavailable
from georeview.errors.store import (
    DiskFull,
    PostgisMissing,
    StoreAddressUnread,
    StoreBroken,
    StoreBusy,
    StoreConflict,
    StoreGone,
    StoreReadOnly,
    StoreUnsafe,
)
from georeview.settings import Settings
from georeview.storage import postgis
from georeview.storage.engine import Connection
from georeview.storage.postgis import PostgisEngine
from georeview.storage.postgis_connection import READING, WRITING
from georeview.storage.postgis_dialect import numbered
from georeview.storage.store import DatabaseStore, open_store
from tests.builders import a_batch, a_mark, an_actor, kept, some_facts
from tests.places import Databases, NewPlace, Place

COUNTY = an_actor("county", "511902")
SECRET = "geheim-7xQ"
DURABLE = {"synchronous_commit": "on", "fsync": "on", "server_encoding": "UTF8"}


@pytest.fixture
def place(places: NewPlace, tmp_path: Path) -> Iterator[Place]:
    with places("postgis", tmp_path) as made:
        yield made


def shown(connection: Connection, names: object) -> dict[str, str]:
    return {
        name: connection.execute(f"SELECT current_setting('{name}')").fetchone()[0]  # type: ignore[index]
        for name in names  # type: ignore[attr-defined]
    }


# Promises ----------------------------------------------------------------------------------------


def test_every_connection_is_as_it_should_be(store: DatabaseStore) -> None:
    engine = store.engine
    with engine.view() as one, engine.view() as two, engine.raw_view() as three:
        for connection in (one, two, three):
            assert shown(connection, READING) == READING
            assert shown(connection, ["transaction_isolation"]) == {
                "transaction_isolation": "repeatable read"
            }
    assert engine.write(lambda connection: shown(connection, WRITING)) == WRITING
    assert engine.write(lambda connection: shown(connection, DURABLE)) == DURABLE


@pytest.mark.parametrize(("set_to", "kept_as"), [("off", "on"), ("remote_apply", "remote_apply")])
def test_a_commit_waits_for_the_disk_whatever_the_database_says(
    place: Place, set_to: str, kept_as: str
) -> None:
    with place.raw() as connection:
        name = connection.execute("SELECT current_database()::text").fetchone()[0]
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = {set_to}")
    with closing(place.store()) as store:
        found = store.engine.write(lambda connection: shown(connection, ["synchronous_commit"]))
        assert found == {"synchronous_commit": kept_as}


@pytest.mark.slow
def test_a_server_that_does_not_wait_for_the_disk_is_refused() -> None:
    with cluster(in_memory=True, fsync="off") as careless, pytest.raises(StoreUnsafe) as refused:
        open_store(Settings(store=careless.url))
    assert refused.value.facts == {"why": "fsync = off"}


def test_a_database_that_is_not_utf8_is_refused(databases: Databases) -> None:
    with (
        databases.one(empty=True, options="ENCODING 'LATIN1'") as address,
        pytest.raises(StoreUnsafe) as refused,
    ):
        open_store(Settings(store=address))
    assert refused.value.facts == {"why": "server_encoding = LATIN1"}


def test_all_text_compares_by_its_bytes(store: DatabaseStore) -> None:
    other = """SELECT t.relname::text, a.attname::text FROM pg_attribute a
        JOIN pg_class t ON t.oid = a.attrelid
        WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r'
          AND a.atttypid = 'text'::regtype AND a.attcollation <> '"C"'::regcollation
          AND t.relname <> 'spatial_ref_sys'"""
    with store.engine.view() as connection:
        assert connection.execute(other).fetchall() == []


def test_geometry_is_geometry_to_others_and_bytes_to_us(store: DatabaseStore) -> None:
    plots = a_batch(store, 3)
    seen = "SELECT ST_SRID(wkb), ST_IsValid(wkb), ST_XMin(wkb) = west FROM plot"
    with store.engine.view() as connection:
        assert connection.execute(seen).fetchall() == [(4490, True, True)] * 3
    found = [wkb for _, part in store.plots.shapes(EVERYTHING, "2023-1") for wkb in part]
    assert found == [plot.wkb for plot in plots]


# Rights ------------------------------------------------------------------------------------------


@pytest.fixture
def owned(databases: Databases) -> Iterator[tuple[str, str]]:
    """An empty database of somebody who is no superuser: the owner's address, the master's."""
    with databases.one(empty=True) as address:
        name = address.split("?")[0].rsplit("/", 1)[1]
        role = f"owner_of_{name}"
        with psycopg.connect(address, autocommit=True) as master:
            master.execute(f"CREATE ROLE {role} LOGIN")
            master.execute(f"ALTER DATABASE {name} OWNER TO {role}")
        yield address.replace("postgres@", f"{role}@"), address


def test_an_owner_needs_postgis_put_there_and_nothing_more(owned: tuple[str, str]) -> None:
    address, master_address = owned
    with pytest.raises(PostgisMissing):
        open_store(Settings(store=address))
    with psycopg.connect(master_address, autocommit=True) as master:
        master.execute("CREATE EXTENSION postgis")
    with closing(open_store(Settings(store=address))) as store:
        store.ready()
        plots = a_batch(store, 5)
        store.facts.put([some_facts(plot) for plot in plots])
        kept(store.ledger.append([a_mark(store, plots[0].plot_id, COUNTY)])[0])
        assert list(store.ledger.verify()) == []


def test_who_may_only_read_is_told_so(store: DatabaseStore, place: Place) -> None:
    plots = a_batch(store, 1)
    with place.raw() as connection:
        name = connection.execute("SELECT current_database()::text").fetchone()[0]
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        connection.execute(f"CREATE ROLE reader_{name} LOGIN")
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader_{name}")
    address = place.address.replace("postgres@", f"reader_{name}@")
    with closing(open_store(Settings(store=address))) as reader:
        assert reader.ledger.head() == store.ledger.head()
        with pytest.raises(StoreReadOnly):
            reader.ready()
    # A default of the database is none of ours: who may write, writes.
    with closing(place.store()) as again:
        kept(again.ledger.append([a_mark(again, plots[0].plot_id, COUNTY)])[0])


# Coming and going --------------------------------------------------------------------------------


def cut(place: Place) -> None:
    """End every connection to the database but the one that asks."""
    with place.raw() as connection:
        connection.execute(
            "SELECT COUNT(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()


def backend(connection: Connection) -> int:
    """The process of the server behind a connection."""
    return int((connection.execute("SELECT pg_backend_pid()").fetchone() or (0,))[0])


def test_connections_that_died_idle_are_replaced_unseen(store: DatabaseStore, place: Place) -> None:
    plots = a_batch(store, 10)
    with store.engine.view(), store.engine.view(), store.engine.view():
        pass
    for _ in range(3):
        cut(place)
        assert len(store.plots.page(EVERYTHING, Filter(), PageOf(), count=False).items) == 10
        kept(store.ledger.append([a_mark(store, plots[0].plot_id, COUNTY)])[0])
    store.ready()


def test_a_write_that_loses_its_server_keeps_nothing(store: DatabaseStore, place: Place) -> None:
    before = store.ledger.head()

    def work(connection: Connection) -> None:
        connection.execute("UPDATE head SET seq = 99")
        cut(place)
        connection.execute("UPDATE head SET probe = 99")

    with pytest.raises(StoreGone):
        store.engine.write(work)
    assert store.ledger.head() == before
    store.ready()


def test_a_view_that_loses_its_server_says_so(store: DatabaseStore, place: Place) -> None:
    a_batch(store, 5)
    view = store.engine.view()
    with pytest.raises(StoreGone), view as connection:
        connection.execute(f"SELECT pg_terminate_backend({backend(connection)})")
    assert store.ledger.head().seq == 10


def test_a_lock_held_too_long_is_said(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgis, "WRITING", {**WRITING, "lock_timeout": "50ms"})
    with closing(place.store()) as store:
        with place.held(), pytest.raises(StoreBusy):
            store.ready()
        store.ready()


def test_more_readers_than_connections_wait_and_then_are_told(
    store: DatabaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgis, "BUSY_S", 0.05)
    engine = store.engine
    assert isinstance(engine, PostgisEngine)
    full, go = threading.Barrier(postgis.READERS_MAX + 1), threading.Event()

    def hold() -> None:
        with engine.view():
            full.wait(timeout=30)
            go.wait(timeout=30)

    threads = [threading.Thread(target=hold) for _ in range(postgis.READERS_MAX)]
    for thread in threads:
        thread.start()
    full.wait(timeout=30)
    with pytest.raises(StoreBusy):
        store.ledger.head()
    go.set()
    for thread in threads:
        thread.join()
    assert store.ledger.head().seq == 0


# Errors ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        ("53100", DiskFull), ("53200", StoreBusy), ("53300", StoreBusy), ("25006", StoreReadOnly),
        ("42501", StoreReadOnly), ("40001", StoreConflict), ("40P01", StoreConflict),
        ("23505", StoreConflict), ("55P03", StoreBusy), ("57014", StoreBusy),
        ("57P01", StoreGone), ("58030", StoreGone), ("XX001", StoreBroken), ("22021", Malformed),
        ("22003", Malformed), ("22012", StoreConflict), ("42P01", StoreGone),
    ],
)  # fmt: skip
def test_every_state_of_the_server_has_its_refusal(
    store: DatabaseStore, state: str, refusal: type[GeoreviewError]
) -> None:
    sql = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}', MESSAGE = 'm'; END $$"
    with pytest.raises(refusal) as told, store.engine.view() as connection:
        connection.execute(sql)
    assert type(told.value) is refusal
    with pytest.raises(refusal):
        store.engine.write(lambda connection: connection.execute(sql))
    store.ready()


@pytest.mark.parametrize(
    ("address", "refusal"),
    [
        ("nonsense", StoreAddressUnread),
        (f"postgresql://a:{SECRET}@[::1/db", StoreAddressUnread),
        (f"postgresql://a:{SECRET}@127.0.0.1:1/db", StoreGone),
        (f"host=/nowhere password={SECRET}", StoreGone),
        (f"mysql://a:{SECRET}@h/db", StoreAddressUnread),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_and_not_told(
    address: str, refusal: type[GeoreviewError]
) -> None:
    with pytest.raises(refusal) as told:
        open_store(Settings(store=address))
    chain: BaseException | None = told.value
    while chain is not None:
        assert SECRET not in f"{chain!r} {chain}"
        chain = chain.__cause__ or chain.__context__


def test_a_database_that_is_not_there_is_refused(databases: Databases) -> None:
    with pytest.raises(Unavailable):
        open_store(Settings(store=databases.address("nowhere")))


# Statements --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "text", "names"),
    [
        ("SELECT 1", "SELECT 1", ()),
        ("a = :a AND b = :b_2 OR a > :a", "a = $1 AND b = $2 OR a > $1", ("a", "b_2")),
        ("':a' || :a || 'it''s :b'", "':a' || $1 || 'it''s :b'", ("a",)),
        ("CAST(:a AS x)::text LIKE '%'", "CAST($1 AS x)::text LIKE '%'", ("a",)),
        ("(:a,:b)", "($1,$2)", ("a", "b")),
        (r"LIKE :q ESCAPE '\' AND x = :x", r"LIKE $1 ESCAPE '\' AND x = $2", ("q", "x")),
    ],
)
def test_names_become_numbers(sql: str, text: str, names: tuple[str, ...]) -> None:
    assert numbered(sql) == (text, names)
