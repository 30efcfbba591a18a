"""Rivers as a surveyor would draw them: smoothed, meandering, with a width and two outer lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from .chance import Float, smooth, stream, wander
from .geography import facts, to_metres

STEP_M = 11.9  # spacing of vertices: gives the management lines their realistic density
_COARSE_M = 50.0


@dataclass(frozen=True, slots=True)
class River:
    """One river, digitised downstream; all arrays have one entry per vertex.

    Attributes:
        code: River code.
        name: Chinese name.
        into: Code of the river it joins, empty if it leaves the map.
        confidence: How well its course is known.
        xy: Centreline, shape (n, 2), EPSG:4545.
        normal: Unit vectors to the left bank, shape (n, 2).
        chain_m: Chainage from the upstream end.
        width_m: Bankfull width.
        left_m: Distance from the centreline to the left management line.
        right_m: The same for the right one.
    """

    code: str
    name: str
    into: str
    confidence: str
    xy: Float
    normal: Float
    chain_m: Float
    width_m: Float
    left_m: Float
    right_m: Float

    def at(self, chain_m: Float, offset_m: Float) -> Float:
        """Ground position of points given by chainage and offset (left positive)."""
        base = np.stack([np.interp(chain_m, self.chain_m, self.xy[:, k]) for k in (0, 1)], axis=1)
        side = np.stack(
            [np.interp(chain_m, self.chain_m, self.normal[:, k]) for k in (0, 1)], axis=1
        )
        return base + side * np.asarray(offset_m)[:, None]

    def edge_m(self, chain_m: float, side: int) -> float:
        """Distance from the centreline to the management line of one side (1 left, -1 right)."""
        return float(np.interp(chain_m, self.chain_m, self.left_m if side > 0 else self.right_m))


def build(seed: int) -> list[River]:
    """All rivers, a main stem always before what joins it; confluences meet exactly."""
    entries = {entry["name"]: entry for entry in facts()["rivers"]}
    order = sorted(entries.values(), key=lambda entry: (_depth(entry, entries), entry["code"]))
    built: dict[str, River] = {}
    for entry in order:
        main = built.get(entry["into"] or "")
        built[entry["name"]] = _river(entry, main, seed)
    return list(built.values())


def _depth(entry: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]) -> int:
    return 1 + _depth(entries[entry["into"]], entries) if entry["into"] else 0


def _river(entry: Mapping[str, Any], main: River | None, seed: int) -> River:
    rng = stream(seed, "river", entry["code"])
    width = float(entry["bankfull_width_m"])
    course = _meander(to_metres(np.array(entry["line"])), width, rng)
    if main is not None:
        course = _join(course, main)
    xy = resample(course, STEP_M)
    chain = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    tangent = np.gradient(xy, axis=0)
    tangent /= np.hypot(*tangent.T)[:, None]
    widths = width * np.linspace(0.75, 1.1, len(xy)) * (1 + 0.12 * wander(rng, len(xy), 25))
    widths = np.clip(widths, 0.55 * width, 1.45 * width)
    return River(
        code=entry["code"],
        name=entry["name"],
        into=main.code if main else "",
        confidence=entry["confidence"],
        xy=xy,
        normal=np.stack([-tangent[:, 1], tangent[:, 0]], axis=1),
        chain_m=chain,
        width_m=widths,
        left_m=_outer(widths, rng),
        right_m=_outer(widths, rng),
    )


def _outer(width_m: Float, rng: np.random.Generator) -> Float:
    """Management line: half the width and 25-60 m, with the small unrest of a surveyed line."""
    slow = 0.5 + 0.5 * np.tanh(wander(rng, len(width_m), 35))
    jag = np.clip(0.5 * rng.standard_normal(len(width_m)), -1.2, 1.2)
    return width_m / 2 + np.clip(25 + 35 * slow + jag, 25, 60)


def _meander(corners: Float, width_m: float, rng: np.random.Generator) -> Float:
    course = smooth(resample(corners, _COARSE_M), 5.0)
    tangent = np.gradient(course, axis=0)
    tangent /= np.hypot(*tangent.T)[:, None]
    along = np.arange(len(course)) * _COARSE_M
    ends = np.clip(np.minimum(along, along[::-1]) / 1500, 0, 1)
    sway = (45 + 0.45 * width_m) * wander(rng, len(course), 8.0) * ends * ends * (3 - 2 * ends)
    bent = course + np.stack([-tangent[:, 1], tangent[:, 0]], axis=1) * sway[:, None]
    return smooth(bent, 2.5)


def _join(course: Float, main: River) -> Float:
    """Bend the last kilometres so that the river ends on a vertex of the one it joins."""
    target = main.xy[np.argmin(np.hypot(*(main.xy - course[-1]).T))]
    back_m = np.arange(len(course))[::-1] * _COARSE_M
    pull = np.clip(1 - back_m / 2500, 0, 1)
    return course + (target - course[-1]) * (pull * pull * (3 - 2 * pull))[:, None]


def resample(points: Float, step_m: float) -> Float:
    """The same line with vertices at even distances, both ends kept exactly."""
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    count = max(round(length[-1] / step_m), 1) + 1
    at = np.linspace(0, length[-1], count)
    out = np.stack([np.interp(at, length, points[:, k]) for k in (0, 1)], axis=1)
    out[0], out[-1] = points[0], points[-1]
    return out


def ribbon(river: River, inner_m: Float, outer_m: Float, start: int, stop: int) -> shapely.Geometry:
    """Ground between two lines that run beside the centreline.

    Args:
        river: The river.
        inner_m: Offset of one line, left positive, one value per vertex.
        outer_m: Offset of the other.
        start: First vertex.
        stop: One past the last vertex.

    Returns:
        A valid polygon or multipolygon, EPSG:4545; folds in tight bends are dissolved.
    """
    pieces = []
    for low in range(start, stop - 1, 60):
        part = slice(low, min(low + 61, stop))
        near = river.xy[part] + river.normal[part] * inner_m[part, None]
        far = river.xy[part] + river.normal[part] * outer_m[part, None]
        pieces.append(shapely.Polygon(np.concatenate([near, far[::-1]])))
    return shapely.union_all([_polygons(shapely.make_valid(piece)) for piece in pieces])


def _polygons(geometry: shapely.Geometry) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type.endswith("Polygon")]
    return shapely.union_all(parts)
