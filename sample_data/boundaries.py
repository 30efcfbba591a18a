"""Management areas, water, counties and townships as layers, with the planted errors of version 1."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from .chance import Float, stream
from .geography import County, to_degrees, to_gcj02, to_metres, towns
from .rivers import River, ribbon

GRID_DEG = 2.0**-22  # 2.6 cm: far below the accuracy of any line, and it packs well
GAP_M = 600.0
SHIFT_M = 35.0
_LINE_DETAIL_M = 0.3
_WATER_DETAIL_M = 0.4  # water edges are drawn, not measured: fewer vertices will do


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature of a layer: its fields and its shape in EPSG:4490."""

    fields: Mapping[str, object]
    shape: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of river where version 1 of the management line is wrong.

    Attributes:
        code: River code.
        start_m: Chainage where it begins.
        stop_m: Chainage where it ends.
        move: What happens to the ground there (EPSG:4545 to EPSG:4545); None: it is missing.
    """

    code: str
    start_m: float
    stop_m: float
    move: Callable[[Float], Float] | None


def _as_gcj02(metres: Float) -> Float:
    return to_metres(to_gcj02(to_degrees(metres)))


def _sideways(metres: Float) -> Float:
    return metres + np.array([SHIFT_M * 0.8, SHIFT_M * 0.6])


ERRORS_V1: tuple[Stretch, ...] = (
    Stretch("SYN-R03", 30_000, 30_000 + GAP_M, None),
    Stretch("SYN-R05", 9_000, 13_000, _sideways),
    Stretch("SYN-R07", 20_000, 26_000, _as_gcj02),
)


def mgmt_area(
    rivers: Sequence[River], counties: Sequence[County], errors: Sequence[Stretch] = ERRORS_V1
) -> list[Feature]:
    """Management areas cut by river, county and bank.

    Args:
        rivers: Main stems before their tributaries: at a confluence the main stem keeps the ground.
        counties: What they are cut by; ground outside all counties is left out.
        errors: Planted errors; pass none for the repaired version.

    Returns:
        Features in EPSG:4490, about 240,000 vertices in all.
    """
    features = []
    taken: list[shapely.Geometry] = []
    for river in rivers:
        left, right = corridor(river, errors)
        right = shapely.difference(right, left)
        above = shapely.union_all(taken) if taken else shapely.Polygon()
        for bank, area in (("L", left), ("R", right)):
            free = shapely.difference(area, above)
            features += [
                _mgmt_feature(river, county, bank, cut)
                for county in counties
                if (cut := shapely.intersection(free, county.area)).area > 1
            ]
        taken.append(shapely.union(left, right))
    return features


def corridor(
    river: River, errors: Sequence[Stretch] = ()
) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Left and right half of a river's management area, EPSG:4545, with errors planted."""
    zero = np.zeros(len(river.xy))
    cuts = [(0, len(river.xy), None, False)]
    for error in errors:
        if error.code == river.code:
            low, high = np.searchsorted(river.chain_m, (error.start_m, error.stop_m)).tolist()
            cuts = [
                (0, low + 1, None, False),
                (low, high + 1, error.move, error.move is None),
                (high, len(river.xy), None, False),
            ]
    halves = []
    for offset in (river.left_m, -river.right_m):
        parts = []
        for start, stop, move, missing in cuts:
            if not missing:
                part = ribbon(river, zero, offset, start, stop)
                parts.append(shapely.transform(part, move) if move else part)
        halves.append(shapely.union_all(parts))
    return halves[0], halves[1]


def _mgmt_feature(river: River, county: County, bank: str, area: shapely.Geometry) -> Feature:
    basis = "approved" if river.confidence == "medium" else "image"
    side = {"L": "左岸", "R": "右岸"}[bank]
    inside = shapely.contains_xy(county.area, river.xy[:, 0], river.xy[:, 1])
    step = np.hypot(*np.diff(river.xy, axis=0).T)
    fields = {
        "code": f"SYN-MA-{county.adcode}-{river.code[-3:]}-{bank}",
        "name": f"{river.name}{county.name}段{side}管理范围(合成示例)",
        "river_code": river.code,
        "river_name": river.name,
        "bank": bank,
        "adcode": county.adcode,
        "approval_no": f"示例水划〔2021〕{int(river.code[-2:]):02d}号"
        if basis == "approved"
        else "",
        "approval_date": "2021-11-30" if basis == "approved" else "",
        "length_m": round(float(step[inside[:-1]].sum()), 1),
        "basis": basis,
    }
    return Feature(fields, degrees(area))


def degrees(metres: shapely.Geometry, grid: float = GRID_DEG) -> shapely.Geometry:
    """A shape of EPSG:4545 in EPSG:4490, its vertices on a fine grid, still valid."""
    return shapely.normalize(
        shapely.set_precision(shapely.transform(metres, to_degrees), grid_size=grid)
    )


def water(rivers: Sequence[River]) -> list[Feature]:
    """Water surfaces at the level of the later image, one feature per river."""
    features = []
    taken: list[shapely.Geometry] = []
    for river in rivers:
        surface = water_surface(river)
        free = shapely.difference(surface, shapely.union_all(taken)) if taken else surface
        taken.append(surface)
        fields = {
            "code": f"SYN-WA-{river.code[-3:]}",
            "name": f"{river.name}水面(合成示例)",
            "level_basis": "影像水边线",
            "date": "2023-02-11",
        }
        features.append(Feature(fields, degrees(shapely.simplify(free, _WATER_DETAIL_M))))
    return features


def water_surface(river: River) -> shapely.Geometry:
    """The bankfull surface of a river, EPSG:4545."""
    return ribbon(river, -river.width_m / 2, river.width_m / 2, 0, len(river.xy))


def river_lines(rivers: Sequence[River]) -> list[Feature]:
    """Centrelines, digitised downstream, thinned but for the vertices where others join."""
    return [
        Feature(
            {
                "river_code": river.code,
                "name": river.name,
                "level": "干流" if not river.into else "支流",
                "parent_code": river.into,
                "chain_from": 0.0,
            },
            shapely.LineString(_on_grid(to_degrees(_thinned(river, rivers)))),
        )
        for river in rivers
    ]


def _thinned(river: River, rivers: Sequence[River]) -> Float:
    ends = [other.xy[-1] for other in rivers if other.into == river.code]
    stops = sorted({0, len(river.xy) - 1, *(int(_nearest(river, end)) for end in ends)})
    pieces = [
        shapely.get_coordinates(
            shapely.simplify(shapely.LineString(river.xy[low : high + 1]), _LINE_DETAIL_M)
        )[:-1]
        for low, high in itertools.pairwise(stops)
    ]
    return np.concatenate([*pieces, river.xy[-1:]])


def _nearest(river: River, place: Float) -> np.intp:
    return np.argmin(np.hypot(*(river.xy - place).T))


def _on_grid(degrees_: Float) -> Float:
    return np.round(degrees_ / GRID_DEG) * GRID_DEG


def county_areas(counties: Sequence[County]) -> list[Feature]:
    """The counties as a layer."""
    dates = {"511903": "2013-01-18"}
    return [
        Feature(
            {
                "adcode": county.adcode,
                "name": county.name,
                "valid_from": dates.get(county.adcode, "1993-07-05"),
            },
            shapely.transform(county.area, lambda xy: np.round(to_degrees(xy), 7)),
        )
        for county in counties
    ]


def town_areas(counties: Sequence[County], seed: int) -> list[Feature]:
    """Six to ten township cells per county: nearest ground to a seat, codes adcode + 3 digits."""
    features = []
    for county in counties:
        seats = _town_seats(county, seed)
        cells = shapely.voronoi_polygons(
            shapely.MultiPoint([xy for _, xy in seats]), extend_to=county.area, ordered=True
        )
        for number, ((name, _), cell) in enumerate(
            zip(seats, shapely.get_parts(cells), strict=True)
        ):
            area = shapely.intersection(cell, county.area)
            fields = {
                "adcode": f"{county.adcode}{100 + number}",
                "name": name,
                "valid_from": "2020-06-01",
            }
            features.append(Feature(fields, degrees(area)))
    return features


_NAMES = ("东河", "西坪", "南岭", "北溪", "石门", "柳林", "青龙", "双河", "龙泉", "白庙", "响滩")


def _town_seats(county: County, seed: int) -> list[tuple[str, tuple[float, float]]]:
    """Seats far from each other: the county seat, towns known by name, then drawn ones."""
    rng = stream(seed, "town", county.adcode)
    count = int(rng.integers(7, 11))
    low_x, low_y, high_x, high_y = county.area.bounds
    known = [
        (f"{name}镇" if not name.endswith("乡") else name, (x, y))
        for code, name, x, y in towns()
        if code == county.adcode and county.area.contains(shapely.Point(x, y))
    ]
    drawn = rng.uniform((low_x, low_y), (high_x, high_y), (400, 2))
    inside = drawn[shapely.contains_xy(county.area, drawn[:, 0], drawn[:, 1])]
    names = rng.permutation(_NAMES).tolist()
    seats = [(f"示例{county.name[:2]}城关镇", county.seat)]
    while len(seats) < count:
        options = known or [("", (x, y)) for x, y in inside.tolist()]
        gaps = [min(np.hypot(x - a, y - b) for _, (a, b) in seats) for _, (x, y) in options]
        name, place = options[int(np.argmax(gaps))]
        seats.append((name or f"示例{names.pop()}镇", place))
        known = [option for option in known if option[1] != place]
    return seats
