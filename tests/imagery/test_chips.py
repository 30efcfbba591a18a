import io

import numpy as np
import pytest
import shapely
from PIL import Image

from georeview.imagery import chips
from tests.imagery.rasters import ground, square, write

SIZE = (360, 240)


@pytest.fixture
def display(scene, tmp_path):
    """A grey scene of 1,200 m with a black quarter in its north-west."""
    values = np.full((4, 600, 600), 500, dtype="uint16")
    values += (ground((600, 600)) / 50).astype("uint16")
    values[:, :300, :300] = 100
    roles = ("blue", "green", "red", "nir")
    return scene(write(tmp_path / "a.tif", values, roles=roles))[1] / "display.tif"


def drawn(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def is_yellow(picture):
    red, green, blue = np.moveaxis(picture, -1, 0)
    return (red > 170) & (green > 140) & (blue < 130)


def test_the_outline_stands_in_the_middle_at_its_true_size(handles, display):
    picture = drawn(chips.chip(handles, display, shapely.to_wkb(square(350, 350, 100)), SIZE))
    assert picture.shape == (240, 360, 3)
    rows, columns = np.nonzero(is_yellow(picture))
    # 200 m in a window of 360 m whose shorter side is 240 pixels high.
    assert (rows.max() - rows.min()) == pytest.approx(240 / 1.8, abs=5)
    assert (columns.max() - columns.min()) == pytest.approx(240 / 1.8, abs=5)
    assert (rows.max() + rows.min()) / 2 == pytest.approx(120, abs=2)
    assert (columns.max() + columns.min()) / 2 == pytest.approx(180, abs=2)


def test_north_is_up_and_the_ground_is_where_it_should_be(handles, display):
    picture = drawn(chips.chip(handles, display, shapely.to_wkb(square(290, 290, 20)), SIZE))
    dark = picture.sum(axis=2) < 150
    assert dark[20:100, 40:150].mean() > 0.95
    assert dark[20:100, 210:340].mean() < 0.05
    assert dark[140:200, 40:150].mean() < 0.05


def test_a_small_plot_and_a_point_get_a_hundred_metres_of_ground(handles, display):
    for plot in (square(400, 400, 3), shapely.Point(square(400, 400, 3).centroid)):
        flat, stretch = chips._on_map(shapely.to_wkb(plot))
        west, north, east, south = chips.window(flat, stretch, SIZE)
        assert (north - south) / stretch == pytest.approx(100, rel=0.01)
        assert (east - west) / (north - south) == pytest.approx(1.5)
    point = shapely.to_wkb(shapely.Point(square(400, 400, 3).centroid))
    rows, _ = np.nonzero(is_yellow(drawn(chips.chip(handles, display, point, SIZE))))
    assert rows.max() - rows.min() == pytest.approx(2 * 20 * 2.4, abs=5)


def test_several_parts_and_holes_are_all_drawn(handles, display):
    ring = square(400, 400, 60).difference(square(420, 420, 20))
    plot = shapely.MultiPolygon([ring, square(480, 400, 20)])
    single = is_yellow(drawn(chips.chip(handles, display, shapely.to_wkb(plot), SIZE))).sum()
    without = shapely.MultiPolygon([square(400, 400, 60), square(480, 400, 20)])
    less = is_yellow(drawn(chips.chip(handles, display, shapely.to_wkb(without), SIZE))).sum()
    assert single > less * 1.1


def test_a_scene_that_does_not_reach_gives_no_picture(handles, display):
    for plot in (square(700, 100, 20), square(5_000, 5_000, 20), square(-40, 100, 20)):
        assert chips.chip(handles, display, shapely.to_wkb(plot), SIZE) is None


def test_a_plot_at_the_edge_is_shown_with_empty_ground(handles, display):
    picture = drawn(chips.chip(handles, display, shapely.to_wkb(square(560, 400, 30)), SIZE))
    assert np.abs(picture[60:100, 340:] - (229, 232, 228)).max() < 12


def test_a_plot_larger_than_the_scene_costs_no_more(handles, display):
    huge = square(-40_000, -40_000, 90_000)
    picture = drawn(chips.chip(handles, display, shapely.to_wkb(huge), SIZE))
    assert picture.shape == (240, 360, 3)
