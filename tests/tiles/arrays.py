"""Plots as the arrays that tiles are cut from, through the folder they are kept in."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from georeview.tiles import shapes
from georeview.tiles.pyramid import PlotTiles


def arrays(ids: Sequence[int], wkb: Sequence[bytes], chunk: int = 100) -> shapes.PlotShapes:
    """Written chunk by chunk and read again."""
    parts = [(ids[at : at + chunk], wkb[at : at + chunk]) for at in range(0, len(ids), chunk)]
    with TemporaryDirectory() as folder:
        shapes.write(Path(folder), parts)
        return shapes.PlotShapes.read(Path(folder))


def tiles_of_plots(ids: Sequence[int], wkb: Sequence[bytes]) -> PlotTiles:
    """Tiles of who sees all of them; their numbers are their ids."""
    return PlotTiles.seen(arrays(ids, wkb), np.arange(1, max(ids, default=0) + 1))
