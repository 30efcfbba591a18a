"""Real worker processes, started as a user starts them and ended as nobody should."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from georeview import settings

DEADLINE_S = 60.0
WORKER = (sys.executable, "-m", "georeview.cli", "worker")


@contextmanager
def a_worker(given: settings.Settings) -> Iterator[int]:
    """A worker over a store; gives its process id, and ends it if it is still there."""
    env = {**os.environ, **settings.as_environment(given)}
    with subprocess.Popen(
        WORKER, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process.pid
        finally:
            process.kill()


def kill(pid: int) -> None:
    """End a process as a power cut does, and see that its readers end with it."""
    family = descendants(pid)
    os.kill(pid, signal.SIGKILL)
    until(lambda: not any(lives(child) for child in family))


def descendants(pid: int) -> list[int]:
    """Processes that a process started, and those that they started."""
    found: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                found += [int(child), *descendants(int(child))]
    return found


def lives(pid: int) -> bool:
    """Whether a process is there and is more than a name."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def until(condition: Callable[[], object]) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)
