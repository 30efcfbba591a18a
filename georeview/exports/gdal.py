"""Files written by GDAL from Arrow batches, and read back through it as other software will.

In the sandbox only.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from georeview.exports import arrow
from georeview.exports.base import Column, Found, Plan, Values

_BATCH: Final = 20_000
"""Rows of a layer that are in memory together while it is read back."""
_AT_ONCE: Final = 50_000
"""Rows of a table that are read together."""


def layer(
    path: Path,
    name: str,
    schema: Any,
    batches: Iterator[Any],
    *,
    driver: str,
    options: Mapping[str, str],
    shapes: tuple[str, str, str] | None = None,
) -> None:
    """Stream batches into a layer, which is added where the file is there.

    Args:
        path: The file.
        name: The layer.
        schema: Schema of the batches.
        batches: The rows.
        driver: GDAL's name of the format.
        options: How GDAL makes the layer.
        shapes: Column of the shapes, their type and system; ``None`` for a plain table.
    """
    import pyarrow as pa
    import pyogrio

    geometry, kind, crs = shapes or (None, None, None)
    pyogrio.write_arrow(
        pa.RecordBatchReader.from_batches(schema, batches),
        str(path),
        layer=name,
        driver=driver,
        geometry_name=geometry,
        geometry_type=kind,
        crs=crs,
        layer_options=dict(options),
    )


def reread(path: Path, layer: str, plan: Plan, *, points: bool) -> Iterator[Found]:
    """The chunks of a layer as they were written, and one more where it holds more."""
    import pyogrio

    sizes = [n for n, kind in plan.sizes if kind == points]
    with pyogrio.raw.open_arrow(str(path), layer=layer, use_pyarrow=True, batch_size=_BATCH) as (
        meta,
        batches,
    ):
        geometry = meta["geometry_name"] or "wkb_geometry"
        for table in arrow.resized(batches, sizes):
            yield arrow.found(table, plan, geometry)


def picked(path: Path, plan: Plan, order: list[int]) -> Iterator[Found]:
    """The chunks of an only layer whose rows lie in another ``order``."""
    import pyogrio

    first = 0
    for n, _ in [*plan.sizes, (len(order) - plan.rows(), False)]:
        if n > 0:
            yield _found(pyogrio.raw.read(str(path), fids=order[first : first + n]), plan)
        first += n


def rows(path: Path, table: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a table without shapes, ``None`` where a cell is empty."""
    import pyogrio

    first, count = 0, pyogrio.read_info(str(path), layer=table)["features"]
    while first < count:
        *_, cells = pyogrio.raw.read(
            str(path), layer=table, skip_features=first, max_features=_AT_ONCE, read_geometry=False
        )
        held = [cell.astype(object) for cell in cells]
        for cell in held:
            cell[cell != cell] = None
        yield from zip(*held, strict=True)
        first += _AT_ONCE


def _found(read: tuple[Any, ...], plan: Plan) -> Found:
    meta, _, wkb, cells = read
    held = dict(zip((str(name) for name in meta["fields"]), cells, strict=True))
    values = {c.name: _plain(c, held[c.name]) for c in plan.columns if c.name in held}
    return Found(np.asarray(shapely.from_wkb(wkb), dtype=object), values)


def _plain(column: Column, cells: Any) -> Values:
    """A column's cells as texts, numbers or ISO days, ``None`` where there is none."""
    if column.kind == "date":
        return [None if day == "NaT" else day for day in cells.astype("datetime64[D]").astype(str)]
    if column.kind == "text":
        return list(cells)
    return list(np.where(np.isnan(cells.astype(float)), None, cells.astype(float)))
