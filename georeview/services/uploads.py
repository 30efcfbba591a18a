"""Files of plots sent over HTTP: kept first, looked through, and taken in only when told."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from georeview.clock import Clock
from georeview.core.access import Action, Actor, need
from georeview.core.jobs import JobState
from georeview.errors import BadValue, NotFound
from georeview.errors.work import ImportNotReady, ImportOver, NotTakenIn
from georeview.services.choices import main_names, parts_of
from georeview.services.imports import import_id, need_batch_name
from georeview.services.inspection import InspectionService
from georeview.services.jobs import JobService
from georeview.services.limits import upload_bytes
from georeview.services.retract import once_of
from georeview.services.told import Wish
from georeview.services.upload import WAITS, Changes, Sent, Upload, Wanted, keep, named
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports import Json
from georeview.storage.ports.jobs import Job
from georeview.storage.ports.store import Store

INSPECT, TAKE_IN = "inspect", "import"
"""The kinds of job: looking through files without keeping a row, and keeping their rows."""


class UploadService:
    """Imports over HTTP."""

    def __init__(
        self,
        store: Store,
        files: Files,
        inspection: InspectionService,
        jobs: JobService,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._store = store
        self._files = files
        self._inspection = inspection
        self._jobs = jobs
        self._clock = clock
        self._settings = settings

    # For whoever sends ---------------------------------------------------------------------------

    def receive(self, actor: Actor, sent: Sequence[Sent], wanted: Wanted) -> Upload:
        """Keep files byte for byte, and put looking through them into the queue.

        Raises:
            Forbidden: The actor may not load plots there.
            BadValue: The batch's name cannot be one, there is no file, or two have one name.
            TooLarge: A file is over the limit.
        """
        need(actor, Action.IMPORT, wanted.area)
        need_batch_name(wanted.batch)
        self._files.need_room(self._settings.min_free_mb * 2**20)
        kept = keep(self._files, list(named(sent)), upload_bytes(self._settings))
        options: dict[str, Any] = {
            "files": kept,
            "batch": wanted.batch,
            "area": wanted.area,
            "read": asdict(wanted.read),
            "review_due": _iso(wanted.review_due),
            "rectify_due": _iso(wanted.rectify_due),
            "update": wanted.update,
            "choices": {},
        }
        job = self._jobs.ask(actor, Action.IMPORT, INSPECT, options, area=wanted.area)
        return Upload(job, None)

    def get(self, actor: Actor, upload_id: str) -> Upload:
        """How far files are.

        Raises:
            NotFound: There is no such upload, or it is not for this person to see.
        """
        return self._with_taken(self._jobs.of_kind(actor, INSPECT, upload_id))

    def all(
        self, actor: Actor, *, before: int | None, limit: int
    ) -> tuple[list[Upload], int | None]:
        """Uploads as ``get`` shows them, newest first, and where the next part begins."""
        seen = self._jobs.all(actor, kind=INSPECT, before=before, limit=limit)
        return [self._with_taken(job) for job in seen.jobs], seen.before

    def adjust(self, actor: Actor, upload_id: str, changes: Changes) -> Upload:
        """Look through the same bytes again in another way; what changes nothing is not looked at.

        Raises:
            Forbidden: The actor may not load plots there, neither where they were for nor where they are.
            NotFound: There is no such upload.
            BadValue: A file is not one of the upload's, or all are left out.
            ImportOver: The files are being taken in, or have been.
        """
        upload = self.get(actor, upload_id)
        need(actor, Action.IMPORT, upload.looked.given.area)
        known: Mapping[str, Any] = upload.looked.given.options
        options = {**known, **changes}
        area = str(options["area"])
        need(actor, Action.IMPORT, area)
        need_batch_name(str(options["batch"]))
        _need_parts(options)
        if upload.taken is not None:
            raise ImportOver
        if options == known and upload.looked.state in (*WAITS, JobState.DONE):
            return upload
        now, once = self._clock().isoformat(), _once(upload_id)
        again = self._store.jobs.ask_anew(upload_id, options, now, area=area, unless=once)
        return self._with_taken(again)

    def commit(self, actor: Actor, upload_id: str) -> Upload:
        """Put taking the files in into the queue; told again, it is the same import.

        Raises:
            Forbidden: The actor may not load plots there.
            NotFound: There is no such upload.
            ImportNotReady: The files have not been looked through without a refusal or a question.
        """
        upload = self.get(actor, upload_id)
        area = upload.looked.given.area
        need(actor, Action.IMPORT, area)
        if upload.taken is not None:
            again = self._store.jobs.retry(upload.taken.given.job_id, self._clock().isoformat())
            return Upload(upload.looked, again)
        if upload.state != "ready":
            raise ImportNotReady(state=upload.state)
        options, once = upload.looked.given.options, _once(upload_id)
        taken = self._jobs.ask(actor, Action.IMPORT, TAKE_IN, options, area=area, once=once)
        return Upload(upload.looked, taken)

    def load_of(self, actor: Actor, name: str) -> str:
        """What the ids of an upload's files have in common; any other name is a file's own.

        Raises:
            NotTakenIn: The upload has not been taken in.
        """
        try:
            upload = self.get(actor, name)
        except NotFound:
            return name
        if upload.taken is None or upload.taken.state is not JobState.DONE:
            raise NotTakenIn(state=upload.state)
        return upload.taken.given.job_id

    def _with_taken(self, looked: Job) -> Upload:
        taken = self._store.jobs.once(_once(looked.given.job_id))
        if taken is None or taken.state is not JobState.DONE:
            return Upload(looked, taken)
        name = taken.given.job_id
        files = self._store.deliveries.files(name)
        retracted = bool(files) and all(file.retracted_at for file in files)
        return Upload(looked, taken, retracted, self._store.jobs.once(once_of(name)))

    # What was seen in it -------------------------------------------------------------------------

    def rows(
        self, actor: Actor, upload_id: str, wish: Wish, *, start: int, limit: int
    ) -> tuple[list[dict[str, Any]], int | None]:
        """What becomes of single rows, and where the next ones begin; ``None`` behind the last.

        Raises:
            NotFound: There is no such upload.
        """
        job = self.get(actor, upload_id).detailed
        return self._inspection.rows(actor, job, wish, start=start, limit=limit)

    def every_row(self, actor: Actor, upload_id: str, wish: Wish) -> Iterator[dict[str, Any]]:
        """The same for all rows, one after the other."""
        return self._inspection.every_row(actor, self.get(actor, upload_id).detailed, wish)

    def preview(self, actor: Actor, upload_id: str, *, part: int, crs: str | None) -> bytes:
        """Shapes of a part, as a GeoJSON feature collection in EPSG:4490.

        Args:
            actor: Who looks.
            upload_id: Which upload.
            part: Number of the part, from 0.
            crs: One of the coordinate systems that were found; the likeliest if not given.

        Raises:
            NotFound: There is no such upload, part or coordinate system.
        """
        upload = self.get(actor, upload_id)
        looks: Sequence[Mapping[str, Any]] = upload.found.get("looks", ())
        placings = looks[part].get("placings", ()) if 0 <= part < len(looks) else ()
        named = [n for n, placing in enumerate(placings) if crs in (None, placing["crs"])]
        if not named and (crs is not None or not 0 <= part < len(looks)):
            raise NotFound(what=crs or str(part))
        return self._inspection.shapes(actor, upload.looked, part, named[0] if named else 0)

    # For the worker ------------------------------------------------------------------------------

    def inspect(self, actor: Actor, job: Job, advance: Callable[[int], None]) -> Json:
        """Look through the files; nothing is kept of them."""
        return self._inspection.inspect(actor, job, advance)

    def take_in(self, actor: Actor, job: Job, advance: Callable[[int], None]) -> Json:
        """Take the files in; the result is the report, the same however often this was begun."""
        key, batch = job.given.job_id, str(job.given.options["batch"])
        report = self._inspection.take_in(actor, job, advance).as_json()
        kept = {i.import_id: json.loads(i.report) for i in self._store.plots.imports(batch)}
        files = [kept.get(import_id(key, n), file) for n, file in enumerate(report["files"])]
        return {**report, "files": files}


def _need_parts(options: Mapping[str, Any]) -> None:
    """Refuse choices about files that are not there, and none to read at all.

    Raises:
        BadValue: So it is.
    """
    names = main_names(options)
    strange = set(options["choices"]) - set(names)
    if strange:
        raise BadValue(field="files", value=min(strange)[:80])
    if all(part.skip for part in parts_of(options)):
        raise BadValue(field="files", value="")


def _once(upload_id: str) -> str:
    return f"commit {upload_id}"


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
