"""What every back end owes: one moment in a view, nothing after closing, the same refusals."""

import os
import threading
from pathlib import Path

import pytest

from georeview.core.access import EVERYTHING
from georeview.core.query import Filter, PageOf
from georeview.errors import Malformed, NotFound, Unavailable
from georeview.errors.store import MigrationChanged, StoreGone
from georeview.storage.store import DatabaseStore
from tests.builders import a_batch, a_mark, an_actor
from tests.places import Place

COUNTY = an_actor("county", "511902")


def test_a_view_cannot_write(store: DatabaseStore) -> None:
    with pytest.raises(Unavailable), store.engine.view() as connection:
        connection.execute("DELETE FROM head")
    assert store.ledger.head().seq == 0


def test_a_view_is_one_moment(store: DatabaseStore) -> None:
    plots = a_batch(store, 5)
    count = "SELECT COUNT(*) FROM event"
    with store.engine.view() as connection:
        before = connection.execute(count).fetchone()
        store.ledger.append([a_mark(store, plots[0].plot_id, COUNTY)])
        assert connection.execute(count).fetchone() == before
    with store.engine.view() as connection:
        assert connection.execute(count).fetchone() == (before[0] + 1,)


def test_streams_are_read_in_step(store: DatabaseStore) -> None:
    a_batch(store, 1500)
    ids = "SELECT seq FROM event WHERE seq > :since ORDER BY seq"
    with store.engine.view() as connection:
        one, two = connection.stream(ids, {"since": 0}), connection.stream(ids, {"since": 10})
        assert [next(one) for _ in range(3)] == [(1,), (2,), (3,)]
        assert connection.execute("SELECT COUNT(*) FROM event").fetchone() == (3000,)
        assert [seq for (seq,) in two] == list(range(11, 3001))
        assert [seq for (seq,) in one] == list(range(4, 3001))


def test_many_rows_at_once_are_the_rows_given(store: DatabaseStore) -> None:
    columns = ("number", "who", "at")
    rows = [(n + 7, f"一\n\t\\N{n}", "") for n in range(5000)]
    one = "INSERT INTO failure (who, at) VALUES (:who, :at)"

    def work(connection: object) -> None:
        connection.bulk("failure", columns, iter(rows))  # type: ignore[attr-defined]
        connection.execute(one, {"who": "after", "at": "now"})  # type: ignore[attr-defined]

    store.engine.write(work)
    with store.engine.view() as connection:
        found = connection.execute("SELECT number, who, at FROM failure ORDER BY number").fetchall()
    # Numbers that come from elsewhere are not given a second time.
    assert found == [*rows, (5007, "after", "now")]


def test_ready_writes_and_looks_at_the_schema(store: DatabaseStore, place: Place) -> None:
    store.ready()
    with place.raw() as connection:
        assert connection.execute("SELECT probe FROM head").fetchone() == (1,)
        connection.execute("UPDATE migration SET sha256 = 'other'")
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


def test_what_can_be_kept_nowhere_is_refused_as_such(store: DatabaseStore) -> None:
    for unreadable in ("\ud800", "a\0b"):
        with pytest.raises(Malformed):
            store.plots.get(EVERYTHING, unreadable)
        with pytest.raises(Malformed):
            store.people.failed(unreadable, "2023", "2023")
    with pytest.raises(Malformed), store.engine.view() as connection:
        connection.execute("SELECT seq FROM event WHERE seq = :n", {"n": 2**63})
    for strange in ("\U0001f30f", "x" * 100_000, "' OR 1=1 --", "%s %(a)s $1 :b"):
        with pytest.raises(NotFound):
            store.plots.get(EVERYTHING, strange)
        store.people.failed(strange, "2023", "2022")
        assert store.people.failures(strange, "2022") == ["2023"]


def test_a_refusal_inside_a_view_leaves_the_next_one_whole(store: DatabaseStore) -> None:
    for _ in range(20):
        with pytest.raises(NotFound):
            store.ledger.review(EVERYTHING, "nowhere")
    with pytest.raises(Unavailable), store.engine.view() as connection:
        connection.execute("SELECT nothing FROM nowhere")
    assert store.ledger.head().seq == 0


def test_many_readers_at_once_use_no_more_connections_each_time(store: DatabaseStore) -> None:
    a_batch(store, 5)

    def read(gate: threading.Barrier) -> None:
        with store.engine.view() as connection:
            gate.wait(timeout=20)
            assert connection.execute("SELECT COUNT(*) FROM plot").fetchone() == (5,)

    def handles_after_a_round() -> int:
        gate = threading.Barrier(24)
        threads = [threading.Thread(target=read, args=(gate,)) for _ in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(list(Path(f"/proc/{os.getpid()}/fd").iterdir()))

    first = handles_after_a_round()
    assert [handles_after_a_round() for _ in range(3)] == [first] * 3
