"""The surveyed ground: both versions of the management line, the counties, and what is taken."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from .boundaries import ERRORS_V1, Stretch, corridor
from .chance import Float
from .geography import County, towns
from .rivers import River

WINDOW = shapely.box(413_700.0, 3_492_500.0, 417_700.0, 3_495_500.0)  # the images, EPSG:4545
_APART_M = 5.0
_ERROR_MARGIN_M = 1_500.0


class Line:
    """The management area as one shape that answers on which side of its line a plot lies."""

    def __init__(self, area: shapely.Geometry) -> None:
        self._area = area
        shapely.prepare(self._area)
        pieces: list[shapely.Geometry] = []
        for part in shapely.get_parts(shapely.boundary(area)):
            xy = shapely.get_coordinates(part)
            pieces += [shapely.LineString(xy[low : low + 41]) for low in range(0, len(xy) - 1, 40)]
        self._tree = shapely.STRtree(pieces)

    def signed_m(self, shape: shapely.Geometry) -> float:
        """Distance to the line, negative inside; 0 when the line crosses the shape."""
        _, found = self._tree.query_nearest(shape, return_distance=True, all_matches=False)
        inside = self._area.contains(shape.representative_point())
        return -float(found[0]) if inside else float(found[0])

    def covered(self, shape: shapely.Geometry) -> float:
        """Share of the shape inside."""
        return float(shapely.intersection(self._area, shape).area / shape.area)


@dataclass(slots=True)
class Ground:
    """Everything a plot must fit into, and the circles round the plots already placed."""

    rivers: Sequence[River]
    counties: Sequence[County]
    true_line: Line
    line_v1: Line
    true_area: shapely.Geometry
    sites: dict[tuple[str, bool], tuple[Float, Float]] = field(default_factory=dict)
    taken: list[shapely.Geometry] = field(default_factory=list)
    circles: list[tuple[float, float, float]] = field(default_factory=list)

    def county_of(self, shape: shapely.Geometry) -> dict[str, float]:
        """Share of the shape in each county it touches."""
        return {
            county.adcode: float(shapely.intersection(county.area, shape).area / shape.area)
            for county in self.counties
            if county.area.intersects(shape)
        }

    def free(self, shape: shapely.Geometry) -> bool:
        """Whether every other plot is some metres away."""
        if not self.taken:
            return True
        x, y, radius = _circle(shape)
        circles = np.array(self.circles)
        gaps = np.hypot(circles[:, 0] - x, circles[:, 1] - y) - circles[:, 2] - radius
        return all(
            self.taken[n].distance(shape) > _APART_M for n in np.flatnonzero(gaps < _APART_M)
        )

    def take(self, shape: shapely.Geometry) -> None:
        """Keep the ground of a placed plot from others."""
        self.taken.append(shape)
        self.circles.append(_circle(shape))


def _circle(shape: shapely.Geometry) -> tuple[float, float, float]:
    x, y = shape.centroid.coords[0]
    far = np.hypot(*(shapely.get_coordinates(shape) - (x, y)).T).max()
    return x, y, float(far)


def survey(rivers: Sequence[River], counties: Sequence[County]) -> Ground:
    """Measure the ground once: lines of both versions, and river vertices by county."""

    def all_corridors(errors: Sequence[Stretch]) -> shapely.Geometry:
        halves = [half for river in rivers for half in corridor(river, errors)]
        return shapely.union_all(halves)

    city = shapely.union_all([county.area for county in counties])
    true_area = shapely.intersection(all_corridors(()), city)
    published = shapely.intersection(all_corridors(ERRORS_V1), city)
    ground = Ground(rivers, counties, Line(true_area), Line(published), true_area)
    seats = np.array([county.seat for county in counties] + [(x, y) for _, _, x, y in towns()])
    for county in counties:
        for window in (False, True):
            ground.sites[county.adcode, window] = _sites(rivers, county, seats, window)
    return ground


def _sites(
    rivers: Sequence[River], county: County, seats: Float, window: bool
) -> tuple[Float, Float]:
    """River number and vertex of every site, and how likely each is (cumulated).

    Sites lie in the county, on the images or off them, and away from planted line errors.
    """
    sites, weights = [], []
    for number, river in enumerate(rivers):
        here = shapely.contains_xy(county.area, *river.xy.T)
        here &= shapely.contains_xy(WINDOW, *river.xy.T) == window
        inside = np.flatnonzero(here & ~wrong_stretch(river))
        gap = np.min([np.hypot(*(river.xy[inside] - seat).T) for seat in seats], axis=0)
        weights.append(river.width_m[inside] * (1 + 4 * np.exp(-((gap / 2500) ** 2))))
        sites.append(np.stack([np.full(len(inside), number), inside], axis=1))
    weight = np.cumsum(np.concatenate(weights))
    return np.concatenate(sites).astype(np.float64), weight / max(weight[-1:].sum(), 1e-9)


def wrong_stretch(river: River) -> NDArray[np.bool_]:
    """Vertices where version 1 of the line is wrong or nearly: other plots stay clear of them."""
    wrong = np.zeros(len(river.xy), dtype=bool)
    for error in ERRORS_V1:
        if error.code == river.code:
            wrong |= (river.chain_m > error.start_m - _ERROR_MARGIN_M) & (
                river.chain_m < error.stop_m + _ERROR_MARGIN_M
            )
    return wrong
