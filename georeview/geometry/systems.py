"""One coordinate system: read from text, taken apart into numbers, and computed.

A description from outside is parsed once and taken apart into a datum family and a projection
made of plain numbers; PROJ then computes that projection alone. PROJ's search for a datum
operation, which silently falls back to a zero shift, is never asked: within the CGCS2000 family,
and between it and WGS 84, coordinates are equal by a stated rule (the frames differ by about one
metre of plate motion, far under the 10 m band), and the two old datums are refused.

What no register knows of a file's coordinates is said behind the system: ``EPSG:4545+YX`` for
north before east, as Chinese surveyors write them, ``EPSG:4490+GCJ-02`` or plain ``GCJ-02`` for
positions read off a phone map.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from georeview.errors.coordinates import CrsNotAccepted, CrsNotReadable, CrsOldDatum
from georeview.geometry.shift import SHIFTS, ShiftName

if TYPE_CHECKING:
    from pyproj import CRS, Proj

Float64 = NDArray[np.float64]
Family = Literal["cgcs2000", "wgs84", "xian1980", "beijing1954", "other"]
Method = Literal["geographic", "tmerc", "webmerc", "other"]

MAX_TEXT: Final = 8_000
"""Longest description read, in characters."""

_EPSG = re.compile(
    r"\s*EPSG\s*:{1,2}\s*(?P<number>\d{4,6})\s*(?P<more>(?:\+\s*(?:YX|GCJ-?02|BD-?09)\s*)*)",
    re.IGNORECASE,
)
_SHIFTED = re.compile(r"\s*(?:GCJ-?02|BD-?09)\s*", re.IGNORECASE)
_WKT = re.compile(
    r"\s*(GEOGCS|PROJCS|COMPD_CS|GEOGCRS|GEODCRS|GEODETICCRS|GEOGRAPHICCRS|PROJCRS|PROJECTEDCRS"
    r"|COMPOUNDCRS|BOUNDCRS)\s*\[",
    re.IGNORECASE,
)
RF: Final[Mapping[str, float]] = MappingProxyType(
    {"cgcs2000": 298.257222101, "wgs84": 298.257223563}
)
"""Inverse flattening of the ellipsoids of the two families taken."""
_SEMI_MAJOR_M = 6_378_137.0
_REACH: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "geographic": (180.0, 90.0),
        "tmerc": (3_000_000.0, 10_002_000.0),
        "webmerc": (20_037_509.0, 20_048_967.0),
        "other": (0.0, 0.0),
    }
)
"""How far from the false origin there are places, by method: degrees or metres."""

_DATUM_WORDS: tuple[tuple[str, Family], ...] = (
    ("china2000", "cgcs2000"),
    ("cgcs2000", "cgcs2000"),
    ("chinageodeticcoordinatesystem2000", "cgcs2000"),
    ("2000国家大地坐标系", "cgcs2000"),
    ("国家2000", "cgcs2000"),
    ("wgs84", "wgs84"),
    ("wgs1984", "wgs84"),
    ("worldgeodeticsystem1984", "wgs84"),
    ("xian1980", "xian1980"),
    ("xian80", "xian1980"),
    ("西安", "xian1980"),
    ("beijing1954", "beijing1954"),
    ("beijing54", "beijing1954"),
    ("北京", "beijing1954"),
)


@dataclass(frozen=True, slots=True)
class Crs:
    """A coordinate system, taken apart.

    Attributes:
        code: ``EPSG:n`` where it is a registered one, with what is said behind it; else empty.
        name: Name as its description gives it.
        family: Datum it stands on.
        method: Projection, ``geographic`` for degrees.
        central_meridian: Degrees; transverse Mercator only.
        origin_latitude: Degrees.
        scale: Scale on the central meridian.
        false_easting_m: Metres, zone prefix included.
        false_northing_m: Metres.
        wkt: WKT1 in the ESRI dialect, for ``.prj`` files.
        swapped: Whether north stands before east.
        shift: The phone maps whose positions these are.
    """

    code: str
    name: str
    family: Family
    method: Method
    central_meridian: float = 0.0
    origin_latitude: float = 0.0
    scale: float = 1.0
    false_easting_m: float = 0.0
    false_northing_m: float = 0.0
    wkt: str = ""
    swapped: bool = False
    shift: ShiftName | None = None

    @property
    def degrees(self) -> bool:
        """Whether coordinates are longitude and latitude in degrees."""
        return self.method == "geographic"


def parse(text: str) -> Crs:
    """Read ``EPSG:n``, inline WKT (WKT1, WKT2 or the ESRI dialect) or the name of a shifted system.

    Names of files, addresses and PROJ strings are not looked at: a description is text from
    outside.

    Raises:
        CrsNotReadable: Not of these forms, too long, or not understood.
    """
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    if len(text) > MAX_TEXT:
        raise CrsNotReadable(text=_short(text))
    try:
        if found := _EPSG.fullmatch(text):
            return _with(_take_apart(CRS.from_epsg(int(found["number"]))), found["more"])
        if _SHIFTED.fullmatch(text):
            return _with(known(4490), text)
        if _WKT.match(text):
            return _take_apart(CRS.from_wkt(text.strip()))
    except (CRSError, ValueError) as error:
        raise CrsNotReadable(text=_short(text)) from error
    raise CrsNotReadable(text=_short(text))


def accepted(crs: Crs) -> Crs:
    """The same system when plots and layers may come in it.

    Accepted are CGCS2000 and WGS 84 in degrees, every CGCS2000 Gauss-Krueger zone (with and
    without zone prefix), UTM zone 48N and Web Mercator.

    Raises:
        CrsOldDatum: Xian 1980 or Beijing 1954, for which no valid transformation is published.
        CrsNotAccepted: Any other system.
    """
    if crs.family in ("xian1980", "beijing1954"):
        raise CrsOldDatum(name=crs.name)
    utm48 = crs.central_meridian == 105 and crs.scale == 0.9996 and crs.false_easting_m == 500_000
    if (
        crs.family in RF
        and crs.method != "other"
        and not (crs.family == "wgs84" and crs.method == "tmerc" and not utm48)
    ):
        return crs
    raise CrsNotAccepted(name=crs.name)


def _with(crs: Crs, more: str) -> Crs:
    """The system with what is said behind it: axes exchanged, or positions shifted."""
    words = [word.strip().upper().replace("-", "") for word in more.split("+")]
    shifts = [name for name in SHIFTS if name.replace("-", "") in words]
    if len(shifts) > 1:
        raise ValueError(more)
    crs = replace(crs, shift=shifts[0]) if shifts else crs
    crs = exchanged(crs) if "YX" in words else crs
    return replace(crs, code=f"{crs.code}+{crs.shift}") if crs.shift else crs


def exchanged(crs: Crs) -> Crs:
    """The same system with north before east."""
    return replace(crs, code=f"{crs.code}+YX" if crs.code else "", swapped=True)


def inverse(xy: Float64, source: Crs) -> Float64:
    """Coordinates (n, 2) east, north of ``source`` → longitude, latitude in degrees.

    What is no place in the system comes back as ``inf``: a projection formula would wrap a
    northing of twenty thousand kilometres round the pole and call it a place.
    """
    if source.swapped:
        xy = xy[:, ::-1]
    limit_x, limit_y = _REACH[source.method]
    shift = np.array([source.false_easting_m, source.false_northing_m])
    with np.errstate(invalid="ignore"):
        place = (np.abs(xy - shift) <= (limit_x, limit_y)).all(axis=1)
    if source.degrees and source.shift is None:
        return xy if place.all() else np.where(place[:, None], xy, np.inf)
    if source.degrees:
        lonlat = xy
    else:
        lonlat = np.column_stack(_projection(source)(xy[:, 0], xy[:, 1], inverse=True))
    if source.shift is not None:
        lonlat = SHIFTS[source.shift].back(lonlat)
    return np.where(place[:, None], lonlat, np.inf)


def forward(lonlat: Float64, target: Crs) -> Float64:
    """Longitude, latitude (n, 2) in degrees → east, north in ``target``."""
    if target.shift is not None:
        lonlat = SHIFTS[target.shift].there(lonlat)
    if not target.degrees:
        lonlat = np.column_stack(_projection(target)(lonlat[:, 0], lonlat[:, 1]))
    return lonlat[:, ::-1] if target.swapped else lonlat


@cache
def known(epsg: int) -> Crs:
    """A registered system by number, parsed once."""
    return parse(f"EPSG:{epsg}")


def _take_apart(crs: "CRS") -> Crs:
    """Datum family and plain projection numbers of a parsed description."""
    if crs.is_bound and crs.source_crs is not None:  # a TOWGS84 clause is not believed
        crs = crs.source_crs
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    epsg = crs.to_epsg(min_confidence=70)
    base = Crs(
        code=f"EPSG:{epsg}" if epsg else "",
        name=crs.name,
        family=_family(crs),
        method="geographic" if crs.is_geographic else "other",
        wkt=crs.to_wkt("WKT1_ESRI") if epsg else "",
    )
    operation = crs.coordinate_operation
    if not crs.is_projected or operation is None or not _in_metres(crs):
        return base
    given = {p.name: float(p.value) * _to_base(p.unit_name) for p in operation.params}
    method: Method = "other"
    if operation.method_name == "Transverse Mercator":
        method = "tmerc"
    elif operation.method_name == "Popular Visualisation Pseudo Mercator":
        method = "webmerc"
    return Crs(
        code=base.code,
        name=base.name,
        family=base.family,
        method=method,
        central_meridian=given.get("Longitude of natural origin", 0.0),
        origin_latitude=given.get("Latitude of natural origin", 0.0),
        scale=given.get("Scale factor at natural origin", 1.0),
        false_easting_m=given.get("False easting", 0.0),
        false_northing_m=given.get("False northing", 0.0),
        wkt=base.wkt,
    )


def _in_metres(crs: "CRS") -> bool:
    return all(axis.unit_conversion_factor == 1 for axis in crs.axis_info)


def _to_base(unit: str) -> float:
    """Only degrees, metres and unity occur in what is accepted; anything else reads as nan."""
    return 1.0 if unit in ("degree", "Degree", "metre", "Meter", "meter", "unity") else np.nan


def _family(crs: "CRS") -> Family:
    """Family by the datum's name, held against its ellipsoid."""
    geodetic = crs.geodetic_crs
    if geodetic is None or geodetic.datum is None or geodetic.ellipsoid is None:
        return "other"
    name = re.sub(r"[\W_]+", "", f"{geodetic.datum.name} {geodetic.name}").casefold()
    family: Family = next((found for word, found in _DATUM_WORDS if word in name), "other")
    if family in RF:
        ellipsoid = geodetic.ellipsoid
        same = (
            abs(ellipsoid.semi_major_metre - _SEMI_MAJOR_M) < 1e-3
            and abs(ellipsoid.inverse_flattening - RF[family]) < 1e-6
        )
        return family if same else "other"
    return family


_LOCAL = threading.local()


def _projection(crs: Crs) -> "Proj":
    """PROJ's projection for these numbers; one object a thread, as PROJ asks for."""
    from pyproj import Proj

    cache: dict[Crs, Proj] = _LOCAL.__dict__.setdefault("projections", {})
    if crs not in cache:
        if crs.method == "webmerc":
            parameters: dict[str, object] = {"proj": "webmerc", "datum": "WGS84"}
        else:
            parameters = {
                "proj": "tmerc",
                "lat_0": crs.origin_latitude,
                "lon_0": crs.central_meridian,
                "k_0": crs.scale,
                "x_0": crs.false_easting_m,
                "y_0": crs.false_northing_m,
                "a": _SEMI_MAJOR_M,
                "rf": RF[crs.family],
            }
        cache[crs] = Proj(parameters)
    return cache[crs]


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"
