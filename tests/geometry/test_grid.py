import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.geometry import crs, grid

PLACES = np.array([[106.75, 31.86], [107.8, 32.8], [-179.9, -85.0], [0.0, 0.0]])


def test_web_mercator_equals_proj():
    assert np.abs(grid.mercator(PLACES) - crs.forward(PLACES, crs.known(3857))).max() < 1e-6
    assert np.abs(grid.unmercator(grid.mercator(PLACES)) - PLACES).max() < 1e-12


def test_the_first_tile_is_the_world():
    half = 20_037_508.342789244
    assert grid.tile_bounds(0, 0, 0) == pytest.approx((-half, -half, half, half))
    assert grid.tile_bounds_lonlat(0, 0, 0)[3] == pytest.approx(grid.MAX_LATITUDE)


def test_a_buffer_widens_by_a_share_of_the_tile():
    west, south, east, north = grid.tile_bounds(12, 3260, 1667)
    wide = grid.tile_bounds(12, 3260, 1667, buffer=0.25)
    assert wide[0] == pytest.approx(west - (east - west) / 4)
    assert wide[3] == pytest.approx(north + (north - south) / 4)


@given(st.floats(-179.9, 179.9), st.floats(-84.9, 84.9), st.integers(0, 20))
def test_a_place_lies_in_the_tile_found_for_it(lon, lat, zoom):
    columns, rows = grid.tile_range((lon, lat, lon, lat), zoom)
    assert len(columns) == len(rows) == 1
    assert grid.exists(zoom, columns[0], rows[0])
    west, south, east, north = grid.tile_bounds_lonlat(zoom, columns[0], rows[0])
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9


@pytest.mark.parametrize("tile", [(-1, 0, 0), (2, 4, 0), (2, 0, -1), (25, 0, 0)])
def test_tiles_that_do_not_exist(tile):
    assert not grid.exists(*tile)
