"""Which part of each plot lies in which feature of a polygon layer."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry.subdivide import Pieces
from georeview.overlay.plots import Plots

Geometries = NDArray[np.object_]
Int = NDArray[np.int64]
Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

_SAME_M2 = 1e-4
"""Areas this close are equal: their order is decided by code, not by rounding."""


@dataclass(frozen=True, slots=True)
class Overlaps:
    """Pairs of plot and piece that touch.

    Attributes:
        plot: Index of the plot (p,).
        owner: Feature the piece belongs to (p,).
        common: Common part where the plot is not wholly inside the piece, else None (p,).
        plane_m2: Area of the common part in the plane (p,); 0 for points.
    """

    plot: Int
    owner: Int
    common: Geometries
    plane_m2: Float64


def overlaps(plots: Plots, tree: shapely.STRtree, pieces: Pieces) -> Overlaps:
    """Lay pieces over plots.

    The tree is over the plots and is asked with prepared pieces, so nothing is prepared per
    plot; a plot wholly inside a piece needs no intersection.
    """
    shapely.prepare(pieces.geoms)
    piece, plot = tree.query(pieces.geoms, predicate="intersects")
    whole = shapely.contains_properly(pieces.geoms[piece], plots.plane[plot])
    common = np.full(len(piece), None, dtype=object)
    edge = ~whole
    common[edge] = shapely.intersection(plots.plane[plot[edge]], pieces.geoms[piece[edge]])
    plane_m2 = np.where(whole, shapely.area(plots.plane)[plot], shapely.area(common))
    return Overlaps(plot, pieces.owner[piece], common, np.nan_to_num(plane_m2))


def total_m2(plots: Plots, found: Overlaps) -> Float64:
    """Area of each plot (n,) inside the layer, at most its own; nan for points."""
    plane: Float64 = np.bincount(found.plot, weights=found.plane_m2, minlength=len(plots)).astype(
        np.float64
    )
    inside = np.minimum(plots.square_metres(plane), plots.area_m2)
    return np.where(plots.is_point, np.nan, inside)


def touched(plots: Plots, found: Overlaps) -> Bool:
    """Plots (n,) that touch the layer at all."""
    return np.bincount(found.plot, minlength=len(plots)) > 0


@dataclass(frozen=True, slots=True)
class Members:
    """Features each plot lies in, largest common area first, ties by code.

    Attributes:
        start: Where the features of each plot begin (n + 1,).
        feature: Feature (m,).
        m2: Common area (m,), m²; 0 for points.
        share: Share of the plot (m,), 0-1; 1 for a point.
    """

    start: Int
    feature: Int
    m2: Float64
    share: Float64

    def first(self) -> Int:
        """Index of the first feature of each plot (n,), -1 where there is none."""
        there = np.diff(self.start) > 0
        result = np.full(len(there), -1)
        result[there] = self.feature[self.start[:-1][there]]
        return result

    def first_share(self) -> Float64:
        """Share of the first feature (n,), nan where there is none."""
        return self._nth(0, self.share)

    def second(self) -> tuple[Float64, Float64]:
        """Share and area of the second feature (n,), 0 where there is none."""
        return np.nan_to_num(self._nth(1, self.share)), np.nan_to_num(self._nth(1, self.m2))

    def _nth(self, nth: int, values: Float64) -> Float64:
        there = np.diff(self.start) > nth
        result = np.full(len(there), np.nan)
        result[there] = values[self.start[:-1][there] + nth]
        return result


def members(plots: Plots, found: Overlaps, codes: tuple[str | None, ...]) -> Members:
    """Sum the pieces of each feature over each plot."""
    width = max(1, len(codes))
    key, place = np.unique(found.plot * width + found.owner, return_inverse=True)
    plot, feature = key // width, key % width
    m2 = np.bincount(place, weights=found.plane_m2, minlength=len(key)) / plots.scale[plot] ** 2
    kept = (m2 > _SAME_M2) | plots.is_point[plot]
    plot, feature, m2 = plot[kept], feature[kept], m2[kept]
    rank = np.empty(width, dtype=np.int64)
    rank[sorted(range(len(codes)), key=lambda n: codes[n] or "")] = np.arange(len(codes))
    order = np.lexsort((rank[feature], -np.round(m2 / _SAME_M2), plot))
    plot, feature, m2 = plot[order], feature[order], m2[order]
    share = np.where(plots.is_point[plot], 1.0, np.minimum(m2 / plots.area_m2[plot], 1.0))
    start = np.searchsorted(plot, np.arange(len(plots) + 1))
    return Members(start, feature, m2, share)
