from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from georeview.core.access import EVERYTHING, Scope
from georeview.core.query import SORTS, Filter, PageOf
from georeview.errors import NotFound
from georeview.errors.store import StoreConflict
from georeview.storage.ports.plots import Plot
from georeview.storage.store import DatabaseStore
from tests.builders import (
    COUNTIES,
    NOW,
    a_batch,
    a_batch_of,
    a_mark,
    a_plot,
    an_actor,
    an_import,
    entries,
    some_facts,
)
from tests.places import BACK_ENDS, NewPlace, Place


@pytest.fixture(scope="module", params=BACK_ENDS)
def shared(
    request: pytest.FixtureRequest, places: NewPlace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DatabaseStore]:
    """Read by many tests, changed by none."""
    with (
        places(request.param, tmp_path_factory.mktemp("plots")) as place,
        closing(place.store()) as store,
    ):
        fill(store)
        yield store


def fill(store: DatabaseStore) -> None:
    plots = a_batch(store, 57)
    store.facts.put([some_facts(plot) for plot in plots[:50]])
    for n, mark in ((0, "confirmed"), (5, "rectified"), (10, "false_positive")):
        pending = a_mark(
            store, plots[n].plot_id, an_actor("county", "511902"), mark, at=NOW + timedelta(days=n)
        )
        store.ledger.append([pending])
    extra = a_plot(900, seed=3)
    west_east = replace(extra, fields=extra.fields | {"address": "Nanjiang 100%_\\ place"})
    store.deliveries.add(a_batch_of(), an_import(n=9), entries([west_east]))


def whole(store: DatabaseStore, scope: Scope = EVERYTHING, **asked: object) -> list[Plot]:
    return [plot for part in store.plots.stream(scope, Filter(**asked), chunk=7) for plot in part]  # type: ignore[arg-type]


def listed(
    store: DatabaseStore, page: PageOf, where: Filter, scope: Scope = EVERYTHING
) -> list[Plot]:
    found: list[Plot] = []
    while True:
        part = store.plots.page(scope, where, page, count=False)
        found += part.items
        if part.after is None:
            return found
        page = replace(page, after=part.after)


# Taking in ---------------------------------------------------------------------------------------


def test_a_plot_comes_back_as_it_was_given(store: DatabaseStore) -> None:
    given_plots = a_batch(store, 3)
    facts = some_facts(given_plots[1])
    store.facts.put([facts])
    for given_plot in given_plots:
        plot = store.plots.get(EVERYTHING, given_plot.plot_id)
        assert plot.given == given_plot
        assert plot == store.plots.by_source(EVERYTHING, "2023-1", given_plot.source_id)
        assert (plot.review_due, plot.rectify_due) == ("2023-06-30", "2023-11-30")
    assert store.plots.get(EVERYTHING, given_plots[1].plot_id).facts == facts
    assert store.plots.get(EVERYTHING, given_plots[0].plot_id).facts is None
    numbers = [plot.source_id for plot in given_plots]
    known = store.plots.known("2023-1", [*numbers[:2], "nowhere"])
    assert known == {plot.source_id: plot for plot in given_plots[:2]}
    assert store.plots.known("2024-1", numbers) == store.plots.known("2023-1", []) == {}
    assert store.plots.imports("2023-1") == [an_import()]


def test_a_file_is_kept_whole_or_not_at_all(store: DatabaseStore) -> None:
    a_batch(store, 3)
    head = store.ledger.head()
    fresh, double = a_plot(50), replace(a_plot(51), source_id=a_plot(1).source_id)
    with pytest.raises(StoreConflict):
        store.deliveries.add(
            a_batch_of(), an_import(n=1), entries([fresh, double], county=COUNTIES[0])
        )
    assert store.ledger.head() == head
    assert len(store.plots.imports("2023-1")) == 1
    assert len(whole(store)) == 3


def test_a_later_file_leaves_the_dates_of_the_batch(store: DatabaseStore) -> None:
    a_batch(store, 2)
    plot = a_plot(70)
    later = replace(a_batch_of(), review_due="2024-01-01")
    store.deliveries.add(later, an_import(n=1), entries([plot]))
    assert store.plots.batches(EVERYTHING) == [a_batch_of()]
    assert store.plots.get(EVERYTHING, plot.plot_id).review_due == "2023-06-30"
    assert [i.file for i in store.plots.imports("2023-1")] == ["plots-0.shp", "plots-1.shp"]


def test_ids_are_text_and_stay_as_they_are(store: DatabaseStore) -> None:
    odd = ["007", "7", " 7", "7 ", "1e3", "5" * 30, "<b>'\";--", "图斑№1"]
    plots = [replace(a_plot(n), source_id=text) for n, text in enumerate(odd)]
    store.deliveries.add(a_batch_of(), an_import(), entries(plots))
    assert [plot.given.source_id for plot in whole(store)] == odd
    assert store.plots.by_source(EVERYTHING, "2023-1", "007").given.row == 1


def test_batches_are_seen_by_area_or_by_a_plot_of_them(store: DatabaseStore) -> None:
    a_batch(store, 1)
    a_batch(store, 2, name="2024-1", seed=1)
    names = lambda *prefixes: [b.name for b in store.plots.batches(Scope(prefixes))]  # noqa: E731
    assert names("") == names("51") == names("5119") == ["2024-1", "2023-1"]
    assert names("511902") == ["2024-1", "2023-1"]
    assert names("511903") == ["2024-1"]
    assert names("511923") == names() == []


# Lists -------------------------------------------------------------------------------------------

KEYS = {
    "source_id": lambda p: p.given.source_id,
    "area_m2": lambda p: -1.0 if p.facts is None else p.facts.area_m2,
    "updated_at": lambda p: p.updated_at,
    "due_on": lambda p: p.review_due,
}


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 7, 58, 100])
def test_every_plot_is_visited_once(
    shared: DatabaseStore, sort: str, limit: int, descending: bool
) -> None:
    found = listed(shared, PageOf(sort, descending, limit), Filter())  # type: ignore[arg-type]
    assert sorted(p.fid for p in found) == list(range(1, 59))
    if sort in KEYS:
        values = [KEYS[sort](plot) for plot in found]
        assert values == sorted(values, reverse=descending)


def test_the_queue_puts_likely_problems_first(shared: DatabaseStore) -> None:
    bands = {"in": 0, "critical": 1, "unknown": 2, "out": 3, None: 2}

    def key(plot: Plot) -> tuple:
        facts = plot.facts
        problem = bool(facts and (facts.suggestion or "").startswith("PR"))
        area = (facts.area_m2 or 0.0) if facts else 0.0
        return not problem, bands[facts.band if facts else None], -area, plot.given.source_id

    found = listed(shared, PageOf("risk", limit=10), Filter())
    assert [key(plot) for plot in found] == sorted(key(plot) for plot in found)


FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "county": st.sampled_from(COUNTIES),
        "marks": st.sets(st.sampled_from(["pending", "confirmed", "rectified"])).map(tuple),
        "stages": st.sets(st.sampled_from(["at_county", "in_review", "imported"])).map(tuple),
        "reason": st.sampled_from(["FP99", "PR90"]),
        "assignee": st.just("county-511902"),
        "q": st.sampled_from(["巴河", "BZ0000", "疑似", "nanJIANG", "%", "_\\", "长赤"]),
        "bbox": st.tuples(
            st.floats(106.5, 107), st.floats(31.5, 32), st.just(107.3), st.just(32.4)
        ),
        "updated_since": st.just((NOW + timedelta(days=3)).isoformat()),
        "overdue_on": st.sampled_from([date(2023, 6, 30), date(2023, 7, 1)]),
    },
)


def meets(plot: Plot, asked: Filter) -> bool:
    review, facts, fields = plot.review, plot.facts, plot.given.fields
    words = [plot.given.source_id, fields.get("type_issued"), fields.get("address")]
    words += [facts.river, facts.township_name, facts.county_name] if facts else []
    box = plot.given.bbox
    return all(
        (
            asked.county in (None, review.county or (facts.county if facts else None)),
            not asked.marks or review.mark in asked.marks,
            not asked.stages or review.stage in asked.stages,
            asked.reason in (None, review.reason, review.violation),
            asked.assignee in (None, review.assignee),
            asked.q is None or any(asked.q.casefold() in str(w).casefold() for w in words if w),
            asked.bbox is None
            or (
                box[0] <= asked.bbox[2]
                and box[2] >= asked.bbox[0]
                and box[1] <= asked.bbox[3]
                and box[3] >= asked.bbox[1]
            ),
            asked.updated_since is None or plot.updated_at >= asked.updated_since,
            asked.overdue_on is None or str(plot.review_due) < asked.overdue_on.isoformat(),
        )
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILTERS, st.sampled_from(["", "5119", "511902", "511921", "51190"]), st.sampled_from(SORTS))
def test_a_filter_finds_what_meets_it(
    shared: DatabaseStore, asked: dict, prefix: str, sort: str
) -> None:
    where, scope = Filter(**asked), Scope((prefix,))
    every = [plot for plot in whole(shared) if scope.holds(plot.review.area)]
    expected = [plot.fid for plot in every if meets(plot, where)]
    assert [plot.fid for plot in whole(shared, scope, **asked)] == expected
    page = shared.plots.page(scope, where, PageOf(sort, limit=5), count=True)  # type: ignore[arg-type]
    assert page.matched == len(expected)
    found = listed(shared, PageOf(sort, limit=5), where, scope)  # type: ignore[arg-type]
    assert sorted(plot.fid for plot in found) == expected


def test_rows_marks_and_shapes_show_the_same_plots(
    shared: DatabaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("georeview.storage.plots.PART", 7)
    for scope in (EVERYTHING, Scope(("511902",)), Scope(())):
        plots = whole(shared, scope, batch="2023-1")
        parts = list(shared.plots.rows(scope, "2023-1"))
        assert all(len(part.fid) <= 7 for part in parts)
        fids = [fid for part in parts for fid in part.fid]
        assert list(shared.plots.fids(scope, "2023-1")) == fids == [plot.fid for plot in plots]
        areas = [area for part in parts for area in part.area_m2]
        assert areas == [p.facts.area_m2 if p.facts else None for p in plots]
        marks = [row for part in shared.plots.marks(scope, "2023-1") for row in part]
        assert marks == [(p.review.mark, p.review.mark_state, p.conflicts) for p in plots]
        assert [m for part in parts for m in part.mark] == [mark for mark, *_ in marks]
        shapes = [
            pair
            for part in shared.plots.shapes(scope, "2023-1")
            for pair in zip(*part, strict=True)
        ]
        assert shapes == [(p.fid, p.given.wkb) for p in plots]
        assert sum(shared.plots.counts(scope, "2023-1").values()) == len(plots)
    counts = shared.plots.counts(EVERYTHING, "2023-1")
    assert counts == {"confirmed": 1, "false_positive": 1, "pending": 55, "rectified": 1}


def test_ranks_are_the_order_of_the_queue(shared: DatabaseStore) -> None:
    (rows,) = shared.plots.rows(EVERYTHING, "2023-1")
    ranked = [fid for _, fid in sorted(zip(rows.rank, rows.fid, strict=True))]
    assert ranked == [
        p.fid for p in listed(shared, PageOf("risk", limit=9), Filter(batch="2023-1"))
    ]
    assert sorted(rows.rank) == list(range(1, len(rows.fid) + 1))


def test_the_last_import_names_the_state_of_the_shapes(store: DatabaseStore) -> None:
    assert store.plots.last_import("2023-1") is None
    a_batch(store, 2)
    assert store.plots.last_import("2023-1") == "import-2023-1-0"
    store.deliveries.add(a_batch_of(), an_import(n=7), entries([a_plot(70)]))
    assert store.plots.last_import("2023-1") == "import-2023-1-7"


def test_a_stream_shows_one_moment(store: DatabaseStore) -> None:
    plots = a_batch(store, 10)
    parts = store.plots.stream(EVERYTHING, Filter(), chunk=4)
    first = next(parts)
    store.ledger.append([a_mark(store, plots[5].plot_id, an_actor("county", "511902"))])
    rest = [plot for part in parts for plot in part]
    assert {plot.review.mark for plot in [*first, *rest]} == {"pending"}
    assert len(first) + len(rest) == 10


def test_nothing_is_shown_outside_the_scope(shared: DatabaseStore) -> None:
    scope = Scope(("511903",))
    assert {plot.review.area for plot in whole(shared, scope)} == {"511903"}
    hidden = whole(shared, county="511902")[0]
    with pytest.raises(NotFound):
        shared.plots.get(scope, hidden.given.plot_id)
    with pytest.raises(NotFound):
        shared.plots.by_source(scope, "2023-1", hidden.given.source_id)


def test_what_is_written_is_there_after_a_restart(place: Place) -> None:
    first = place.store()
    plots = a_batch(first, 4)
    first.close()
    second = place.store()
    assert [plot.given for plot in whole(second)] == plots
    second.close()
