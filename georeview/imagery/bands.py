"""What each band of an image is: told by its description, its colour or the sensor, never guessed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

ROLES = ("blue", "green", "red", "nir", "swir1", "swir2", "alpha", "qa")

TRUE_COLOUR = ("red", "green", "blue")

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        **{role: role for role in ROLES},
        "蓝": "blue",
        "蓝波段": "blue",
        "绿": "green",
        "绿波段": "green",
        "红": "red",
        "红波段": "red",
        "近红外": "nir",
        "near infrared": "nir",
        "scl": "qa",
        "qa pixel": "qa",
        # Only Sentinel-2 writes its bands with two digits, only Landsat 8/9 with SR.
        "b02": "blue",
        "b03": "green",
        "b04": "red",
        "b08": "nir",
        "b11": "swir1",
        "b12": "swir2",
        "sr b2": "blue",
        "sr b3": "green",
        "sr b4": "red",
        "sr b5": "nir",
        "sr b6": "swir1",
        "sr b7": "swir2",
    }
)
"""Descriptions that leave no doubt, in lower case, with blanks for underscores."""

_FOUR = ("blue", "green", "red", "nir")
_SIX = ("blue", "green", "red", "nir", "swir1", "swir2")
SENSORS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "GF1": _FOUR,
        "GF2": _FOUR,
        "GF6": _FOUR,
        "GF7": _FOUR,
        "ZY3": _FOUR,
        "ZY302": _FOUR,
        "ZY303": _FOUR,
        "BJ2": _FOUR,
        "SV1": _FOUR,
        "SENTINEL2": _SIX,
        "LANDSAT8": _SIX,
        "LANDSAT9": _SIX,
    }
)
"""Order of the unnamed bands a sensor is delivered with; used only where their number fits."""


@dataclass(frozen=True, slots=True)
class Band:
    """One band of a scene.

    Attributes:
        number: Its place in the analysis copy, from 1.
        name: Its description, or its place in the original.
        role: One of ``ROLES``, ``None`` where nobody says.
        by: Who says: ``description``, ``colour`` or ``sensor``.
        low: Value shown darkest (2nd percentile of the scene).
        high: Value shown brightest (98th percentile).
    """

    number: int
    name: str
    role: str | None
    by: str | None
    low: float = 0.0
    high: float = 1.0


def tell(
    descriptions: Sequence[str | None], colours: Sequence[str], sensor: str | None
) -> tuple[tuple[str | None, str | None], ...]:
    """Role of each band, and who says so.

    Args:
        descriptions: As the file gives them.
        colours: Colour interpretation of each band, in lower case.
        sensor: What took the image, if told.

    Returns:
        ``(role, by)`` for each band; ``(None, None)`` where nobody says.
    """
    found = [
        _by_words(text) or _by_colour(c) for text, c in zip(descriptions, colours, strict=True)
    ]
    open_places = [place for place, role in enumerate(found) if role is None]
    data = [place for place, role in enumerate(found) if role is None or role[0] != "alpha"]
    order = SENSORS.get(_sensor_key(sensor), ())
    if open_places == data and len(order) == len(data):
        for place, role in zip(data, order, strict=True):
            found[place] = (role, "sensor")
    roles = [role[0] for role in found if role is not None]
    # A role told twice tells nothing.
    return tuple(
        (None, None) if role is None or roles.count(role[0]) > 1 else role for role in found
    )


def _by_words(text: str | None) -> tuple[str, str] | None:
    words = re.sub(r"[\s_\-]+", " ", (text or "").strip().lower())
    role = _WORDS.get(words)
    return None if role is None else (role, "description")


def _by_colour(colour: str) -> tuple[str, str] | None:
    return (colour, "colour") if colour in (*TRUE_COLOUR, "alpha") else None


def _sensor_key(sensor: str | None) -> str:
    """``GF-1D`` and ``高分一号`` are not told apart from ``GF1``: their bands are the same."""
    name = re.sub(r"[\s_\-]+", "", (sensor or "").upper())
    return re.sub(r"^(GF1)[BCD]$", r"\1", name)
