import numpy as np
import pyproj
import pytest
import shapely
from shapely import box

from tests.overlay.scene import at, feature, layers, one, overlay

COUNTIES = layers(
    county=[
        feature(box(-500, -500, 0, 500), "511903", "恩阳区"),
        feature(box(0, -500, 500, 500), "511902", "巴州区"),
    ]
)


def approx(value, abs=0.01):  # noqa: A002  pytest's own name
    return pytest.approx(value, abs=abs)


def test_own_measures():
    plot = shapely.MultiPolygon([box(0, 0, 30, 20), box(50, 0, 60, 10)])
    facts = one(plot, {})
    assert facts["area_m2"] == approx(700)
    assert facts["perimeter_m"] == approx(140)
    assert facts["parts"] == 2
    west, south, east, north = facts["bbox"]
    lon, lat = facts["point_on_surface"]
    assert west < lon < east
    assert south < lat < north
    assert facts["overlay"] == {}
    assert facts["county"] is facts["river"] is facts["township"] is None


def test_area_is_geodesic_far_from_the_central_meridian():
    wkb = at(box(0, 0, 200, 100), east=-150_000)
    area, length = pyproj.Geod(a=6_378_137, rf=298.257222101).geometry_area_perimeter(
        shapely.from_wkb(wkb)
    )
    facts = one(wkb, {})
    assert facts["area_m2"] == pytest.approx(abs(area), rel=1e-6)
    assert facts["perimeter_m"] == pytest.approx(length, rel=1e-6)
    assert facts["area_m2"] < 20_000 * 0.9996


def test_share_inside_and_features_by_size():
    made = layers(
        water=[
            feature(box(0, 0, 10, 100), "small"),
            feature(box(10, 0, 40, 100), "large"),
            feature(box(900, 0, 910, 10), "elsewhere"),
        ]
    )
    water = one(box(-10, 0, 30, 10), made)["overlay"]["water"]
    assert water["in_m2"] == approx(300)
    assert water["in_share"] == approx(0.75, 1e-6)
    assert [(f["code"], f["m2"]) for f in water["features"]] == [
        ("large", approx(200)),
        ("small", approx(100)),
    ]
    assert (water["layer"], water["version"]) == ("water-id", "v1")
    assert water["computed_at"] == "2023-04-28T02:00:00+00:00"


def test_overlapping_features_count_once_in_the_sum_and_each_in_the_list():
    made = layers(mgmt_area=[feature(box(0, 0, 100, 100), "a"), feature(box(0, 0, 50, 100), "b")])
    area = one(box(20, 20, 40, 40), made)["overlay"]["mgmt_area"]
    assert area["in_m2"] == approx(400)
    assert area["in_share"] == 1
    assert [f["code"] for f in area["features"]] == ["a", "b"]


def test_a_large_winding_area_is_the_same_as_in_one_piece():
    turn = np.linspace(0, 2 * np.pi, 3_000, endpoint=False)
    radius = 400 + 30 * np.sin(60 * turn)
    star = shapely.Polygon(np.column_stack([radius * np.cos(turn), radius * np.sin(turn)]))
    plots = [box(x, y, x + 60, y + 60) for x in range(-480, 480, 60) for y in range(-480, 480, 60)]
    table = overlay(plots, layers(water=[feature(star, "w")]))
    expected = shapely.area(shapely.intersection(plots, star))
    assert np.abs(table.areas["water"].in_m2 - expected).max() < 0.01


def test_zones_sum_by_kind_and_name_the_main_one():
    made = layers(
        shore_zone=[
            feature(box(0, 0, 10, 10), "z1", zone="protect"),
            feature(box(10, 0, 14, 10), "z2", zone="reserve"),
            feature(box(14, 0, 17, 10), "z3", zone="protect"),
        ]
    )
    zones = one(box(0, 0, 20, 10), made)["overlay"]["shore_zone"]
    assert zones["zones"] == {"protect": approx(0.65, 1e-6), "reserve": approx(0.2, 1e-6)}
    assert (zones["zone"], zones["zone_share"]) == ("protect", approx(0.65, 1e-6))
    assert zones["outside_m2"] == approx(30)


def test_county_by_largest_share():
    facts = one(box(-10, 0, 30, 10), COUNTIES)
    assert facts["county"]["code"] == "511902"
    assert facts["county"]["name"] == "巴州区"
    assert facts["county"]["share"] == approx(0.75, 1e-6)
    assert [s["code"] for s in facts["county"]["shares"]] == ["511902", "511903"]
    assert facts["multi_county"]


def test_equal_shares_go_by_code():
    assert one(box(-10, 0, 10, 10), COUNTIES)["county"]["code"] == "511902"


@pytest.mark.parametrize(("over_m", "several"), [(0.5, False), (1.5, True), (0.0, False)])
def test_a_sliver_in_the_next_county_is_not_several(over_m, several):
    facts = one(box(-over_m, 0, 60, 10), COUNTIES)
    assert facts["multi_county"] is several


def test_outside_every_county_is_null_and_kept():
    facts = one(box(900, 0, 930, 10), COUNTIES)
    assert facts["county"] is None
    assert facts["area_m2"] == approx(300)


def test_counties_that_overlap_or_leave_gaps():
    made = layers(
        county=[feature(box(0, 0, 30, 10), "1"), feature(box(20, 0, 40, 10), "2")],
        town=[feature(box(0, 0, 12, 10), "1001")],
    )
    facts = one(box(0, 0, 50, 10), made)
    assert [(s["code"], s["m2"]) for s in facts["county"]["shares"]] == [
        ("1", approx(300)),
        ("2", approx(200)),
    ]
    assert facts["township"]["share"] == approx(0.24, 1e-6)


def test_a_point_has_a_position_but_no_area():
    made = COUNTIES | layers(water=[feature(box(0, 0, 30, 10), "w")])
    facts = one(shapely.Point(5, 5), made)
    assert facts["is_point"]
    assert facts["area_m2"] is facts["perimeter_m"] is None
    assert facts["overlay"]["water"]["in_m2"] is None
    assert facts["overlay"]["water"]["touches"]
    assert facts["county"] == facts["county"] | {"code": "511902", "share": 1.0}
    assert not facts["multi_county"]


def test_a_point_on_the_county_line_goes_by_code():
    assert one(shapely.Point(0, 5), COUNTIES)["county"]["code"] == "511902"
