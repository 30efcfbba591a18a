"""The way to EPSG:4490 and back: which systems are taken, and which one a file is really in.

What a file says about its coordinates is held against the coordinates themselves: every system
in use here is tried, both axis orders, and a file is taken only where what it declares is also
what its numbers say. Nothing is guessed silently.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.errors import (
    AxesSwapped,
    CrsContradicted,
    CrsMissing,
    CrsNotAccepted,
    CrsOldDatum,
    OutsideArea,
)
from georeview.geometry.systems import RF, Crs, Float64, forward, inverse, known, parse

__all__ = [
    "EXPORT_CODES",
    "Candidate",
    "Crs",
    "CrsHints",
    "accepted",
    "candidates",
    "choose",
    "forward",
    "inverse",
    "known",
    "outside",
    "parse",
    "project",
    "to_4490",
]

Geometries = NDArray[np.object_]
Extent = tuple[float, float, float, float]

EXPORT_CODES: Final = (4490, 4524, 4545, 4523, 4544, 4326, 3857, 32648)
"""EPSG codes results may be written in."""

CHINA: Final[Extent] = (73.0, 3.0, 136.0, 54.0)
"""West, south, east, north in degrees, islands included."""

BAZHONG: Final[Extent] = (106.30, 31.20, 107.80, 32.80)
"""Where the plots of this city are expected, degrees."""

ENOUGH: Final = 0.95
"""Share of points that must fall into the expected area."""

_TRIED: Final = (4490, 4545, 4524, 4544, 4523, 4496, 32648, 3857)
_SAMPLE: Final = 5_000
_AGREE_M: Final = 300.0


@dataclass(frozen=True, slots=True)
class CrsHints:
    """What else is known about the points.

    Attributes:
        expected: West, south, east, north in degrees where they should lie.
        lonlat: Longitude and latitude (n, 2) that attributes state for the same points, nan
            where they state none.
    """

    expected: Extent = BAZHONG
    lonlat: Float64 | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A system the coordinates may be in.

    Attributes:
        crs: The system.
        swapped: Whether east and north have to be exchanged first.
        share: Share of the points that then lie in the expected area, 0-1.
        off_m: Median distance to the positions stated in attributes, None without any.
    """

    crs: Crs
    swapped: bool
    share: float
    off_m: float | None


def accepted(crs: Crs) -> Crs:
    """The same system when plots and layers may come in it.

    Accepted are CGCS2000 and WGS 84 in degrees, every CGCS2000 Gauss-Krueger zone (with and
    without zone prefix), UTM zone 48N and Web Mercator.

    Raises:
        CrsOldDatum: Xian 1980 or Beijing 1954, for which no valid transformation is published.
        CrsNotAccepted: Any other system.
    """
    if crs.family in ("xian1980", "beijing1954"):
        raise CrsOldDatum(name=crs.name)
    utm48 = crs.central_meridian == 105 and crs.scale == 0.9996 and crs.false_easting_m == 500_000
    if (
        crs.family in RF
        and crs.method != "other"
        and not (crs.family == "wgs84" and crs.method == "tmerc" and not utm48)
    ):
        return crs
    raise CrsNotAccepted(name=crs.name)


def candidates(xy: Float64, hints: CrsHints | None = None) -> tuple[Candidate, ...]:
    """Systems under which the points fall into the expected area, best evidence first.

    Ranked by agreement with stated longitude and latitude, then by share inside, axes as they
    are before exchanged ones. More than one without such attributes means: ask.

    Args:
        xy: One or more points of each plot (n, 2), as in the file.
        hints: What else is known.
    """
    hints = hints or CrsHints()
    fitting = [
        candidate
        for epsg in _TRIED
        for candidate in _tries(xy, known(epsg), hints)
        if candidate.share >= ENOUGH
    ]
    return tuple(sorted(fitting, key=_rank))


def choose(xy: Float64, declared: Crs | None, hints: CrsHints | None = None) -> Crs:
    """The declared system when the coordinates bear it out.

    Args:
        xy: One or more points of each plot (n, 2), as in the file.
        declared: What the file or the user says; None when nobody does.
        hints: What else is known.

    Raises:
        CrsMissing: Nothing is declared.
        CrsOldDatum: See ``accepted``.
        CrsNotAccepted: See ``accepted``.
        AxesSwapped: The coordinates fit only the other way round.
        CrsContradicted: They fit another system instead.
        OutsideArea: They fit none in the expected area.
    """
    hints = hints or CrsHints()
    if declared is None:
        raise CrsMissing(candidates=_names(candidates(xy, hints)))
    accepted(declared)
    plain, swapped = _tries(xy, declared, hints)
    if plain.share >= ENOUGH:
        if plain.off_m is not None and plain.off_m > _AGREE_M:
            _refuse_if_better(candidates(xy, hints), plain, declared)
        return declared
    if swapped.share >= ENOUGH:
        raise AxesSwapped(crs=_name(declared))
    if others := candidates(xy, hints):
        raise CrsContradicted(declared=_name(declared), candidates=_names(others))
    lon, lat = np.median(inverse(_sample(xy), declared), axis=0)
    raise OutsideArea(crs=_name(declared), lon=_degrees(lon), lat=_degrees(lat))


def to_4490(geoms: Geometries, source: Crs) -> Geometries:
    """Bring geometries to EPSG:4490, longitude first.

    Heights stay as they are, for ``repair`` to drop with a note. Coordinates that are no place in
    the system come back as ``inf``; ``repair`` then sets that geometry aside and the others go on.

    Args:
        geoms: Geometries (n,) with east, north (or longitude, latitude); None stays None.
        source: The system they are in.

    Raises:
        CrsOldDatum: See ``accepted``.
        CrsNotAccepted: See ``accepted``.
    """
    accepted(source)
    moved: Geometries = shapely.transform(geoms, lambda xy: inverse(xy, source))
    high = shapely.has_z(geoms)
    moved[high] = shapely.transform(
        geoms[high],
        lambda xyz: np.column_stack([inverse(xyz[:, :2], source), xyz[:, 2]]),
        include_z=True,
    )
    return moved


def project(geoms: Geometries, target: Crs) -> Geometries:
    """Bring geometries in EPSG:4490 to another accepted system, for display and export."""
    accepted(target)
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


def _tries(xy: Float64, crs: Crs, hints: CrsHints) -> Iterator[Candidate]:
    """The system with axes as they are, then exchanged."""
    points = _sample(xy)
    for swapped in (False, True):
        with np.errstate(all="ignore"):
            lonlat = inverse(points[:, ::-1] if swapped else points, crs)
        yield Candidate(crs, swapped, _share(lonlat, hints.expected), _off_m(lonlat, hints))


def _sample(xy: Float64) -> Float64:
    return xy[:: max(1, len(xy) // _SAMPLE)]


def _share(lonlat: Float64, extent: Extent) -> float:
    west, south, east, north = extent
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return float(inside.mean()) if len(inside) else 0.0


def _off_m(lonlat: Float64, hints: CrsHints) -> float | None:
    """Median distance to the stated positions on a sphere, metres; metres are enough here."""
    if hints.lonlat is None:
        return None
    lonlat = np.where(np.isfinite(lonlat), lonlat, np.nan)
    step = (lonlat - _sample(hints.lonlat)) * 111_320.0
    step[:, 0] *= np.cos(np.radians(lonlat[:, 1]))
    known_ones = np.isfinite(step).all(axis=1)
    return float(np.median(np.hypot(*step[known_ones].T))) if known_ones.any() else None


def _rank(candidate: Candidate) -> tuple[float, bool, float]:
    off_m = np.inf if candidate.off_m is None else round(candidate.off_m, -1)
    return (off_m, candidate.swapped, -candidate.share)


def _refuse_if_better(found: tuple[Candidate, ...], plain: Candidate, declared: Crs) -> None:
    best = found[0] if found else plain
    if best.off_m is not None and best.off_m <= _AGREE_M:
        raise CrsContradicted(declared=_name(declared), candidates=_names((best,)))


def _name(crs: Crs) -> str:
    return crs.code or crs.name


def _names(found: tuple[Candidate, ...]) -> str:
    return ", ".join(dict.fromkeys(_name(c.crs) for c in found if not c.swapped)) or "-"


def _degrees(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else "-"
