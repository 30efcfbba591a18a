"""GeoParquet 1.1: columns packed with zstd, shapes as WKB, the coordinate system as PROJJSON.

Specification: https://geoparquet.org/releases/v1.1.0/
"""

import json
from collections.abc import Iterator, Sequence
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
)

_GEOMETRY: Final = "geometry"
_GROUP: Final = 50_000
"""Rows of a group: a reader takes or leaves a group as a whole."""
_POLYGON: Final = 3
_KINDS: Final = {0: "Point", _POLYGON: "Polygon", 6: "MultiPolygon"}
_ONE_RING: Final = b"\x01\x03\x00\x00\x00\x01\x00\x00\x00"
"""How the WKB of a polygon of one ring begins; the number of its vertices follows."""
_RING_AT: Final = len(_ONE_RING) + 4
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
            shapes.take(batch.column(_GEOMETRY).to_pylist())
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

    def take(self, wkb: Sequence[bytes]) -> None:
        """Gather more of them; nearly all are polygons of one ring, which need no parser."""
        plain = [shape[_RING_AT:] for shape in wkb if shape.startswith(_ONE_RING)]
        if plain:
            self._kinds.add(_POLYGON)
            xy = np.frombuffer(b"".join(plain), dtype="<f8").reshape(-1, 2)
            self._widen(*xy.min(axis=0), *xy.max(axis=0))
        if len(plain) < len(wkb):
            others = [shape for shape in wkb if not shape.startswith(_ONE_RING)]
            geoms = np.asarray(shapely.from_wkb(np.asarray(others, dtype=object)), dtype=object)
            self._kinds |= set(shapely.get_type_id(geoms).tolist())
            self._widen(*shapely.total_bounds(geoms))

    def _widen(self, west: float, south: float, east: float, north: float) -> None:
        self._box[:2] = np.minimum(self._box[:2], (west, south))
        self._box[2:] = np.maximum(self._box[2:], (east, north))

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
    import pyarrow.parquet as pq

    with pq.ParquetFile(str(path)) as file:
        if json.loads(file.schema_arrow.metadata[b"geo"])["primary_column"] != _GEOMETRY:
            raise ValueError(path.name)
        groups = (file.read_row_group(i) for i in range(file.num_row_groups))
        for table in arrow.resized(groups, [n for n, _ in plan.sizes]):
            yield arrow.found(table, plan, _GEOMETRY)


GEOPARQUET: Final = Format(
    name="geoparquet",
    suffix=".parquet",
    gdal=True,
    limits=Limits(),
    columns=_columns,
    write=_write,
    reopen=_reopen,
)
