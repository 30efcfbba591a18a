"""Plots as arrays on disk: one set for all viewers, each cutting what is theirs."""

from pathlib import Path

import numpy as np
import pytest
import shapely

from georeview.geometry.grid import tile_range
from georeview.tiles import shapes
from georeview.tiles.pyramid import PlotTiles
from tests.tiles.arrays import arrays, tiles_of_plots


def some_plots(n: int) -> list[bytes]:
    rng = np.random.default_rng(n)
    spots = np.column_stack([rng.uniform(107.0, 107.2, n), rng.uniform(31.5, 31.7, n)])
    turned = [shapely.Point(spot) for spot in spots[::10]]
    areas = [shapely.Point(spot).buffer(rng.uniform(1e-4, 9e-4), quad_segs=2) for spot in spots]
    return list(shapely.to_wkb([*areas, *turned]))


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_the_size_of_the_chunks_does_not_show(chunk: int) -> None:
    wkb = some_plots(60)
    ids = range(3, 3 + len(wkb))
    whole, parts = arrays(ids, wkb), arrays(ids, wkb, chunk)
    for name in shapes.PlotShapes.__slots__:
        assert np.array_equal(getattr(whole, name), getattr(parts, name)), name


@pytest.mark.parametrize("z", [8, 12, 13, 16])
def test_a_viewer_gets_the_tiles_of_what_they_see(z: int) -> None:
    """Cut from the arrays of all plots, byte for byte what those plots alone would give."""
    wkb = some_plots(200)
    numbers = np.arange(11, 11 + len(wkb))
    seen = np.random.default_rng(1).random(len(wkb)) < 0.4
    shared = PlotTiles.seen(arrays(numbers.tolist(), wkb), numbers[seen])
    own = [shape for shape, mine in zip(wkb, seen, strict=True) if mine]
    alone = tiles_of_plots(range(1, len(own) + 1), own)
    columns, rows = tile_range((107.0, 31.5, 107.2, 31.7), z)
    tiles = [(z, x, y) for x in columns[:9] for y in rows[:9]]
    assert [shared.tile(*tile) for tile in tiles] == [alone.tile(*tile) for tile in tiles]
    assert any(alone.tile(*tile) for tile in tiles)


def test_who_sees_nothing_gets_nothing() -> None:
    everything = arrays([1, 2], some_plots(2)[:2])
    tiles = PlotTiles.seen(everything, np.zeros(0, dtype=np.int64))
    columns, rows = tile_range((107.0, 31.5, 107.2, 31.7), 8)
    assert all(tiles.tile(8, x, y) is None for x in columns for y in rows)


def test_large_arrays_are_mapped_and_nothing_else_stays(tmp_path: Path) -> None:
    wkb = some_plots(3000)
    shapes.write(tmp_path, [(range(len(wkb)), wkb)])
    assert {file.suffix for file in tmp_path.iterdir()} == {".npy"}
    mapped = shapes.PlotShapes.read(tmp_path)
    assert isinstance(mapped.xy.base, np.memmap)
    assert not mapped.xy.flags.writeable
