"""Which GDAL drivers may run, decided before GDAL is first loaded.

pyogrio and rasterio each carry a GDAL of their own. A driver that is not on the list is skipped by
its registered name, for a file of any name can claim to be of any format: a VRT called .geojson
would otherwise read files of the server, and a WMS description would reach for the network.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from types import MappingProxyType

VECTOR = frozenset(
    {
        "DXF",
        "ESRI Shapefile",
        "FlatGeobuf",
        "GML",
        "GPKG",
        "GeoJSON",
        "MEM",
        "MapInfo File",
        "Memory",
        "OpenFileGDB",
        "SQLite",
    }
)
"""What plots and layers come in."""

RASTER = frozenset({"GTiff", "COG", "MEM", "PNG", "JPEG", "WEBP"})
"""What scenes come in and leave as."""

_BARE = """import importlib.util, sys, types
def bare(name):
    package = types.ModuleType(name)
    package.__path__ = importlib.util.find_spec(name).submodule_search_locations
    sys.modules[name] = package
"""
"""A package without what it imports when it is imported: NumPy alone takes ten times as long as
asking a GDAL."""

_REPORT: Mapping[str, str] = MappingProxyType(
    {
        "pyogrio": f"{_BARE}bare('pyogrio')\n"
        "from pyogrio._ogr import _register_drivers, ogr_list_drivers\n"
        "_register_drivers(); print('\\n'.join(ogr_list_drivers()))",
        "rasterio": f"{_BARE}bare('rasterio')\n"
        "from rasterio._env import GDALEnv\n"
        "env = GDALEnv(); env.start(); print('\\n'.join(env.drivers()))",
    }
)

_QUIET: Mapping[str, str] = MappingProxyType(
    {
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_HTTP_MAX_RETRY": "0",
        "GDAL_VRT_ENABLE_PYTHON": "NO",
        "GDAL_PAM_ENABLED": "NO",
        "OGR_GEOJSON_MAX_OBJ_SIZE": "200",
        "OGR_SQLITE_LOAD_EXTENSIONS": "",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".nothing",
        # Each GDAL warns of every name on the list that only the other one has.
        "CPL_LOG": "/dev/null",
    }
)


def allow_only(vector: frozenset[str] = VECTOR, raster: frozenset[str] = RASTER) -> None:
    """Set the environment of this process so that GDAL registers only these drivers.

    Must run before GDAL is loaded; short children ask each library which drivers it has.

    Raises:
        RuntimeError: GDAL is loaded already, or a library does not say which drivers it has.
    """
    if {"pyogrio._io", "rasterio._base"} & set(sys.modules):
        raise RuntimeError("GDAL is loaded before its drivers were chosen")
    reported: set[str] = set()
    for name, child in {name: _asked(code) for name, code in _REPORT.items()}.items():
        told, _ = child.communicate(timeout=120)
        if child.returncode != 0 or not told.strip():
            raise RuntimeError(f"{name} does not say which drivers it has")
        reported |= set(told.splitlines()) - {""}
    os.environ["GDAL_SKIP"] = os.environ["OGR_SKIP"] = ",".join(sorted(reported - vector - raster))
    os.environ.update(_QUIET)


def _asked(code: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own code
