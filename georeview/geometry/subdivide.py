"""Big geometries → many small ones with their owner, so that an index can tell them apart."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

Geometries = NDArray[np.object_]
Int = NDArray[np.int64]
Float64 = NDArray[np.float64]

POLYGON_VERTICES: Final = 64
LINE_VERTICES: Final = 8
_LEVELS: Final = 40


@dataclass(frozen=True, slots=True)
class Pieces:
    """Small geometries and whose they are.

    Attributes:
        geoms: Pieces (m,).
        owner: Index of the geometry each was cut from (m,).
    """

    geoms: Geometries
    owner: Int


@dataclass(frozen=True, slots=True)
class LinePieces:
    """Stretches of lines, in order along each line.

    Attributes:
        geoms: Stretches (m,), neighbours share an end.
        owner: Index of the line each belongs to (m,).
        first: Index of its first vertex among all vertices of all lines (m,).
    """

    geoms: Geometries
    owner: Int
    first: Int


def polygons(geoms: Geometries, most: int = POLYGON_VERTICES) -> Pieces:
    """Halve polygons across their longer side until none has more than ``most`` vertices.

    Args:
        geoms: Valid polygons or multipolygons (n,).
        most: Vertices a piece may have.

    Returns:
        Pieces that cover the same area without overlap, owners ascending.
    """
    geoms, owner = _polygonal_parts(geoms, np.arange(len(geoms)))
    done: list[Geometries] = []
    owners: list[Int] = []
    for _ in range(_LEVELS):
        small = shapely.get_num_coordinates(geoms) <= most
        done.append(geoms[small])
        owners.append(owner[small])
        geoms, owner = geoms[~small], owner[~small]
        if not len(geoms):
            break
        geoms, owner = _halved(geoms, owner)
    pieces = np.concatenate([*done, geoms])
    belongs = np.concatenate([*owners, owner])
    order = np.argsort(belongs, kind="stable")
    return Pieces(pieces[order], belongs[order])


def lines(geoms: Geometries, most: int = LINE_VERTICES) -> LinePieces:
    """Cut simple lines (n,) into stretches of at most ``most`` vertices."""
    xy, line = shapely.get_coordinates(geoms, return_index=True)
    count = np.bincount(line, minlength=len(geoms))
    start = np.cumsum(count) - count
    step = most - 1
    stretches = np.maximum(0, -((1 - count) // step))
    owner = np.repeat(np.arange(len(geoms)), stretches)
    nth = np.arange(len(owner)) - np.repeat(np.cumsum(stretches) - stretches, stretches)
    first = start[owner] + nth * step
    last = np.minimum(first + step, start[owner] + count[owner] - 1)
    size = last - first + 1
    stretch = np.repeat(np.arange(len(owner)), size)
    vertex = np.arange(len(stretch)) - np.repeat(np.cumsum(size) - size, size) + first[stretch]
    return LinePieces(shapely.linestrings(xy[vertex], indices=stretch), owner, first)


def _halved(geoms: Geometries, owner: Int) -> tuple[Geometries, Int]:
    west, south, east, north = shapely.bounds(geoms).T
    wide = east - west >= north - south
    middle_x = np.where(wide, (west + east) / 2, east)
    middle_y = np.where(wide, north, (south + north) / 2)
    low = shapely.box(west, south, middle_x, middle_y)
    high = shapely.box(np.where(wide, middle_x, west), np.where(wide, south, middle_y), east, north)
    halves = np.concatenate([shapely.intersection(geoms, low), shapely.intersection(geoms, high)])
    return _polygonal_parts(halves, np.concatenate([owner, owner]))


def _polygonal_parts(geoms: Geometries, owner: Int) -> tuple[Geometries, Int]:
    """Single polygons out of whatever there is; touching points and lines are left out."""
    parts, which = shapely.get_parts(geoms, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    polygonal = shapely.get_dimensions(parts) == 2
    return parts[polygonal], owner[which[inner]][polygonal]
