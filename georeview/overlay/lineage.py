"""Plots × plots of earlier batches → which of them are the same place; whole arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.core import lineage as rules
from georeview.core.lineage import Earlier, Relation
from georeview.geometry import measure
from georeview.overlay.plots import Plots

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

MOST: Final = 20
"""Earlier plots told of one plot, the closest first; a heap of slivers has no more to say."""

_SCALE_MARGIN: Final = 1.05
"""The plane's scale is within 5 % of 1 wherever plots lie; the exact one decides afterwards."""


@dataclass(frozen=True, slots=True)
class Kin:
    """An earlier plot that has to do with a plot.

    Attributes:
        earlier: The earlier plot.
        order: Its place among all earlier ones, the oldest first.
        relation: How the two lie to each other.
        iou: Common area by the area of both together; ``None`` where one is a point.
        cover: Common area by that of the smaller; ``None`` where one is a point.
        common_m2: Common area, m²; ``None`` where one is a point.
        distance_m: How far they lie apart, metres.
    """

    earlier: Earlier
    order: int
    relation: Relation
    iou: float | None
    cover: float | None
    common_m2: float | None
    distance_m: float

    def row(self) -> dict[str, Any]:
        """What the plot's facts tell of it; what became of it is looked up when it is shown."""
        return {
            "plot_id": self.earlier.plot_id,
            "batch": self.earlier.batch,
            "source_id": self.earlier.source_id,
            "relation": self.relation.value,
            "iou": self.iou,
            "cover": self.cover,
            "common_m2": self.common_m2,
            "distance_m": self.distance_m,
        }


def group(kin: Sequence[Kin]) -> str | None:
    """Id of the oldest plot of the same place; ``None`` where there was none before."""
    same = [one for one in kin if one.relation is Relation.SAME]
    return min(same, key=lambda one: one.order).earlier.plot_id if same else None


def kin(
    plots: Plots, numbers: Sequence[str], before: Sequence[Earlier]
) -> tuple[tuple[Kin, ...], ...]:
    """Of each plot (n) the earlier ones that are the same place, overlap it or lie near, in this order.

    A point is the same place as whatever lies within 20 m of it.

    Args:
        plots: Plots laid over.
        numbers: Their numbers as issued (n,).
        before: Earlier plots around them, the oldest first.
    """
    found: list[list[Kin]] = [[] for _ in range(len(plots))]
    if before:
        for plot, one in _pairs(plots, numbers, before):
            found[plot].append(one)
    rank = {relation: n for n, relation in enumerate(Relation)}
    return tuple(
        tuple(sorted(some, key=lambda one: (rank[one.relation], -(one.iou or 0), one.distance_m)))[
            :MOST
        ]
        for some in found
    )


def _pairs(
    plots: Plots, numbers: Sequence[str], before: Sequence[Earlier]
) -> list[tuple[int, Kin]]:
    shapes = shapely.from_wkb(np.array([one.wkb for one in before], dtype=object))
    plane = measure.to_plane(shapes)
    reach = rules.NEAR_M * _SCALE_MARGIN
    other, plot = shapely.STRtree(plots.plane).query(plane, predicate="dwithin", distance=reach)
    own, theirs, scale = plots.plane[plot], plane[other], plots.scale[plot]
    apart = shapely.distance(own, theirs) / scale
    common = shapely.area(shapely.intersection(own, theirs)) / scale**2
    own_m2, their_m2 = shapely.area(own) / scale**2, shapely.area(theirs) / scale**2
    point = (own_m2 == 0) | (their_m2 == 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        iou = common / (own_m2 + their_m2 - common)
        cover = common / np.minimum(own_m2, their_m2)
    numbered: Bool = np.array(
        [rules.alike(numbers[p], before[o].source_id) for p, o in zip(plot, other, strict=True)],
        dtype=bool,
    )
    near = apart <= rules.NEAR_M
    same = np.where(
        point, near, (iou >= rules.SAME_IOU) | (numbered & (iou >= rules.SAME_IOU_OF_BASE))
    )
    overlap = ~point & (cover >= rules.OVERLAP_COVER) & (common >= rules.OVERLAP_M2)

    def one(order: int, n: int) -> Kin:
        earlier = before[order]
        relation = Relation.SAME if same[n] else Relation.OVERLAP if overlap[n] else Relation.NEAR
        apart_m = round(float(apart[n]), 1)
        if point[n]:
            return Kin(earlier, order, relation, None, None, None, apart_m)
        share, part, m2 = float(iou[n]), float(cover[n]), float(common[n])
        return Kin(earlier, order, relation, round(share, 4), round(part, 4), round(m2, 2), apart_m)

    found = same | overlap | near
    return [(int(plot[n]), one(int(other[n]), n)) for n in np.flatnonzero(found).tolist()]
