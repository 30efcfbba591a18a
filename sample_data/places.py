"""Finding ground for a plot: right county, right side of the line, clear of the others."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import shapely

from . import shapes, truth
from .boundaries import ERRORS_V1
from .chance import Float
from .ground import WINDOW, Ground, wrong_stretch
from .rivers import River

TINY_M2 = 100.0
_CLEAR_M, _TOUCH_M = 12.5, 8.0  # what is planted as in or out is so by a margin
_FAR_M = 2_300.0
_INNER, _OUTER = WINDOW.buffer(-40), WINDOW.buffer(40)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a plot lies: its polygon in EPSG:4545, its river, and the distance to the line."""

    shape: shapely.Polygon
    river: str
    side: int
    edge_m: float


def find(ground: Ground, slot: truth.Slot, size_m2: float, rng: np.random.Generator) -> Place:
    """Ground for one slot.

    Args:
        ground: The surveyed ground; the caller takes what is found.
        slot: What is to be placed and where.
        size_m2: Wanted area; it shrinks when nothing of that size fits.
        rng: Where the numbers come from.

    Returns:
        A place that keeps every condition of the slot.

    Raises:
        LookupError: Nothing was found; the recipe asks for more than the ground has.
    """
    propose = _PROPOSALS.get(slot.band, _beside_river)
    for attempt in range(4000):
        tried = size_m2 * rng.uniform(0.92, 1.1) * 0.97 ** max(0, attempt - 200)
        tried = max(tried, 1.15 * slot.case.size[0], min(size_m2, 115.0))
        place = propose(ground, slot, tried, rng)
        if place and _sound(slot, size_m2, place.shape) and _fits(ground, slot, place):
            return place
    raise LookupError(slot)


def _sound(slot: truth.Slot, size_m2: float, shape: shapely.Polygon) -> bool:
    """Valid, and neither tiny nor a sliver unless that was asked for."""
    low = slot.case.size[0] or (40.0 if size_m2 < TINY_M2 else TINY_M2 + 3)
    high = slot.case.size[1] or (TINY_M2 - 3 if size_m2 < TINY_M2 else shapes.LARGEST_M2)
    compact = 4 * np.pi * shape.area / shape.length**2
    wanted = compact < 0.045 if slot.case.type_actual == shapes.SLIVER else compact > 0.055
    return bool(shape.is_valid and low <= shape.area <= high and wanted)


def _fits(ground: Ground, slot: truth.Slot, place: Place) -> bool:
    shape, edge = place.shape, place.edge_m
    if not ground.free(shape):
        return False
    if not (_INNER.contains(shape) if slot.window else _OUTER.disjoint(shape)):
        return False
    published = ground.line_v1.signed_m(shape)
    agreed = abs(edge - published) < 1
    conditions: dict[str, Callable[[], bool]] = {
        "in": lambda: agreed and edge <= -_CLEAR_M,
        "straddle": lambda: agreed and edge <= -_CLEAR_M,
        "out": lambda: agreed and edge >= _CLEAR_M,
        "critical": lambda: agreed and abs(edge) <= _TOUCH_M and _touches(ground, slot, shape),
        "corner": lambda: edge >= _FAR_M and published >= _FAR_M,
        "far": lambda: edge >= _FAR_M and published >= _FAR_M,
        "no_county": lambda: agreed and 30 <= edge <= 1500,
        "line_error": lambda: edge <= -_CLEAR_M and published >= _CLEAR_M,
    }
    return conditions[slot.band]() and _county_fits(ground, slot, shape)


def _touches(ground: Ground, slot: truth.Slot, shape: shapely.Geometry) -> bool:
    covered = ground.true_line.covered(shape)
    if slot.case.code == "FP32":
        return 0 < covered < 0.045
    if slot.case.code == "FP31":
        return covered == 0
    return covered > 0.3


def _county_fits(ground: Ground, slot: truth.Slot, shape: shapely.Geometry) -> bool:
    shares = ground.county_of(shape)
    if slot.band == "no_county":
        return not shares
    if slot.band == "corner":
        return len(shares) == 3 and max(shares, key=shares.__getitem__) == slot.county
    if slot.band == "straddle":
        return len(shares) == 2 and 0.55 < shares.get(slot.county, 0) < 0.9
    return list(shares) == [slot.county] and shares[slot.county] > 0.9999


def _beside_river(
    ground: Ground, slot: truth.Slot, size_m2: float, rng: np.random.Generator
) -> Place | None:
    sites, weight = ground.sites[slot.county, slot.window]
    number, vertex = sites[min(int(np.searchsorted(weight, rng.random())), len(sites) - 1)]
    return draw(ground, ground.rivers[int(number)], int(vertex), slot, size_m2, rng)


def _in_error(
    ground: Ground, slot: truth.Slot, size_m2: float, rng: np.random.Generator
) -> Place | None:
    """Inside the true line but outside the published one: in the gap or where it was moved."""
    errors = [
        error for error in ERRORS_V1 if (error.code == "SYN-R07") == (slot.county == "511921")
    ]
    error = errors[int(rng.integers(len(errors)))]
    river = next(river for river in ground.rivers if river.code == error.code)
    at = rng.uniform(error.start_m + 60, error.stop_m - 60)
    vertex = int(np.searchsorted(river.chain_m, at))
    return draw(ground, river, vertex, slot, min(size_m2, 1500), rng)


def _on_county_line(
    ground: Ground, slot: truth.Slot, size_m2: float, rng: np.random.Generator
) -> Place | None:
    county = next(county for county in ground.counties if county.adcode == slot.county)
    crossings = []
    for river in ground.rivers:
        inside = shapely.contains_xy(county.area, *river.xy.T)
        turns = np.flatnonzero(inside[1:] != inside[:-1])
        crossings += [(river, int(turn)) for turn in turns]
    river, turn = crossings[int(rng.integers(len(crossings)))]
    # The county line may meet the bank some way up or down from where it meets the centreline.
    vertex = int(np.clip(turn + rng.integers(-20, 21), 0, len(river.xy) - 1))
    if wrong_stretch(river)[vertex]:
        return None
    return draw(ground, river, vertex, slot, float(np.clip(size_m2, 300, 700)), rng)


def _away(
    ground: Ground, slot: truth.Slot, size_m2: float, rng: np.random.Generator
) -> Place | None:
    county = next(county for county in ground.counties if county.adcode == slot.county)
    if slot.band == "corner":
        corners = shapely.get_coordinates(_corners(ground))
        near = corners[shapely.distance(shapely.points(corners), county.area) < 1]
        place = near[int(rng.integers(len(near)))] + rng.uniform(-12, 12, 2)
        return _loose(ground, place, slot, float(np.clip(size_m2, 300, 700)), rng)
    low_x, low_y, high_x, high_y = county.area.bounds
    centre = np.array([rng.uniform(low_x, high_x), rng.uniform(low_y, high_y)])
    return _loose(ground, centre, slot, size_m2, rng)


def _corners(ground: Ground) -> shapely.Geometry:
    """Points where three counties meet."""
    areas = [county.area for county in ground.counties]
    meets = [
        shapely.intersection_all([shapely.boundary(area) for area in three])
        for three in combinations(areas, 3)
    ]
    return shapely.union_all(meets)


def _below_outlet(
    ground: Ground, slot: truth.Slot, size_m2: float, rng: np.random.Generator
) -> Place | None:
    """Beside the main stem after it has left the city."""
    river = next(river for river in ground.rivers if not river.into and river.name == "巴河")
    vertex = len(river.xy) - 1 - int(rng.integers(0, 60))
    centre = river.xy[vertex] + river.normal[vertex] * rng.uniform(-600, 600)
    return _loose(ground, centre, slot, size_m2, rng)


def _loose(
    ground: Ground, centre: Float, slot: truth.Slot, size_m2: float, rng: np.random.Generator
) -> Place:
    """A plot away from any bank, turned at will."""
    room = shapes.Room(-200.0, 200.0, 100.0, 1)
    outline = shapes.ring(rng, slot.case.type_actual, size_m2, room)
    outline -= outline.mean(axis=0)
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shape = shapely.Polygon(np.round(centre + outline @ turn.T, 3))
    return Place(shape, _nearest_river(ground, centre), 1, ground.true_line.signed_m(shape))


def _nearest_river(ground: Ground, centre: Float) -> str:
    gaps = [np.hypot(*(river.xy - centre).T).min() for river in ground.rivers]
    return ground.rivers[int(np.argmin(gaps))].name


def draw(
    ground: Ground,
    river: River,
    vertex: int,
    slot: truth.Slot,
    size_m2: float,
    rng: np.random.Generator,
) -> Place | None:
    """A plot at one vertex of a river, in the room its band leaves on one bank."""
    side = 1 if rng.random() < 0.5 else -1
    room = _room(river, vertex, side, slot, rng)
    if room.depth_m < 6:
        return None
    outline = shapes.ring(rng, slot.case.type_actual, size_m2, room)
    chain = river.chain_m[vertex] + outline[:, 0]
    if chain.min() < 0 or chain.max() > river.chain_m[-1]:
        return None
    shape = shapely.Polygon(np.round(river.at(chain, outline[:, 1]), 3))
    if not shape.is_valid:
        return None
    return Place(shape, river.name, side, ground.true_line.signed_m(shape))


def _room(
    river: River, vertex: int, side: int, slot: truth.Slot, rng: np.random.Generator
) -> shapes.Room:
    half = float(river.width_m[vertex]) / 2
    edge = river.edge_m(river.chain_m[vertex], side)
    kind, inner, outer = slot.case.type_actual, half + 1, edge - 15
    if kind in {truth.BRIDGE, truth.WEIR, truth.PIPE}:
        far = river.edge_m(river.chain_m[vertex], -side)
        reach = min(edge, far) - 15
        return shapes.Room(-reach, reach, 2 * half, side)
    if kind in {truth.BAR, truth.WATER, truth.MINING}:
        inner = half * 0.45
    elif kind in {truth.POND, truth.WHARF, truth.INTAKE, truth.SHADOW}:
        inner = half * 0.75
    if slot.band == "out":
        inner = edge + 14 + float(rng.exponential(45))
        outer = inner + 90
    elif slot.band == "critical":
        inner, outer = _critical_room(slot, edge, rng)
    low, high = (inner, outer) if side > 0 else (-outer, -inner)
    return shapes.Room(low, high, 2 * half, side)


def _critical_room(slot: truth.Slot, edge: float, rng: np.random.Generator) -> tuple[float, float]:
    if slot.case.code == "FP32":
        return edge - 0.8, edge + float(rng.uniform(16, 30))
    if slot.case.code == "FP31":
        return edge + float(rng.uniform(1, 6)), edge + float(rng.uniform(22, 40))
    return edge - 24, edge + float(rng.uniform(-4, 4))


_PROPOSALS = {
    "line_error": _in_error,
    "straddle": _on_county_line,
    "far": _away,
    "corner": _away,
    "no_county": _below_outlet,
}
