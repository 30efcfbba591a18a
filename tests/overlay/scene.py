"""Small boundaries and plots in metres from a place on the central meridian.

There the plane is true to 5e-8, so every expected number can be worked out by hand.
"""

import json
from datetime import UTC, datetime

import numpy as np
import shapely

from georeview.geometry import measure
from georeview.overlay.engine import compute
from georeview.overlay.index import LayerFeature, prepare

NOW = datetime(2023, 4, 28, 2, 0, tzinfo=UTC)
EAST, NORTH = 500_000.0, 3_530_000.0


def at(geom, east=0.0, north=0.0):
    """A geometry in metres from the place → WKB in EPSG:4490."""
    plane = shapely.transform(geom, lambda xy: xy + np.array([EAST + east, NORTH + north]))
    return shapely.to_wkb(measure.from_plane(np.array([plane], dtype=object))[0])


def feature(geom, code, name=None, east=0.0, north=0.0, **props):
    return LayerFeature(at(geom, east, north), code, name or code, props)


def line(*xy):
    return shapely.LineString(xy)


def diamond(x, y, reach=10.0):
    """A square on its tip: whatever lies square to it is nearest to one vertex alone."""
    return shapely.Polygon([(x - reach, y), (x, y - reach), (x + reach, y), (x, y + reach)])


def layers(**kinds):
    """Layers by kind, each from a list of features, all in version v1."""
    return {kind: prepare(kind, f"{kind}-id", "v1", rows) for kind, rows in kinds.items()}


def overlay(plots, made, types=None, now=NOW, **more):
    """The facts of plots given in metres from the place."""
    wkb = [plot if isinstance(plot, bytes) else at(plot) for plot in plots]
    names = [f"p{n}" for n in range(len(wkb))]
    return compute(names, wkb, types or [None] * len(wkb), made, now, **more)


def one(plot, made, **more):
    """Everything about one plot."""
    return rows(overlay([plot], made, **more))[0]


def rows(table):
    """Everything about each plot, as the API tells it."""
    return [json.loads(text) for text in table.columns()["detail"]]


def scalars(table):
    """What the store keeps of each plot beside it, by name."""
    columns = table.columns()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
