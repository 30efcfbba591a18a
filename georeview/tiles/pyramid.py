"""Cutting tiles of plots. Plots are far smaller than a tile and are not clipped."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from georeview.tiles import mvt
from georeview.tiles.mvt import Paths
from georeview.tiles.shapes import BLOCK, Int32, PlotShapes
from georeview.tiles.world import Int, local, reach, spans

POINT_ZOOM: Final = 12
"""Up to this tile zoom plots are points: an outline would be a few pixels."""

CROWDED: Final = 4096
"""More points than this in a tile become cells with a number."""

CELL: Final = 64


@dataclass(frozen=True, slots=True)
class PlotTiles:
    """What one viewer sees of a batch.

    Attributes:
        shapes: All plots of the batch.
        ids: Feature id of each of them for this viewer, 0 where it is not seen (n).
    """

    shapes: PlotShapes
    ids: Int32

    @classmethod
    def seen(cls, shapes: PlotShapes, fids: Int) -> "PlotTiles":
        """The tiles of who sees some of the plots.

        Args:
            shapes: All plots of the batch.
            fids: Numbers of those that are seen, rising; a plot's place here, from 1, is its id.
        """
        if len(fids) == 0:
            return cls(shapes, np.zeros(len(shapes.fid), dtype=np.int32))
        place = np.minimum(np.searchsorted(fids, shapes.fid), len(fids) - 1)
        seen = fids[place] == shapes.fid
        return cls(shapes, np.where(seen, place + 1, 0).astype(np.int32))

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """One tile, ``None`` where there is nothing."""
        found = self._within(reach(z, x, y))
        if len(found) == 0:
            return None
        layer = mvt.Layer("plots")
        if z <= POINT_ZOOM:
            self._points(layer, found, z, x, y)
            return layer.encode() or None
        is_point = self.shapes.is_point[found]
        areas = found[~is_point]
        paths = self._paths(areas, z, x, y)
        collapsed = layer.add(paths, mvt.POLYGON, self.ids[areas].tolist())
        points = np.concatenate([found[is_point], areas[collapsed]])
        self._points(layer, points.astype(np.int64), z, x, y)
        return layer.encode() or None

    def _within(self, box: tuple[int, int, int, int]) -> Int:
        near = np.flatnonzero(_meets(self.shapes.blocks, box))
        rows = (near[:, None] * BLOCK + np.arange(BLOCK)).ravel()
        rows = rows[rows < len(self.ids)]
        rows = rows[self.ids[rows] > 0]
        found: Int = rows[_meets(self.shapes.box[rows], box)]
        return found

    def _points(self, layer: mvt.Layer, found: Int, z: int, x: int, y: int) -> None:
        at = local(self.shapes.spot[found].astype(np.int64), z, x, y)
        if len(found) > CROWDED:
            self._cells(layer, found, at)
        else:
            layer.add(mvt.alone(at), mvt.POINT, self.ids[found].tolist())

    def _cells(self, layer: mvt.Layer, found: Int, at: Int) -> None:
        """Points counted in cells, each with the ids it stands for."""
        inside = ((at >= 0) & (at < mvt.EXTENT)).all(axis=1)
        found, at = found[inside], at[inside]
        cell = (at[:, 1] // CELL) * (mvt.EXTENT // CELL) + at[:, 0] // CELL
        order = np.argsort(cell, kind="stable")
        numbers, start, count = np.unique(cell[order], return_index=True, return_counts=True)
        middle = np.add.reduceat(at[order], start) // count[:, None]
        groups = np.split(self.ids[found[order]], start[1:])
        properties: list[dict[str, str | int]] = [
            {"n": len(group), "ids": ranges(group)} for group in groups
        ]
        layer.add(mvt.alone(middle), mvt.POINT, (numbers + 1).tolist(), properties)

    def _paths(self, found: Int, z: int, x: int, y: int) -> Paths:
        first, rings = self.shapes.first, self.shapes.rings
        ring_n = first[found + 1] - first[found]
        ring = spans(first[found], ring_n)
        length = rings[ring + 1] - rings[ring]
        xy = self.shapes.xy[spans(rings[ring], length)].astype(np.int64)
        start = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
        owner = np.repeat(np.arange(len(found)), ring_n)
        return Paths(local(xy, z, x, y), start, owner)


def ranges(ids: Int | Int32) -> str:
    """Numbers as short text: ``3-9,14``."""
    ordered = np.sort(ids)
    breaks = np.flatnonzero(np.diff(ordered) != 1)
    first = ordered[np.concatenate([[0], breaks + 1])]
    last = ordered[np.concatenate([breaks, [len(ordered) - 1]])]
    return ",".join(
        str(a) if a == b else f"{a}-{b}" for a, b in zip(first.tolist(), last.tolist(), strict=True)
    )


def _meets(boxes: Int32, box: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    west, north, east, south = box
    meets: NDArray[np.bool_] = (
        (boxes[:, 0] <= east)
        & (boxes[:, 2] >= west)
        & (boxes[:, 1] <= south)
        & (boxes[:, 3] >= north)
    )
    return meets
