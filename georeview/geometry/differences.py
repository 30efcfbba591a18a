"""Where two sets of shapes differ: what one covers and the other does not."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry.measure import area

SMALLEST_M2 = 1.0
"""Differences of areas below this are those of drawing the same line twice."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Part of one shape that lies outside all shapes of the other set.

    Attributes:
        of: Place of the shape in its set.
        shape: The part, EPSG:4490.
        area_m2: Its geodesic area; ``None`` for lines and points.
    """

    of: int
    shape: shapely.Geometry
    area_m2: float | None


def outside(shapes: NDArray[np.object_], others: NDArray[np.object_]) -> list[Difference]:
    """What of some shapes the others do not cover.

    Args:
        shapes: Valid shapes (n,), EPSG:4490.
        others: Valid shapes (m,), EPSG:4490.

    Returns:
        The parts in the order of their shapes; none for a shape that is there as it is.
    """
    known = set(shapely.to_wkb(shapely.normalize(others)).tolist())
    changed = [
        n for n, wkb in enumerate(shapely.to_wkb(shapely.normalize(shapes))) if wkb not in known
    ]
    tree = shapely.STRtree(others)
    parts = [
        _part(shapes[n], others[tree.query(shapes[n], predicate="intersects")]) for n in changed
    ]
    areas = area(np.array(parts, dtype=object))
    found = []
    for n, part, area_m2 in zip(changed, parts, areas, strict=True):
        areal = shapely.get_dimensions(shapes[n]) == 2
        if part.is_empty or (areal and area_m2 < SMALLEST_M2):
            continue
        found.append(Difference(n, part, round(float(area_m2), 1) if areal else None))
    return found


def _part(shape: shapely.Geometry, met: NDArray[np.object_]) -> shapely.Geometry:
    """The shape without what it meets, in its own dimension: an edge of an area is no part of it."""
    part = shapely.difference(shape, shapely.union_all(met)) if len(met) else shape
    if shapely.get_type_id(part) != shapely.GeometryType.GEOMETRYCOLLECTION:
        return part
    own = shapely.get_dimensions(shape)
    return shapely.union_all([p for p in part.geoms if shapely.get_dimensions(p) == own])
