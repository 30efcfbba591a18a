"""Rows of a file as they are: geometries, columns and the coordinate system it claims.

A file may hold a million rows, so nobody holds them all: a ``Raw`` says at once what its header
says, and gives its rows chunk by chunk, as often as they are walked.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
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

CHUNK = 2_000
"""Rows that are handled together."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive rows.

    Attributes:
        first: Number of the first of them in the file, from 1.
        columns: Header → cells (n,) in row order; the same headers in every chunk.
        geoms: Geometries (n,) in the file's own coordinates; ``None`` where there is none.
        cut: Rows of which a text came damaged: its last character lost, or bytes that are none
            (U+FFFD in the cell) (number in the file → headers).
        refused: Rows that cannot be taken as they are (number in the file → code of the reason).
        noted: Rows that there is something to say about (number in the file → codes of flags).
        shown: Numbers under which people see these rows (n,), where they are not the same: a
            spreadsheet counts its headers and empty rows.
    """

    first: int
    columns: Mapping[str, Sequence[Cell]]
    geoms: Geometries
    cut: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=dict)
    noted: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    shown: Sequence[int] | None = None

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.geoms)

    @property
    def numbers(self) -> Sequence[int]:
        """Numbers (n,) of the rows as people see them."""
        return self.shown or range(self.first, self.first + self.n)


@dataclass(frozen=True, slots=True)
class Raw:
    """A data set before anything is made of it.

    Attributes:
        source: Where it came from.
        format: Its name, as ``shp`` or ``gpkg``.
        layer: Layer inside the file.
        headers: Its columns.
        count: Number of rows that have both, attributes and a place for a geometry.
        chunks: Walks through these rows; every call begins anew. The files of ``source`` are read
            meanwhile.
        crs: What the file says of its coordinate system: ``EPSG:n`` or WKT; ``None`` if nothing.
        encoding: Encoding of its texts.
        encoding_by: What spoke for it.
        notes: What there is to say about the file as a whole.
        lost: Rows that have attributes without a geometry or the other way round.
        shown: Numbers (count,) under which people see the rows, where they are not 1, 2, 3.
        shapeless: Whether it is a table that has no place for shapes at all.
    """

    source: Source
    format: str
    layer: str | None
    headers: tuple[str, ...]
    count: int
    chunks: Callable[[], Iterator[Chunk]]
    crs: str | None
    encoding: str | None
    encoding_by: str
    notes: tuple[Flag, ...] = ()
    lost: int = 0
    shown: Sequence[int] | None = None
    shapeless: bool = False

    def together(self) -> Chunk:
        """All rows at once, for what is taken whole or not at all."""
        chunks = list(self.chunks())
        geoms = np.concatenate([np.empty(0, dtype=object), *(chunk.geoms for chunk in chunks)])
        columns = {
            header: [cell for chunk in chunks for cell in chunk.columns[header]]
            for header in self.headers
        }
        cut = {row: headers for chunk in chunks for row, headers in chunk.cut.items()}
        refused = {row: code for chunk in chunks for row, code in chunk.refused.items()}
        return Chunk(1, columns, geoms, cut, refused)


def whole(
    *,
    source: Source,
    format: str,  # noqa: A002 - as the attribute
    layer: str | None,
    columns: Mapping[str, Sequence[Cell]],
    geoms: Geometries,
    crs: str | None,
    encoding: str | None,
    encoding_by: str,
    notes: tuple[Flag, ...] = (),
    cut: Mapping[int, tuple[str, ...]] | None = None,
    refused: Mapping[int, str] | None = None,
    noted: Mapping[int, tuple[str, ...]] | None = None,
    lost: int = 0,
    shown: Sequence[int] | None = None,
    shapeless: bool = False,
) -> Raw:
    """A data set that was read at one go; what it is given has the meaning it has in ``Raw``.

    Args:
        source: Where it came from.
        format: What it is.
        layer: Layer inside the file.
        columns: Header → cells (n,), complete.
        geoms: Geometries (n,), in the same order.
        crs: What the file says of its coordinate system.
        encoding: Encoding of its texts.
        encoding_by: What spoke for it.
        notes: About the file as a whole.
        cut: Rows, from 1, of which a text had lost its last character.
        refused: Rows, from 1, that cannot be taken as they are.
        noted: Rows, from 1, that there is something to say about.
        lost: Rows that have only one half.
        shown: Numbers (n,) under which people see the rows, where they are not 1, 2, 3.
        shapeless: Whether it has no place for shapes.
    """
    marks = (cut or {}, refused or {}, noted or {})

    def chunks() -> Iterator[Chunk]:
        for start in range(0, len(geoms), CHUNK):
            end = min(start + CHUNK, len(geoms))
            part = {header: cells[start:end] for header, cells in columns.items()}
            rows = range(start + 1, end + 1)
            own = ({row: mark[row] for row in rows if row in mark} for mark in marks)
            numbers = shown[start:end] if shown else None
            yield Chunk(start + 1, part, geoms[start:end], *own, numbers)  # type: ignore[arg-type, call-arg]

    return Raw(
        source=source,
        format=format,
        layer=layer,
        headers=tuple(columns),
        count=len(geoms),
        chunks=chunks,
        crs=crs,
        encoding=encoding,
        encoding_by=encoding_by,
        notes=notes,
        lost=lost,
        shown=shown,
        shapeless=shapeless,
    )


def from_wkb(wkb: Sequence[bytes | None]) -> Geometries:
    """Geometries (n,); ``None`` where there is none or it cannot be read."""
    data = np.asarray(wkb, dtype=object)
    try:
        return np.asarray(shapely.from_wkb(data, on_invalid="ignore"))
    except NotImplementedError:  # arcs among them
        geoms = np.full(len(data), None, dtype=object)
        for i, one in enumerate(data):
            with suppress(NotImplementedError):
                geoms[i] = shapely.from_wkb(one, on_invalid="ignore")
        return geoms


def unreadable(geoms: Geometries, given: Sequence[bool], first: int = 1) -> dict[int, str]:
    """Rows that have a shape of which nothing could be made.

    Args:
        geoms: Geometries (n,).
        given: Whether the row has a shape (n,).
        first: Number of the first row.
    """
    unread = shapely.is_missing(geoms) & np.asarray(given, dtype=bool)
    return {int(i) + first: "bad_geometry" for i in np.flatnonzero(unread)}


def plain(value: Any) -> Cell:
    """A cell as text or number; dates as ISO text, long whole numbers as text."""
    if isinstance(value, datetime):
        return value.isoformat() if value.time() != time.min else value.date().isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, int):
        return int(value) if abs(value) < MOST_EXACT else str(int(value))
    return value if isinstance(value, str | float) or value is None else str(value)
