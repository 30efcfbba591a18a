"""A worker process beside the server: begun again when it dies, ended when the server ends.

The server holds one end of a pipe that the worker reads: when the server is gone, however it went,
the pipe is closed and the worker ends by itself.
"""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from georeview import settings

log = logging.getLogger("georeview.jobs")

COMMAND = (sys.executable, "-m", "georeview.cli", "worker", "--tied")
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 30.0
"""How long to wait before a worker is begun: the server comes first, and a worker that dies at once
is begun again later each time, until one has lived longer than the longest pause."""

END_S = 30.0
"""How long a worker may take to end; its own patience with a job is shorter."""


@contextmanager
def worker_beside(given: settings.Settings) -> Iterator[None]:
    """Keep one worker running meanwhile, where the settings ask for it."""
    if given.worker != "embedded":
        yield
        return
    tender = Tender({**os.environ, **settings.as_environment(given)})
    try:
        yield
    finally:
        tender.end()


class Tender:
    """Keeps one worker process running.

    Args:
        environ: The worker's environment, which holds the settings.
    """

    def __init__(self, environ: dict[str, str]) -> None:
        self._environ = environ
        self._gate = threading.Lock()
        self._ending = threading.Event()
        self._worker: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._tend, name="worker-tender", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Let the worker end by itself, and make it, if that takes too long."""
        with self._gate:
            self._ending.set()
            worker = self._worker
        if worker is not None:
            _close(worker)
            try:
                worker.wait(END_S)
            except subprocess.TimeoutExpired:
                worker.kill()
        self._thread.join()

    def _tend(self) -> None:
        pause = FIRST_PAUSE_S
        while not self._ending.wait(pause):
            begun = time.monotonic()
            worker = self._begun()
            if worker is None:
                return
            code = worker.wait()
            _close(worker)
            if self._ending.is_set():
                return
            log.warning("worker.died", extra={"exit": code})
            lived = time.monotonic() - begun > LONGEST_PAUSE_S
            pause = FIRST_PAUSE_S if lived else min(2 * pause, LONGEST_PAUSE_S)

    def _begun(self) -> "subprocess.Popen[bytes] | None":
        """A new worker, unless the end has come meanwhile."""
        with self._gate:
            if self._ending.is_set():
                return None
            command, environ = COMMAND, self._environ
            self._worker = subprocess.Popen(command, env=environ, stdin=subprocess.PIPE)  # noqa: S603
            return self._worker


def _close(worker: "subprocess.Popen[bytes]") -> None:
    """Let go of our end of the pipe."""
    if worker.stdin is not None:
        worker.stdin.close()
