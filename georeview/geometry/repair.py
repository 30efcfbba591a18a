"""Polygons as they come from outside → valid, two-dimensional polygons, each change noted.

The rule, in this order: heights are dropped; repeated vertices and spikes (turning back on
themselves, narrower than 2 cm) are removed; an invalid outline becomes the area its rings enclose
(a bow tie keeps both lobes, a ring inside a shell is a hole, doubly wound area counts once);
collapsed pieces and parts under 1 m² are dropped; outer rings run counter-clockwise. A valid
outline without spikes keeps its vertices to the last bit.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry import measure

Geometries = NDArray[np.object_]
Bool = NDArray[np.bool_]
Int = NDArray[np.int64]
Float64 = NDArray[np.float64]

LEAST_PART_M2: Final = 1.0
SPIKE_M: Final = 0.02
_ROUNDS: Final = 4
_SPIKE_SINE: Final = 1e-3
_METRES_A_DEGREE: Final = 111_320.0
_POLYGON, _MULTIPOLYGON, _POINT = 3, 6, 0


@dataclass(frozen=True, slots=True)
class Repaired:
    """What became of n geometries.

    Attributes:
        geoms: Valid points, polygons or multipolygons (n,), EPSG:4490, or None where nothing
            could be kept.
        reason: Why there is None (n,): ``empty_geometry``, ``bad_coordinates``,
            ``not_polygon``, ``no_area`` or ``beyond_repair``; None where there is a geometry.
        repaired: Outline was invalid and was rebuilt (n,).
        cleaned: Repeated vertices or spikes were removed (n,).
        dropped_parts: Parts under 1 m² left out (n,).
        z_dropped: Heights other than 0 were dropped (n,).
        area_before_m2: Area as it came (n,), geodesic; nan for points and None.
        area_after_m2: Area now (n,), the same.
    """

    geoms: Geometries
    reason: Geometries
    repaired: Bool
    cleaned: Bool
    dropped_parts: Int
    z_dropped: Bool
    area_before_m2: Float64
    area_after_m2: Float64


def repair(geoms: Geometries) -> Repaired:
    """Repair geometries (n,) in EPSG:4490; points pass, other lines and mixtures do not."""
    came: Geometries = np.asarray(geoms, dtype=object)
    reason = _refusals(came)
    refused = reason != None  # noqa: E711  element by element
    usable = came.copy()
    usable[refused] = None
    z_dropped = _with_heights(usable)
    flat: Geometries = shapely.force_2d(usable)
    clean, cleaned = _clean(flat)
    valid, invalid = mended(clean)
    kept, dropped = _without_crumbs(valid)
    kept = shapely.orient_polygons(kept, exterior_cw=False)
    reason[shapely.is_missing(kept) & ~refused] = "no_area"
    reason[shapely.is_missing(valid) & ~shapely.is_missing(clean)] = "beyond_repair"
    before, after = measure.area(flat), measure.area(kept)
    no_area = shapely.get_type_id(flat) == _POINT
    before[no_area] = after[no_area] = np.nan
    return Repaired(kept, reason, invalid, cleaned, dropped, z_dropped, before, after)


def mended(geoms: Geometries) -> tuple[Geometries, Bool]:
    """Geometries (n,) made valid, None where that fails, and which ones were not valid before."""
    result = geoms.copy()
    invalid: Bool = ~shapely.is_valid(result) & ~shapely.is_missing(result)
    todo = np.flatnonzero(invalid)
    for _ in range(_ROUNDS):  # GEOS may leave two parts side by side that it joins when asked again
        result[todo] = shapely.make_valid(result[todo], method="structure", keep_collapsed=False)
        todo = todo[~shapely.is_valid(result[todo])]
    result[todo] = None
    return result, invalid


def _with_heights(geoms: Geometries) -> Bool:
    """Geometries (n,) with a height that says something; many files carry zeros throughout."""
    xyz, owner = shapely.get_coordinates(geoms, include_z=True, return_index=True)
    found = np.zeros(len(geoms), dtype=bool)
    found[owner[np.isfinite(xyz[:, 2]) & (xyz[:, 2] != 0)]] = True
    return found


def _refusals(geoms: Geometries) -> Geometries:
    """Reason why a geometry cannot be taken at all, else None (n,)."""
    reason = np.full(len(geoms), None, dtype=object)
    kinds = shapely.get_type_id(geoms)
    reason[~np.isin(kinds, (_POINT, _POLYGON, _MULTIPOLYGON))] = "not_polygon"
    xy, owner = shapely.get_coordinates(geoms, return_index=True)
    reason[owner[~np.isfinite(xy).all(axis=1)]] = "bad_coordinates"
    reason[shapely.is_missing(geoms) | shapely.is_empty(geoms)] = "empty_geometry"
    return reason


def _clean(geoms: Geometries) -> tuple[Geometries, Bool]:
    """Remove repeated vertices and spikes; only outlines that have some are rebuilt."""
    result = geoms.copy()
    cleaned = np.zeros(len(geoms), dtype=bool)
    todo = np.flatnonzero(np.isin(shapely.get_type_id(geoms), (_POLYGON, _MULTIPOLYGON)))
    for _ in range(_ROUNDS):  # a spike may hide another; what is left after four is for make_valid
        rings = _Rings(result[todo])
        drop = rings.superfluous()
        touched = np.unique(rings.geometry_of_vertex[drop])
        if not len(touched):
            break
        result[todo[touched]] = rings.rebuilt(~drop)[touched]
        cleaned[todo[touched]] = True
        todo = todo[touched]
        todo = todo[~shapely.is_missing(result[todo])]
    return result, cleaned


class _Rings:
    """The rings of many polygons laid flat: open vertices with the ring each belongs to."""

    def __init__(self, polygons: Geometries) -> None:
        self._count = len(polygons)
        parts, self._geometry_of_part = shapely.get_parts(polygons, return_index=True)
        rings, self._part_of_ring = shapely.get_rings(parts, return_index=True)
        self._shell = np.append(True, np.diff(self._part_of_ring) > 0)[: len(rings)]
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        last = np.append(np.diff(ring) > 0, True)[: len(ring)]
        self._xy: Float64 = xy[~last]
        self._ring: Int = ring[~last]
        self.geometry_of_vertex: Int = self._geometry_of_part[self._part_of_ring[self._ring]]

    def superfluous(self) -> Bool:
        """Vertices equal to the one before, or at the tip of a spike (every other one of a run)."""
        before, after = self._neighbours()
        metres = self._xy * _METRES_A_DEGREE
        metres[:, 0] *= np.cos(np.radians(self._xy[:, 1]))
        back, on = metres[before] - metres, metres[after] - metres
        long_back, long_on = np.hypot(*back.T), np.hypot(*on.T)
        cross = np.abs(back[:, 0] * on[:, 1] - back[:, 1] * on[:, 0])
        folded = (back * on).sum(axis=1) > 0
        sharp = cross <= _SPIKE_SINE * long_back * long_on
        narrow = cross <= SPIKE_M * np.maximum(long_back, long_on)
        repeated: Bool = (self._xy == self._xy[before]).all(axis=1)
        tip = folded & sharp & narrow & ~repeated
        drop: Bool = repeated | (tip & ~tip[before])
        return drop

    def rebuilt(self, keep: Bool) -> Geometries:
        """The polygons from the vertices kept; rings under three vertices vanish."""
        xy, ring = self._xy[keep], self._ring[keep]
        size = np.bincount(ring, minlength=len(self._part_of_ring))
        alive = (size >= 3) & (size[self._shell_of_ring()] >= 3)
        use = alive[ring]
        number = np.cumsum(alive) - 1
        lines = shapely.linearrings(xy[use], indices=number[ring[use]])
        parts_alive, part = np.unique(self._part_of_ring[alive], return_inverse=True)
        result = np.full(self._count, None, dtype=object)
        if len(parts_alive):
            polygons = shapely.polygons(lines, indices=part)
            result = _gathered(polygons, self._geometry_of_part[parts_alive], self._count)
        return result

    def _shell_of_ring(self) -> Int:
        shells: Int = np.flatnonzero(self._shell)
        of_ring: Int = shells[np.cumsum(self._shell) - 1]
        return of_ring

    def _neighbours(self) -> tuple[Int, Int]:
        """Index of the vertex before and after each one, round its ring."""
        count = np.bincount(self._ring)
        count = count[count > 0]
        end = np.cumsum(count)
        start = end - count
        before = np.arange(len(self._ring)) - 1
        after = before + 2
        before[start] = end - 1
        after[end - 1] = start
        return before, after


def _without_crumbs(geoms: Geometries) -> tuple[Geometries, Int]:
    """Polygonal parts of at least 1 m², gathered again, and how many smaller ones there were."""
    result = geoms.copy()
    dropped = np.zeros(len(geoms), dtype=np.int64)
    todo = np.flatnonzero(~np.isin(shapely.get_type_id(geoms), (-1, _POINT)))
    parts, owner = shapely.get_parts(geoms[todo], return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)  # a collection may hold multis
    owner = owner[inner]
    small = measure.area(parts) < LEAST_PART_M2
    polygonal = shapely.get_type_id(parts) == _POLYGON
    dropped[todo] = np.bincount(owner[small & polygonal], minlength=len(todo))
    changed = np.unique(owner[small | ~polygonal])
    keep = ~small & polygonal
    gathered = _gathered(parts[keep], owner[keep], len(todo))
    unpacked = np.flatnonzero(shapely.get_type_id(geoms[todo]) == 7)
    changed = np.union1d(changed, unpacked)
    result[todo[changed]] = gathered[changed]
    return result, dropped


def _gathered(polygons: Geometries, owner: Int, count: int) -> Geometries:
    """Polygons with ascending owners → one geometry an owner: polygon, multipolygon or None."""
    result = np.full(count, None, dtype=object)
    size = np.bincount(owner, minlength=count)
    single = size[owner] == 1
    result[owner[single]] = polygons[single]
    several, group = np.unique(owner[~single], return_inverse=True)
    if len(several):
        result[several] = shapely.multipolygons(polygons[~single], indices=group)
    return result
