"""Two images of the same ground, eleven months apart, with the flaws real pairs have."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .canvas import MARGIN_PX, PIXEL_M, Canvas, blank
from .chance import stream
from .geography import LABEL, METRES, counties
from .ground import WINDOW, survey
from .landscape import Land, survey_land
from .objects import paint_plot
from .plots import Plot, place_all
from .rivers import River, build
from .scene import EARLY_MARCH, FEBRUARY, Season, draw_ground
from .texture import Grid, fractal, ramp

SHIFT_PX = (3, -2)  # the later image lies so many columns east and rows south of the earlier
DATES = {"before": "2022:03:05 11:42:00", "after": "2023:02:11 11:47:00"}
_SCALE = {"before": (2600.0, 62.0), "after": (2380.0, 88.0)}  # DN per reflectance, haze
_CLOUD_AT = (0.80, 0.20)  # share of columns, share of rows
_CORNER_PX = 230
_TILE = 256


def make_images(out: Path, seed: int) -> list[Path]:
    """Write ``before.tif`` and ``after.tif``: 2 m, blue green red nir, uint16, EPSG:4545.

    Args:
        out: Folder; made when missing.
        seed: The seed of the sample, the same as for the plots.

    Returns:
        The files written. The later one carries a cloud, an empty corner and a shift of whole
        pixels against the earlier.
    """
    out.mkdir(parents=True, exist_ok=True)
    rivers, areas = build(seed), counties()
    plots = place_all(survey(rivers, areas), seed, window_only=True)
    town = next(county.seat for county in areas if county.adcode == "511923")
    land = survey_land(blank(), rivers, town, seed)
    paths = []
    for name, season in (("before", EARLY_MARCH), ("after", FEBRUARY)):
        canvas = _draw(land, rivers, plots, season, seed)
        if name == "after":
            _cloud(canvas, seed)
        counts = _counts(_cut(canvas.bands, SHIFT_PX if name == "after" else (0, 0)), name, seed)
        if name == "after":
            counts[:, _corner(counts.shape[1:])] = 0
        paths.append(_write(out / f"{name}.tif", counts, name))
    return paths


def stands(plot: Plot, name: str) -> bool:
    """Whether what the plot shows is there on the image of that name."""
    if plot.change == "none":
        return True
    return (plot.change == "appeared") == (name == "after")


def _draw(
    land: Land, rivers: Sequence[River], plots: Sequence[Plot], season: Season, seed: int
) -> Canvas:
    canvas = blank()
    draw_ground(canvas, land, rivers, season, seed)
    by_name = {river.name: river for river in rivers}
    for plot in plots:
        if stands(plot, season.name):
            paint_plot(canvas, land, plot, by_name[plot.place.river], seed)
    return canvas


def _cloud(canvas: Canvas, seed: int) -> None:
    """One cumulus, its rim thin, and its shadow to the north-west."""
    rows, columns = canvas.shape
    noise = fractal(stream(seed, "cloud"), canvas.shape, 1.6, 3)
    x = (np.arange(columns, dtype=np.float32) - _CLOUD_AT[0] * columns) * PIXEL_M
    y = (np.arange(rows, dtype=np.float32) - _CLOUD_AT[1] * rows) * PIXEL_M
    body = 1 - np.hypot(x[None, :] / 330, y[:, None] / 230) + 0.22 * noise
    share = ramp(body.astype(np.float32), 0.05, 0.62) * 0.97
    shade = np.roll(share, (-95, -50), axis=(0, 1))
    canvas.bands[:] *= 1 - 0.55 * shade
    canvas.cover((0.50, 0.505, 0.51, 0.52), share, 1 + 0.10 * noise)


def _cut(bands: Grid, shift: tuple[int, int]) -> Grid:
    """The window out of the canvas, moved by whole pixels; the ground moves the other way."""
    right, down = shift
    top, left = MARGIN_PX - down, MARGIN_PX - right
    low_x, low_y, high_x, high_y = WINDOW.bounds
    rows, columns = round((high_y - low_y) / PIXEL_M), round((high_x - low_x) / PIXEL_M)
    return bands[:, top : top + rows, left : left + columns]


def _counts(bands: Grid, name: str, seed: int) -> NDArray[np.uint16]:
    """Sensor counts: a little blur, gain, haze (more in blue) and noise."""
    gain, haze = _SCALE[name]
    rng = stream(seed, "sensor", name)
    out = np.empty(bands.shape, dtype=np.uint16)
    for number, band in enumerate(bands):
        soft = _blurred(band)
        noise = rng.standard_normal(band.shape, dtype=np.float32) * 2.2
        value = gain * soft + haze * (1.5, 1.0, 0.65, 0.3)[number] + noise
        out[number] = np.clip(value, 1, 2047)
    return out


def _blurred(band: Grid) -> Grid:
    """The sensor's blur: weights 1 6 1 along both axes."""
    edged = np.pad(band, 1, mode="edge")
    across = edged[:, :-2] + 6 * edged[:, 1:-1] + edged[:, 2:]
    both: Grid = (across[:-2] + 6 * across[1:-1] + across[2:]) / 64
    return both


def _corner(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The south-western corner, beyond the slanted edge of the strip."""
    rows, columns = np.ogrid[shape[0] : 0 : -1, : shape[1]]
    corner: NDArray[np.bool_] = 0.6 * rows + columns < _CORNER_PX
    return corner


def _write(path: Path, counts: NDArray[np.uint16], name: str) -> Path:
    import rasterio
    from rasterio.transform import Affine

    profile = {
        "driver": "GTiff",
        "width": counts.shape[2],
        "height": counts.shape[1],
        "count": 4,
        "dtype": "uint16",
        "crs": f"EPSG:{METRES}",
        "transform": Affine(PIXEL_M, 0, WINDOW.bounds[0], 0, -PIXEL_M, WINDOW.bounds[3]),
        "nodata": 0,
        "tiled": True,
        "blockxsize": _TILE,
        "blockysize": _TILE,
        "compress": "deflate",
        "predictor": 2,
        "zlevel": 3,
        "photometric": "minisblack",
    }
    with rasterio.open(path, "w", **profile) as image:
        image.write(counts)
        for number, role in enumerate(("blue", "green", "red", "nir"), start=1):
            image.set_band_description(number, role)
        image.update_tags(
            TIFFTAG_IMAGEDESCRIPTION=LABEL,
            TIFFTAG_DATETIME=DATES[name],
            TIFFTAG_SOFTWARE="sample_data",
        )
    return path
