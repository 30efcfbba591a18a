"""TopoJSON: arcs put together again, each object being a layer."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georeview.errors.files import FileBroken, FormatDisguised
from georeview.ingest import choice, geojson
from georeview.ingest.archive import Source
from georeview.ingest.raw import Raw

MAX_POINTS = 5_000_000
"""Points of all features together: an arc may be named any number of times."""

Arc = NDArray[np.float64]


def read(source: Source, encoding: str | None, layer: str | None) -> Raw:
    """The features of an object.

    Raises:
        FormatDisguised: It is something else.
        LayerUnclear: It holds several objects, or not the one named.
        NoRows: It holds none.
        FileBroken: It makes no sense.
    """
    document, text = geojson.document_of(source, ".topojson", encoding)
    objects = _objects(document, source.name)
    chosen, notes = choice.one_of(dict.fromkeys(objects, 1), layer, source.name)
    try:
        made = _Made(document)
        features = [
            {
                "geometry": made.shape(inner),
                **{k: v for k, v in inner.items() if k in ("properties", "id")},
            }
            for inner in _inside(objects[chosen])
        ]
    except (
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        AttributeError,
        RecursionError,
        OverflowError,
    ) as error:
        raise FileBroken(file=source.name) from error
    return geojson.raw_of(
        features,
        source,
        format="topojson",
        layer=chosen,
        crs="EPSG:4326",
        encoding=text,
        notes=notes,
    )


def layers(source: Source) -> list[str]:
    """Its objects."""
    document, _ = geojson.document_of(source, ".topojson", None)
    return list(_objects(document, source.name))


def _objects(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    objects = document.get("objects")
    if document.get("type") != "Topology" or not isinstance(objects, dict):
        raise FormatDisguised(file=name, found=f"JSON {str(document.get('type'))[:40]}")
    return objects


def _inside(shape: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The features of an object: a collection has several, anything else is one."""
    return shape["geometries"] if shape["type"] == "GeometryCollection" else [shape]


class _Made:
    """Shapes of GeoJSON from a topology."""

    def __init__(self, topology: Mapping[str, Any]) -> None:
        transform = topology.get("transform")
        self._scale = np.array(transform["scale"], dtype=float) if transform else None
        self._shift = np.array(transform["translate"], dtype=float) if transform else None
        self._arcs = [self._arc(arc) for arc in topology["arcs"]]
        self._left = MAX_POINTS

    def shape(self, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """One geometry; ``None`` where there is none."""
        kind = given["type"]
        if kind is None:
            return None
        if kind == "GeometryCollection":
            return {
                "type": kind,
                "geometries": [self.shape(inner) for inner in given["geometries"]],
            }
        if kind in ("Point", "MultiPoint"):
            points = [given["coordinates"]] if kind == "Point" else given["coordinates"]
            places = [self._place(point) for point in points]
            return {"type": kind, "coordinates": places[0] if kind == "Point" else places}
        depth = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}[kind]
        return {"type": kind, "coordinates": self._lines(given["arcs"], depth)}

    def _arc(self, arc: Sequence[Sequence[float]]) -> Arc:
        points = np.array([point[:2] for point in arc], dtype=float).reshape(-1, 2)
        if self._scale is None:
            return points
        return np.asarray(np.cumsum(points, axis=0) * self._scale + self._shift)

    def _place(self, point: Sequence[float]) -> list[float]:
        place = np.array(point[:2], dtype=float)
        moved = place if self._scale is None else place * self._scale + self._shift
        return [float(value) for value in moved]

    def _lines(self, arcs: Any, depth: int) -> list[Any]:
        if depth:
            return [self._lines(inner, depth - 1) for inner in arcs]
        self._left -= sum(len(self._arcs[i if i >= 0 else ~i]) for i in arcs)
        if self._left < 0:
            raise ValueError(MAX_POINTS)
        parts = [self._arcs[i] if i >= 0 else self._arcs[~i][::-1] for i in arcs]
        # An arc begins where the last one ended.
        joined = np.concatenate([part[1:] if i else part for i, part in enumerate(parts)])
        return list(joined.tolist())
