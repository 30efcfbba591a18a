"""What speaks for a system: numbers, rows and rivers, each with its sentence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview import texts
from georeview.geometry import crs
from tests.geometry.land import CITY, LAND, in_system, stated_counties


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
