"""Rivers, boundaries and plots of a city for races, from one seed; the same seed, the same bytes.

A winding network in the plane of EPSG:4545: centrelines with a vertex every 7 m, management areas
as strips along them cut by county, 5 counties and 60 townships, plots of 5-40 vertices strewn
along the rivers, a third of them beyond the boundary.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry import measure
from georeview.overlay.index import LayerFeature

Geometries = NDArray[np.object_]
Float64 = NDArray[np.float64]

WEST, SOUTH, EAST, NORTH = 350_000.0, 3_470_000.0, 470_000.0, 3_620_000.0
RIVERS = 14
RIVER_M = 50_000.0
STEP_M = 7.0
MEDIAN_PLOT_M2 = 600.0


@dataclass(frozen=True, slots=True)
class City:
    """Layers as features, and a source of plots.

    Attributes:
        layers: Features by layer kind, EPSG:4490.
        lines: River centrelines, EPSG:4545.
        half_widths: Half width of each management strip, metres.
    """

    layers: dict[str, list[LayerFeature]]
    lines: Geometries
    half_widths: Float64

    def vertices(self) -> int:
        """Vertices of the management boundary."""
        features = [shapely.from_wkb(f.wkb) for f in self.layers["mgmt_area"]]
        return int(shapely.get_num_coordinates(features).sum())


def city(seed: int) -> City:
    """The whole city from one seed."""
    random = np.random.default_rng(seed)
    lines = shapely.linestrings([_winding(random, n) for n in range(RIVERS)])
    half_widths = random.uniform(60, 180, RIVERS)
    strips = shapely.buffer(lines, half_widths, quad_segs=4)
    counties = _cells(random, 5)
    towns = _cells(random, 60)
    pieces, codes = [], []
    for n, strip in enumerate(strips):
        rest = shapely.difference(strip, shapely.union_all(strips[:n]))
        for c, common in enumerate(shapely.intersection(rest, counties)):
            if shapely.area(common) > 1:
                pieces.append(common)
                codes.append(f"M{n:02d}-{c}")
    layers = {
        "mgmt_area": _features(np.array(pieces), codes),
        "river": _features(lines, [f"R{n:02d}" for n in range(RIVERS)]),
        "county": _features(counties, [f"5119{n:02d}" for n in range(5)]),
        "town": _features(towns, [f"511900{n:03d}" for n in range(60)]),
    }
    return City(layers, lines, half_widths)


def plots(made: City, count: int, seed: int) -> list[bytes]:
    """Plots as WKB, EPSG:4490: blobs along the rivers, every tenth a strip across."""
    random = np.random.default_rng(seed)
    river = random.integers(0, RIVERS, count)
    at = random.uniform(0, 1, count)
    centre = shapely.get_coordinates(
        shapely.line_interpolate_point(made.lines[river], at, normalized=True)
    )
    angle = random.uniform(0, 2 * np.pi, count)
    away = np.abs(random.normal(0, 1, count)) * made.half_widths[river] * 1.1
    centre += away[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    area = np.clip(MEDIAN_PLOT_M2 * np.exp(random.normal(0, 1.1, count)), 40, 60_000)
    corners = random.integers(5, 40, count)
    owner = np.repeat(np.arange(count), corners)
    nth = np.arange(len(owner)) - np.repeat(np.cumsum(corners) - corners, corners)
    turn = 2 * np.pi * (nth + random.uniform(-0.3, 0.3, len(owner))) / corners[owner]
    radius = np.sqrt(area / np.pi)[owner] * random.uniform(0.75, 1.25, len(owner))
    stretch = np.where(random.random(count) < 0.1, 4.0, random.uniform(0.7, 1.4, count))[owner]
    xy = np.column_stack([radius * np.cos(turn) * stretch, radius * np.sin(turn) / stretch])
    lean = random.uniform(0, np.pi, count)[owner]
    turned = np.column_stack(
        [
            xy[:, 0] * np.cos(lean) - xy[:, 1] * np.sin(lean),
            xy[:, 0] * np.sin(lean) + xy[:, 1] * np.cos(lean),
        ]
    )
    rings = shapely.linearrings(turned + centre[owner], indices=owner)
    return list(shapely.to_wkb(measure.from_plane(shapely.polygons(rings))))


def _winding(random: np.random.Generator, number: int) -> Float64:
    """A centreline: a heading that wanders, sampled every few metres."""
    count = int(RIVER_M / STEP_M)
    along = np.arange(count) * STEP_M
    heading = (number % 4) * np.pi / 2 + random.uniform(-0.3, 0.3)
    for length_m, swing in ((9_000, 0.5), (1_700, 0.7), (260, 0.35)):
        phase = random.uniform(0, 2 * np.pi)
        drift = np.cumsum(random.normal(0, 0.02, count))
        heading = heading + swing * np.sin(2 * np.pi * along / length_m + phase + drift)
    steps = STEP_M * np.column_stack([np.cos(heading), np.sin(heading)])
    path = np.cumsum(steps, axis=0)
    middle = np.array(
        [random.uniform(WEST + 3e4, EAST - 3e4), random.uniform(SOUTH + 3e4, NORTH - 3e4)]
    )
    return path - path.mean(axis=0) + middle


def _cells(random: np.random.Generator, count: int) -> Geometries:
    """Cells that cover the city and more, without gap or overlap."""
    seeds = np.column_stack(
        [random.uniform(WEST, EAST, count), random.uniform(SOUTH, NORTH, count)]
    )
    frame = shapely.box(WEST - 5e4, SOUTH - 5e4, EAST + 5e4, NORTH + 5e4)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(seeds), extend_to=frame, ordered=True)
    )
    return shapely.segmentize(shapely.intersection(cells, frame), 1_500.0)


def _features(plane: Geometries, codes: Sequence[str]) -> list[LayerFeature]:
    lonlat = measure.from_plane(plane)
    wkb = shapely.to_wkb(lonlat)
    return [LayerFeature(w, code, code, {}) for w, code in zip(wkb, codes, strict=True)]
