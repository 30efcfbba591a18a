"""Features of a boundary layer: its canonical fields and repaired shapes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.core.layers import KINDS
from georeview.errors import BadValue, GeometryKindWrong, LayerHasFaults
from georeview.geometry.crs import outside
from georeview.geometry.repair import repair
from georeview.ingest import archive, formats, values
from georeview.ingest.columns import normal
from georeview.ingest.place import place
from georeview.ingest.plots import ReadOptions
from georeview.ingest.raw import Chunk
from georeview.ingest.report import ReadReport

CODES = ("code", "adcode", "river_code", "permit_no", "ledger_no", "代码", "编码", "XZQDM", "HLDM")
NAMES = ("name", "river_name", "名称", "XZQMC", "HLMC", "MC")
_SHAPES = {"polygon": (3, 6), "line": (1, 5), "any": (0, 1, 3, 4, 5, 6)}


@dataclass(frozen=True, slots=True)
class LayerFeature:
    """One feature: geometry in EPSG:4490 (WKB), code, name and all its columns."""

    wkb: bytes
    code: str | None
    name: str | None
    props: Mapping[str, str | float | None]


@dataclass(frozen=True, slots=True)
class LayerRead:
    """Features to publish and what was found."""

    features: tuple[LayerFeature, ...]
    report: ReadReport


def read_layer(files: tuple[Path, ...], kind: str, options: ReadOptions) -> LayerRead:
    """Read a layer of one kind; runs inside the sandbox.

    A layer is taken whole or not at all: half a boundary is worse than none.

    Args:
        files: The file and, for a shapefile, the parts beside it.
        kind: Kind of layer.
        options: What is known about the file.

    Raises:
        GeometryKindWrong: Its features are not of the kind's geometry.
        LayerHasFaults: Features have no usable shape.
        GeoreviewError: The file as a whole cannot be taken.
    """
    if kind not in KINDS:
        raise BadValue(field="kind", value=kind[:40])
    with archive.opened(files, options.layer) as source:
        raw = formats.read(source, encoding=options.encoding)
        rows = raw.together()
    _check_kind(rows, raw.lost, kind)
    geoms, system, by = place(rows.geoms, raw.crs, options.crs, expected=options.expected)
    shapes = _mended(geoms)
    columns = {normal(header): cells for header, cells in rows.columns.items()}
    codes, names = _first(columns, CODES, rows.n), _first(columns, NAMES, rows.n)
    features = tuple(
        LayerFeature(
            wkb,
            codes[i],
            names[i],
            {header: _prop(cells[i]) for header, cells in rows.columns.items()},
        )
        for i, wkb in enumerate(shapely.to_wkb(shapes))
    )
    report = ReadReport(
        file=archive.called(files),
        sha256=archive.sha256_of(files),
        format=raw.format,
        layer=raw.layer,
        encoding=raw.encoding,
        encoding_by=raw.encoding_by,
        crs=system.code,
        crs_by=by,
        columns={},
        unmapped=raw.headers,
        rows_in=rows.n + raw.lost,
        kept=len(features),
        notes=raw.notes,
    )
    return LayerRead(features, report)


def _check_kind(rows: Chunk, lost: int, kind: str) -> None:
    wanted = KINDS[kind].shape
    found = shapely.get_type_id(rows.geoms)
    wrong = ~np.isin(found, _SHAPES[wanted])
    faults = lost + len(rows.refused.keys() | {int(i) + 1 for i in np.flatnonzero(found == -1)})
    if faults:
        raise LayerHasFaults(rows=faults)
    if wrong.any():
        first = rows.geoms[np.flatnonzero(wrong)[0]]
        raise GeometryKindWrong(kind=kind, expected=wanted, found=first.geom_type)


def _mended(geoms: NDArray[np.object_]) -> NDArray[np.object_]:
    """Polygons repaired; lines and points without heights."""
    shapes = shapely.force_2d(geoms)
    areal = np.isin(shapely.get_type_id(shapes), _SHAPES["polygon"])
    if areal.any():
        fixed = repair(shapes[areal]).geoms
        shapes = shapes.copy()
        shapes[areal] = fixed
    lost = ~np.isfinite(shapely.bounds(shapes)).all(axis=1) | outside(shapes)
    if lost.any():
        raise LayerHasFaults(rows=int(lost.sum()))
    return np.asarray(shapes, dtype=object)


def _first(
    columns: Mapping[str, Sequence[object]], names: Sequence[str], n: int
) -> list[str | None]:
    """Texts of the first of these columns that is there."""
    for name in names:
        if normal(name) in columns:
            return [values.text(cell) for cell in columns[normal(name)]]
    return [None] * n


def _prop(cell: object) -> str | float | None:
    return float(cell) if isinstance(cell, int | float) else values.text(cell)
