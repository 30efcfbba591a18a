"""Laying plots over the current layers, and keeping what comes of it."""

import hashlib
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from georeview.clock import Clock
from georeview.core.access import EVERYTHING
from georeview.core.query import Filter
from georeview.errors import NotFound
from georeview.storage.files import Files
from georeview.storage.ports import Facts, LayerVersion, NewPlot, Store

if TYPE_CHECKING:
    from georeview.overlay.index import Prepared

FORMAT = 1
"""Moves when prepared layers on disk can no longer be read."""


@dataclass(frozen=True, slots=True)
class OverlayReport:
    """How many plots were laid over which layers."""

    plots: int
    layers: str


class OverlayService:
    """Facts of plots, from the current version of each layer kind."""

    def __init__(self, store: Store, files: Files, clock: Clock) -> None:
        self._store = store
        self._files = files
        self._clock = clock

    def facts(self, plots: Sequence[NewPlot]) -> list[Facts]:
        """Facts of plots, stored or not, in their order."""
        return self._facts(plots, self._prepared()) if plots else []

    def _facts(self, plots: Sequence[NewPlot], layers: "Mapping[str, Prepared]") -> list[Facts]:
        from georeview.overlay.engine import compute

        table = compute(
            [plot.plot_id for plot in plots],
            [plot.wkb for plot in plots],
            [_text(plot.fields.get("type_issued")) for plot in plots],
            layers,
            self._clock(),
        )
        return [
            _facts(scalars, detail)
            for scalars, detail in zip(table.scalars(), table.rows(), strict=True)
        ]

    def run(self, batch: str | None) -> OverlayReport:
        """Compute the facts of a batch, or of all, anew; what was known before is kept beside.

        Raises:
            NotFound: There is no such batch.
        """
        if batch is not None and batch not in self._batches():
            raise NotFound(what=batch)
        # One set of layers for all, also when another version is published meanwhile.
        prepared = self._prepared()
        done, layers = 0, ""
        for chunk in self._store.plots.stream(EVERYTHING, Filter(batch=batch), chunk=20_000):
            facts = self._facts([plot.given for plot in chunk], prepared)
            self._store.facts.put(facts)
            done += len(facts)
            layers = facts[-1].layers
        return OverlayReport(done, layers)

    def outdated(self) -> int:
        """How many plots have facts that do not rest on the current versions."""
        from georeview.overlay.facts import versions_text

        current = versions_text({k: layer.version for k, layer in self._current().items()})
        used = [self._store.facts.layers_used(batch) for batch in self._batches()]
        return sum(n for counts in used for layers, n in counts.items() if layers != current)

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


def _facts(scalars: Mapping[str, Any], detail: Mapping[str, Any]) -> Facts:
    columns = {name: value for name, value in scalars.items() if name != "bbox"}
    return Facts(**columns, detail=detail)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
