"""Shapes drawn for a person to judge by."""

import numpy as np
import pytest
import shapely

from georeview.ingest.placing import MOST_VERTICES, simpler

MANY = 300_000
ROUND = np.linspace(0, 2 * np.pi, MANY)
CIRCLE = np.column_stack([107 + 0.01 * np.cos(ROUND), 31 + 0.01 * np.sin(ROUND)])
RINGS = {
    "a circle": CIRCLE,
    "one place": np.full((MANY, 2), [107.1, 31.5]),
    "a saw": np.column_stack([107 + ROUND / 100, 31 + (np.arange(MANY) % 2) / 1e6]),
}


@pytest.mark.parametrize("ring", RINGS.values(), ids=RINGS)
@pytest.mark.timeout(30)
def test_a_ring_without_end_is_drawn_coarsely(ring: np.ndarray) -> None:
    """Simplifying it as it is would take the square of its vertices."""
    (drawn,) = simpler(np.array([shapely.Polygon(ring)], dtype=object))
    assert shapely.get_num_coordinates(drawn) <= 2 * MOST_VERTICES
    box = shapely.bounds(shapely.Polygon(ring))
    assert np.abs(shapely.bounds(drawn) - box).max() < 1e-3


def test_others_are_drawn_to_the_metre() -> None:
    plot = shapely.Point(107.1, 31.5).buffer(0.001, quad_segs=100)
    (drawn,) = simpler(np.array([plot, None], dtype=object)[:1])
    assert shapely.hausdorff_distance(drawn, plot) < 1.1e-5
