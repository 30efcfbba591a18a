"""Outlines without repeated vertices and spikes, for many polygons at once."""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry.assemble import METRES_A_DEGREE

Geometries = NDArray[np.object_]
Bool = NDArray[np.bool_]
Int = NDArray[np.int64]
Float64 = NDArray[np.float64]

SPIKE_M: Final = 0.02
"""A fold narrower than this is a spike."""

_ROUNDS: Final = 4
_SPIKE_SINE: Final = 1e-3
_POLYGON, _MULTIPOLYGON = 3, 6


def cleaned(geoms: Geometries) -> tuple[Geometries, Bool]:
    """Polygons (n,) without repeated vertices and spikes, and which had some; None stays None."""
    result = geoms.copy()
    touched_ones = np.zeros(len(geoms), dtype=bool)
    todo = np.flatnonzero(np.isin(shapely.get_type_id(geoms), (_POLYGON, _MULTIPOLYGON)))
    for _ in range(_ROUNDS):  # a spike may hide another; what is left after four is for make_valid
        rings = _Rings(result[todo])
        drop = rings.superfluous()
        touched = np.unique(rings.geometry_of_vertex[drop])
        if not len(touched):
            break
        result[todo[touched]] = rings.rebuilt(~drop)[touched]
        touched_ones[todo[touched]] = True
        todo = todo[touched]
        todo = todo[~shapely.is_missing(result[todo])]
    return result, touched_ones


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
        metres = self._xy * METRES_A_DEGREE
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
            result = gathered(polygons, self._geometry_of_part[parts_alive], self._count)
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


def gathered(polygons: Geometries, owner: Int, count: int) -> Geometries:
    """Polygons with ascending owners → one geometry an owner: polygon, multipolygon or None."""
    result = np.full(count, None, dtype=object)
    size = np.bincount(owner, minlength=count)
    single = size[owner] == 1
    result[owner[single]] = polygons[single]
    several, group = np.unique(owner[~single], return_inverse=True)
    if len(several):
        result[several] = shapely.multipolygons(polygons[~single], indices=group)
    return result
