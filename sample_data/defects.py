"""Spoiling outlines on purpose, the ways real files are spoilt."""

from dataclasses import replace

import numpy as np
import shapely

from . import flaws
from .chance import Float, stream
from .plots import Plot


def spoil(plot: Plot, seed: int) -> Plot:
    """The plot with the outline its flaw asks for; sound plots come back as they are.

    Args:
        plot: A placed plot.
        seed: The seed of the sample.

    Returns:
        The plot; ring direction and height are set beside, since shapely has no word for them.
    """
    rng = stream(seed, "spoil", plot.number)
    ring = shapely.get_coordinates(plot.place.shape.exterior)
    flaw = next(iter(plot.flaws), "")
    if flaw == flaws.REVERSED:
        return replace(plot, reverse=True)
    if flaw == flaws.HEIGHT:
        return replace(plot, height_m=round(float(rng.uniform(260, 640)), 2))
    if flaw == flaws.POINT:
        return _with(plot, plot.place.shape.representative_point())
    if flaw == flaws.MULTIPART:
        return _with(plot, _parted(plot.place.shape))
    if flaw == flaws.SELF_CROSSING:
        return _with(plot, shapely.Polygon(_crossed(ring, rng)))
    if flaw == flaws.REPEATED:
        return _with(plot, shapely.Polygon(np.repeat(ring, [1, 3, *[1] * (len(ring) - 2)], axis=0)))
    if flaw == flaws.SPIKE:
        return _with(plot, shapely.Polygon(_spiked(ring)))
    if flaw == flaws.ZERO_WIDTH:
        thread = shapely.Polygon([ring[0], ring[1], (ring[0] + ring[1]) / 2, ring[0]])
        return _with(plot, shapely.MultiPolygon([plot.place.shape, thread]))
    return plot


def _with(plot: Plot, shape: shapely.Geometry) -> Plot:
    return replace(plot, place=replace(plot.place, shape=shape))


def _parted(shape: shapely.Polygon) -> shapely.MultiPolygon:
    """Two parts where a track of 3 m runs through."""
    box = shapely.minimum_rotated_rectangle(shape)
    corners = shapely.get_coordinates(box)[:4]
    sides = np.roll(corners, -1, axis=0) - corners
    longest = int(np.argmax(np.hypot(*sides.T)))
    start = corners[longest] + sides[longest] / 2
    across = sides[(longest + 1) % 4]
    track = shapely.LineString([start - across, start + 2 * across]).buffer(1.5)
    rest = shapely.set_precision(shapely.difference(shape, track), 0.001)
    return shapely.MultiPolygon([part for part in shapely.get_parts(rest) if part.area > 40])


def _crossed(ring: Float, rng: np.random.Generator) -> Float:
    """Two neighbouring vertices exchanged: the outline crosses itself."""
    for at in rng.permutation(np.arange(2, len(ring) - 3)):
        out = ring.copy()
        out[[at, at + 1]] = out[[at + 1, at]]
        if not shapely.Polygon(out).is_valid:  # exchanged at a dent, they need not cross
            return out
    raise LookupError(ring)


def _spiked(ring: Float) -> Float:
    """A hair that runs out 6 m and back on the same line."""
    middle = (ring[1] + ring[2]) / 2
    along = (ring[2] - ring[1]) / np.hypot(*(ring[2] - ring[1]))
    tip = middle + 6 * np.array([along[1], -along[0]])
    return np.insert(ring, 2, [middle, np.round(tip, 3), middle], axis=0)
