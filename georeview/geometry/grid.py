"""The web map's tile grid: tile z/x/y ↔ Web Mercator metres ↔ longitude, latitude.

Web Mercator (EPSG:3857) is a sphere of radius 6,378,137 m fed with geodetic latitude; tile 0/0/0
is the whole square, x grows east, y grows south.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Bounds = tuple[float, float, float, float]

RADIUS_M: Final = 6_378_137.0
HALF_WORLD_M: Final = np.pi * RADIUS_M
MAX_LATITUDE: Final = 85.051128779806604
MAX_ZOOM: Final = 24


def mercator(lonlat: Float64) -> Float64:
    """Longitude, latitude (n, 2) in degrees → east, north (n, 2) in metres of EPSG:3857."""
    latitude = np.radians(np.clip(lonlat[:, 1], -MAX_LATITUDE, MAX_LATITUDE))
    x = RADIUS_M * np.radians(lonlat[:, 0])
    y = RADIUS_M * np.arctanh(np.sin(latitude))
    return np.column_stack([x, y])


def unmercator(xy: Float64) -> Float64:
    """East, north (n, 2) in metres of EPSG:3857 → longitude, latitude (n, 2) in degrees."""
    lon = np.degrees(xy[:, 0] / RADIUS_M)
    lat = np.degrees(np.arctan(np.sinh(xy[:, 1] / RADIUS_M)))
    return np.column_stack([lon, lat])


def exists(z: int, x: int, y: int) -> bool:
    """Whether there is such a tile."""
    return 0 <= z <= MAX_ZOOM and 0 <= x < 1 << z and 0 <= y < 1 << z


def tile_bounds(z: int, x: int, y: int, buffer: float = 0.0) -> Bounds:
    """West, south, east, north of a tile in metres of EPSG:3857.

    Args:
        z: Zoom level.
        x: Column from the west.
        y: Row from the north.
        buffer: Widened on each side by this share of a tile.
    """
    size = 2 * HALF_WORLD_M / (1 << z)
    west = x * size - HALF_WORLD_M
    north = HALF_WORLD_M - y * size
    more = buffer * size
    return (west - more, north - size - more, west + size + more, north + more)


def tile_bounds_lonlat(z: int, x: int, y: int, buffer: float = 0.0) -> Bounds:
    """West, south, east, north of a tile in degrees; arguments as ``tile_bounds``."""
    west, south, east, north = tile_bounds(z, x, y, buffer)
    (lon0, lat0), (lon1, lat1) = unmercator(np.array([[west, south], [east, north]]))
    return (float(lon0), float(lat0), float(lon1), float(lat1))


def tile_range(bounds: Bounds, z: int) -> tuple[range, range]:
    """Columns and rows of the tiles at a zoom that a box in degrees touches."""
    west, south, east, north = bounds
    (x0, y0), (x1, y1) = mercator(np.array([[west, north], [east, south]]))
    size = 2 * HALF_WORLD_M / (1 << z)
    last = (1 << z) - 1
    columns = [int(np.clip((x + HALF_WORLD_M) // size, 0, last)) for x in (x0, x1)]
    rows = [int(np.clip((HALF_WORLD_M - y) // size, 0, last)) for y in (y0, y1)]
    return range(columns[0], columns[1] + 1), range(rows[0], rows[1] + 1)
