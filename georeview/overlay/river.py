"""The river each plot lies at: distance, bank and chainage along its centreline."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry import measure
from georeview.overlay.index import Line, Prepared
from georeview.overlay.plots import Plots

Int = NDArray[np.int64]
Float64 = NDArray[np.float64]

BANKS: Final = ("L", "R", "both", None)
_TANGENT_M: Final = 1.0


@dataclass(frozen=True, slots=True)
class RiverFacts:
    """Against the centrelines, one entry a plot (n,).

    Attributes:
        feature: River feature, -1 where no river is loaded.
        distance_m: Distance to its centreline, 0 where it crosses the plot.
        bank: Index into ``BANKS``, looking downstream.
        chainage_m: Distance from the upstream start of the centreline to the foot of the plot
            (to the middle of the crossing where it crosses).
    """

    feature: Int
    distance_m: Float64
    bank: NDArray[np.int8]
    chainage_m: Float64


def river_facts(plots: Plots, rivers: Prepared, named: Int) -> RiverFacts:
    """Nearest centreline of each plot, or the one a management polygon names.

    Args:
        plots: The plots.
        rivers: Layer of kind ``river``, digitised downstream.
        named: River feature a management polygon names for the plot (n,), -1 for none.
    """
    line = rivers.line
    if line is None or not len(line.geoms):
        nothing = np.full(len(plots), np.nan)
        none = np.full(len(plots), -1)
        return RiverFacts(none, nothing, np.full(len(plots), 3, dtype=np.int8), nothing.copy())
    stretch = _nearest(plots, line, np.arange(len(plots)))
    other = (named >= 0) & (line.owner[stretch] != named)
    for feature in np.unique(named[other]):
        mine = np.flatnonzero(other & (named == feature))
        own = np.flatnonzero(line.owner == feature)
        part = Line(
            line.geoms[own], line.owner[own], line.chain_m[own], shapely.STRtree(line.geoms[own])
        )
        stretch[mine] = own[_nearest(plots, part, mine)]
    return _along(plots, rivers, line, stretch)


def _nearest(plots: Plots, line: Line, which: Int) -> Int:
    """Nearest stretch of each plot; the first in the layer where several are as near."""
    who, stretch = line.tree.query_nearest(plots.plane[which], all_matches=True)
    first = np.full(len(which), len(line.geoms))
    np.minimum.at(first, who, stretch)
    return first


def _along(plots: Plots, rivers: Prepared, line: Line, stretch: Int) -> RiverFacts:
    geoms = line.geoms[stretch]
    ties = shapely.get_coordinates(shapely.shortest_line(plots.plane, geoms)).reshape(-1, 2, 2)
    near, foot = ties[:, 0], ties[:, 1]
    distance = measure.true_length(np.hypot(*(near - foot).T), near, foot)
    crosses = distance == 0
    met = shapely.intersection(plots.plane[crosses], geoms[crosses])
    foot[crosses] = shapely.get_coordinates(shapely.centroid(met))
    along = shapely.line_locate_point(geoms, shapely.points(foot))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(geoms, along + _TANGENT_M))
    behind = shapely.get_coordinates(
        shapely.line_interpolate_point(geoms, np.maximum(along - _TANGENT_M, 0.0))
    )
    flow, out = ahead - behind, near - foot
    left = flow[:, 0] * out[:, 1] - flow[:, 1] * out[:, 0] > 0
    bank = np.where(crosses, 2, np.where(left, 0, 1)).astype(np.int8)
    owner = line.owner[stretch]
    offset = np.array([_number(props.get("chain_from")) for props in rivers.props])
    chainage = offset[owner] + line.chain_m[stretch] + along / measure.scale(foot)
    return RiverFacts(owner, distance, bank, chainage)


def _number(value: object) -> float:
    """A stated start of chainage in metres; 0 where none, or none readable, is given."""
    try:
        return float(str(value))
    except ValueError:
        return 0.0
