"""Where layer tiles are cut from: features in mercator metres, thinned once for each zoom."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.geometry.grid import HALF_WORLD_M, mercator, tile_bounds
from georeview.tiles import mvt
from georeview.tiles.labels import Labels, place
from georeview.tiles.mvt import Paths
from georeview.tiles.world import local, units

Int = NDArray[np.int64]
Geometries = NDArray[np.object_]
Address = tuple[int, int, int]

FULL_ZOOM: Final = 16
"""From this zoom on outlines are as they came: thinning would save nothing."""

_MVT_KIND: Final = {2: mvt.POLYGON, 1: mvt.LINE, 0: mvt.POINT}


@dataclass(frozen=True, slots=True)
class LayerTiles:
    """One layer version.

    Attributes:
        geoms: Features (n), mercator metres.
        names: Name of each feature (n).
        labelled: Whether tiles say where the names stand.
        tree: Over the features.
    """

    geoms: Geometries
    names: Sequence[str]
    labelled: bool
    tree: shapely.STRtree
    _lock: Lock = field(default_factory=Lock, compare=False)
    _thinned: dict[int, Geometries] = field(default_factory=dict, compare=False)
    _labels: dict[int, Labels] = field(default_factory=dict, compare=False)

    @classmethod
    def build(
        cls,
        wkb: Sequence[bytes],
        names: Sequence[str],
        *,
        labelled: bool = False,
        dissolved: bool = False,
    ) -> "LayerTiles":
        """Prepare a layer for cutting tiles.

        Args:
            wkb: Geometries in EPSG:4490.
            names: Name of each feature.
            labelled: Whether tiles say where the names stand.
            dissolved: Whether features that meet become one, without names.
        """
        geoms = np.asarray(shapely.from_wkb(list(wkb)), dtype=object)
        flat = np.asarray(shapely.transform(geoms, mercator), dtype=object)
        if dissolved:
            flat = shapely.get_parts(shapely.union_all(flat))
            names = [""] * len(flat)
        return cls(flat, tuple(names), labelled, shapely.STRtree(flat))

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """One tile, clipped to its margin; its layer ``labels`` holds places for names."""
        bounds = tile_bounds(z, x, y, mvt.BUFFER / mvt.EXTENT)
        near = np.sort(self.tree.query(shapely.box(*bounds)))
        if len(near) == 0:
            return None
        shapes = shapely.clip_by_rect(self._at(z)[near], *bounds)
        layer = mvt.Layer("features")
        for dimension in (2, 1, 0):
            self._add(layer, dimension, near, shapes, (z, x, y))
        names = self._names((z, x, y)) if self.labelled else b""
        return layer.encode() + names or None

    def _at(self, z: int) -> Geometries:
        """All features with the detail of one zoom."""
        if z >= FULL_ZOOM:
            return self.geoms
        with self._lock:  # a view asks for many tiles at once; one of them does the work
            if z not in self._thinned:
                self._thinned[z] = shapely.simplify(self.geoms, 2 * _side(z) / mvt.EXTENT)
            return self._thinned[z]

    def _add(
        self, layer: mvt.Layer, dimension: int, near: Int, shapes: Geometries, tile: Address
    ) -> None:
        mine = (shapely.get_dimensions(shapes) == dimension) & ~shapely.is_empty(shapes)
        parts, part_of = shapely.get_parts(shapes[mine], return_index=True)
        if dimension == 2:
            parts = shapely.orient_polygons(parts, exterior_cw=True)
            parts, ring_of = shapely.get_rings(parts, return_index=True)
            part_of = part_of[ring_of]
        metres, vertex_of = shapely.get_coordinates(parts, return_index=True)
        start = np.searchsorted(vertex_of, np.arange(len(parts) + 1))
        paths = Paths(local(units(metres), *tile), start, part_of)
        ids = [int(n) + 1 for n in near[mine]]
        properties: list[dict[str, str | int]] = [{"name": self.names[n - 1]} for n in ids]
        layer.add(paths, _MVT_KIND[dimension], ids, properties)

    def _names(self, tile: Address) -> bytes:
        """Places for names inside the tile; each is in one tile of a zoom."""
        z = tile[0]
        shapes = self._at(z)
        with self._lock:
            if z not in self._labels:
                self._labels[z] = place(shapes, _side(z))
            labels = self._labels[z]
        at = local(units(labels.at), *tile)
        inside = np.flatnonzero(((at >= 0) & (at < mvt.EXTENT)).all(axis=1))
        unit = _side(z) / mvt.EXTENT
        properties: list[dict[str, str | int]] = [
            {
                "name": self.names[labels.owner[i]],
                "angle": str(labels.angle[i]),
                "room": int(labels.room[i] / unit),
            }
            for i in inside
        ]
        layer = mvt.Layer("labels")
        layer.add(mvt.alone(at[inside]), mvt.POINT, (labels.owner[inside] + 1).tolist(), properties)
        return layer.encode()


def _side(z: int) -> float:
    """Side of a tile, mercator metres."""
    return float(2 * HALF_WORLD_M / 2**z)
