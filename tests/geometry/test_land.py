"""Counties and rivers as evidence."""

import numpy as np
import pytest
import shapely

from georeview.geometry.land import County, Land

LAND = Land(
    counties=(
        County("511921", "通江县", shapely.to_wkb(shapely.box(107.0, 31.2, 107.8, 32.8))),
        County("511902", "巴州区", shapely.to_wkb(shapely.box(106.3, 31.2, 107.0, 32.8))),
    ),
    rivers=(
        shapely.to_wkb(
            shapely.segmentize(shapely.LineString([(106.3, 31.8), (107.8, 31.8)]), 0.01)
        ),
        shapely.to_wkb(shapely.box(107.1, 31.4, 107.2, 31.5)),
    ),
)


def test_places_find_their_county_and_the_lower_code_wins_a_border():
    places = np.array([[106.5, 32], [107.5, 32], [107.0, 32], [100.0, 32], [np.nan, 32]])
    assert LAND.county_at(places).tolist() == ["511902", "511921", "511902", None, None]


def test_rivers_reach_as_far_as_their_geometry_says():
    metre = 1 / 110_900
    places = np.array(
        [
            [106.5, 31.8 + 140 * metre],  # a centreline stands for a river of some width
            [106.5, 31.8 + 160 * metre],
            [107.15, 31.45],  # a management area is the river and its banks
            [107.15, 31.5 + 25 * metre],
            [107.15, 31.5 + 40 * metre],
            [np.inf, 31.8],
        ]
    )
    assert LAND.near_river(places).tolist() == [True, False, True, True, False, False]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("511921", "511921"),
        ("511921001", "511921"),
        ("通江", "511921"),
        ("巴中市巴州区", "511902"),
        (" 巴州区 ", "511902"),
        ("县", None),
        ("510100", None),
        ("", None),
    ],
)
def test_counties_are_known_by_code_or_name(text, code):
    assert LAND.county_named(text) == code


def test_no_land_says_nothing():
    places = np.array([[106.5, 32.0]])
    assert Land().near_river(places).tolist() == [False]
    assert Land().county_at(places).tolist() == [None]
