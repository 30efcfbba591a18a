import pickle

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from georeview.overlay.engine import compute
from georeview.storage.records import FACTS, facts_of_plot
from tests.overlay.scene import NOW, at, feature, layers, line, overlay, rows, scalars

MADE = layers(
    mgmt_area=[
        feature(box(-600, -80, 0, 90), "m1", river_code="R1"),
        feature(box(0, -70, 600, 80), "m2"),
    ],
    water=[feature(box(-600, -20, 600, 20), "w")],
    shore_zone=[feature(box(-600, -80, -100, 90), "z", zone="protect")],
    river=[feature(line((-600, 0), (-100, 8), (600, 0)), "R1", "河")],
    county=[feature(box(-900, -900, 0, 900), "511903"), feature(box(0, -900, 900, 900), "511902")],
    town=[
        feature(box(-900, -900, 900, 0), "511902100"),
        feature(box(-900, 0, 900, 900), "511902101"),
    ],
    known_problem=[feature(shapely.Point(300, 70), "k1", **{"class": "乱堆"})],
)

boxes = st.lists(
    st.tuples(
        st.integers(-550, 550), st.integers(-150, 150), st.integers(2, 60), st.integers(2, 60)
    ).map(lambda b: box(b[0], b[1], b[0] + b[2], b[1] + b[3])),
    min_size=1,
    max_size=9,
)
plots = boxes.map(lambda some: [*some, shapely.Point(5, 85)])


def without_ids(table):
    return [{k: v for k, v in row.items() if k != "plot_id"} for row in scalars(table)]


@given(plots)
def test_shares_and_intervals_are_in_order(some):
    for row in rows(overlay(some, MADE)):
        if row["is_point"]:
            continue
        for area in row["overlay"].values():
            assert 0 <= area["in_share"] <= 1
            assert all(0 < f["share"] <= 1 for f in area["features"])
        mgmt = row["overlay"]["mgmt_area"]
        assert 0 <= mgmt["in_m2_min"] <= mgmt["in_m2"] <= mgmt["in_m2_max"] <= row["area_m2"]
        assert sum(s["share"] for s in row["county"]["shares"]) == pytest.approx(1, abs=1e-5)
        assert mgmt["max_in_m"] >= -mgmt["edge_m"]
        assert mgmt["max_out_m"] >= mgmt["edge_m"]


@given(plots, st.integers(1, 5))
def test_chunks_change_nothing(some, chunk):
    whole, cut = overlay(some, MADE), overlay(some, MADE, chunk=chunk)
    assert cut.columns() == whole.columns()


@given(plots, st.randoms(use_true_random=False))
def test_another_order_of_plots_is_another_order_of_facts(some, random):
    order = list(range(len(some)))
    random.shuffle(order)
    whole = rows(overlay(some, MADE))
    assert rows(overlay([some[n] for n in order], MADE)) == [whole[n] for n in order]


@settings(max_examples=20)
@given(boxes, st.sampled_from([(0, 900), (0, -5_000), (40_000, 0), (-90_000, 30_000)]))
def test_moving_everything_moves_nothing_against_each_other(some, step):
    """True distances differ by the scale of the place, at most 1e-4 here."""
    east, north = step
    strip = box(-600, -80, 600, 90)
    here = overlay(some, layers(mgmt_area=[feature(strip, "m")]))
    there = overlay(
        [at(plot, east, north) for plot in some],
        layers(mgmt_area=[feature(strip, "m", east=east, north=north)]),
    )
    for a, b in zip(without_ids(here), without_ids(there), strict=True):
        assert a["in_share"] == pytest.approx(b["in_share"], abs=1e-6)
        assert a["edge_m"] == pytest.approx(b["edge_m"], rel=2e-4, abs=2e-3)


def test_a_layer_kept_on_disk_gives_the_same_facts():
    some = [box(10, 10, 40, 100), box(-30, -100, 0, -60)]
    kept = pickle.loads(pickle.dumps(MADE))
    assert overlay(some, kept).columns() == overlay(some, MADE).columns()


def test_facts_are_plain_json_and_columns_are_those_of_the_store():
    table = overlay([box(10, 10, 40, 100), shapely.Point(0, 0), box(800, 800, 850, 890)], MADE)
    columns = scalars(table)
    assert tuple(columns[0]) == FACTS
    for row, detail in zip(columns, rows(table), strict=True):
        found = facts_of_plot(tuple(row.values()))
        assert (found.plot_id, found.detail) == (row["plot_id"], detail)
        assert (found.lon, found.lat) == tuple(detail["point_on_surface"])
    assert columns[0]["layers"].startswith("county=v1;known_problem=v1;mgmt_area=v1;river=v1")
    assert columns[0]["suggestion"] is None
    assert columns[0]["water_share"] == pytest.approx(1 / 9, abs=1e-3)


def test_a_batch_of_none():
    table = overlay([], MADE)
    assert rows(table) == scalars(table) == []


def test_invalid_layer_features_are_made_valid():
    bow_tie = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    table = overlay([box(0, 0, 100, 100)], layers(mgmt_area=[feature(bow_tie, "m")]))
    assert table.areas["mgmt_area"].in_m2[0] == pytest.approx(5_000, abs=0.01)


def test_ids_stay_text():
    ids = ["000123", "1234567890123456789", " x "]
    table = compute(ids, [at(box(0, 0, 9, 9))] * 3, [None] * 3, MADE, NOW)
    assert [row["plot_id"] for row in scalars(table)] == ids
