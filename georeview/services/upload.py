"""An upload as a value: what was sent, what is wanted, and what has come of it so far."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO, TypedDict

from georeview.core.jobs import JobState
from georeview.errors import BadValue
from georeview.errors.work import FileTwice
from georeview.ingest import ReadOptions
from georeview.services.load_report import aside_of
from georeview.storage.files import Files, plain_name
from georeview.storage.ports import Json
from georeview.storage.ports.jobs import Job

COUNTS = ("rows_in", "stored", "changed", "unchanged", "joined")
WAITS = (JobState.QUEUED, JobState.RUNNING)


def state_of(looked: Job, taken: Job | None, found: Mapping[str, Any], *, asks: bool) -> str:
    """How far something is that was sent: looked through, and taken in once somebody said so.

    Args:
        looked: Looks through it.
        taken: Takes it in.
        found: What looking has found; ``refused`` says why it cannot be taken.
        asks: Whether something has to be answered first.
    """
    if taken is not None:
        return "committing" if taken.state in WAITS else taken.state.value
    if looked.state is not JobState.DONE:
        return looked.state.value
    if found.get("refused"):
        return "failed"
    return "asking" if asks else "ready"


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
        update: Whether plots that are there become what the files say.
    """

    batch: str
    area: str
    read: ReadOptions
    review_due: date | None = None
    rectify_due: date | None = None
    update: bool = False


class Changes(TypedDict, total=False):
    """What is decided anew about an upload; what is not named stays as it is."""

    batch: str
    area: str
    review_due: str | None
    rectify_due: str | None
    update: bool
    choices: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """Files that were sent: the job that looks through them, and the one that takes them in.

    Attributes:
        looked: Looks through them.
        taken: Takes them in, once somebody has said so.
        retracted: Whether what was taken in has been taken back.
        back: Takes it back, where that takes its time.
    """

    looked: Job
    taken: Job | None
    retracted: bool = False
    back: Job | None = None

    @property
    def job(self) -> Job:
        """The one that counts now."""
        return self.back or self.taken or self.looked

    @property
    def found(self) -> Mapping[str, Any]:
        """What looking has found; nothing while it goes on."""
        found: Mapping[str, Any] = self.looked.result or {}
        # Before there was more to tell, the report was all.
        return {"report": found} if "files" in found else found

    @property
    def state(self) -> str:
        """``queued running asking ready committing done retracting retracted failed cancelled``."""
        if self.retracted:
            return "retracted"
        if self.back is not None and self.back.state in WAITS:
            return "retracting"
        found = self.found
        return state_of(self.looked, self.taken, found, asks=bool(found.get("questions")))

    @property
    def error(self) -> Mapping[str, Any] | None:
        """The refusal that stands in the way, as code and facts."""
        return self.job.error or (None if self.taken else self.found.get("refused"))

    @property
    def report(self) -> Json | None:
        """What became of every row, or, before it is taken in, what would."""
        return (self.taken and self.taken.result) or self.found.get("report")

    @property
    def detailed(self) -> Job:
        """The job whose rows are told: what was taken in, where that is not what had been seen."""
        taken, seen = self.taken, self.found.get("report")
        if taken is None or taken.result is None or seen is None:
            return self.looked
        return self.looked if _counts(taken.result) == _counts(seen) else taken

    def counts(self) -> dict[str, int] | None:
        """Rows of all files: in the files, stored, there already, joined to others, set aside."""
        return None if self.report is None else _counts(self.report)


def named(sent: Sequence[Sent]) -> Iterator[tuple[str, BinaryIO]]:
    """Files by names that a folder can hold beside each other.

    Raises:
        BadValue: There is none.
        FileTwice: Two have one name.
    """
    if not sent:
        raise BadValue(field="file", value="")
    names: set[str] = set()
    for file in sent:
        name = plain_name(file.name)
        if name.lower() in names:
            raise FileTwice(field="file", value=name)
        names.add(name.lower())
        yield name, file.content


def keep(
    files: Files, named: Sequence[tuple[str, BinaryIO]], limit: int
) -> list[dict[str, str | int]]:
    """Keep files byte for byte; name, hash and size of each, for the job that looks at them.

    Raises:
        TooLarge: One is over the limit, in bytes.
    """
    return [
        {"name": name, "sha256": taken.sha256, "size": taken.size}
        for name, content in named
        for taken in [files.take(content, "sources", limit)]
    ]


def _counts(report: Mapping[str, Any]) -> dict[str, int]:
    files = report["files"]
    counts = {name: sum(file.get(name, 0) for file in files) for name in COUNTS}
    return counts | {"set_aside": sum(map(aside_of, files))}
