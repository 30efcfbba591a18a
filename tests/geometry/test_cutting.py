"""Cutting a plot: the pieces are the plot again, whatever the line."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, box

from georeview.geometry.cutting import along, cut, misfit
from georeview.geometry.measure import area

PLOT = box(107.1, 31.56, 107.1004, 31.5604)
RING = PLOT.difference(box(107.1001, 31.5601, 107.1003, 31.5603))
POSITION = st.tuples(st.floats(107.0999, 107.1005), st.floats(31.5599, 31.5605))


def m2(shape: shapely.Geometry) -> float:
    return float(area(np.array([shape], dtype=object))[0])


@given(
    st.sampled_from([PLOT, RING, MultiPolygon([PLOT, box(107.101, 31.56, 107.102, 31.561)])]),
    st.lists(POSITION, min_size=2, max_size=6),
)
def test_pieces_are_the_plot_again(plot: shapely.Geometry, line: list[tuple[float, float]]) -> None:
    parts = cut(plot, LineString(line))
    assert misfit(plot, parts).total_m2 < 0.1
    assert all(part.is_valid and m2(part) >= 1.0 for part in parts)
    assert [m2(part) for part in parts] == sorted(map(m2, parts), reverse=True)


def test_a_line_across_gives_two_and_one_that_ends_inside_none() -> None:
    across = LineString([(107.1001, 31.55), (107.1001, 31.57)])
    assert len(cut(PLOT, across)) == 2
    assert len(cut(RING, LineString([(107.09, 31.5602), (107.11, 31.5602)]))) == 2
    assert len(cut(PLOT, LineString([(107.09, 31.5602), (107.1002, 31.5602)]))) == 1


def test_areas_cut_a_plot_and_what_lies_in_none_is_a_part_too() -> None:
    west, middle = box(107.0, 31.5, 107.1001, 31.6), box(107.1001, 31.5, 107.1003, 31.6)
    parts = along(PLOT, [west, middle])
    assert len(parts) == 3
    assert misfit(PLOT, parts).total_m2 < 0.1
    assert len(along(PLOT, [box(107.0, 31.5, 107.2, 31.6)])) == 1


@pytest.mark.parametrize(
    ("parts", "wrong"),
    [
        ([box(107.1, 31.56, 107.1002, 31.5604)], "missing_m2"),
        ([PLOT, Point(107.2, 31.6).buffer(0.0001)], "beyond_m2"),
        ([PLOT, box(107.1, 31.56, 107.1002, 31.5604)], "overlap_m2"),
    ],
)
def test_what_is_not_the_plot_is_told_in_square_metres(
    parts: list[shapely.Geometry], wrong: str
) -> None:
    off = misfit(PLOT, parts)
    assert getattr(off, wrong) > 100
    assert off.total_m2 == pytest.approx(getattr(off, wrong), abs=0.01)
