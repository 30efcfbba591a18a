"""Shapes made areas and points."""

import numpy as np
import pytest
import shapely

from georeview.ingest.shapes import areal

SQUARE = shapely.box(0, 0, 2, 2)
OTHER = shapely.box(5, 5, 6, 6)
RING = shapely.LineString(SQUARE.exterior.coords)
OPEN = shapely.LineString([(0, 0), (2, 0), (2, 2), (0, 2)])


@pytest.mark.parametrize(
    ("given", "made", "note"),
    [
        (SQUARE, SQUARE, None),
        (shapely.Point(1, 1), shapely.Point(1, 1), None),
        (RING, SQUARE, "line_closed"),
        (shapely.LinearRing(SQUARE.exterior.coords), SQUARE, "line_closed"),
        (OPEN, OPEN, None),
        (shapely.LineString([(0, 0), (1, 1), (0, 0)]), None, None),
        (
            shapely.MultiLineString([RING, OTHER.exterior.coords]),
            shapely.MultiPolygon([SQUARE, OTHER]),
            "line_closed",
        ),
        (shapely.MultiLineString([RING, OPEN]), None, None),
        (
            shapely.GeometryCollection([SQUARE, shapely.Point(9, 9), OPEN]),
            SQUARE,
            "parts_of_collection",
        ),
        (shapely.GeometryCollection([RING]), SQUARE, "parts_of_collection"),
        (shapely.GeometryCollection([OPEN]), None, None),
        (shapely.MultiPoint([(1, 1)]), shapely.Point(1, 1), None),
        (None, None, None),
    ],
)
def test_what_encloses_an_area_is_one(
    given: shapely.Geometry, made: shapely.Geometry | None, note: str | None
) -> None:
    geoms = np.array([given, SQUARE], dtype=object)
    found, notes = areal(geoms)
    expected = given if made is None else made
    assert found[0] == expected or shapely.equals(found[0], expected)
    assert (notes[0], notes[1]) == (note, None)
    assert geoms[0] is given


def test_heights_stay_for_the_note_on_them() -> None:
    ring = shapely.LineString([(0, 0, 5), (2, 0, 5), (2, 2, 5), (0, 0, 5)])
    found, _ = areal(np.array([ring], dtype=object))
    assert shapely.has_z(found[0])
