"""FlatGeobuf: one layer with a spatial index, so that a map reads the part it shows.

The index puts the rows into the order of a Hilbert curve. The order they came in is kept beside
the file while it is made, and they are held against what came in that order.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from georeview.exports import arrow, gdal, names
from georeview.exports.base import Column, Columns, Format, Found, Limits, Losses, Plan, Schema

_GEOMETRY: Final = "geometry"
_ID: Final = "plot_id"


def _columns(schema: Schema, encoding: str) -> tuple[Column, ...]:
    return names.long(schema, encoding, taken=(_GEOMETRY,))


def _write(chunks: Iterator[Columns], plan: Plan, path: Path) -> Losses:
    losses = Losses()
    multi = not plan.rows(points=True)
    batches = arrow.batches(chunks, plan, _GEOMETRY, losses, multi=multi)
    gdal.layer(
        path,
        plan.options.title or path.stem,
        arrow.schema(plan, _GEOMETRY),
        _noted(batches, plan, _order(path)),
        driver="FlatGeobuf",
        options={"SPATIAL_INDEX": "YES"},
        shapes=(_GEOMETRY, _kind(plan), plan.options.crs),
    )
    return losses


def _kind(plan: Plan) -> str:
    if not plan.rows(points=True):
        return "MultiPolygon"
    return "Unknown" if plan.rows(points=False) else "Point"


def _noted(batches: Iterator[Any], plan: Plan, order: Path) -> Iterator[Any]:
    """The batches, with the ids of their rows written down."""
    ids = _id_column(plan)
    with order.open("w", encoding="utf-8") as file:
        for batch in batches:
            file.writelines(f"{plot_id}\n" for plot_id in batch.column(ids).to_pylist())
            yield batch


def _reopen(path: Path, plan: Plan) -> Iterator[Found]:
    import pyogrio

    (ids,) = pyogrio.raw.read(str(path), columns=[_id_column(plan)], read_geometry=False)[3]
    at = {plot_id: fid for fid, plot_id in enumerate(ids)}
    came = _order(path).read_text(encoding="utf-8").split("\n")[:-1]
    order = [at.pop(plot_id) for plot_id in came if plot_id in at]
    yield from gdal.picked(path, plan, [*order, *at.values()])


def _order(path: Path) -> Path:
    return path.with_suffix(".order")


def _id_column(plan: Plan) -> str:
    return next(column.name for column in plan.columns if column.ours and column.key == _ID)


FLATGEOBUF: Final = Format(
    name="flatgeobuf",
    suffix=".fgb",
    gdal=True,
    limits=Limits(),
    columns=_columns,
    write=_write,
    reopen=_reopen,
)
