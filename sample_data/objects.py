"""What stands or lies inside a plot, painted by its type on one date."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import shapely
import shapely.affinity

from . import truth
from .canvas import Canvas, Colour
from .chance import stream
from .landscape import ROOFS, Building, Land, rectangle
from .plots import Plot
from .rivers import River
from .scene import DEEP, MUD, RED_SOIL, SAND, SOIL, draw_building, shadow

_CONCRETE: Colour = (0.107, 0.138, 0.141, 0.170)
_DECK: Colour = (0.090, 0.122, 0.124, 0.150)
_BLUE: Colour = (0.190, 0.160, 0.095, 0.150)
_SPOIL: Colour = (0.118, 0.150, 0.190, 0.235)
_WASTE: Colour = (0.150, 0.152, 0.158, 0.180)
_PIT: Colour = (0.070, 0.098, 0.088, 0.045)
_FISHPOND: Colour = (0.060, 0.072, 0.045, 0.028)
_POPLAR: Colour = (0.030, 0.058, 0.030, 0.330)
_GREENHOUSE: Colour = (0.230, 0.240, 0.245, 0.300)
_LAWN: Colour = (0.050, 0.088, 0.060, 0.320)


@dataclass(frozen=True, slots=True)
class Easel:
    """What a painter needs: the canvas, the ground under it, the plot and its own chance."""

    canvas: Canvas
    land: Land
    plot: Plot
    river: River
    rng: np.random.Generator

    @property
    def shape(self) -> shapely.Polygon:
        """The plot's outline."""
        return self.plot.place.shape

    def rough(self, strength: float) -> np.ndarray:
        """A rough texture near 1."""
        return 1 + strength * self.land.grain


def paint_plot(canvas: Canvas, land: Land, plot: Plot, river: River, seed: int) -> None:
    """Paint what stands on a plot.

    Args:
        canvas: The picture of one date.
        land: The ground.
        plot: The plot; what it is follows from its actual type.
        river: The river it lies at.
        seed: The seed of the sample.
    """
    painter = _PAINTERS.get(plot.slot.case.type_actual, _bare)
    painter(Easel(canvas, land, plot, river, stream(seed, "object", plot.number)))


def _bridge(easel: Easel) -> None:
    """The whole bridge from bank to bank, also where the plot holds only a part of it."""
    deck = _crossing(easel, 34.0, 5.2)
    easel.canvas.shade(shadow(deck, 9.0), 0.45)
    easel.canvas.paint(deck, _DECK, texture=easel.rough(0.04))
    easel.canvas.paint(shapely.boundary(deck).buffer(0.5), _CONCRETE)


def _crossing(easel: Easel, beyond_m: float, half_m: float) -> shapely.Polygon:
    river, centre = easel.river, np.array(easel.shape.centroid.coords[0])
    vertex = int(np.argmin(np.hypot(*(river.xy - centre).T)))
    reach = river.width_m[vertex] / 2 + beyond_m
    ends = river.at(np.full(2, river.chain_m[vertex]), np.array([reach, -reach]))
    return shapely.LineString(ends).buffer(half_m, cap_style="flat")


def _weir(easel: Easel) -> None:
    """A sill with white water below it."""
    sill = _crossing(easel, 3.0, 3.4)
    easel.canvas.paint(sill, _CONCRETE)
    river, centre = easel.river, np.array(easel.shape.centroid.coords[0])
    vertex = int(np.argmin(np.hypot(*(river.xy - centre).T)))
    half = river.width_m[vertex] / 2 * 0.85
    chain = river.chain_m[vertex] + np.array([3.0, 3.0, 13.0, 13.0])
    foam = shapely.Polygon(river.at(chain, np.array([half, -half, -0.8 * half, 0.8 * half])))
    easel.canvas.paint(foam, (0.210, 0.222, 0.220, 0.150), texture=easel.rough(0.2), strength=0.75)


def _pipe(easel: Easel) -> None:
    pipe = _crossing(easel, 14.0, 1.3)
    easel.canvas.shade(shadow(pipe, 6.0), 0.6)
    easel.canvas.paint(pipe, _CONCRETE)


def _strip(easel: Easel) -> None:
    """A dike or a road: pale, with a darker slope towards the water."""
    easel.canvas.paint(easel.shape.buffer(3.0), MUD, texture=easel.rough(0.08), strength=0.6)
    easel.canvas.paint(easel.shape, _CONCRETE, texture=easel.rough(0.04))


def _houses(easel: Easel) -> None:
    """Roofs along the axes of the plot on levelled ground."""
    easel.canvas.paint(easel.shape.buffer(4), SOIL, texture=easel.rough(0.1), strength=0.85)
    colours = (_BLUE, *ROOFS) if easel.plot.change == "appeared" else ROOFS
    area = easel.shape.buffer(-0.8)
    for number, cell in enumerate(_cells(easel.shape, 13.0)):
        roof = shapely.intersection(cell.buffer(-0.7), area)
        if roof.geom_type == "Polygon" and roof.area > 25:
            easel.canvas.shade(shadow(roof, 7.0), 0.42)
            pick = 0 if number % 3 == 0 else int(easel.rng.integers(len(colours)))
            easel.canvas.paint(roof, colours[pick])


def _cells(shape: shapely.Polygon, size_m: float) -> list[shapely.Polygon]:
    """A turned grid of rectangles over the shape."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))[:4]
    along, across = box[1] - box[0], box[3] - box[0]
    columns = max(1, round(float(np.hypot(*along)) / size_m))
    rows = max(1, round(float(np.hypot(*across)) / size_m))
    return [
        shapely.Polygon(
            [
                box[0] + along * (a + da) / columns + across * (b + db) / rows
                for da, db in ((0, 0), (1, 0), (1, 1), (0, 1))
            ]
        )
        for a in range(columns)
        for b in range(rows)
    ]


def _heap(easel: Easel) -> None:
    """Tipped cones on trodden ground, light on the sunny side, shade behind."""
    waste = easel.plot.slot.case.code == "PR31"
    colour = _WASTE if waste else _SPOIL
    easel.canvas.paint(easel.shape.buffer(2.5), RED_SOIL, texture=easel.rough(0.10))
    easel.canvas.paint(easel.shape, colour, texture=easel.rough(0.22 if waste else 0.08))
    for spot in _spots(easel, max(3, int(easel.shape.area / 120))):
        radius = float(easel.rng.uniform(3.0, 6.5))
        cone = shapely.intersection(spot.buffer(radius), easel.shape)
        lit = shapely.intersection(
            shapely.affinity.translate(cone, 0.3 * radius, -0.4 * radius), cone
        )
        easel.canvas.shade(cone, 0.62)
        easel.canvas.paint(lit, tuple(1.3 * value for value in colour))  # type: ignore[arg-type]


def _spots(easel: Easel, count: int) -> list[shapely.Point]:
    low_x, low_y, high_x, high_y = easel.shape.bounds
    drawn = shapely.points(easel.rng.uniform((low_x, low_y), (high_x, high_y), (count * 4, 2)))
    return [spot for spot in drawn if easel.shape.contains(spot)][:count]


def _mining(easel: Easel) -> None:
    """Raw sand with flooded pits, a spoil ridge and a dredger."""
    easel.canvas.paint(easel.shape.buffer(5), SAND, texture=easel.rough(0.10))
    for spot in _spots(easel, max(2, int(easel.shape.area / 330))):
        pit = shapely.intersection(spot.buffer(float(easel.rng.uniform(5, 11))), easel.shape)
        easel.canvas.paint(pit.buffer(1.5), MUD)
        easel.canvas.paint(pit, _PIT)
    for spot in _spots(easel, 3):
        angle = float(easel.rng.uniform(0, 3.1))
        draw_building(easel.canvas, Building(rectangle(spot.x, spot.y, 9, 4, angle), ROOFS[4], 3))


def _pond(easel: Easel) -> None:
    """Fish ponds between pale dams."""
    easel.canvas.paint(easel.shape.buffer(2.5), SOIL, texture=easel.rough(0.08))
    for cell in _cells(easel.shape, 26.0):
        basin = shapely.intersection(cell.buffer(-1.6, join_style="mitre"), easel.shape.buffer(-1))
        easel.canvas.paint(basin, _FISHPOND, texture=easel.rough(0.04))


def _crop(easel: Easel) -> None:
    """Rows: young poplars where they obstruct floods, plastic tunnels outside, low crop else."""
    code = easel.plot.slot.case.code
    colour = {"PR14": _POPLAR, "FP31": _GREENHOUSE}.get(code, _LAWN)
    easel.canvas.paint(easel.shape, SOIL, texture=easel.rough(0.06))
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(easel.shape))[:4]
    along, across = box[1] - box[0], box[3] - box[0]
    rows = max(2, int(np.hypot(*across) / 6))
    for row in range(rows):
        start = box[0] + across * (row + 0.5) / rows
        line = shapely.LineString([start, start + along]).buffer(2.2)
        part = shapely.intersection(line, easel.shape)
        if code != "FP44":
            easel.canvas.shade(shapely.affinity.translate(part, -1.5, 2.0), 0.6)
        easel.canvas.paint(part, colour, texture=easel.rough(0.12))


def _site(easel: Easel) -> None:
    """Stripped ground with huts and stored material."""
    easel.canvas.paint(easel.shape.buffer(3), RED_SOIL, texture=easel.rough(0.10), strength=0.8)
    easel.canvas.paint(easel.shape, SOIL, texture=easel.rough(0.08))
    for spot in _spots(easel, max(2, int(easel.shape.area / 350))):
        hut = rectangle(spot.x, spot.y, 12, 5, float(easel.rng.uniform(0, 3.1)))
        colour = _BLUE if easel.rng.random() < 0.6 else ROOFS[5]
        if easel.shape.contains(hut):
            draw_building(easel.canvas, Building(hut, colour, 4))
        else:
            easel.canvas.paint(shapely.intersection(hut, easel.shape), _SPOIL)


def _park(easel: Easel) -> None:
    easel.canvas.paint(easel.shape, _LAWN, texture=easel.rough(0.08))
    for cell in _cells(easel.shape, 18.0):
        path = shapely.boundary(cell).buffer(1.1)
        easel.canvas.paint(shapely.intersection(path, easel.shape), _CONCRETE)


def _pavement(easel: Easel) -> None:
    easel.canvas.paint(easel.shape, _CONCRETE, texture=easel.rough(0.05))


def _bar(easel: Easel) -> None:
    easel.canvas.paint(easel.shape.buffer(2), MUD, texture=easel.rough(0.06), strength=0.6)
    easel.canvas.paint(easel.shape, SAND, texture=easel.rough(0.07))


def _flooded(easel: Easel) -> None:
    easel.canvas.paint(easel.shape, DEEP, texture=easel.rough(0.02))


def _shaded(easel: Easel) -> None:
    easel.canvas.shade(easel.shape, 0.35)


def _bare(easel: Easel) -> None:
    easel.canvas.paint(easel.shape, SOIL, texture=easel.rough(0.08))


_PAINTERS: Mapping[str, Callable[[Easel], None]] = MappingProxyType(
    {
        truth.BRIDGE: _bridge,
        truth.WEIR: _weir,
        truth.PIPE: _pipe,
        truth.WORKS: _strip,
        truth.ROAD: _strip,
        truth.HOUSE: _houses,
        truth.HEAP: _heap,
        truth.MINING: _mining,
        truth.POND: _pond,
        truth.CROP: _crop,
        truth.SITE: _site,
        truth.PARK: _park,
        truth.WHARF: _pavement,
        truth.INTAKE: _pavement,
        truth.BAR: _bar,
        truth.WATER: _flooded,
        truth.SHADOW: _shaded,
    }
)
