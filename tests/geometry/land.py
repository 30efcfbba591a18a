"""Plots over the city, a river that runs due east, and two counties."""

import numpy as np
import shapely

from georeview.geometry import crs
from georeview.geometry.land import County, Land

CITY = np.column_stack(
    [np.linspace(106.42, 107.68, 60), np.linspace(31.3, 32.7, 60)[np.arange(60) * 7 % 60]]
)
RIVER = np.column_stack([np.linspace(106.5, 107.6, 60), np.full(60, 31.8)])
"""Plots on a river that runs due east."""

WEST, EAST = shapely.box(106.3, 31.2, 107.0, 32.8), shapely.box(107.0, 31.2, 107.8, 32.8)
LAND = Land(
    counties=(
        County("511902", "巴州区", shapely.to_wkb(WEST)),
        County("511921", "通江县", shapely.to_wkb(EAST)),
    ),
    rivers=(
        shapely.to_wkb(
            shapely.segmentize(shapely.LineString([(106.3, 31.8), (107.8, 31.8)]), 0.01)
        ),
    ),
)


def in_system(epsg, lonlat=CITY):
    return crs.forward(lonlat, crs.known(epsg))


def stated_counties(lonlat):
    return np.where(lonlat[:, 0] < 107.0, "511902", "511921").astype(object)
