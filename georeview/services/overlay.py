"""Laying plots over the current layers, and keeping what comes of it."""

import hashlib
import pickle
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from georeview.clock import Clock
from georeview.core.access import EVERYTHING, Scope
from georeview.core.lineage import around_box
from georeview.core.query import Filter
from georeview.errors import NotFound
from georeview.geometry.land import County, Land
from georeview.storage.files import Files
from georeview.storage.ports.layers import LayerVersion
from georeview.storage.ports.plots import FactColumns, Facts, NewPlot
from georeview.storage.ports.store import Store
from georeview.storage.records import FACTS, facts_of_plot, text_of

if TYPE_CHECKING:
    from georeview.overlay.index import Prepared

FORMAT = 1
"""Moves when prepared layers on disk can no longer be read."""

LAND_KINDS = ("county", "mgmt_area", "river")
"""Layers that tell where plots may lie."""

LAND_DEGREES = 5e-5
"""Their outlines are kept to about 5 m when a file is held against them."""

CHUNK = 5_000
"""Plots laid over, and kept, at a time: what is lost at most when a run is broken off."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Plots (n) of one batch, column by column, as they are laid over the layers.

    Attributes:
        batch: Name of the batch, there or not.
        ids: Their ids.
        numbers: Their numbers as issued.
        wkb: Their shapes, EPSG:4490.
        types: Their issued types.
        boxes: West, south, east, north of each, degrees.
    """

    batch: str
    ids: Sequence[str]
    numbers: Sequence[str]
    wkb: Sequence[bytes]
    types: Sequence[str | None]
    boxes: Iterable[Sequence[float]]


LayOver = Callable[[Laid], FactColumns]
"""Plots → their facts, in their order."""


@dataclass(frozen=True, slots=True)
class OverlayReport:
    """How many plots were laid over which layers."""

    plots: int
    layers: str


def _nothing(_plots: int) -> None:
    """Nobody watches."""


class OverlayService:
    """Facts of plots, from the current version of each layer kind."""

    def __init__(self, store: Store, files: Files, clock: Clock) -> None:
        self._store = store
        self._files = files
        self._clock = clock

    def facts(self, plots: Sequence[NewPlot]) -> list[Facts]:
        """Facts of plots, stored or not, in their order."""
        return facts_by(self.laying_over(), plots)

    def laying_over(self) -> LayOver:
        """What gives plots their facts, however many come: all from one set of layers."""
        layers: list[Mapping[str, Prepared]] = []

        def facts(plots: Laid) -> FactColumns:
            if not layers:
                layers.append(self._prepared())
            return self._columns(plots, layers[0])

        return facts

    def land(self, *, beside: str | None = None) -> Land:
        """Counties and rivers of the current layers, as evidence for where a file lies.

        Args:
            beside: A kind of layer that the evidence is for: what it says of rivers itself is left
                out where another layer knows them.
        """
        known = {kind: layer for kind, layer in self._current().items() if kind in LAND_KINDS}
        if beside in known and len(known.keys() - {"county"}) > 1:
            del known[beside]
        current = list(known.values())
        if not current:
            return Land()
        ids = " ".join(layer.layer_id for layer in current)
        name = hashlib.sha256(f"{FORMAT} {ids}".encode()).hexdigest()[:16]
        data = self._files.cached(
            f"land/{name}.pickle", lambda: pickle.dumps(self._land(current), protocol=5)
        )
        # Written by the lines above into our own cache, never from outside.
        found: Land = pickle.loads(data)  # noqa: S301
        return found

    def _land(self, current: Sequence[LayerVersion]) -> Land:
        counties: list[County] = []
        rivers: list[bytes] = []
        for layer in current:
            for feature in self._store.layers.features(layer.layer_id):
                wkb = _simpler(feature.wkb)
                if layer.kind == "county":
                    counties.append(County(feature.code or "", feature.name or "", wkb))
                else:
                    rivers.append(wkb)
        return Land(tuple(counties), tuple(rivers))

    def _columns(self, plots: Laid, layers: "Mapping[str, Prepared]") -> FactColumns:
        from georeview.overlay.engine import compute

        before = self._store.plots.earlier(plots.batch, map(around_box, plots.boxes))
        table = compute(
            plots.ids, plots.wkb, plots.types, layers, self._clock(),
            numbers=plots.numbers, before=before,
        )  # fmt: skip
        return table.columns()

    def run(
        self,
        batch: str | None,
        *,
        behind: bool = False,
        since: datetime | None = None,
        advance: Callable[[int], None] = _nothing,
    ) -> OverlayReport:
        """Compute the facts of a batch, or of all, anew; what was known before is kept beside.

        Args:
            batch: Name of the batch, ``None`` for all plots.
            behind: Only plots whose facts rest on other versions than the current ones.
            since: Facts computed from this instant on, over the same versions, stay as they are:
                a run that was broken off goes on where it was.
            advance: Told how many more plots are done.

        Raises:
            NotFound: There is no such batch.
        """
        if batch is not None and batch not in self._batches():
            raise NotFound(what=batch)
        # One set of layers for all, also when another version is published meanwhile.
        current = self._current()
        prepared = {kind: self._prepare(layer) for kind, layer in current.items()}
        layers = _versions(current)
        done = 0
        for name in self._batches() if batch is None else [batch]:
            wanted = Filter(batch=name, facts_not_on=layers if behind else None)
            for chunk in self._store.plots.stream(EVERYTHING, wanted, chunk=CHUNK):
                todo = [plot.given for plot in chunk if not _is_fresh(plot.facts, layers, since)]
                if todo:
                    self._store.facts.put(facts_by(partial(self._columns, layers=prepared), todo))
                done += len(chunk)
                advance(len(chunk))
        return OverlayReport(done, layers if done else "")

    def count(self, batch: str | None, *, behind: bool = False) -> int:
        """How many plots a run has to go through."""
        if behind:
            return self.outdated(batch)
        batches = self._batches() if batch is None else [batch]
        return sum(
            n for name in batches for n in self._store.plots.counts(EVERYTHING, name).values()
        )

    def outdated(self, batch: str | None = None) -> int:
        """How many plots have facts that do not rest on the current versions."""
        current, used = self.current_versions(), self._store.facts.layers_used(batch)
        return sum(n for layers, n in used.items() if layers != current)

    def in_use(self) -> frozenset[str]:
        """Ids of the versions that facts rest on when they are computed now, one of each kind."""
        return frozenset(layer.layer_id for layer in self._current().values())

    def in_use_of(self, kind: str) -> LayerVersion | None:
        """The one of a kind, if there is any."""
        return self._current().get(kind)

    def current_versions(self) -> str:
        """The versions that facts rest on when they are computed now, as facts name them."""
        return _versions(self._current())

    def resting_on(self, scope: Scope, layer: LayerVersion) -> tuple[int, int]:
        """How many plots' facts rest on a version, and how many on none or another of its kind."""
        own = f"{layer.kind}={layer.version}"
        used = self._store.facts.layers_used(scope=scope)
        resting = sum(n for layers, n in used.items() if own in layers.split(";"))
        return resting, sum(used.values()) - resting

    def _batches(self) -> list[str]:
        return [batch.name for batch in self._store.plots.batches(EVERYTHING)]

    def _current(self) -> dict[str, LayerVersion]:
        """The current version of each kind; of several layers of a kind, the one published last."""
        current: dict[str, LayerVersion] = {}
        for layer in sorted(self._store.layers.all(), key=lambda layer: layer.created_at):
            if layer.current:
                current[layer.kind] = layer
        return current

    def _prepared(self) -> "Mapping[str, Prepared]":
        """The current layers, prepared once per version and kept on disk."""
        return {kind: self._prepare(layer) for kind, layer in self._current().items()}

    def _prepare(self, layer: LayerVersion) -> "Prepared":
        from georeview.overlay import index

        def make() -> bytes:
            features = [
                index.LayerFeature(f.wkb, f.code, f.name, dict(f.props))  # type: ignore[arg-type]
                for f in self._store.layers.features(layer.layer_id)
            ]
            prepared = index.prepare(layer.kind, layer.layer_id, layer.version, features)
            return pickle.dumps(prepared, protocol=5)

        name = hashlib.sha256(f"{FORMAT} {layer.layer_id}".encode()).hexdigest()[:16]
        data = self._files.cached(f"layers/{name}.pickle", make)
        # Written by the lines above into our own cache, never from outside.
        prepared: Prepared = pickle.loads(data)  # noqa: S301
        return prepared


def _simpler(wkb: bytes) -> bytes:
    """An outline with fewer vertices, still valid."""
    import shapely

    simple: bytes = shapely.to_wkb(shapely.simplify(shapely.from_wkb(wkb), LAND_DEGREES))
    return simple


def _versions(current: Mapping[str, LayerVersion]) -> str:
    """The versions as facts name them."""
    from georeview.overlay.facts import versions_text

    return versions_text({kind: layer.version for kind, layer in current.items()})


def _is_fresh(facts: Facts | None, layers: str, since: datetime | None) -> bool:
    """Whether facts rest on these versions and were computed from an instant on."""
    if facts is None or since is None or facts.layers != layers:
        return False
    return datetime.fromisoformat(facts.computed_at) >= since


def laid_of(plots: Sequence[NewPlot]) -> Laid:
    """Plots (one at least) of one batch, as they are laid over the layers."""
    return Laid(
        batch=plots[0].batch,
        ids=[plot.plot_id for plot in plots],
        numbers=[plot.source_id for plot in plots],
        wkb=[plot.wkb for plot in plots],
        types=[text_of(plot.fields.get("type_issued")) for plot in plots],
        boxes=[plot.bbox for plot in plots],
    )


def facts_by(lay_over: LayOver, plots: Sequence[NewPlot]) -> list[Facts]:
    """Facts of plots of one batch, in their order."""
    if not plots:
        return []
    columns = lay_over(laid_of(plots))
    return list(map(facts_of_plot, zip(*map(columns.__getitem__, FACTS), strict=True)))
