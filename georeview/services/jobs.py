"""Long work: asked for, looked after, stopped. What each kind does stands in ``georeview.jobs``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from os.path import commonprefix
from pathlib import Path
from types import MappingProxyType

from georeview.clock import Clock
from georeview.core.access import EVERYTHING, SYSTEM_USER, Action, Actor, Scope, need, scope_of
from georeview.core.jobs import JobState
from georeview.errors import Forbidden, NotFound
from georeview.errors.work import JobOver
from georeview.services.ids import new_id
from georeview.services.keys import named
from georeview.services.people import as_actor, owner
from georeview.storage.ports import Json
from georeview.storage.ports.jobs import Job, NewJob
from georeview.storage.ports.store import Store

NO_OPTIONS: Json = MappingProxyType({})

ONLY_OWN = Scope(())
"""For what is shown to nobody but whoever asked."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Part of a list of jobs, newest first; ``before`` is where the next part begins."""

    jobs: tuple[Job, ...]
    before: int | None


class JobService:
    """The queue as people see it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    # Asking --------------------------------------------------------------------------------------

    def ask(
        self,
        actor: Actor,
        action: Action,
        kind: str,
        options: Json,
        *,
        area: str | None = None,
        once: str | None = None,
    ) -> Job:
        """Put work into the queue.

        Args:
            actor: Who asks; whether they may is judged again when the work begins.
            action: The right it takes.
            kind: Which work.
            options: What it is asked for with.
            area: Where it belongs; the whole of what the actor may do it in, if not given.
            once: A name only one job ever has: asked for again, the same job is the answer.

        Raises:
            Forbidden: The actor may not ask for this.
        """
        need(actor, action, area)
        # Area codes grow by letters, not by path components.
        scope = scope_of(actor, action)
        areas = [*scope.prefixes, *(sight.area for sight in scope.sights)]
        widest = commonprefix(areas)  # noqa: RUF071
        return self._store.jobs.add(
            NewJob(
                job_id=new_id(),
                kind=kind,
                options=options,
                user=actor.user,
                area=widest if area is None else area,
                created_at=self._clock().isoformat(),
                once=once,
            )
        )

    def ask_by_itself(self, kind: str, once: str, options: Json = NO_OPTIONS) -> Job:
        """Put work of the service itself into the queue, unless it has been asked for already."""
        known = self._store.jobs.once(once)
        if known is not None:
            return known
        now = self._clock().isoformat()
        return self._store.jobs.add(NewJob(new_id(), kind, options, None, "", now, once))

    # Looking -------------------------------------------------------------------------------------

    def get(self, actor: Actor, job_id: str) -> Job:
        """A job that the actor asked for, or that belongs to an area the actor looks after.

        Raises:
            NotFound: There is no such job.
        """
        return self._store.jobs.get(actor.user, scope_of(actor, Action.JOBS_OF_OTHERS), job_id)

    def own(self, actor: Actor, kind: str, job_id: str) -> Job:
        """A job of a kind that the actor asked for.

        Raises:
            NotFound: There is no such job.
        """
        return self._of_kind(self._store.jobs.get(actor.user, ONLY_OWN, job_id), kind)

    def of_kind(self, actor: Actor, kind: str, job_id: str) -> Job:
        """A job as ``get`` finds it, if it is of this kind.

        Raises:
            NotFound: There is no such job.
        """
        return self._of_kind(self.get(actor, job_id), kind)

    def _of_kind(self, job: Job, kind: str) -> Job:
        if job.given.kind != kind:
            raise NotFound(what=job.given.job_id)
        return job

    def all(
        self,
        actor: Actor,
        *,
        kind: str | None = None,
        state: JobState | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Seen:
        """Jobs as ``get`` shows them, newest first."""
        scope = scope_of(actor, Action.JOBS_OF_OTHERS)
        found = self._store.jobs.all(
            actor.user, scope, kind=kind, state=state, before=before, limit=limit + 1
        )
        shown = tuple(found[:limit])
        return Seen(shown, shown[-1].number if len(found) > limit else None)

    def any(self, job_id: str) -> Job:
        """Any job, for the worker and for whoever runs commands on the machine itself.

        Raises:
            NotFound: There is no such job.
        """
        return self._store.jobs.get(None, EVERYTHING, job_id)

    def every(self, *, state: JobState | None = None, limit: int = 50) -> list[Job]:
        """Every job, for whoever runs commands on the machine itself."""
        return self._store.jobs.all(None, EVERYTHING, state=state, limit=limit)

    def counts(self) -> Mapping[str, int]:
        """How many jobs are in each state."""
        return self._store.jobs.counts()

    # Changing one's mind -------------------------------------------------------------------------

    def cancel(self, actor: Actor, job_id: str) -> Job:
        """Take a job out of the queue, or ask its worker to stop.

        Raises:
            NotFound: There is no such job.
            JobOver: It was over already.
        """
        self.get(actor, job_id)
        return self.cancel_any(job_id)

    def cancel_any(self, job_id: str) -> Job:
        """The same for any job, for whoever runs commands on the machine itself."""
        job = self._store.jobs.cancel(job_id, self._clock().isoformat())
        if job.state not in (JobState.CANCELLED, JobState.RUNNING):
            raise JobOver(state=job.state.value)
        return job

    def retry_any(self, job_id: str) -> Job:
        """Let a failed or cancelled job begin again.

        Raises:
            NotFound: There is no such job.
            JobOver: It has not failed and is not cancelled.
        """
        job = self._store.jobs.retry(job_id, self._clock().isoformat())
        if job.state is not JobState.QUEUED:
            raise JobOver(state=job.state.value)
        return job

    # Working -------------------------------------------------------------------------------------

    def actor_of(self, job: Job) -> Actor:
        """Whoever asked, with the rights they have now.

        Raises:
            Forbidden: The account has gone or been closed since.
        """
        if job.given.user is None:
            return owner(job.given.area)
        actor = actor_named(self._store, job.given.user, self._clock())
        if actor is None:
            raise Forbidden(action=job.given.kind)
        return actor


def actor_named(store: Store, user: str, now: datetime) -> Actor | None:
    """Somebody by the name that is kept of them, a person or a system; ``None`` when shut out."""
    if user.startswith(SYSTEM_USER):
        return named(store, user, now)
    person = store.people.get(user)
    return None if person is None or person.disabled else as_actor(person)


def finished(job: Job, folder: Path) -> Path:
    """The file that a job has made in a folder.

    Raises:
        NotFound: It is not made yet, or has been cleared away.
    """
    path = folder / str((job.result or {}).get("file"))
    if job.state is not JobState.DONE or not path.is_file():
        raise NotFound(what=job.given.job_id)
    return path
