"""GeoJSON by RFC 7946: longitude before latitude, outer rings counter-clockwise, one feature a line."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from georeview.exports import fit, names
from georeview.exports.base import Columns, Format, Found, Limits, Losses, Plan

_END: Final = "]}"


def _write(chunks: Iterator[Columns], plan: Plan, path: Path) -> Losses:
    import orjson

    losses = Losses()
    first = 0
    title = orjson.dumps(plan.options.title)
    with path.open("wb") as file:
        file.write(b'{"type":"FeatureCollection","name":' + title + b',"features":[')
        for chunk in chunks:
            lines = _features(chunk, plan, first, losses)
            file.write((b"\n" if first == 0 else b",\n") + b",\n".join(lines))
            first += len(chunk)
        file.write(f"\n{_END}\n".encode())
    return losses


def _features(chunk: Columns, plan: Plan, first: int, losses: Losses) -> list[bytes]:
    import orjson

    names_held = [column.name for column in plan.columns]
    cells = []
    for column in plan.columns:
        if column.kind == "text":
            cells.append(fit.texts(column, chunk, first, losses, fit.as_they_are))
        elif column.kind == "date":
            days = fit.dates(column, chunk, first, losses)
            cells.append([day.isoformat() if day else None for day in days])
        else:
            cells.append(list(fit.finite(column.of(chunk))))
    geoms = np.asarray(shapely.from_wkb(np.asarray(chunk.wkb, dtype=object)))
    shapes = shapely.to_geojson(shapely.orient_polygons(geoms, exterior_cw=False))
    return [
        orjson.dumps(
            {
                "type": "Feature",
                "properties": dict(zip(names_held, row, strict=True)),
                "geometry": orjson.Fragment(shape),
            }
        )
        for row, shape in zip(zip(*cells, strict=True), shapes, strict=True)
    ]


def _reopen(path: Path, plan: Plan) -> Iterator[Found]:
    """Read by Python's own parser, a line at a time."""
    with path.open(encoding="utf-8") as file:
        head = json.loads(next(file).rstrip() + _END)
        if head["type"] != "FeatureCollection":
            raise ValueError(head)
        for size, _ in plan.sizes:
            yield _found(list(islice(file, size)), plan)
        if rest := [line for line in file if line.strip() != _END]:
            yield _found(rest, plan)


def _found(lines: list[str], plan: Plan) -> Found:
    features: list[dict[str, Any]] = [json.loads(line.rstrip().rstrip(",")) for line in lines]
    texts = [json.dumps(feature["geometry"]) for feature in features]
    geoms = np.asarray(shapely.from_geojson(np.asarray(texts, dtype=object)), dtype=object)
    values = {c.name: [f["properties"][c.name] for f in features] for c in plan.columns}
    return Found(geoms, values)


GEOJSON: Final = Format(
    name="geojson",
    suffix=".geojson",
    gdal=False,
    limits=Limits(systems=(4490, 4326)),
    columns=names.long,
    write=_write,
    reopen=_reopen,
)
