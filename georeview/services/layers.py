"""Boundary layers: taken in as versions that never change."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview import sandbox
from georeview.clock import Clock
from georeview.core.access import Action, Actor, need
from georeview.core.layers import KINDS
from georeview.errors import BadValue
from georeview.geometry.differences import Difference, outside
from georeview.ingest import READ_LAYER, LayerRead, ReadOptions, beside
from georeview.services.limits import need_size, read_limits, upload_bytes
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports import LayerFeature, LayerVersion, Store


@dataclass(frozen=True, slots=True)
class Change:
    """A part in which two versions of a layer differ.

    Attributes:
        change: ``added`` in the newer one, or ``removed`` from the older one.
        feature: The feature it is a part of.
        part: The part itself.
    """

    change: str
    feature: LayerFeature
    part: Difference


class LayerService:
    """Publishing and reading layers."""

    def __init__(self, store: Store, files: Files, clock: Clock, settings: Settings) -> None:
        self._store = store
        self._files = files
        self._clock = clock
        self._settings = settings

    def load(
        self,
        actor: Actor,
        path: Path,
        *,
        kind: str,
        name: str,
        version: str,
        valid_from: date | None,
        options: ReadOptions,
    ) -> LayerVersion:
        """Publish a file as a version of a layer; the same file again changes nothing.

        Raises:
            Forbidden: The actor may not publish layers.
            BadValue: The kind is unknown, or the version is there with other content.
            GeoreviewError: The file cannot be taken.
        """
        need(actor, Action.LAYER)
        if kind not in KINDS:
            raise BadValue(field="kind", value=kind[:40])
        for field, text in (("name", name), ("version", version)):
            if not text.strip() or len(text) > 200 or not text.isprintable():
                raise BadValue(field=field, value=text[:80])
        self._files.need_room(self._settings.min_free_mb * 2**20)
        files = beside(path)
        need_size(self._settings, files)
        read: LayerRead = sandbox.run(
            READ_LAYER, files, kind, options, limits=read_limits(self._settings)
        )
        sha256 = read.report.sha256
        layer_id = f"{kind}-{_short(kind, name, version, sha256)}"
        for known in self._store.layers.all():
            if known.layer_id == layer_id:
                return known
            if (known.kind, known.name, known.version) == (kind, name, version):
                raise BadValue(field="version", value=version)
        for part in files:
            self._files.take(part, "sources", upload_bytes(self._settings))
        features = [LayerFeature(f.wkb, f.code, f.name, dict(f.props)) for f in read.features]
        bounds = shapely.total_bounds(shapely.from_wkb(np.array([f.wkb for f in features])))
        west, south, east, north = (float(edge) for edge in bounds)
        layer = LayerVersion(
            layer_id=layer_id,
            kind=kind,
            name=name,
            version=version,
            valid_from=valid_from.isoformat() if valid_from else None,
            source=read.report.file,
            sha256=sha256,
            crs_original=read.report.crs,
            accuracy_m=KINDS[kind].accuracy_m,
            features=len(features),
            bbox=(west, south, east, north),
            created_at=self._clock().isoformat(),
            actor=actor.user,
        )
        self._store.layers.add(layer, features)
        return layer

    def all(self) -> list[LayerVersion]:
        """Every version of every layer, current ones first."""
        return self._store.layers.all()

    def get(self, layer_id: str) -> LayerVersion:
        """One version."""
        return self._store.layers.get(layer_id)

    def diff(self, layer_id: str, against: str | None) -> tuple[LayerVersion | None, list[Change]]:
        """Where a version differs from another one of its kind.

        Args:
            layer_id: The version.
            against: The other one; if not given, the one that was published before it.

        Returns:
            The other version, ``None`` where there is none before, and the differences.

        Raises:
            NotFound: There is no such version.
            BadValue: The two are of different kinds.
        """
        layer = self.get(layer_id)
        other = self._before(layer) if against is None else self.get(against)
        if other is None:
            return None, []
        if other.kind != layer.kind:
            raise BadValue(field="against", value=other.layer_id)
        new, old = self.features(layer_id), self.features(other.layer_id)
        added = outside(_shapes(new), _shapes(old))
        removed = outside(_shapes(old), _shapes(new))
        return other, [
            *(Change("added", new[part.of], part) for part in added),
            *(Change("removed", old[part.of], part) for part in removed),
        ]

    def _before(self, layer: LayerVersion) -> LayerVersion | None:
        """The version of the same layer that was published last before this one."""
        earlier = [
            known
            for known in self._store.layers.all()
            if (known.kind, known.name) == (layer.kind, layer.name)
            and known.created_at < layer.created_at
        ]
        return max(earlier, key=lambda known: known.created_at, default=None)

    def features(self, layer_id: str) -> Sequence[LayerFeature]:
        """All features of a version."""
        return self._store.layers.features(layer_id)


def _shapes(features: Sequence[LayerFeature]) -> NDArray[np.object_]:
    shapes: NDArray[np.object_] = shapely.from_wkb([feature.wkb for feature in features])
    return shapes


def _short(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8")).hexdigest()[:12]
