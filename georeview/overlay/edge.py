"""Where each plot lies against the boundary line of the management area.

``edge_m`` is the distance from the plot to the line, negative for a plot inside, 0 for a plot
the line crosses; how far such a plot reaches to either side is ``max_out_m`` and ``max_in_m``.
Distances are true to 1 cm at 2 km and to 0.1 mm at the band.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry.subdivide import Pieces
from georeview.overlay.areas import Overlaps, total_m2, touched
from georeview.overlay.index import Line
from georeview.overlay.plots import Plots

Geometries = NDArray[np.object_]
Int = NDArray[np.int64]
Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

BAND_M: Final = 10.0
"""Half width of the critical band (临界)."""

FAR_M: Final = 2_000.0
"""Beyond this no boundary is known to the plot."""

BANDS: Final = ("in", "critical", "out", "unknown")


@dataclass(frozen=True, slots=True)
class EdgeFacts:
    """Against the boundary line, one entry a plot (n,).

    Attributes:
        edge_m: Signed distance, metres, negative inside; nan beyond ``FAR_M``.
        band: Index into ``BANDS``.
        max_out_m: Reach of the farthest vertex outside, 0 without one; nan beyond ``FAR_M``.
        max_in_m: The same inside.
        in_m2_min: Area inside the management area shrunk by the band, m²; nan for points.
        in_m2_max: Area inside the management area grown by the band, m²; nan for points.
    """

    edge_m: Float64
    band: NDArray[np.int8]
    max_out_m: Float64
    max_in_m: Float64
    in_m2_min: Float64
    in_m2_max: Float64


def edge_facts(
    plots: Plots, found: Overlaps, cover: Pieces, line: Line, band_m: float = BAND_M
) -> EdgeFacts:
    """Distance, band, reach and the interval of the inside area.

    Args:
        plots: The plots.
        found: Their overlaps with ``cover``.
        cover: The management area without overlaps.
        line: Its boundary.
        band_m: Half width of the band, metres.
    """
    inside = touched(plots, found)
    distance = plots.metres(_nearest(plots.plane, line, FAR_M * 1.01))
    known = (distance <= FAR_M) | inside
    crosses = distance == 0
    edge = np.where(inside, -distance, distance)
    edge[crosses] = 0.0
    edge[~known | ~np.isfinite(edge)] = np.nan
    critical = distance < band_m
    band = np.select([critical, inside, known], [1, 0, 2], default=3).astype(np.int8)
    max_out, max_in = _reach(plots, cover, line, np.isfinite(edge), inside, crosses)
    least, most = _interval(plots, found, line, np.flatnonzero(critical), band_m)
    return EdgeFacts(edge, band, max_out, max_in, least, most)


def _nearest(geoms: Geometries, line: Line, most: float) -> Float64:
    """Distance (n,) to the line in the plane; inf beyond ``most``."""
    distance = np.full(len(geoms), np.inf)
    (who, _), found = line.tree.query_nearest(
        geoms, max_distance=most, return_distance=True, all_matches=False
    )
    distance[who] = found
    return distance


def _reach(
    plots: Plots, cover: Pieces, line: Line, near: Bool, inside: Bool, crosses: Bool
) -> tuple[Float64, Float64]:
    """Farthest vertex to either side of the line; only crossing plots need a look at each."""
    xy, plot = shapely.get_coordinates(plots.plane, return_index=True)
    xy, plot = xy[near[plot]], plot[near[plot]]
    within = inside[plot]
    doubtful = np.flatnonzero(crosses[plot])
    vertices = shapely.STRtree(shapely.points(xy[doubtful]))
    _, hit = vertices.query(cover.geoms, predicate="intersects")
    within[doubtful] = False
    within[doubtful[hit]] = True
    reach = []
    for side in (~within, within):
        farthest = plots.metres(_farthest(xy[side], plot[side], len(plots), line))
        farthest[~near] = np.nan
        reach.append(farthest)
    return reach[0], reach[1]


def _farthest(xy: Float64, group: Int, count: int, line: Line) -> Float64:
    """Largest distance to the line among the points of each group (count,), 0 for none.

    Branch and bound: each round asks one point of each group, the one that may be farthest. Its
    foot on the line bounds the distance of all others of the group, and those that cannot beat
    the best any more are left out; a handful of rounds stands for a search of every vertex.

    Args:
        xy: Points (p, 2) in the plane, grouped.
        group: Ascending group of each (p,).
        count: Number of groups.
        line: The line.
    """
    best = np.zeros(count)
    bound = np.full(len(xy), np.inf)
    while len(xy):
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        sizes = np.diff(starts, append=len(group))
        is_top = bound == np.repeat(np.maximum.reduceat(bound, starts), sizes)
        tops = np.flatnonzero(is_top)
        asked = tops[np.flatnonzero(np.diff(group[tops], prepend=-1))]
        foot, distance = _feet(xy[asked], line)
        best[group[asked]] = np.maximum(best[group[asked]], distance)
        bound = np.minimum(bound, np.hypot(*(xy - np.repeat(foot, sizes, axis=0)).T))
        open_ = bound > best[group] + 1e-9
        xy, group, bound = xy[open_], group[open_], bound[open_]
    return best


def _feet(xy: Float64, line: Line) -> tuple[Float64, Float64]:
    """Nearest point of the line (n, 2) to each point (n, 2), and its distance (n,)."""
    points = shapely.points(xy)
    (_, stretch), distance = line.tree.query_nearest(
        points, return_distance=True, all_matches=False
    )
    ties = shapely.get_coordinates(shapely.shortest_line(points, line.geoms[stretch]))
    return ties[1::2], distance


def _interval(
    plots: Plots, found: Overlaps, line: Line, close: Int, band_m: float
) -> tuple[Float64, Float64]:
    """Inside area less, and plus, what lies within the band of the line.

    The area shrunk by b is the area less the strip of b along its line, the area grown by b is
    the area plus that strip; so the strip beside each close plot is all that is needed.
    """
    inside = total_m2(plots, found)
    least, most = inside.copy(), inside.copy()
    close = close[~plots.is_point[close]]
    if not len(close):
        return least, most
    who, stretch = line.tree.query(plots.plane[close], predicate="dwithin", distance=band_m * 1.01)
    order = np.argsort(who, kind="stable")
    strips = shapely.buffer(
        shapely.multilinestrings(line.geoms[stretch[order]], indices=who[order]),
        band_m * plots.scale[close],
        quad_segs=16,
    )
    strip_of = np.full(len(plots), -1)
    strip_of[close] = np.arange(len(close))
    strip_m2 = shapely.area(shapely.intersection(plots.plane[close], strips))
    pair = np.flatnonzero(strip_of[found.plot] >= 0)
    plot = found.plot[pair]
    whole = shapely.is_missing(found.common[pair])
    common = np.where(whole, plots.plane[plot], found.common[pair])
    inner_m2 = shapely.area(shapely.intersection(common, strips[strip_of[plot]]))
    inner = np.bincount(strip_of[plot], weights=inner_m2, minlength=len(close))
    scale2 = plots.scale[close] ** 2
    least[close] = np.clip(inside[close] - inner / scale2, 0.0, inside[close])
    grown = inside[close] + np.maximum(strip_m2 - inner, 0.0) / scale2
    most[close] = np.clip(grown, inside[close], plots.area_m2[close])
    return least, most
