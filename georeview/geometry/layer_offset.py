"""Whether a boundary layer, or a stretch of it, stands where a phone map shows it.

A layer has no stated positions, but it has neighbours: a management area runs along its river, a
county along the counties known before. Where undoing GCJ-02 or BD-09 brings its outline back to
them, that is told, never acted upon.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry import measure, subdivide
from georeview.geometry.land import Land
from georeview.geometry.offset import BETTER, FEWEST, ON_RIVERS
from georeview.geometry.shift import SHIFTS, ShiftName

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]
Int = NDArray[np.int64]
Geometries = NDArray[np.object_]

PLACES: Final = 20_000
"""Places of the outlines that are looked at, evenly along them."""

STRETCH_M: Final = 2_000.0
"""Length of outline without a break that must stand in a shifted system before it is told."""

BESIDE_EDGE_M: Final = 150.0
"""How far from each other two drawings of one county line may run."""

AROUND_DEGREES: Final = 0.01


@dataclass(frozen=True, slots=True)
class LayerOffset:
    """A suspicion.

    Attributes:
        system: The shifted system.
        moved_m: How far it moves these places, median.
        before: Share of them that agree with other layers as they are, 0-1.
        after: The same with the shift undone.
        stretches: Where it holds for a part of the layer only, longest first; none for all of it.
    """

    system: ShiftName
    moved_m: float
    before: float
    after: float
    stretches: tuple["Stretch", ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of outline without a break: its feature, its length, and its middle in degrees."""

    feature: int
    length_m: float
    lon: float
    lat: float


def suspect_by_rivers(shapes: Geometries, land: Land) -> LayerOffset | None:
    """Hold a layer that belongs to rivers against them.

    Args:
        shapes: Its features (n,), EPSG:4490.
        land: Where rivers run, as other layers have it.
    """
    places, owner = along(shapes)
    if len(places) < FEWEST or not land.rivers:
        return None
    near = land.near_river(places)
    # Where most of it agrees as it is, only the rest can be better off elsewhere.
    tried = ~near if near.mean() > 1 - BETTER else np.ones(len(near), dtype=bool)
    undone = {name: shift.back(places) for name, shift in SHIFTS.items()}
    after = {name: np.zeros(len(near), dtype=bool) for name in SHIFTS}
    for name, back in undone.items():
        after[name][tried] = land.near_river(back[tried])
    best = max(after, key=lambda name: float(after[name].mean()))
    if after[best].mean() >= ON_RIVERS and after[best].mean() - near.mean() >= BETTER:
        return _found(best, places, undone[best], near, after[best])
    return _stretches(places, owner, near, undone, after)


def suspect_by_outlines(shapes: Geometries, land: Land) -> LayerOffset | None:
    """Hold a layer of counties or townships against the counties known before.

    Every county line is a line of the townships too, but not the other way round: so the known
    lines are looked for in the layer, as they are and as a phone map would show them.

    Args:
        shapes: Its features (n,), EPSG:4490.
        land: The counties there are.
    """
    known, _ = along(np.array([shapely.from_wkb(county.wkb) for county in land.counties]))
    west, south, east, north = shapely.total_bounds(shapes)
    inside = (np.abs(known - [(west + east) / 2, (south + north) / 2])) <= [
        (east - west) / 2 + AROUND_DEGREES,
        (north - south) / 2 + AROUND_DEGREES,
    ]
    known = known[inside.all(axis=1)] if len(known) else known
    if len(known) < FEWEST:
        return None
    lines = subdivide.lines(measure.to_plane(shapely.get_parts(_outlines(shapes)))).geoms
    tree = shapely.STRtree(lines)
    near = _beside(tree, known)
    moved = {name: shift.there(known) for name, shift in SHIFTS.items()}
    after = {name: _beside(tree, places) for name, places in moved.items()}
    best = max(after, key=lambda name: float(after[name].mean()))
    if after[best].mean() < ON_RIVERS or after[best].mean() - near.mean() < BETTER:
        return None
    return _found(best, known, moved[best], near, after[best])


def along(shapes: Geometries, most: int = PLACES) -> tuple[Float64, Int]:
    """Places evenly along the outlines of some shapes, each with the shape it is of.

    Args:
        shapes: Areas, lines or points (n,), in degrees.
        most: About so many places in all.

    Returns:
        Places (k, 2) and the shape each belongs to (k,).
    """
    parts, owner = shapely.get_parts(_outlines(shapes), return_index=True)
    length = shapely.length(parts)
    step = max(float(length.sum()) / most, 1e-9)
    n = np.maximum(1, np.ceil(length / step)).astype(np.int64)
    which = np.repeat(np.arange(len(parts)), n)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(n) - n, n)
    share = (nth + 0.5) / n[which]
    places = parts[which]
    on_line = shapely.get_dimensions(places) == 1
    places[on_line] = shapely.line_interpolate_point(
        places[on_line], share[on_line] * length[which][on_line]
    )
    return shapely.get_coordinates(places), owner[which]


def _outlines(shapes: Geometries) -> Geometries:
    """Lines of areas; lines and points as they are."""
    areal = shapely.get_dimensions(shapes) == 2
    lines: Geometries = np.where(areal, shapely.boundary(shapes), shapes)
    return lines


def _stretches(
    places: Float64,
    owner: Int,
    near: Bool,
    undone: dict[ShiftName, Float64],
    after: dict[ShiftName, Bool],
) -> LayerOffset | None:
    """Stretches of outline that come back to their river when a shift is undone."""
    runs = {name: _runs(~near & back, places, owner) for name, back in after.items()}
    best = max(runs, key=lambda name: sum(found.length_m for found, _ in runs[name]))
    if not runs[best]:
        return None
    own = np.concatenate([of for _, of in runs[best]])
    found = _found(best, places[own], undone[best][own], near[own], after[best][own])
    return replace(found, stretches=tuple(stretch for stretch, _ in runs[best]))


def _runs(off: Bool, places: Float64, owner: Int) -> list[tuple[Stretch, Int]]:
    """Long runs of places that are off, with the places of each; the longest first."""
    ends = np.flatnonzero((np.diff(off) != 0) | (np.diff(owner) != 0)) + 1
    found = []
    for of in np.split(np.arange(len(off)), ends):
        if off[of[0]] and len(of) >= FEWEST:
            length_m = float(_metres(places[of[:-1]], places[of[1:]]).sum())
            lon, lat = places[of[len(of) // 2]].tolist()
            if length_m >= STRETCH_M:
                found.append((Stretch(int(owner[of[0]]), length_m, lon, lat), of))
    return sorted(found, key=lambda pair: -pair[0].length_m)


def _found(
    name: ShiftName, places: Float64, moved: Float64, near: Bool, after: Bool
) -> LayerOffset:
    metres = float(np.median(_metres(places, moved)))
    return LayerOffset(name, metres, float(near.mean()), float(after.mean()))


def _metres(one: Float64, other: Float64) -> Float64:
    """Distances (n,) between two sets of places (n, 2) in degrees."""
    start, end = (measure.to_plane(shapely.points(places)) for places in (one, other))
    distance: Float64 = shapely.distance(start, end)
    return distance


def _beside(tree: shapely.STRtree, places: Float64) -> Bool:
    """Which places (n, 2) in degrees lie beside a line of the tree."""
    near = np.zeros(len(places), dtype=bool)
    points = measure.to_plane(shapely.points(places))
    near[np.unique(tree.query(points, "dwithin", BESIDE_EDGE_M)[0])] = True
    return near
