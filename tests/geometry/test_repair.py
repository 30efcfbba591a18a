import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from shapely import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPolygon,
    Point,
    Polygon,
)

from georeview.geometry.repair import repair


def m(*metres):
    """Offsets in metres from a place near the city → degrees."""
    return [(106.75 + x / 94_500, 31.86 + y / 110_900) for x, y in metres]


def one(geom):
    return repair(np.array([geom], dtype=object))


SQUARE = Polygon(m((0, 0), (20, 0), (20, 20), (0, 20)))


def test_a_good_outline_keeps_its_vertices_to_the_last_bit():
    found = one(SQUARE)
    assert shapely.equals_identical(found.geoms[0], SQUARE)
    assert [found.repaired[0], found.cleaned[0], found.z_dropped[0]] == [False] * 3
    assert found.dropped_parts[0] == 0
    assert found.area_before_m2[0] == found.area_after_m2[0]


def test_outer_rings_run_counter_clockwise():
    found = one(Polygon(m((0, 0), (0, 20), (20, 20), (20, 0))))
    assert shapely.is_ccw(found.geoms[0].exterior)
    assert not found.repaired[0]


def test_a_bow_tie_keeps_both_lobes():
    found = one(Polygon(m((0, 0), (20, 20), (20, 0), (0, 20))))
    assert found.repaired[0]
    assert found.geoms[0].geom_type == "MultiPolygon"
    assert found.area_after_m2[0] == pytest.approx(200, rel=0.01)


def test_an_outline_that_runs_its_diagonal_twice_becomes_one_square():
    found = one(Polygon(m((5, 5), (5, 0), (0, 0), (5, 5), (0, 5), (0, 0))))
    assert found.geoms[0].geom_type == "Polygon"
    assert found.geoms[0].is_valid
    assert found.area_after_m2[0] == pytest.approx(25, rel=0.01)


@pytest.mark.parametrize("width", [0.0, 0.01])
def test_a_spike_is_cut_off(width):
    found = one(Polygon(m((0, 0), (10, 0), (10, -30), (10 + width, 0), (20, 0), (20, 20), (0, 20))))
    assert found.cleaned[0]
    assert found.geoms[0].bounds[1] == pytest.approx(31.86, abs=1e-9)
    assert found.area_after_m2[0] == pytest.approx(400, rel=0.01)


def test_a_narrow_but_real_wedge_is_kept():
    wedge = Polygon(m((0, 0), (200, 0), (0, 1)))
    found = one(wedge)
    assert not found.cleaned[0]
    assert shapely.equals(found.geoms[0], wedge)


def test_repeated_vertices_go():
    found = one(Polygon(m((0, 0), (10, 0), (10, 0), (10, 0), (20, 0), (20, 20), (0, 20))))
    assert found.cleaned[0]
    assert shapely.get_num_coordinates(found.geoms[0]) == 6


def test_heights_go():
    found = one(Polygon([(*xy, 300.0) for xy in m((0, 0), (20, 0), (20, 20))]))
    assert found.z_dropped[0]
    assert not shapely.has_z(found.geoms[0])


def test_heights_of_zero_go_without_a_note():
    found = one(Polygon([(*xy, 0.0) for xy in m((0, 0), (20, 0), (20, 20))]))
    assert not found.z_dropped[0]
    assert not shapely.has_z(found.geoms[0])


def test_crumbs_under_a_square_metre_go_and_are_counted():
    crumb = Polygon(m((50, 0), (50.5, 0), (50.5, 0.5)))
    found = one(MultiPolygon([SQUARE, crumb]))
    assert found.dropped_parts[0] == 1
    assert found.geoms[0].geom_type == "Polygon"


def test_a_spiked_part_with_a_hole_among_others():
    spiked = Polygon(
        m((0, 0), (100, 0), (100, 200), (100, 0), (100, 100), (0, 100)),
        [m((10, 10), (20, 10), (20, 10), (20, 20))],
    )
    other = Polygon(m((200, 0), (220, 0), (220, 20)))
    found = one(MultiPolygon([other, spiked]))
    assert found.cleaned[0]
    assert [len(part.interiors) for part in found.geoms[0].geoms] == [0, 1]
    assert found.area_after_m2[0] == pytest.approx(10_000 + 200 - 50, rel=0.01)


def test_points_pass_without_an_area():
    found = one(Point(106.75, 31.86, 400))
    assert found.geoms[0].geom_type == "Point"
    assert np.isnan(found.area_after_m2[0])
    assert found.reason[0] is None


@pytest.mark.parametrize(
    ("geom", "reason"),
    [
        (None, "empty_geometry"),
        (Polygon(), "empty_geometry"),
        (shapely.from_wkt("MULTIPOLYGON EMPTY"), "empty_geometry"),
        (shapely.from_wkt("LINESTRING (106 31, 107 32)"), "not_polygon"),
        (shapely.from_wkt("GEOMETRYCOLLECTION EMPTY"), "empty_geometry"),
        (shapely.from_wkt("GEOMETRYCOLLECTION (POINT EMPTY)"), "empty_geometry"),
        (shapely.from_wkt("MULTIPOINT (106 31, 106 32)"), "not_polygon"),
        (LineString(m((0, 0), (20, 0), (20, 20), (0, 2))), "not_polygon"),
        (MultiLineString([m((0, 0), (20, 0)), m((20, 20), (0, 20))]), "not_polygon"),
        (LineString(m((0, 0), (20, 0), (0, 0))), "not_polygon"),
        (LineString(m((0, 0), (20, 0), (40, 0), (0, 0))), "no_area"),
        (shapely.from_wkt("POLYGON ((106 31, inf 31, 106 32, 106 31))"), "bad_coordinates"),
        (Polygon(m((0, 0), (20, 0), (0, 0), (20, 0))), "no_area"),
        (Polygon(m((0, 0), (0.5, 0), (0.5, 0.5))), "no_area"),
    ],
)
def test_what_cannot_be_kept_says_why(geom, reason):
    found = one(geom)
    assert found.geoms[0] is None
    assert found.reason[0] == reason


RING = m((0, 0), (20, 0), (20, 20), (0, 20), (0, 0))
HOLE = m((5, 5), (10, 5), (10, 10), (5, 10), (5, 5))
POINT = Point(*m((3, 3))[0])


@pytest.mark.parametrize(
    ("geom", "area_m2", "left_out"),
    [
        (LineString(RING), 400, False),
        (LineString([*RING[:-1], m((0, 0.3))[0]]), 400, False),  # ends that nearly meet
        (shapely.LinearRing(RING), 400, False),
        (MultiLineString([RING, HOLE]), 375, False),
        (MultiLineString([HOLE, RING]), 375, False),
        (MultiLineString([RING, m((30, 0), (40, 0), (40, 10), (30, 0))]), 450, False),
        (MultiLineString([RING[:3], RING[2:]]), 400, False),  # an outline in two pieces
        (GeometryCollection([LineString(RING), POINT]), 400, True),
    ],
)
def test_closed_lines_become_the_area_inside(geom, area_m2, left_out):
    found = one(geom)
    assert (found.closed[0], found.left_out[0]) == (True, left_out)
    assert found.area_after_m2[0] == pytest.approx(area_m2, rel=0.03)
    assert found.geoms[0].is_valid


@pytest.mark.parametrize(
    ("geom", "kind", "left_out"),
    [
        (GeometryCollection([SQUARE]), "Polygon", False),
        (GeometryCollection([SQUARE, POINT, LineString(HOLE)]), "Polygon", True),
        (GeometryCollection([GeometryCollection([MultiPolygon([SQUARE])])]), "Polygon", False),
        (GeometryCollection([SQUARE, Polygon(m((30, 0), (40, 0), (40, 10)))]), "MultiPolygon", False),
        (shapely.from_wkt("MULTIPOINT (106.7 31.8)"), "Point", False),
        (shapely.from_wkt("MULTIPOINT (106.7 31.8, 106.7 31.8)"), "Point", False),
    ],
)  # fmt: skip
def test_collections_keep_their_polygons(geom, kind, left_out):
    found = one(geom)
    assert found.geoms[0].geom_type == kind
    assert (found.left_out[0], found.closed[0]) == (left_out, False)
    if kind == "Polygon":
        assert shapely.equals_identical(found.geoms[0], SQUARE)


def test_parts_over_each_other_count_once():
    right = Polygon(m((10, 0), (30, 0), (30, 20), (10, 20)))
    found = one(MultiPolygon([SQUARE, right]))
    assert (found.repaired[0], found.overlapping[0]) == (True, True)
    assert found.area_before_m2[0] == pytest.approx(800, rel=0.01)
    assert found.area_after_m2[0] == pytest.approx(600, rel=0.01)
    bow_tie = Polygon(m((0, 0), (20, 20), (20, 0), (0, 20)))
    assert not one(MultiPolygon([bow_tie, right])).overlapping[0]
    assert not one(bow_tie).overlapping[0]


def test_heights_and_measures_are_told_of_what_came():
    came = [shapely.from_wkt("POINT ZM (381700 3527010 300 7)"), Point(381700, 3527010), None]
    moved = np.array([POINT, POINT, None])
    found = repair(moved, np.array(came))
    assert found.z_dropped.tolist() == found.m_dropped.tolist() == [True, False, False]


def test_measures_go_and_zeros_without_a_note():
    for measure, told in ((7.0, True), (0.0, False), (np.nan, False)):
        text = "POLYGON M ((" + ", ".join(f"{x} {y} {measure}" for x, y in RING) + "))"
        found = one(shapely.from_wkt(text))
        assert (found.m_dropped[0], found.z_dropped[0]) == (told, False)
        assert not shapely.has_m(found.geoms[0])


def test_an_empty_batch():
    assert len(repair(np.array([], dtype=object)).geoms) == 0


GEOD = pyproj.Geod(a=6378137.0, rf=298.257222101)


def geodesic_m2(geom):
    """Area by Karney's geodesics, each part for itself."""
    return sum(abs(GEOD.geometry_area_perimeter(part)[0]) for part in shapely.get_parts(geom))


rings = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=3, max_size=9).map(
    lambda ring: Polygon(m(*((5 * x, 5 * y) for x, y in ring)))
)


@given(st.lists(rings, max_size=6))
def test_whatever_comes_is_valid_or_refused_and_the_second_time_changes_nothing(batch):
    found = repair(np.array([*batch, None], dtype=object))
    kept = found.geoms[~shapely.is_missing(found.geoms)]
    assert shapely.is_valid(kept).all()
    assert np.isin(shapely.get_type_id(kept), (3, 6)).all()
    assert ((found.reason == None) == ~shapely.is_missing(found.geoms)).all()  # noqa: E711
    again = repair(found.geoms)
    assert not again.repaired.any()
    assert np.allclose(
        again.area_after_m2[: len(batch)], found.area_after_m2[: len(batch)], equal_nan=True
    )


LOBES = [(0, 0), (0, 5), (6, 0)], [(1, 11), (0, 11), (9, 2), (2, 5)]
"""A sound part, and one whose lobes weigh against each other."""


@example([Polygon(m(*((5 * x, 5 * y) for x, y in ring))) for ring in LOBES])
@given(st.lists(rings, min_size=1, max_size=3))
def test_areas_are_stated_truly(parts):
    geom = parts[0] if len(parts) == 1 else MultiPolygon(parts)
    found = one(geom)
    if found.geoms[0] is None:
        return
    before = sum(geodesic_m2(part) for part in parts)
    assert found.area_before_m2[0] == pytest.approx(before, rel=1e-5, abs=1e-3)
    assert found.area_after_m2[0] == pytest.approx(geodesic_m2(found.geoms[0]), rel=1e-5, abs=1e-3)
    assert found.perimeter_m[0] == pytest.approx(
        GEOD.geometry_length(found.geoms[0].boundary), rel=1e-5
    )
    if len(parts) == 1 and not (found.repaired[0] or found.cleaned[0] or found.dropped_parts[0]):
        assert found.area_before_m2[0] == found.area_after_m2[0]


lines = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=7).map(
    lambda line: LineString(m(*((5 * x, 5 * y) for x, y in line)))
)
things = st.recursive(
    st.one_of(rings, lines, lines.map(lambda line: LineString([*line.coords, line.coords[0]])), st.just(POINT)),
    lambda inner: st.lists(inner, max_size=4).map(GeometryCollection),
    max_leaves=8,
)  # fmt: skip


@given(things)
def test_whatever_is_collected_is_valid_or_refused_and_the_second_time_changes_nothing(thing):
    found = one(thing)
    assert (found.geoms[0] is None) == (found.reason[0] is not None)
    if found.geoms[0] is None:
        return
    assert found.geoms[0].is_valid
    assert found.geoms[0].geom_type in ("Point", "Polygon", "MultiPolygon")
    again = one(found.geoms[0])
    assert [again.closed[0], again.left_out[0], again.repaired[0]] == [False] * 3
    assert np.isclose(again.area_after_m2[0], found.area_after_m2[0], equal_nan=True)


@given(st.lists(rings, min_size=2, max_size=6))
def test_each_stands_alone(batch):
    together = repair(np.array(batch, dtype=object)).geoms
    for n, geom in enumerate(batch):
        assert shapely.equals_identical(together[n], one(geom).geoms[0]) or (
            together[n] is None and one(geom).geoms[0] is None
        )
