"""The register of permits: one entry for every plot with a permit, some expired or misplaced."""

from collections.abc import Sequence

import numpy as np
import shapely

from .boundaries import Feature
from .chance import stream
from .geography import to_degrees
from .plots import Plot

EXPIRED_N, MISPLACED_N = 40, 25
_PERMITTED = frozenset({"FP21", "FP22", "FP23", "FP24", "FP25", "FP26", "FP27", "FP28"})
_AS_LINE = frozenset({"FP21", "FP23", "FP24"})


def permits(plots: Sequence[Plot], seed: int) -> list[Feature]:
    """700 permits as points and lines.

    Args:
        plots: Placed plots, outlines sound.
        seed: The seed of the sample.

    Returns:
        Features in EPSG:4490; 40 end before the batch was issued, 25 lie 200-600 m off.
    """
    held = [plot for plot in plots if plot.slot.case.code in _PERMITTED]
    odd = stream(seed, "permits").permutation(len(held)).tolist()
    expired = set(odd[:EXPIRED_N])
    misplaced = set(odd[EXPIRED_N : EXPIRED_N + MISPLACED_N])
    return [
        _permit(plot, at, seed, expired=at in expired, misplaced=at in misplaced)
        for at, plot in enumerate(held)
    ]


def _permit(plot: Plot, at: int, seed: int, *, expired: bool, misplaced: bool) -> Feature:
    rng = stream(seed, "permit", plot.number)
    granted = 2012 + int(rng.integers(0, 10))
    until = "2022-12-31" if expired else f"{2024 + int(rng.integers(0, 20))}-12-31"
    place = plot.place
    off_m = rng.uniform(200, 600) if misplaced else rng.uniform(0, 6)
    angle = rng.uniform(0, 2 * np.pi)
    fields = {
        "permit_no": f"示例许涉河〔{granted}〕{at + 1:04d}号",
        "name": f"示例{place.river}{plot.slot.case.type_actual}工程",
        "kind": plot.slot.case.type_actual,
        "authority": "示例水利局",
        "date": f"{granted}-06-30",
        "valid_to": until,
        "holder": "示例建设单位",
    }
    shape = _axis(place.shape) if plot.slot.case.code in _AS_LINE else place.shape.centroid
    moved = shapely.transform(
        shape,
        lambda xy: np.round(to_degrees(xy + off_m * np.array([np.cos(angle), np.sin(angle)])), 7),
    )
    return Feature(fields, moved)


def _axis(shape: shapely.Polygon) -> shapely.LineString:
    """The long axis of a strip, through the middles of the short sides of its box."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape))[:4]
    sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    first = int(np.argmin(sides[:2]))
    middle = (corners + np.roll(corners, -1, axis=0)) / 2
    return shapely.LineString([middle[first], middle[first + 2]])
