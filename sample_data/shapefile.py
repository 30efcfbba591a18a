"""A plain shapefile writer: full control of the bytes that real files get wrong.

GDAL repairs ring order, writes today's date and declares its encoding; the sample must do none of
these. Layout: ESRI Shapefile Technical Description (1998), dBASE III.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from .chance import Float

POINT, LINE, POLYGON, POLYGON_Z = 1, 3, 5, 15
_DATE = bytes([123, 4, 10])  # 2023-04-10: fixed, so that the same seed gives the same bytes

WKT1 = {
    4490: (
        'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
        'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
        'UNIT["Degree",0.0174532925199433]]'
    ),
    4524: (
        'PROJCS["CGCS2000_3_Degree_GK_Zone_36",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",'
        'DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],'
        'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
        'PARAMETER["False_Easting",36500000.0],PARAMETER["False_Northing",0.0],'
        'PARAMETER["Central_Meridian",108.0],PARAMETER["Scale_Factor",1.0],'
        'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    ),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One dBASE column: name of at most 10 bytes, kind C or N, width in bytes, decimals."""

    name: str
    kind: str
    width: int
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """Rings (or lines, or one point) as stored: outer rings clockwise unless planted otherwise.

    Attributes:
        parts: Arrays of shape (n, 2).
        height_m: Z of every vertex, for PolygonZ.
    """

    parts: tuple[Float, ...]
    height_m: float = 0.0


def shape_of(geometry: shapely.Geometry, *, reverse: bool = False, height_m: float = 0.0) -> Shape:
    """Parts of a geometry in the order and direction a shapefile wants.

    Args:
        geometry: Polygon, multipolygon, line or point.
        reverse: Turn the outer rings the wrong way on purpose.
        height_m: Z value of all vertices.

    Returns:
        The parts; rings keep repeated vertices and spikes as they are.
    """
    parts: list[Float] = []
    for piece in shapely.get_parts(geometry):
        if piece.geom_type != "Polygon":
            parts.append(shapely.get_coordinates(piece))
            continue
        for number, ring in enumerate([piece.exterior, *piece.interiors]):
            points = shapely.get_coordinates(ring)
            clockwise = (number == 0) != reverse
            parts.append(points if (_area2(points) < 0) == clockwise else points[::-1])
    return Shape(tuple(parts), height_m)


def _area2(ring: Float) -> float:
    x, y = (ring - ring[0]).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


def pack(
    shapes: Sequence[Shape],
    kind: int,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, object]],
    *,
    encoding: str,
    epsg: int,
    cpg: bool,
) -> dict[str, bytes]:
    """The members of one shapefile by extension.

    Args:
        shapes: One per row.
        kind: Shape type of the file.
        columns: dBASE columns.
        rows: Values by column name; missing and None are blank.
        encoding: Of the text in the dbf.
        epsg: A key of ``WKT1``.
        cpg: Whether the encoding is declared beside.

    Returns:
        ``shp shx dbf prj`` and, when declared, ``cpg``.
    """
    shp, shx = _geometry(shapes, kind)
    members = {
        "shp": shp,
        "shx": shx,
        "dbf": dbf(columns, rows, encoding),
        "prj": WKT1[epsg].encode("ascii"),
    }
    if cpg:
        members["cpg"] = encoding.upper().encode("ascii")
    return members


def _geometry(shapes: Sequence[Shape], kind: int) -> tuple[bytes, bytes]:
    records, index, at = [], [], 50
    for number, shape in enumerate(shapes, start=1):
        body = _point(shape) if kind == POINT else _poly(shape, kind)
        records.append(struct.pack(">2i", number, len(body) // 2) + body)
        index.append(struct.pack(">2i", at, len(body) // 2))
        at += 4 + len(body) // 2
    points = np.concatenate([part for shape in shapes for part in shape.parts])
    heights = [shape.height_m for shape in shapes] if kind == POLYGON_Z else [0.0]
    low, high = points.min(axis=0), points.max(axis=0)
    box = struct.pack("<8d", *low, *high, min(heights), max(heights), 0.0, 0.0)

    def header(words: int) -> bytes:
        return struct.pack(">7i", 9994, 0, 0, 0, 0, 0, words) + struct.pack("<2i", 1000, kind) + box

    return header(at) + b"".join(records), header(50 + 4 * len(index)) + b"".join(index)


def _point(shape: Shape) -> bytes:
    return struct.pack("<i2d", POINT, *shape.parts[0][0])


def _poly(shape: Shape, kind: int) -> bytes:
    points = np.concatenate(shape.parts)
    starts = np.cumsum([0, *(len(part) for part in shape.parts[:-1])])
    body = struct.pack("<i4d", kind, *points.min(axis=0), *points.max(axis=0))
    body += struct.pack("<2i", len(shape.parts), len(points))
    body += starts.astype("<i4").tobytes() + points.astype("<f8").tobytes()
    if kind == POLYGON_Z:
        body += struct.pack("<2d", shape.height_m, shape.height_m)
        body += np.full(len(points), shape.height_m).astype("<f8").tobytes()
    return body


def dbf(columns: Sequence[Column], rows: Sequence[Mapping[str, object]], encoding: str) -> bytes:
    """A dBASE III table with language byte 0 (nothing declared)."""
    size = 1 + sum(column.width for column in columns)
    head = struct.pack("<B3sIHH20x", 3, _DATE, len(rows), 33 + 32 * len(columns), size)
    for column in columns:
        head += struct.pack(
            "<11sc4xBB14x",
            column.name.encode("ascii"),
            column.kind.encode("ascii"),
            column.width,
            column.decimals,
        )
    body = b"".join(
        b" " + b"".join(_cell(row.get(column.name), column, encoding) for column in columns)
        for row in rows
    )
    return head + b"\r" + body + b"\x1a"


def _cell(value: object, column: Column, encoding: str) -> bytes:
    if value is None:
        return b" " * column.width
    if column.kind == "N":
        return f"{value:{column.width}.{column.decimals}f}".encode("ascii")
    return cut(str(value), column.width, encoding).ljust(column.width)


def cut(text: str, width: int, encoding: str) -> bytes:
    """The longest beginning of a text that fits into so many bytes, never half a character."""
    data = text.encode(encoding)
    while len(data) > width:
        text = text[:-1]
        data = text.encode(encoding)
    return data
