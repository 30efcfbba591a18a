"""The bytes of .shp, .shx and .dbf, written straight from arrays.

GDAL writes these files too; by ourselves we decide in which bytes a text is cut, which of its
four-byte characters survive, and what the language byte says. GDAL then reads them back.

Layout: ESRI Shapefile Technical Description (July 1998); dBASE III. Outer rings run clockwise.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.exports.base import Column, Geometries

POINT: Final = 1
POLYGON: Final = 5
MOST_BYTES: Final = 2**31 - 2
"""Longest file: lengths and offsets are signed 32-bit numbers, and other software counts bytes."""

_HEADER = struct.Struct(">i5ii")
_HEADER_REST = struct.Struct("<ii8d")
_RECORD = struct.Struct(">ii")
_POLYGON_HEAD = struct.Struct("<i4dii")
_POINT_BODY = struct.Struct("<idd")
_DBF_HEADER = struct.Struct("<BBBBIHH17xB2x")
_DBF_FIELD = struct.Struct("<11sc4xBB14x")
_LETTERS = {"text": b"C", "integer": b"N", "real": b"N", "date": b"D"}
_LANGUAGE = {"utf-8": 0x00, "gb18030": 0x4D}
"""dBASE language byte: none for UTF-8, which only a .cpg can state; 0x4D is Chinese (GBK)."""


@dataclass(slots=True)
class Shapes:
    """A .shp with its .shx, filled chunk by chunk."""

    shp: BinaryIO
    shx: BinaryIO
    kind: int
    _box: tuple[float, float, float, float] = (np.inf, np.inf, -np.inf, -np.inf)
    _count: int = 0
    _at: int = 100

    def __post_init__(self) -> None:
        for file in (self.shp, self.shx):
            file.write(bytes(100))

    def add(self, geoms: Geometries) -> None:
        """Append geometries (n,) of the file's kind, east and north in its system."""
        bodies = _points(geoms) if self.kind == POINT else _polygons(geoms)
        index: list[bytes] = []
        records: list[bytes] = []
        for body in bodies:
            self._count += 1
            index.append(_RECORD.pack(self._at // 2, len(body) // 2))
            records += _RECORD.pack(self._count, len(body) // 2), body
            self._at += 8 + len(body)
        self.shp.write(b"".join(records))
        self.shx.write(b"".join(index))
        west, south, east, north = (float(edge) for edge in shapely.total_bounds(geoms))
        box = self._box
        self._box = min(box[0], west), min(box[1], south), max(box[2], east), max(box[3], north)

    def finish(self) -> None:
        """Write both headers, now that length and extent are known."""
        for file, length in ((self.shp, self._at), (self.shx, 100 + 8 * self._count)):
            file.seek(0)
            file.write(_HEADER.pack(9994, 0, 0, 0, 0, 0, length // 2))
            file.write(_HEADER_REST.pack(1000, self.kind, *self._box, 0, 0, 0, 0))


def shp_bytes(geoms: Geometries) -> int:
    """Room polygons (n,) take in a .shp."""
    rings = shapely.get_rings(shapely.get_parts(geoms))
    vertices = int(shapely.get_num_coordinates(geoms).sum())
    return len(geoms) * (8 + _POLYGON_HEAD.size) + 4 * len(rings) + 16 * vertices


def _points(geoms: Geometries) -> list[bytes]:
    xy = shapely.get_coordinates(geoms)
    return [_POINT_BODY.pack(POINT, x, y) for x, y in xy.tolist()]


def _polygons(geoms: Geometries) -> list[bytes]:
    """Bodies of polygon records: outer rings clockwise, each followed by its holes."""
    turned = shapely.orient_polygons(geoms, exterior_cw=True)
    parts, owner_of_part = shapely.get_parts(turned, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    owner = owner_of_part[part]
    sizes = shapely.get_num_coordinates(rings)
    xy = np.ascontiguousarray(shapely.get_coordinates(rings), dtype="<f8")
    ring_end = np.cumsum(sizes)
    first_ring = np.searchsorted(owner, np.arange(len(turned) + 1))
    first_vertex = np.append(0, ring_end)[first_ring]
    starts = np.append(0, ring_end[:-1])
    starts = (starts - first_vertex[owner]).astype("<i4")
    boxes = shapely.bounds(turned).tolist()
    bodies = []
    for i, box in enumerate(boxes):
        rings_from, rings_to = first_ring[i], first_ring[i + 1]
        from_vertex, to_vertex = first_vertex[i], first_vertex[i + 1]
        head = _POLYGON_HEAD.pack(POLYGON, *box, rings_to - rings_from, to_vertex - from_vertex)
        first_of_ring = starts[rings_from:rings_to].tobytes()
        bodies.append(head + first_of_ring + xy[from_vertex:to_vertex].tobytes())
    return bodies


@dataclass(slots=True)
class Table:
    """A .dbf, filled chunk by chunk."""

    file: BinaryIO
    columns: tuple[Column, ...]
    encoding: str
    day: date
    _count: int = 0

    def __post_init__(self) -> None:
        self.file.write(bytes(_header_bytes(self.columns)))

    def add(self, cells: Sequence[bytes], count: int) -> None:
        """Append rows: of each column its cells behind each other, all as wide as the column."""
        widths = [width(column) for column in self.columns]
        records: NDArray[np.uint8] = np.full((count, 1 + sum(widths)), 0x20, dtype=np.uint8)
        at = 1
        for room, held in zip(widths, cells, strict=True):
            records[:, at : at + room] = np.frombuffer(held, np.uint8).reshape(count, room)
            at += room
        self.file.write(records.tobytes())
        self._count += count

    def finish(self) -> None:
        """Write the end and, now that the rows are counted, the header."""
        self.file.write(b"\x1a")
        self.file.seek(0)
        self.file.write(self._header())

    def _header(self) -> bytes:
        record = 1 + sum(width(column) for column in self.columns)
        day = (self.day.year - 1900, self.day.month, self.day.day)
        language = _LANGUAGE[self.encoding]
        size = _header_bytes(self.columns)
        head = _DBF_HEADER.pack(3, *day, self._count, size, record, language)
        fields = [
            _DBF_FIELD.pack(
                column.name.encode(self.encoding),
                _LETTERS[column.kind],
                width(column),
                (column.decimals or 0) if column.kind == "real" else 0,
            )
            for column in self.columns
        ]
        return head + b"".join(fields) + b"\r"


def dbf_bytes(columns: tuple[Column, ...], rows: int) -> int:
    """Length of a table."""
    return _header_bytes(columns) + rows * (1 + sum(width(column) for column in columns)) + 1


def width(column: Column) -> int:
    """Bytes a column takes in each row; a date always takes eight."""
    return 8 if column.kind == "date" else column.width


def _header_bytes(columns: tuple[Column, ...]) -> int:
    return 32 + 32 * len(columns) + 1
