"""A job that a worker holds: run, looked after meanwhile, and settled.

The task runs in a thread of its own. Beside it the lease is renewed, and somebody looks whether the
job is to be stopped: by whoever asked for it, by the end of the worker, or because another worker
has taken it over. A task is stopped between its steps, and its reader in the sandbox at once.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from georeview import sandbox
from georeview.core.jobs import JobState, next_try
from georeview.errors import GeoreviewError, Unavailable
from georeview.errors.work import JobBroke, JobLost, Stopped
from georeview.jobs.run import Run
from georeview.jobs.tasks import Task
from georeview.services import Services
from georeview.storage.ports import Json
from georeview.storage.ports.jobs import Job, Lease

log = logging.getLogger("georeview.jobs")

LOOK_S = 1.0
"""How often a running job is looked after."""

GRACE_S = 10.0
"""How long a job may go on when its worker is to end, and then again how long it may take to stop."""


@dataclass(slots=True)
class _Outcome:
    """What a try came to: a result, or an exception."""

    result: Json | None = None
    error: Exception | None = None


class Hold:
    """One claimed job.

    Args:
        services: The use cases.
        tasks: What each kind of job does.
        job: The job as it was claimed.
        lease: Gives a lease from the present instant on.
    """

    def __init__(
        self,
        services: Services,
        tasks: Mapping[str, Task],
        job: Job,
        lease: Callable[[], Lease],
    ) -> None:
        self._services = services
        self._queue = services.store.jobs
        self._tasks = tasks
        self._lease = lease
        self._lease_s = float(services.settings.lease_seconds)
        self._run = Run(services.fenced(job.claim, lease), job)
        self._claim = job.claim
        self._told = self._run.progress
        self._beat_at = time.monotonic()
        self._ending_at: float | None = None

    def see_through(self, ending: threading.Event) -> None:
        """Run the job and say what became of it.

        Args:
            ending: Set when the worker is to end.
        """
        outcome = _Outcome()
        thread = threading.Thread(target=self._try, args=(outcome,), daemon=True)
        thread.start()
        while thread.is_alive() and not self._overdue(2 * GRACE_S):
            thread.join(LOOK_S)
            if ending.is_set():
                self._ending_at = self._ending_at or time.monotonic()
            self._look_after()
        # A thread that does not stop is left behind; the fence keeps it from writing.
        self._settle(_Outcome(error=Stopped()) if thread.is_alive() else outcome)

    def _try(self, outcome: _Outcome) -> None:
        """Run the task; whatever it ends with becomes a value."""
        run = self._run
        try:
            with sandbox.stoppable(run.stop):
                outcome.result = self._tasks[run.job.given.kind].run(run.services, run)
        except GeoreviewError as error:
            outcome.error = error
        except Exception as error:
            log.exception("job.defect", extra={"job": self._claim.job_id})
            outcome.error = error

    # Meanwhile -----------------------------------------------------------------------------------

    def _look_after(self) -> None:
        try:
            now = self._services.jobs.any(self._claim.job_id)
            if now.cancelling or now.claim != self._claim or self._overdue(GRACE_S):
                self._run.stop.ask()
            self._beat()
        except JobLost:
            self._run.stop.ask()
        except Unavailable as error:
            log.warning("job.store_unavailable", extra={"code": error.code})

    def _beat(self) -> None:
        """Renew the lease in good time, and whenever there is progress to tell."""
        progress = self._run.progress
        due = time.monotonic() - self._beat_at > self._lease_s / 3
        if due or progress != self._told:
            self._queue.beat(self._claim, self._lease(), progress)
            self._beat_at, self._told = time.monotonic(), progress

    def _overdue(self, seconds: float) -> bool:
        """Whether the worker has been meant to end for so long."""
        return self._ending_at is not None and time.monotonic() - self._ending_at > seconds

    # Afterwards ----------------------------------------------------------------------------------

    def _settle(self, outcome: _Outcome) -> None:
        """Say what became of the job, again and again for as long as the lease would last."""
        until = time.monotonic() + self._lease_s
        while True:
            try:
                self._say(outcome)
            except JobLost:
                log.warning("job.lost", extra={"job": self._claim.job_id})
            except Unavailable as error:
                log.warning("job.store_unavailable", extra={"code": error.code})
                if time.monotonic() < until:
                    time.sleep(LOOK_S)
                    continue
            return

    def _say(self, outcome: _Outcome) -> None:
        error, now = outcome.error, self._services.clock()
        if error is None:
            result = outcome.result or {}
            self._queue.finish(self._claim, JobState.DONE, now.isoformat(), result=result)
        elif self._run.stop.asked:
            self._say_stopped(now.isoformat())
        elif again := next_try(error, self._run.job.attempts, now):
            self._queue.put_back(self._claim, again.isoformat(), error=_told(error))
        else:
            failed = JobState.FAILED
            self._queue.finish(self._claim, failed, now.isoformat(), error=_told(error))

    def _say_stopped(self, now: str) -> None:
        """Cancelled, if somebody asked for that; else it was the worker's end, and back it goes."""
        if self._services.jobs.any(self._claim.job_id).cancelling:
            self._queue.finish(self._claim, JobState.CANCELLED, now)
        else:
            self._queue.put_back(self._claim, now, counted=False)


def _told(error: Exception) -> Json:
    """A refusal as it is kept: said in the reader's language when it is read."""
    refusal = error if isinstance(error, GeoreviewError) else JobBroke()
    facts: dict[str, Any] = {
        name: value if isinstance(value, str | int | float | None) else str(value)
        for name, value in refusal.facts.items()
    }
    return {"code": refusal.code, "facts": facts}
