"""Many plots at once: streamed, whole or not at all, and indexed like plots that came singly."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from georeview.core.access import EVERYTHING
from georeview.core.ledger import GENESIS
from georeview.core.query import Filter, PageOf
from georeview.storage import intake
from georeview.storage.ports.deliveries import Entries
from georeview.storage.ports.plots import Facts, NewPlot
from georeview.storage.store import DatabaseStore
from tests.builders import (
    COUNTIES,
    a_batch,
    a_batch_of,
    a_plot,
    an_import,
    entries,
    some_facts,
)

INDEXES = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few plots be many."""
    monkeypatch.setattr(intake, "MANY", 20)


def many(n: int, *, facts: bool = True) -> Iterator[Entries]:
    """Plots on their way in, seven at a time."""
    for first in range(0, n, 7):
        numbers = range(first, min(first + 7, n))
        plots = [a_plot(i, seed=5) for i in numbers]
        counties = [COUNTIES[i % 5] if i % 9 else None for i in numbers]
        yield from entries(plots, county=counties, facts=_facts(plots) if facts else None)


def _facts(plots: list[NewPlot]) -> list[Facts]:
    return [some_facts(plot) for plot in plots]


def test_plots_come_in_with_their_facts(store: DatabaseStore) -> None:
    assert store.deliveries.add(a_batch_of(), an_import(), many(12)) == (12, 0)
    assert store.ledger.head().facts_seq == 1
    for given in (a_plot(i, seed=5) for i in range(12)):
        plot = store.plots.get(EVERYTHING, given.plot_id)
        assert (plot.given, plot.facts) == (given, some_facts(given))
    rows = list(store.plots.rows(EVERYTHING, "2023-1"))
    assert store.ledger.rebuild() == 12
    assert list(store.plots.rows(EVERYTHING, "2023-1")) == rows
    assert list(store.ledger.verify()) == []


def test_facts_given_at_once_or_later_make_the_same_list(store: DatabaseStore) -> None:
    store.deliveries.add(a_batch_of(), an_import(), many(12, facts=False))
    store.facts.put(_facts([a_plot(i, seed=5) for i in range(12)]))
    later = list(store.plots.rows(EVERYTHING, "2023-1"))
    store.ledger.rebuild()
    assert list(store.plots.rows(EVERYTHING, "2023-1")) == later


@pytest.mark.usefixtures("soon")
def test_a_large_file_is_found_like_any_other(store: DatabaseStore) -> None:
    a_batch(store, 15)
    with store.engine.view() as connection:
        before = schema(store, connection)
    store.deliveries.add(a_batch_of(), an_import(n=1), many(90))
    with store.engine.view() as connection:
        assert schema(store, connection) == before
        if store.engine.dialect.name == "sqlite":
            assert connection.execute("SELECT rtreecheck('plot_box')").fetchone() == ("ok",)
    for n in (0, 3, 40, 89):
        plot = a_plot(n, seed=5)
        found = store.plots.page(EVERYTHING, Filter(bbox=plot.bbox), PageOf(), count=True)
        assert plot.plot_id in {item.given.plot_id for item in found.items}
    assert list(store.ledger.verify()) == []


def schema(store: DatabaseStore, connection: object) -> object:
    return connection.execute(INDEXES).fetchall() if store.engine.dialect.name == "sqlite" else None  # type: ignore[attr-defined]


@pytest.mark.usefixtures("soon")
def test_a_file_that_breaks_off_leaves_nothing(store: DatabaseStore) -> None:
    def broken() -> Iterator[Entries]:
        yield from many(60)
        raise RuntimeError("the file ended")

    with store.engine.view() as connection:
        before = schema(store, connection)
    with pytest.raises(RuntimeError, match="ended"):
        store.deliveries.add(a_batch_of(), an_import(), broken())
    assert (store.ledger.head().seq, store.ledger.head().hash) == (0, GENESIS)
    assert store.plots.batches(EVERYTHING) == []
    with store.engine.view() as connection:
        assert schema(store, connection) == before
    assert store.deliveries.add(a_batch_of(), an_import(), many(60)) == (60, 0)
    assert list(store.ledger.verify()) == []


def test_only_first_events_in_order_begin_a_plot(store: DatabaseStore) -> None:
    (some,) = entries([a_plot(1)], county=COUNTIES[0])
    first, second = some.steps[0]
    for steps in ((), (second,), (second, first)):
        with pytest.raises(ValueError, match="first events"):
            store.deliveries.add(a_batch_of(), an_import(), [replace(some, steps=[steps])])
    assert store.ledger.head().seq == 0
