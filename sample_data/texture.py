"""Textures of the ground: fractal noise, field parcels, light on slopes. All arrays are float32."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.float32]


def fractal(rng: np.random.Generator, shape: tuple[int, int], slope: float, low: float = 1) -> Grid:
    """Noise whose amplitude falls with frequency, mean 0, standard deviation 1.

    Args:
        rng: Where the numbers come from.
        shape: Rows and columns.
        slope: Power by which the amplitude falls: 1 is rough, 3 is gentle.
        low: Frequencies below so many waves per image height are left out.

    Returns:
        Array of that shape.
    """
    return _filtered(
        rng,
        shape,
        lambda waves: np.where(waves < low, 0, np.maximum(waves, low) ** -slope),
    )


def crowns(rng: np.random.Generator, shape: tuple[int, int], sizes_px: tuple[float, float]) -> Grid:
    """Noise of one grain size, in pixels: tree tops, rubble, ripples; standard deviation 1."""
    small, large = (shape[0] / size for size in sizes_px)
    return _filtered(rng, shape, lambda waves: ((waves > large) & (waves < small)) * 1.0)


def _filtered(
    rng: np.random.Generator,
    shape: tuple[int, int],
    gain: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> Grid:
    """White noise through a filter given by waves per image height."""
    rows, columns = (-(-side // 256) * 256 for side in shape)  # sizes the transform is quick for
    spectrum = np.fft.rfft2(rng.standard_normal((rows, columns), dtype=np.float32))
    waves_y = np.fft.fftfreq(rows)[:, None] * shape[0]
    waves_x = np.fft.rfftfreq(columns)[None, :] * shape[0]
    spectrum *= gain(np.hypot(waves_y, waves_x)).astype(np.float32)
    noise = np.fft.irfft2(spectrum, s=(rows, columns))[: shape[0], : shape[1]]
    return ((noise - noise.mean()) / noise.std()).astype(np.float32)


def light(height: Grid, pixel_m: float, azimuth_deg: float, elevation_deg: float) -> Grid:
    """Light on a surface relative to flat ground (1 = flat), from 0 in full shade."""
    down, right = np.gradient(height, pixel_m)
    azimuth, elevation = np.radians([azimuth_deg, elevation_deg])
    east, north = np.sin(azimuth), np.cos(azimuth)
    facing = np.sin(elevation) - np.cos(elevation) * (right * east - down * north)
    lit = facing / np.sqrt(1 + down * down + right * right) / np.sin(elevation)
    return np.clip(lit, 0, 2.2).astype(np.float32)


def parcels(
    rng: np.random.Generator, u: Grid, v: Grid, size: tuple[float, float]
) -> tuple[NDArray[np.int32], Grid]:
    """Field parcels: cells round jittered seeds.

    Args:
        rng: Where the numbers come from.
        u: Warped coordinate of every pixel along the parcels, metres.
        v: The one across.
        size: Typical length and breadth of a parcel, metres.

    Returns:
        Number of each pixel's parcel, and how far it is from the parcel's edge (0 at the edge,
        in units of the parcel's size).
    """
    a, b = u / size[0], v / size[1]
    a, b = a - np.floor(a.min()) + 1, b - np.floor(b.min()) + 1
    columns, rows = int(a.max()) + 3, int(b.max()) + 3
    jitter = rng.uniform(0.08, 0.92, (2, rows, columns)).astype(np.float32)
    seeds_a = (jitter[0] + np.arange(columns, dtype=np.float32)).ravel()
    seeds_b = (jitter[1] + np.arange(rows, dtype=np.float32)[:, None]).ravel()
    cell_a, cell_b = a.astype(np.int32), b.astype(np.int32)
    base = cell_b * columns + cell_a
    first = np.full(u.shape, 9, dtype=np.float32)
    second = first.copy()
    owner = np.zeros(u.shape, dtype=np.int32)
    for step_b in (-1, 0, 1):
        for step_a in (-1, 0, 1):
            number = base + (step_b * columns + step_a)
            gap_a = np.abs(seeds_a[number] - a)
            gap_b = np.abs(seeds_b[number] - b)
            gap = np.maximum(gap_a, gap_b) + 0.35 * np.minimum(gap_a, gap_b)
            closer = gap < first
            np.minimum(second, np.maximum(first, gap), out=second)
            np.copyto(owner, number, where=closer)
            np.minimum(first, gap, out=first)
    return owner, second - first


def enlarge(coarse: NDArray[np.floating], shape: tuple[int, int]) -> Grid:
    """Bilinear enlargement of a coarse grid whose corners are the corners of the fine one."""
    rows = np.linspace(0, coarse.shape[0] - 1, shape[0])
    columns = np.linspace(0, coarse.shape[1] - 1, shape[1])
    top = np.minimum(rows.astype(int), coarse.shape[0] - 2)
    left = np.minimum(columns.astype(int), coarse.shape[1] - 2)
    down = (rows - top)[:, None]
    right = (columns - left)[None, :]
    across_top = coarse[top][:, left] * (1 - right) + coarse[top][:, left + 1] * right
    across_low = coarse[top + 1][:, left] * (1 - right) + coarse[top + 1][:, left + 1] * right
    return (across_top * (1 - down) + across_low * down).astype(np.float32)


def ramp(values: Grid, low: float, high: float) -> Grid:
    """Smooth step from 0 at low to 1 at high (falling when low > high)."""
    share = np.clip((values - low) / (high - low), 0, 1)
    return (share * share * (3 - 2 * share)).astype(np.float32)
