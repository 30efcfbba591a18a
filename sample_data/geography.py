"""The facts the sample starts from: counties, rivers and towns of Bazhong, in metres."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from .chance import Float

HERE = Path(__file__).parent
METRES = 4545  # CGCS2000, 3 degrees, central meridian 108 E: all drawing happens here
ZONE_36_M = 36_000_000  # what EPSG:4524 adds to the eastings of EPSG:4545
LABEL = "合成示例数据 synthetic"


@dataclass(frozen=True, slots=True)
class County:
    """One county.

    Attributes:
        adcode: Six digits.
        name: Chinese name.
        seat: Easting and northing of its seat, EPSG:4545.
        area: Its outline, EPSG:4545.
    """

    adcode: str
    name: str
    seat: tuple[float, float]
    area: shapely.Polygon


def facts() -> Mapping[str, Any]:
    """The whole of ``geography.json``."""
    found: Mapping[str, Any] = json.loads((HERE / "geography.json").read_text("utf-8"))
    return found


@cache
def _transformer(source: int, target: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def to_metres(lonlat: Float) -> Float:
    """EPSG:4490 longitude and latitude, shape (n, 2), to EPSG:4545."""
    return np.column_stack(_transformer(4490, METRES).transform(lonlat[:, 0], lonlat[:, 1]))


def to_degrees(metres: Float) -> Float:
    """EPSG:4545, shape (n, 2), to EPSG:4490 longitude and latitude."""
    return np.column_stack(_transformer(METRES, 4490).transform(metres[:, 0], metres[:, 1]))


def counties() -> list[County]:
    """The counties, in code order, their straight sketch lines roughened like real ones.

    A line shared by two counties is roughened once, so there is neither gap nor overlap.
    """
    found = []
    for entry in facts()["counties"]:
        corners = to_metres(np.array(entry["outline"]))
        sides = [
            _roughen(a, b) for a, b in zip(corners[:-1].tolist(), corners[1:].tolist(), strict=True)
        ]
        seat = to_metres(np.array([[entry["seat"]["lon"], entry["seat"]["lat"]]]))[0]
        ring = np.concatenate([side[:-1] for side in sides])
        found.append(
            County(
                entry["adcode"],
                entry["name"],
                (seat[0], seat[1]),
                shapely.Polygon(np.round(ring, 3)),
            )
        )
    return found


def towns() -> list[tuple[str, str, float, float]]:
    """Towns known by name: county code, name, easting, northing."""
    listed = facts()["towns"]
    metres = to_metres(np.array([[town["lon"], town["lat"]] for town in listed]))
    return [
        (town["adcode"], town["name"], x, y)
        for town, (x, y) in zip(listed, metres.tolist(), strict=True)
    ]


def _roughen(start: list[float], end: list[float]) -> NDArray[np.float64]:
    """A line from start to end by halving and moving the middle, the same from either side."""
    turned = start > end
    first, last = (end, start) if turned else (start, end)
    points = np.array([first, last])
    for level in range(6):
        key = sha256(f"{first}{last}{level}".encode()).digest()
        draws = np.frombuffer(key * 2, dtype=np.uint8)[: len(points) - 1] / 127.5 - 1
        step = np.diff(points, axis=0)
        sideways = np.stack([-step[:, 1], step[:, 0]], axis=1)
        middles = points[:-1] + step / 2 + sideways * (0.16 * draws)[:, None]
        merged = np.empty((2 * len(points) - 1, 2))
        merged[0::2], merged[1::2] = points, middles
        points = merged
    return points[::-1] if turned else points


def to_gcj02(lonlat: Float) -> Float:
    """Move WGS 84 positions the way Chinese phone maps do.

    Args:
        lonlat: Shape (n, 2), degrees.

    Returns:
        Shape (n, 2): 440-510 m further toward the east-south-east around Bazhong.

    Note:
        The formula is the widely published one; semi-major axis 6378245 m (Krasovsky).
    """
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    ripple = 20 * np.sin(6 * math.pi * x) + 20 * np.sin(2 * math.pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (
        ripple
        + 20 * np.sin(math.pi * y)
        + 40 * np.sin(math.pi * y / 3)
        + 160 * np.sin(math.pi * y / 12)
        + 320 * np.sin(math.pi * y / 30)
    ) * (2 / 3)
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (
        ripple
        + 20 * np.sin(math.pi * x)
        + 40 * np.sin(math.pi * x / 3)
        + 150 * np.sin(math.pi * x / 12)
        + 300 * np.sin(math.pi * x / 30)
    ) * (2 / 3)
    eccentricity2 = 0.00669342162296594323
    latitude = np.radians(lonlat[:, 1])
    bulge = 1 - eccentricity2 * np.sin(latitude) ** 2
    meridian = 6378245.0 * (1 - eccentricity2) / bulge**1.5
    parallel = 6378245.0 / np.sqrt(bulge) * np.cos(latitude)
    return lonlat + np.stack([np.degrees(east / parallel), np.degrees(north / meridian)], axis=1)
