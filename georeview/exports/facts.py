"""The facts behind a plot's columns as a table of its own: one row for each plot and layer kind.

What the columns of a plot sum up, with the version of the layer it comes from and when it was
computed; whatever else was found stands in ``detail`` as JSON.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from georeview.core.fields import Column as Kind
from georeview.errors.exports import ExportDiffers
from georeview.exports.base import Columns

TABLE: Final = "facts"

FACTS: Final[tuple[tuple[str, Kind], ...]] = (
    ("plot_id", "text"),
    ("source_id", "text"),
    ("kind", "text"),
    ("code", "text"),
    ("name", "text"),
    ("in_m2", "real"),
    ("in_share", "real"),
    ("edge_m", "real"),
    ("band", "text"),
    ("distance_m", "real"),
    ("bank", "text"),
    ("chainage_m", "real"),
    ("layer", "text"),
    ("version", "text"),
    ("computed_at", "text"),
    ("detail", "text"),
)
"""Name and type of each column of the table."""


def schema() -> Any:
    """The table as Arrow has it."""
    import pyarrow as pa

    return pa.schema(
        [(name, pa.float64() if kind == "real" else pa.string()) for name, kind in FACTS]
    )


def batches(chunks: Iterable[Columns]) -> Iterator[Any]:
    """The facts of each chunk as a record batch."""
    import pyarrow as pa

    held = schema()
    for chunk in chunks:
        rows = [row for facts in chunk.facts for row in facts]
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(FACTS)
        arrays = [pa.array(values, kind.type) for values, kind in zip(columns, held, strict=True)]
        yield pa.record_batch(arrays, schema=held)


def same(chunks: Iterable[Columns], found: Iterator[tuple[Any, ...]]) -> None:
    """Hold the rows of the table, in their order, against the facts.

    Raises:
        ExportDiffers: A row is not what it should be, or there are more or fewer.
    """
    for chunk in chunks:
        for row in (row for facts in chunk.facts for row in facts):
            if next(found, None) != tuple(row):
                raise ExportDiffers(column=str(row[2]), plot=str(row[1]), what=TABLE)
    if next(found, None) is not None:
        raise ExportDiffers(column="-", plot="-", what=TABLE)
