"""A batch of plots as arrays: both frames, scale, own measures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry import measure

Geometries = NDArray[np.object_]
Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Plots:
    """Plots (n,) ready to be laid over.

    Attributes:
        ids: Opaque ids.
        types: Issued type as given, None where there is none.
        plane: Geometries in the metric plane.
        centre: Centroids in the metric plane (n, 2), metres.
        scale: Point scale of the plane at the centre (n,).
        is_point: Plots that came as points and have no area (n,).
        area_m2: Geodesic area (n,), nan for points.
        perimeter_m: Length of all rings (n,), nan for points.
        parts: Number of parts (n,).
        surface: A point on each plot (n, 2): longitude, latitude in degrees.
        bbox: West, south, east, north (n, 4) in degrees.
    """

    ids: tuple[str, ...]
    types: tuple[str | None, ...]
    plane: Geometries
    centre: Float64
    scale: Float64
    is_point: Bool
    area_m2: Float64
    perimeter_m: Float64
    parts: NDArray[np.int32]
    surface: Float64
    bbox: Float64

    def __len__(self) -> int:
        return len(self.ids)

    def metres(self, plane_m: Float64) -> Float64:
        """Plane lengths close to each plot (n,) → metres."""
        return plane_m / self.scale

    def square_metres(self, plane_m2: Float64) -> Float64:
        """Plane areas within each plot (n,) → m²."""
        return plane_m2 / self.scale**2


def read(ids: Sequence[str], wkb: Sequence[bytes], types: Sequence[str | None]) -> Plots:
    """Read plots: valid points, polygons or multipolygons as WKB in EPSG:4490."""
    lonlat = shapely.force_2d(shapely.from_wkb(np.array(wkb, dtype=object)))
    plane = measure.to_plane(lonlat)
    middle = shapely.get_coordinates(shapely.centroid(plane))
    scale = measure.scale(middle)
    is_point: Bool = shapely.get_dimensions(plane) == 0
    area = shapely.area(plane) / scale**2
    perimeter = shapely.length(plane) / scale
    area[is_point] = perimeter[is_point] = np.nan
    return Plots(
        ids=tuple(ids),
        types=tuple(types),
        plane=plane,
        centre=middle,
        scale=scale,
        is_point=is_point,
        area_m2=area,
        perimeter_m=perimeter,
        parts=shapely.get_num_geometries(lonlat),
        surface=shapely.get_coordinates(shapely.point_on_surface(lonlat)),
        bbox=shapely.bounds(lonlat),
    )
