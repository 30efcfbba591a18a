"""Rows as a GeoDataFrame, for notebooks.

with opened services:
    plots = frame(services.exports.rows(actor, where))
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from georeview.core.fields import EXPORT_FIELDS
from georeview.exports.base import Columns

if TYPE_CHECKING:
    import geopandas


def frame(chunks: Iterable[Columns]) -> "geopandas.GeoDataFrame":
    """All rows in memory: canonical names, dates as dates, the sender's columns behind ours.

    One of ours that has the name of a column of the sender takes ``GR_``, as in every export.

    Args:
        chunks: Rows as the export service gives them, EPSG:4490.
    """
    import geopandas
    import pandas as pd
    import shapely

    parts = list(chunks)
    headers = dict.fromkeys(name for part in parts for name in part.extras)
    taken = {name.casefold() for name in headers}
    columns: dict[str, object] = {}
    for field in EXPORT_FIELDS:
        name = f"GR_{field.name}" if field.name in taken else field.name
        values = [value for part in parts for value in part.values[field.name]]
        columns[name] = pd.to_datetime(values) if field.kind == "date" else values
    for header in headers:
        columns[header] = [v for part in parts for v in part.extras.get(header, [None] * len(part))]
    wkb = [shape for part in parts for shape in part.wkb]
    return geopandas.GeoDataFrame(columns, geometry=shapely.from_wkb(wkb), crs="EPSG:4490")
