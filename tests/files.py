"""Files as they come from outside, byte by byte, good and bad."""

import json
import sqlite3
import struct
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import CRS

from georeview import sandbox
from georeview.geometry import crs
from georeview.ingest import ReadOptions
from georeview.services import Services, open_services
from georeview.services.load_report import LoadReport
from georeview.services.people import owner
from georeview.settings import Settings
from sample_data.shapefile import POINT, POLYGON, _geometry, shape_of

SAMPLE = Path(__file__).parents[1] / "sample_data" / "data"
NOW = datetime(2023, 4, 10, 2, 0, tzinfo=UTC)
Column = tuple[str | bytes, str, int, Sequence[str | bytes]]
"""Name, dBASE letter, width, cells."""


@contextmanager
def a_home(folder: Path, **settings: Any) -> Iterator[Services]:
    """Services over a new home, with a clock that stands still."""
    services = open_services(Settings(home=folder / "home", **settings), lambda: NOW)
    try:
        yield services
    finally:
        services.close()


def own_temp(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of the test's own, so that it can see what is left there."""
    sandbox.run("os:getpid")  # the fork server's socket must not move there
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def load(services: Services, *paths: Path, batch: str = "2023-1", **options: Any) -> LoadReport:
    """Load plots as the city does."""
    return services.imports.load(
        owner("5119"), paths, batch=batch, area="5119", options=ReadOptions(**options)
    )


def leftovers(home: Path) -> list[str]:
    """Files of a home beside the database and what tells whose home it is."""
    return sorted(
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.is_file()
        and not path.name.startswith("georeview.sqlite")
        and path.name != "store.id"
        and path.suffix != ".lock"
        and path.parent.relative_to(home) != Path("cache/land")  # counties and rivers, laid ready
    )


def squares(n: int, *, lon: float = 107.1, lat: float = 31.56) -> list[shapely.Geometry]:
    """Plots of about 38 m × 44 m in a row, in degrees."""
    return [
        shapely.box(lon + i * 0.001, lat, lon + i * 0.001 + 0.0004, lat + 0.0004) for i in range(n)
    ]


def projected(geoms: Sequence[shapely.Geometry], epsg: int) -> list[shapely.Geometry]:
    """The same in another system, computed without PROJ's search for operations."""
    system = crs.known(epsg)
    return list(shapely.transform(np.array(geoms), lambda xy: crs.forward(xy, system)))


def wkt(epsg: int) -> bytes:
    """What a .prj says."""
    return CRS.from_epsg(epsg).to_wkt("WKT1_ESRI").encode()


def table(columns: Sequence[Column], encoding: str, ldid: int = 0) -> bytes:
    """A dBASE table; names and cells that are bytes stay as they are."""

    def raw(value: str | bytes) -> bytes:
        return value if isinstance(value, bytes) else value.encode(encoding)

    rows = len(columns[0][3])
    size = 1 + sum(width for _, _, width, _ in columns)
    head = struct.pack(
        "<4B I H H 17s B 2x", 3, 123, 4, 10, rows, 33 + 32 * len(columns), size, b"", ldid
    )
    for name, letter, width, _ in columns:
        head += struct.pack(
            "<11sc4xBB14x", raw(name)[:10], letter.encode(), width % 256, width // 256
        )
    body = b""
    for row in range(rows):
        cells = (raw(c[3][row])[: c[2]].ljust(c[2]) for c in columns)
        body += b" " + b"".join(cells)
    return head + b"\r" + body + b"\x1a"


def ids(*values: str | bytes, name: str | bytes = "TBBH", letter: str = "C") -> Column:
    """A column of plot numbers."""
    return (name, letter, 24, values)


def shapefile(
    geoms: Sequence[shapely.Geometry],
    columns: Sequence[Column] | None = None,
    *,
    encoding: str = "gb18030",
    prj: bytes | None = wkt(4490),
    cpg: bytes | None = None,
    ldid: int = 0,
) -> dict[str, bytes]:
    """Suffix → bytes of a shapefile."""
    kind = POINT if geoms[0].geom_type == "Point" else POLYGON
    shp, shx = _geometry([shape_of(geom) for geom in geoms], kind)
    columns = columns or [ids(*(f"A{i:03d}" for i in range(len(geoms))))]
    parts = {".shp": shp, ".shx": shx, ".dbf": table(columns, encoding, ldid)}
    return parts | ({".prj": prj} if prj else {}) | ({".cpg": cpg} if cpg is not None else {})


def put(folder: Path, parts: Mapping[str, bytes], name: str = "plots") -> Path:
    """Write a shapefile's parts beside each other."""
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, data in parts.items():
        (folder / f"{name}{suffix}").write_bytes(data)
    return next(folder / f"{name}{s}" for s in parts if s.lower() == ".shp")


def zipped(path: Path, members: Mapping[str, bytes]) -> Path:
    """A zip of named members; names beyond ASCII are GBK and say nothing of it, as here."""
    out, directory = b"", b""
    for name, content in members.items():
        raw = name.encode("gbk")
        packed = zlib.compress(content, wbits=-15)
        about = struct.pack(
            "<HHHHHIIIHH",
            20, 0, 8, 0, 33, zlib.crc32(content), len(packed), len(content), len(raw), 0,
        )  # fmt: skip
        directory += b"PK\x01\x02\x14\x00" + about
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + raw
        out += b"PK\x03\x04" + about + raw + packed
    n = len(members)
    end = struct.pack("<HHHHIIH", 0, 0, n, n, len(directory), len(out), 0)
    path.write_bytes(out + directory + b"PK\x05\x06" + end)
    return path


def geojson(
    geoms: Sequence[shapely.Geometry | Mapping[str, Any] | None],
    rows: Sequence[Mapping[str, Any]],
    **more: Any,
) -> dict[str, Any]:
    """A feature collection."""

    def shape(geom: Any) -> Any:
        return json.loads(shapely.to_geojson(geom)) if isinstance(geom, shapely.Geometry) else geom

    features = [
        {"type": "Feature", "geometry": shape(geom), "properties": dict(row)}
        for geom, row in zip(geoms, rows, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features, **more}


def put_json(path: Path, document: Any, encoding: str = "utf-8") -> Path:
    """Write JSON as it is sent."""
    path.write_bytes(json.dumps(document, ensure_ascii=False).encode(encoding, "surrogatepass"))
    return path


def geopackage(
    path: Path,
    geoms: Sequence[shapely.Geometry | None] | None,
    columns: Mapping[str, Sequence[Any]],
    *,
    epsg: int = 4490,
    layer: str = "plots",
) -> Path:
    """A GeoPackage written by GDAL, as others write it."""
    import geopandas
    import pandas
    import pyogrio

    frame = pandas.DataFrame({k: pandas.array(v, dtype=_dtype(v)) for k, v in columns.items()})
    if geoms is None:
        pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG")
        return path
    geopandas.GeoDataFrame(frame, geometry=list(geoms), crs=f"EPSG:{epsg}").to_file(
        path, layer=layer, driver="GPKG", engine="pyogrio"
    )
    return path


def _dtype(values: Sequence[Any]) -> str:
    there = [value for value in values if value is not None]
    return "Int64" if there and all(isinstance(v, int) for v in there) else "object"


def execute(path: Path, *statements: str) -> None:
    """Change a GeoPackage by hand."""
    with closing(sqlite3.connect(path)) as database, database:
        for statement in statements:
            database.execute(statement)
