"""Shapes as nested lists of coordinates, as Arrow holds them, into geometries."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.ingest.raw import Geometries

if TYPE_CHECKING:
    import pyarrow

Float64 = NDArray[np.float64]

KINDS: Mapping[str, shapely.GeometryType] = MappingProxyType(
    {kind.name.lower(): kind for kind in shapely.GeometryType if 0 <= kind <= 6 and kind != 2}
)
"""Encoding of a column → what its rows are."""

_LISTS = {"point": 0, "linestring": 1, "multipoint": 1, "polygon": 2, "multilinestring": 2, "multipolygon": 3}  # fmt: skip
"""How many lists lie around the coordinates."""


def fits(kind: str, stored: "pyarrow.DataType") -> bool:
    """Whether a column is stored as its encoding says."""
    import pyarrow as pa

    for _ in range(_LISTS[kind]):
        if not (pa.types.is_list(stored) or pa.types.is_large_list(stored)):
            return False
        stored = stored.value_type
    if pa.types.is_fixed_size_list(stored):
        return stored.list_size in (2, 3, 4) and bool(pa.types.is_floating(stored.value_type))
    if not pa.types.is_struct(stored):
        return False
    fields = {field.name: field.type for field in stored}
    return {"x", "y"} <= fields.keys() and all(map(pa.types.is_floating, fields.values()))


def geometries(column: "pyarrow.Array[Any]", kind: str) -> Geometries:
    """Geometries (n,); ``None`` where there is none or it cannot be one.

    Args:
        column: Some rows, stored as ``fits`` wants them.
        kind: One of ``KINDS``.
    """
    try:
        found = _together(column, kind)
    except (shapely.GEOSException, ValueError):
        found = np.array([_alone(column, row, kind) for row in range(len(column))], dtype=object)
    found[column.is_null().to_numpy(zero_copy_only=False)] = None
    return found


def _alone(column: "pyarrow.Array[Any]", row: int, kind: str) -> shapely.Geometry | None:
    """One row of some of which not all are sound."""
    try:
        return _together(column.slice(row, 1), kind)[0]
    except (shapely.GEOSException, ValueError):
        return None


def _together(column: "pyarrow.Array[Any]", kind: str) -> Geometries:
    offsets: list[NDArray[np.int64]] = []
    inner: Any = column
    for _ in range(_LISTS[kind]):
        own = inner.offsets.to_numpy().astype(np.int64)
        inner = inner.values.slice(own[0], own[-1] - own[0])
        offsets.insert(0, own - own[0])
    found = shapely.from_ragged_array(KINDS[kind], _coordinates(inner), tuple(offsets) or None)
    return np.asarray(found, dtype=object)


def _coordinates(stored: Any) -> Float64:
    """Coordinates (m, 2 to 4): x, y, height, measure."""
    import pyarrow as pa

    if pa.types.is_struct(stored.type):
        flat = dict(zip((field.name for field in stored.type), stored.flatten(), strict=True))
        columns = [_numbers(flat[name]) for name in ("x", "y", "z", "m") if name in flat]
        if "m" in flat and "z" not in flat:
            columns.insert(2, np.zeros(len(stored)))
        return np.column_stack(columns)
    # Rows without a point have no numbers either, and must keep their place.
    flat = stored.values.slice(
        stored.offset * stored.type.list_size, len(stored) * stored.type.list_size
    )
    return _numbers(flat).reshape(-1, stored.type.list_size)


def _numbers(values: Any) -> Float64:
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)
