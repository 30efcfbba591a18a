"""The way to EPSG:4490 and back: what is taken, what it is in, and the transformation itself.

Nothing is guessed silently: ``evidence`` and ``verdict`` say which system a file is really in.
"""

from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry.evidence import (
    BAZHONG,
    Because,
    Candidate,
    CrsHints,
    candidates,
    tried,
)
from georeview.geometry.systems import Crs, Float64, accepted, forward, inverse, known, parse
from georeview.geometry.verdict import Weighed, called, choose, weigh

__all__ = [
    "BAZHONG",
    "EXPORT_CODES",
    "Because",
    "Candidate",
    "Crs",
    "CrsHints",
    "Float64",
    "Weighed",
    "accepted",
    "called",
    "candidates",
    "choose",
    "forward",
    "inverse",
    "known",
    "outside",
    "parse",
    "project",
    "to_4490",
    "tried",
    "weigh",
]

Geometries = NDArray[np.object_]
Extent = tuple[float, float, float, float]

EXPORT_CODES: Final = (4490, 4524, 4545, 4523, 4544, 4496, 4507, 4326, 3857, 32648)
"""EPSG codes results may be written in."""

CHINA: Final[Extent] = (73.0, 3.0, 136.0, 54.0)
"""West, south, east, north in degrees, islands included."""


def to_4490(geoms: Geometries, source: Crs) -> Geometries:
    """Bring geometries to EPSG:4490, longitude first, two-dimensional.

    Coordinates that are no place in the system come back as ``inf``; ``repair`` then sets that
    geometry aside and the others go on.

    Args:
        geoms: Geometries (n,) with east, north (or longitude, latitude); None stays None.
        source: The system they are in.

    Raises:
        CrsOldDatum: See ``accepted``.
        CrsNotAccepted: See ``accepted``.
    """
    accepted(source)
    moved: Geometries = shapely.transform(geoms, lambda xy: inverse(xy, source))
    return moved


def project(geoms: Geometries, target: Crs) -> Geometries:
    """Bring geometries in EPSG:4490 to another accepted system, for display and export."""
    accepted(target)
    if target.degrees:
        return geoms
    moved: Geometries = shapely.transform(geoms, lambda lonlat: forward(lonlat, target))
    return moved


def outside(geoms: Geometries, extent: Extent = CHINA) -> NDArray[np.bool_]:
    """Which geometries (n,) in EPSG:4490 lie wholly or partly outside an extent."""
    box = shapely.bounds(geoms)
    west, south, east, north = extent
    beyond: NDArray[np.bool_] = (
        (box[:, 0] < west) | (box[:, 1] < south) | (box[:, 2] > east) | (box[:, 3] > north)
    )
    return beyond
