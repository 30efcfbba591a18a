"""GeoParquet: shapes as WKB, the system from the file's own description."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from georeview.errors import CrsNotReadable, FileBroken, GeometryEncoding, NoShapes
from georeview.ingest import arrow
from georeview.ingest.archive import Source
from georeview.ingest.raw import CHUNK, Chunk, Raw, from_wkb, unreadable
from georeview.ingest.sniff import sniff

SUFFIXES = (".parquet", ".geoparquet")
MAGIC = b"PAR1"
_SAFE = {"thrift_string_size_limit": 2**26, "thrift_container_size_limit": 2**20}


def read(source: Source, _encoding: str | None, _layer: str | None) -> Raw:
    """All rows.

    Raises:
        FormatDisguised: It is something else.
        NoShapes: It describes no geometries.
        GeometryEncoding: Its geometries are not WKB.
        CrsNotReadable: Its system makes no sense.
        FileBroken: It is damaged.
    """
    suffix = next(s for s in SUFFIXES if s in source.parts)
    sniff(source, suffix, MAGIC)
    path = source.parts[suffix]
    with arrow.reading(source.name), _opened(path) as file:
        about = _about(file.schema_arrow.metadata or {}, source.name)
        shape = str(about.get("primary_column"))
        names = file.schema_arrow.names
        count = file.metadata.num_rows
    columns = about.get("columns")
    column = columns.get(shape) if isinstance(columns, dict) else None
    if not isinstance(column, dict) or shape not in names:
        raise NoShapes(file=source.name)
    if column.get("encoding") != "WKB":
        raise GeometryEncoding(file=source.name, encoding=str(column.get("encoding"))[:40])
    headers = tuple(name for name in names if name != shape and name not in _covering(column))

    def chunks() -> Iterator[Chunk]:
        first = 1
        with arrow.reading(source.name), _opened(path) as file:
            for batch in file.iter_batches(CHUNK, columns=[*headers, shape]):
                wkb = batch.column(shape).to_pylist()
                geoms = from_wkb(wkb)
                yield Chunk(
                    first=first,
                    columns={header: arrow.cells(batch.column(header)) for header in headers},
                    geoms=geoms,
                    refused=unreadable(geoms, [data is not None for data in wkb], first),
                )
                first += batch.num_rows

    return Raw(
        source=source,
        format="geoparquet",
        layer=source.stem,
        headers=headers,
        count=count,
        chunks=chunks,
        crs=_system(column),
        encoding="utf-8",
        encoding_by="format",
    )


def _opened(path: Path) -> Any:
    from pyarrow.parquet import ParquetFile

    return ParquetFile(path, **_SAFE)


def _about(metadata: Mapping[bytes, bytes], name: str) -> dict[str, Any]:
    """What the file says of its geometries."""
    try:
        found = json.loads(metadata.get(b"geo", b"{}"))
    except (ValueError, RecursionError) as error:
        raise FileBroken(file=name) from error
    return found if isinstance(found, dict) else {}


def _covering(column: Mapping[str, Any]) -> set[str]:
    """Columns of boxes round the shapes, which say nothing that the shapes do not."""
    box = (column.get("covering") or {}).get("bbox") or {}
    return {str(path[0]) for path in box.values() if isinstance(path, list) and path}


def _system(column: Mapping[str, Any]) -> str | None:
    """``EPSG:n`` or WKT; longitude and latitude where nothing is said, nothing where null is."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    given = column.get("crs", "EPSG:4326")
    if given is None or isinstance(given, str):
        return given
    named = given.get("id") if isinstance(given, dict) else None
    if isinstance(named, dict):
        if named.get("authority") == "EPSG":
            return f"EPSG:{named.get('code')}"
        if str(named.get("code")).upper() == "CRS84":
            return "EPSG:4326"
    try:
        return CRS.from_json(json.dumps(given)).to_wkt()
    except (CRSError, RecursionError) as error:
        raise CrsNotReadable(text=json.dumps(given)[:80]) from error
