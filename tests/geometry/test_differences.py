import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from georeview.geometry.differences import outside
from georeview.geometry.measure import area

SQUARE = shapely.box(107.0, 31.8, 107.001, 31.801)
MOVED = shapely.box(107.0005, 31.8, 107.0015, 31.801)


def array(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array(shapes, dtype=object)


def test_what_is_there_as_it_is_differs_in_nothing() -> None:
    turned = shapely.Polygon(list(SQUARE.exterior.coords)[2:] + list(SQUARE.exterior.coords)[1:3])
    assert outside(array(SQUARE, MOVED), array(MOVED, turned)) == []


def test_what_moved_is_told_by_what_it_left_and_what_it_entered() -> None:
    (entered,) = outside(array(SQUARE, MOVED), array(SQUARE))
    assert entered.of == 1
    assert entered.shape.equals(shapely.box(107.001, 31.8, 107.0015, 31.801))
    assert entered.area_m2 is not None
    assert abs(entered.area_m2 - area(array(entered.shape))[0]) < 0.1


def test_a_line_drawn_twice_is_no_difference() -> None:
    nearly = shapely.box(107.0, 31.8, 107.001 + 1e-9, 31.801)
    assert outside(array(nearly), array(SQUARE)) == []


def test_everything_differs_from_nothing() -> None:
    line = shapely.LineString([[107.0, 31.8], [107.1, 31.9]])
    point = shapely.Point(107.0, 31.8)
    found = outside(array(SQUARE, line, point), array())
    assert [(part.of, part.area_m2 is None) for part in found] == [
        (0, False),
        (1, True),
        (2, True),
    ]


def test_a_line_that_is_met_in_a_point_stays_a_line() -> None:
    line = shapely.LineString([[107.0, 31.8], [107.1, 31.8]])
    crossing = shapely.LineString([[107.05, 31.7], [107.05, 31.9]])
    (part,) = outside(array(line), array(crossing))
    assert abs(part.shape.length - line.length) < 1e-12
    (rest,) = outside(array(line), array(shapely.LineString([[107.0, 31.8], [107.04, 31.8]])))
    assert abs(rest.shape.length - 0.06) < 1e-9


BOXES = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(1, 4), st.integers(1, 4)),
    max_size=5,
)


@given(BOXES, BOXES)
def test_the_parts_are_what_the_others_do_not_cover(one: list, two: list) -> None:
    shapes, others = (
        array(*(shapely.box(107 + x / 1e3, 31 + y / 1e3, 107 + (x + w) / 1e3, 31 + (y + h) / 1e3)
                for x, y, w, h in boxes))
        for boxes in (one, two)
    )  # fmt: skip
    left = shapely.union_all([part.shape for part in outside(shapes, others)])
    expected = shapely.difference(shapely.union_all(shapes), shapely.union_all(others))
    assert left.symmetric_difference(expected).area < 1e-12
