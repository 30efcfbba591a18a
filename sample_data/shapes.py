"""Outlines of plots in river coordinates: metres along the river, metres from its centreline."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from . import truth
from .chance import Float


@dataclass(frozen=True, slots=True)
class Room:
    """Where a shape may lie across the river.

    Attributes:
        low_m: Smallest offset from the centreline (left positive).
        high_m: Largest offset.
        width_m: Width of the river.
        side: 1 for the left bank, -1 for the right one.
    """

    low_m: float
    high_m: float
    width_m: float
    side: int

    @property
    def depth_m(self) -> float:
        """Extent across."""
        return self.high_m - self.low_m


_ACROSS = {truth.BRIDGE: (8.0, 14.0), truth.WEIR: (7.0, 12.0), truth.PIPE: (6.0, 7.5)}
_ALONG = {truth.ROAD: (6.0, 9.0), truth.WORKS: (6.0, 10.0)}
_SQUARE = frozenset({truth.HOUSE, truth.GAUGE, truth.WHARF, truth.INTAKE, truth.PARK, truth.SITE})
SLIVER = "sliver"
_LENS = frozenset({truth.BAR, truth.WATER})
SMALLEST_M2, LARGEST_M2 = 115.0, 60_000.0
_MAX_M2: Mapping[str, float] = {truth.INTAKE: 400, truth.GAUGE: 400, truth.HOUSE: 6000}


def area(rng: np.random.Generator, case: truth.Case) -> float:
    """A size in m²: log-normal, median 600, sigma 1.1, inside what the case allows."""
    low, high = case.size if any(case.size) else (SMALLEST_M2, LARGEST_M2)
    high = min(high, _MAX_M2.get(case.type_actual, LARGEST_M2))
    for _ in range(1000):
        drawn = 600 * math.exp(1.1 * rng.standard_normal())
        if low <= drawn <= high:
            return drawn
    return low + (high - low) * float(rng.random())


def ring(rng: np.random.Generator, kind: str, size_m2: float, room: Room) -> Float:
    """A closed ring of about the wanted size.

    Args:
        rng: Where the numbers come from.
        kind: Actual type of the plot.
        size_m2: Wanted area.
        room: Where it may lie across the river.

    Returns:
        Shape (n, 2): distance along the river from the site, offset from the centreline.
    """
    if kind == SLIVER:
        return _along(rng, size_m2, room, (2.6, 3.2), longest=110)
    if kind in _ACROSS:
        return _across(rng, size_m2, room, _ACROSS[kind])
    if kind in _ALONG:
        return _along(rng, size_m2, room, _ALONG[kind])
    if kind in _SQUARE:
        return _square(rng, size_m2, room)
    if kind in _LENS:
        return _lens(rng, size_m2, room)
    return _field(rng, size_m2, room) if kind == truth.CROP else _blob(rng, size_m2, room)


def _across(
    rng: np.random.Generator, size_m2: float, room: Room, widths: tuple[float, float]
) -> Float:
    """A strip over the river, or the part of one that the interpreter saw."""
    width = float(rng.uniform(*widths))
    full = min(room.width_m + float(rng.uniform(16, 28)), room.depth_m)
    length = float(np.clip(size_m2 / width, 1.3 * width, full))
    start = room.side * full / 2
    stop = start - room.side * length
    skew = float(rng.uniform(-0.12, 0.12)) * length
    half = width / 2
    corners = [(-half, start), (half, start), (half + skew, stop), (-half + skew, stop)]
    return np.array([*corners, corners[0]])


def _along(
    rng: np.random.Generator,
    size_m2: float,
    room: Room,
    widths: tuple[float, float],
    *,
    longest: float = 34,
) -> Float:
    """A strip beside the river, at most so many times as long as wide."""
    width = min(float(rng.uniform(*widths)), room.depth_m)
    length = float(np.clip(size_m2 / width, 2 * width, longest * width))
    middle = float(rng.uniform(room.low_m + width / 2, room.high_m - width / 2))
    u = np.linspace(-length / 2, length / 2, max(3, int(length / 12)))
    near = np.stack([u, np.full_like(u, middle - width / 2)], axis=1)
    far = np.stack([u, np.full_like(u, middle + width / 2)], axis=1)
    return _closed(np.concatenate([near, far[::-1]]))


def _extent(
    rng: np.random.Generator, size_m2: float, room: Room, fill: float
) -> tuple[float, float, float]:
    """Half length, half depth and middle of a shape that fills part of its box."""
    aspect = float(rng.uniform(1.1, 2.6))
    depth = min(math.sqrt(size_m2 / fill / aspect), 0.96 * room.depth_m)
    length = size_m2 / fill / depth
    middle = float(rng.uniform(room.low_m + depth / 2, room.high_m - depth / 2))
    return length / 2, depth / 2, middle


def _square(rng: np.random.Generator, size_m2: float, room: Room) -> Float:
    """A rectangle, sometimes with a corner taken out; turned a little where there is room."""
    a, b, middle = _extent(rng, size_m2, room, 1.0)
    corners = [(-a, -b), (a, -b), (a, b), (-a, b)]
    if rng.random() < 0.4 and size_m2 > 250:
        cut_a, cut_b = a * float(rng.uniform(0.2, 0.9)), b * float(rng.uniform(0.3, 0.9))
        corners = [
            (-a, -b),
            (a, -b),
            (a, b - cut_b),
            (a - cut_a, b - cut_b),
            (a - cut_a, b),
            (-a, b),
        ]
    return _closed(np.add(corners, (0.0, middle)))


def _field(rng: np.random.Generator, size_m2: float, room: Room) -> Float:
    a, b, middle = _extent(rng, size_m2, room, 0.86)
    corners = np.array([(-a, -b), (0, -b), (a, -b), (a, b), (0, b), (-a, b)])
    corners *= 1 - np.stack([rng.uniform(0, 0.22, 6), rng.uniform(0, 0.16, 6)], axis=1)
    return _closed(np.add(corners, (0.0, middle)))


def _blob(rng: np.random.Generator, size_m2: float, room: Room) -> Float:
    a, b, middle = _extent(rng, size_m2, room, 0.68)
    count = int(np.clip(2 * math.pi * math.sqrt(a * b) / 6, 12, 60))
    angle = np.linspace(0, 2 * math.pi, count, endpoint=False)
    radius = np.full(count, 0.88)
    for wave in (2, 3, 5):
        radius += float(rng.uniform(0.01, 0.05)) * np.cos(wave * angle + rng.uniform(0, 6.3))
    radius = np.minimum(radius + rng.uniform(-0.03, 0.03, count), 1.0)
    return _closed(np.stack([a * radius * np.cos(angle), middle + b * radius * np.sin(angle)], 1))


def _lens(rng: np.random.Generator, size_m2: float, room: Room) -> Float:
    """A bar: long along the bank, pointed at both ends, its edge a little uneven."""
    depth = min(math.sqrt(size_m2 / 0.66 / float(rng.uniform(3, 6))), 0.9 * room.depth_m)
    half = size_m2 / 0.66 / depth / 2
    base = float(rng.uniform(room.low_m, room.high_m - depth))
    u = np.linspace(-half, half, int(np.clip(2 * half / 8, 9, 80)))
    body = depth * (1 - (u / half) ** 2)
    outer = base + np.clip(body * (1 + rng.uniform(-0.08, 0.08, len(u))), 0, depth)
    inner = base + 0.12 * body * rng.uniform(0, 1, len(u))
    near = np.stack([u, inner], axis=1)
    far = np.stack([u, outer], axis=1)[1:-1]
    return _closed(np.concatenate([near, far[::-1]]))


def _closed(points: Float) -> Float:
    return np.concatenate([points, points[:1]])
