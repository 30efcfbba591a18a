"""Plots changed by another delivery, and files taken back: one commit, nothing lost, all provable."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from shapely import box, to_wkb

from georeview.core.access import EVERYTHING, Role
from georeview.core.deliveries import Delivery
from georeview.core.ledger import Draft, Value
from georeview.core.plot import Review
from georeview.core.query import Filter, PageOf
from georeview.errors import NotFound
from georeview.errors.work import AlreadyRetracted, BuiltUpon, ReviewBegun
from georeview.storage.ports.deliveries import Revision, TakeBack
from georeview.storage.ports.plots import Facts, NewPlot
from georeview.storage.store import DatabaseStore
from tests.builders import (
    NOW,
    a_batch,
    a_batch_of,
    a_mark,
    an_actor,
    an_import,
    kept,
    some_facts,
)

CITY = an_actor(Role.CITY, "5119")
DELIVERY = Delivery(CITY, Role.CITY, NOW)
ELSEWHERE = box(107.6, 32.6, 107.6005, 32.6004)
BATCH = Filter(batch="2023-1")
FIRST, SECOND = "import-2023-1-0", "import-2023-1-1"


def body_of(plot: NewPlot) -> dict[str, Value]:
    return {
        "batch": plot.batch,
        "source_id": plot.source_id,
        "row": plot.row,
        "geometry_sha256": hashlib.sha256(plot.wkb).hexdigest(),
    }


def moved(plot: NewPlot) -> NewPlot:
    """The same plot, drawn somewhere else."""
    shape = to_wkb(ELSEWHERE)
    fields = {**plot.fields, "type_issued": "桥梁"}
    return replace(
        plot, row=plot.row + 7, wkb=shape, source_wkb=shape, fields=fields, bbox=ELSEWHERE.bounds
    )


def revision(plot: NewPlot, facts: Facts | None = None) -> Revision:
    def judge(state: Review) -> Sequence[Draft]:
        return [DELIVERY.revised(state, f"r-{plot.plot_id}", body_of(plot))]

    return Revision(plot, facts, judge)


def again(plot: NewPlot) -> Revision:
    def judge(state: Review) -> Sequence[Draft]:
        ids = (f"a-{plot.plot_id}", f"b-{plot.plot_id}")
        return DELIVERY.again(state, ids, area="5119", county="511921", body=body_of(plot))

    return Revision(plot, None, judge)


def take_back(*names: str, facts: Mapping[str, Facts] | None = None) -> TakeBack:
    def withdraw(name: str, state: Review) -> Draft:
        return DELIVERY.retracted(state, f"w-{name}-{state.plot_id}", name)

    def restore(name: str, state: Review, plot: NewPlot, was: Mapping[str, Value]) -> Draft:
        said = {**body_of(plot), "import": name}
        return DELIVERY.restored(state, f"z-{name}-{plot.plot_id}", said, was)

    return TakeBack(names, NOW.isoformat(), facts or {}, withdraw, restore)


def revise(store: DatabaseStore, *plots: NewPlot, n: int = 1) -> None:
    revisions = [revision(plot, some_facts(plot, seed=9)) for plot in plots]
    assert store.deliveries.add(a_batch_of(), an_import(n=n), [], revisions) == (0, len(plots))


def listed(store: DatabaseStore, where: Filter = BATCH) -> list[str]:
    page = store.plots.page(EVERYTHING, where, PageOf(), count=True)
    assert page.matched == len(page.items)
    return [plot.given.plot_id for plot in page.items]


def test_a_plot_is_changed_and_what_it_was_stays(store: DatabaseStore) -> None:
    first, *others = a_batch(store, 3)
    store.facts.put([some_facts(first)])
    sight = store.ledger.head().area_seq
    revise(store, moved(first))
    plot = store.plots.get(EVERYTHING, first.plot_id)
    assert (plot.given, plot.facts) == (moved(first), some_facts(moved(first), seed=9))
    (past,) = store.deliveries.pasts(EVERYTHING, first.plot_id)
    assert past.given == first
    *_, event = store.ledger.history(EVERYTHING, first.plot_id)
    assert (event.action, event.seq) == ("revise", past.replaced_by)
    assert plot.review.version == 3
    assert plot.review.second_look is None
    assert store.ledger.head().area_seq > sight
    assert store.deliveries.pasts(EVERYTHING, others[0].plot_id) == []
    assert list(store.ledger.verify()) == []


def test_lists_and_boxes_follow(store: DatabaseStore) -> None:
    first, *others = a_batch(store, 4)
    revise(store, moved(first))
    assert listed(store, Filter(bbox=ELSEWHERE.bounds)) == [first.plot_id]
    assert first.plot_id not in listed(store, Filter(bbox=first.bbox))
    assert listed(store, Filter(q="桥梁")) == [first.plot_id]
    rows = list(store.plots.rows(EVERYTHING, "2023-1"))
    store.ledger.rebuild()
    assert list(store.plots.rows(EVERYTHING, "2023-1")) == rows
    assert len(listed(store)) == 1 + len(others)


def test_a_mark_stays_and_is_to_be_looked_at_again(store: DatabaseStore) -> None:
    first, other = a_batch(store, 2)
    kept(store.ledger.append([a_mark(store, first.plot_id, CITY)])[0])
    revise(store, moved(first), moved(other))
    review = store.ledger.review(EVERYTHING, first.plot_id)
    assert (review.mark, review.second_look) == ("false_positive", "revised")
    assert listed(store, Filter(batch="2023-1", second_look=True)) == [first.plot_id]
    kept(store.ledger.append([a_mark(store, first.plot_id, CITY, event_id="e2")])[0])
    assert listed(store, Filter(batch="2023-1", second_look=True)) == []
    assert list(store.ledger.verify()) == []


def test_a_plot_that_is_not_there_is_not_changed(store: DatabaseStore) -> None:
    first, _ = a_batch(store, 2)
    stranger = replace(first, plot_id="nobody")
    with pytest.raises(NotFound):
        store.deliveries.add(
            a_batch_of(), an_import(n=1), [], [revision(moved(first)), revision(stranger)]
        )
    assert store.plots.get(EVERYTHING, first.plot_id).given == first
    assert [source.import_id for source in store.plots.imports("2023-1")] == [FIRST]


def test_a_file_is_taken_back_as_one(store: DatabaseStore) -> None:
    plots = a_batch(store, 5)
    version = store.plots.last_import("2023-1")
    assert store.deliveries.retract(take_back(FIRST)) == (5, 0)
    assert listed(store) == []
    assert dict(store.plots.counts(EVERYTHING, "2023-1")) == {}
    assert list(store.plots.fids(EVERYTHING, "2023-1")) == []
    assert store.plots.last_import("2023-1") != version
    assert len(listed(store, Filter(batch="2023-1", stages=("withdrawn",)))) == 5
    plot = store.plots.get(EVERYTHING, plots[0].plot_id)
    assert (plot.review.stage, plot.review.area) == ("withdrawn", "511902")
    *_, change = store.feed.changes(0, 100)
    assert (change.event.action, change.after.stage) == ("retract", "withdrawn")
    assert store.plots.imports("2023-1")[0].retracted_at == NOW.isoformat()
    assert list(store.ledger.verify()) == []
    with pytest.raises(AlreadyRetracted):
        store.deliveries.retract(take_back(FIRST))


def test_what_was_taken_back_can_come_again(store: DatabaseStore) -> None:
    plots = a_batch(store, 3)
    numbers = [plot.source_id for plot in plots]
    assert store.plots.withdrawn("2023-1", numbers) == {}
    store.deliveries.retract(take_back(FIRST))
    assert store.plots.known("2023-1", numbers) == {}
    assert store.plots.withdrawn("2023-1", numbers) == {p.source_id: p.plot_id for p in plots}
    store.deliveries.add(a_batch_of(), an_import(n=1), [], [again(moved(plot)) for plot in plots])
    assert set(listed(store, Filter(bbox=ELSEWHERE.bounds))) == {plot.plot_id for plot in plots}
    assert {plot.wkb for plot in store.plots.known("2023-1", numbers).values()} == {
        to_wkb(ELSEWHERE)
    }
    assert list(store.ledger.verify()) == []
    assert store.deliveries.retract(take_back(SECOND)) == (3, 0)
    assert list(store.ledger.verify()) == []


def test_an_update_is_taken_back_to_what_was(store: DatabaseStore) -> None:
    first, other = a_batch(store, 2)
    kept(store.ledger.append([a_mark(store, first.plot_id, CITY)])[0])
    revise(store, moved(first))
    with pytest.raises(BuiltUpon):
        store.deliveries.retract(take_back(FIRST))
    assert store.deliveries.before(SECOND) == [first]
    facts = {first.plot_id: some_facts(first, seed=3)}
    assert store.deliveries.retract(take_back(SECOND, facts=facts)) == (0, 1)
    plot = store.plots.get(EVERYTHING, first.plot_id)
    assert (plot.given, plot.facts) == (first, facts[first.plot_id])
    assert (plot.review.mark, plot.review.second_look) == ("false_positive", None)
    assert [past.given for past in store.deliveries.pasts(EVERYTHING, first.plot_id)] == [
        first,
        moved(first),
    ]
    assert list(store.ledger.verify()) == []
    assert len(listed(store)) == len([first, other])


def test_several_files_are_taken_back_together_or_not_at_all(store: DatabaseStore) -> None:
    plots = a_batch(store, 2)
    revise(store, moved(plots[0]))
    with pytest.raises(NotFound):
        store.deliveries.retract(take_back("nothing", FIRST, SECOND))
    assert len(listed(store)) == 2
    assert store.deliveries.retract(take_back(FIRST, SECOND)) == (2, 1)
    assert list(store.ledger.verify()) == []


def test_what_somebody_has_reviewed_is_not_taken_back(store: DatabaseStore) -> None:
    plots = a_batch(store, 12)
    for plot in plots[1:]:
        kept(store.ledger.append([a_mark(store, plot.plot_id, CITY)])[0])
    with pytest.raises(ReviewBegun) as refused:
        store.deliveries.retract(take_back(FIRST))
    assert refused.value.facts["n"] == 11
    assert str(refused.value.facts["plots"]).startswith(f"{plots[1].source_id}, ")
    assert str(refused.value.facts["plots"]).endswith(" …")
    assert len(listed(store)) == 12


def test_what_was_given_before_is_held_to_the_events(store: DatabaseStore) -> None:
    first, _ = a_batch(store, 2)
    revise(store, moved(first))
    store.engine.write(
        lambda connection: connection.execute("UPDATE plot_past SET row_no = row_no + 1")
    )
    assert [(flaw.code, flaw.seq) for flaw in store.ledger.verify()] == [("given", 1)]
    store.engine.write(lambda connection: connection.execute("DELETE FROM plot_past"))
    assert "given" in {flaw.code for flaw in store.ledger.verify()}
