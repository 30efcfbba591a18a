import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from georeview.geometry import subdivide


def _star(count, seed, x=0.0):
    random = np.random.default_rng(seed)
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    radius = random.uniform(50, 100, count)
    return shapely.Polygon(np.column_stack([radius * np.cos(turn) + x, radius * np.sin(turn)]))


@given(st.lists(st.integers(3, 700), min_size=1, max_size=4), st.integers(0, 99))
def test_pieces_are_small_cover_all_and_know_their_owner(counts, seed):
    stars = np.array([_star(count, seed + n, 300.0 * n) for n, count in enumerate(counts)])
    pieces = subdivide.polygons(stars)
    assert shapely.get_num_coordinates(pieces.geoms).max() <= subdivide.POLYGON_VERTICES
    assert shapely.is_valid(pieces.geoms).all()
    area = np.bincount(pieces.owner, weights=shapely.area(pieces.geoms), minlength=len(stars))
    assert np.allclose(area, shapely.area(stars), rtol=1e-12)
    assert (np.diff(pieces.owner) >= 0).all()


def test_a_hole_stays_a_hole():
    ring = _star(500, 1).difference(shapely.Point(0, 0).buffer(20, quad_segs=64))
    pieces = subdivide.polygons(np.array([ring]))
    assert not shapely.intersects(pieces.geoms, shapely.Point(0, 0)).any()


def test_nothing_in_nothing_out():
    assert len(subdivide.polygons(np.array([], dtype=object)).geoms) == 0
    assert len(subdivide.lines(np.array([], dtype=object)).geoms) == 0


@given(st.lists(st.integers(2, 60), min_size=1, max_size=5))
def test_stretches_follow_each_other_along_each_line(counts):
    lines = np.array(
        [shapely.LineString([(x, n) for x in range(count)]) for n, count in enumerate(counts)]
    )
    cut = subdivide.lines(lines)
    assert shapely.get_num_coordinates(cut.geoms).max() <= subdivide.LINE_VERTICES
    length = np.bincount(cut.owner, weights=shapely.length(cut.geoms))
    assert length.tolist() == shapely.length(lines).tolist()
    vertices = shapely.get_coordinates(lines)
    starts = shapely.get_coordinates(shapely.get_point(cut.geoms, 0))
    assert (vertices[cut.first] == starts).all()
