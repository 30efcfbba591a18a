"""A real server as a user starts it, on a free port of this machine, ended by its pid."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_S = 60.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Attributes:
        url: Where it listens, without a slash at the end.
        pid: Its process.
        ready_s: How long it took from start to the first ``200`` of ``/readyz``.
    """

    url: str
    pid: int
    ready_s: float

    def rss_mb(self) -> float:
        """Resident memory of the process, MB."""
        return rss_mb(self.pid)


def rss_mb(pid: int) -> float:
    """Resident memory of a process, MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def prepare_demo(home: Path, **variables: str) -> None:
    """The sample, loaded and laid over, without a server.

    Args:
        home: The data directory.
        **variables: Further environment variables.
    """
    command = [sys.executable, "-m", "georeview.cli", "demo", "--home", str(home), "--no-serve"]
    environment = {**os.environ, **variables}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)


@contextmanager
def serving(home: Path, **variables: str) -> Iterator[Server]:
    """Serve a prepared home as the demo does.

    Args:
        home: The data directory.
        **variables: Further environment variables.

    Raises:
        RuntimeError: The server ended, or was not ready in time.
    """
    port = free_port()
    environment = {
        **os.environ,
        "GEOREVIEW_HOME": str(home),
        "GEOREVIEW_PORT": str(port),
        "GEOREVIEW_DEMO": "yes",
        **variables,
    }
    with started(("-m", "georeview.cli", "serve"), port, environment) as server:
        yield server


@contextmanager
def started(
    arguments: Sequence[str], port: int, environment: Mapping[str, str], ready: str = "/readyz"
) -> Iterator[Server]:
    """A server that Python runs, ready to answer; ended and waited for afterwards.

    Args:
        arguments: What Python is given.
        port: Where it will listen.
        environment: All of its environment variables.
        ready: An address it answers once it can work.

    Raises:
        RuntimeError: The server ended, or was not ready in time.
    """
    begun, url = time.perf_counter(), f"http://127.0.0.1:{port}"
    with subprocess.Popen([sys.executable, *arguments], env=environment) as run:
        try:
            _wait(url + ready, run)
            yield Server(url, run.pid, time.perf_counter() - begun)
        finally:
            run.terminate()
            run.wait(30)


def _wait(address: str, run: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if run.poll() is not None:
            raise RuntimeError(f"the server ended with {run.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise RuntimeError(f"the server was not ready in {READY_S:.0f} s")
