"""Which system a file is taken in: the declared one where it is borne out, or the one rows single out.

Numbers alone prove nothing, for the old datums have the same ones; otherwise a person is asked. Each
way in which a file contradicts itself has a refusal of its own.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from georeview.errors import BadValue
from georeview.errors.coordinates import (
    AxesSwapped,
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
from georeview.geometry.evidence import (
    AGREES_M,
    ENOUGH,
    PREFIXED_M,
    Because,
    Candidate,
    CrsHints,
    candidates,
    places,
    tried,
)
from georeview.geometry.systems import Crs, Float64, accepted, exchanged

FAR_BETTER: Final = 0.3
"""By how much more of the plots another system must bring to rivers to cast doubt on a stated one."""


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
    """Another system that brings far more of the plots to rivers."""
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
    x, y = np.median(xy, axis=0) if len(xy) else (np.nan, np.nan)
    return CrsUntold(x=_number(x), y=_number(y))


def _contradiction(xy: Float64, declared: Crs, hints: CrsHints) -> BadValue:
    """The declared system leads elsewhere: what does not."""
    if not declared.swapped:
        other_way = exchanged(declared)
        if tried(xy, other_way, hints).share >= ENOUGH:
            return AxesSwapped(crs=called(declared), offer=other_way.code or "EPSG:n+YX")
    found = candidates(xy, hints)
    straight = tuple(candidate for candidate in found if not candidate.swapped)
    if straight:
        return _told_apart(declared, straight)
    if found:
        return AxesSwapped(crs=called(found[0].crs), offer=found[0].crs.code)
    lon, lat = np.median(places(xy, declared), axis=0)
    return OutsideArea(crs=called(declared), lon=_degrees(lon), lat=_degrees(lat))


def _told_apart(declared: Crs, found: tuple[Candidate, ...]) -> CrsContradicted:
    """How the declared system differs from the one that fits best, each in a sentence of its own."""
    best = found[0].crs
    kind = CrsContradicted
    if declared.degrees != best.degrees:
        kind = CrsIsDegrees if best.degrees else CrsIsMetres
    elif declared.method == best.method == "tmerc" and declared.scale == best.scale:
        prefixed = declared.false_easting_m >= PREFIXED_M
        if declared.central_meridian != best.central_meridian:
            kind = CrsWrongZone
        elif prefixed != (best.false_easting_m >= PREFIXED_M):
            kind = ZonePrefixMissing if prefixed else ZonePrefixExtra
    return kind(declared=called(declared), candidates=_names(found))


def _names(found: tuple[Candidate, ...]) -> str:
    return ", ".join(dict.fromkeys(called(candidate.crs) for candidate in found))


def _degrees(value: float) -> str:
    return f"{value:.3f}" if np.isfinite(value) else "-"


def _number(value: float) -> str:
    return f"{value:.1f}" if np.isfinite(value) else "-"
