"""What was written, read back and held against what went in: every shape and every value.

A value may differ only where it is listed as lost, and must then be what the list says was written
instead; a rounded number may differ by half of its last digit. So a value that changed unseen and a
loss that is not true both stop the export.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.errors.exports import ExportDiffers
from georeview.exports.base import (
    CUTS,
    Column,
    Columns,
    Found,
    Geometries,
    Limits,
    Loss,
    Losses,
    Plan,
    Rounded,
    Values,
)
from georeview.exports.names import CUT
from georeview.geometry.crs import known, to_4490
from georeview.geometry.measure import to_plane

NEAR_M: Final = 1e-3
"""How far a vertex may have moved, in metres."""

_NEAR_DEGREES: Final = 8e-9
"""Less than ``NEAR_M`` in both directions."""

Listed = Mapping[str, Sequence[Loss]]


def compare(
    came: Iterable[Columns], found: Iterable[Found], plan: Plan, losses: Losses, limits: Limits
) -> tuple[Rounded, ...]:
    """Hold a reopened file against its rows.

    Returns:
        The columns whose numbers were rounded.

    Raises:
        ExportDiffers: A row, shape or value is not what it should be.
    """
    first = 0
    rounded: dict[str, Rounded] = {}
    for chunk, got in zip_longest(came, found):
        if chunk is None or got is None or len(chunk) != len(got.geoms):
            raise ExportDiffers(column="-", plot="-", what="rows")
        listed = losses.in_rows(first, len(chunk))
        lost = [x.row - first - 1 for x in listed.get(limits.shape, ())]
        _shapes(chunk, got.geoms, plan, lost)
        for column in plan.columns:
            if column.name not in got.values:
                raise ExportDiffers(column=column.name, plot="-", what="columns")
            _column(column, chunk, got.values[column.name], first, listed, rounded, limits)
        first += len(chunk)
    return tuple(rounded.values())


def _column(
    column: Column,
    chunk: Columns,
    got: Values,
    first: int,
    listed: Listed,
    rounded: dict[str, Rounded],
    limits: Limits,
) -> None:
    wanted = _wanted(column, chunk, first, listed)
    if column.kind in ("integer", "real"):
        bad = _numbers(column, wanted, got, rounded)
    else:
        blank = None if limits.tells_empty and column.kind == "text" else ""
        mine = np.array([blank if v is None else v for v in wanted], dtype=object)
        theirs = np.array([blank if v is None else v for v in got], dtype=object)
        bad = np.asarray(mine != theirs, dtype=bool)
    if bad.any():
        _refuse(chunk, bad, column.name, "values")


def _wanted(column: Column, chunk: Columns, first: int, listed: Listed) -> list[Any]:
    """A column as it should stand in the file."""
    if column.ours and column.key == CUT.name:
        short = {x.row for lost in listed.values() for x in lost if x.code in CUTS}
        return [int(first + i + 1 in short) for i in range(len(chunk))]
    wanted = list(column.of(chunk))
    for loss in listed.get(column.name, ()):
        wanted[loss.row - first - 1] = loss.written
    return wanted


def _numbers(
    column: Column, wanted: Sequence[Any], got: Values, rounded: dict[str, Rounded]
) -> NDArray[np.bool_]:
    """Which numbers differ by more than rounding; what rounding did is added up."""
    mine, theirs = np.array(wanted, dtype=float), np.array(got, dtype=float)
    mine[~np.isfinite(mine)] = np.nan
    off = np.abs(mine - theirs)
    allowed = 0.0
    if column.kind == "real" and column.decimals is not None:
        allowed = 0.5 * 10.0**-column.decimals * (1 + 1e-9)
        changed = off[(off > 0) & (off <= allowed + np.spacing(np.abs(mine)))]
        if len(changed):
            before = rounded.get(column.name, Rounded(column.name, 0, 0.0))
            most = max(before.most, float(changed.max()))
            rounded[column.name] = Rounded(column.name, before.values + len(changed), most)
    same = (np.isnan(mine) & np.isnan(theirs)) | (off <= allowed + (allowed > 0) * np.spacing(mine))
    return np.asarray(~same, dtype=bool)


def _shapes(chunk: Columns, got: Geometries, plan: Plan, lost: Sequence[int]) -> None:
    """Refuse when a vertex moved; kinds, parts and rings must be the same, or not there if lost."""
    came = _plain(np.asarray(shapely.from_wkb(np.asarray(chunk.wkb, dtype=object)), dtype=object))
    back = to_4490(got, known(plan.epsg))
    back = _plain(np.asarray(back, dtype=object))
    bad = ~shapely.equals_exact(came, back, tolerance=_NEAR_DEGREES)
    bad[lost] = ~shapely.is_missing(back[lost])
    for i in set(np.flatnonzero(bad)) - set(lost):  # hardly ever: parts or rings in another order
        bad[i] = not _near(came[i], back[i])
    if bad.any():
        _refuse(chunk, bad, "-", "shapes")


def _plain(geoms: Geometries) -> Geometries:
    """One form for what is equal: outer rings counter-clockwise, a single part no collection."""
    turned = shapely.orient_polygons(geoms, exterior_cw=False)
    one = (shapely.get_type_id(turned) == shapely.GeometryType.MULTIPOLYGON) & (
        shapely.get_num_geometries(turned) == 1
    )
    turned[one] = shapely.get_geometry(turned[one], 0)
    return np.asarray(turned, dtype=object)


def _near(one: shapely.Geometry, other: shapely.Geometry | None) -> bool:
    """Whether two shapes have the same vertices and area, whatever their order."""
    if other is None or shapely.get_num_coordinates(one) != shapely.get_num_coordinates(other):
        return False
    if shapely.equals_exact(one, other, tolerance=_NEAR_DEGREES, normalize=True):
        return True
    plane = to_plane(np.array([one, other], dtype=object))
    apart = shapely.hausdorff_distance(plane[0], plane[1])
    return bool(apart <= NEAR_M and _rings(one) == _rings(other))


def _rings(shape: shapely.Geometry) -> int:
    return len(shapely.get_rings(shapely.get_parts(shape)))


def _refuse(chunk: Columns, bad: NDArray[np.bool_], column: str, what: str) -> None:
    plot = chunk.values["source_id"][int(np.flatnonzero(bad)[0])]
    raise ExportDiffers(column=column, plot=str(plot), what=what)
