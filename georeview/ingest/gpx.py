"""GPX of phones and receivers: waypoints, tracks or routes, each a layer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import shapely

from georeview.ingest import choice, markup
from georeview.ingest.archive import Source
from georeview.ingest.encoding import Encoding
from georeview.ingest.markup import local, words
from georeview.ingest.raw import Cell, Raw, unreadable, whole

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_LAYERS = {"wpt": "waypoints", "trk": "tracks", "rte": "routes"}
_POINTS = frozenset({"trkpt", "rtept"})
_Rows = list[tuple[dict[str, Cell], shapely.Geometry | None]]


def read(source: Source, encoding: str | None, layer: str | None) -> Raw:
    """The waypoints, the tracks or the routes of a file.

    Raises:
        FormatDisguised: It is something else.
        LayerUnclear: It holds several of these.
        NoRows: It holds none.
        MarkupDeclares: It declares entities.
        FileBroken: It is damaged.
    """
    found, text = _read(source, encoding)
    ranks = {name: min(len(rows), 1) for name, rows in found.items()}
    chosen, notes = choice.one_of(ranks, layer, source.name)
    rows = found[chosen]
    geoms = np.full(len(rows), None, dtype=object)
    geoms[:] = [shape for _, shape in rows]
    headers = dict.fromkeys(header for row, _ in rows for header in row)
    return whole(
        source=source,
        format="gpx",
        layer=chosen,
        columns={header: [row.get(header) for row, _ in rows] for header in headers},
        geoms=geoms,
        crs="EPSG:4326",
        encoding=text.name,
        encoding_by=text.by,
        notes=notes,
        refused=unreadable(geoms, [True] * len(rows)),
    )


def layers(source: Source) -> list[str]:
    """Which of the three there are."""
    return [name for name, rows in _read(source, None)[0].items() if rows]


def _read(source: Source, encoding: str | None) -> tuple[dict[str, _Rows], Encoding]:
    text, how = markup.text_of(source.parts[".gpx"], source.name, "gpx", encoding)
    found: dict[str, _Rows] = {name: [] for name in _LAYERS.values()}
    for event, element in markup.elements(text, source.name):
        layer = _LAYERS.get(local(element))
        if event == "end" and layer is not None:
            found[layer].append((_row(element), _shape(element)))
            element.clear()
    return found, how


def _row(element: "Element") -> dict[str, Cell]:
    """The plain children by name, and what programs add under ``extensions``."""
    row: dict[str, Cell] = {}
    for inner in element:
        if local(inner) in _POINTS or local(inner) == "trkseg":
            continue
        for leaf in (part for part in inner.iter() if len(part) == 0):
            row.setdefault(local(leaf), words(leaf) or leaf.get("href"))
    return {header: cell for header, cell in row.items() if cell is not None}


def _shape(element: "Element") -> shapely.Geometry | None:
    try:
        if local(element) == "wpt":
            return shapely.Point(*_lonlat(element))
        lines = [
            [_lonlat(point) for point in part if local(point) in _POINTS]
            for part in (element, *(inner for inner in element if local(inner) == "trkseg"))
        ]
        return _lines([line for line in lines if line])
    except (ValueError, TypeError, shapely.GEOSException):
        return None


def _lines(lines: Sequence[Sequence[tuple[float, float]]]) -> shapely.Geometry | None:
    shapes = [shapely.LineString(line) for line in lines]
    if not shapes:
        return None
    return shapes[0] if len(shapes) == 1 else shapely.MultiLineString(shapes)


def _lonlat(element: "Element") -> tuple[float, float]:
    return float(element.get("lon", "")), float(element.get("lat", ""))
