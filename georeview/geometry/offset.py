"""Whether plots stand where a phone map shows them instead of where they are.

GCJ-02 and BD-09 leave a mark: undone, they bring plots back onto the rivers, or onto the positions
that their rows state. That is told, never acted upon: a person reads the file again in the shifted
system, and its name stays with the plots.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from georeview.geometry import measure
from georeview.geometry.land import Land
from georeview.geometry.shift import SHIFTS, ShiftName
from georeview.geometry.systems import forward, known

Float64 = NDArray[np.float64]

FEWEST: Final = 20
"""Plots that must be there before rivers say anything."""

BETTER: Final = 0.25
"""By how much the share of plots on rivers must rise when the shift is undone."""

ON_RIVERS: Final = 0.6
"""Share of the plots that must then lie on rivers."""

AGREES_M: Final = 40.0
"""How near stated positions must come when the shift is undone, at the median."""

_SAMPLE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Offset:
    """A suspicion.

    Attributes:
        system: The shifted system.
        what: What stands in it: the ``plots``, or the ``positions`` their rows state.
        moved_m: How far it moves them, median.
        before: What speaks against them as they are: share on rivers, or metres off (median).
        after: The same with the shift undone.
        by: ``rivers`` (shares, 0-1) or ``positions`` (metres).
    """

    system: ShiftName
    what: Literal["plots", "positions"]
    moved_m: float
    before: float
    after: float
    by: Literal["rivers", "positions"]


def suspect(lonlat: Float64, stated: Float64 | None, land: Land) -> Offset | None:
    """The shifted system that plots, or the positions of their rows, seem to stand in.

    Args:
        lonlat: A place of each plot (n, 2), EPSG:4490.
        stated: Longitude and latitude (n, 2) that attributes state, nan where none.
        land: Where rivers run.
    """
    step = max(1, len(lonlat) // _SAMPLE)
    lonlat = lonlat[::step]
    there = np.isfinite(lonlat).all(axis=1)
    if stated is not None and (found := _by_positions(lonlat[there], stated[::step][there])):
        return found
    return _by_rivers(lonlat[there], land)


def _by_rivers(lonlat: Float64, land: Land) -> Offset | None:
    if len(lonlat) < FEWEST or not land.rivers:
        return None
    before = float(land.near_river(lonlat).mean())
    undone = {name: shift.back(lonlat) for name, shift in SHIFTS.items()}
    after = {name: float(land.near_river(places).mean()) for name, places in undone.items()}
    best = max(after, key=after.__getitem__)
    if after[best] < ON_RIVERS or after[best] - before < BETTER:
        return None
    moved = float(np.median(_metres(lonlat, undone[best])))
    return Offset(best, "plots", moved, before, after[best], "rivers")


def _by_positions(lonlat: Float64, stated: Float64) -> Offset | None:
    says = np.isfinite(stated).all(axis=1)
    if not says.any():
        return None
    plots, positions = lonlat[says], stated[says]
    before = float(np.median(_metres(plots, positions)))
    if before < 2 * AGREES_M:
        return None
    for name, shift in SHIFTS.items():
        if (off := float(np.median(_metres(shift.back(plots), positions)))) <= AGREES_M:
            return Offset(name, "plots", before, before, off, "positions")
        if (off := float(np.median(_metres(plots, shift.back(positions))))) <= AGREES_M:
            return Offset(name, "positions", before, before, off, "positions")
    return None


def _metres(one: Float64, other: Float64) -> Float64:
    """Distances (n,) between two sets of places (n, 2) in degrees."""
    start, end = (forward(places, known(measure.PLANE_EPSG)) for places in (one, other))
    return measure.true_length(np.hypot(*(end - start).T), start, end)
