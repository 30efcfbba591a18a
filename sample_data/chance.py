"""Chance that can be repeated: every stream of numbers is named and follows from the seed."""

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


def stream(seed: int, *names: object) -> np.random.Generator:
    """A generator of its own for each purpose, so that adding one leaves the others alone.

    Args:
        seed: The seed of the whole sample.
        names: What the numbers are for, e.g. ``"river", "SYN-R02"``.

    Returns:
        A generator that depends on the seed and the names only.
    """
    text = ":".join(str(part) for part in (seed, *names))
    return np.random.default_rng(int.from_bytes(sha256(text.encode()).digest()[:16], "big"))


def smooth(values: Float, sigma: float) -> Float:
    """Gaussian smoothing of a series whose two ends stay where they are.

    Args:
        values: Shape (n,) or (n, k).
        sigma: Standard deviation in samples.

    Returns:
        The same shape, float64.
    """
    half = min(int(4 * sigma) + 1, len(values) - 1)
    kernel = np.exp(-0.5 * (np.arange(-half, half + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    head = 2 * values[:1] - values[half:0:-1]
    tail = 2 * values[-1:] - values[-2 : -half - 2 : -1]
    padded = np.concatenate([head, values, tail])
    if values.ndim == 1:
        return np.convolve(padded, kernel, mode="valid")
    return np.stack([np.convolve(column, kernel, mode="valid") for column in padded.T], axis=1)


def wander(rng: np.random.Generator, count: int, sigma: float) -> Float:
    """A smooth random series with mean near 0 and standard deviation 1.

    Args:
        rng: Where the numbers come from.
        count: Length of the series.
        sigma: Standard deviation of the smoothing in samples: the larger, the slower.

    Returns:
        Shape (count,).
    """
    pad = int(4 * sigma) + 1
    noise = rng.standard_normal(count + 2 * pad)
    kernel = np.exp(-0.5 * (np.arange(-pad, pad + 1) / sigma) ** 2)
    kernel /= np.sqrt((kernel**2).sum())
    return np.convolve(noise, kernel, mode="valid")[:count]
