"""Files of boundary layers sent over HTTP: looked through, adjusted, and published when told."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, TypedDict

import orjson
import shapely

from georeview import sandbox
from georeview.clock import Clock
from georeview.core.access import Action, Actor, need
from georeview.core.jobs import JobState
from georeview.core.layers import KINDS
from georeview.errors import GeoreviewError, NotFound
from georeview.errors.files import LayerOneFile
from georeview.errors.work import DraftOver, ImportNotReady
from georeview.ingest import LOOK_LAYER, Look, ReadOptions, beside, question
from georeview.services.choices import main_names
from georeview.services.inspection import EMPTY, OF_A_FILE, refusal_as_json
from georeview.services.jobs import JobService
from georeview.services.layer_changes import collection
from georeview.services.layers import LayerAbout, LayerService
from georeview.services.limits import need_size, read_limits, upload_bytes
from georeview.services.overlay import LAND_KINDS, OverlayService
from georeview.services.placings import DIGITS, shapes_name
from georeview.services.upload import WAITS, Sent, Upload, keep, named
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports import Json
from georeview.storage.ports.jobs import Job
from georeview.storage.ports.layers import LayerFeature
from georeview.storage.ports.store import Store

LOOK_KIND, PUBLISH = "layer_look", "layer"
"""The kinds of job: looking through a file, and publishing it."""

STEPS = 3
"""Of a look: the file seen, read as it would be published, held against the version in use."""

DIFF = "diff.json"
SIMPLER_DEGREES = 1e-5

Said = Mapping[str, Any]
"""What is said of a version so far: the attributes of ``LayerAbout``, as plain values."""

Advance = Callable[[int], None]


class Changes(TypedDict, total=False):
    """What is decided anew about a draft; what is not named stays as it is."""

    about: Said
    crs: str | None
    encoding: str | None
    layer: str | None


class DraftService:
    """Versions of layers before they are published."""

    def __init__(
        self,
        store: Store,
        files: Files,
        layers: LayerService,
        overlay: OverlayService,
        jobs: JobService,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._store = store
        self._files = files
        self._layers = layers
        self._overlay = overlay
        self._jobs = jobs
        self._clock = clock
        self._settings = settings

    # For whoever sends ---------------------------------------------------------------------------

    def receive(self, actor: Actor, sent: Sequence[Sent], about: Said, read: ReadOptions) -> Upload:
        """Keep a file byte for byte, and put looking through it into the queue.

        Raises:
            Forbidden: The actor may not publish layers.
            LayerOneFile: The files are not one data set.
            TooLarge: A file is over the limit.
        """
        need(actor, Action.LAYER)
        self._files.need_room(self._settings.min_free_mb * 2**20)
        files = list(named(sent))
        whole = main_names({"files": [{"name": name} for name, _ in files]})
        if len(whole) != 1:
            raise LayerOneFile(field="file", value=", ".join(whole)[:200], n=len(whole))
        kept = keep(self._files, files, upload_bytes(self._settings))
        options: dict[str, Any] = {"files": kept, "about": dict(about), "read": asdict(read)}
        return Upload(self._jobs.ask(actor, Action.LAYER, LOOK_KIND, options), None)

    def get(self, actor: Actor, draft_id: str) -> Upload:
        """How far a draft is.

        Raises:
            NotFound: There is none, or it is not for this person to see.
        """
        return self._with_taken(self._jobs.of_kind(actor, LOOK_KIND, draft_id))

    def all(self, actor: Actor, *, limit: int) -> list[Upload]:
        """Drafts as ``get`` shows them, newest first."""
        seen = self._jobs.all(actor, kind=LOOK_KIND, limit=limit)
        return [self._with_taken(job) for job in seen.jobs]

    def adjust(self, actor: Actor, draft_id: str, changes: Changes) -> Upload:
        """Look at the same bytes in another way; what changes nothing is not looked at.

        Raises:
            Forbidden: The actor may not publish layers.
            NotFound: There is no such draft.
            DraftOver: It is being published, or has been.
        """
        need(actor, Action.LAYER)
        draft = self.get(actor, draft_id)
        if draft.taken is not None:
            raise DraftOver
        known: Any = draft.looked.given.options
        read = {name: changes[name] for name in ("crs", "encoding", "layer") if name in changes}
        options = {
            **known,
            "about": {**known["about"], **changes.get("about", {})},
            "read": {**known["read"], **read},
        }
        if options == known and draft.looked.state in (*WAITS, JobState.DONE):
            return draft
        now, once = self._clock().isoformat(), _once(draft_id)
        area = draft.looked.given.area
        again = self._store.jobs.ask_anew(draft_id, options, now, area=area, unless=once)
        return self._with_taken(again)

    def commit(self, actor: Actor, draft_id: str) -> Upload:
        """Put publishing it into the queue; told again, it is the same version.

        Raises:
            Forbidden: The actor may not publish layers.
            NotFound: There is no such draft.
            ImportNotReady: It has not been looked through without a refusal or a question.
        """
        need(actor, Action.LAYER)
        draft = self.get(actor, draft_id)
        if draft.taken is not None:
            again = self._store.jobs.retry(draft.taken.given.job_id, self._clock().isoformat())
            return Upload(draft.looked, again)
        if draft.state != "ready":
            raise ImportNotReady(state=draft.state)
        options = {**draft.looked.given.options, "about": draft.found["about"]}
        taken = self._jobs.ask(actor, Action.LAYER, PUBLISH, options, once=_once(draft_id))
        return Upload(draft.looked, taken)

    def preview(self, actor: Actor, draft_id: str, crs: str | None) -> bytes:
        """Its shapes in one of the coordinate systems that fit, as GeoJSON in EPSG:4490.

        Raises:
            NotFound: There is no such draft or coordinate system.
        """
        draft = self.get(actor, draft_id)
        looks: Any = draft.found.get("looks", ())
        placings = [one for look in looks for one in look.get("placings", ())]
        named_ones = [n for n, one in enumerate(placings) if crs in (None, one["crs"])]
        if not named_ones and crs is not None:
            raise NotFound(what=crs)
        return self._kept(actor, draft, shapes_name(0, named_ones[0] if named_ones else 0))

    def diff(self, actor: Actor, draft_id: str) -> bytes:
        """What would differ from the version in use; nothing as long as something is unclear.

        Raises:
            NotFound: There is no such draft.
        """
        return self._kept(actor, self.get(actor, draft_id), DIFF)

    def _kept(self, actor: Actor, draft: Upload, name: str) -> bytes:
        """What was found beside a look; found anew where the cache was emptied."""
        job = draft.looked
        folder = self._files.details(job.given.job_id)
        if not folder.is_dir() and job.state is JobState.DONE:
            self.look(actor, job, lambda _steps: None)
        path = folder / name
        return path.read_bytes() if path.exists() else EMPTY

    def _with_taken(self, looked: Job) -> Upload:
        return Upload(looked, self._store.jobs.once(_once(looked.given.job_id)))

    # For the worker ------------------------------------------------------------------------------

    def look(self, actor: Actor, job: Job, advance: Advance) -> Json:
        """Look through a draft; nothing is kept of it but what was seen.

        Returns:
            ``looks`` (of the one file), ``questions``, ``refused``, ``about`` with what was not said
            proposed, and, once nothing is open, how many ``features`` there are and the ``summary``
            of what would differ from the version in use.
        """
        need(actor, Action.LAYER)
        said, options = _said(job), _options(job)
        found: dict[str, Any] = {"looks": [], "questions": [], "refused": None, "about": dict(said)}
        with self._files.laid_out(_originals(job)) as paths, self._files.scratch() as scratch:
            folder = scratch / "found"
            folder.mkdir()
            path = _main(paths)
            try:
                seen = self._seen(path, said.get("kind"), options)
                if said.get("kind") is None and seen.kind in LAND_KINDS:
                    # What this kind itself says of the land is no evidence for it.
                    seen = self._seen(path, seen.kind, options)
                advance(1)
                found |= self._told(path, seen, folder)
                found["about"] = about = self._about(said, seen.kind)
                if not found["questions"]:
                    found |= self._tried(path, about, options, folder, advance)
            except OF_A_FILE as refusal:
                _refuse(found, path.name, refusal)
            self._files.keep_details(job.given.job_id, folder)
        return found

    def publish(self, actor: Actor, job: Job) -> Json:
        """Publish a draft; the result is the same however often this was begun."""
        with self._files.laid_out(_originals(job)) as paths:
            done = self._layers.load(actor, _main(paths), as_about(_said(job)), _options(job))
        return {"layer_id": done.layer.layer_id}

    def _seen(self, path: Path, kind: str | None, options: ReadOptions) -> Look:
        files = beside(path)
        need_size(self._settings, files)
        land, limits = self._overlay.land(beside=kind), read_limits(self._settings)
        seen: Look = sandbox.run(LOOK_LAYER, files, kind, options, land, limits=limits)
        return seen

    def _told(self, path: Path, seen: Look, folder: Path) -> dict[str, Any]:
        """A look without its shapes, which go into the folder."""
        for n, placing in enumerate(seen.placings):
            (folder / shapes_name(0, n)).write_bytes(_drawn(placing.rows, placing.shapes))
        told = {name: value for name, value in asdict(seen).items() if name != "questions"}
        told |= {"file": path.name, "refused": None}
        for placing in told["placings"]:
            placing |= {"shapes": len(placing["shapes"]), "probed": 0}
            placing |= {"counties": [], "river_m": None}
            del placing["rows"]
        questions = [{"part": 0, **asdict(asked)} for asked in seen.questions]
        return {"looks": [told], "questions": questions}

    def _about(self, said: Said, kind: str | None) -> dict[str, Any]:
        """What is said of a version, with a proposal for what is not."""
        if kind is None:
            return dict(said)
        own = [layer for layer in self._layers.all() if layer.kind == kind]
        used = self._overlay.in_use_of(kind)
        proposed = {
            "kind": kind,
            "name": used.name if used else KINDS[kind].zh,
            "version": following(used.version if used else None, {v.version for v in own}),
            "accuracy_m": used.accuracy_m if used else KINDS[kind].accuracy_m,
        }
        return {**proposed, **{name: value for name, value in said.items() if value is not None}}

    def _tried(
        self, path: Path, about: Said, options: ReadOptions, folder: Path, advance: Advance
    ) -> dict[str, Any]:
        """Read it as it would be published, and hold it against the version in use."""
        as_about(about).check()
        read = self._layers.read(path, str(about["kind"]), options)
        self._layers.known(as_about(about), read.report.sha256)
        advance(1)
        used = self._overlay.in_use_of(str(about["kind"]))
        old = self._layers.features(used.layer_id) if used else ()
        new = [LayerFeature(f.wkb, f.code, f.name, dict(f.props)) for f in read.features]
        against = used.layer_id if used else None
        data = collection(new, old, against=against)
        (folder / DIFF).write_bytes(data if used else EMPTY)
        advance(1)
        return {
            "features": len(read.features),
            "against": against,
            "summary": orjson.loads(data)["summary"] if used else None,
        }


def following(version: str | None, taken: set[str]) -> str:
    """A name for the version after another one: its last number counted up, until it is free."""
    if version is None:
        return "v1"
    head, number, tail = re.fullmatch(r"(.*?)(\d*)(\D*)", version, re.DOTALL).groups()  # type: ignore[union-attr]
    n = int(number or 1)
    while True:
        n += 1
        proposed = f"{head}{n:0{len(number)}d}{tail}" if number else f"{version}-{n}"
        if proposed not in taken:
            return proposed


def as_about(said: Said) -> LayerAbout:
    """What is said of a version, as a value."""
    day = said.get("valid_from")
    return LayerAbout(**{**said, "valid_from": date.fromisoformat(day) if day else None})


def _refuse(found: dict[str, Any], file: str, refusal: GeoreviewError) -> None:
    """What a person can decide about is a question, everything else ends it."""
    asked = question(refusal)
    found["looks"] = found["looks"] or [{"file": file, "refused": refusal_as_json(refusal)}]
    if asked is not None and "placings" in found["looks"][0]:
        found["questions"].append({"part": 0, **asdict(asked)})
    else:
        found["refused"] = {"part": 0, **refusal_as_json(refusal)}


def _drawn(rows: Sequence[int], shapes: Sequence[bytes]) -> bytes:
    """Shapes as a GeoJSON feature collection."""
    geoms = shapely.from_wkb(list(shapes))
    texts = shapely.to_geojson(shapely.transform(geoms, lambda xy: xy.round(DIGITS)))
    features = [
        {
            "type": "Feature",
            "id": row,
            "geometry": orjson.Fragment(text),
            "properties": {"row": row},
        }
        for row, text in zip(rows, texts, strict=True)
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def _originals(job: Job) -> list[tuple[str, str]]:
    sent: Any = job.given.options["files"]
    return [(file["name"], file["sha256"]) for file in sent]


def _main(paths: Sequence[Path]) -> Path:
    (name,) = main_names({"files": [{"name": path.name} for path in paths]})
    return next(path for path in paths if path.name == name)


def _said(job: Job) -> Said:
    said: Any = job.given.options["about"]
    return said  # type: ignore[no-any-return]


def _options(job: Job) -> ReadOptions:
    known: Any = job.given.options["read"]
    return ReadOptions(**known | {"expected": tuple(known["expected"])})


def _once(draft_id: str) -> str:
    return f"publish {draft_id}"
