"""A layer where a phone map shows it: told by rivers and by county lines, never by chance."""

import numpy as np
import pytest
import shapely

from georeview.geometry import measure
from georeview.geometry.land import County, Land
from georeview.geometry.layer_offset import along, suspect_by_outlines, suspect_by_rivers
from georeview.geometry.shift import SHIFTS
from tests.geometry.test_offset import LAND, winding

RIVER = shapely.LineString(winding(2_000))
PLANE = measure.to_plane(np.array([RIVER]))
(AREA,) = measure.from_plane(shapely.buffer(PLANE, 60.0))
SHAPES = np.array([AREA, shapely.box(106.9, 31.9, 106.901, 31.901)])
COUNTIES = np.array([shapely.box(106.6, 31.5, 107.0, 32.0), shapely.box(107.0, 31.5, 107.4, 32.0)])
KNOWN = Land(
    counties=tuple(County(str(n), "", shapely.to_wkb(one)) for n, one in enumerate(COUNTIES))
)


@pytest.mark.parametrize("name", SHIFTS)
def test_a_shifted_layer_is_told_by_its_river(name):
    found = suspect_by_rivers(shapely.transform(SHAPES, SHIFTS[name].there), LAND)
    assert (found.system, found.stretches) == (name, ())
    assert found.before < 0.4 < 0.9 < found.after
    assert found.moved_m == pytest.approx({"GCJ-02": 475, "BD-09": 1_100}[name], rel=0.05)


@pytest.mark.parametrize("name", SHIFTS)
def test_a_shifted_stretch_is_told_with_its_place(name):
    west, middle = winding(2_000)[500], winding(2_000)[550]

    def moved(lonlat):
        inside = (lonlat[:, 0] > west[0]) & (lonlat[:, 0] < winding(2_000)[600][0])
        return np.where(inside[:, None], SHIFTS[name].there(lonlat), lonlat)

    shapes = shapely.make_valid(shapely.transform(SHAPES, moved))
    found = suspect_by_rivers(shapes, LAND)
    assert found.system == name
    assert {stretch.feature for stretch in found.stretches} == {0}
    longest = found.stretches[0]
    assert longest.length_m > 2_000
    assert abs(longest.lon - middle[0]) < 0.05


def test_a_layer_in_its_place_is_not_suspected():
    assert suspect_by_rivers(SHAPES, LAND) is None
    assert suspect_by_rivers(SHAPES, Land()) is None
    sideways = shapely.transform(SHAPES, lambda xy: xy + np.array([-0.005, 0.002]))
    found = suspect_by_rivers(sideways, LAND)
    assert found is None or found.stretches


@pytest.mark.parametrize("name", SHIFTS)
def test_shifted_townships_are_told_by_the_counties_they_make_up(name):
    towns = np.array([shapely.box(x, 31.5, x + 0.2, 32.0) for x in (106.6, 106.8, 107.0, 107.2)])
    assert suspect_by_outlines(towns, KNOWN) is None
    found = suspect_by_outlines(shapely.transform(towns, SHIFTS[name].there), KNOWN)
    assert (found.system, found.stretches) == (name, ())
    one = shapely.transform(COUNTIES[:1], SHIFTS[name].there)
    assert suspect_by_outlines(one, KNOWN).system == name
    assert suspect_by_outlines(COUNTIES[:1], KNOWN) is None
    assert suspect_by_outlines(towns, Land()) is None


def test_places_lie_evenly_along_every_outline():
    shapes = np.array([shapely.box(107, 31, 108, 32), shapely.LineString([(0, 0), (4, 0)]),
                       shapely.Point(5, 5)])  # fmt: skip
    places, owner = along(shapes, 80)
    assert np.bincount(owner).tolist() == [40, 40, 1]
    assert shapely.distance(shapely.points(places), shapes[owner]).max() < 1e-9
