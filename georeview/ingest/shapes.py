"""Shapes as plots have them: areas and points, made of what drawings, phones and databases write."""

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.ingest.raw import Geometries

_POINT, _LINE, _RING, _POLYGON, _MULTIPOINT, _MULTILINE, _MULTIPOLYGON, _COLLECTION = range(8)
_WITHIN = 1e-6
"""How near the ends of a line must be to close it, as a share of its extent."""


def areal(geoms: Geometries) -> tuple[Geometries, NDArray[np.object_]]:
    """Geometries (n,) as polygons and points where they can be, and how each came to be one (n,).

    A closed line is the area it encloses (``line_closed``); of a collection its areas count
    (``parts_of_collection``); a multipoint of one point is that point. What is left as it is has
    no note.
    """
    result = geoms.copy()
    notes = np.full(len(geoms), None, dtype=object)
    kinds = shapely.get_type_id(geoms)
    for i in np.flatnonzero(np.isin(kinds, (_LINE, _RING, _MULTILINE))):
        area = _joined(list(_areas(geoms[i])))
        if area is not None and not _open_part(geoms[i]):
            result[i], notes[i] = area, "line_closed"
    for i in np.flatnonzero(kinds == _COLLECTION):
        area = _joined(list(_areas(geoms[i])))
        if area is not None:
            result[i], notes[i] = area, "parts_of_collection"
    single = (kinds == _MULTIPOINT) & (shapely.get_num_geometries(geoms) == 1)
    result[single] = shapely.get_geometry(geoms[single], 0)
    return result, notes


def _areas(geom: shapely.Geometry) -> Iterator[shapely.Polygon]:
    """The areas in a geometry, closed lines among them."""
    kind = shapely.get_type_id(geom)
    if kind == _POLYGON:
        yield geom
    elif kind in (_LINE, _RING):
        if _is_closed(geom):
            yield shapely.Polygon(_ring(geom))
    elif kind != _POINT:
        for part in getattr(geom, "geoms", ()):
            yield from _areas(part)


def _open_part(geom: shapely.Geometry) -> bool:
    return any(not _is_closed(part) for part in shapely.get_parts(geom))


def _is_closed(line: shapely.Geometry) -> bool:
    """Whether a line of three places or more ends where it begins."""
    xy = shapely.get_coordinates(line)
    if len(xy) < 4 or not np.isfinite(xy).all():
        return False
    return bool(np.abs(xy[0] - xy[-1]).max() <= _WITHIN * np.ptp(xy, axis=0).max())


def _ring(line: shapely.Geometry) -> NDArray[np.float64]:
    points = shapely.get_coordinates(line, include_z=shapely.has_z(line))
    points[-1] = points[0]
    return np.asarray(points)


def _joined(areas: list[shapely.Polygon]) -> shapely.Geometry | None:
    if not areas:
        return None
    return areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas)
