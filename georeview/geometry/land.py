"""What is known of the land, as evidence for where a file's plots lie: counties and rivers.

Plots of river works lie on rivers, and in the counties their rows name. A system, or a shift, that
takes them there is likelier than one that leaves them on a hill; it proves nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry import measure, subdivide

Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]
Texts = NDArray[np.object_]
Geometries = NDArray[np.object_]

BESIDE_AREA_M: Final = 30.0
BESIDE_LINE_M: Final = 150.0
"""How far from a management area, or from a centreline, a plot still lies on the river."""


@dataclass(frozen=True, slots=True)
class County:
    """A county: code, name, and its area as WKB in EPSG:4490."""

    code: str
    name: str
    wkb: bytes


@dataclass(frozen=True, slots=True)
class Land:
    """Counties and rivers; a value that crosses into the sandbox.

    Attributes:
        counties: The counties there are.
        rivers: Management areas, or centrelines where there are none: WKB, EPSG:4490.
    """

    counties: tuple[County, ...] = ()
    rivers: tuple[bytes, ...] = ()

    def near_river(self, lonlat: Float64) -> Bool:
        """Which places (n, 2) in degrees lie on a river or beside it (n,)."""
        near = np.zeros(len(lonlat), dtype=bool)
        there, points = _points(lonlat)
        ground = _ground(self)
        near[there[np.unique(ground.areas.query(points, "dwithin", BESIDE_AREA_M)[0])]] = True
        near[there[np.unique(ground.lines.query(points, "dwithin", BESIDE_LINE_M)[0])]] = True
        return near

    def county_at(self, lonlat: Float64) -> Texts:
        """Code of the county at each place (n,); ``None`` outside all of them."""
        codes = np.full(len(lonlat), None, dtype=object)
        there, points = _points(lonlat)
        ground = _ground(self)
        point, county = ground.counties.query(points, "intersects")
        # The first county in the order of codes wins a place on a shared border.
        order = np.argsort(-county, kind="stable")
        codes[there[point[order]]] = ground.codes[county[order]]
        return codes

    def county_named(self, text: str) -> str | None:
        """Code of the county that a text names: by code of 6 digits or more, or by name."""
        word = text.strip()
        for county in self.counties:
            if word[:6] == county.code:
                return county.code
            # 巴州 for 巴州区 and 巴中市巴州区 are the same county.
            if len(word) >= 2 and county.name and (word in county.name or county.name in word):
                return county.code
        return None


@dataclass(frozen=True, slots=True)
class _Ground:
    """The land in the metric plane, cut small and indexed; ``codes`` go with ``counties``."""

    codes: Texts
    counties: shapely.STRtree
    areas: shapely.STRtree
    lines: shapely.STRtree


@lru_cache(maxsize=2)
def _ground(land: Land) -> _Ground:
    counties = sorted(land.counties, key=lambda county: county.code)
    pieces = subdivide.polygons(_plane([county.wkb for county in counties]))
    codes = np.array([county.code for county in counties], dtype=object)
    rivers = shapely.get_parts(_plane(land.rivers))
    areal = shapely.get_dimensions(rivers) == 2
    return _Ground(
        codes=codes[pieces.owner],
        counties=shapely.STRtree(pieces.geoms),
        areas=shapely.STRtree(subdivide.polygons(rivers[areal]).geoms),
        lines=shapely.STRtree(subdivide.lines(rivers[~areal]).geoms),
    )


def _plane(wkb: Sequence[bytes]) -> Geometries:
    geoms = np.asarray(shapely.from_wkb(np.array(wkb, dtype=object)), dtype=object)
    return measure.to_plane(shapely.force_2d(geoms))


def _points(lonlat: Float64) -> tuple[NDArray[np.int64], Geometries]:
    """Which places are places (k,), and those in the metric plane (k,)."""
    there = np.flatnonzero(np.isfinite(lonlat).all(axis=1))
    return there, measure.to_plane(shapely.points(lonlat[there]))
