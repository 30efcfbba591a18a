"""A real server as a user starts it, on a free port of this machine, ended by its pid."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
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


def prepare_demo(home: Path) -> None:
    """The sample, loaded and laid over, without a server."""
    command = [sys.executable, "-m", "georeview.cli", "demo", "--home", str(home), "--no-serve"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


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
    started = time.perf_counter()
    with subprocess.Popen([sys.executable, "-m", "georeview.cli", "serve"], env=environment) as run:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, run)
            yield Server(url, run.pid, time.perf_counter() - started)
        finally:
            run.terminate()
            run.wait(30)


def _wait(url: str, run: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if run.poll() is not None:
            raise RuntimeError(f"the server ended with {run.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise RuntimeError(f"the server was not ready in {READY_S:.0f} s")
