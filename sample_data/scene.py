"""One date of the landscape: crops of the season, water at its level, houses with shadows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from .canvas import Canvas, Colour
from .chance import stream
from .landscape import SUN_AZIMUTH_DEG, SUN_ELEVATION_DEG, Building, Land, surface
from .rivers import River
from .texture import crowns, ramp

WHEAT: Colour = (0.042, 0.080, 0.054, 0.340)
RAPE: Colour = (0.056, 0.122, 0.116, 0.370)
SPARSE: Colour = (0.060, 0.090, 0.078, 0.240)
SOIL: Colour = (0.073, 0.106, 0.112, 0.190)
RED_SOIL: Colour = (0.068, 0.099, 0.118, 0.195)
PADDY: Colour = (0.060, 0.080, 0.080, 0.120)
STUBBLE: Colour = (0.079, 0.109, 0.107, 0.190)
FOREST: Colour = (0.031, 0.052, 0.037, 0.205)
TOWN: Colour = (0.074, 0.102, 0.101, 0.140)
GARDEN: Colour = (0.036, 0.060, 0.042, 0.230)
SAND: Colour = (0.101, 0.146, 0.158, 0.205)
MUD: Colour = (0.071, 0.100, 0.100, 0.135)
DEEP: Colour = (0.056, 0.076, 0.050, 0.020)
SHALLOW: Colour = (0.074, 0.100, 0.070, 0.032)
_CROPS = (WHEAT, RAPE, SPARSE, SOIL, RED_SOIL, PADDY, STUBBLE)


@dataclass(frozen=True, slots=True)
class Season:
    """What differs between the two dates.

    Attributes:
        name: Keeps their chance apart.
        crops: Share of fields under each crop, in the order of ``_CROPS``.
        level: Width of the water as a share of the bankfull width.
        wood: Tint of the woods.
    """

    name: str
    crops: tuple[float, ...]
    level: float
    wood: Colour


EARLY_MARCH = Season("before", (0.29, 0.13, 0.18, 0.09, 0.07, 0.13, 0.11), 0.90, FOREST)
FEBRUARY = Season(
    "after", (0.27, 0.07, 0.20, 0.12, 0.08, 0.13, 0.13), 0.94, (0.034, 0.053, 0.041, 0.180)
)


def draw_ground(
    canvas: Canvas, land: Land, rivers: Sequence[River], season: Season, seed: int
) -> None:
    """Everything but the plots, painted from the ground up."""
    rng = stream(seed, "season", season.name)
    _draw_fields(canvas, land, season, seed)
    wood_light = land.canopy * (1 + 0.10 * land.patches)
    canvas.cover(season.wood, land.wood, wood_light)
    canvas.cover(TOWN, land.paved, 1 + 0.07 * land.grain + 0.06 * land.patches)
    canvas.cover(GARDEN, land.paved * ramp(land.patches + 0.5 * land.grain, 0.9, 1.3), land.canopy)
    canvas.bands[:] *= 0.25 + 0.75 * land.relief
    canvas.cover(MUD, ramp(land.shore_m, 6, 1), 1 + 0.05 * land.grain)
    canvas.cover(SAND, land.sand, 1 + 0.07 * land.grain + 0.05 * land.patches)
    speckle = 1 + 0.05 * land.grain
    for (where, share), colour in land.roads:
        canvas.lay(where, share, colour, texture=speckle)
    _draw_water(canvas, land, rivers, season, rng)
    for building in land.buildings:
        draw_building(canvas, building)


def _draw_fields(canvas: Canvas, land: Land, season: Season, seed: int) -> None:
    """Half of the fields keep their crop from one date to the other."""
    count = int(land.parcel.max()) + 1
    kept = stream(seed, "fields").random((3, count))
    fresh = stream(seed, "fields", season.name).random((2, count))
    odds = np.cumsum(season.crops)
    draw = np.where(kept[1] < 0.55, kept[0], fresh[0])
    crop = np.minimum(np.searchsorted(odds, draw), len(_CROPS) - 1)
    tone = (0.90 + 0.20 * np.where(kept[1] < 0.55, kept[2], fresh[1])).astype(np.float32)
    palette = np.array(_CROPS, dtype=np.float32)[crop] * tone[:, None]
    fine = (1 + 0.07 * land.grain + 0.06 * land.patches) * (1 - 0.22 * land.ridge)
    for band, values in zip(canvas.bands, palette.T, strict=True):
        band[:] = values[land.parcel] * fine


def _draw_water(
    canvas: Canvas,
    land: Land,
    rivers: Sequence[River],
    season: Season,
    rng: np.random.Generator,
) -> None:
    found = canvas.mask(surface(rivers, canvas, season.level))
    if found is None:
        return
    where, share = found
    whole = np.zeros(canvas.shape, dtype=np.float32)
    whole[where] = share
    whole *= 1 - 0.94 * land.sand
    ripple = crowns(rng, canvas.shape, (8.0, 50.0))
    texture = 1 + 0.025 * ripple + 0.035 * land.patches + 0.012 * land.grain
    canvas.cover(SHALLOW, whole, texture)
    canvas.cover(DEEP, whole * ramp(land.shore_m, -6, -26), texture)


def draw_building(canvas: Canvas, building: Building) -> None:
    """A roof with its shadow and a lit ridge."""
    canvas.shade(shadow(building.roof, building.height_m), 0.42)
    canvas.paint(building.roof, building.colour)
    corners = shapely.get_coordinates(building.roof)[:4]
    half = shapely.Polygon([corners[0], corners[1], corners[1:3].mean(0), corners[[0, 3]].mean(0)])
    canvas.shade(half, 0.86)


def shadow(area: shapely.Polygon, height_m: float) -> shapely.Polygon:
    """Ground an object takes and shades: its outline drawn out away from the sun."""
    reach = height_m / np.tan(np.radians(SUN_ELEVATION_DEG))
    away = np.radians(SUN_AZIMUTH_DEG + 180)
    corners = shapely.get_coordinates(area)
    moved = corners + np.array([np.sin(away), np.cos(away)]) * reach
    return shapely.convex_hull(shapely.multipoints(np.concatenate([corners, moved])))
