"""An image from outside → a scene: an analysis copy, a display copy, and what is known of it.

Runs in the sandbox. Everything goes by windows, so memory does not grow with the scene. A copy
counts only once it was read back and found equal.
"""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from georeview.errors.files import FileBroken
from georeview.errors.images import ImageWithoutData
from georeview.geometry.crs import Crs, Extent
from georeview.imagery import display, source, survey
from georeview.imagery.bands import TRUE_COLOUR, Band
from georeview.imagery.source import Source

METHOD = "convert 1"
CACHE_MB = 256

_TIFF = {"driver": "GTiff", "tiled": True, "blockxsize": 512, "blockysize": 512}


@dataclass(frozen=True, slots=True)
class Info:
    """What is known of a scene.

    Attributes:
        width: Columns.
        height: Rows.
        crs: Code or name of its system.
        dtype: Kind of number.
        bands: Its bands, alpha left out.
        colours: ``true_colour``, or ``grey`` where nobody says which bands are the colours.
        picture_only: No near infrared, so no vegetation index.
        pixel_m: Size of a pixel on the ground, metres.
        nodata: Value that means nothing, if one was used.
        nodata_by: ``declared``, ``alpha``, ``mask``, ``guessed`` or ``none``.
        valid_share: Share of pixels that mean something, 0-1.
        footprint: GeoJSON outline of those, EPSG:4490.
        bbox: Its west, south, east, north.
        zoom: Zoom at which tiles show it pixel for pixel.
        method: Version of what made the copies.
    """

    width: int
    height: int
    crs: str
    dtype: str
    bands: tuple[Band, ...]
    colours: str
    picture_only: bool
    pixel_m: float
    nodata: float | None
    nodata_by: str
    valid_share: float
    footprint: Mapping[str, Any]
    bbox: tuple[float, float, float, float]
    zoom: int
    method: str = METHOD

    def as_json(self) -> dict[str, Any]:
        """As kept in the store."""
        return asdict(self)


def bring_in(path: Path, folder: Path, sensor: str | None, max_mpx: int, expected: Extent) -> Info:
    """Make ``analysis.tif`` and ``display.tif`` of an image.

    Args:
        path: The image.
        folder: Where to.
        sensor: What took it; tells the order of unnamed bands.
        max_mpx: Most pixels taken, in millions.
        expected: Where it should lie: west, south, east, north in degrees.

    Raises:
        GeoreviewError: It cannot be taken; the sentence says why.
    """
    import rasterio

    options = {"GDAL_CACHEMAX": CACHE_MB, "GDAL_TIFF_INTERNAL_MASK": True}
    with (
        rasterio.Env(GDAL_NUM_THREADS="ALL_CPUS", **options),
        source.opened(path, sensor, max_mpx) as found,
    ):
        survey.need_in(found.image, found.crs, expected)
        share = _analysis(found, folder, path.name)
        info = _show(found, folder, share, path.name)
    for name in ("analysis.tif", "display.tif"):
        _sync(folder / name)
    return info


def _analysis(found: Source, folder: Path, name: str) -> float:
    """Write the analysis copy, a COG in the image's own system and numbers with a mask.

    Returns:
        Share of pixels that mean something.

    Raises:
        ImageWithoutData: None does.
    """
    import rasterio
    from rasterio.shutil import copy

    plain, target = folder / "plain.tif", folder / "analysis.tif"
    image = found.image
    pixels: int = image.width * image.height
    profile = _TIFF | {
        "width": image.width,
        "height": image.height,
        "count": len(found.places),
        "dtype": image.dtypes[0],
        "crs": image.crs,
        "transform": image.transform,
        "compress": "zstd",
        "zstd_level": 1,
        "bigtiff": "if_safer",
    }
    with rasterio.open(plain, "w", **profile) as out:
        valid = _fill(found, out)
    if valid == 0:
        raise ImageWithoutData(file=name)
    copy(
        plain,
        target,
        driver="COG",
        COMPRESS="ZSTD",
        PREDICTOR="YES",
        BLOCKSIZE=512,
        OVERVIEW_RESAMPLING="AVERAGE",
        BIGTIFF="IF_SAFER",
    )
    _read_back(plain, target, name)
    plain.unlink()
    return valid / pixels


def _fill(found: Source, out: Any) -> int:
    """Copy all data bands and the mask; count the valid pixels."""
    count = 0
    for number, (place, (role, _)) in enumerate(zip(found.places, found.roles, strict=True), 1):
        text = found.image.descriptions[place - 1] or role
        if text:
            out.set_band_description(number, text)
    out.scales = [found.image.scales[place - 1] for place in found.places]
    out.offsets = [found.image.offsets[place - 1] for place in found.places]
    for window in found.windows():
        values, valid = found.read(window)
        values[:, ~valid] = 0
        out.write(values, window=window)
        out.write_mask(valid, window=window)
        count += int(np.count_nonzero(valid))
    return count


def _read_back(plain: Path, target: Path, name: str) -> None:
    """Compare two files number by number; some codecs leave an empty file and say nothing.

    Raises:
        FileBroken: They differ.
    """
    import rasterio

    with rasterio.open(plain) as first, rasterio.open(target) as second:
        same = first.profile["dtype"] == second.profile["dtype"] and all(
            first.checksum(number) == second.checksum(number) for number in first.indexes
        )
        masks = [np.count_nonzero(one.read_masks(1, out_shape=(64, 64))) for one in (first, second)]
    if not same or (masks[0] > 0) != (masks[1] > 0):
        raise FileBroken(file=name)


def _show(found: Source, folder: Path, share: float, name: str) -> Info:
    """Survey the analysis copy and write the display copy from it."""
    import rasterio

    values, valid, matrix = survey.coarse(folder / "analysis.tif")
    with rasterio.open(folder / "analysis.tif") as image:
        if not valid.any():
            raise ImageWithoutData(file=name)
        bands = _bands(found, survey.stretch(values, valid))
        outline = survey.footprint(valid, matrix, found.crs)
        _, lat, pixel_m = survey.centre(image, found.crs)
        shown = _shown(bands)
        grid = display.grid_for(outline.bounds, display.zoom_for(pixel_m, lat))
        tones = [_tone(bands[number - 1], image.dtypes[0]) for number in shown]
        display.write(image, found.crs, shown, tones, grid, folder / "display.tif")
        roles = {band.role for band in bands}
        return Info(
            width=image.width,
            height=image.height,
            crs=_called(found.crs),
            dtype=image.dtypes[0],
            bands=bands,
            colours="true_colour" if len(set(shown)) == 3 else "grey",
            picture_only="nir" not in roles,
            pixel_m=round(pixel_m, 3),
            nodata=found.nodata,
            nodata_by=found.nodata_by,
            valid_share=round(share, 6),
            footprint=shapely.geometry.mapping(outline),
            bbox=outline.bounds,
            zoom=grid.zoom,
        )


def _bands(found: Source, limits: list[tuple[float, float]]) -> tuple[Band, ...]:
    return tuple(
        Band(number, found.image.descriptions[place - 1] or f"B{place}", role, by, low, high)
        for number, (place, (role, by), (low, high)) in enumerate(
            zip(found.places, found.roles, limits, strict=True), start=1
        )
    )


def _shown(bands: tuple[Band, ...]) -> tuple[int, int, int]:
    """Numbers of the bands shown as red, green, blue; the first band three times as grey."""
    numbers = {band.role: band.number for band in bands}
    if set(TRUE_COLOUR) <= set(numbers):
        red, green, blue = (numbers[role] for role in TRUE_COLOUR)
        return red, green, blue
    return 1, 1, 1


def _tone(band: Band, dtype: str) -> display.Tone:
    """A picture of 8 bits was made for the eye already; everything else is stretched."""
    if dtype == "uint8" and band.by == "colour":
        return display.Tone(1, 255)
    return display.Tone.of(band.low, band.high)


def _called(crs: Crs) -> str:
    return crs.code or crs.name


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
