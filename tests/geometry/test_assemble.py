"""Whatever a row comes with, made an area or a point where it can be one, in any coordinates."""

import numpy as np
import pytest
import shapely

from georeview.geometry.assemble import assembled

SQUARE = shapely.box(0, 0, 2, 2)
OTHER = shapely.box(5, 5, 6, 6)
RING = shapely.LineString(SQUARE.exterior.coords)
OPEN = shapely.LineString([(0, 0), (2, 0), (2, 2), (0, 2)])
NEARLY = shapely.LineString([(0, 0), (2, 0), (2, 2), (0, 2), (0, 0.03)])
CLOSED, LEFT_OUT = "closed", "left out"


@pytest.mark.parametrize("scale", [1e-5, 1.0, 1e5])
@pytest.mark.parametrize(
    ("given", "made", "notes"),
    [
        (SQUARE, SQUARE, ()),
        (shapely.Point(1, 1), shapely.Point(1, 1), ()),
        (RING, SQUARE, (CLOSED,)),
        (NEARLY, SQUARE, (CLOSED,)),
        (shapely.LinearRing(SQUARE.exterior.coords), SQUARE, (CLOSED,)),
        (OPEN, None, ()),
        (shapely.LineString([(0, 0), (1, 1), (0, 0)]), None, ()),
        (
            shapely.MultiLineString([RING, OTHER.exterior.coords]),
            shapely.MultiPolygon([SQUARE, OTHER]),
            (CLOSED,),
        ),
        (shapely.MultiLineString([RING, OPEN]), None, ()),
        (shapely.GeometryCollection([SQUARE, shapely.Point(9, 9), OPEN]), SQUARE, (LEFT_OUT,)),
        (shapely.GeometryCollection([RING]), SQUARE, (CLOSED,)),
        (shapely.GeometryCollection([RING, shapely.Point(9, 9)]), SQUARE, (CLOSED, LEFT_OUT)),
        (shapely.GeometryCollection([OPEN]), None, ()),
        (shapely.MultiPoint([(1, 1)]), shapely.Point(1, 1), ()),
        (shapely.MultiPoint([(1, 1), (2, 2)]), None, ()),
        (shapely.LineString([(0, 0), (np.inf, 0), (2, 2), (0, 0)]), None, ()),
        (None, None, ()),
    ],
)
def test_what_encloses_an_area_is_one(
    given: shapely.Geometry | None,
    made: shapely.Geometry | None,
    notes: tuple[str, ...],
    scale: float,
) -> None:
    came, expected = (
        shapely.transform(geom, lambda xy: xy * scale) if geom is not None else None
        for geom in (given, made)
    )
    geoms = np.array([came, SQUARE], dtype=object)
    found = assembled(geoms)
    assert geoms[0] is came
    assert found.geoms[1] is SQUARE
    if expected is None:
        assert found.geoms[0] is came
    else:
        difference = shapely.symmetric_difference(found.geoms[0], expected)
        assert difference.area <= 0.05 * scale**2
    assert [bool(found.closed[0]), bool(found.left_out[0])] == [CLOSED in notes, LEFT_OUT in notes]
    assert [found.closed[1], found.left_out[1]] == [False, False]
