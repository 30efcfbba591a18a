import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.geometry.grid import tile_range
from georeview.imagery.display import Tone, grid_for, zoom_for


@pytest.mark.parametrize(
    ("pixel_m", "zoom"), [(0.05, 22), (0.5, 18), (2.0, 16), (10.0, 14), (30.0, 12)]
)
def test_a_scene_is_shown_nearly_pixel_for_pixel(pixel_m, zoom):
    assert zoom_for(pixel_m, 31.6) == zoom


@given(
    west=st.floats(106.3, 107.7),
    south=st.floats(31.2, 32.6),
    wide=st.floats(1e-4, 0.3),
    high=st.floats(1e-4, 0.3),
    zoom=st.integers(8, 18),
)
def test_every_overview_begins_on_a_tile_and_everything_is_covered(west, south, wide, high, zoom):
    bounds = (west, south, west + wide, south + high)
    grid = grid_for(bounds, zoom)
    columns, rows = tile_range(bounds, zoom)
    assert grid.column <= columns.start
    assert grid.column + grid.columns >= columns.stop
    assert grid.row <= rows.start
    assert grid.row + grid.rows >= rows.stop
    for side in (grid.column, grid.row, grid.columns, grid.rows):
        assert side % 2**grid.levels == 0
    # The coarsest overview is small, and little of the file is padding.
    assert max(len(columns), len(rows)) / 2**grid.levels <= 2
    assert grid.columns <= 2 * (len(columns) + 2**grid.levels)


@given(low=st.floats(0, 3000), room=st.floats(1, 3000), share=st.floats(-2, 3))
def test_a_tone_is_never_empty_and_rises(low, room, share):
    tone = Tone.of(low, low + room)
    here, brighter = tone.shown(np.array([low + share * room, low + (share + 0.01) * room]))
    assert 1 <= here <= brighter <= 255


def test_what_is_brighter_than_the_stretch_is_not_all_white():
    tone = Tone.of(100, 300)
    dark, middle, edge, heap = tone.shown(np.array([100.0, 200.0, 300.0, 340.0]))
    assert 5 < dark < 25
    assert 110 < middle < 140
    assert 195 < edge < heap < 250
