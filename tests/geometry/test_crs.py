import contextlib
import threading

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from georeview.errors.coordinates import CrsNotAccepted, CrsNotReadable, CrsOldDatum
from georeview.geometry import crs

TAKEN = (4490, 4326, 4545, 4524, 4544, 4523, 4507, 4496, 32648, 3857)
OLD = (2381, 2360, 2380, 2359, 2343, 2332, 2433, 2412, 2432, 2411, 21458, 21418, 4610, 4214)
DIALECTS = ("WKT1_ESRI", "WKT1_GDAL", "WKT2_2015", "WKT2_2019")

CITY = np.column_stack(
    [np.linspace(106.42, 107.68, 60), np.linspace(31.3, 32.7, 60)[np.arange(60) * 7 % 60]]
)


@pytest.mark.parametrize(
    ("lonlat", "east_north"),
    [
        ((106.75, 31.86), (381_700, 3_527_010)),
        ((106.832, 32.354), (390_055, 3_581_707)),
        ((107.243, 31.916), (428_403, 3_532_788)),
        ((107.100, 31.563), (414_554, 3_493_748)),
    ],
)
def test_four_places_in_the_three_degree_zone(lonlat, east_north):
    found = crs.forward(np.array([lonlat]), crs.known(4545))
    assert np.abs(found - east_north).max() < 1


@pytest.mark.parametrize("epsg", TAKEN)
def test_projection_equals_proj_and_comes_back(epsg):
    system = crs.known(epsg)
    base = 4326 if system.family == "wgs84" else 4490
    reference = pyproj.Transformer.from_crs(base, epsg, always_xy=True)
    there = crs.forward(CITY, system)
    assert np.abs(there - np.column_stack(reference.transform(*CITY.T))).max() < 1e-6
    assert np.abs(crs.inverse(there, system) - CITY).max() < 1e-11


@pytest.mark.parametrize("epsg", [*TAKEN, *OLD])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_reads_as_the_number_does(epsg, dialect):
    text = pyproj.CRS.from_epsg(epsg).to_wkt(dialect)
    by_text, by_number = crs.parse(text), crs.known(epsg)
    for part in ("family", "method", "central_meridian", "scale", "false_easting_m"):
        assert getattr(by_text, part) == getattr(by_number, part), part


@pytest.mark.parametrize("epsg", TAKEN)
def test_systems_in_use_are_taken(epsg):
    assert crs.accepted(crs.known(epsg)).code == f"EPSG:{epsg}"


@pytest.mark.parametrize("epsg", OLD)
def test_old_datums_are_refused_by_name(epsg):
    with pytest.raises(CrsOldDatum) as refused:
        crs.accepted(crs.known(epsg))
    assert refused.value.facts["name"]


def test_an_old_datum_is_refused_with_towgs84_too():
    text = pyproj.CRS.from_epsg(2381).to_wkt("WKT1_GDAL")
    shifted = text.replace('SPHEROID["IAG 1975"', 'TOWGS84[1,2,3,0,0,0,0],SPHEROID["IAG 1975"')
    with pytest.raises((CrsOldDatum, CrsNotReadable)):
        crs.accepted(crs.parse(shifted))


@pytest.mark.parametrize("epsg", [32649, 3395, 2154, 4269, 27700])
def test_other_systems_are_not_taken(epsg):
    with pytest.raises(CrsNotAccepted):
        crs.accepted(crs.known(epsg))


def test_a_wrong_ellipsoid_under_a_good_name_is_not_taken():
    text = pyproj.CRS.from_epsg(4490).to_wkt("WKT1_ESRI").replace("298.257222101", "297.0")
    with pytest.raises(CrsNotAccepted):
        crs.accepted(crs.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4490",
        "+proj=longlat +datum=WGS84",
        "http://example.invalid/crs",
        "https://www.opengis.net/def/crs/EPSG/0/4490",
        "/etc/passwd",
        "epsg.prj",
        "EPSG:999999",
        "EPSG:4490+5773",
        "OGC:CRS84",
        "EPSG:4490+XY",
        "EPSG:4490+GCJ-02+BD-09",
        'GEOGCS["broken"',
        'PROJCS["x",' + "A" * 9_000 + "]",
    ],
)
def test_nothing_but_numbers_and_wkt_is_read(text):
    with pytest.raises(CrsNotReadable) as refused:
        crs.parse(text)
    assert len(str(refused.value.facts["text"])) <= 61


@pytest.mark.parametrize(
    ("text", "code", "shift", "swapped"),
    [
        ("GCJ-02", "EPSG:4490+GCJ-02", "GCJ-02", False),
        ("bd09", "EPSG:4490+BD-09", "BD-09", False),
        ("epsg:4545 + yx", "EPSG:4545+YX", None, True),
        ("EPSG:4524+GCJ02+YX", "EPSG:4524+YX+GCJ-02", "GCJ-02", True),
    ],
)
def test_what_no_register_knows_is_said_behind_the_number(text, code, shift, swapped):
    system = crs.parse(text)
    assert (system.code, system.shift, system.swapped) == (code, shift, swapped)
    assert crs.parse(code) == system
    there = crs.forward(CITY, crs.accepted(system))
    assert np.abs(crs.inverse(there, system) - CITY).max() < 1e-9
    plain = crs.forward(CITY, crs.known(int(code[5:9])))
    assert (np.abs(there[:, ::-1] if swapped else there) - plain != 0).any() == (shift is not None)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(CrsNotReadable):
        crs.parse(text)


def test_an_embedded_proj_string_is_not_followed():
    text = pyproj.CRS.from_epsg(4545).to_wkt("WKT1_GDAL")
    sneaky = text.rstrip("]") + ',EXTENSION["PROJ4","+proj=utm +zone=33 +nadgrids=/etc/passwd"]]'
    try:
        system = crs.accepted(crs.parse(sneaky))
    except (CrsNotReadable, CrsNotAccepted):
        return
    assert np.abs(crs.forward(CITY, system) - crs.forward(CITY, crs.known(4545))).max() == 0


def test_heights_go_and_missing_ones_stay_missing():
    east_north = crs.forward(np.array([[106.75, 31.86]]), crs.known(4524))[0]
    geoms = np.array([shapely.Point(*east_north, 300.0), None, shapely.Point(*east_north)])
    high, missing, flat = crs.to_4490(geoms, crs.known(4524))
    for point in (high, flat):
        assert np.abs(np.array(point.coords[0]) - (106.75, 31.86)).max() < 1e-11
    assert missing is None


def test_degrees_pass_unchanged_to_the_last_bit():
    geoms = np.array([shapely.Polygon([(106.1, 31.1), (106.7, 31.3), (106.2, 31.9)])])
    assert shapely.equals_identical(crs.to_4490(geoms, crs.known(4326)), geoms).all()


@pytest.mark.parametrize(
    ("epsg", "place"),
    [(4545, (500_000.0, 1e12)), (4545, (9e6, 3.5e6)), (4490, (200.0, 31.0)), (3857, (3e7, 0.0))],
)
def test_what_is_no_place_comes_back_infinite_and_leaves_the_others_alone(epsg, place):
    good = crs.forward(CITY[:1], crs.known(epsg))[0]
    moved = crs.to_4490(shapely.points([place, good, (np.nan, 1.0)]), crs.known(epsg))
    assert np.isfinite(shapely.get_coordinates(moved)).all(axis=1).tolist() == [False, True, False]


@pytest.mark.parametrize("epsg", crs.EXPORT_CODES)
def test_every_export_system_comes_back_within_a_millimetre(epsg):
    geoms = shapely.polygons([[(106.7, 31.8), (106.701, 31.8), (106.701, 31.802)]])
    back = crs.to_4490(crs.project(geoms, crs.known(epsg)), crs.known(epsg))
    assert shapely.hausdorff_distance(back, geoms)[0] < 1e-10


def test_outside_an_extent():
    geoms = np.array([shapely.Point(106.7, 31.8), shapely.Point(10, 50)])
    assert crs.outside(geoms).tolist() == [False, True]


def test_threads_do_not_share_a_projection():
    wrong = []

    def work(epsg):
        system = crs.known(epsg)
        expected = crs.forward(CITY, system)
        wrong.extend(epsg for _ in range(50) if (crs.forward(CITY, system) != expected).any())

    threads = [threading.Thread(target=work, args=(e,)) for e in (4545, 4524, 3857) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
