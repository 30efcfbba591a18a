"""What speaks for each system a file's coordinates may be in, and what against it.

Every system in use here is tried, both axis orders: by the size of the numbers, the positions and the
counties that rows state, and the rivers that plots lie on. ``verdict`` draws the conclusion.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from georeview.geometry.land import Land
from georeview.geometry.systems import Crs, Float64, exchanged, inverse, known

Extent = tuple[float, float, float, float]

BAZHONG: Final[Extent] = (106.30, 31.20, 107.80, 32.80)
"""Where the plots of this city are expected, degrees."""

ENOUGH: Final = 0.95
"""Share of points that must fall into the expected area, or into the county their rows state."""

AGREES_M: Final = 300.0
"""Attributes that state a position within this bear a system out."""

FEWEST: Final = 5
"""Rows that must state a county before counties decide anything."""

PREFIXED_M: Final = 1_000_000.0
"""False eastings from here on begin with the number of a zone."""

_TRIED: Final = (4490, 4545, 4524, 4544, 4523, 4496, 32648, 3857)
_SAMPLE: Final = 5_000


@dataclass(frozen=True, slots=True)
class CrsHints:
    """What else is known about the points.

    Attributes:
        expected: West, south, east, north in degrees where they should lie.
        lonlat: Longitude and latitude (n, 2) that attributes state for the same points, nan
            where they state none.
        counties: Code of the county that attributes state for the same points (n,), ``None``
            where they state none.
        land: Counties and rivers.
    """

    expected: Extent = BAZHONG
    lonlat: Float64 | None = None
    counties: NDArray[np.object_] | None = None
    land: Land = Land()  # noqa: RUF009  an immutable value


@dataclass(frozen=True, slots=True)
class Because:
    """One reason for or against a system; its sentence is ``crs.because.<code>``."""

    code: str
    facts: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A system the coordinates may be in.

    Attributes:
        crs: The system; the name of its code brings a file in.
        share: Share of the points that then lie in the expected area, 0-1.
        off_m: Median distance to the positions stated in attributes, ``None`` without any.
        in_county: Share of the points that then lie in the county their rows state, ``None``
            where fewer than five state one.
        near_river: Share of the points that then lie on a river, ``None`` where none is known.
    """

    crs: Crs
    share: float
    off_m: float | None = None
    in_county: float | None = None
    near_river: float | None = None

    @property
    def swapped(self) -> bool:
        """Whether north stands before east."""
        return self.crs.swapped

    @property
    def because(self) -> tuple[Because, ...]:
        """What speaks for it, and what against it."""
        found = [_range(self.crs)]
        if self.swapped:
            found.append(Because("swapped"))
        found.append(Because("inside", {"pct": _pct(self.share)}))
        if self.off_m is not None:
            code = "position_agrees" if self.off_m <= AGREES_M else "position_differs"
            found.append(Because(code, {"off_m": round(self.off_m)}))
        if self.in_county is not None:
            code = "county_agrees" if self.in_county >= ENOUGH else "county_differs"
            found.append(Because(code, {"pct": _pct(self.in_county)}))
        if self.near_river is not None:
            found.append(Because("near_river", {"pct": _pct(self.near_river)}))
        return tuple(found)


def candidates(xy: Float64, hints: CrsHints | None = None) -> tuple[Candidate, ...]:
    """Systems under which the points fall into the expected area, best evidence first.

    Ranked by agreement with stated positions, with stated counties, by plots on rivers, then axes
    as they are before exchanged ones. More than one, or one of numbers alone, means: ask.

    Args:
        xy: One or more points of each plot (n, 2), as in the file.
        hints: What else is known.
    """
    hints = hints or CrsHints()
    fitting = [
        tried(xy, candidate.crs, hints)
        for epsg in _TRIED
        for candidate in _both_ways(xy, known(epsg), hints)
        if candidate.share >= ENOUGH
    ]
    return tuple(sorted(fitting, key=_rank))


def tried(xy: Float64, crs: Crs, hints: CrsHints) -> Candidate:
    """A system with all that speaks for and against it.

    Args:
        xy: One or more points of each plot (n, 2), as in the file.
        crs: The system.
        hints: What else is known.
    """
    lonlat = places(xy, crs)
    return Candidate(
        crs,
        _share(lonlat, hints.expected),
        _off_m(lonlat, hints),
        _in_county(lonlat, hints),
        _near_river(lonlat, hints.land),
    )


def _both_ways(xy: Float64, crs: Crs, hints: CrsHints) -> Iterator[Candidate]:
    """The system with axes as they are, then exchanged, by numbers alone."""
    for way in (crs, exchanged(crs)):
        yield Candidate(way, _share(places(xy, way), hints.expected))


def places(xy: Float64, crs: Crs) -> Float64:
    """Longitude and latitude (m, 2) of a sample of the points; ``inf`` where they are no place."""
    with np.errstate(all="ignore"):
        return inverse(_sample(xy), crs)


def _sample(xy: Float64) -> Float64:
    return xy[:: _step(len(xy))]


def _step(n: int) -> int:
    """Which one of n rows is looked at."""
    return max(1, n // _SAMPLE)


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


def _in_county(lonlat: Float64, hints: CrsHints) -> float | None:
    if hints.counties is None or not hints.land.counties:
        return None
    stated = hints.counties[:: _step(len(hints.counties))]
    says = stated != None  # noqa: E711  element by element
    if says.sum() < FEWEST:
        return None
    return float((hints.land.county_at(lonlat[says]) == stated[says]).mean())


def _near_river(lonlat: Float64, land: Land) -> float | None:
    return float(land.near_river(lonlat).mean()) if land.rivers and len(lonlat) else None


def _range(crs: Crs) -> Because:
    """What the size of the numbers says."""
    if crs.degrees:
        return Because("degrees")
    if crs.method == "webmerc":
        return Because("mercator")
    meridian = {"meridian": round(crs.central_meridian)}
    if crs.scale != 1.0:
        return Because("utm", meridian)
    if crs.false_easting_m < PREFIXED_M:
        return Because("no_prefix", meridian)
    return Because("prefix", {**meridian, "zone": int(crs.false_easting_m // PREFIXED_M)})


def _pct(share: float) -> float:
    return round(100 * share, 1)


def _rank(candidate: Candidate) -> tuple[float, float, float, bool, float]:
    off_m = np.inf if candidate.off_m is None else round(candidate.off_m, -1)
    county, river = candidate.in_county or 0.0, candidate.near_river or 0.0
    return (off_m, -round(county, 2), -round(river, 1), candidate.swapped, -candidate.share)
