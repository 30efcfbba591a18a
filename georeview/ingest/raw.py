"""Rows of a file as they are: geometries, columns and the coordinate system it claims."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.ingest.archive import Source
from georeview.ingest.report import Flag

Cell = str | float | int | None
Geometries = NDArray[np.object_]
MOST_EXACT = 10**15
"""Whole numbers from here on are ids: a float would lose their last digits."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A data set before anything is made of it.

    Attributes:
        source: Where it came from.
        format: ``shp``, ``gpkg`` or ``geojson``.
        layer: Layer inside the file.
        columns: Header → cells (n,) in row order.
        geoms: Geometries (n,) in the file's own coordinates; ``None`` where there is none.
        crs: What the file says of its coordinate system: ``EPSG:n`` or WKT; ``None`` if nothing.
        encoding: Encoding of its texts.
        encoding_by: What spoke for it.
        notes: What there is to say about the file as a whole.
        cut: Rows of which a text had lost its last character (row → headers).
        refused: Rows that cannot be taken as they are (row → code of the reason).
        lost: Rows that have attributes without a geometry or the other way round.
    """

    source: Source
    format: str
    layer: str | None
    columns: Mapping[str, Sequence[Cell]]
    geoms: Geometries
    crs: str | None
    encoding: str | None
    encoding_by: str
    notes: tuple[Flag, ...] = ()
    cut: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=dict)
    lost: int = 0

    @property
    def n(self) -> int:
        """Number of rows that have both."""
        return len(self.geoms)


def from_wkb(wkb: Sequence[bytes | None]) -> Geometries:
    """Geometries (n,); ``None`` where there is none or it cannot be read."""
    return np.asarray(shapely.from_wkb(np.asarray(wkb, dtype=object), on_invalid="ignore"))


def unreadable(geoms: Geometries, given: Sequence[bool]) -> dict[int, str]:
    """Rows that have a shape of which nothing could be made."""
    unread = shapely.is_missing(geoms) & np.asarray(given, dtype=bool)
    return {int(i) + 1: "bad_geometry" for i in np.flatnonzero(unread)}


def plain(value: Any) -> Cell:
    """A cell as text or number; dates as ISO text, long whole numbers as text."""
    if isinstance(value, datetime):
        return value.isoformat() if value.time() != time.min else value.date().isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int):
        return int(value) if abs(value) < MOST_EXACT else str(int(value))
    return value if isinstance(value, str | float) or value is None else str(value)
