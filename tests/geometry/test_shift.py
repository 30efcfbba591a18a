"""The shifted systems of phone maps: how far, which way, and back."""

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.geometry.shift import SHIFTS

GRID = np.stack(np.meshgrid(np.linspace(106.3, 107.8, 40), np.linspace(31.2, 32.8, 40)), axis=-1)
CITY = GRID.reshape(-1, 2)


@pytest.mark.parametrize(
    ("name", "metres", "azimuth"),
    [("GCJ-02", (442, 511), (114, 128)), ("BD-09", (1_045, 1_170), (64, 72))],
)
def test_each_moves_the_city_by_its_known_vector(name, metres, azimuth):
    moved = SHIFTS[name].there(CITY)
    bearing, _, length = pyproj.Geod(ellps="GRS80").inv(*CITY.T, *moved.T)
    assert metres[0] <= length.min() <= length.max() <= metres[1]
    assert azimuth[0] <= bearing.min() <= bearing.max() <= azimuth[1]


@pytest.mark.parametrize("name", SHIFTS)
@given(lon=st.floats(74, 134), lat=st.floats(4, 53))
def test_there_and_back_is_nothing(name, lon, lat):
    place = np.array([[lon, lat]])
    shift = SHIFTS[name]
    assert np.abs(shift.back(shift.there(place)) - place).max() < 1e-9
