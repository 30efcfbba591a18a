"""Loaded once by the server that sandbox children are forked from: GDAL with its driver list set."""

from georeview import drivers

drivers.allow_only()

# Only now: each of these loads a GDAL, which registers the drivers that are left.
import numpy as np  # noqa: E402, F401
import pyarrow  # noqa: E402, F401, TID253
import pyogrio._io  # noqa: E402, F401, TID253
import pyproj  # noqa: E402, F401
import rasterio  # noqa: E402, F401, TID253
import shapely  # noqa: E402, F401
