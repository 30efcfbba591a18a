"""The two shifted systems of Chinese phone maps, GCJ-02 and BD-09: there and back.

Positions read off Amap or Tencent maps (GCJ-02) stand 440-510 m east-south-east of where they are
around Bazhong, those of Baidu (BD-09) 1,050-1,160 m east-north-east. Both are smooth functions of
the true position, so they are undone by asking again and again which place would be moved here.

The formulas are the widely published ones; neither has an official text.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
ShiftName = Literal["GCJ-02", "BD-09"]
Waves = tuple[tuple[float, float], ...]

_A_M: Final = 6_378_245.0
_E2: Final = 0.006_693_421_622_965_943
"""Krasovsky's ellipsoid, as the published formula has it."""

_SHARED: Final[Waves] = ((20.0, 6.0), (20.0, 2.0))
_EAST: Final[Waves] = ((20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30))
_NORTH: Final[Waves] = ((20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30))
"""Amplitude in metres (two thirds of it count) and half-periods per degree."""

_BAIDU_TURN: Final = math.pi * 3000.0 / 180.0
_ROUNDS: Final = 6
"""Each leaves less than a hundredth of the error: six are far under a millimetre."""


def to_gcj02(lonlat: Float64) -> Float64:
    """True longitude, latitude (n, 2) in degrees → where GCJ-02 shows them."""
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    root, product, ripple = np.sqrt(np.abs(x)), 0.1 * x * y, _waves(x, _SHARED)
    east = 300 + x + 2 * y + 0.1 * x * x + product + 0.1 * root + ripple + _waves(x, _EAST)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + product + 0.2 * root + ripple + _waves(y, _NORTH)
    latitude = np.radians(lonlat[:, 1])
    bulge = 1 - _E2 * np.sin(latitude) ** 2
    parallel_m = _A_M / np.sqrt(bulge) * np.cos(latitude)
    meridian_m = _A_M * (1 - _E2) / bulge**1.5
    return lonlat + np.degrees(np.column_stack([east / parallel_m, north / meridian_m]))


def to_bd09(lonlat: Float64) -> Float64:
    """True longitude, latitude (n, 2) in degrees → where Baidu's maps show them."""
    x, y = to_gcj02(lonlat).T
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BAIDU_TURN)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BAIDU_TURN)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def from_gcj02(shown: Float64) -> Float64:
    """The other way round."""
    return _undone(shown, to_gcj02)


def from_bd09(shown: Float64) -> Float64:
    """The other way round."""
    return _undone(shown, to_bd09)


@dataclass(frozen=True, slots=True)
class Shift:
    """A shifted system: from true positions (n, 2) to shown ones, and back."""

    there: Callable[[Float64], Float64]
    back: Callable[[Float64], Float64]


SHIFTS: Final[Mapping[ShiftName, Shift]] = MappingProxyType(
    {"GCJ-02": Shift(to_gcj02, from_gcj02), "BD-09": Shift(to_bd09, from_bd09)}
)


def _waves(degrees: Float64, waves: Waves) -> Float64:
    """Sum of sines along one axis (n,), metres."""
    return sum(
        (2 / 3 * metres * np.sin(degrees * turns * math.pi) for metres, turns in waves),
        start=np.zeros(len(degrees)),
    )


def _undone(shown: Float64, there: Callable[[Float64], Float64]) -> Float64:
    """The places that ``there`` moves to ``shown``."""
    with np.errstate(invalid="ignore"):  # what is no place stays none
        found = shown
        for _ in range(_ROUNDS):
            found = found - (there(found) - shown)
    return found
