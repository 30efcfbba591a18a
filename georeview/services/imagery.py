"""Scenes: dated images taken in once, shown as tiles and chips."""

import hashlib
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as day
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from georeview import sandbox
from georeview.clock import Clock
from georeview.core.access import Action, Actor, need
from georeview.errors import BadValue, NotFound
from georeview.imagery.handles import Handles
from georeview.services.jobs import JobService
from georeview.services.limits import image_limits, need_size, upload_bytes
from georeview.settings import Settings
from georeview.storage.files import CHUNK, Files, plain_name
from georeview.storage.ports import Json
from georeview.storage.ports.jobs import Job
from georeview.storage.ports.layers import Scene
from georeview.storage.ports.store import Store

if TYPE_CHECKING:
    import shapely

    from georeview.imagery.convert import Info

KIND = "imagery"
"""The kind of job that takes in an image that was sent."""

ROLES = ("before", "after", "reference")
BRING_IN = "georeview.imagery.convert:bring_in"

COVERED = 0.8
"""Share of a plot with valid pixels from which on a scene shows it."""


@dataclass(frozen=True, slots=True)
class Covering:
    """A scene that reaches a plot, and the share of the plot its valid data covers."""

    scene: Scene
    coverage: float


class ImageryService:
    """Taking in and showing scenes."""

    def __init__(
        self, store: Store, files: Files, jobs: JobService, clock: Clock, settings: Settings
    ) -> None:
        self._store = store
        self._files = files
        self._jobs = jobs
        self._clock = clock
        self._settings = settings
        self._handles = Handles()

    def close(self) -> None:
        """Let go of open files."""
        self._handles.close()

    def receive(
        self,
        actor: Actor,
        content: BinaryIO,
        *,
        file: str,
        role: str,
        date: day,
        sensor: str | None = None,
        name: str | None = None,
    ) -> Job:
        """Keep an image that was sent, and put taking it in into the queue.

        Args:
            actor: Who sends it.
            content: Its bytes.
            file: What the sender calls it.
            role: ``before``, ``after`` or ``reference``.
            date: When it was taken.
            sensor: What took it.
            name: What to call it.

        Raises:
            Forbidden: The actor may not load images.
            BadValue: The role is unknown.
            TooLarge: It is over the limit.
        """
        need(actor, Action.IMAGERY)
        _need_role(role)
        self._files.need_room(self._settings.min_free_mb * 2**20)
        taken = self._files.take(content, "sources", upload_bytes(self._settings))
        options = {
            "file": plain_name(file),
            "sha256": taken.sha256,
            "role": role,
            "date": date.isoformat(),
            "sensor": sensor,
            "name": name,
        }
        return self._jobs.ask(actor, Action.IMAGERY, KIND, options)

    def bring_in(self, actor: Actor, job: Job) -> Json:
        """Do what ``receive`` asked for; the result names the scene.

        Raises:
            GeoreviewError: As ``load``.
        """
        asked = {name: None if v is None else str(v) for name, v in job.given.options.items()}
        with self._files.laid_out([(str(asked["file"]), str(asked["sha256"]))]) as (path,):
            scene = self.load(
                actor,
                path,
                role=str(asked["role"]),
                date=day.fromisoformat(str(asked["date"])),
                sensor=asked["sensor"],
                name=asked["name"],
            )
        return {"scene_id": scene.scene_id}

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
        _need_role(role)
        self._files.need_room(self._settings.min_free_mb * 2**20)
        need_size(self._settings, [path])
        sha256 = _sha256(path)
        scene_id = f"{role}-{date.isoformat()}-{sha256[:8]}"
        if known := self._known(scene_id):
            return known
        # Beside its final place: whoever loads the same file at the same time has another folder.
        part = self._files.imagery(f"part-{secrets.token_hex(8)}")
        try:
            info = self._converted(path, part, sensor)
            scene = Scene(
                scene_id=scene_id,
                name=(name or path.name)[:200],
                role=role,
                date=date.isoformat(),
                sensor=sensor,
                sha256=self._original(path, sha256),
                info=info.as_json(),
                created_at=self._clock().isoformat(),
                actor=actor.user,
            )
            with self._files.alone("imagery"):
                return self._known(scene_id) or self._kept(scene, part)
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def _original(self, path: Path, sha256: str) -> str:
        """The hash under which the image lies in ``sources/``, kept there first if it is not."""
        if self._files.path("sources", sha256).is_file():
            return sha256
        return self._files.take(path, "sources", upload_bytes(self._settings)).sha256

    def _known(self, scene_id: str) -> Scene | None:
        return next((s for s in self._store.scenes.all() if s.scene_id == scene_id), None)

    def _converted(self, path: Path, folder: Path, sensor: str | None) -> "Info":
        info: Info = sandbox.run(
            BRING_IN,
            path,
            folder,
            sensor,
            self._settings.max_image_mpx,
            self._settings.extent_degrees,
            limits=image_limits(self._settings),
        )
        return info

    def _kept(self, scene: Scene, part: Path) -> Scene:
        """Files first, record last: a record always has its files."""
        folder = self._files.imagery(scene.scene_id)
        shutil.rmtree(folder)
        part.rename(folder)
        try:
            self._store.scenes.add(scene)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return self._store.scenes.get(scene.scene_id)

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

        return render.tile(self._handles, self._display(scene), z, x, y, fmt)

    def chip(self, scene: Scene, wkb: bytes, size: tuple[int, int]) -> bytes | None:
        """A picture of a plot's surroundings, ``None`` where the scene does not reach."""
        from georeview.imagery import chips

        return chips.chip(self._handles, self._display(scene), wkb, size)

    def _display(self, scene: Scene) -> Path:
        return self._files.imagery(scene.scene_id) / "display.tif"


Box = tuple[float, float, float, float]
"""West, south, east, north, degrees."""


class Footprints:
    """Outlines of scenes' valid data, each made once: scenes never change."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[shapely.Geometry, Box]] = {}

    def of(self, scene: Scene) -> "tuple[shapely.Geometry, Box]":
        """The outline of one scene with its box, EPSG:4490."""
        import shapely

        if scene.scene_id not in self._made:
            outline = shapely.geometry.shape(scene.info["footprint"])
            self._made[scene.scene_id] = (outline, outline.bounds)
        return self._made[scene.scene_id]


def covering(
    scenes: Sequence[Scene], wkb: bytes, bbox: Box, footprints: Footprints
) -> list[Covering]:
    """Scenes whose valid data reach a plot, in their order.

    Args:
        scenes: Scenes to ask.
        wkb: The plot, EPSG:4490.
        bbox: Its box; most plots lie under no scene, which their boxes tell at once.
        footprints: Of these scenes.
    """
    near = [scene for scene in scenes if _meet(footprints.of(scene)[1], bbox)]
    if not near:
        return []
    import shapely

    plot = shapely.from_wkb(wkb)
    shares = ((scene, _share(footprints.of(scene)[0], plot)) for scene in near)
    return [Covering(scene, round(share, 4)) for scene, share in shares if share > 0]


def _meet(one: Box, other: Box) -> bool:
    west, south, east, north = one
    return other[0] <= east and other[2] >= west and other[1] <= north and other[3] >= south


def is_pair(found: Sequence[Covering]) -> bool:
    """Whether a scene from before and a later one from after both show the plot."""
    before, after = (
        [c.scene.date for c in found if c.scene.role == role and c.coverage >= COVERED]
        for role in ("before", "after")
    )
    return bool(before and after) and min(before) < max(after)


def _share(footprint: "shapely.Geometry", plot: "shapely.Geometry") -> float:
    """Share of a plot inside a footprint; by length or by number for lines and points."""
    inside = plot.intersection(footprint)
    if plot.area > 0:
        return float(inside.area / plot.area)
    if plot.length > 0:
        return float(inside.length / plot.length)
    return float(not inside.is_empty)


def _need_role(role: str) -> None:
    if role not in ROLES:
        raise BadValue(field="role", value=role[:40])


def _sha256(path: Path) -> str:
    """Hash of a file, before anything of it is kept."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
