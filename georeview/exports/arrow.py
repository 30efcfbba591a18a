"""Rows as Arrow batches, for the formats that take columns as they are: no data frame."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import shapely

from georeview.exports import fit
from georeview.exports.base import Column, Columns, Found, Losses, Plan, Values
from georeview.geometry.crs import known, project

_POLYGON: Final = b"\x01\x03\x00\x00\x00"
_ONE_POLYGON: Final = b"\x01\x06\x00\x00\x00\x01\x00\x00\x00"
"""How the WKB of a multipolygon of one begins; that of the polygon follows."""
_NUL: Final = b"\x00"


def schema(plan: Plan, geometry: str) -> Any:
    """The columns of a plan, and behind them the shapes as WKB."""
    import pyarrow as pa

    kinds = {"text": pa.string(), "integer": pa.int64(), "real": pa.float64(), "date": pa.date32()}
    held = [(column.name, kinds[column.kind]) for column in plan.columns]
    return pa.schema([*held, (geometry, pa.binary())])


def batches(
    chunks: Iterator[Columns], plan: Plan, geometry: str, losses: Losses, *, multi: bool
) -> Iterator[Any]:
    """Each chunk as a record batch, in the system that was asked for.

    Args:
        chunks: The rows.
        plan: What the file will hold.
        geometry: Name of the column of shapes.
        losses: Takes what could not be written as it was.
        multi: Whether every polygon becomes a multipolygon, so that a layer has one type.
    """
    import pyarrow as pa

    held, first = schema(plan, geometry), 0
    for chunk in chunks:
        arrays = [_array(column, chunk, first, losses) for column in plan.columns]
        shapes = _moved(chunk.wkb, plan)
        if multi:
            shapes = [_ONE_POLYGON + w if w.startswith(_POLYGON) else w for w in shapes]
        yield pa.record_batch([*arrays, pa.array(shapes, pa.binary())], schema=held)
        first += len(chunk)


def _array(column: Column, chunk: Columns, first: int, losses: Losses) -> Any:
    import pyarrow as pa

    if column.kind == "text":
        return _texts(column, chunk, first, losses)
    if column.kind == "date":
        return pa.array(fit.dates(column, chunk, first, losses), pa.date32())
    numbers = np.array(column.of(chunk), dtype=float)
    array = pa.array(numbers, mask=~np.isfinite(numbers))
    return array.cast(pa.int64()) if column.kind == "integer" else array


def _texts(column: Column, chunk: Columns, first: int, losses: Losses) -> Any:
    """Texts as they are: Arrow refuses halves of characters, and a NUL is found in its bytes."""
    import pyarrow as pa

    try:
        array = pa.array(column.of(chunk), pa.string())
    except (UnicodeEncodeError, pa.ArrowInvalid):
        array = None
    if array is None or _NUL in bytes(array.buffers()[2] or b""):
        return pa.array(fit.texts(column, chunk, first, losses, fit.as_they_are), pa.string())
    return array


def _moved(wkb: Sequence[bytes], plan: Plan) -> Sequence[bytes]:
    """Shapes in the system that was asked for; in degrees they stay as they lie in the store."""
    crs = known(plan.epsg)
    if crs.degrees:
        return wkb
    moved = project(np.asarray(shapely.from_wkb(np.asarray(wkb, dtype=object)), dtype=object), crs)
    return list(shapely.to_wkb(moved))


# Back -------------------------------------------------------------------------------------------


def resized(parts: Iterable[Any], sizes: Sequence[int]) -> Iterator[Any]:
    """The rows of record batches or tables as tables of these sizes, and one more of what is left."""
    import pyarrow as pa

    todo = iter(parts)
    held: list[Any] = []
    for n in [*sizes, None]:
        while n is None or sum(map(len, held)) < n:
            more = next(todo, None)
            if more is None:
                break
            held.append(more if isinstance(more, pa.Table) else pa.Table.from_batches([more]))
        if held:
            table = pa.concat_tables(held)
            rows = len(table) if n is None else n
            if len(table):
                yield table.slice(0, rows)
            held = [table.slice(rows)]


def found(table: Any, plan: Plan, geometry: str) -> Found:
    """A table read back, with its shapes in a column of WKB."""
    there = set(table.column_names)
    values = {c.name: _plain(c, table.column(c.name)) for c in plan.columns if c.name in there}
    wkb = table.column(geometry).to_numpy()
    return Found(np.asarray(shapely.from_wkb(wkb), dtype=object), values)


def _plain(column: Column, cells: Any) -> Values:
    """A column's cells as texts, numbers or ISO days, nothing where there is none."""
    import pyarrow as pa

    if column.kind in ("integer", "real"):
        return list(cells.cast(pa.float64()).to_numpy())
    return list(cells.cast(pa.string()).to_pylist())
