"""What is known of a file before it is read; apart from the readers, which only the sandbox loads."""

from collections.abc import Mapping
from dataclasses import dataclass

from georeview.geometry.crs import BAZHONG


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a user says about a file.

    Attributes:
        crs: Its coordinate system, ``EPSG:n`` or WKT.
        encoding: Encoding of its texts.
        layer: Which layer of several.
        mapping: Field → header, where the headers do not say it.
        area_unit: Unit of stated areas.
        expected: Where its features should lie: west, south, east, north in degrees.
    """

    crs: str | None = None
    encoding: str | None = None
    layer: str | None = None
    mapping: Mapping[str, str] | None = None
    area_unit: str | None = None
    expected: tuple[float, float, float, float] = BAZHONG
