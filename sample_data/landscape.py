"""The lasting ground of the images: relief, woods, fields, roads, town and villages."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from .canvas import PIXEL_M, Canvas, Colour, axes
from .chance import stream
from .rivers import River, ribbon
from .texture import Grid, crowns, enlarge, fractal, light, parcels, ramp

SUN_AZIMUTH_DEG, SUN_ELEVATION_DEG = 152.0, 41.0
_COARSE = 6  # distances to the river are measured on every sixth pixel


Mask = tuple[tuple[slice, slice], Grid]


@dataclass(frozen=True, slots=True)
class Building:
    """A roof and how high it stands."""

    roof: shapely.Polygon
    colour: Colour
    height_m: float


@dataclass(frozen=True, slots=True)
class Land:
    """What both images share.

    Attributes:
        shore_m: Distance of every pixel from the bankfull water edge, negative on water.
        relief: Light on the hills, 1 on flat ground.
        wood: Share of wood.
        canopy: Light on tree tops.
        parcel: Number of each pixel's field.
        ridge: Closeness to a field's edge, 1 on the edge.
        grain: Fine noise, standard deviation 1.
        patches: Broad noise, standard deviation 1.
        sand: Share of natural sand along the banks.
        roads: Roads as masks, lanes first, with their colour.
        buildings: Town and village houses.
        paved: Share of town ground.
    """

    shore_m: Grid
    relief: Grid
    wood: Grid
    canopy: Grid
    parcel: NDArray[np.int32]
    ridge: Grid
    grain: Grid
    patches: Grid
    sand: Grid
    roads: tuple[tuple[Mask, Colour], ...]
    buildings: tuple[Building, ...]
    paved: Grid


_CONCRETE: Colour = (0.084, 0.115, 0.115, 0.158)
_LANE: Colour = (0.075, 0.107, 0.107, 0.165)
ROOFS: tuple[Colour, ...] = (
    (0.106, 0.138, 0.139, 0.162),
    (0.116, 0.148, 0.149, 0.175),
    (0.086, 0.104, 0.140, 0.185),
    (0.086, 0.108, 0.120, 0.160),
    (0.150, 0.152, 0.112, 0.150),
    (0.156, 0.184, 0.184, 0.205),
)
_ROOF_ODDS = (0.34, 0.24, 0.16, 0.12, 0.08, 0.06)


def survey_land(
    canvas: Canvas, rivers: Sequence[River], town: tuple[float, float], seed: int
) -> Land:
    """Draw the lasting ground.

    Args:
        canvas: Gives the grid.
        rivers: All rivers; those on the picture shape the valley.
        town: Centre of the county town, EPSG:4545.
        seed: The seed of the sample.

    Returns:
        The ground, the same for both dates.
    """
    shape = canvas.shape
    rng = stream(seed, "land")
    near = [river for river in rivers if _on_canvas(canvas, river)]
    shore = _shore_m(canvas, near)
    hills, patches = fractal(rng, shape, 1.9, 2), fractal(rng, shape, 1.3, 3)
    gentle = fractal(rng, shape, 3.0, 2)
    grain = crowns(rng, shape, (2.0, 8.0))
    gap_m = _town_gap_m(canvas, town) + 90 * gentle + 30 * patches
    rise = ramp(shore, 60, 520) * (1 - 0.96 * ramp(gap_m, 1050, 680))
    height = rise * (70 + 46 * hills) + 0.9 * fractal(rng, shape, 1.5, 40) * rise
    paved = ramp(gap_m, 760, 640) * ramp(shore, 22, 30)
    wood = ramp(hills * 0.8 + 0.5 * patches + 1.2 * rise + 0.10 * grain, 0.80, 0.95) * (1 - paved)
    parcel, ridge = _fields(rng, canvas, gentle)
    tops = crowns(rng, shape, (3.2, 9.0))
    roads = _roads(near)
    return Land(
        shore_m=shore,
        relief=light(height, PIXEL_M, SUN_AZIMUTH_DEG, SUN_ELEVATION_DEG),
        wood=wood,
        canopy=light(0.95 * tops, PIXEL_M, SUN_AZIMUTH_DEG, SUN_ELEVATION_DEG),
        parcel=parcel,
        ridge=ridge,
        grain=grain,
        patches=patches,
        sand=_sand(rng, shape, shore),
        roads=tuple(
            (mask, colour) for area, colour in roads if (mask := canvas.mask(area)) is not None
        ),
        buildings=tuple(_buildings(canvas, shore, wood, paved, roads, seed)),
        paved=paved,
    )


def _sand(rng: np.random.Generator, shape: tuple[int, int], shore: Grid) -> Grid:
    """Natural bars here and there along the banks, thin at their ends, reaching into the water."""
    bars, edge = fractal(rng, shape, 2.6, 5), fractal(rng, shape, 1.2, 20)
    reach = 11 * (bars - 0.75) + 1.6 * edge
    return ramp(np.abs(shore + 2) - np.minimum(reach, 15), 1.2, -1.2)


def _on_canvas(canvas: Canvas, river: River) -> bool:
    rows, columns = canvas.shape
    x, y = river.xy.T
    return bool(
        (
            (x > canvas.west)
            & (x < canvas.west + columns * PIXEL_M)
            & (y < canvas.north)
            & (y > canvas.north - rows * PIXEL_M)
        ).any()
    )


def _shore_m(canvas: Canvas, rivers: Sequence[River]) -> Grid:
    """Distance from the water's edge: measured to centrelines, less half the width there."""
    rows, columns = canvas.shape
    x = canvas.west + np.linspace(0.5, columns - 0.5, columns // _COARSE) * PIXEL_M
    y = canvas.north - np.linspace(0.5, rows - 0.5, rows // _COARSE) * PIXEL_M
    best = np.full((len(y), len(x)), 1e9)
    spots = shapely.points(*np.meshgrid(x, y)).ravel()
    for river in rivers:
        tree = shapely.STRtree(shapely.points(river.xy))
        (_, vertex), gap = tree.query_nearest(spots, return_distance=True, all_matches=False)
        best = np.minimum(best, (gap - river.width_m[vertex] / 2).reshape(best.shape))
    return enlarge(best, canvas.shape)


def _town_gap_m(canvas: Canvas, town: tuple[float, float]) -> Grid:
    x, y = axes(canvas)
    return np.hypot(x[None, :] - (town[0] - canvas.west), y[:, None] - (town[1] - canvas.north))


def _fields(
    rng: np.random.Generator, canvas: Canvas, gentle: Grid
) -> tuple[NDArray[np.int32], Grid]:
    """Parcels that follow the lie of the land: coordinates bent by the hills."""
    x, y = axes(canvas)
    u = 0.8 * x[None, :] + 0.6 * y[:, None] + 90 * gentle
    v = -0.6 * x[None, :] + 0.8 * y[:, None] + 210 * gentle
    parcel, inside = parcels(rng, u.astype(np.float32), v.astype(np.float32), (46.0, 21.0))
    return parcel, ramp(inside, 0.10, 0.02)


def _roads(rivers: Sequence[River]) -> tuple[tuple[shapely.Geometry, Colour], ...]:
    """A road on each bank behind the dike, and lanes that climb from it."""
    wide, narrow = [], []
    for river in rivers:
        for side in (1, -1):
            offset = side * (river.width_m / 2 + 78)
            line = shapely.LineString((river.xy + river.normal * offset[:, None])[::6])
            wide.append(line.buffer(3.6 if river.width_m.mean() > 80 else 2.6))
            for vertex in range(20, len(river.xy) - 20, 47):
                away = side * np.linspace(river.width_m[vertex] / 2 + 78, 620, 14)
                sway = 70 * np.sin(np.linspace(0, 5, 14) + vertex)
                chain = river.chain_m[vertex] + sway - sway[0]
                narrow.append(shapely.LineString(river.at(chain, away)).buffer(1.5))
    return ((shapely.union_all(narrow), _LANE), (shapely.union_all(wide), _CONCRETE))


def _buildings(
    canvas: Canvas,
    shore: Grid,
    wood: Grid,
    paved: Grid,
    roads: Sequence[tuple[shapely.Geometry, Colour]],
    seed: int,
) -> list[Building]:
    """Blocks in the town, scattered houses and hamlets elsewhere; none on a road."""
    rng = stream(seed, "buildings")
    clear = shapely.union_all([area for area, _ in roads])
    shapely.prepare(clear)
    spots = [*_blocks(canvas, rng), *_hamlets(canvas, rng)]
    found = []
    for x, y, length, breadth, angle, height, town in spots:
        row, column = int((canvas.north - y) / PIXEL_M), int((x - canvas.west) / PIXEL_M)
        if not (8 < row < canvas.shape[0] - 8 and 8 < column < canvas.shape[1] - 8):
            continue
        if shore[row, column] < 62 or (paved[row, column] > 0.5) != town or wood[row, column] > 0.7:
            continue
        roof = rectangle(x, y, length, breadth, angle)
        if clear.intersects(roof.buffer(1.5)):
            continue
        colour = ROOFS[int(rng.choice(len(ROOFS), p=_ROOF_ODDS))]
        found.append(Building(roof, colour, height))
    return found


Spot = tuple[float, float, float, float, float, float, bool]


def _blocks(canvas: Canvas, rng: np.random.Generator) -> list[Spot]:
    """Rows of houses on a turned street grid; every fifth row and sixth column is a street."""
    rows, columns = canvas.shape
    angle = 0.42
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = np.array([canvas.west + columns, canvas.north - rows])
    i, j = (side.ravel() for side in np.meshgrid(np.arange(-150, 150), np.arange(-150, 150)))
    built = (i % 7 != 0) & (j % 5 != 0) & (rng.random(len(i)) > 0.10)
    places = centre + np.stack([i * 17.0, j * 19.0], axis=1) @ turn.T
    places += rng.uniform(-2.5, 2.5, places.shape)
    sizes = rng.uniform((9, 8), (18, 14), places.shape)
    heights = rng.choice([7.0, 12.0, 20.0, 33.0], p=[0.5, 0.34, 0.13, 0.03], size=len(i))
    found = np.column_stack([places, sizes, heights])[built]
    return [(x, y, long, broad, angle, high, True) for x, y, long, broad, high in found.tolist()]


def _hamlets(canvas: Canvas, rng: np.random.Generator) -> list[Spot]:
    rows, columns = canvas.shape
    spots = []
    for _ in range(150):
        x = canvas.west + rng.uniform(0, columns * PIXEL_M)
        y = canvas.north - rng.uniform(0, rows * PIXEL_M)
        angle = rng.uniform(0, np.pi)
        for _ in range(int(rng.integers(2, 9))):
            off = rng.normal(0, 26, 2)
            spots.append(
                (
                    x + off[0], y + off[1], rng.uniform(9, 18), rng.uniform(7, 10),
                    angle + rng.choice([0, np.pi / 2]), 6.0, False,
                )
            )  # fmt: skip
    return spots


def rectangle(x: float, y: float, length: float, breadth: float, angle: float) -> shapely.Polygon:
    """A turned rectangle round a centre."""
    a, b = length / 2, breadth / 2
    corners = np.array([(-a, -b), (a, -b), (a, b), (-a, b)])
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return shapely.Polygon(corners @ turn + (x, y))


def surface(rivers: Sequence[River], canvas: Canvas, level: float) -> shapely.Geometry:
    """Water on the picture at a level given as a share of the bankfull width."""
    parts = []
    for river in rivers:
        if _on_canvas(canvas, river):
            half = river.width_m / 2 * level
            parts.append(ribbon(river, -half, half, 0, len(river.xy)))
    return shapely.union_all(parts)
