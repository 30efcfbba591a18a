"""A plot and its surroundings on one scene, the outline drawn in: the same ground for every scene."""

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry.grid import HALF_WORLD_M, mercator
from georeview.imagery import render
from georeview.imagery.handles import Handles

Box = tuple[float, float, float, float]

AROUND = 1.8
LEAST_M = 100.0
POINT_M = 20.0
"""Radius of the circle drawn for a plot that is a point."""

_YELLOW, _CASING, _WHITE = (255, 221, 51, 255), (20, 24, 20, 200), (255, 255, 255, 255)
_LINE, _CASING_LINE = 2.2, 5.0
_FINE = 3  # drawn so many times larger, then reduced: smooth lines
_BARS_M = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_BAR_SHARE = 0.3
_MARGIN = 8


def chip(handles: Handles, path: Path, wkb: bytes, size: tuple[int, int]) -> bytes | None:
    """A picture of a plot.

    Args:
        handles: Open files.
        path: A display copy.
        wkb: The plot, EPSG:4490.
        size: Width and height in pixels.

    Returns:
        WebP; ``None`` where the scene does not show the plot.
    """
    with handles.lent(path, 0) as image:
        lies = render.pyramid(image)
        step = image.transform.a
    outline, stretch = _on_map(wkb)
    ground = window(outline, stretch, size)
    picture = render.read(handles, path, lies, _in_pixels(ground, lies, step), size)
    if picture is None or not _seen(picture, outline, ground):
        return None
    shown = _on_grey(picture)
    _draw(shown, outline, ground, stretch)
    return render.encoded(np.asarray(shown), "webp")


def window(outline: shapely.Geometry, stretch: float, size: tuple[int, int]) -> Box:
    """Ground shown, west, north, east, south in EPSG:3857: 1.8 times the plot, at least 100 m.

    Args:
        outline: The plot, EPSG:3857.
        stretch: Metres of the map for one on the ground.
        size: Width and height of the picture; its shorter side shows that much ground.
    """
    west, south, east, north = outline.bounds
    side = max(AROUND * max(east - west, north - south), LEAST_M * stretch)
    wide, high = (side * length / min(size) for length in size)
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide / 2, y + high / 2, x + wide / 2, y - high / 2


def _on_map(wkb: bytes) -> tuple[shapely.Geometry, float]:
    """The plot in EPSG:3857, and how much longer lengths are there than on the ground."""
    plot = shapely.from_wkb(wkb)
    flat = shapely.transform(shapely.force_2d(plot), mercator)
    stretch = 1 / float(np.cos(np.radians(plot.centroid.y)))
    if flat.bounds[0] == flat.bounds[2] and flat.bounds[1] == flat.bounds[3]:
        flat = flat.centroid.buffer(POINT_M * stretch)
    return flat, stretch


def _in_pixels(ground: Box, lies: render.Pyramid, step: float) -> Box:
    west, north, east, south = ground
    half = float(HALF_WORLD_M)
    return (
        (west + half) / step - lies.west,
        (half - north) / step - lies.north,
        (east + half) / step - lies.west,
        (half - south) / step - lies.north,
    )


def _to_picture(outline: shapely.Geometry, ground: Box, size: tuple[int, int]) -> shapely.Geometry:
    """The plot in pixels of the picture."""
    west, north, east, _ = ground
    per_m = size[0] / (east - west)
    return shapely.transform(outline, lambda xy: (xy - (west, north)) * (per_m, -per_m))


def _seen(picture: NDArray[np.uint8], outline: shapely.Geometry, ground: Box) -> bool:
    """Whether anything of the plot's own box is on the scene."""
    rows, columns = picture.shape[:2]
    low_x, low_y, high_x, high_y = _to_picture(outline, ground, (columns, rows)).bounds
    inside = picture[int(low_y) : int(high_y) + 1, int(low_x) : int(high_x) + 1, 3]
    return bool(inside.any())


def _on_grey(picture: NDArray[np.uint8]) -> Any:
    from PIL import Image

    seen = Image.fromarray(picture)
    ground = Image.new("RGBA", seen.size, (*render.EMPTY, 255))
    ground.alpha_composite(seen)
    return ground


def _draw(shown: Any, outline: shapely.Geometry, ground: Box, stretch: float) -> None:
    """Outline and scale bar, drawn large and reduced."""
    from PIL import Image, ImageDraw

    wide, high = shown.size
    fine = Image.new("RGBA", (wide * _FINE, high * _FINE), (0, 0, 0, 0))
    pen = ImageDraw.Draw(fine)
    drawn = _to_picture(outline, ground, fine.size)
    lines = [shapely.get_coordinates(part).tolist() for part in _lines(drawn)]
    for width, colour in ((_CASING_LINE, _CASING), (_LINE, _YELLOW)):
        for line in lines:
            spots = [tuple(spot) for spot in line]
            # The first side again, so that the joint is as round as the others.
            pen.line([*spots, *spots[1:2]], colour, round(width * _FINE), joint="curve")
    _draw_bar(pen, ground, stretch, fine.size)
    shown.alpha_composite(fine.reduce(_FINE))


def _lines(shape: shapely.Geometry) -> list[shapely.Geometry]:
    edges = shape if shape.geom_type.endswith("LineString") else shape.boundary
    return [part for part in shapely.get_parts(edges).tolist() if not part.is_empty]


def _draw_bar(pen: Any, ground: Box, stretch: float, size: tuple[int, int]) -> None:
    from PIL import ImageFont

    metres_shown = (ground[2] - ground[0]) / stretch
    fitting = [metres for metres in _BARS_M if metres <= metres_shown * _BAR_SHARE]
    metres = fitting[-1] if fitting else _BARS_M[0]
    length = metres / metres_shown * size[0]
    x, y = _MARGIN * _FINE, size[1] - _MARGIN * _FINE
    end, tick = x + length, 4 * _FINE
    shape = [(x, y - tick), (x, y), (end, y), (end, y - tick)]
    pen.line(shape, _CASING, 4 * _FINE)
    pen.line(shape, _WHITE, round(1.5 * _FINE))
    text = f"{metres} m" if metres < 1000 else f"{metres // 1000} km"
    pen.text(
        (x + length / 2, y - 2 * _FINE),
        text,
        _WHITE,
        ImageFont.load_default(size=11 * _FINE),
        anchor="mb",
        stroke_width=round(1.5 * _FINE),
        stroke_fill=_CASING,
    )
