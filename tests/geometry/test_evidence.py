"""Which system coordinates are in: numbers, rows and rivers speak, a person decides the rest."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from georeview import texts
from georeview.errors import (
    AxesSwapped,
    CrsContradicted,
    CrsIsDegrees,
    CrsIsMetres,
    CrsMissing,
    CrsUntold,
    CrsWrongZone,
    OutsideArea,
    ZonePrefixExtra,
    ZonePrefixMissing,
)
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


def codes(refusal):
    return [name.split(" ")[0] for name in str(refusal.facts["candidates"]).split(", ")]


@pytest.mark.parametrize("epsg", [4545, 4524, 4523, 4496, 3857])
def test_coordinates_alone_tell_the_zone(epsg):
    (only,) = crs.candidates(in_system(epsg))
    assert (only.crs.code, only.swapped, only.share) == (f"EPSG:{epsg}", False, 1.0)


def test_degrees_are_recognised_in_either_order():
    assert not crs.candidates(CITY)[0].swapped
    (only,) = crs.candidates(CITY[:, ::-1])
    assert only.swapped
    assert only.crs.code == "EPSG:4490+YX"


@pytest.mark.parametrize(("epsg", "twin"), [(4544, 32648), (32648, 4544)])
def test_gauss_krueger_and_utm_are_told_apart_by_stated_positions(epsg, twin):
    xy = in_system(epsg)
    assert len(crs.candidates(xy)) == 2
    stated = CITY.copy()
    stated[::3] = np.nan
    first, second = crs.candidates(xy, crs.CrsHints(lonlat=stated))
    assert (first.crs.code, second.crs.code) == (f"EPSG:{epsg}", f"EPSG:{twin}")
    assert first.off_m < 1
    assert 1_380 < second.off_m < 1_450
    assert crs.choose(xy, None, crs.CrsHints(lonlat=stated)) == first.crs


@pytest.mark.parametrize("epsg", [4544, 32648])
def test_rivers_rank_candidates_and_decide_nothing(epsg):
    xy = in_system(epsg, RIVER)
    hints = crs.CrsHints(land=LAND)
    first, second = crs.candidates(xy, hints)
    assert first.crs.code == f"EPSG:{epsg}"
    assert (first.near_river, second.near_river) == (1.0, 0.0)
    with pytest.raises(CrsMissing) as refused:
        crs.choose(xy, None, hints)
    assert codes(refused.value)[0] == f"EPSG:{epsg}"


def test_a_declared_system_that_leaves_the_river_is_doubted():
    found = crs.weigh(in_system(4544, RIVER), crs.known(32648), crs.CrsHints(land=LAND))
    assert found.crs == crs.known(32648)
    assert found.doubt.crs.code == "EPSG:4544"
    assert crs.weigh(in_system(4544), crs.known(4544), crs.CrsHints(land=LAND)).doubt is None


def stated_counties(lonlat):
    return np.where(lonlat[:, 0] < 107.0, "511902", "511921").astype(object)


def test_stated_counties_single_a_system_out():
    # Plots just inside their counties: the 1.4 km between the two systems carry them across.
    edge = np.column_stack([np.linspace(106.5, 106.9, 40), np.full(40, 31.795)])
    land = Land((County("511902", "巴州区", shapely.to_wkb(shapely.box(106, 31.2, 108, 31.8))),))
    hints = crs.CrsHints(counties=np.full(40, "511902", dtype=object), land=land)
    found = crs.weigh(in_system(4544, edge), None, hints)
    assert (found.crs.code, found.by) == ("EPSG:4544", "evidence")
    assert [reason.code for reason in found.because] == ["no_prefix", "inside", "county_agrees"]
    with pytest.raises(CrsContradicted):
        crs.choose(in_system(4544, edge), crs.known(32648), hints)


def test_few_stated_counties_decide_nothing():
    counties = stated_counties(CITY)
    counties[4:] = None
    with pytest.raises(CrsMissing):
        crs.choose(in_system(4545), None, crs.CrsHints(counties=counties, land=LAND))
    counties = stated_counties(CITY)
    assert crs.choose(in_system(4545), None, crs.CrsHints(counties=counties, land=LAND))


def test_the_declared_system_is_taken_when_the_numbers_agree():
    for epsg in (4490, 4326, 4545, 4524, 4544, 4523, 4507, 4496, 32648, 3857):
        assert crs.choose(in_system(epsg), crs.known(epsg)) == crs.known(epsg)


def test_a_missing_declaration_names_what_would_fit():
    with pytest.raises(CrsMissing) as refused:
        crs.choose(in_system(4544), None)
    assert codes(refused.value) == ["EPSG:4544", "EPSG:32648"]


@pytest.mark.parametrize(
    ("true", "declared", "kind", "fits"),
    [
        (4490, 3857, CrsIsDegrees, ["EPSG:4490"]),
        (4490, 4545, CrsIsDegrees, ["EPSG:4490"]),
        (4545, 4490, CrsIsMetres, ["EPSG:4545"]),
        (3857, 4490, CrsIsMetres, ["EPSG:3857"]),
        (4545, 4524, ZonePrefixMissing, ["EPSG:4545"]),
        (4524, 4545, ZonePrefixExtra, ["EPSG:4524"]),
        (4545, 4546, CrsWrongZone, ["EPSG:4545"]),
        (4545, 4544, CrsWrongZone, ["EPSG:4545"]),
        (4524, 4523, CrsWrongZone, ["EPSG:4524"]),
        (4544, 4545, CrsWrongZone, ["EPSG:4544", "EPSG:32648"]),
        (3857, 4545, CrsContradicted, ["EPSG:3857"]),
    ],
)
def test_each_false_declaration_has_a_sentence_of_its_own(true, declared, kind, fits):
    with pytest.raises(CrsContradicted) as refused:
        crs.choose(in_system(true), crs.known(declared))
    assert type(refused.value) is kind
    assert codes(refused.value) == fits


def test_a_declaration_that_stated_positions_deny_is_refused():
    with pytest.raises(CrsContradicted) as refused:
        crs.choose(in_system(32648), crs.known(4544), crs.CrsHints(lonlat=CITY))
    assert codes(refused.value) == ["EPSG:32648"]


@pytest.mark.parametrize("declared", [None, 4545, 4490])
@pytest.mark.parametrize("epsg", [4545, 4490])
def test_swapped_axes_are_named_and_can_be_read(epsg, declared):
    xy = in_system(epsg)[:, ::-1]
    with pytest.raises(AxesSwapped) as refused:
        crs.choose(xy, None if declared is None else crs.known(declared))
    offer = crs.parse(str(refused.value.facts["offer"]))
    assert offer.code == f"EPSG:{epsg}+YX"
    assert crs.choose(xy, offer) == offer
    assert np.abs(crs.inverse(xy, offer) - CITY).max() < 1e-9


def test_what_lies_nowhere_near_is_refused():
    with pytest.raises(OutsideArea) as refused:
        crs.choose(CITY + 9.0, crs.known(4490))
    assert refused.value.facts["lon"].startswith("116.")
    with pytest.raises(CrsUntold) as untold:
        crs.choose(CITY + 9.0, None)
    assert untold.value.facts["x"].startswith("116.")


def test_another_city_may_be_expected():
    hints = crs.CrsHints(expected=(115.0, 40.0, 117.5, 42.0))
    assert crs.choose(CITY + 9.0, crs.known(4490), hints)


@given(
    st.sampled_from([4490, 4545, 4524, 4544, 4523, 4496, 32648, 3857]), st.booleans(), st.booleans()
)
def test_every_reason_has_its_sentence(epsg, swapped, right):
    xy = in_system(epsg)
    hints = crs.CrsHints(
        lonlat=CITY if right else CITY + 0.1,
        counties=stated_counties(CITY if right else 214 - CITY),
        land=LAND,
    )
    found = crs.candidates(xy[:, ::-1] if swapped else xy, hints)
    assert any(candidate.crs.code.startswith(f"EPSG:{epsg}") for candidate in found)
    for candidate in found:
        for reason in candidate.because:
            for lang in texts.LANGS:
                assert texts.say(f"crs.because.{reason.code}", lang, **reason.facts)
