import numpy as np
import pyproj
import shapely
from hypothesis import given
from hypothesis import strategies as st

from georeview.geometry import measure

GEOD = pyproj.Geod(a=6_378_137.0, rf=298.257222101)

places = st.tuples(st.floats(106.3, 107.8), st.floats(31.2, 32.8))
outlines = st.lists(st.floats(0.5, 1.0), min_size=3, max_size=30)


def _blob(place, radii, size_m):
    turn = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    step = np.array(radii)[:, None] * np.column_stack([np.cos(turn), np.sin(turn)]) * size_m / 2
    return shapely.Polygon(np.array(place) + step / [94_500.0, 110_900.0])


@given(places, outlines, st.floats(20, 300))
def test_area_and_perimeter_agree_with_geodesics(place, radii, size_m):
    blob = _blob(place, radii, size_m)
    area, perimeter = GEOD.geometry_area_perimeter(blob)
    found = measure.area(np.array([blob]))[0]
    # Geod itself rounds longitudes to 1e-14 degrees, which is 1e-4 m² at this latitude
    assert abs(found - abs(area)) < 1e-6 * abs(area) + 2e-4
    assert abs(measure.perimeter(np.array([blob]))[0] / perimeter - 1) < 1e-6


@given(places, st.floats(0, 360), st.floats(1, 50_000))
def test_distance_agrees_with_geodesics(place, azimuth, distance):
    lon, lat, _ = GEOD.fwd(*place, azimuth, distance)
    assert abs(measure.distance_m(*place, lon, lat) - distance) < 1e-6 + 1e-8 * distance


@given(places)
def test_point_scale_agrees_with_proj(place):
    plane = measure.to_plane(np.array([shapely.Point(place)]))
    factors = pyproj.Proj("EPSG:4545").get_factors(*place)
    assert abs(measure.scale(shapely.get_coordinates(plane))[0] - factors.meridional_scale) < 1e-9


def test_plane_and_back():
    geoms = np.array([shapely.Point(106.75, 31.86), None], dtype=object)
    back = measure.from_plane(measure.to_plane(geoms))
    assert shapely.distance(back[0], geoms[0]) < 1e-11
    assert back[1] is None


def test_points_have_no_area_and_missing_ones_no_number():
    found = measure.area(np.array([shapely.Point(106.75, 31.86), shapely.Polygon(), None]))
    assert found[:2].tolist() == [0.0, 0.0]
    assert np.isnan(found[2])
