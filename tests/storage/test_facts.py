from dataclasses import replace

import pytest

from georeview.core.access import EVERYTHING
from georeview.core.query import Filter, PageOf
from georeview.errors.store import StoreConflict
from georeview.storage.store import DatabaseStore
from tests.builders import a_batch, some_facts
from tests.places import Place


def test_new_facts_replace_the_old_which_are_kept(store: DatabaseStore, place: Place) -> None:
    plots = a_batch(store, 3)
    old, new = [some_facts(p, 1) for p in plots], some_facts(plots[0], 2)
    store.facts.put(old)
    before = store.ledger.head()
    store.facts.put([new])
    assert store.ledger.head() == replace(before, facts_seq=before.facts_seq + 1)
    assert store.plots.get(EVERYTHING, plots[0].plot_id).facts == new
    assert store.facts.layers_used("2023-1") == {"mgmt_area=v1": 2, "mgmt_area=v2": 1}
    with place.raw() as connection:
        past = connection.execute("SELECT plot_id, layers, band FROM facts_past").fetchall()
    assert past == [(plots[0].plot_id, "mgmt_area=v1", old[0].band)]


def test_lists_follow_the_facts(store: DatabaseStore) -> None:
    plots = a_batch(store, 2, dispatched=False)
    first, second = (replace(some_facts(p), band="out", suggestion=None) for p in plots)
    store.facts.put([first, replace(second, band="in", river="渠江", county="511999")])
    queue = store.plots.page(EVERYTHING, Filter(), PageOf("risk"), count=False).items
    assert [plot.given.plot_id for plot in queue] == [plots[1].plot_id, plots[0].plot_id]
    store.facts.put([replace(first, suggestion="PR42")])
    queue = store.plots.page(EVERYTHING, Filter(), PageOf("risk"), count=False).items
    assert [plot.given.plot_id for plot in queue] == [plots[0].plot_id, plots[1].plot_id]
    for asked in (Filter(q="渠江"), Filter(county="511999")):
        found = store.plots.page(EVERYTHING, asked, PageOf(), count=True)
        assert [plot.given.plot_id for plot in found.items] == [plots[1].plot_id]


def test_facts_of_no_plot_are_refused_and_nothing_of_them_is_kept(store: DatabaseStore) -> None:
    plots = a_batch(store, 2)
    stray = replace(some_facts(plots[1]), plot_id="nowhere")
    with pytest.raises(StoreConflict):
        store.facts.put([some_facts(plots[0]), stray])
    assert store.plots.get(EVERYTHING, plots[0].plot_id).facts is None
    assert store.ledger.head().facts_seq == 0
