"""Tiny rasters in one line each, written by real GDAL."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.errors import NotGeoreferencedWarning
from rasterio.transform import Affine
from shapely import Polygon, box

from georeview.geometry.systems import forward, inverse, known

LON, LAT = 107.10, 31.56
"""North-western corner of every test image, degrees."""

EXTENT = (106.3, 31.2, 107.8, 32.8)
STEP = {4545: 2.0, 32648: 2.0, 3857: 2.4, 4490: 2e-5}


def corner(epsg: int) -> tuple[float, float]:
    """The corner in a system."""
    x, y = forward(np.array([[LON, LAT]]), known(epsg))[0]
    return float(x), float(y)


def matrix(epsg: int) -> Affine:
    x, y = corner(epsg)
    return Affine(STEP[epsg], 0, x, 0, -STEP[epsg], y)


def ground(shape: tuple[int, int], bands: int = 4, top: float = 2000) -> NDArray[np.float64]:
    """Smooth hills of numbers from about a tenth of ``top`` up to it, each band its own."""
    row, column = np.mgrid[: shape[0], : shape[1]] / 25.0
    waves = [np.sin(row + n) * np.cos(column * (1 + n / 5)) for n in range(bands)]
    return (np.array(waves) * 0.45 + 0.55) * top


def write(path: Path, values: NDArray[Any], epsg: int | None = 4545, **profile: Any) -> Path:
    """A GeoTIFF of these values (bands, rows, columns)."""
    roles = profile.pop("roles", None)
    mask = profile.pop("mask", None)
    tags = profile.pop("tags", {})
    known_place = {"crs": CRS.from_epsg(epsg), "transform": matrix(epsg)} if epsg else {}
    profile = {
        "driver": "GTiff",
        "count": values.shape[0],
        "height": values.shape[1],
        "width": values.shape[2],
        "dtype": values.dtype.name,
        **known_place,
        **profile,
    }
    with (
        warnings.catch_warnings(action="ignore", category=NotGeoreferencedWarning),
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(path, "w", **profile) as image,
    ):
        image.write(values)
        for number, role in enumerate(roles or (), start=1):
            image.set_band_description(number, role)
        if mask is not None:
            image.write_mask(mask)
        image.update_tags(**tags)
    return path


def square(column: float, row: float, side: float, epsg: int = 4545) -> Polygon:
    """A square of the image's pixels, EPSG:4490."""
    edges = np.array(box(column, row, column + side, row + side).exterior.coords)
    xy = np.column_stack(matrix(epsg) @ tuple(edges.T))
    return Polygon(inverse(xy, known(epsg)))
