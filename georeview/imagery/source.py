"""An image from outside: opened as a GeoTIFF or refused, and read with its own idea of nothing."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georeview.errors.coordinates import CrsNotReadable
from georeview.errors.files import FileBroken, FileEmpty
from georeview.errors.images import (
    ImageNotOrthorectified,
    ImageRotated,
    ImageTooLarge,
    ImageValuesWrong,
    ImageWithoutCrs,
    NotAGeoTiff,
    TooManyBands,
)
from georeview.geometry import crs
from georeview.imagery import bands

Pixels = NDArray[Any]
Mask = NDArray[np.bool_]

MAX_BANDS = 64
BLOCK = 2048
"""Images are read in squares of so many pixels, whatever their own blocks are."""

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


@dataclass(frozen=True, slots=True)
class Source:
    """An open image.

    Attributes:
        image: The dataset.
        crs: Its coordinate system.
        places: Numbers of the bands that hold data, alpha left out.
        roles: Role of each of those, and who says so.
        alpha: Number of the alpha band.
        nodata: The value that means nothing.
        nodata_by: ``declared``, ``alpha``, ``mask``, ``guessed`` or ``none``.
    """

    image: Any
    crs: crs.Crs
    places: tuple[int, ...]
    roles: tuple[tuple[str | None, str | None], ...]
    alpha: int | None
    nodata: float | None
    nodata_by: str

    def windows(self) -> Iterator[Any]:
        """Squares that cover the image, row by row."""
        from rasterio.windows import Window

        for row in range(0, self.image.height, BLOCK):
            for column in range(0, self.image.width, BLOCK):
                width = min(BLOCK, self.image.width - column)
                yield Window(column, row, width, min(BLOCK, self.image.height - row))

    def read(self, window: Any) -> tuple[Pixels, Mask]:
        """Values (n bands, rows, columns) of a window, and where they mean something.

        Nothing is where a band is not finite, where alpha or mask say so, and where the nodata
        value stands: in any band, but in all of them when it is 0, for 0 can also be measured.
        """
        values: Pixels = self.image.read(self.places, window=window)
        valid: Mask = np.ones(values.shape[1:], dtype=bool)
        if values.dtype.kind == "f":
            valid &= np.isfinite(values).all(axis=0)
        if self.nodata is not None and np.isfinite(self.nodata):
            nothing = values == self.nodata
            valid &= ~(nothing.all(axis=0) if self.nodata == 0 else nothing.any(axis=0))
        if self.alpha is not None:
            valid &= self.image.read(self.alpha, window=window) > 0
        elif self.nodata_by == "mask":
            valid &= self.image.read_masks(self.places[0], window=window) > 0
        return values, valid


@contextmanager
def opened(path: Path, sensor: str | None, max_mpx: int) -> Iterator[Source]:
    """Open an image from outside.

    Args:
        path: The file.
        sensor: What took it; tells the order of unnamed bands.
        max_mpx: Most pixels taken, in millions.

    Raises:
        GeoreviewError: It is no GeoTIFF that can be used; the sentence says why.
    """
    import rasterio
    from rasterio.errors import NotGeoreferencedWarning, RasterioError

    _sniff(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            image = rasterio.open(path, driver="GTiff")
        with image:
            yield _looked_at(image, path.name, sensor, max_mpx)
    except RasterioError as error:
        raise FileBroken(file=path.name) from error


def _sniff(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise FileEmpty(file=path.name)
    if head[:4] not in _TIFF:
        raise NotAGeoTiff(file=path.name)


def _looked_at(image: Any, name: str, sensor: str | None, max_mpx: int) -> Source:
    if image.count > MAX_BANDS:
        raise TooManyBands(file=name, n=image.count, limit=MAX_BANDS)
    if image.width * image.height > max_mpx * 10**6:
        raise ImageTooLarge(file=name, width=image.width, height=image.height, limit=max_mpx)
    if np.dtype(image.dtypes[0]).kind not in "iuf" or len(set(image.dtypes)) > 1:
        raise ImageValuesWrong(file=name, found=", ".join(sorted(set(image.dtypes))))
    system = _crs(image, name)
    told = bands.tell(image.descriptions, [colour.name for colour in image.colorinterp], sensor)
    alpha = next((i for i, (role, _) in enumerate(told, start=1) if role == "alpha"), None)
    places = tuple(place for place in image.indexes if place != alpha)
    if not places:
        raise ImageValuesWrong(file=name, found="alpha")
    roles = tuple(told[place - 1] for place in places)
    nodata, by = _nodata(image, alpha)
    return Source(image, system, places, roles, alpha, nodata, by)


def _crs(image: Any, name: str) -> crs.Crs:
    """The image's system, of those plots may come in.

    Raises:
        ImageNotOrthorectified: It is placed by a sensor model or control points only.
        ImageRotated: Its grid is turned and nobody says against what.
        ImageWithoutCrs: It names no system, or has no place in it.
        CrsNotReadable: See ``geometry.crs``; likewise what else that refuses.
    """
    matrix = image.transform
    if image.crs is None or matrix.is_identity:
        if image.rpcs is not None or image.gcps[0]:
            raise ImageNotOrthorectified(file=name)
        if matrix.b or matrix.d:
            raise ImageRotated(file=name)
        raise ImageWithoutCrs(file=name)
    if not matrix.determinant:
        raise ImageWithoutCrs(file=name)
    epsg = image.crs.to_epsg()
    try:
        return crs.accepted(crs.parse(f"EPSG:{epsg}" if epsg else image.crs.to_wkt()))
    except CrsNotReadable as error:
        raise ImageWithoutCrs(file=name) from error


def _nodata(image: Any, alpha: int | None) -> tuple[float | None, str]:
    """The nodata value and who says so, in the order in which they count."""
    from rasterio.enums import MaskFlags

    if image.nodata is not None:
        return image.nodata, "declared"
    if alpha is not None:
        return None, "alpha"
    if MaskFlags.per_dataset in image.mask_flag_enums[0]:
        return None, "mask"
    return (0.0, "guessed") if _zero_at_the_edge(image) else (None, "none")


def _zero_at_the_edge(image: Any) -> bool:
    """Whether all bands are 0 somewhere along the border: then 0 is what was filled in."""
    from rasterio.windows import Window

    width, height = image.width, image.height
    sides = [Window(0, 0, width, 1), Window(0, height - 1, width, 1)]
    sides += [Window(0, 0, 1, height), Window(width - 1, 0, 1, height)]
    return any(bool((image.read(window=side) == 0).all(axis=0).any()) for side in sides)
