"""Where a file's coordinates lie: the stated system if they bear it out, else the evidence."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry import crs as systems
from georeview.geometry.crs import Candidate, CrsHints
from georeview.geometry.systems import Crs, parse

Geometries = NDArray[np.object_]
AGREES_M = 300.0
"""Attributes that state a position within this bear a system out."""


def place(
    geoms: Geometries,
    stated: str | None,
    given: str | None,
    *,
    expected: tuple[float, float, float, float],
    lonlat: NDArray[np.float64] | None = None,
) -> tuple[Geometries, Crs, str]:
    """Geometries in EPSG:4490, the system they came in, and what spoke for it.

    Args:
        geoms: Geometries (n,) in the file's coordinates.
        stated: What the file says (``EPSG:n`` or WKT).
        given: What the user says; goes before the file.
        expected: Where they should lie: west, south, east, north in degrees.
        lonlat: Positions (n, 2) that attributes state, nan where none.

    Raises:
        GeoreviewError: The system is unknown, old, contradicted by the coordinates, or unclear.
    """
    points = _points(geoms)
    there = np.isfinite(points).all(axis=1)
    hints = CrsHints(expected, lonlat[there] if lonlat is not None else None)
    declared = parse(given or stated or "") if given or stated else None
    if declared is not None:
        chosen = systems.choose(points[there], declared, hints)
        return systems.to_4490(geoms, chosen), chosen, "given" if given else "file"
    found = systems.candidates(points[there], hints)
    sure = _sure(found)
    if sure is None:
        # choose() without a declaration names the candidates in its refusal.
        sure = systems.choose(points[there], None, hints)
    return systems.to_4490(geoms, sure), sure, "evidence"


def _sure(found: Sequence[Candidate]) -> Crs | None:
    """The one system that stated positions single out; numbers alone prove nothing."""
    agreeing = [c for c in found if not c.swapped and c.off_m is not None and c.off_m <= AGREES_M]
    return agreeing[0].crs if len(agreeing) == 1 else None


def _points(geoms: Geometries) -> NDArray[np.float64]:
    """One vertex of each geometry (n, 2); nan where there is none."""
    first = np.full((len(geoms), 2), np.nan)
    xy, owner = shapely.get_coordinates(geoms, return_index=True)
    rows, start = np.unique(owner, return_index=True)
    first[rows] = xy[start]
    return first
