import pytest
import shapely
from shapely import box

from tests.overlay.scene import diamond, feature, layers, line, one

# Flows east along the axis, then turns north; a tributary comes in from the south-west.
MAIN = feature(line((-1_000, 0), (0, 0), (1_000, 0), (1_000, 1_000)), "R1", "巴河")
SIDE = feature(line((-1_000, -900), (-200, -300), (0, 0)), "R2", "恩阳河", chain_from=5_000)
RIVERS = layers(river=[MAIN, SIDE])


def river(plot, made=RIVERS):
    return one(plot, made)["river"]


def approx(value):
    return pytest.approx(value, abs=0.002)


@pytest.mark.parametrize(
    ("plot", "name", "distance_m", "bank", "chainage_m"),
    [
        (diamond(500, 40), "巴河", 30, "L", 1_500),
        (diamond(500, -40), "巴河", 30, "R", 1_500),
        (diamond(970, 500), "巴河", 20, "L", 2_500),
        (diamond(1_030, 500), "巴河", 20, "R", 2_500),
        (box(-510, -5, -500, 5), "巴河", 0, "both", 495),
        (shapely.Point(250, 60), "巴河", 60, "L", 1_250),
    ],
)
def test_nearest_centreline_bank_and_chainage(plot, name, distance_m, bank, chainage_m):
    found = river(plot)
    assert found["name"] == name
    assert found["distance_m"] == approx(distance_m)
    assert found["bank"] == bank
    assert found["chainage_m"] == approx(chainage_m)
    assert (found["layer"], found["version"]) == ("river-id", "v1")


def test_chainage_goes_on_from_where_the_centreline_says_it_starts():
    found = river(box(-600, -610, -590, -600))
    assert found["code"] == "R2"
    assert found["chainage_m"] == pytest.approx(5_000 + 500, abs=10)


def test_an_outer_bend_and_the_end_of_the_river_have_a_bank():
    assert river(box(1_030, -40, 1_040, -30))["bank"] == "R"
    assert river(box(960, 1_010, 980, 1_020))["bank"] == "L"


def test_at_a_confluence_the_first_river_of_the_layer_wins():
    assert river(box(-5, -5, 5, 5))["code"] == "R1"
    assert river(box(-5, -5, 5, 5), layers(river=[SIDE, MAIN]))["code"] == "R2"


def test_a_management_polygon_names_the_river():
    plot = box(-140, -30, -130, -20)
    assert river(plot)["code"] == "R1"
    strip = feature(box(-300, -400, 0, -10), "m", river_code="R2")
    named = river(plot, RIVERS | layers(mgmt_area=[strip]))
    assert named["code"] == "R2"
    assert named["distance_m"] == pytest.approx(plot.distance(line((-200, -300), (0, 0))), abs=0.6)


def test_a_name_no_centreline_bears_leaves_the_nearest():
    strip = feature(box(-300, -400, 0, -10), "m", river_code="R9")
    assert river(box(-140, -30, -130, -20), RIVERS | layers(mgmt_area=[strip]))["code"] == "R1"


def test_parts_of_a_river_count_on_without_the_gap():
    parts = shapely.MultiLineString([[(0, 0), (1_000, 0)], [(1_500, 0), (2_500, 0)]])
    found = river(diamond(1_700, 20), layers(river=[feature(parts, "R")]))
    assert found["chainage_m"] == approx(1_200)


def test_no_river_no_fact():
    assert river(box(0, 0, 9, 9), layers(river=[])) is None
    assert river(box(0, 0, 9, 9), {}) is None
