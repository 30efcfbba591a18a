"""Whatever shape a row comes with → the point or the polygons that can stand for a plot.

The rule: polygons stay and whatever lies beside them in a collection is left out; lines without
polygons become the area they enclose where every one of them is closed, a ring inside another
being a hole; a single point stays a point. All else cannot be a plot: open lines, several places.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[np.object_]
Bool = NDArray[np.bool_]

CLOSES: Final = 0.005
"""A line whose ends are nearer than this share of its length was meant to be closed."""

METRES_A_DEGREE: Final = 111_320.0
"""Of latitude; near enough for tolerances."""

_POINT, _POLYGON, _MULTIPOLYGON = 0, 3, 6
_AS_THEY_ARE: Final = (-1, _POINT, _POLYGON, _MULTIPOLYGON)


@dataclass(frozen=True, slots=True)
class Assembled:
    """What became of n geometries.

    Attributes:
        geoms: Points, polygons, multipolygons (n,), valid or not; the others as they came.
        closed: Made from closed lines (n,).
        left_out: Points or lines beside polygons were left out (n,).
    """

    geoms: Geometries
    closed: Bool
    left_out: Bool


def assembled(geoms: Geometries) -> Assembled:
    """Geometries (n,) of any kind, in any coordinates; ``None`` stays ``None``.

    What is made of lines is two-dimensional.
    """
    result = geoms.copy()
    closed = np.zeros(len(geoms), dtype=bool)
    left_out = np.zeros(len(geoms), dtype=bool)
    for row in np.flatnonzero(~np.isin(shapely.get_type_id(geoms), _AS_THEY_ARE)):
        if not np.isfinite(shapely.get_coordinates(geoms[row])).all():
            continue  # no place, whatever it is made into
        parts = _parts(geoms[row])
        kinds = shapely.get_dimensions(parts)
        if (kinds == 2).any():
            polygons = parts[kinds == 2]
            result[row] = polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)
            left_out[row] = len(polygons) < len(parts)
        elif (kinds == 1).any():
            area = _enclosed(parts[kinds == 1])
            if area is not None:
                result[row], closed[row], left_out[row] = area, True, (kinds == 0).any()
        elif len(parts) and shapely.equals(parts, parts[0]).all():
            result[row] = parts[0]
    return Assembled(result, closed, left_out)


def _parts(geom: shapely.Geometry) -> Geometries:
    """Single, non-empty geometries out of collections of collections."""
    parts: Geometries = np.array([geom], dtype=object)
    while (shapely.get_type_id(parts) > _POLYGON).any():
        parts = shapely.get_parts(parts)
    there: Geometries = parts[~shapely.is_empty(parts)]
    return there


def _enclosed(lines: Geometries) -> shapely.Geometry | None:
    """The area that lines enclose; ``None`` when one of them is open."""
    rings = _rings(lines)
    if rings is None:  # an outline may come in pieces
        joined = shapely.line_merge(shapely.multilinestrings(lines))
        rings = _rings(shapely.get_parts(joined))
    if rings is None:
        return None
    area, *others = shapely.polygons(rings)
    if others:
        area, *others = shapely.make_valid([area, *others], method="structure")
    for ring in others:
        area = shapely.symmetric_difference(area, ring)
    return area


def _rings(lines: Geometries) -> Geometries | None:
    """Lines as rings; ``None`` unless there are some and every one is closed."""
    rings = []
    for line in lines:
        xy = shapely.get_coordinates(line)
        closed = (xy[0] == xy[-1]).all()
        if len(xy) < (4 if closed else 3):
            return None
        if np.hypot(*(xy[-1] - xy[0])) > CLOSES * shapely.length(line):
            return None
        rings.append(shapely.linearrings(xy))
    return np.array(rings, dtype=object) if rings else None
