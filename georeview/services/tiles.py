"""Tiles and chips: what the map is drawn from, cut to the viewer's area."""

import hashlib
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TypeVar, cast

import numpy as np

from georeview.core.access import EVERYTHING, Actor, Scope
from georeview.core.layers import KINDS
from georeview.meter import Meter
from georeview.services.imagery import ImageryService
from georeview.services.layers import LayerService
from georeview.services.memory import give_back
from georeview.services.plots import seen_by
from georeview.storage.files import Files
from georeview.storage.ports.store import Store
from georeview.tiles.layer import LayerTiles
from georeview.tiles.pyramid import PlotTiles
from georeview.tiles.shapes import FORMAT, PlotShapes, write

Held = TypeVar("Held", PlotTiles, LayerTiles)

HELD = 12
"""Pyramids held in memory: one per viewer's area and batch, and one per layer drawn."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile; ``data`` is ``None`` where there is nothing."""

    data: bytes | None
    etag: str


class TileService:
    """Vector tiles from the store, picture tiles from files."""

    def __init__(
        self,
        store: Store,
        files: Files,
        layers: LayerService,
        imagery: ImageryService,
        meter: Meter,
    ) -> None:
        self._store = store
        self._files = files
        self._layers = layers
        self._imagery = imagery
        self._meter = meter
        self._held: OrderedDict[str, PlotTiles | LayerTiles] = OrderedDict()
        self._lock = Lock()
        self._building: defaultdict[str, Lock] = defaultdict(Lock)

    def revision(self, actor: Actor, batch: str) -> str:
        """Changes whenever the actor's list of plots, and so the ids in its tiles, changes."""
        return self._revision(seen_by(actor), batch)

    def plots(self, actor: Actor, batch: str, z: int, x: int, y: int) -> Tile:
        """A tile of the actor's plots; feature ids are places in ``PlotService.rows``, from 1."""
        scope = seen_by(actor)
        revision = self._revision(scope, batch)

        def build() -> PlotTiles:
            shapes = self._shapes(batch)
            fids = np.asarray(self._store.plots.fids(scope, batch), dtype=np.int64)
            return PlotTiles.seen(shapes, fids)

        pyramid = self._hold("plots", revision, build)
        return Tile(pyramid.tile(z, x, y), revision)

    def layer(self, layer_id: str, z: int, x: int, y: int) -> Tile:
        """A tile of one layer version; versions never change."""

        def build() -> LayerTiles:
            features = self._layers.features(layer_id)
            kind = KINDS[self._layers.get(layer_id).kind]
            return LayerTiles.build(
                [f.wkb for f in features],
                [f.name or "" for f in features],
                labelled=kind.labelled,
                dissolved=kind.dissolved,
            )

        return Tile(self._hold("layer", layer_id, build).tile(z, x, y), layer_id)

    def imagery(self, scene_id: str, z: int, x: int, y: int, fmt: str) -> Tile:
        """A picture tile of one scene, or of the newest scene of a role."""
        scene = self._imagery.get(scene_id)
        return Tile(self._imagery.tile(scene, z, x, y, fmt), f"{scene.scene_id}-{fmt}")

    def chip(self, actor: Actor, plot_id: str, scene_id: str, size: tuple[int, int]) -> Tile:
        """A picture of a plot's surroundings with its outline drawn in."""
        plot = self._store.plots.get(seen_by(actor), plot_id)
        scene = self._imagery.get(scene_id)
        etag = f"{scene.scene_id}-{plot_id}-{size[0]}x{size[1]}"
        return Tile(self._imagery.chip(scene, plot.given.wkb, size), etag)

    def _shapes(self, batch: str) -> PlotShapes:
        """The plots of a batch as arrays that stay in the cache until another file comes in."""
        brought = self._store.plots.last_import(batch) or "-"
        name = f"plots-{FORMAT}/{_short(batch)}/{_short(brought)}"

        def make(folder: Path) -> None:
            write(folder, self._store.plots.shapes(EVERYTHING, batch))
            give_back()

        return PlotShapes.read(self._files.cached_folder(name, make))

    def _revision(self, scope: Scope, batch: str) -> str:
        head = self._store.ledger.head()
        # Who sees a plot by its stage may see another list after any event.
        seq = head.seq if scope.sights else head.area_seq
        return _short("\n".join([batch, str(seq), *scope.prefixes, *map(str, scope.sights)]))

    def _hold(self, kind: str, version: str, build: Callable[[], Held]) -> Held:
        """Build once and keep the pyramids used last; who asks for another one does not wait."""
        key = f"{kind} {version}"
        with self._lock:
            building = self._building[key]
        with building:
            with self._lock:
                held = self._held.get(key)
            self._meter.tile(kind, hit=held is not None)
            made = build() if held is None else cast("Held", held)
        with self._lock:
            self._held[key] = made
            self._held.move_to_end(key)
            while len(self._held) > HELD:
                old, _ = self._held.popitem(last=False)
                self._building.pop(old, None)
        return made


def _short(text: str) -> str:
    """A name of fixed length for any text."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
