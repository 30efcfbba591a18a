import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from georeview.geometry.differences import Change, Difference, differences
from georeview.geometry.measure import area

SQUARE = shapely.box(107.0, 31.8, 107.001, 31.801)
MOVED = shapely.box(107.0005, 31.8, 107.0015, 31.801)


def array(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array(shapes, dtype=object)


def union(found: list[Difference], change: Change) -> shapely.Geometry:
    return shapely.union_all([part.shape for part in found if part.change == change])


def test_what_is_there_as_it_is_differs_in_nothing() -> None:
    turned = shapely.Polygon(list(SQUARE.exterior.coords)[2:] + list(SQUARE.exterior.coords)[1:3])
    assert differences(array(SQUARE, MOVED), array(MOVED, turned)) == []


def test_what_moved_is_told_by_what_it_left_and_what_it_entered() -> None:
    entered, left = differences(array(MOVED), array(SQUARE))
    assert (entered.change, entered.of, left.change, left.of) == ("added", 0, "removed", 0)
    assert entered.shape.equals(shapely.box(107.001, 31.8, 107.0015, 31.801))
    assert left.shape.equals(shapely.box(107.0, 31.8, 107.0005, 31.801))
    assert entered.area_m2 is not None
    assert abs(entered.area_m2 - area(array(entered.shape))[0]) < 0.1


def test_a_line_drawn_twice_is_no_difference() -> None:
    nearly = shapely.box(107.0, 31.8, 107.001 + 1e-9, 31.801)
    assert differences(array(nearly), array(SQUARE)) == []


def test_everything_differs_from_nothing() -> None:
    line = shapely.LineString([[107.0, 31.8], [107.1, 31.9]])
    point = shapely.Point(107.0, 31.8)
    found = differences(array(SQUARE, line, point), array())
    assert [(d.of, d.area_m2 is None, d.length_m is None) for d in found] == [
        (0, False, True),
        (1, True, False),
        (2, True, True),
    ]
    assert [d.change for d in differences(array(), array(SQUARE))] == ["removed"]


def test_a_line_that_is_met_in_a_point_stays_a_line() -> None:
    line = shapely.LineString([[107.0, 31.8], [107.1, 31.8]])
    crossing = shapely.LineString([[107.05, 31.7], [107.05, 31.9]])
    added, _ = differences(array(line), array(crossing))
    assert abs(added.shape.length - line.length) < 1e-12
    short = shapely.LineString([[107.0, 31.8], [107.04, 31.8]])
    (rest,) = differences(array(line), array(short))
    assert abs(rest.shape.length - 0.06) < 1e-9


def test_a_border_between_two_areas_moves_ground_from_one_to_the_other() -> None:
    west, east = shapely.box(107, 31, 107.01, 31.01), shapely.box(107.01, 31, 107.02, 31.01)
    wider, narrower = shapely.box(107, 31, 107.012, 31.01), shapely.box(107.012, 31, 107.02, 31.01)
    keys = ["W", "E"]
    (moved,) = differences(array(wider, narrower), array(west, east), keys, keys)
    assert (moved.change, moved.of, moved.was) == ("moved", 0, 1)
    assert moved.shape.equals(shapely.box(107.01, 31, 107.012, 31.01))
    assert differences(array(wider, narrower), array(west, east)) == []


SHAPES = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 4), st.integers(1, 4)),
    max_size=5,
).map(
    lambda boxes: array(
        *(
            shapely.box(107 + x / 1e3, 31 + y / 1e3, 107 + (x + w) / 1e3, 31 + (y + h) / 1e3)
            for x, y, w, h in boxes
        )
    )
)


@given(SHAPES, SHAPES)
def test_the_parts_are_what_only_one_of_them_covers(new: np.ndarray, old: np.ndarray) -> None:
    keys = [[str(n) for n in range(len(shapes))] for shapes in (new, old)]
    found = differences(new, old, *keys)
    whole_new, whole_old = shapely.union_all(new), shapely.union_all(old)
    for change, expected in (
        ("added", shapely.difference(whole_new, whole_old)),
        ("removed", shapely.difference(whole_old, whole_new)),
    ):
        assert union(found, change).symmetric_difference(expected).area < 1e-12
    moved = union(found, "moved")
    for whole in (whole_new, whole_old):
        assert shapely.difference(moved, whole).area < 1e-12
    for part in found:
        if part.change == "moved" and part.of < len(old):
            assert part.shape.intersection(old[part.of]).area < 1e-12
