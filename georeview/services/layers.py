"""Boundary layers: taken in as versions that never change."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import shapely

from georeview import sandbox
from georeview.clock import Clock
from georeview.core.access import Action, Actor, need
from georeview.core.layers import KINDS
from georeview.errors import BadValue
from georeview.errors.files import LayerVersionTaken
from georeview.ingest import READ_LAYER, Flag, LayerRead, ReadOptions, beside
from georeview.services.limits import need_size, read_limits, upload_bytes
from georeview.services.overlay import OverlayService
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports.layers import LayerFeature, LayerVersion
from georeview.storage.ports.store import Store

TEXT_MAX = 200
SCALES = (100, 50_000_000)
ACCURACY_MAX_M = 10_000.0


@dataclass(frozen=True, slots=True)
class LayerAbout:
    """What whoever publishes a version says of it.

    Attributes:
        kind: A key of ``KINDS``.
        name: What the layer is called; versions of one name follow each other.
        version: What the version is called.
        valid_from: From when it holds.
        source: Who made it; the file's name if nobody says.
        approval_no: Number of the notice by which it was approved.
        scale: The 10,000 of 1:10,000.
        accuracy_m: How well its lines are known, metres; that of its kind if nobody says.
    """

    kind: str
    name: str
    version: str
    valid_from: date | None = None
    source: str | None = None
    approval_no: str | None = None
    scale: int | None = None
    accuracy_m: float | None = None

    def check(self) -> None:
        """Refuse what cannot be.

        Raises:
            BadValue: So it is.
        """
        if self.kind not in KINDS:
            raise BadValue(field="kind", value=self.kind[:40])
        texts = {"name": self.name, "version": self.version}
        texts |= {"source": self.source or "-", "approval_no": self.approval_no or "-"}
        for field, text in texts.items():
            if not text.strip() or len(text) > TEXT_MAX or not text.isprintable():
                raise BadValue(field=field, value=text[:80])
        if self.scale is not None and not SCALES[0] <= self.scale <= SCALES[1]:
            raise BadValue(field="scale", value=str(self.scale))
        if self.accuracy_m is not None and not 0 < self.accuracy_m <= ACCURACY_MAX_M:
            raise BadValue(field="accuracy_m", value=str(self.accuracy_m))


@dataclass(frozen=True, slots=True)
class Published:
    """A version that is there now, and what there is to say about its file."""

    layer: LayerVersion
    notes: tuple[Flag, ...]


class LayerService:
    """Publishing and reading layers."""

    def __init__(
        self,
        store: Store,
        files: Files,
        overlay: OverlayService,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._store = store
        self._files = files
        self._overlay = overlay
        self._clock = clock
        self._settings = settings

    def load(self, actor: Actor, path: Path, about: LayerAbout, options: ReadOptions) -> Published:
        """Publish a file as a version of a layer; the same file again changes nothing.

        Raises:
            Forbidden: The actor may not publish layers.
            LayerVersionTaken: The version is there with other content.
            BadValue: What is said of it cannot be.
            GeoreviewError: The file cannot be taken.
        """
        need(actor, Action.LAYER)
        about.check()
        self._files.need_room(self._settings.min_free_mb * 2**20)
        read = self.read(path, about.kind, options)
        known = self.known(about, read.report.sha256)
        if known is not None:
            return Published(known, read.report.notes)
        for part in beside(path):
            self._files.take(part, "sources", upload_bytes(self._settings))
        features = [LayerFeature(f.wkb, f.code, f.name, dict(f.props)) for f in read.features]
        bounds = shapely.total_bounds(shapely.from_wkb(np.array([f.wkb for f in features])))
        west, south, east, north = (float(edge) for edge in bounds)
        layer = LayerVersion(
            layer_id=_id_of(about, read.report.sha256),
            kind=about.kind,
            name=about.name,
            version=about.version,
            valid_from=about.valid_from.isoformat() if about.valid_from else None,
            source=about.source or read.report.file,
            sha256=read.report.sha256,
            crs_original=read.report.crs,
            accuracy_m=about.accuracy_m or KINDS[about.kind].accuracy_m,
            features=len(features),
            bbox=(west, south, east, north),
            created_at=self._clock().isoformat(),
            actor=actor.user,
            approval_no=about.approval_no,
            scale=about.scale,
            file=read.report.file,
        )
        self._store.layers.add(layer, features)
        return Published(layer, read.report.notes)

    def read(self, path: Path, kind: str, options: ReadOptions) -> LayerRead:
        """What a file would become as a layer of a kind; nothing is kept.

        Raises:
            GeoreviewError: The file cannot be taken.
        """
        files = beside(path)
        need_size(self._settings, files)
        limits, land = read_limits(self._settings), self._overlay.land(beside=kind)
        read: LayerRead = sandbox.run(READ_LAYER, files, kind, options, land, limits=limits)
        return read

    def known(self, about: LayerAbout, sha256: str) -> LayerVersion | None:
        """The version, if this very file has been published as it.

        Raises:
            LayerVersionTaken: Another one of its kind has the version, by which facts name it.
        """
        same = [
            known
            for known in self._store.layers.all()
            if (known.kind, known.version) == (about.kind, about.version)
        ]
        for known in same:
            if known.layer_id == _id_of(about, sha256):
                return known
        for known in same:
            raise LayerVersionTaken(field="version", value=about.version, name=known.name)
        return None

    def all(self) -> list[LayerVersion]:
        """Every version of every layer, current ones first."""
        return self._store.layers.all()

    def get(self, layer_id: str) -> LayerVersion:
        """One version."""
        return self._store.layers.get(layer_id)

    def features(self, layer_id: str) -> Sequence[LayerFeature]:
        """All features of a version."""
        return self._store.layers.features(layer_id)


def _id_of(about: LayerAbout, sha256: str) -> str:
    text = f"{about.kind}\x1f{about.name}\x1f{about.version}\x1f{sha256}"
    return f"{about.kind}-{hashlib.sha256(text.encode('utf-8')).hexdigest()[:12]}"
