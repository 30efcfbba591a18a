"""What a scene shows and where: footprint of its valid data, pixel size, stretch of each band."""

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.errors.coordinates import OutsideArea
from georeview.geometry.crs import Crs, Extent, inverse
from georeview.geometry.measure import distance_m

Float64 = NDArray[np.float64]

COARSE_PX = 2048
"""Stretch and footprint are taken from the first overview with sides of at most so many pixels."""

STRETCH_PCT = (2.0, 98.0)
PRECISION = 7  # decimals of a degree, about a centimetre
_MOST_VERTICES = 400
_MOST_EDGES = 40_000


def coarse(path: Path) -> tuple[NDArray[Any], NDArray[np.bool_], Any]:
    """A small version of an analysis copy: one whole overview.

    Returns:
        Values (bands, rows, columns), where they are valid (rows, columns), and the transform.
    """
    import rasterio

    with rasterio.open(path) as image:
        side, steps = max(image.width, image.height), image.overviews(1)
    level = next((i for i, step in enumerate(steps) if side / step <= COARSE_PX), len(steps) - 1)
    at = {} if side <= COARSE_PX or not steps else {"overview_level": level}
    with rasterio.open(path, **at) as image:
        return image.read(), image.read_masks(1) > 0, image.transform


def stretch(values: NDArray[Any], valid: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Darkest and brightest value shown of each band, from the valid pixels alone."""
    limits = []
    for band in values:
        low, high = (float(value) for value in np.percentile(band[valid], STRETCH_PCT))
        limits.append((low, high if high > low else low + 1))
    return limits


def footprint(valid: NDArray[np.bool_], matrix: Any, crs: Crs) -> shapely.Geometry:
    """Outline of the valid data in EPSG:4490; the convex hull where it is too ragged to draw."""
    outline = _hull(valid, matrix) if _is_ragged(valid) else _outline(valid, matrix)
    # Straight lines of the grid are curves in degrees; short pieces stay on them.
    low_x, low_y, high_x, high_y = outline.bounds
    fine = shapely.segmentize(outline, max(high_x - low_x, high_y - low_y) / 32)
    placed = shapely.transform(fine, lambda xy: inverse(xy, crs))
    return shapely.set_precision(placed.simplify(1e-6), 10.0**-PRECISION)


def _is_ragged(valid: NDArray[np.bool_]) -> bool:
    """Whether the outline would have more pixel edges than a scene's own border can explain."""
    edges = sum(np.count_nonzero(np.diff(valid, axis=axis)) for axis in (0, 1))
    return bool(edges > _MOST_EDGES)


def _outline(valid: NDArray[np.bool_], matrix: Any) -> shapely.Geometry:
    from rasterio.features import shapes

    parts = shapes(valid.astype(np.uint8), mask=valid, connectivity=8, transform=matrix)
    outline = shapely.union_all([shapely.geometry.shape(part) for part, _ in parts])
    outline = outline.simplify(float(np.sqrt(abs(matrix.determinant))))
    ragged = shapely.get_num_coordinates(outline) > _MOST_VERTICES
    return shapely.convex_hull(outline) if ragged else outline


def _hull(valid: NDArray[np.bool_], matrix: Any) -> shapely.Geometry:
    """Convex hull of the valid pixels, from the first and last of each row."""
    rows = np.flatnonzero(valid.any(axis=1))
    first = valid[rows].argmax(axis=1)
    last = valid.shape[1] - valid[rows, ::-1].argmax(axis=1)
    columns = np.concatenate([first, first, last, last])
    ends = np.concatenate([rows, rows + 1, rows, rows + 1])
    return shapely.convex_hull(shapely.multipoints(np.column_stack(matrix @ (columns, ends))))


def centre(image: Any, crs: Crs) -> tuple[float, float, float]:
    """Longitude and latitude of the middle in degrees, and the size of a pixel there in metres."""
    x, y = image.width / 2, image.height / 2
    spots = np.array([image.transform @ spot for spot in ((x, y), (x + 1, y), (x, y + 1))])
    (lon, lat), right, down = inverse(spots, crs)
    sides = [distance_m(lon, lat, *end) for end in (right, down)]
    return float(lon), float(lat), float(np.sqrt(sides[0] * sides[1]))


def need_in(image: Any, crs: Crs, expected: Extent) -> None:
    """Refuse an image that does not touch the expected area.

    Args:
        image: The image.
        crs: Its system.
        expected: West, south, east, north in degrees.

    Raises:
        OutsideArea: It lies elsewhere.
    """
    corners = [(0, 0), (image.width, 0), (0, image.height), (image.width, image.height)]
    lonlat = inverse(np.array([image.transform @ corner for corner in corners]), crs)
    west, south, east, north = expected
    if np.isfinite(lonlat).all():
        (low_x, low_y), (high_x, high_y) = lonlat.min(axis=0), lonlat.max(axis=0)
        if low_x <= east and high_x >= west and low_y <= north and high_y >= south:
            return
    lon, lat = (f"{value:.3f}" if np.isfinite(value) else "-" for value in lonlat.mean(axis=0))
    raise OutsideArea(crs=crs.code or crs.name, lon=lon, lat=lat)
