"""Files read back through GDAL, as other software will read them; in the sandbox only."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from georeview.exports.base import Column, Found, Plan, Values


def reread(path: Path, layer: str, plan: Plan, *, points: bool) -> Iterator[Found]:
    """The chunks of a layer as they were written, and one more where it holds more."""
    import pyogrio

    first = 0
    wanted = [n for n, kind in plan.sizes if kind == points]
    beyond = pyogrio.read_info(str(path), layer=layer)["features"] - sum(wanted)
    for n in [*wanted, *([beyond] if beyond > 0 else [])]:
        meta, _, wkb, cells = pyogrio.raw.read(
            str(path), layer=layer, skip_features=first, max_features=n
        )
        held = dict(zip((str(name) for name in meta["fields"]), cells, strict=True))
        values = {c.name: _plain(c, held[c.name]) for c in plan.columns if c.name in held}
        yield Found(np.asarray(shapely.from_wkb(wkb), dtype=object), values)
        first += n


def _plain(column: Column, cells: Any) -> Values:
    """A column's cells as texts, numbers or ISO days, ``None`` where there is none."""
    if column.kind == "date":
        return [None if day == "NaT" else day for day in cells.astype("datetime64[D]").astype(str)]
    if column.kind == "text":
        return list(cells)
    return list(np.where(np.isnan(cells.astype(float)), None, cells.astype(float)))
