"""Real tiles for the tests of the page's own decoder, with what they hold.

``python -m tests.tiles.samples`` writes them anew; a test holds them against today's encoder.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import shapely

from georeview.geometry.grid import tile_range
from georeview.tiles.layer import LayerTiles
from georeview.tiles.pyramid import PlotTiles
from tests.tiles.arrays import tiles_of_plots
from tests.tiles.decoder import Feature, decode

FOLDER = Path(__file__).parent.parent / "js" / "map" / "tiles"
CENTRE = (107.1, 31.56)


def samples() -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each tile."""
    plots = tiles_of_plots(range(1, 61), shapely.to_wkb(_plots(60)))
    yield "plots", _at(plots, 14)
    crowd = tiles_of_plots(range(1, 5001), shapely.to_wkb(_plots(5000)))
    yield "crowd", _at(crowd, 9)
    ring = shapely.Point(CENTRE).buffer(0.05) - shapely.Point(CENTRE).buffer(0.01)
    yield "area", _at(LayerTiles.build([shapely.to_wkb(ring)], ["平昌县"], labelled=True), 10)
    line = shapely.LineString([(107.0, 31.5), CENTRE, (107.2, 31.5)])
    yield "line", _at(LayerTiles.build([shapely.to_wkb(line)], ["巴河"], labelled=True), 11)


def _plots(n: int) -> list[shapely.Geometry]:
    rng = np.random.default_rng(5)
    east, north = np.array(CENTRE)[:, None] + rng.normal(0, 0.004, (2, n))
    return [
        shapely.Point(x, y).buffer(0.0001 + 0.0003 * rng.random(), quad_segs=1 + i % 4)
        for i, (x, y) in enumerate(zip(east, north, strict=True))
    ]


def _at(tiles: PlotTiles | LayerTiles, z: int) -> bytes:
    columns, rows = tile_range((*CENTRE, *CENTRE), z)
    data = tiles.tile(z, columns[0], rows[0])
    assert data is not None
    return data


def told(data: bytes) -> str:
    """What the Python decoder reads in a tile, as JSON; closing vertices are left out."""
    layers = {name: [_told(f) for f in features] for name, features in decode(data).items()}
    return json.dumps(layers, ensure_ascii=False, separators=(",", ":")) + "\n"


def _told(feature: Feature) -> dict[str, object]:
    paths = [path[:-1] if feature.kind == 3 else path for path in feature.paths]
    return {
        "id": feature.id,
        "type": feature.kind,
        "paths": paths,
        "props": feature.properties,
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, tile in samples():
        (FOLDER / f"{name}.mvt").write_bytes(tile)
        (FOLDER / f"{name}.json").write_text(told(tile), encoding="utf-8")
