"""The worker: takes jobs from the store and sees each through, one at a time.

It may be killed at any moment: when the lease of its job is over, another worker takes the job.
Any number of workers may share a store, on any number of machines.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from pathlib import Path

from georeview.errors import Unavailable
from georeview.jobs.hold import Hold
from georeview.jobs.tasks import TASKS, Task, ask_what_is_due
from georeview.services import Services
from georeview.storage.ports.jobs import Job, Lease

log = logging.getLogger("georeview.jobs")

POLL_S = 0.5
"""How long a job may wait for an idle worker to look; one look costs well under a millisecond."""

ASK_S = 30.0
"""How often to see whether work of the service itself is due."""

BEYOND = timedelta(hours=1)
"""Leases and waits that end later than this were written by a clock that was set back since."""


class Ended(Enum):
    """Why a worker came to its end."""

    ASKED = "asked"
    IDLE = "idle"
    HEAVY = "heavy"


class Worker:
    """Works off the queue of one store.

    Args:
        services: The use cases.
        tasks: What each kind of job does.
        light_mb: Resident memory over which an idle worker ends, so that whoever runs it can begin
            a fresh one; ``None`` for never. What large libraries took comes back in no other way.
    """

    def __init__(
        self,
        services: Services,
        *,
        tasks: Mapping[str, Task] = TASKS,
        light_mb: int | None = None,
    ) -> None:
        self._services = services
        self._queue = services.store.jobs
        self._tasks = tasks
        self._light_mb = light_mb
        self._lease_time = timedelta(seconds=services.settings.lease_seconds)
        self._holder = f"{socket.gethostname()}:{os.getpid()}"
        self._asked_at = float("-inf")
        self.ran = 0

    def run(
        self, ending: threading.Event, *, until_idle: bool = False, most: int | None = None
    ) -> Ended:
        """Work until asked to end.

        Args:
            ending: Asks it to: the job at hand is finished, or given back if that takes long.
            until_idle: Whether to end when nothing is due; nothing new is asked for then.
            most: End after so many jobs.
        """
        while not ending.is_set() and self.ran != most:
            if not until_idle:
                self._ask_what_is_due()
            job = self._claimed()
            if job is not None:
                self._see_through(job, ending)
            elif until_idle:
                return Ended.IDLE
            elif self._is_heavy():
                return Ended.HEAVY
            else:
                ending.wait(POLL_S)
        return Ended.ASKED

    def _claimed(self) -> Job | None:
        try:
            return self._queue.claim(self._lease()) if self._queue.waiting(self._lease()) else None
        except Unavailable as error:
            log.warning("worker.store_unavailable", extra={"code": error.code})
            return None

    def _see_through(self, job: Job, ending: threading.Event) -> None:
        told = {"job": job.given.job_id, "kind": job.given.kind, "fence": job.claim.fence}
        log.info("job.begun", extra=told)
        started = time.monotonic()
        Hold(self._services, self._tasks, job, self._lease).see_through(ending)
        log.info("job.ended", extra={**told, "ms": round(1000 * (time.monotonic() - started))})
        self.ran += 1

    def _ask_what_is_due(self) -> None:
        if time.monotonic() - self._asked_at < ASK_S:
            return
        self._asked_at = time.monotonic()
        try:
            ask_what_is_due(self._services, self._tasks)
        except Unavailable as error:
            log.warning("worker.store_unavailable", extra={"code": error.code})

    def _is_heavy(self) -> bool:
        return self._light_mb is not None and self.ran > 0 and _resident_mb() > self._light_mb

    def _lease(self) -> Lease:
        now = self._services.clock()
        return Lease(
            holder=self._holder,
            now=now.isoformat(),
            until=(now + self._lease_time).isoformat(),
            beyond=(now + BEYOND).isoformat(),
        )


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
