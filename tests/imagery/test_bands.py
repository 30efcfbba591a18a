import pytest

from georeview.imagery.bands import tell


def roles(descriptions, colours=None, sensor=None):
    colours = colours or ["undefined"] * len(descriptions)
    return [role for role, _ in tell(descriptions, colours, sensor)]


def test_descriptions_count_whatever_their_case():
    assert roles(["Blue", "绿", "RED", "near_infrared", "QA_PIXEL"]) == [
        "blue",
        "green",
        "red",
        "nir",
        "qa",
    ]


def test_colour_interpretation_makes_a_picture():
    told = tell([None] * 4, ["red", "green", "blue", "alpha"], None)
    assert told == (
        ("red", "colour"),
        ("green", "colour"),
        ("blue", "colour"),
        ("alpha", "colour"),
    )


@pytest.mark.parametrize("sensor", ["GF-1", "gf1", "GF-1D", "ZY-3", "GF 2"])
def test_a_known_sensor_tells_the_order_of_unnamed_bands(sensor):
    assert roles([None] * 4, sensor=sensor) == ["blue", "green", "red", "nir"]


@pytest.mark.parametrize(
    ("descriptions", "sensor"),
    [([None] * 4, None), ([None] * 4, "无名卫星"), ([None] * 3, "GF-1"), (["B1", "B2"], "GF-1")],
)
def test_nobody_says_so_nobody_knows(descriptions, sensor):
    assert roles(descriptions, sensor=sensor) == [None] * len(descriptions)


def test_a_sensor_does_not_overrule_a_band_that_is_named():
    assert roles(["red", None, None, None], sensor="GF-1") == ["red", None, None, None]


def test_a_role_told_twice_tells_nothing():
    assert roles(["red", "red", "green"]) == [None, None, "green"]
