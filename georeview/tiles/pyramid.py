"""Where plot tiles are cut from: plots as integer world coordinates, sorted for reading.

The mercator square is 2³¹ units wide, so a plot's vertices are within 2 cm and a tile of any zoom
is a shift. Plots are far smaller than a tile and are not clipped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry.grid import HALF_WORLD_M, mercator
from georeview.tiles import mvt
from georeview.tiles.mvt import Paths

Int = NDArray[np.int64]
Geometries = NDArray[np.object_]

WORLD: Final = 2**31
POINT_ZOOM: Final = 12
"""Up to this tile zoom plots are points: an outline would be a few pixels."""

CROWDED: Final = 4096
"""More points than this in a tile become cells with a number."""

CELL: Final = 64
_BLOCK: Final = 64


def world(lonlat: NDArray[np.float64]) -> Int:
    """Degrees (n, 2) as world units (n, 2), y downwards."""
    return units(mercator(lonlat))


def units(metres: NDArray[np.float64]) -> Int:
    """Mercator metres (n, 2) as world units (n, 2), y downwards."""
    share = np.column_stack([metres[:, 0] + HALF_WORLD_M, HALF_WORLD_M - metres[:, 1]])
    whole: Int = np.rint(share / (2 * HALF_WORLD_M) * WORLD).astype(np.int64)
    return whole


def local(spots: Int, z: int, x: int, y: int) -> Int:
    """World units (n, 2) as coordinates of a tile."""
    fine = 19 - z
    origin = np.array([x, y], dtype=np.int64) * mvt.EXTENT
    if fine <= 0:
        return (spots << -fine) - origin
    half = 1 << (fine - 1)
    return ((spots + half) >> fine) - origin


def reach(z: int, x: int, y: int, buffer: int = mvt.BUFFER) -> tuple[int, int, int, int]:
    """A tile with its margin in world units: west, north, east, south."""
    side = WORLD >> z
    margin = side * buffer // mvt.EXTENT
    return (
        x * side - margin,
        y * side - margin,
        (x + 1) * side + margin,
        (y + 1) * side + margin,
    )


@dataclass(frozen=True, slots=True)
class PlotTiles:
    """All plots of one viewer.

    Attributes:
        ids: Feature ids (n), in the order of the arrays.
        spot: A point on each plot (n, 2), world units.
        box: West, north, east, south of each plot (n, 4).
        blocks: The same of each run of 64 plots.
        xy: Vertices of all rings (v, 2).
        rings: Where each ring begins in ``xy``, and the end.
        first: Where each plot's rings begin in ``rings``, and the end (n + 1).
        is_point: Plots that are points (n).
    """

    ids: Int
    spot: Int
    box: Int
    blocks: Int
    xy: Int
    rings: Int
    first: Int
    is_point: NDArray[np.bool_]

    @classmethod
    def build(cls, ids: Iterable[int], wkb: Sequence[bytes]) -> "PlotTiles":
        """Sort plots along a space-filling curve and flatten them.

        Args:
            ids: Feature ids.
            wkb: Geometries in EPSG:4490: polygons, multipolygons or points.
        """
        geoms = np.asarray(shapely.from_wkb(list(wkb)), dtype=object)
        numbers = np.fromiter(ids, dtype=np.int64, count=len(geoms))
        surface = shapely.get_coordinates(shapely.point_on_surface(geoms))
        spot = world(surface) if len(geoms) else np.zeros((0, 2), dtype=np.int64)
        order = np.argsort(_morton(spot), kind="stable")
        geoms, numbers, spot = geoms[order], numbers[order], spot[order]
        # Outer rings clockwise on the map are what the format calls positive, with y downwards.
        parts, part_of = shapely.get_parts(
            shapely.orient_polygons(geoms, exterior_cw=True), return_index=True
        )
        is_point = shapely.get_type_id(geoms) == 0
        rings, ring_of = shapely.get_rings(parts, return_index=True)
        lonlat, vertex_of = shapely.get_coordinates(rings, return_index=True)
        xy = world(lonlat) if len(lonlat) else np.zeros((0, 2), dtype=np.int64)
        starts = np.searchsorted(vertex_of, np.arange(len(rings) + 1))
        owner = part_of[ring_of] if len(rings) else np.zeros(0, dtype=np.int64)
        first = np.searchsorted(owner, np.arange(len(geoms) + 1))
        box = _boxes(geoms)
        return cls(numbers, spot, box, _block_boxes(box), xy, starts, first, is_point)

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """One tile, ``None`` where there is nothing."""
        found = self._within(reach(z, x, y))
        if len(found) == 0:
            return None
        layer = mvt.Layer("plots")
        if z <= POINT_ZOOM:
            self._points(layer, found, z, x, y)
            return layer.encode() or None
        shapes = found[~self.is_point[found]]
        paths = self._paths(shapes, z, x, y)
        collapsed = layer.add(paths, mvt.POLYGON, self.ids[shapes].tolist())
        points = np.concatenate([found[self.is_point[found]], shapes[collapsed]])
        self._points(layer, points.astype(np.int64), z, x, y)
        return layer.encode() or None

    def _within(self, box: tuple[int, int, int, int]) -> Int:
        near = np.flatnonzero(_meets(self.blocks, box))
        rows = (near[:, None] * _BLOCK + np.arange(_BLOCK)).ravel()
        rows = rows[rows < len(self.ids)]
        found: Int = rows[_meets(self.box[rows], box)]
        return found

    def _points(self, layer: mvt.Layer, found: Int, z: int, x: int, y: int) -> None:
        at = local(self.spot[found], z, x, y)
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
        ring_n = self.first[found + 1] - self.first[found]
        ring = _spans(self.first[found], ring_n)
        length = self.rings[ring + 1] - self.rings[ring]
        vertex = _spans(self.rings[ring], length)
        start = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
        owner = np.repeat(np.arange(len(found)), ring_n)
        return Paths(local(self.xy[vertex], z, x, y), start, owner)


def ranges(ids: Int) -> str:
    """Numbers as short text: ``3-9,14``."""
    ordered = np.sort(ids)
    breaks = np.flatnonzero(np.diff(ordered) != 1)
    first = ordered[np.concatenate([[0], breaks + 1])]
    last = ordered[np.concatenate([breaks, [len(ordered) - 1]])]
    return ",".join(
        str(a) if a == b else f"{a}-{b}" for a, b in zip(first.tolist(), last.tolist(), strict=True)
    )


def _spans(start: Int, length: Int) -> Int:
    """``start[i] … start[i] + length[i] - 1`` for every i, one after the other."""
    total = int(length.sum())
    step = np.arange(total) - np.repeat(np.cumsum(length) - length, length)
    spans: Int = np.repeat(start, length) + step
    return spans


def _meets(boxes: Int, box: tuple[int, int, int, int]) -> NDArray[np.bool_]:
    west, north, east, south = box
    meets: NDArray[np.bool_] = (
        (boxes[:, 0] <= east)
        & (boxes[:, 2] >= west)
        & (boxes[:, 1] <= south)
        & (boxes[:, 3] >= north)
    )
    return meets


def _boxes(geoms: Geometries) -> Int:
    if len(geoms) == 0:
        return np.zeros((0, 4), dtype=np.int64)
    bounds = shapely.bounds(geoms)
    south_west, north_east = world(bounds[:, :2]), world(bounds[:, 2:])
    west, south = south_west.T
    east, north = north_east.T
    return np.column_stack([west, north, east, south])


def _block_boxes(box: Int) -> Int:
    starts = np.arange(0, len(box), _BLOCK)
    if len(starts) == 0:
        return box
    low = np.minimum.reduceat(box[:, :2], starts)
    high = np.maximum.reduceat(box[:, 2:], starts)
    return np.column_stack([low, high])


def _morton(spot: Int) -> Int:
    """Place along a Z-shaped curve, from 16 bits of each axis."""
    x, y = (spot >> 15).astype(np.uint64).T if len(spot) else np.zeros((2, 0), dtype=np.uint64)
    return (_spread(x) | (_spread(y) << np.uint64(1))).astype(np.int64)


def _spread(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        bits = (bits | (bits << np.uint64(shift))) & np.uint64(mask)
    return bits
