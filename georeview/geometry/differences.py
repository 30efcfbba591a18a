"""Where two versions of a layer differ: what came, what went, and what fell to another feature."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry.measure import sizes

Geometries = NDArray[np.object_]
Keys = Sequence[str | None]
Change = Literal["added", "removed", "moved"]

SMALLEST_M2 = 1.0
"""Differences of areas below this are those of drawing the same line twice."""

SMALLEST_M = 1.0
"""The same for lines."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A part in which two sets of shapes differ.

    Attributes:
        change: ``added``: only the new ones cover it; ``removed``: only the old ones do; ``moved``:
            both do, but another feature than before.
        of: Place of its shape, in the new set, of what is removed in the old one.
        was: Of what moved, the place in the old set.
        shape: The part, EPSG:4490.
        area_m2: Its geodesic area; ``None`` for lines and points.
        length_m: Its geodesic length; ``None`` for areas and points.
    """

    change: Change
    of: int
    was: int | None
    shape: shapely.Geometry
    area_m2: float | None
    length_m: float | None


def differences(
    new: Geometries, old: Geometries, new_keys: Keys = (), old_keys: Keys = ()
) -> list[Difference]:
    """What is different in the new one of two versions.

    Args:
        new: Valid shapes (n,), EPSG:4490.
        old: Valid shapes (m,), EPSG:4490.
        new_keys: What names each new feature (n,), ``None`` where nothing does; nothing at all where
            features cannot be told apart, and then nothing moves.
        old_keys: The same of the old ones (m,).

    Returns:
        The parts in the order of their shapes: added, then moved, then removed.
    """
    moved = _moved(new, old, new_keys, old_keys) if len(new_keys) and len(old_keys) else []
    parts: list[tuple[Change, int, int | None, shapely.Geometry]] = [
        *(("added", n, None, part) for n, part in _outside(new, old)),
        *(("moved", n, was, part) for n, was, part in moved),
        *(("removed", n, None, part) for n, part in _outside(old, new)),
    ]
    area_m2, length_m = sizes(np.array([part for *_, part in parts], dtype=object))
    found = []
    for (change, of, was, part), m2, m in zip(parts, area_m2, length_m, strict=True):
        dimension = shapely.get_dimensions(part)
        large = (True, m >= SMALLEST_M, m2 >= SMALLEST_M2)[dimension] if dimension >= 0 else False
        if large:
            size = (round(float(m2), 1) if dimension == 2 else None,
                    round(float(m), 1) if dimension == 1 else None)  # fmt: skip
            found.append(Difference(change, of, was, part, *size))
    return found


def _outside(shapes: Geometries, others: Geometries) -> list[tuple[int, shapely.Geometry]]:
    """What of each shape the others do not cover; nothing of a shape that is there as it is."""
    known = set(_normal(others))
    changed = [n for n, wkb in enumerate(_normal(shapes)) if wkb not in known]
    tree = shapely.STRtree(others)
    return [
        (n, _without(shapes[n], others[tree.query(shapes[n], predicate="intersects")]))
        for n in changed
    ]


def _moved(
    new: Geometries, old: Geometries, new_keys: Keys, old_keys: Keys
) -> list[tuple[int, int, shapely.Geometry]]:
    """What of each area was another feature's before; each place once."""
    tree = shapely.STRtree(old)
    keys = np.array(old_keys, dtype=object)
    known = set(zip(old_keys, _normal(old), strict=True))
    there = [pair in known for pair in zip(new_keys, _normal(new), strict=True)]
    found = []
    for n in np.flatnonzero((shapely.get_dimensions(new) == 2) & ~np.array(there)).tolist():
        met = np.sort(tree.query(new[n], predicate="intersects"))
        own = keys[met] == new_keys[n]
        rest = _without(new[n], old[met[own]])
        for was in met[~own].tolist():
            if rest.is_empty:
                break
            part = _areal(shapely.intersection(rest, old[was]))
            if not part.is_empty:
                found.append((n, was, part))
                rest = _areal(shapely.difference(rest, old[was]))
    return found


def _normal(shapes: Geometries) -> list[bytes]:
    """The same bytes for the same shape, wherever its rings begin."""
    wkb: list[bytes] = shapely.to_wkb(shapely.normalize(shapes)).tolist()
    return wkb


def _without(shape: shapely.Geometry, met: Geometries) -> shapely.Geometry:
    """The shape without what it meets, in its own dimension: an edge of an area is no part of it."""
    part = shapely.difference(shape, shapely.union_all(met)) if len(met) else shape
    return _of_dimension(part, int(shapely.get_dimensions(shape)))


def _areal(shape: shapely.Geometry) -> shapely.Geometry:
    return _of_dimension(shape, 2)


def _of_dimension(shape: shapely.Geometry, dimension: int) -> shapely.Geometry:
    """Those parts of a shape that are areas (2), lines (1) or points (0)."""
    if not shape.is_empty and shapely.get_type_id(shape) != shapely.GeometryType.GEOMETRYCOLLECTION:
        return shape if shapely.get_dimensions(shape) == dimension else shapely.Polygon()
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == dimension])
