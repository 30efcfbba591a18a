"""Site photos that were never taken: drawn pictures with place and time in their EXIF."""

from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from .chance import stream

if TYPE_CHECKING:
    from PIL.Image import Image

LABEL = "合成示例 SYNTHETIC"
_SIZE = (1280, 960)
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
)
_GPS, _EXIF = 0x8825, 0x8769


def make_photo(
    path: Path,
    text: str,
    *,
    lon: float,
    lat: float,
    taken_at: datetime,
    azimuth_deg: float = 0.0,
    seed: int = 0,
) -> Path:
    """Write a JPEG of a drawn river bank with a stamp and EXIF position, time and direction.

    Args:
        path: File to write.
        text: Stamped on the picture beside the label that says it is synthetic.
        lon: Longitude, WGS 84 degrees, east positive.
        lat: Latitude, north positive.
        taken_at: Aware local time; the offset is written too.
        azimuth_deg: Direction the camera looked, from true north.
        seed: Draws another bank.

    Returns:
        The path.
    """
    from PIL import Image, ImageDraw, ImageFont

    picture = _bank(seed)
    draw = ImageDraw.Draw(picture)
    font = next((ImageFont.truetype(name, 30) for name in _FONTS if Path(name).exists()), None)
    stamp = f"{LABEL}\n{text}\n{taken_at:%Y-%m-%d %H:%M}  {lon:.6f}, {lat:.6f}  {azimuth_deg:.0f}°"
    if font is None:  # the built-in face has no Chinese: the stamp keeps what it can show
        stamp = stamp.encode("ascii", "ignore").decode("ascii")
    draw.rectangle((0, _SIZE[1] - 140, _SIZE[0], _SIZE[1]), fill=(20, 24, 28))
    draw.multiline_text((24, _SIZE[1] - 130), stamp, fill=(255, 255, 255), font=font)
    exif = Image.Exif()
    exif[0x010E] = "synthetic sample"
    exif.get_ifd(_EXIF).update(
        {
            0x9003: f"{taken_at:%Y:%m:%d %H:%M:%S}",
            0x9011: f"{taken_at:%z}"[:3] + ":" + f"{taken_at:%z}"[3:],
        }
    )
    exif.get_ifd(_GPS).update(_position(lon, lat, azimuth_deg))
    picture.save(path, "JPEG", quality=82, exif=exif)
    return path


def _position(lon: float, lat: float, azimuth_deg: float) -> dict[int, object]:
    return {
        1: "N" if lat >= 0 else "S",
        2: _degrees(abs(lat)),
        3: "E" if lon >= 0 else "W",
        4: _degrees(abs(lon)),
        16: "T",
        17: Fraction(round(azimuth_deg * 100), 100),
        18: "WGS-84",
    }


def _degrees(value: float) -> tuple[Fraction, Fraction, Fraction]:
    """Degrees, minutes and seconds to a tenth of a millisecond of arc."""
    ticks = round(value * 3600 * 10_000)
    minutes, rest = divmod(ticks, 600_000)
    degrees, minutes = divmod(minutes, 60)
    return Fraction(degrees), Fraction(minutes), Fraction(rest, 10_000)


def _bank(seed: int) -> "Image":
    """Sky, far bank, water and a gravel shore in bands with some grain."""
    import numpy as np
    from PIL import Image

    from .texture import fractal, ramp

    width, height = _SIZE
    rng = stream(seed, "photo")
    rough = fractal(rng, (height, width), 1.2, 2)
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None] + 0.012 * rough
    picture = np.empty((height, width, 3), dtype=np.float32)
    picture[:] = (196, 210, 222)
    for start, colour, grain in (
        (0.30, (74, 94, 66), 14.0),
        (0.46, (92, 116, 104), 5.0),
        (0.70, (150, 142, 126), 16.0),
    ):
        share = ramp(y, start, start + 0.01)[:, :, None]
        tone = np.array(colour, dtype=np.float32) + grain * rough[:, :, None]
        picture += (tone - picture) * share
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
