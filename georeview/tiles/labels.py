"""Where the names of a layer's features stand: inside areas, along lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int = NDArray[np.int64]
Geometries = NDArray[np.object_]

_EVERY: Final = 0.5
"""Along a line a name stands again after so many tiles."""

_SHORTEST: Final = 0.25
"""A line shorter than this share of a tile has no name."""

_REACH: Final = 0.08
"""The direction of a name is that of the line over this share of a tile to each side."""


@dataclass(frozen=True, slots=True)
class Labels:
    """Places for names.

    Attributes:
        at: Where (n, 2), mercator metres.
        owner: Which feature each names (n).
        angle: Direction in degrees clockwise from east (n), -90 to 90; 0 in areas.
        room: Distance to the edge of the area (n), mercator metres; 0 on lines.
    """

    at: Float64
    owner: Int
    angle: Int
    room: Float64


def place(geoms: Geometries, tile_m: float) -> Labels:
    """Places for the names of all features at one zoom.

    Args:
        geoms: Features, mercator metres.
        tile_m: Side of a tile at this zoom, mercator metres.
    """
    parts, owner = shapely.get_parts(geoms, return_index=True)
    dimension = shapely.get_dimensions(parts)
    return _joined(
        (
            _in_areas(parts[dimension == 2], owner[dimension == 2]),
            _along_lines(parts[dimension == 1], owner[dimension == 1], tile_m),
        )
    )


def _in_areas(parts: Geometries, owner: Int) -> Labels:
    """The middle of the largest circle inside the largest part of each feature."""
    order = np.lexsort((-shapely.area(parts), owner))
    _, first = np.unique(owner[order], return_index=True)
    largest = order[first]
    shapes = parts[largest]
    rough = np.sqrt(shapely.area(shapes)) / 50
    circles = shapely.maximum_inscribed_circle(shapely.simplify(shapes, rough), tolerance=rough)
    return Labels(
        shapely.get_coordinates(shapely.get_point(circles, 0)),
        owner[largest],
        np.zeros(len(largest), dtype=np.int64),
        shapely.length(circles),
    )


def _along_lines(parts: Geometries, owner: Int, tile_m: float) -> Labels:
    length = shapely.length(parts)
    count = np.maximum(np.floor(length / (tile_m * _EVERY)), length >= tile_m * _SHORTEST)
    times = count.astype(np.int64)
    which = np.repeat(np.arange(len(parts)), times)
    place_in_line = np.arange(len(which)) - np.repeat(np.cumsum(times) - times, times)
    along = (place_in_line + 0.5) * length[which] / times[which]
    reach = tile_m * _REACH
    before = _points(parts[which], np.maximum(along - reach, 0))
    after = _points(parts[which], np.minimum(along + reach, length[which]))
    east, north = (after - before).T
    angle = np.rint(np.degrees(np.arctan2(-north, east))).astype(np.int64)
    upright = (angle + 90) % 180 - 90
    return Labels(_points(parts[which], along), owner[which], upright, np.zeros(len(which)))


def _points(lines: Geometries, along: Float64) -> Float64:
    found: Float64 = shapely.get_coordinates(shapely.line_interpolate_point(lines, along))
    return found


def _joined(some: Sequence[Labels]) -> Labels:
    return Labels(
        np.concatenate([labels.at for labels in some]),
        np.concatenate([labels.owner for labels in some]),
        np.concatenate([labels.angle for labels in some]),
        np.concatenate([labels.room for labels in some]),
    )
