"""Tiles against shapely: the same plots, the same areas, nothing between tiles is lost."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from georeview.geometry.grid import tile_bounds, tile_range, unmercator
from georeview.tiles.layer import LayerTiles
from georeview.tiles.mvt import varint, varints
from georeview.tiles.pyramid import ranges
from tests.tiles.arrays import tiles_of_plots
from tests.tiles.decoder import decode


def plots(n: int, seed: int, spread: float = 0.05) -> np.ndarray:
    rng = np.random.default_rng(seed)
    at = np.column_stack([107.1 + rng.normal(0, spread, n), 31.56 + rng.normal(0, spread, n)])
    turns = np.sort(rng.uniform(0, 2 * np.pi, (n, 9)), axis=1)
    size = rng.lognormal(np.log(1.5e-4), 0.5, (n, 9))
    rings = at[:, None, :] + np.stack([np.cos(turns), np.sin(turns)], 2) * size[:, :, None]
    shapes = shapely.make_valid(shapely.polygons(rings), method="structure")
    return shapes[shapely.area(shapes) > 1e-9]


def tiles_of(shape_bounds, z):
    columns, rows = tile_range(shape_bounds, z)
    return [(z, x, y) for x in columns for y in rows]


@pytest.mark.parametrize("z", [13, 15, 17])
def test_a_tile_holds_the_plots_that_meet_it_with_their_areas(z: int) -> None:
    shapes = plots(300, 1)
    tiles = tiles_of_plots(range(1, len(shapes) + 1), shapely.to_wkb(shapes))
    tree = shapely.STRtree(shapes)
    for tile in tiles_of(shapely.total_bounds(shapes[:20]), z)[:60]:
        west, south, east, north = tile_bounds(*tile)
        lonlat = unmercator(np.array([[west, south], [east, north]])).ravel()
        expected = set((tree.query(shapely.box(*lonlat)) + 1).tolist())
        data = tiles.tile(*tile)
        found = {} if data is None else {f.id: f for f in decode(data)["plots"]}
        assert expected <= set(found)
        unit = (east - west) / 4096
        for number, feature in found.items():
            outer = shapely.transform(shapes[number - 1], _to_metres)
            if feature.kind == 3 and outer.area > 100 * unit**2:
                drawn = sum(_signed(path) for path in feature.paths) * unit**2
                assert drawn == pytest.approx(outer.area, abs=outer.length * unit)


def _to_metres(lonlat):
    from georeview.geometry.grid import mercator

    return mercator(lonlat)


def _signed(path) -> float:
    xy = np.array(path, dtype=float)
    return float(np.sum(xy[:-1, 0] * xy[1:, 1] - xy[1:, 0] * xy[:-1, 1]) / 2)


def test_far_out_plots_are_points_and_each_is_there_once() -> None:
    shapes = plots(500, 2)
    tiles = tiles_of_plots(range(1, len(shapes) + 1), shapely.to_wkb(shapes))
    inside = []
    for tile in tiles_of(shapely.total_bounds(shapes), 12):
        for feature in decode(tiles.tile(*tile) or b"").get("plots", []):
            assert feature.kind == 1
            ((x, y),) = feature.paths[0]
            if 0 <= x < 4096 and 0 <= y < 4096:
                inside.append(feature.id)
    assert sorted(inside) == list(range(1, len(shapes) + 1))


def test_a_crowd_is_counted_in_cells_that_name_their_members() -> None:
    shapes = plots(6000, 3, spread=0.002)
    tiles = tiles_of_plots(range(1, len(shapes) + 1), shapely.to_wkb(shapes))
    members = []
    for tile in tiles_of(shapely.total_bounds(shapes), 8):
        for feature in decode(tiles.tile(*tile) or b"")["plots"]:
            own = _numbers(feature.properties["ids"])
            assert len(own) == feature.properties["n"]
            members += own
    assert sorted(members) == list(range(1, len(shapes) + 1))
    assert len(tiles.tile(8, *_tile_at(8))) < 500_000


def _tile_at(z):
    columns, rows = tile_range((107.1, 31.56, 107.1, 31.56), z)
    return columns[0], rows[0]


def _numbers(text: str) -> list[int]:
    spans = [part.split("-") for part in text.split(",")]
    return [n for span in spans for n in range(int(span[0]), int(span[-1]) + 1)]


@given(st.sets(st.integers(0, 200), min_size=1))
def test_ranges_say_exactly_the_numbers(numbers: set[int]) -> None:
    assert _numbers(ranges(np.array(list(numbers)))) == sorted(numbers)


@given(st.lists(st.integers(0, 2**40), max_size=50))
def test_varints_in_bulk_are_varints_one_by_one(values: list[int]) -> None:
    data, ends = varints(np.array(values, dtype=np.int64))
    assert data == b"".join(varint(value) for value in values)
    assert len(ends) == len(values) + 1


def test_points_holes_and_parts_survive() -> None:
    hole = shapely.Polygon(
        [(107.1, 31.5), (107.102, 31.5), (107.102, 31.502), (107.1, 31.502)],
        [[(107.1005, 31.5005), (107.1015, 31.5005), (107.1015, 31.5015), (107.1005, 31.5015)]],
    )
    two = shapely.MultiPolygon(
        [shapely.box(107.1, 31.505, 107.101, 31.506), shapely.box(107.1, 31.507, 107.101, 31.508)]
    )
    point = shapely.Point(107.101, 31.51)
    tiles = tiles_of_plots([1, 2, 3], shapely.to_wkb([hole, two, point]))
    columns, rows = tile_range((107.1, 31.5, 107.102, 31.51), 15)
    found = {}
    for x in columns:
        for y in rows:
            for feature in decode(tiles.tile(15, x, y) or b"").get("plots", []):
                found[feature.id] = feature
    assert [_signed(path) > 0 for path in found[1].paths] == [True, False]
    assert [_signed(path) > 0 for path in found[2].paths] == [True, True]
    assert found[3].kind == 1


def test_a_plot_smaller_than_a_unit_is_still_drawn() -> None:
    speck = shapely.box(107.1, 31.5, 107.1 + 1e-7, 31.5 + 1e-7)
    tiles = tiles_of_plots([7], shapely.to_wkb([speck]))
    columns, rows = tile_range((107.1, 31.5, 107.1, 31.5), 14)
    (feature,) = decode(tiles.tile(14, columns[0], rows[0]))["plots"]
    assert (feature.id, feature.kind) == (7, 1)


def test_no_plots_no_tile() -> None:
    assert tiles_of_plots([], []).tile(3, 1, 1) is None
    assert LayerTiles.build([], []).tile(3, 1, 1) is None


@settings(max_examples=30)
@given(st.integers(0, 2**20), st.integers(6, 16))
def test_layers_are_clipped_to_the_tile_and_keep_their_area(seed: int, z: int) -> None:
    rng = np.random.default_rng(seed)
    center = shapely.Point(107.1, 31.56)
    big = center.buffer(0.2).difference(
        shapely.Point(*rng.normal([107.1, 31.56], 0.1)).buffer(0.03)
    )
    tiles = LayerTiles.build([shapely.to_wkb(big)], ["管理范围"])
    columns, rows = tile_range((107.12, 31.57, 107.12, 31.57), z)
    x, y = columns[0], rows[0]
    bounds = tile_bounds(z, x, y, 256 / 4096)
    expected = shapely.transform(big, _to_metres).intersection(shapely.box(*bounds)).area
    unit = (bounds[2] - bounds[0]) / (4096 + 512)
    data = tiles.tile(z, x, y)
    drawn = 0.0
    for feature in decode(data or b"").get("features", []):
        assert feature.properties == {"name": "管理范围"}
        for path in feature.paths:
            assert np.array(path).min() >= -257
            assert np.array(path).max() <= 4096 + 257
            drawn += _signed(path) * unit**2
    assert drawn == pytest.approx(expected, rel=0.02, abs=(100 * unit) ** 2)


def test_lines_are_lines() -> None:
    line = shapely.LineString([(107.0, 31.5), (107.1, 31.56), (107.2, 31.5)])
    tiles = LayerTiles.build([shapely.to_wkb(line)], ["巴河"])
    columns, rows = tile_range((107.1, 31.56, 107.1, 31.56), 13)
    (feature,) = decode(tiles.tile(13, columns[0], rows[0]))["features"]
    assert feature.kind == 2
    assert feature.properties["name"] == "巴河"


def test_the_same_plots_give_the_same_bytes_in_any_order() -> None:
    shapes = plots(50, 5)
    wkb = shapely.to_wkb(shapes)
    ids = list(range(1, len(wkb) + 1))
    columns, rows = tile_range(tuple(shapely.total_bounds(shapes)), 10)
    one = tiles_of_plots(ids, wkb).tile(10, columns[0], rows[0])
    other = tiles_of_plots(ids[::-1], wkb[::-1]).tile(10, columns[0], rows[0])
    assert one == other


def _labels(tiles, bounds, z):
    """Features of the labels of all tiles around some bounds."""
    found = []
    for tile in tiles_of(bounds, z):
        found += decode(tiles.tile(*tile) or b"").get("labels", [])
    return found


@pytest.mark.parametrize("z", [7, 10, 13])
def test_an_area_is_named_once_and_inside_itself(z: int) -> None:
    horseshoe = shapely.box(107.0, 31.5, 107.3, 31.8) - shapely.box(107.05, 31.55, 107.25, 31.8)
    tiles = LayerTiles.build([shapely.to_wkb(horseshoe)], ["平昌县"], labelled=True)
    named = []
    for z_, x, y in tiles_of(horseshoe.bounds, z):
        for feature in decode(tiles.tile(z_, x, y) or b"").get("labels", []):
            west, _, east, north = tile_bounds(z_, x, y)
            ((across, down),) = feature.paths[0]
            unit = (east - west) / 4096
            metres = np.array([[west + across * unit, north - down * unit]])
            named.append((feature, shapely.Point(unmercator(metres)[0])))
    ((feature, where),) = named
    assert feature.properties["name"] == "平昌县"
    assert feature.properties["room"] > 0
    assert horseshoe.contains(where)


def test_a_line_is_named_along_its_way() -> None:
    line = shapely.LineString([(106.6, 31.5), (107.6, 31.5)])
    tiles = LayerTiles.build([shapely.to_wkb(line)], ["巴河"], labelled=True)
    near = _labels(tiles, line.bounds, 12)
    assert {feature.properties["angle"] for feature in near} == {"0"}
    assert len(near) == 22  # 11.4 tiles long, two names a tile
    assert _labels(tiles, line.bounds, 5) == []


def test_a_layer_without_names_has_none() -> None:
    area = shapely.box(107.0, 31.5, 107.3, 31.8)
    tiles = LayerTiles.build([shapely.to_wkb(area)], ["管理范围"])
    assert _labels(tiles, area.bounds, 10) == []
