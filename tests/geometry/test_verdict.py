"""Which system a file is taken in: what is borne out or singled out; a person decides the rest."""

import numpy as np
import pytest
import shapely

from georeview.errors.coordinates import (
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
from tests.geometry.land import CITY, LAND, RIVER, in_system, stated_counties


def codes(refusal):
    return [name.split(" ")[0] for name in str(refusal.facts["candidates"]).split(", ")]


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
