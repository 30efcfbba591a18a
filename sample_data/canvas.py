"""A picture in reflectance that shapes in metres are painted on, edges softened."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from .chance import Float
from .ground import WINDOW
from .texture import Grid

PIXEL_M = 2.0
MARGIN_PX = 4  # drawn beyond the edge, so that a shifted picture has no empty border
_FINE = 3
_FEW = 8  # corners up to which a convex area is worth testing for

Colour = tuple[float, float, float, float]  # reflectance of blue, green, red, near infrared


def _is_convex(corners: Float) -> bool:
    sides = np.roll(corners, -1, axis=0) - corners
    ahead = np.roll(sides, -1, axis=0)
    turns = sides[:, 0] * ahead[:, 1] - sides[:, 1] * ahead[:, 0]
    return bool((turns > 1e-6).all() or (turns < -1e-6).all())


@dataclass(frozen=True, slots=True)
class Canvas:
    """Four bands of reflectance.

    Attributes:
        bands: Shape (4, rows, columns), float32, row 0 in the north.
        west: Easting of the left edge, EPSG:4545.
        north: Northing of the upper edge.
    """

    bands: Grid
    west: float
    north: float

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.bands.shape[1], self.bands.shape[2]

    def mask(self, area: shapely.Geometry) -> tuple[tuple[slice, slice], Grid] | None:
        """Pixels an area covers: where they are, and the share of each that is covered."""
        if area.is_empty:
            return None
        low_x, low_y, high_x, high_y = area.bounds
        rows, columns = self.shape
        left = int(np.clip((low_x - self.west) // PIXEL_M - 1, 0, columns))
        right = int(np.clip((high_x - self.west) // PIXEL_M + 2, 0, columns))
        top = int(np.clip((self.north - high_y) // PIXEL_M - 1, 0, rows))
        low = int(np.clip((self.north - low_y) // PIXEL_M + 2, 0, rows))
        if left >= right or top >= low:
            return None
        where = (slice(top, low), slice(left, right))
        corners = shapely.get_coordinates(area)[:-1]
        if area.geom_type == "Polygon" and len(corners) <= _FEW and _is_convex(corners):
            return where, self._convex(corners, where)
        return where, self._rasterized(area, where)

    def _convex(self, corners: Float, where: tuple[slice, slice]) -> Grid:
        """Share by distance to each side: quick, and right but for the very corners."""
        x = self.west + (np.arange(where[1].start, where[1].stop) + 0.5) * PIXEL_M
        y = self.north - (np.arange(where[0].start, where[0].stop) + 0.5) * PIXEL_M
        share = np.ones((len(y), len(x)))
        sides = np.roll(corners, -1, axis=0) - corners
        sign = np.sign(sides[0, 0] * sides[1, 1] - sides[0, 1] * sides[1, 0])
        for (x0, y0), (dx, dy) in zip(corners, sides, strict=True):
            inward = sign * (dx * (y[:, None] - y0) - dy * (x[None, :] - x0)) / np.hypot(dx, dy)
            share = np.minimum(share, np.clip(inward / PIXEL_M + 0.5, 0, 1))
        return share.astype(np.float32)

    def _rasterized(self, area: shapely.Geometry, where: tuple[slice, slice]) -> Grid:
        from rasterio.features import rasterize
        from rasterio.transform import Affine

        top, left = where[0].start, where[1].start
        height, width = where[0].stop - top, where[1].stop - left
        step = PIXEL_M / _FINE
        fine = rasterize(
            [area],
            out_shape=(height * _FINE, width * _FINE),
            transform=Affine(
                step, 0, self.west + left * PIXEL_M, 0, -step, self.north - top * PIXEL_M
            ),
            dtype="uint8",
        )
        return fine.reshape(height, _FINE, width, _FINE).mean(axis=(1, 3), dtype=np.float32)

    def paint(
        self,
        area: shapely.Geometry,
        colour: Colour,
        *,
        texture: Grid | None = None,
        strength: float = 1.0,
    ) -> None:
        """Paint an area.

        Args:
            area: EPSG:4545.
            colour: Reflectance.
            texture: Factor for every pixel of the canvas, near 1.
            strength: 1 covers, less lets the ground shine through.
        """
        found = self.mask(area)
        if found is None:
            return
        self.lay(*found, colour, texture=texture, strength=strength)

    def lay(
        self,
        where: tuple[slice, slice],
        share: Grid,
        colour: Colour,
        *,
        texture: Grid | None = None,
        strength: float = 1.0,
    ) -> None:
        """Paint where a mask says; see ``paint``."""
        wanted = np.array(colour, dtype=np.float32)[:, None, None]
        if texture is not None:
            wanted = wanted * texture[where]
        ground = self.bands[:, where[0], where[1]]
        ground += (wanted - ground) * (share * strength)

    def shade(self, area: shapely.Geometry, factor: float) -> None:
        """Darken an area, as a shadow does."""
        found = self.mask(area)
        if found is None:
            return
        where, share = found
        self.bands[:, where[0], where[1]] *= 1 - (1 - factor) * share

    def cover(self, colour: Colour, share: Grid, texture: Grid | float = 1.0) -> None:
        """Mix one ground cover into the whole picture by its share per pixel."""
        for number, value in enumerate(colour):
            self.bands[number] += (value * texture - self.bands[number]) * share


def blank() -> Canvas:
    """An empty canvas of the window and its margin."""
    low_x, low_y, high_x, high_y = WINDOW.bounds
    rows = round((high_y - low_y) / PIXEL_M) + 2 * MARGIN_PX
    columns = round((high_x - low_x) / PIXEL_M) + 2 * MARGIN_PX
    return Canvas(
        np.zeros((4, rows, columns), dtype=np.float32),
        low_x - MARGIN_PX * PIXEL_M,
        high_y + MARGIN_PX * PIXEL_M,
    )


def axes(canvas: Canvas) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Easting and northing of pixel centres relative to the upper left corner, metres."""
    rows, columns = canvas.shape
    x = (np.arange(columns, dtype=np.float32) + 0.5) * PIXEL_M
    y = -(np.arange(rows, dtype=np.float32) + 0.5) * PIXEL_M
    return x, y
