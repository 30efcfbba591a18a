"""GeoJSON by RFC 7946: longitude before latitude, outer rings counter-clockwise, one feature a line.

As one collection, or as a sequence by RFC 8142 without record separators (newline-delimited), which
programs read line by line.
"""

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


def _collection(chunks: Iterator[Columns], plan: Plan, path: Path) -> Losses:
    import orjson

    losses = Losses()
    title = orjson.dumps(plan.options.title)
    with path.open("wb") as file:
        file.write(b'{"type":"FeatureCollection","name":' + title + b',"features":[')
        for n, lines in enumerate(_lines(chunks, plan, losses)):
            file.write((b",\n" if n else b"\n") + b",\n".join(lines))
        file.write(f"\n{_END}\n".encode())
    return losses


def _sequence(chunks: Iterator[Columns], plan: Plan, path: Path) -> Losses:
    losses = Losses()
    with path.open("wb") as file:
        for lines in _lines(chunks, plan, losses):
            file.write(b"\n".join(lines) + b"\n")
    return losses


def _lines(chunks: Iterator[Columns], plan: Plan, losses: Losses) -> Iterator[list[bytes]]:
    """The features of each chunk as texts."""
    first = 0
    for chunk in chunks:
        yield _features(chunk, plan, first, losses)
        first += len(chunk)


def _features(chunk: Columns, plan: Plan, first: int, losses: Losses) -> list[bytes]:
    import orjson

    held = [column.name for column in plan.columns]
    cells = [fit.cells(column, chunk, first, losses, fit.as_they_are) for column in plan.columns]
    geoms = np.asarray(shapely.from_wkb(np.asarray(chunk.wkb, dtype=object)))
    shapes = shapely.to_geojson(shapely.orient_polygons(geoms, exterior_cw=False))
    return [
        orjson.dumps(
            {
                "type": "Feature",
                "properties": dict(zip(held, row, strict=True)),
                "geometry": orjson.Fragment(shape),
            }
        )
        for row, shape in zip(zip(*cells, strict=True), shapes, strict=True)
    ]


def _reopen_collection(path: Path, plan: Plan) -> Iterator[Found]:
    """Read by Python's own parser, a line at a time."""
    with path.open(encoding="utf-8") as file:
        head = json.loads(next(file).rstrip() + _END)
        if head["type"] != "FeatureCollection":
            raise ValueError(head)
        yield from _chunks((line for line in file if line.strip() != _END), plan)


def _reopen_sequence(path: Path, plan: Plan) -> Iterator[Found]:
    with path.open(encoding="utf-8") as file:
        yield from _chunks(file, plan)


def _chunks(lines: Iterator[str], plan: Plan) -> Iterator[Found]:
    for size in [*(n for n, _ in plan.sizes), None]:
        if held := list(islice(lines, size)):
            yield _found(held, plan)


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
    write=_collection,
    reopen=_reopen_collection,
)

GEOJSONSEQ: Final = Format(
    name="geojsonseq",
    suffix=".geojsonl",
    gdal=False,
    limits=Limits(systems=(4490, 4326)),
    columns=names.long,
    write=_sequence,
    reopen=_reopen_sequence,
)
