"""Rows for an export in one line: every column of the dictionary, with what a test says."""

from pathlib import Path

import shapely

from georeview.core.fields import EXPORT_FIELDS
from georeview.exports.base import Columns, Found, Options

AS_OF = "2023-06-30T18:00:00+08:00"
SQUARE = shapely.box(107.1, 31.56, 107.1004, 31.5604)
HOLED = shapely.MultiPolygon(
    [
        shapely.box(107.2, 31.6, 107.21, 31.61).difference(
            shapely.box(107.202, 31.602, 107.204, 31.604)
        ),
        shapely.box(107.22, 31.6, 107.23, 31.61).difference(
            shapely.box(107.222, 31.602, 107.224, 31.604)
        ),
    ]
)
POINT = shapely.Point(107.15, 31.57)


def a_chunk(shapes, extras=None, first=0, **values) -> Columns:
    """Rows of these shapes; columns not given are empty."""
    count = len(shapes)
    held = {field.name: [None] * count for field in EXPORT_FIELDS}
    held["plot_id"] = [f"p_{first + i}" for i in range(count)]
    held["source_id"] = [f"{first + i:019d}" for i in range(count)]
    held |= values
    return Columns([shapely.to_wkb(shape) for shape in shapes], held, extras or {})


def options(**given) -> Options:
    return Options(**{"as_of": AS_OF, "title": "批次", "head": "7:abc", **given})


def written(form, chunks, folder: Path, **given):
    """Rows written in this process, without the sandbox: plan, losses and where."""
    from georeview.exports.base import Plan, Schema
    from georeview.exports.spool import spool

    asked = options(**given)
    rows = spool(chunks, folder, asked.encoding, asked.read_as)
    columns = form.columns(Schema(EXPORT_FIELDS, rows.extras), asked.encoding)
    plan = Plan(columns, asked, "out", rows.sizes)
    path = folder / ("written" if form.pack else f"written{form.suffix}")
    return rows, plan, form.write(rows.chunks(), plan, path), path


def all_of(found: list[Found], name: str) -> list[object]:
    """A column of all chunks."""
    return [value for chunk in found for value in chunk.values[name]]
