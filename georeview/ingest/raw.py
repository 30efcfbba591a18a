"""Rows of a file as they are: geometries, columns and the coordinate system it claims."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from georeview.ingest.archive import Source
from georeview.ingest.report import Flag

Cell = str | float | int | None


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
        lost: Rows that have attributes without a geometry or the other way round.
    """

    source: Source
    format: str
    layer: str | None
    columns: Mapping[str, Sequence[Cell]]
    geoms: NDArray[np.object_]
    crs: str | None
    encoding: str | None
    encoding_by: str
    notes: tuple[Flag, ...] = ()
    cut: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    lost: int = 0

    @property
    def n(self) -> int:
        """Number of rows that have both."""
        return len(self.geoms)
