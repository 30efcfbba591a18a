"""Whole numbers for places: the mercator square is 2³¹ units wide.

A vertex is kept within 2 cm in four bytes, and a tile of any zoom is a shift.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from georeview.geometry.grid import HALF_WORLD_M, mercator
from georeview.tiles import mvt

Int = NDArray[np.int64]

WORLD: Final = 2**31


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


def morton(spots: Int) -> Int:
    """Place along a Z-shaped curve, from 16 bits of each axis."""
    x, y = (spots >> 15).astype(np.uint64).T if len(spots) else np.zeros((2, 0), dtype=np.uint64)
    return (_spread(x) | (_spread(y) << np.uint64(1))).astype(np.int64)


def _spread(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        bits = (bits | (bits << np.uint64(shift))) & np.uint64(mask)
    return bits


def spans(start: Int, length: Int) -> Int:
    """``start[i] … start[i] + length[i] - 1`` for every i, one after the other."""
    total = int(length.sum())
    step = np.arange(total) - np.repeat(np.cumsum(length) - length, length)
    spread: Int = np.repeat(start, length) + step
    return spread
