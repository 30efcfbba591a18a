"""GeoParquet, and Parquet with shapes of its own: as WKB, or as lists of coordinates.

Three ways say which column holds the shapes and in which system: the description of GeoParquet, the
types GEOMETRY and GEOGRAPHY of Parquet, and the extension types of GeoArrow.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from georeview.errors.coordinates import CrsNotReadable
from georeview.errors.files import FileBroken, GeometryEncoding, NoShapes
from georeview.ingest import arrow, geoarrow
from georeview.ingest.archive import Source
from georeview.ingest.raw import CHUNK, Chunk, Geometries, Raw, from_wkb, unreadable
from georeview.ingest.sniff import sniff

SUFFIXES = (".parquet", ".geoparquet")
MAGIC = b"PAR1"
_SAFE = {"thrift_string_size_limit": 2**26, "thrift_container_size_limit": 2**20}
_EXTENSION, _ABOUT = b"ARROW:extension:name", b"ARROW:extension:metadata"
_DEGREES = "EPSG:4326"
"""What holds where a description says nothing of the system: longitude and latitude."""


@dataclass(frozen=True, slots=True)
class _Shapes:
    """Where the shapes are.

    Attributes:
        column: Name of their column.
        encoding: ``wkb`` or one of ``geoarrow.KINDS``.
        crs: ``EPSG:n`` or WKT; ``None`` where nothing is said.
        boxes: Columns of boxes round the shapes, which say nothing that the shapes do not.
    """

    column: str
    encoding: str
    crs: str | None
    boxes: frozenset[str] = frozenset()

    def read(self, cells: Any) -> Geometries:
        """Geometries of some rows."""
        if self.encoding == "wkb":
            return from_wkb(cells.to_pylist())
        return geoarrow.geometries(cells, self.encoding)


def read(source: Source, _encoding: str | None, _layer: str | None) -> Raw:
    """All rows.

    Raises:
        FormatDisguised: It is something else.
        NoShapes: It describes no geometries.
        GeometryEncoding: Its geometries are written in a way that is not known.
        CrsNotReadable: Its system makes no sense.
        FileBroken: It is damaged.
    """
    suffix = next(s for s in SUFFIXES if s in source.parts)
    sniff(source, suffix, MAGIC)
    path = source.parts[suffix]
    with arrow.reading(source.name), _opened(path) as file:
        shapes = _described(file, source.name)
        names = file.schema_arrow.names
        count = file.metadata.num_rows
        if shapes is None or shapes.column not in names:
            raise NoShapes(file=source.name)
        _check(shapes, file.schema_arrow.field(shapes.column).type, source.name)
    headers = tuple(name for name in names if name not in (shapes.column, *shapes.boxes))

    def chunks() -> Iterator[Chunk]:
        first = 1
        with arrow.reading(source.name), _opened(path) as file:
            for batch in file.iter_batches(CHUNK, columns=[*headers, shapes.column]):
                cells = batch.column(shapes.column)
                geoms, given = shapes.read(cells), cells.is_valid().to_pylist()
                yield Chunk(
                    first=first,
                    columns={header: arrow.cells(batch.column(header)) for header in headers},
                    geoms=geoms,
                    refused=unreadable(geoms, given, first),
                )
                first += batch.num_rows

    return Raw(
        source=source,
        format="geoparquet",
        layer=source.stem,
        headers=headers,
        count=count,
        chunks=chunks,
        crs=shapes.crs,
        encoding="utf-8",
        encoding_by="format",
    )


def _opened(path: Path) -> Any:
    from pyarrow.parquet import ParquetFile

    return ParquetFile(path, **_SAFE)


def _check(shapes: _Shapes, stored: Any, name: str) -> None:
    """Refuse shapes that are not stored as they are said to be."""
    import pyarrow as pa

    known = shapes.encoding == "wkb" or shapes.encoding in geoarrow.KINDS
    binary = pa.types.is_binary(stored) or pa.types.is_large_binary(stored)
    fits = known and (
        binary if shapes.encoding == "wkb" else geoarrow.fits(shapes.encoding, stored)
    )
    if not fits:
        raise GeometryEncoding(file=name, encoding=shapes.encoding[:40])


# Where the shapes are ----------------------------------------------------------------------------


def _described(file: Any, name: str) -> _Shapes | None:
    """What the file says of its shapes, in whichever way; ``None`` where it says nothing."""
    metadata = file.schema_arrow.metadata or {}
    if b"geo" in metadata:
        return _by_geoparquet(metadata[b"geo"], name)
    ways = (_by_type(file, metadata), _by_extension(file))
    return next((shapes for shapes in ways if shapes), None)


def _by_geoparquet(text: bytes, name: str) -> _Shapes | None:
    try:
        about = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileBroken(file=name) from error
    about = about if isinstance(about, dict) else {}
    shape, columns = str(about.get("primary_column")), about.get("columns")
    column = columns.get(shape) if isinstance(columns, dict) else None
    if not isinstance(column, dict):
        return None
    encoding = str(column.get("encoding")).lower()
    return _Shapes(shape, encoding, _system(column.get("crs", _DEGREES)), _covering(column))


def _by_type(file: Any, metadata: Mapping[bytes, bytes]) -> _Shapes | None:
    """The first column whose type in Parquet is GEOMETRY or GEOGRAPHY."""
    for n in range(len(file.schema)):
        column = file.schema.column(n)
        if column.logical_type.type in ("GEOMETRY", "GEOGRAPHY"):
            given = json.loads(column.logical_type.to_json()).get("crs") or _DEGREES
            if given.startswith("projjson:"):
                given = metadata.get(given[len("projjson:") :].encode(), b"").decode()
            if given.startswith("srid:"):
                given = f"EPSG:{given[len('srid:') :]}"
            return _Shapes(column.path, "wkb", _system(given))
    return None


def _by_extension(file: Any) -> _Shapes | None:
    """The first column whose type in Arrow is one of GeoArrow."""
    for field in file.schema_arrow:
        about = field.metadata or {}
        called = about.get(_EXTENSION, b"").decode("utf-8", "replace")
        if called.startswith("geoarrow."):
            more = _json(about.get(_ABOUT, b"").decode("utf-8", "replace"))
            given = more.get("crs") if isinstance(more, dict) else None
            return _Shapes(field.name, called.removeprefix("geoarrow."), _system(given))
    return None


def _covering(column: Mapping[str, Any]) -> frozenset[str]:
    """Columns of boxes round the shapes."""
    box = (column.get("covering") or {}).get("bbox") or {}
    return frozenset(str(path[0]) for path in box.values() if isinstance(path, list) and path)


def _system(given: Any) -> str | None:
    """``EPSG:n`` or WKT of what is said of a system, be it a name or PROJJSON."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if isinstance(given, str) and given.lstrip().startswith("{"):
        given = _json(given) or given
    if given is None or isinstance(given, str):
        return _DEGREES if given and given.upper().endswith("CRS84") else given
    named = given.get("id") if isinstance(given, dict) else None
    if isinstance(named, dict):
        if named.get("authority") == "EPSG":
            return f"EPSG:{named.get('code')}"
        if str(named.get("code")).upper() == "CRS84":
            return _DEGREES
    try:
        return CRS.from_json(json.dumps(given)).to_wkt()
    except (CRSError, RecursionError) as error:
        raise CrsNotReadable(text=json.dumps(given)[:80]) from error


def _json(text: str) -> Any:
    """What a text holds, ``None`` where it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
