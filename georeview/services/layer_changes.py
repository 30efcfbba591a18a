"""Where versions of a boundary layer differ, and which plots that touches."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import orjson
import shapely
from numpy.typing import NDArray

from georeview.core.access import Scope
from georeview.core.query import Filter
from georeview.errors import BadValue
from georeview.geometry import measure
from georeview.geometry.differences import Change, Difference, differences
from georeview.services.layers import LayerService
from georeview.storage.files import Files
from georeview.storage.ports.layers import LayerFeature, LayerVersion
from georeview.storage.ports.plots import Plot
from georeview.storage.ports.store import Store

FORMAT = 1
"""Moves when differences in the cache are told in another way."""

CHANGES: tuple[Change, ...] = ("added", "removed", "moved")

BOXES = 64
"""At most so many parts of the land are searched for plots, however many differences there are."""

KNOWN = 0.5
"""Share of an older version's features that must be there by name before any can have moved."""

Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Touched:
    """A plot that lies on a difference: by how much of each sort, m² (0 for lines and points)."""

    plot: Plot
    area_m2: Mapping[str, float] = field(default_factory=dict)

    @property
    def total_m2(self) -> float:
        """How much of it in all."""
        return sum(self.area_m2.values())


class LayerChanges:
    """Differences of versions, which never change and so are found once."""

    def __init__(self, store: Store, files: Files, layers: LayerService) -> None:
        self._store = store
        self._files = files
        self._layers = layers

    def pair(self, layer_id: str, against: str | None) -> tuple[LayerVersion, LayerVersion | None]:
        """A version and the one it is held against.

        Args:
            layer_id: The version.
            against: The other one; if not given, the one that was published before it.

        Returns:
            Both; ``None`` where there is none before.

        Raises:
            NotFound: There is no such version.
            BadValue: The two are of different kinds.
        """
        layer = self._layers.get(layer_id)
        other = self._before(layer) if against is None else self._layers.get(against)
        if other is not None and other.kind != layer.kind:
            raise BadValue(field="against", value=other.layer_id)
        return layer, other

    def diff(self, layer: LayerVersion, other: LayerVersion) -> bytes:
        """Their differences as a GeoJSON feature collection, with sums under ``summary``."""
        name = hashlib.sha256(f"{FORMAT} {layer.layer_id} {other.layer_id}".encode()).hexdigest()

        def make() -> bytes:
            new, old = (self._layers.features(one.layer_id) for one in (layer, other))
            return collection(new, old, layer_id=layer.layer_id, against=other.layer_id)

        return self._files.cached(f"layers/diff-{name[:16]}.json", make)

    def touched(self, scope: Scope, layer: LayerVersion, other: LayerVersion) -> list[Touched]:
        """Plots that lie on a difference, those with most of it first."""
        features = orjson.loads(self.diff(layer, other))["features"]
        if not features:
            return []
        names = np.array([one["properties"]["change"] for one in features], dtype=object)
        parts = shapely.from_geojson([orjson.dumps(one["geometry"]) for one in features])
        tree = shapely.STRtree(parts)
        found = [
            Touched(plot, _of_each(shape, names[met], parts[met]))
            for plot, shape in self._around(scope, parts)
            if len(met := tree.query(shape, predicate="intersects"))
        ]
        return sorted(found, key=lambda one: (-one.total_m2, one.plot.given.plot_id))

    def _around(self, scope: Scope, parts: Geometries) -> Iterator[tuple[Plot, shapely.Geometry]]:
        """Plots near the parts, each once."""
        boxes = shapely.bounds(parts)
        order = np.lexsort((boxes[:, 1], boxes[:, 0].round(1)))
        known: set[str] = set()
        for group in np.array_split(order, min(BOXES, len(order))):
            low, high = boxes[group, :2].min(axis=0), boxes[group, 2:].max(axis=0)
            where = Filter(
                bbox=cast("tuple[float, float, float, float]", (*low.tolist(), *high.tolist()))
            )
            for chunk in self._store.plots.stream(scope, where):
                fresh = [plot for plot in chunk if plot.given.plot_id not in known]
                known.update(plot.given.plot_id for plot in fresh)
                yield from zip(fresh, shapely.from_wkb([p.given.wkb for p in fresh]), strict=True)

    def _before(self, layer: LayerVersion) -> LayerVersion | None:
        """The version of the same layer that was published last before this one."""
        earlier = [
            known
            for known in self._layers.all()
            if (known.kind, known.name) == (layer.kind, layer.name)
            and known.created_at < layer.created_at
        ]
        return max(earlier, key=lambda known: known.created_at, default=None)


def collection(
    new: Sequence[LayerFeature], old: Sequence[LayerFeature], **about: str | None
) -> bytes:
    """Differences of two sets of features as GeoJSON; see ``LayerChanges.diff``.

    Args:
        new: Features of the newer version.
        old: Those of the older one.
        **about: What else the collection says of itself.
    """
    keys = ([_key(one) for one in new], [_key(one) for one in old])
    usable = keys if _told_apart(*keys) else ((), ())
    found = differences(_shapes(new), _shapes(old), *usable)
    body = {
        "type": "FeatureCollection",
        **about,
        "summary": summary(found),
        "features": [_feature(one, new, old) for one in found],
    }
    return orjson.dumps(body)


def summary(found: Sequence[Difference]) -> dict[str, dict[str, float]]:
    """How many parts there are of each sort, and how much they are together."""
    told: dict[str, dict[str, float]] = {}
    for change in CHANGES:
        own = [one for one in found if one.change == change]
        told[change] = {
            "n": len(own),
            "area_m2": round(sum(one.area_m2 or 0.0 for one in own), 1),
            "length_m": round(sum(one.length_m or 0.0 for one in own), 1),
        }
    return told


def _feature(
    one: Difference, new: Sequence[LayerFeature], old: Sequence[LayerFeature]
) -> dict[str, Any]:
    feature = (old if one.change == "removed" else new)[one.of]
    was = None if one.was is None else old[one.was]
    return {
        "type": "Feature",
        "geometry": orjson.Fragment(shapely.to_geojson(one.shape)),
        "properties": {
            "change": one.change,
            "code": feature.code,
            "name": feature.name,
            "was_code": was and was.code,
            "was_name": was and was.name,
            "area_m2": one.area_m2,
            "length_m": one.length_m,
        },
    }


def _of_each(shape: shapely.Geometry, names: Geometries, parts: Geometries) -> dict[str, float]:
    """Area of a plot on each sort of difference."""
    cut = shapely.intersection(shape, parts)
    areas: defaultdict[str, float] = defaultdict(float)
    for name, m2 in zip(names, measure.area(cut), strict=True):
        areas[name] += float(m2)
    return {name: round(m2, 1) for name, m2 in areas.items()}


def _key(feature: LayerFeature) -> str | None:
    """What a feature is known by from one version to the next; a shoreline zone by its zone too."""
    name, zone = feature.code or feature.name, feature.props.get("zone")
    return f"{name} {zone}" if name and zone else name


def _told_apart(new: Sequence[str | None], old: Sequence[str | None]) -> bool:
    """Whether features of both versions go by the same names, so that one can be said to move."""
    named = {key for key in old if key}
    return bool(named) and len(named & set(new)) >= KNOWN * len(named)


def _shapes(features: Sequence[LayerFeature]) -> Geometries:
    shapes: Geometries = shapely.from_wkb(np.array([one.wkb for one in features], dtype=object))
    return shapes
