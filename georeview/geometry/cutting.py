"""Cutting a plot into parts, and whether parts are the plot: planar in degrees, measured in m²."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry.measure import area

Geometries = NDArray[np.object_]

LEAST_M2 = 1.0
"""A piece smaller than this is a crumb of the drawing, not a part."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """By how much parts are not the plot they are said to be cut from.

    Attributes:
        missing_m2: Of the plot, in no part.
        beyond_m2: In a part, outside the plot.
        overlap_m2: In more than one part.
    """

    missing_m2: float
    beyond_m2: float
    overlap_m2: float

    @property
    def total_m2(self) -> float:
        """All of it together."""
        return self.missing_m2 + self.beyond_m2 + self.overlap_m2


def misfit(plot: shapely.Geometry, parts: Sequence[shapely.Geometry]) -> Misfit:
    """Hold parts against the plot.

    Args:
        plot: A polygon or several, EPSG:4490.
        parts: The same, valid.
    """
    whole = shapely.union_all(parts)
    differ = np.array([plot.difference(whole), whole.difference(plot), whole], dtype=object)
    missing, beyond, covered = area(differ).tolist()
    overlap = float(area(np.array(parts, dtype=object)).sum()) - covered
    return Misfit(missing, beyond, max(0.0, overlap))


def cut(plot: shapely.Geometry, line: shapely.LineString) -> list[shapely.Geometry]:
    """The pieces into which a line cuts a plot, largest first; the plot alone when it misses."""
    edges = shapely.union_all([plot.boundary, line])
    faces = shapely.get_parts(shapely.polygonize([edges]))
    inside = shapely.contains_properly(plot, shapely.point_on_surface(faces))
    return _sorted(faces[inside])


def along(plot: shapely.Geometry, areas: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    """The plot's share of each area that meets it, and what lies in none, largest first.

    What belongs to two areas goes to the first of them.
    """
    left, parts = plot, []
    for one in areas:
        parts.append(_areal(left.intersection(one)))
        left = _areal(left.difference(one))
    return _sorted(np.array([part for part in [*parts, left] if not part.is_empty], dtype=object))


def _areal(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a shape; lines and points that touching leaves are nothing."""
    return shapely.union_all([p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"])


def _sorted(parts: Geometries) -> list[shapely.Geometry]:
    """Largest first; crumbs go to the part that they share the longest edge with."""
    sizes = area(parts)
    kept: list[shapely.Geometry] = [*parts[sizes >= LEAST_M2]]
    for crumb in parts[sizes < LEAST_M2]:
        if kept:
            shared = [one.boundary.intersection(crumb.boundary).length for one in kept]
            best = int(np.argmax(shared))
            kept[best] = kept[best].union(crumb)
    return sorted(kept, key=lambda part: -float(area(np.array([part], dtype=object))[0]))
