"""Long work as the rules see it: its states, when it is tried again, and when it is given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from georeview.errors import GeoreviewError, Unavailable


class JobState(StrEnum):
    """Where a job is between being asked for and being over."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OVER = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
"""Nothing happens to these any more, unless somebody asks for another try."""

BACK_OFF = (timedelta(minutes=2), timedelta(minutes=4), timedelta(minutes=8))
"""How long to wait before each further try; after the last, the job has failed."""

LOST_MAX = 10
"""Tries after which a job is given up whose worker never came back: it may be what ends them.

More than the tries after a failure, for a machine that restarts is not the job's fault.
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to write for a job: the ``fence`` of a later holder is another one."""

    job_id: str
    fence: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is.

    Attributes:
        done: Steps done.
        total: Steps in all, 0 while that is not known.
        step: What is being done, a key of ``job.step.``; ``None`` before the first.
    """

    done: int = 0
    total: int = 0
    step: str | None = None


def next_try(error: Exception, attempts: int, now: datetime) -> datetime | None:
    """When to try again after a failure, ``None`` when another try would end the same.

    A refusal is about what was asked for and does not change by itself; a store or disk that cannot
    answer now, or a defect, may.

    Args:
        error: What went wrong.
        attempts: Tries so far, this one included.
        now: The present instant.
    """
    lasting = isinstance(error, GeoreviewError) and not isinstance(error, Unavailable)
    if lasting or attempts > len(BACK_OFF):
        return None
    return now + BACK_OFF[attempts - 1]
