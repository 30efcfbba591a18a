"""Features of a boundary layer: its canonical fields and repaired shapes."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.core.layers import ADMINISTRATIVE, KINDS, Shape
from georeview.errors import BadValue
from georeview.errors.files import GeometryKindWrong, LayerHasFaults
from georeview.geometry import crs as systems
from georeview.geometry.crs import Crs, CrsHints, outside
from georeview.geometry.land import Land
from georeview.geometry.layer_offset import suspect_by_outlines, suspect_by_rivers
from georeview.geometry.repair import repair
from georeview.ingest import archive, formats, values
from georeview.ingest.columns import normal
from georeview.ingest.options import ReadOptions
from georeview.ingest.place import points, system_of, undone
from georeview.ingest.raw import Cell, Chunk
from georeview.ingest.report import Fact, Flag, ReadReport
from georeview.ingest.rows import LayerFeature, LayerRead

CODES = ("code", "adcode", "river_code", "permit_no", "ledger_no", "代码", "编码", "XZQDM", "HLDM")
NAMES = ("name", "river_name", "名称", "XZQMC", "HLMC", "MC")
NOWHERE = Land()
_SHAPES: Mapping[Shape, tuple[int, ...]] = MappingProxyType(
    {"polygon": (3, 6), "line": (1, 5), "any": (0, 1, 3, 4, 5, 6)}
)


def read_layer(
    files: tuple[Path, ...], kind: str, options: ReadOptions, land: Land = NOWHERE
) -> LayerRead:
    """Read a layer of one kind; runs inside the sandbox.

    A layer is taken whole or not at all: half a boundary is worse than none.

    Args:
        files: The file and, for a shapefile, the parts beside it.
        kind: Kind of layer.
        options: What is known about the file.
        land: Rivers and counties as other layers have them, to see whether it is shifted.

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
    codes, names = (_texts(rows, meaning) for meaning in (CODES, NAMES))
    hints = CrsHints(options.expected)
    offset = partial(layer_offset, rows.geoms, names, kind, land)
    chosen = system_of(points(rows.geoms), raw.crs, options.crs, hints, offset)
    shapes = _mended(systems.to_4490(rows.geoms, chosen.crs))
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
        crs=chosen.crs.code,
        crs_by=chosen.by,
        columns={},
        unmapped=raw.headers,
        rows_in=rows.n + raw.lost,
        kept=len(features),
        notes=(*raw.notes, *chosen.notes),
    )
    return LayerRead(features, report)


def shape_of(geoms: NDArray[np.object_]) -> Shape | None:
    """What features are: areas or lines; ``None`` for points and where they are not all the same."""
    types = shapely.get_type_id(geoms[~shapely.is_missing(geoms)])
    for shape in ("polygon", "line"):
        if len(types) and np.isin(types, _SHAPES[shape]).all():
            return shape
    return None


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


def column_of(headers: Iterable[str], meaning: Sequence[str]) -> str | None:
    """The first column that goes by one of these names, the surest name first."""
    known = {normal(header): header for header in headers}
    return next((known[normal(name)] for name in meaning if normal(name) in known), None)


def _texts(rows: Chunk, meaning: Sequence[str]) -> list[str | None]:
    header = column_of(rows.columns, meaning)
    return [None] * rows.n if header is None else [values.text(c) for c in rows.columns[header]]


def layer_offset(
    geoms: NDArray[np.object_],
    names: Sequence[Cell],
    kind: str | None,
    land: Land,
    _points: NDArray[np.float64],
    crs: Crs,
    _hints: CrsHints,
) -> tuple[Flag, ...]:
    """The shifted system of a phone map that a layer, or a stretch of it, seems to stand in.

    Args:
        geoms: Its features (n,) in the file's coordinates.
        names: What they are called (n,).
        kind: Its kind; where that is not known, nothing can be said.
        land: Rivers and counties as other layers have them.
        crs: The system it is taken in.
    """
    if kind is None:
        return ()
    placed = systems.to_4490(geoms, crs)
    there = np.flatnonzero(~(shapely.is_missing(placed) | shapely.is_empty(placed)))
    shapes = shapely.force_2d(placed[there])
    suspect = suspect_by_outlines if kind in ADMINISTRATIVE else suspect_by_rivers
    found = suspect(shapes, land) if len(shapes) and not outside(shapes).any() else None
    if found is None:
        return ()
    facts: dict[str, Fact] = {"system": found.system, "moved_m": round(found.moved_m)}
    if not found.stretches:
        shares = {"before_pct": round(100 * found.before), "after_pct": round(100 * found.after)}
        return (Flag("layer_shifted", {**facts, **shares, "offer": undone(crs, found.system)}),)
    longest = found.stretches[0]
    row = int(there[longest.feature])
    facts |= {
        "n": len(found.stretches),
        "km": round(sum(stretch.length_m for stretch in found.stretches) / 1000, 1),
        "feature": values.text(names[row]) or str(row + 1),
        "lon": f"{longest.lon:.4f}",
        "lat": f"{longest.lat:.4f}",
    }
    return (Flag("layer_stretch_shifted", facts),)


def _prop(cell: object) -> str | float | None:
    return float(cell) if isinstance(cell, int | float) else values.text(cell)
