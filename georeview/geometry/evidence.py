"""Which system a file's coordinates are in: every one in use here is tried, and reasons are given.

What a file says is held against its numbers: both axis orders of every system, the positions and
the counties that its rows state, and the rivers that plots lie on. A file is taken where what it
declares is also what its numbers say, or where its rows single a system out; otherwise a person is
asked, and shown what speaks for each.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from georeview.errors import (
    AxesSwapped,
    BadValue,
    CrsContradicted,
    CrsIsDegrees,
    CrsIsMetres,
    CrsMissing,
    CrsUntold,
    CrsWrongZone,
    OutsideArea,
    ZonePrefixExtra,
    ZonePrefixMissing,
)
from georeview.geometry.land import Land
from georeview.geometry.systems import Crs, Float64, accepted, exchanged, inverse, known

Extent = tuple[float, float, float, float]

BAZHONG: Final[Extent] = (106.30, 31.20, 107.80, 32.80)
"""Where the plots of this city are expected, degrees."""

ENOUGH: Final = 0.95
"""Share of points that must fall into the expected area, or into the county their rows state."""

AGREES_M: Final = 300.0
"""Attributes that state a position within this bear a system out."""

FEWEST: Final = 5
"""Rows that must state a county before counties decide anything."""

FAR_BETTER: Final = 0.3
"""By how much more of the plots another system must bring to rivers to cast doubt on a stated one."""

_TRIED: Final = (4490, 4545, 4524, 4544, 4523, 4496, 32648, 3857)
_SAMPLE: Final = 5_000
_PREFIXED_M: Final = 1_000_000.0


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


@dataclass(frozen=True, slots=True)
class Weighed:
    """What became of weighing a file's coordinates.

    Attributes:
        crs: The system to take it in, ``None`` where that is refused.
        by: What spoke for it: ``declared`` or ``evidence``.
        because: The reasons for it, where the file named none.
        doubt: A system that brings far more plots to the rivers than the declared one.
        refusal: Why there is no system.
    """

    crs: Crs | None
    by: str = "declared"
    because: tuple[Because, ...] = ()
    doubt: Candidate | None = None
    refusal: BadValue | None = None


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
    lonlat = _lonlat(xy, crs)
    return Candidate(
        crs,
        _share(lonlat, hints.expected),
        _off_m(lonlat, hints),
        _in_county(lonlat, hints),
        _near_river(lonlat, hints.land),
    )


def weigh(xy: Float64, declared: Crs | None, hints: CrsHints | None = None) -> Weighed:
    """The declared system when the coordinates bear it out, or the one that rows single out.

    Args:
        xy: One or more points of each plot (n, 2), as in the file.
        declared: What the file or the user says; ``None`` when nobody does.
        hints: What else is known.

    Raises:
        CrsOldDatum: See ``accepted``.
        CrsNotAccepted: See ``accepted``.
    """
    hints = hints or CrsHints()
    if declared is None:
        found = candidates(xy, hints)
        best = _singled_out(found)
        if best is None:
            return Weighed(None, refusal=_untold(xy, found))
        return Weighed(best.crs, "evidence", best.because)
    accepted(declared)
    plain = tried(xy, declared, hints)
    if plain.share < ENOUGH:
        return Weighed(None, refusal=_contradiction(xy, declared, hints))
    if not _denied(plain):
        return Weighed(declared, doubt=_doubt(xy, plain, hints))
    better = _singled_out(candidates(xy, hints))
    if better is None or better.crs == declared:
        return Weighed(declared, doubt=_doubt(xy, plain, hints))
    return Weighed(None, refusal=_told_apart(declared, (better,)))


def choose(xy: Float64, declared: Crs | None, hints: CrsHints | None = None) -> Crs:
    """The system to take the points in; see ``weigh``.

    Raises:
        CrsMissing: Nothing is declared, and several systems, or one by numbers alone, would fit.
        CrsUntold: Nothing is declared and nothing fits.
        CrsOldDatum: See ``accepted``.
        CrsNotAccepted: See ``accepted``.
        AxesSwapped: The coordinates fit only the other way round.
        CrsContradicted: They fit another system instead; of several kinds.
        OutsideArea: They fit none in the expected area.
    """
    found = weigh(xy, declared, hints)
    if found.refusal is not None:
        raise found.refusal
    if found.crs is None:
        raise AssertionError(found)
    return found.crs


def called(crs: Crs) -> str:
    """What a person calls it: its code, which ``--crs`` takes, and its name."""
    return f"{crs.code} ({crs.name})" if crs.code else crs.name


# What speaks for a system -------------------------------------------------------------------------


def _both_ways(xy: Float64, crs: Crs, hints: CrsHints) -> Iterator[Candidate]:
    """The system with axes as they are, then exchanged, by numbers alone."""
    for way in (crs, exchanged(crs)):
        yield Candidate(way, _share(_lonlat(xy, way), hints.expected))


def _lonlat(xy: Float64, crs: Crs) -> Float64:
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
    if crs.false_easting_m < _PREFIXED_M:
        return Because("no_prefix", meridian)
    return Because("prefix", {**meridian, "zone": int(crs.false_easting_m // _PREFIXED_M)})


def _pct(share: float) -> float:
    return round(100 * share, 1)


def _rank(candidate: Candidate) -> tuple[float, float, float, bool, float]:
    off_m = np.inf if candidate.off_m is None else round(candidate.off_m, -1)
    county, river = candidate.in_county or 0.0, candidate.near_river or 0.0
    return (off_m, -round(county, 2), -round(river, 1), candidate.swapped, -candidate.share)


# What follows from it -----------------------------------------------------------------------------


def _singled_out(found: tuple[Candidate, ...]) -> Candidate | None:
    """The one system that stated positions, or stated counties, bear out; numbers prove nothing."""
    by_position = [c for c in found if c.off_m is not None and c.off_m <= AGREES_M]
    by_county = [c for c in found if c.in_county is not None and c.in_county >= ENOUGH]
    agreeing = by_position if any(c.off_m is not None for c in found) else by_county
    return agreeing[0] if len(agreeing) == 1 and not agreeing[0].swapped else None


def _denied(plain: Candidate) -> bool:
    """Whether the rows speak against a declared system."""
    return (plain.off_m is not None and plain.off_m > AGREES_M) or (
        plain.off_m is None and plain.in_county is not None and plain.in_county < ENOUGH
    )


def _doubt(xy: Float64, plain: Candidate, hints: CrsHints) -> Candidate | None:
    if plain.near_river is None or plain.off_m is not None:
        return None
    for other in candidates(xy, hints):
        if (other.near_river or 0.0) - plain.near_river >= FAR_BETTER:
            return other
    return None


def _untold(xy: Float64, found: tuple[Candidate, ...]) -> BadValue:
    """The file names no system: what would fit."""
    straight = tuple(candidate for candidate in found if not candidate.swapped)
    if straight:
        return CrsMissing(candidates=_names(straight))
    if found:
        return AxesSwapped(crs=called(found[0].crs), offer=found[0].crs.code)
    x, y = np.median(_sample(xy), axis=0) if len(xy) else (np.nan, np.nan)
    return CrsUntold(x=_number(x), y=_number(y))


def _contradiction(xy: Float64, declared: Crs, hints: CrsHints) -> BadValue:
    """The declared system leads elsewhere: what does not."""
    if not declared.swapped:
        other_way = exchanged(declared)
        if _share(_lonlat(xy, other_way), hints.expected) >= ENOUGH:
            return AxesSwapped(crs=called(declared), offer=other_way.code or "EPSG:n+YX")
    found = candidates(xy, hints)
    straight = tuple(candidate for candidate in found if not candidate.swapped)
    if straight:
        return _told_apart(declared, straight)
    if found:
        return AxesSwapped(crs=called(found[0].crs), offer=found[0].crs.code)
    lon, lat = np.median(_lonlat(xy, declared), axis=0)
    return OutsideArea(crs=called(declared), lon=_degrees(lon), lat=_degrees(lat))


def _told_apart(declared: Crs, found: tuple[Candidate, ...]) -> CrsContradicted:
    """How the declared system differs from the one that fits best, each in a sentence of its own."""
    best = found[0].crs
    kind = CrsContradicted
    if declared.degrees != best.degrees:
        kind = CrsIsDegrees if best.degrees else CrsIsMetres
    elif declared.method == best.method == "tmerc" and declared.scale == best.scale:
        prefixed = declared.false_easting_m >= _PREFIXED_M
        if declared.central_meridian != best.central_meridian:
            kind = CrsWrongZone
        elif prefixed != (best.false_easting_m >= _PREFIXED_M):
            kind = ZonePrefixMissing if prefixed else ZonePrefixExtra
    return kind(declared=called(declared), candidates=_names(found))


def _names(found: tuple[Candidate, ...]) -> str:
    return ", ".join(dict.fromkeys(called(candidate.crs) for candidate in found))


def _degrees(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else "-"


def _number(value: float) -> str:
    return f"{value:.1f}" if np.isfinite(value) else "-"
