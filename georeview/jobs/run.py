"""One try at a job, as its task sees it: who asked, how far it is, whether to go on."""

from collections.abc import Callable

from georeview.core.access import Actor
from georeview.core.jobs import Progress
from georeview.errors.work import Stopped
from georeview.sandbox import Stop
from georeview.services import Services
from georeview.storage.ports.jobs import Job


class Run:
    """A job in the hands of a worker.

    Args:
        services: The use cases under the job's fence.
        job: The job as it was claimed.
    """

    def __init__(self, services: Services, job: Job) -> None:
        self.services = services
        self.job = job
        self.stop = Stop()
        self.progress = Progress()

    def actor(self) -> Actor:
        """Whoever asked, with the rights they have now.

        Raises:
            Forbidden: The account has gone or been closed since.
        """
        return self.services.jobs.actor_of(self.job)

    def step(self, done: int, total: int, word: str) -> None:
        """Say how far the work is; between steps it can be stopped.

        Args:
            done: Steps done.
            total: Steps in all, 0 where that is not known.
            word: What is being done, a key of ``job.step.``.

        Raises:
            Stopped: Somebody wants it to end, or another worker has it.
        """
        if self.stop.asked:
            raise Stopped
        self.progress = Progress(done, total, word)

    def counter(self, total: int, word: str) -> Callable[[int], None]:
        """A function that is told how many more steps are done."""
        self.step(0, total, word)
        done = 0

        def advance(more: int) -> None:
            nonlocal done
            done += more
            self.step(done, total, word)

        return advance
