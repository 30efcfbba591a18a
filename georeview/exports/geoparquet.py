"""GeoParquet 1.1: columns packed with zstd, shapes as WKB, the coordinate system as PROJJSON.

Specification: https://geoparquet.org/releases/v1.1.0/
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from georeview.exports import arrow, names
from georeview.exports.base import (
    Column,
    Columns,
    Format,
    Found,
    Limits,
    Losses,
    Plan,
    Schema,
    Values,
)

_GEOMETRY: Final = "geometry"
_GROUP: Final = 50_000
"""Rows of a group: a reader takes or leaves a group as a whole."""
_KINDS: Final = {0: "Point", 3: "Polygon", 6: "MultiPolygon"}
_ZSTD: Final = 1
"""Level."""


def _columns(schema: Schema, encoding: str) -> tuple[Column, ...]:
    return names.long(schema, encoding, taken=(_GEOMETRY,))


def _write(chunks: Iterator[Columns], plan: Plan, path: Path) -> Losses:
    import pyarrow as pa
    import pyarrow.parquet as pq

    losses, shapes, held = Losses(), _Shapes(), []
    rows = 0
    batches = arrow.batches(chunks, plan, _GEOMETRY, losses, multi=False)
    with pq.ParquetWriter(
        str(path),
        arrow.schema(plan, _GEOMETRY),
        compression="zstd",
        compression_level=_ZSTD,
        store_schema=False,  # readers would look for what is said of the shapes in there
    ) as file:
        for batch in batches:
            shapes.take(batch.column(_GEOMETRY))
            held.append(batch)
            rows += len(batch)
            if sum(map(len, held)) >= _GROUP or rows == plan.rows():
                file.write_table(pa.Table.from_batches(held))
                held.clear()
        file.add_key_value_metadata({"geo": json.dumps(shapes.described(plan))})
    return losses


class _Shapes:
    """What the file says of its shapes, gathered while they are written."""

    def __init__(self) -> None:
        self._kinds: set[int] = set()
        self._box = np.array([np.inf, np.inf, -np.inf, -np.inf])

    def take(self, wkb: Any) -> None:
        geoms = np.asarray(shapely.from_wkb(wkb.to_numpy(zero_copy_only=False)), dtype=object)
        self._kinds |= set(shapely.get_type_id(geoms).tolist())
        box = shapely.total_bounds(geoms)
        self._box[:2] = np.minimum(self._box[:2], box[:2])
        self._box[2:] = np.maximum(self._box[2:], box[2:])

    def described(self, plan: Plan) -> dict[str, Any]:
        """The ``geo`` metadata."""
        from pyproj import CRS

        column = {
            "encoding": "WKB",
            "geometry_types": [_KINDS[kind] for kind in sorted(self._kinds)],
            "crs": CRS.from_epsg(plan.epsg).to_json_dict(),
            "edges": "planar",
            "bbox": self._box.tolist(),
        }
        return {"version": "1.1.0", "primary_column": _GEOMETRY, "columns": {_GEOMETRY: column}}


def _reopen(path: Path, plan: Plan) -> Iterator[Found]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(str(path)) as file:
        if json.loads(file.schema_arrow.metadata[b"geo"])["primary_column"] != _GEOMETRY:
            raise ValueError(path.name)
        groups = (file.read_row_group(i) for i in range(file.num_row_groups))
        held = next(groups)
        for n in [*(n for n, _ in plan.sizes), None]:
            while n is None or len(held) < n:
                more = next(groups, None)
                if more is None:
                    break
                held = pa.concat_tables([held, more])
            found, held = held.slice(0, n), held.slice(len(held) if n is None else n)
            if len(found):
                yield _found(found, plan)


def _found(table: Any, plan: Plan) -> Found:
    values = {column.name: _plain(column, table.column(column.name)) for column in plan.columns}
    wkb = table.column(_GEOMETRY).to_numpy()
    return Found(np.asarray(shapely.from_wkb(wkb), dtype=object), values)


def _plain(column: Column, cells: Any) -> Values:
    import pyarrow as pa

    if column.kind in ("integer", "real"):
        return list(cells.cast(pa.float64()).to_numpy())
    return list(cells.cast(pa.string()).to_pylist())


GEOPARQUET: Final = Format(
    name="geoparquet",
    suffix=".parquet",
    gdal=True,
    limits=Limits(),
    columns=_columns,
    write=_write,
    reopen=_reopen,
)
