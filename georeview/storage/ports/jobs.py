"""Long work."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from georeview.core.access import Scope
from georeview.core.jobs import Claim, JobState, Progress
from georeview.storage.ports import Json


@dataclass(frozen=True, slots=True)
class NewJob:
    """Long work that is asked for.

    Attributes:
        job_id: Our id.
        kind: Which work, a key of ``georeview.jobs.tasks``.
        options: What it was asked for with.
        user: Who asks; ``None`` is the service itself.
        area: Where it belongs: who looks after this area may see it.
        created_at: When.
        once: A name that only one job may ever have; ``None`` for any number of equal ones.
    """

    job_id: str
    kind: str
    options: Json
    user: str | None
    area: str
    created_at: str
    once: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """Long work and how far it is.

    Attributes:
        number: Its place in the order of asking.
        given: What was asked for.
        state: Where it is.
        run_after: Not tried before this.
        claim: The latest holder's; ``fence`` is 0 before the first.
        attempts: Tries begun, without those that were handed back.
        cancelling: Whether its holder has been asked to stop it.
        progress: How far.
        result: What came of it, when it is done.
        error: Code and facts of the last refusal.
        started_at: When its latest try began.
        finished_at: When it was over.
    """

    number: int
    given: NewJob
    state: JobState
    run_after: str
    claim: Claim
    attempts: int
    cancelling: bool
    progress: Progress
    result: Json | None
    error: Json | None
    started_at: str | None
    finished_at: str | None


@dataclass(frozen=True, slots=True)
class Lease:
    """What a worker takes a job with; times are ISO text in UTC.

    Attributes:
        holder: Which worker, for people who look.
        now: The present instant.
        until: When others may take the job, if the lease has not been renewed.
        beyond: A lease that ends after this was written by a clock that has been set back since.
    """

    holder: str
    now: str
    until: str
    beyond: str


class Jobs(Protocol):
    """The queue of long work; in the same database as what the work writes."""

    def add(self, job: NewJob) -> Job:
        """Ask for work; where ``once`` is taken, the job that has it is the answer."""

    def get(self, user: str | None, scope: Scope, job_id: str) -> Job:
        """A job that the user asked for, or that belongs to the scope.

        Raises:
            NotFound: There is no such job.
        """

    def once(self, name: str) -> Job | None:
        """The job that has this name, ``None`` when nobody has asked for it."""

    def all(
        self,
        user: str | None,
        scope: Scope,
        *,
        kind: str | None = None,
        state: JobState | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[Job]:
        """Jobs as ``get`` shows them, newest first.

        Args:
            user: Who looks.
            scope: Areas whose jobs may be seen whoever asked.
            kind: Only of this kind.
            state: Only these.
            before: Only those asked for before this number.
            limit: At most so many.
        """

    def counts(self) -> Mapping[str, int]:
        """How many jobs are in each state."""

    def waiting(self, lease: Lease) -> bool:
        """Whether there is something to claim; costs a look, writes nothing."""

    def claim(self, lease: Lease) -> Job | None:
        """Take the oldest job that is due or whose holder is gone; ``None`` when there is none."""

    def beat(self, claim: Claim, lease: Lease, progress: Progress) -> None:
        """Renew a lease and say how far the work is.

        Raises:
            JobLost: Somebody else holds the job now.
        """

    def finish(
        self,
        claim: Claim,
        state: JobState,
        now: str,
        *,
        result: Json | None = None,
        error: Json | None = None,
    ) -> None:
        """Say what became of a job.

        Raises:
            JobLost: Somebody else holds the job now.
        """

    def put_back(
        self, claim: Claim, run_after: str, *, error: Json | None = None, counted: bool = True
    ) -> None:
        """Let a job wait for its next try.

        Args:
            claim: The holder's.
            run_after: When it may be tried.
            error: Why this try ended.
            counted: Whether this try counts; one that was handed back does not.

        Raises:
            JobLost: Somebody else holds the job now.
        """

    def cancel(self, job_id: str, now: str) -> Job:
        """Take a job out of the queue, or ask its holder to stop; nothing when it is over."""

    def retry(self, job_id: str, now: str) -> Job:
        """Let a failed or cancelled job begin again; nothing when it is not over, or done."""

    def ask_anew(self, job_id: str, options: Json, now: str, *, area: str, unless: str) -> Job:
        """Let a job begin again with other options, whatever has come of it; its holder loses it.

        Args:
            job_id: Which job.
            options: What it is asked for with from now on.
            now: The present instant.
            area: Area that it is about from now on.
            unless: Nothing changes where a job of this ``once`` has been asked for.
        """
