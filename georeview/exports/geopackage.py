"""GeoPackage: one layer of areas, one of points, long names, nothing shortened.

Beside them a table of the facts and the style of each layer, as QGIS reads it.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from georeview.exports import arrow, facts, gdal, names, qgis
from georeview.exports.base import Column, Columns, Format, Found, Limits, Losses, Plan, Schema

AREAS: Final = "plots"
POINTS: Final = "plots_points"
_GEOMETRY: Final = "geom"
_ROW: Final = "fid"


def _columns(schema: Schema, encoding: str) -> tuple[Column, ...]:
    return names.long(schema, encoding, taken=(_GEOMETRY, _ROW))


def _write(chunks: Iterator[Columns], plan: Plan, path: Path) -> Losses:
    losses = Losses()
    batches = arrow.batches(chunks, plan, _GEOMETRY, losses, multi=True)
    for points in (False, True):
        count = sum(kind == points for _, kind in plan.sizes)
        if count:
            gdal.layer(
                path,
                POINTS if points else AREAS,
                arrow.schema(plan, _GEOMETRY),
                islice(batches, count),
                driver="GPKG",
                options={
                    "FID": _ROW,
                    "GEOMETRY_NAME": _GEOMETRY,
                    "DESCRIPTION": plan.options.title,
                },
                shapes=(_GEOMETRY, "Point" if points else "MultiPolygon", plan.options.crs),
            )
    return losses


def _add(chunks: Iterator[Columns], plan: Plan, path: Path) -> None:
    """The table of facts and the styles."""
    held = facts.batches(chunks)
    gdal.layer(path, facts.TABLE, facts.schema(), held, driver="GPKG", options={"FID": _ROW})
    layers = {
        name: points
        for name, points in ((AREAS, False), (POINTS, True))
        if plan.rows(points=points)
    }
    mark = next(column.name for column in plan.columns if column.ours and column.key == "mark")
    schema, styles = qgis.batches(layers, _GEOMETRY, mark)
    gdal.layer(path, qgis.TABLE, schema, styles, driver="GPKG", options={"FID": "id"})


def _reopen(path: Path, plan: Plan) -> Iterator[Found]:
    for points, layer in ((False, AREAS), (True, POINTS)):
        if plan.rows(points=points):
            yield from gdal.reread(path, layer, plan, points=points)


def _others(chunks: Iterator[Columns], _plan: Plan, path: Path) -> None:
    facts.same(chunks, gdal.rows(path, facts.TABLE))


GEOPACKAGE: Final = Format(
    name="gpkg",
    suffix=".gpkg",
    gdal=True,
    limits=Limits(columns=1_990, facts=True),
    columns=_columns,
    write=_write,
    reopen=_reopen,
    add=_add,
    others=_others,
)
