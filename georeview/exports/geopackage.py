"""GeoPackage: one layer of areas, one of points, long names, nothing shortened."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from georeview.exports import fit, names
from georeview.exports.base import (
    Column,
    Columns,
    Format,
    Found,
    Geometries,
    Limits,
    Losses,
    Plan,
    Schema,
)
from georeview.exports.gdal import reread
from georeview.geometry.crs import known, project

AREAS: Final = "plots"
POINTS: Final = "plots_points"
_GEOMETRY: Final = "geom"
_ROW: Final = "fid"


def _columns(schema: Schema, encoding: str) -> tuple[Column, ...]:
    return names.long(schema, encoding, taken=(_GEOMETRY, _ROW))


def _write(chunks: Iterator[Columns], plan: Plan, path: Path) -> Losses:
    """Stream Arrow batches to GDAL: no geometry parsed by it, no data frame."""
    losses = Losses()
    todo = iter(chunks)
    first = 0
    for points in (False, True):
        sizes = [n for n, kind in plan.sizes if kind == points]
        if sizes:
            batches = (
                _batch(next(todo), plan, first + sum(sizes[:i]), losses) for i in range(len(sizes))
            )
            _layer(path, plan, batches, points=points)
            first += sum(sizes)
    return losses


def _layer(path: Path, plan: Plan, batches: Iterator[Any], *, points: bool) -> None:
    import pyarrow as pa
    import pyogrio

    reader = pa.RecordBatchReader.from_batches(_arrow_schema(plan), batches)
    pyogrio.write_arrow(
        reader,
        str(path),
        layer=POINTS if points else AREAS,
        driver="GPKG",
        geometry_name=_GEOMETRY,
        geometry_type="Point" if points else "MultiPolygon",
        crs=plan.options.crs,
        layer_options={"FID": _ROW, "GEOMETRY_NAME": _GEOMETRY, "DESCRIPTION": plan.options.title},
    )


def _arrow_schema(plan: Plan) -> Any:
    import pyarrow as pa

    kinds = {"text": pa.string(), "integer": pa.int64(), "real": pa.float64(), "date": pa.date32()}
    held = [(column.name, kinds[column.kind]) for column in plan.columns]
    return pa.schema([*held, (_GEOMETRY, pa.binary())])


def _batch(chunk: Columns, plan: Plan, first: int, losses: Losses) -> Any:
    import pyarrow as pa

    schema = _arrow_schema(plan)
    arrays = [
        pa.array(_values(column, chunk, first, losses), schema.field(column.name).type)
        for column in plan.columns
    ]
    crs = known(int(plan.options.crs.partition(":")[2]))
    geoms = project(np.asarray(shapely.from_wkb(np.asarray(chunk.wkb, dtype=object))), crs)
    shapes = geoms if chunk.points else _multi(geoms)
    return pa.record_batch([*arrays, pa.array(shapely.to_wkb(shapes), pa.binary())], schema=schema)


def _values(column: Column, chunk: Columns, first: int, losses: Losses) -> Any:
    if column.kind == "text":
        return fit.texts(column, chunk, first, losses, fit.as_they_are)
    if column.kind == "date":
        return fit.dates(column, chunk, first, losses)
    return fit.finite(column.of(chunk))


def _multi(geoms: Geometries) -> Geometries:
    """Every polygon as a multipolygon, so that the layer has one type."""
    result = geoms.copy()
    single = np.flatnonzero(shapely.get_type_id(geoms) == shapely.GeometryType.POLYGON)
    if len(single):
        result[single] = shapely.multipolygons(geoms[single], indices=np.arange(len(single)))
    return result


def _reopen(path: Path, plan: Plan) -> Iterator[Found]:
    for points, layer in ((False, AREAS), (True, POINTS)):
        if plan.rows(points=points):
            yield from reread(path, layer, plan, points=points)


GEOPACKAGE: Final = Format(
    name="gpkg",
    suffix=".gpkg",
    gdal=True,
    limits=Limits(columns=1_990),
    columns=_columns,
    write=_write,
    reopen=_reopen,
)
