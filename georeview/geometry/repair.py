"""Polygons as they come from outside → valid, two-dimensional polygons, each change noted.

The rule, in this order: heights and measures are dropped; what is no polygon is made one where it
encloses an area (``assemble``); repeated vertices and spikes (turning back on
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
from georeview.geometry.assemble import METRES_A_DEGREE, assembled
from georeview.geometry.outline import cleaned, gathered

Geometries = NDArray[np.object_]
Bool = NDArray[np.bool_]
Int = NDArray[np.int64]
Float64 = NDArray[np.float64]

LEAST_PART_M2: Final = 1.0
_ROUNDS: Final = 4
_POLYGON, _MULTIPOLYGON, _POINT, _COLLECTION = 3, 6, 0, 7


@dataclass(frozen=True, slots=True)
class Repaired:
    """What became of n geometries.

    Attributes:
        geoms: Valid points, polygons or multipolygons (n,), EPSG:4490, or None where nothing
            could be kept.
        reason: Why there is None (n,): ``empty_geometry``, ``bad_coordinates``,
            ``not_polygon``, ``no_area`` or ``beyond_repair``; None where there is a geometry.
        closed: Made from closed lines (n,).
        left_out: Points or lines beside its polygons were left out (n,).
        repaired: Outline was invalid and was rebuilt (n,).
        overlapping: It was invalid because sound parts lay over each other (n,).
        cleaned: Repeated vertices or spikes were removed (n,).
        dropped_parts: Parts under 1 m² left out (n,).
        z_dropped: Heights other than 0 were dropped (n,).
        m_dropped: Measures other than 0 were dropped (n,).
        area_before_m2: Area as it came (n,), geodesic, overlapping parts counted twice and
            crossing lobes against each other; nan for points and None.
        area_after_m2: Area now (n,), geodesic; the same.
        perimeter_m: Length of all rings now (n,), geodesic; nan for points and None.
    """

    geoms: Geometries
    reason: Geometries
    closed: Bool
    left_out: Bool
    repaired: Bool
    overlapping: Bool
    cleaned: Bool
    dropped_parts: Int
    z_dropped: Bool
    m_dropped: Bool
    area_before_m2: Float64
    area_after_m2: Float64
    perimeter_m: Float64


def repair(geoms: Geometries, source: Geometries | None = None) -> Repaired:
    """Repair geometries in EPSG:4490; points pass, open lines and mixtures do not.

    Args:
        geoms: Geometries (n,).
        source: The same as they came (n,), where heights and measures went on the way.
    """
    came: Geometries = np.asarray(geoms, dtype=object)
    unusable = _unusable(came)
    usable = came.copy()
    usable[unusable != None] = None  # noqa: E711  element by element
    z_dropped, m_dropped = _with_heights(came if source is None else source)
    made = assembled(shapely.force_2d(usable))
    clean, touched = cleaned(made.geoms)
    valid, invalid = mended(clean)
    kept, dropped = _without_crumbs(valid)
    reason = _reasons(unusable, clean, valid, kept)
    kept[reason != None] = None  # noqa: E711
    kept = shapely.orient_polygons(kept, exterior_cw=False)
    before, after, perimeter = _sizes(made.geoms, kept, touched | invalid | (dropped > 0))
    return Repaired(
        geoms=kept,
        reason=reason,
        closed=made.closed,
        left_out=made.left_out,
        repaired=invalid,
        overlapping=invalid & _of_sound_parts(clean),
        cleaned=touched,
        dropped_parts=dropped,
        z_dropped=z_dropped,
        m_dropped=m_dropped,
        area_before_m2=before,
        area_after_m2=after,
        perimeter_m=perimeter,
    )


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


def _with_heights(geoms: Geometries) -> tuple[Bool, Bool]:
    """Geometries (n,) with heights, and with measures, that say something; zeros say nothing."""
    found = np.zeros((2, len(geoms)), dtype=bool)
    some = np.flatnonzero(shapely.has_z(geoms) | shapely.has_m(geoms))
    more, owner = shapely.get_coordinates(
        geoms[some], include_z=True, include_m=True, return_index=True
    )
    for which, values in enumerate(more[:, 2:].T):
        found[which, some[owner[np.isfinite(values) & (values != 0)]]] = True
    return found[0], found[1]


def _unusable(geoms: Geometries) -> Geometries:
    """Reason why a geometry cannot be looked at at all, else None (n,)."""
    reason = np.full(len(geoms), None, dtype=object)
    xy, owner = shapely.get_coordinates(geoms, return_index=True)
    reason[owner[~np.isfinite(xy).all(axis=1)]] = "bad_coordinates"
    reason[shapely.is_missing(geoms) | shapely.is_empty(geoms)] = "empty_geometry"
    return reason


def _reasons(
    unusable: Geometries, clean: Geometries, valid: Geometries, kept: Geometries
) -> Geometries:
    """Why nothing is kept of a geometry (n,), None where something is."""
    reason = unusable.copy()
    open_ = reason == None  # noqa: E711  element by element
    reason[open_ & shapely.is_missing(kept)] = "no_area"
    reason[shapely.is_missing(valid) & ~shapely.is_missing(clean)] = "beyond_repair"
    kinds = shapely.get_type_id(clean)
    reason[open_ & ~np.isin(kinds, (-1, _POINT, _POLYGON, _MULTIPOLYGON))] = "not_polygon"
    return reason


def _of_sound_parts(geoms: Geometries) -> Bool:
    """Multipolygons (n,) of which every part is valid by itself."""
    sound = np.zeros(len(geoms), dtype=bool)
    multi = np.flatnonzero(shapely.get_type_id(geoms) == _MULTIPOLYGON)
    parts, owner = shapely.get_parts(geoms[multi], return_index=True)
    spoilt = np.zeros(len(multi), dtype=bool)
    spoilt[owner[~shapely.is_valid(parts)]] = True
    sound[multi[~spoilt]] = True
    return sound


def _sizes(came: Geometries, kept: Geometries, changed: Bool) -> tuple[Float64, Float64, Float64]:
    """Area before, area after and perimeter (n,); measured again only where something changed."""
    before, perimeter = measure.sizes(came)
    no_area = ~np.isin(shapely.get_type_id(came), (_POLYGON, _MULTIPOLYGON))
    before[no_area] = perimeter[no_area] = np.nan
    after = before.copy()
    after[changed], perimeter[changed] = measure.sizes(kept[changed])
    after[no_area] = perimeter[no_area] = np.nan
    return before, after, perimeter


def _without_crumbs(geoms: Geometries) -> tuple[Geometries, Int]:
    """Polygonal parts of at least 1 m², gathered again, and how many smaller ones there were."""
    result = geoms.copy()
    dropped = np.zeros(len(geoms), dtype=np.int64)
    todo = np.flatnonzero(~np.isin(shapely.get_type_id(geoms), (-1, _POINT)))
    parts, owner = shapely.get_parts(geoms[todo], return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)  # a collection may hold multis
    owner = owner[inner]
    small, polygonal = _small(parts), shapely.get_type_id(parts) == _POLYGON
    dropped[todo] = np.bincount(owner[small & polygonal], minlength=len(todo))
    changed = np.unique(owner[small | ~polygonal])
    keep = ~small & polygonal
    together = gathered(parts[keep], owner[keep], len(todo))
    unpacked = np.flatnonzero(shapely.get_type_id(geoms[todo]) == _COLLECTION)
    changed = np.union1d(changed, unpacked)
    result[todo[changed]] = together[changed]
    return result, dropped


def _small(parts: Geometries) -> Bool:
    """Parts (m,) under 1 m²; measured exactly only where a flat guess says under 2 m²."""
    small: Bool = shapely.area(parts) * METRES_A_DEGREE**2 < 2 * LEAST_PART_M2
    small[small] = measure.area(parts[small]) < LEAST_PART_M2
    return small
