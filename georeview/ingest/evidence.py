"""Photos and PDFs from outside: what they are, when and where they were taken, and a preview.

Runs inside the sandbox. The original bytes are never touched; a preview holds pixels only.
"""

import io
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from georeview.errors.evidence import NotAPhotoOrPdf, TooManyPixels

if TYPE_CHECKING:
    from PIL import Image

FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
MAX_PIXELS = 120_000_000
PREVIEW_PX = 480

_EXIF_IFD = 0x8769
_GPS_IFD = 0x8825
_TAKEN = 0x9003
_OFFSET = 0x9011


@dataclass(frozen=True, slots=True)
class EvidenceRead:
    """What an evidence file says of itself.

    Attributes:
        media_type: By content, not by name.
        taken_at: Local time of the camera, ISO 8601, with offset where the camera wrote one.
        lon: Longitude in degrees as the camera wrote it (WGS 84).
        lat: Latitude in degrees.
        azimuth: Direction the camera looked, degrees from north.
    """

    media_type: str
    taken_at: str | None = None
    lon: float | None = None
    lat: float | None = None
    azimuth: float | None = None


def read(path: Path) -> EvidenceRead:
    """Recognise a photo or PDF and read time, position and direction.

    Raises:
        NotAPhotoOrPdf: It is neither.
        TooManyPixels: The picture is larger than anything a camera makes.
    """
    with path.open("rb") as file:
        start = file.read(1024)
    if start.startswith(b"%PDF-"):
        return EvidenceRead("application/pdf")
    picture = _open(path)
    exif = picture.getexif()
    detail, gps = exif.get_ifd(_EXIF_IFD), exif.get_ifd(_GPS_IFD)
    lon, lat = _degrees(gps, 4, 3, "W", 180), _degrees(gps, 2, 1, "S", 90)
    both = lon is not None and lat is not None
    return EvidenceRead(
        media_type=FORMATS[str(picture.format)],
        taken_at=_taken(detail.get(_TAKEN), detail.get(_OFFSET)),
        lon=lon if both else None,
        lat=lat if both else None,
        azimuth=_number(gps.get(17), 360),
    )


def preview(path: Path) -> bytes:
    """A small WebP of a photo, turned upright, with nothing in it but pixels.

    Raises:
        NotAPhotoOrPdf: It is not a photo.
        TooManyPixels: The picture is too large.
    """
    from PIL import Image, ImageOps

    picture = _open(path)
    upright = ImageOps.exif_transpose(picture).convert("RGB")
    upright.thumbnail((PREVIEW_PX, PREVIEW_PX))
    # Pillow hands metadata on; a picture pasted on a fresh one has none.
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    bare.save(out, "WEBP", quality=80)
    return out.getvalue()


def _open(path: Path) -> "Image.Image":
    """The decoded picture; the file behind it is closed, whatever happens."""
    from PIL import Image, UnidentifiedImageError

    broken = (UnidentifiedImageError, OSError, ValueError, SyntaxError)
    with path.open("rb") as file:
        try:
            picture = Image.open(file, formats=list(FORMATS))
        except broken as error:
            raise NotAPhotoOrPdf from error
        if picture.width * picture.height > MAX_PIXELS:
            raise TooManyPixels(width=picture.width, height=picture.height, limit=MAX_PIXELS)
        try:
            picture.draft("RGB", (PREVIEW_PX * 2, PREVIEW_PX * 2))
            picture.load()
        except broken as error:
            raise NotAPhotoOrPdf from error
        return picture


def _taken(text: Any, offset: Any) -> str | None:
    """EXIF writes ``2023:05:17 10:21:33`` and, apart, ``+08:00``."""
    try:
        moment = datetime.strptime(str(text).strip("\x00 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
    zone = str(offset).strip("\x00 ") if offset else ""
    return moment.isoformat() + (zone if re.fullmatch(r"[+-]\d\d:\d\d", zone) else "")


def _degrees(gps: Any, value: int, side: int, negative: str, limit: int) -> float | None:
    parts = gps.get(value)
    if not isinstance(parts, tuple) or len(parts) != 3:
        return None
    numbers = [_number(part, limit) for part in parts]
    if any(number is None for number in numbers):
        return None
    d, m, s = (number or 0.0 for number in numbers)
    degrees = d + m / 60 + s / 3600
    if not 0 <= degrees <= limit:
        return None
    return -degrees if str(gps.get(side, "")).startswith(negative) else degrees


def _number(value: Any, limit: float) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if 0 <= number <= limit else None
