"""Scenes: dated images taken in once, shown as tiles and chips."""

import shutil
from datetime import date as day
from pathlib import Path

from georeview import sandbox
from georeview.clock import Clock
from georeview.core.access import Action, Actor, need
from georeview.errors import BadValue, NotFound
from georeview.services.limits import read_limits, upload_bytes
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports import Scene, Store

ROLES = ("before", "after", "reference")
BRING_IN = "georeview.imagery.convert:bring_in"


class ImageryService:
    """Taking in and showing scenes."""

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
        role: str,
        date: day,
        sensor: str | None = None,
        name: str | None = None,
    ) -> Scene:
        """Take in an image; the same file in the same role again changes nothing.

        Args:
            actor: Who loads.
            path: A GeoTIFF.
            role: ``before``, ``after`` or ``reference``.
            date: When it was taken.
            sensor: What took it; tells the order of unnamed bands.
            name: What to call it; the file's name if not given.

        Raises:
            Forbidden: The actor may not load images.
            GeoreviewError: The file cannot be taken; nothing is left of it.
        """
        need(actor, Action.IMAGERY)
        if role not in ROLES:
            raise BadValue(field="role", value=role[:40])
        self._files.need_room(self._settings.min_free_mb * 2**20)
        taken = self._files.take(path, "sources", upload_bytes(self._settings))
        scene_id = f"{role}-{date.isoformat()}-{taken.sha256[:8]}"
        for known in self._store.scenes.all():
            if known.scene_id == scene_id:
                return known
        folder = self._files.imagery(scene_id)
        try:
            info = sandbox.run(
                BRING_IN,
                self._files.path("sources", taken.sha256),
                folder,
                sensor,
                limits=read_limits(self._settings),
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        scene = Scene(
            scene_id=scene_id,
            name=name or path.name,
            role=role,
            date=date.isoformat(),
            sensor=sensor,
            sha256=taken.sha256,
            info=info.as_json(),
            created_at=self._clock().isoformat(),
            actor=actor.user,
        )
        self._store.scenes.add(scene)
        return scene

    def all(self) -> list[Scene]:
        """Every scene by date, oldest first."""
        return self._store.scenes.all()

    def get(self, scene_id: str) -> Scene:
        """One scene; a role's name means its newest scene.

        Raises:
            NotFound: There is none.
        """
        if scene_id in ROLES:
            of_role = [scene for scene in self._store.scenes.all() if scene.role == scene_id]
            if not of_role:
                raise NotFound(what=scene_id)
            return of_role[-1]
        return self._store.scenes.get(scene_id)

    def tile(self, scene: Scene, z: int, x: int, y: int, fmt: str) -> bytes | None:
        """A picture tile, ``None`` where the scene shows nothing."""
        from georeview.imagery import render

        return render.tile(self._display(scene), z, x, y, fmt)

    def chip(self, scene: Scene, wkb: bytes, size: tuple[int, int]) -> bytes | None:
        """A picture of a plot's surroundings, ``None`` where the scene does not reach."""
        from georeview.imagery import chips

        return chips.chip(self._display(scene), wkb, size)

    def _display(self, scene: Scene) -> Path:
        return self._files.imagery(scene.scene_id) / "display.tif"
