"""Loaded once by the server that sandbox children are forked from: GDAL with its driver list set."""

import contextlib
import sys

from georeview import drivers

drivers.allow_only()

# pyogrio would load these only to offer frames, which no reader uses: a second and 90 MB.
sys.modules.update(dict.fromkeys(("geopandas", "pandas")))  # type: ignore[arg-type]

# Only now: each of these loads a GDAL, which registers the drivers that are left.
import numpy.ma  # noqa: E402, F401 - what np.unique needs and would load in each child
import pyarrow  # noqa: E402, TID253
import pyogrio._io  # noqa: E402, F401, TID253
import pyproj  # noqa: E402, F401
import rasterio  # noqa: E402, F401, TID253
import shapely  # noqa: E402, F401

# pyarrow asks once whether pandas is there and trips over the answer; afterwards it knows.
with contextlib.suppress(AttributeError):
    pyarrow.array([])
