"""Files of plots sent over HTTP: kept first, looked through, and taken in only when told."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from georeview.clock import Clock
from georeview.core.access import Action, Actor, need
from georeview.core.jobs import JobState
from georeview.errors import BadValue, FileTwice, ImportNotReady
from georeview.ingest import ReadOptions, whole_files
from georeview.services.imports import ImportService, LoadReport, import_id, need_batch_name
from georeview.services.jobs import JobService
from georeview.services.limits import upload_bytes
from georeview.settings import Settings
from georeview.storage.files import Files, plain_name
from georeview.storage.ports import Job, Json, Store

INSPECT, TAKE_IN = "inspect", "import"
"""The kinds of job: looking through files without keeping a row, and keeping their rows."""

COUNTS = ("rows_in", "stored", "unchanged", "joined")


@dataclass(frozen=True, slots=True)
class Sent:
    """One file as it was sent."""

    name: str
    content: BinaryIO


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to become of files of plots.

    Attributes:
        batch: Name of the batch.
        area: Area code of whoever the batch was issued to.
        read: What is known about the files.
        review_due: Last day of the review.
        rectify_due: Last day of the rectification.
    """

    batch: str
    area: str
    read: ReadOptions
    review_due: date | None = None
    rectify_due: date | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """Files that were sent: the job that looks through them, and the one that takes them in."""

    looked: Job
    taken: Job | None

    @property
    def job(self) -> Job:
        """The one that counts now."""
        return self.taken or self.looked

    @property
    def state(self) -> str:
        """``queued running ready committing done failed cancelled``."""
        if self.taken is None:
            done = self.looked.state is JobState.DONE
            return "ready" if done else self.looked.state.value
        waits = self.taken.state in (JobState.QUEUED, JobState.RUNNING)
        return "committing" if waits else self.taken.state.value

    @property
    def report(self) -> Json | None:
        """What became of every row, or, before it is taken in, what would."""
        return (self.taken and self.taken.result) or self.looked.result

    def counts(self) -> dict[str, int] | None:
        """Rows of all files: in the files, stored, there already, joined to others, set aside."""
        files: Any = (self.report or {}).get("files")
        if files is None:
            return None
        counts = {name: sum(file[name] for file in files) for name in COUNTS}
        return counts | {"set_aside": sum(len(file["set_aside"]) for file in files)}


class UploadService:
    """Imports over HTTP."""

    def __init__(
        self,
        store: Store,
        files: Files,
        imports: ImportService,
        jobs: JobService,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._store = store
        self._files = files
        self._imports = imports
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
        kept = [
            {"name": name, "sha256": taken.sha256, "size": taken.size}
            for name, content in list(_named(sent))
            for taken in [self._files.take(content, "sources", upload_bytes(self._settings))]
        ]
        options: dict[str, Any] = {
            "files": kept,
            "batch": wanted.batch,
            "area": wanted.area,
            "read": asdict(wanted.read),
            "review_due": wanted.review_due and wanted.review_due.isoformat(),
            "rectify_due": wanted.rectify_due and wanted.rectify_due.isoformat(),
        }
        return Upload(
            self._jobs.ask(actor, Action.IMPORT, INSPECT, options, area=wanted.area), None
        )

    def get(self, actor: Actor, upload_id: str) -> Upload:
        """How far files are.

        Raises:
            NotFound: There is no such upload, or it is not for this person to see.
        """
        looked = self._jobs.of_kind(actor, INSPECT, upload_id)
        return Upload(looked, self._store.jobs.once(_once(upload_id)))

    def commit(self, actor: Actor, upload_id: str) -> Upload:
        """Put taking the files in into the queue; told again, it is the same import.

        Raises:
            Forbidden: The actor may not load plots there.
            NotFound: There is no such upload.
            ImportNotReady: The files have not been looked through without a refusal.
        """
        upload = self.get(actor, upload_id)
        area = upload.looked.given.area
        need(actor, Action.IMPORT, area)
        if upload.looked.state is not JobState.DONE:
            raise ImportNotReady(state=upload.looked.state.value)
        if upload.taken is None:
            options, once = upload.looked.given.options, _once(upload_id)
            taken = self._jobs.ask(actor, Action.IMPORT, TAKE_IN, options, area=area, once=once)
        else:
            taken = self._store.jobs.retry(upload.taken.given.job_id, self._clock().isoformat())
        return Upload(upload.looked, taken)

    # For the worker ------------------------------------------------------------------------------

    def inspect(self, actor: Actor, job: Job, advance: Callable[[int], None]) -> Json:
        """Look through the files; the result is the report of a load that keeps nothing."""
        return self._load(actor, job, advance, dry_run=True).as_json()

    def take_in(self, actor: Actor, job: Job, advance: Callable[[int], None]) -> Json:
        """Take the files in; the result is the report, the same however often this was begun."""
        key, batch = job.given.job_id, str(job.given.options["batch"])
        report = self._load(actor, job, advance, dry_run=False).as_json()
        kept = {i.import_id: json.loads(i.report) for i in self._store.plots.imports(batch)}
        files = [kept.get(import_id(key, n), file) for n, file in enumerate(report["files"])]
        return {**report, "files": files}

    def _load(
        self, actor: Actor, job: Job, advance: Callable[[int], None], *, dry_run: bool
    ) -> LoadReport:
        asked: Mapping[str, Any] = job.given.options
        originals = [(file["name"], file["sha256"]) for file in asked["files"]]
        read = dict(asked["read"])
        due = {name: _day(asked[name]) for name in ("review_due", "rectify_due")}
        with self._files.laid_out(originals) as paths:
            return self._imports.load(
                actor,
                whole_files(paths),
                batch=asked["batch"],
                area=asked["area"],
                options=ReadOptions(**read | {"expected": tuple(read["expected"])}),
                dry_run=dry_run,
                key=job.given.job_id,
                advance=advance,
                **due,
            )


def parts_of(job: Job) -> int:
    """How many files, each with its parts, an upload has."""
    files: Any = job.given.options["files"]
    return len(whole_files(Path(file["name"]) for file in files))


def _named(sent: Sequence[Sent]) -> Iterator[tuple[str, BinaryIO]]:
    """Files by names that a folder can hold beside each other."""
    if not sent:
        raise BadValue(field="file", value="")
    names: set[str] = set()
    for file in sent:
        name = plain_name(file.name)
        if name.lower() in names:
            raise FileTwice(field="file", value=name)
        names.add(name.lower())
        yield name, file.content


def _once(upload_id: str) -> str:
    return f"commit {upload_id}"


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
