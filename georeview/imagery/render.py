"""Tiles of a display copy: at its own zooms a tile is one block of one overview, read whole."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georeview.geometry.grid import HALF_WORLD_M
from georeview.imagery.display import TILE
from georeview.imagery.handles import Handles

Picture = NDArray[np.uint8]

EMPTY: tuple[int, int, int] = (229, 232, 228)
"""What a JPEG, which knows no transparency, shows where there is nothing."""

_FAR = 2.0
"""Pixels of the coarsest overview to one of the picture, beyond which it is shrunk as a whole."""

_WEBP_QUALITY = 80
_JPEG_QUALITY = 82


@dataclass(frozen=True, slots=True)
class Pyramid:
    """Where a display copy lies on the tile grid.

    Attributes:
        zoom: Zoom of the file itself.
        west: Left edge in pixels of that zoom's world.
        north: Upper edge.
        width: Columns.
        height: Rows.
        levels: Overviews.
    """

    zoom: int
    west: int
    north: int
    width: int
    height: int
    levels: int


def pyramid(image: Any) -> Pyramid:
    """Read off an open display copy."""
    step, half = image.transform.a, float(HALF_WORLD_M)
    zoom = round(np.log2(2 * half / (TILE * step)))
    west = round((image.transform.c + half) / step)
    north = round((half - image.transform.f) / step)
    return Pyramid(zoom, west, north, image.width, image.height, len(image.overviews(1)))


def tile(handles: Handles, path: Path, z: int, x: int, y: int, fmt: str) -> bytes | None:
    """A tile of 256 pixels.

    Args:
        handles: Open files.
        path: The display copy.
        z: Zoom, any.
        x: Column.
        y: Row.
        fmt: ``webp``, ``png`` or ``jpg``.

    Returns:
        The picture, ``None`` where there is nothing to see.
    """
    with handles.lent(path, 0) as image:
        lies = pyramid(image)
    box = tile_box(lies, z, x, y)
    picture = read(handles, path, lies, box, (TILE, TILE))
    return None if picture is None else encoded(picture, fmt)


def tile_box(lies: Pyramid, z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, north, east, south of a tile in pixels of the file."""
    side = TILE * 2.0 ** (lies.zoom - z)
    west, north = x * side - lies.west, y * side - lies.north
    return west, north, west + side, north + side


def read(
    handles: Handles,
    path: Path,
    lies: Pyramid,
    box: tuple[float, float, float, float],
    size: tuple[int, int],
) -> Picture | None:
    """A part of a display copy at some size.

    Args:
        handles: Open files.
        path: The display copy.
        lies: Where it lies.
        box: West, north, east, south in pixels of the file; may reach beyond it.
        size: Width and height of the picture.

    Returns:
        Array (height, width, 4), the last band 0 where there is nothing; ``None`` where that is
        everywhere.
    """
    scale = (box[2] - box[0]) / size[0]
    level = int(np.clip(np.floor(np.log2(max(scale, 1e-9)) + 1e-6), 0, lies.levels))
    west, north, east, south = (side / 2**level for side in box)
    with handles.lent(path, level) as image:
        if scale / 2**level > _FAR:
            return _from_afar(image, (west, north, east, south), size)
        # Whole pixels, and one more on each side where they are going to be resampled.
        exact = (east - west, south - north) == size
        left, top = (int(np.floor(side)) - (not exact) for side in (west, north))
        right, low = (int(np.ceil(side)) + (not exact) for side in (east, south))
        pixels = _clipped(image, left, top, right, low)
    if pixels is None:
        return None
    if exact:
        return pixels
    return _resized(pixels, (west - left, north - top, east - left, south - top), size)


def _from_afar(
    image: Any, box: tuple[float, float, float, float], size: tuple[int, int]
) -> Picture | None:
    """The coarsest overview, smaller still: only the pixels it falls on are made."""
    from PIL import Image

    west, north, east, south = box
    step_x, step_y = (east - west) / size[0], (south - north) / size[1]
    x0, y0 = max(int(-west / step_x), 0), max(int(-north / step_y), 0)
    x1 = min(int(np.ceil((image.width - west) / step_x)), size[0])
    y1 = min(int(np.ceil((image.height - north) / step_y)), size[1])
    left, top = max(int(west), 0), max(int(north), 0)
    right, low = min(int(np.ceil(east)), image.width), min(int(np.ceil(south)), image.height)
    if x0 >= x1 or y0 >= y1:
        return None
    pixels = _clipped(image, left, top, right, low)
    if pixels is None:
        return None
    out: Picture = np.zeros((size[1], size[0], 4), dtype=np.uint8)
    small = Image.fromarray(pixels).resize((x1 - x0, y1 - y0), Image.Resampling.BOX)
    out[y0:y1, x0:x1] = np.asarray(small)
    return out if out[..., 3].any() else None


def _clipped(image: Any, left: int, top: int, right: int, low: int) -> Picture | None:
    """Pixels of a box with their opacity; what lies beyond the file is empty."""
    from rasterio.windows import Window

    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(right, image.width), min(low, image.height)
    if x0 >= x1 or y0 >= y1:
        return None
    seen = image.read(window=Window(x0, y0, x1 - x0, y1 - y0))
    if not seen.any():
        return None
    out: Picture = np.zeros((low - top, right - left, 4), dtype=np.uint8)
    part = out[y0 - top : y1 - top, x0 - left : x1 - left]
    part[..., :3] = np.moveaxis(seen, 0, -1)
    part[..., 3] = np.where(seen.any(axis=0), 255, 0)
    return out


def _resized(
    pixels: Picture, box: tuple[float, float, float, float], size: tuple[int, int]
) -> Picture | None:
    from PIL import Image

    picture = Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR, box=box)
    out = np.asarray(picture)
    return out if out[..., 3].any() else None


def encoded(picture: Picture, fmt: str) -> bytes:
    """A picture (rows, columns, 4) as a file; opaque ones carry no opacity."""
    from PIL import Image

    whole = Image.fromarray(picture)
    opaque = bool((picture[..., 3] == 255).all())
    out = io.BytesIO()
    if fmt == "jpg":
        ground = Image.new("RGB", whole.size, EMPTY)
        ground.paste(whole, mask=whole.getchannel("A"))
        ground.save(out, "JPEG", quality=_JPEG_QUALITY)
    elif fmt == "png":
        (whole.convert("RGB") if opaque else whole).save(out, "PNG", compress_level=1)
    else:
        whole = whole.convert("RGB") if opaque else whole
        whole.save(out, "WEBP", quality=_WEBP_QUALITY, method=0)
    return out.getvalue()
