"""CSV for spreadsheets: what would be computed is quoted, what cannot be seen is shown.

The shape stands in a last column ``wkt``, in the system that was asked for; ``lon`` and ``lat`` are
always EPSG:4490.
"""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import shapely

from georeview.core.fields import Column as Kind
from georeview.exports import fit, names
from georeview.exports.base import Column, Columns, Format, Found, Limits, Losses, Plan, Schema
from georeview.geometry.crs import known, project

SHAPE: Final = "wkt"
_CODECS: Final = {"utf-8": "utf-8-sig", "gb18030": "gb18030"}
"""UTF-8 with a mark at its beginning, without which a spreadsheet takes it for GBK."""


def _columns(schema: Schema, encoding: str) -> tuple[Column, ...]:
    return names.long(schema, encoding, taken=(SHAPE,))


def _write(chunks: Iterator[Columns], plan: Plan, path: Path) -> Losses:
    losses = Losses()
    first = 0
    crs = known(plan.epsg)
    with path.open("w", encoding=_CODECS[plan.options.encoding], newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*(fit.harmless(column.name) for column in plan.columns), SHAPE])
        for chunk in chunks:
            cells = [
                fit.cells(column, chunk, first, losses, fit.for_table) for column in plan.columns
            ]
            geoms = np.asarray(shapely.from_wkb(np.asarray(chunk.wkb, dtype=object)))
            shapes = shapely.to_wkt(project(geoms, crs), rounding_precision=-1)
            writer.writerows(zip(*cells, shapes, strict=True))
            first += len(chunk)
    return losses


def _reopen(path: Path, plan: Plan) -> Iterator[Found]:
    csv.field_size_limit(2**31 - 1)
    with path.open(encoding=_CODECS[plan.options.encoding], newline="") as file:
        rows = csv.reader(file)
        if len(next(rows)) != len(plan.columns) + 1:
            raise ValueError(path.name)
        for size in [*(n for n, _ in plan.sizes), None]:
            if held := list(islice(rows, size)):
                yield _found(held, plan)


def _found(rows: list[list[str]], plan: Plan) -> Found:
    *cells, shapes = zip(*rows, strict=True)
    values = {
        column.name: [_value(column.kind, cell) for cell in held]
        for column, held in zip(plan.columns, cells, strict=True)
    }
    return Found(np.asarray(shapely.from_wkt(np.asarray(shapes, dtype=object))), values)


def _value(kind: Kind, cell: str) -> str | float | None:
    if not cell:
        return None
    return float(cell) if kind in ("integer", "real") else cell


TABLE: Final = Format(
    name="csv",
    suffix=".csv",
    gdal=False,
    limits=Limits(encodings=("utf-8", "gb18030"), tells_empty=False),
    columns=_columns,
    write=_write,
    reopen=_reopen,
)
