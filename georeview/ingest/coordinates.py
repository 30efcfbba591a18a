"""Columns of a table that say where a row lies: WKT, or two numbers in whatever order and unit.

Tables come without a coordinate system and with axes named at will (in Chinese surveying X is
north), so the numbers decide which column is east: longitudes and latitudes of China do not
overlap, and neither do its northings and its eastings with or without a zone number.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.core.fields import PLOT_FIELDS
from georeview.geometry.crs import EXPORT_CODES, inverse, known
from georeview.ingest import values
from georeview.ingest.columns import normal
from georeview.ingest.raw import Cell, Geometries, from_wkb
from georeview.ingest.report import Flag

Columns = Mapping[str, Sequence[Cell]]
Float64 = NDArray[np.float64]

_ALIASES = {field.name: (field.name.upper(), *field.aliases) for field in PLOT_FIELDS}
_LON, _LAT = (tuple(a for a in _ALIASES[n] if a not in ("X", "Y")) for n in ("lon", "lat"))
_PAIRS: tuple[tuple[tuple[str, ...], tuple[str, ...], bool], ...] = (
    (_LON, _LAT, True),
    (
        ("东坐标", "东", "E", "EAST", "EASTING", "横坐标"),
        ("北坐标", "北", "N", "NORTH", "NORTHING", "纵坐标"),
        True,
    ),
    (
        ("X", "X坐标", "POINT_X", "中心X", "中心点X", "中心X坐标", "中心点X坐标", "COORD_X"),
        ("Y", "Y坐标", "POINT_Y", "中心Y", "中心点Y", "中心Y坐标", "中心点Y坐标", "COORD_Y"),
        False,
    ),
)
"""Headers of the first and of the second column, and whether they say which is east."""

ON_THE_PLOT = 0.005
"""Degrees between the middle of a plot and a point on it."""

MAX_NESTED = 50
"""Collections in one text; they may all lie inside each other."""

_TOGETHER = frozenset(
    {"坐标", "经纬度", "中心坐标", "中心点坐标", "坐标位置", "LONLAT", "COORDINATES"}
)
_SPLIT = re.compile(r"\s*[,,;;]\s*|\s+(?=[\d东西南北EWNS])")
LONGEST = 200
"""Characters of a header; what is longer is a text."""

_UNIT = re.compile(r"[(\[{【].*?[)\]}】]")
_WKT = re.compile(r"\s*(?:SRID\s*=\s*(\d{4,6})\s*;)?\s*((?:MULTI)?(?:POINT|POLYGON|LINESTRING)|GEOMETRYCOLLECTION)\s*[ZM]{0,2}\s*(?:\(|EMPTY)", re.IGNORECASE)  # fmt: skip
_HEX_WKB = re.compile(
    r"(?:01[0-9A-F]{2}0[037B]00[0-9A-E]0|00[0-9A-E]0000[037B][0-9A-F]{2})[0-9A-F]{8,}",
    re.IGNORECASE,
)
"""Order of bytes, a type and its flags: a hash of sixty-four digits is not taken for a shape."""

WORDS: frozenset[str] = _TOGETHER | {
    name for first, second, _ in _PAIRS for name in (*first, *second)
}
"""Headers by which a row of headers is known."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where the rows of a table lie.

    Attributes:
        geoms: Geometries (n,) in the table's coordinates; ``None`` where a row names no place.
        crs: ``EPSG:n`` where the texts say it.
        notes: What there is to say.
        refused: Rows, from 1, whose place cannot be read.
        column: The column that held whole shapes, which is no attribute.
    """

    geoms: Geometries
    crs: str | None
    notes: tuple[Flag, ...]
    refused: Mapping[int, str]
    column: str | None = None


def plain_name(header: str) -> str:
    """A header without its unit: ``经度(°)`` is ``经度``."""
    return _UNIT.sub("", normal(header[:LONGEST])).strip()


def located(columns: Columns) -> Located | None:
    """Where each row lies; ``None`` when no columns say it."""
    for header, cells in columns.items():
        if _all_shapes(cells):
            return _from_texts(header, cells)
    for first, second, named in _pairs(columns):
        return _from_numbers(first, second, named=named)
    return None


def _all_shapes(cells: Sequence[Cell]) -> bool:
    some = [cell for cell in cells if cell is not None][:20]
    return bool(some) and all(
        isinstance(cell, str) and (_WKT.match(cell) or _HEX_WKB.fullmatch(cell)) for cell in some
    )


def _from_texts(header: str, cells: Sequence[Cell]) -> Located:
    """Shapes written as WKT, with or without ``SRID=n;``, or as hexadecimal WKB."""
    texts = [None if cell is None else str(cell).strip() for cell in cells]
    wkt = [
        t.rpartition(";")[2] if t and not _HEX_WKB.fullmatch(t) and not _is_deep(t) else None
        for t in texts
    ]
    geoms = np.asarray(
        shapely.from_wkt(np.asarray(wkt, dtype=object), on_invalid="ignore"), dtype=object
    )
    codes = {found[1] for text in texts if text and (found := _WKT.match(text))}
    binary = [i for i, text in enumerate(texts) if text and _HEX_WKB.fullmatch(text)]
    if binary:
        geoms[binary] = from_wkb([_bytes(texts[i] or "") for i in binary])
        codes |= {str(code) for code in shapely.get_srid(geoms[binary]).tolist() if code > 0}
    refused = {
        i + 1: "bad_geometry"
        for i in np.flatnonzero(shapely.is_missing(geoms)).tolist()
        if texts[i]
    }
    codes.discard(None)
    crs = f"EPSG:{codes.pop()}" if len(codes) == 1 else None
    return Located(shapely.set_srid(geoms, 0), crs, (), refused, header)


def _is_deep(text: str) -> bool:
    """Whether shapes may be nested without end, on which GEOS would spend minutes."""
    return text.upper().count("COLLECTION") > MAX_NESTED


def system_of_export(geoms: Geometries, lon: Sequence[Cell], lat: Sequence[Cell]) -> str | None:
    """The system of the shapes in a table that we wrote, whose ``lon`` and ``lat`` are EPSG:4490.

    Args:
        geoms: Shapes (n,) in the system that was asked for.
        lon: Longitude of a point on each (n).
        lat: Latitude of the same (n).
    """
    stated = np.array([[_number(x), _number(y)] for x, y in zip(lon, lat, strict=True)])
    there = np.isfinite(stated).all(axis=1) & (shapely.get_num_coordinates(geoms) > 0)
    if not there.any():
        return None
    first = shapely.get_coordinates(shapely.centroid(geoms[there]))
    off = {
        code: float(np.median(np.abs(inverse(first, known(code)) - stated[there]).max(axis=1)))
        for code in EXPORT_CODES
    }
    code = min(off, key=lambda one: off[one])
    return f"EPSG:{code}" if off[code] < ON_THE_PLOT else None


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _pairs(columns: Columns) -> Iterator[tuple[Sequence[Cell], Sequence[Cell], bool]]:
    """Pairs of columns that may hold coordinates, the surest first."""
    by_name: dict[str, str] = {}
    for header in columns:
        by_name.setdefault(plain_name(header), header)
    for firsts, seconds, named in _PAIRS:
        first = next((by_name[name] for name in firsts if name in by_name), None)
        second = next((by_name[name] for name in seconds if name in by_name), None)
        if first and second and _has_numbers(columns[first]) and _has_numbers(columns[second]):
            yield columns[first], columns[second], named
    for name in _TOGETHER & by_name.keys():
        parts = [_parted(cell) for cell in columns[by_name[name]]]
        halves = [part[0] for part in parts], [part[1] for part in parts]
        if all(map(_has_numbers, halves)):
            yield *halves, True


def _parted(cell: Cell) -> tuple[Cell, Cell]:
    """``106.75,31.86`` as two values; what is not two stays whole, for the sentence."""
    parts = _SPLIT.split(str(cell).strip()) if cell is not None else []
    return (parts[0], parts[1]) if len(parts) == 2 else (cell, None)


def _has_numbers(cells: Sequence[Cell]) -> bool:
    return any(isinstance(values.read("degrees", cell), float) for cell in cells)


def _from_numbers(first: Sequence[Cell], second: Sequence[Cell], *, named: bool) -> Located:
    a, b = (np.array([_number(cell) for cell in cells]) for cells in (first, second))
    exchanged = _is_north(a) and not _is_north(b)
    xy = np.column_stack([b, a] if exchanged else [a, b])
    there = np.isfinite(xy).all(axis=1)
    geoms = np.full(len(xy), None, dtype=object)
    geoms[there] = shapely.points(xy[there])
    refused = {
        i + 1: "bad_coordinates"
        for i in np.flatnonzero(~there).tolist()
        if values.text(first[i]) or values.text(second[i])
    }
    notes = (Flag("axes_exchanged"),) if exchanged and named else ()
    return Located(geoms, None, notes, refused)


def _number(cell: Cell) -> float:
    found = values.read("degrees", cell)
    return float(found) if isinstance(found, int | float) else np.nan


def _is_north(numbers: Float64) -> bool:
    """Whether these are latitudes, or northings in metres, of China."""
    middle = float(np.nanmedian(numbers))
    return 3 <= middle <= 54 or 1_000_000 <= middle < 10_000_000
