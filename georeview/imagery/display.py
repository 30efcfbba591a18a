"""The display copy: 8 bits, true colour, on the web map's own grid, so that a tile is one block."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, cos, log2, radians
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georeview.geometry.crs import Crs, forward
from georeview.geometry.grid import HALF_WORLD_M, tile_range, unmercator

TILE = 256
CHUNK = 8 * TILE
"""Pixels warped at once, along each side."""

MAX_ZOOM = 22
_BELOW, _ABOVE, _GAMMA = 0.03, 0.30, 0.8
_COARSER = 0.3
"""A zoom is taken whose pixels are up to 2 ** 0.3 times as large as the scene's."""

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Tone:
    """How the values of one band are shown: 1 at ``low``, 255 at ``high``.

    Attributes:
        low: Value shown darkest.
        high: Value shown brightest.
        gamma: Power of the curve between; below 1 lifts the shadows.
    """

    low: float
    high: float
    gamma: float = 1.0

    @classmethod
    def of(cls, low: float, high: float) -> "Tone":
        """Leaves room above and below a stretch.

        What is to be judged, roofs, heaps and sand, is brighter than nearly everything else; cut
        off at the 98th percentile it would be plain white.
        """
        room = high - low
        return cls(low - _BELOW * room, high + _ABOVE * room, _GAMMA)

    def shown(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Values → 1-255."""
        share = np.clip((values - self.low) / (self.high - self.low), 0, 1)
        curved: NDArray[np.float32] = 1 + 254 * share**self.gamma
        return curved


@dataclass(frozen=True, slots=True)
class Grid:
    """A part of the tile grid.

    Attributes:
        zoom: Zoom level whose tiles are the blocks.
        column: Column of the first tile.
        row: Row of the first tile.
        columns: Tiles from west to east.
        rows: Tiles from north to south.
        levels: Overviews, each half of the one before, all with blocks on the grid of their zoom.
    """

    zoom: int
    column: int
    row: int
    columns: int
    rows: int
    levels: int

    @property
    def pixel_m(self) -> float:
        """Size of a pixel in metres of EPSG:3857."""
        return 2 * float(HALF_WORLD_M) / (TILE << self.zoom)

    @property
    def origin(self) -> tuple[float, float]:
        """West and north edge in metres of EPSG:3857."""
        size, half = self.pixel_m * TILE, float(HALF_WORLD_M)
        return self.column * size - half, half - self.row * size


def zoom_for(pixel_m: float, lat: float) -> int:
    """The zoom at which a scene is shown pixel for pixel, or nearly."""
    on_map = pixel_m / cos(radians(lat))
    whole_world = 2 * float(HALF_WORLD_M) / TILE
    return min(max(ceil(log2(whole_world / on_map) - _COARSER), 0), MAX_ZOOM)


def grid_for(bounds: tuple[float, float, float, float], zoom: int) -> Grid:
    """The tiles that cover a box in degrees, widened so that every overview begins on a tile."""
    columns, rows = tile_range(bounds, zoom)
    levels = max(0, ceil(log2(max(len(columns), len(rows)))) - 1)
    step = 1 << levels
    column, row = columns.start // step * step, rows.start // step * step
    wide = ceil((columns.stop - column) / step) * step
    high = ceil((rows.stop - row) / step) * step
    return Grid(zoom, column, row, wide, high, levels)


def write(
    image: Any,
    crs: Crs,
    shown: Sequence[int],
    tones: Sequence[Tone],
    grid: Grid,
    path: Path,
) -> None:
    """Write the display copy; what no pixel falls on takes no room in the file.

    Args:
        image: The analysis copy.
        crs: Its system.
        shown: Numbers of the bands shown as red, green and blue.
        tones: How each of them is shown.
        grid: Where.
        path: The file, replaced if it is there.
    """
    import rasterio
    from rasterio.enums import Resampling

    with rasterio.open(path, "w", **_profile(grid)) as out:
        for window in _windows(grid):
            picture = _warped(image, crs, shown, tones, grid, window)
            if picture is not None and picture.any():
                out.write(picture, window=window)
    if grid.levels:
        with rasterio.Env(SPARSE_OK_OVERVIEW=True), rasterio.open(path, "r+") as out:
            steps = [2**level for level in range(1, grid.levels + 1)]
            out.build_overviews(steps, Resampling.average)


def _profile(grid: Grid) -> dict[str, Any]:
    from rasterio.crs import CRS

    return {
        "driver": "GTiff",
        "width": grid.columns * TILE,
        "height": grid.rows * TILE,
        "count": 3,
        "dtype": "uint8",
        "crs": CRS.from_epsg(3857),
        "transform": _matrix(grid, 0, 0),
        "nodata": 0,
        "tiled": True,
        "blockxsize": TILE,
        "blockysize": TILE,
        "interleave": "pixel",
        "photometric": "rgb",
        "compress": "zstd",
        "zstd_level": 3,
        "predictor": 2,
        "sparse_ok": True,
        "bigtiff": "if_safer",
    }


def _matrix(grid: Grid, column_px: int, row_px: int) -> Any:
    from rasterio.transform import Affine

    west, north = grid.origin
    step = grid.pixel_m
    return Affine(step, 0, west + column_px * step, 0, -step, north - row_px * step)


def _windows(grid: Grid) -> Iterator[Any]:
    from rasterio.windows import Window

    width, height = grid.columns * TILE, grid.rows * TILE
    for row in range(0, height, CHUNK):
        for column in range(0, width, CHUNK):
            yield Window(column, row, min(CHUNK, width - column), min(CHUNK, height - row))


def _warped(
    image: Any,
    crs: Crs,
    shown: Sequence[int],
    tones: Sequence[Tone],
    grid: Grid,
    window: Any,
) -> Picture | None:
    """One square of the map, ``None`` where the scene does not reach."""
    from rasterio.enums import Resampling
    from rasterio.transform import Affine
    from rasterio.warp import reproject

    under = _window_under(image, crs, grid, window)
    if under is None:
        return None
    picture = _in_eight_bits(image, shown, tones, under)
    out: Picture = np.zeros((3, window.height, window.width), dtype=np.uint8)
    reproject(
        picture,
        out,
        src_transform=image.transform @ Affine.translation(under.col_off, under.row_off),
        src_crs=image.crs,
        src_nodata=0,
        dst_transform=_matrix(grid, window.col_off, window.row_off),
        dst_crs="EPSG:3857",
        dst_nodata=0,
        resampling=Resampling.bilinear,
        num_threads=2,
    )
    return out


def _window_under(image: Any, crs: Crs, grid: Grid, window: Any) -> Any:
    """Pixels of the image that lie under a square of the map, with two to spare on each side."""
    from rasterio.windows import Window

    matrix = _matrix(grid, window.col_off, window.row_off)
    steps = np.linspace(0, 1, 9)
    columns, rows = np.meshgrid(steps * window.width, steps * window.height)
    spots = np.column_stack(matrix @ (columns.ravel(), rows.ravel()))
    x, y = ~image.transform @ tuple(forward(unmercator(spots), crs).T)
    left, top = max(int(x.min()) - 2, 0), max(int(y.min()) - 2, 0)
    right, low = min(int(x.max()) + 3, image.width), min(int(y.max()) + 3, image.height)
    return Window(left, top, right - left, low - top) if left < right and top < low else None


def _in_eight_bits(image: Any, shown: Sequence[int], tones: Sequence[Tone], window: Any) -> Picture:
    """Values stretched to 1-255; 0 where there is nothing."""
    valid = image.read_masks(1, window=window) > 0
    out: Picture = np.zeros((3, *valid.shape), dtype=np.uint8)
    for place, (number, tone) in enumerate(zip(shown, tones, strict=True)):
        values = image.read(number, window=window, out_dtype="float32")
        out[place] = np.where(valid, tone.shown(values) + 0.5, 0)
    return out
