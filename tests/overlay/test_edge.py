import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from tests.overlay.scene import feature, layers, one, overlay

HALVES = layers(
    mgmt_area=[
        feature(box(-3_000, -100, 0, 100), "511902-L"),
        feature(box(0, -100, 3_000, 100), "511903-L"),
    ]
)


def edge(plot, made=HALVES):
    return one(plot, made)["overlay"]["mgmt_area"]


def approx(value):
    return pytest.approx(value, abs=0.002)


@pytest.mark.parametrize(
    ("low", "high", "edge_m", "band", "max_out", "max_in"),
    [
        (20, 40, -60, "in", 0, 80),
        (60, 89.9, -10.1, "in", 0, 40),
        (60, 90.1, -9.9, "critical", 0, 40),
        (60, 100, 0, "critical", 0, 40),
        (85, 115, 0, "critical", 15, 15),
        (95, 125, 0, "critical", 25, 5),
        (109.9, 130, 9.9, "critical", 30, 0),
        (110.1, 130, 10.1, "out", 30, 0),
        (2_050, 2_060, 1_950, "out", 1_960, 0),
        (2_090, 2_120, 1_990, "out", 2_020, 0),
        (2_101, 2_120, None, "unknown", None, None),
    ],
)
def test_distance_band_and_reach(low, high, edge_m, band, max_out, max_in):
    facts = edge(box(500, low, 520, high))
    found = [facts["edge_m"], facts["max_out_m"], facts["max_in_m"]]
    expected = [edge_m, max_out, max_in]
    assert facts["band"] == band
    assert found == [None if value is None else approx(value) for value in expected]


def test_the_border_between_neighbours_is_no_boundary():
    facts = edge(box(-10, -10, 10, 10))
    assert facts["edge_m"] == approx(-90)
    assert facts["band"] == "in"
    assert {f["code"] for f in facts["features"]} == {"511902-L", "511903-L"}


def test_neighbours_whose_border_has_other_vertices_leave_no_seam():
    made = layers(
        mgmt_area=[
            feature(box(-3_000, -1_500, 0, 1_500), "a"),
            feature(shapely.segmentize(box(0, -1_500, 3_000, 1_500), 130), "b"),
        ]
    )
    assert edge(box(-10, -10, 10, 10), made)["edge_m"] == approx(-1_490)


def test_deep_inside_is_in_however_far_the_line_is():
    made = layers(mgmt_area=[feature(box(-9_000, -9_000, 9_000, 9_000), "lake")])
    facts = edge(box(0, 0, 10, 10), made)
    assert (facts["band"], facts["edge_m"], facts["in_share"]) == ("in", None, 1.0)


def test_an_island_is_outside():
    ring = box(-300, -300, 300, 300).difference(box(-60, -60, 60, 60))
    facts = edge(box(-10, -10, 10, 10), layers(mgmt_area=[feature(ring, "a")]))
    assert facts["edge_m"] == approx(50)
    assert facts["band"] == "out"
    assert facts["in_m2"] == 0


def test_a_wide_plot_over_the_whole_area_reaches_out_on_both_sides():
    facts = edge(box(500, -150, 520, 130))
    assert facts["edge_m"] == 0
    assert facts["max_out_m"] == approx(50)
    assert facts["max_in_m"] == 0
    assert facts["in_m2"] == pytest.approx(4_000, abs=0.01)


@pytest.mark.parametrize(
    ("low", "high", "least", "inside", "most"),
    [
        (85, 115, 100, 300, 500),
        (80, 100, 200, 400, 400),
        (60, 75, 300, 300, 300),
        (104, 124, 0, 0, 120),
        (120, 130, 0, 0, 0),
    ],
)
def test_interval_of_the_inside_area(low, high, least, inside, most):
    facts = edge(box(500, low, 520, high))
    found = [facts["in_m2_min"], facts["in_m2"], facts["in_m2_max"]]
    assert found == pytest.approx([least, inside, most], abs=0.02)


def test_interval_round_a_corner():
    made = layers(mgmt_area=[feature(box(0, 0, 100, 100), "a")])
    facts = edge(box(100, 100, 140, 140), made)
    assert facts["in_m2_max"] == pytest.approx(np.pi * 100 / 4, rel=0.01)


def test_a_point_has_distance_and_band():
    facts = edge(shapely.Point(500, 95))
    assert facts["edge_m"] == approx(-5)
    assert facts["band"] == "critical"
    assert facts["in_m2_min"] is facts["in_m2_max"] is None


def test_no_boundary_at_all_is_unknown():
    facts = edge(box(0, 0, 10, 10), layers(mgmt_area=[]))
    assert (facts["band"], facts["edge_m"], facts["in_m2"]) == ("unknown", None, 0)


def test_a_boundary_read_from_an_image_is_provisional():
    made = layers(mgmt_area=[feature(box(0, 0, 100, 100), "a", basis="image")])
    facts = edge(box(10, 10, 20, 20), made)
    assert (facts["basis"], facts["provisional"]) == (["image"], True)
    assert not edge(box(500, 20, 520, 30))["provisional"]


corner = st.tuples(st.integers(-400, 400), st.integers(-160, 160))


@given(st.lists(st.tuples(corner, st.integers(3, 90), st.integers(3, 90)), min_size=1, max_size=8))
def test_agrees_with_one_shapely_call_a_plot(boxes):
    wavy = shapely.Polygon(
        [(x, -90 - 8 * (x % 3)) for x in range(-500, 501, 20)]
        + [(x, 90 + 6 * (x % 7)) for x in range(500, -501, -25)]
    )
    plots = [box(x, y, x + w, y + h) for (x, y), w, h in boxes]
    facts = overlay(plots, layers(mgmt_area=[feature(wavy, "a")])).areas["mgmt_area"]
    for n, plot in enumerate(plots):
        distance = plot.distance(wavy.boundary)
        vertices = [shapely.Point(xy) for xy in plot.exterior.coords]
        reach = {True: 0.0, False: 0.0}
        for vertex in vertices:
            side = bool(wavy.intersects(vertex))
            reach[side] = max(reach[side], vertex.distance(wavy.boundary))
        common = plot.intersection(wavy)
        assert facts.edge.edge_m[n] == approx(-distance if wavy.contains(plot) else distance)
        assert facts.edge.max_out_m[n] == approx(reach[False])
        assert facts.edge.max_in_m[n] == approx(reach[True])
        assert facts.in_m2[n] == pytest.approx(common.area, abs=0.01)
        shrunk, grown = (wavy.buffer(b, quad_segs=64) for b in (-10, 10))
        assert facts.edge.in_m2_min[n] == pytest.approx(plot.intersection(shrunk).area, abs=0.3)
        assert facts.edge.in_m2_max[n] == pytest.approx(plot.intersection(grown).area, abs=0.3)
