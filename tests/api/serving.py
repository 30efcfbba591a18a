"""The real server in a process of its own, as ``georeview serve`` starts it."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEADLINE_S = 60


@dataclass(frozen=True)
class Reply:
    """What the server said."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Server:
    """A running server."""

    pid: int
    port: int

    def get(self, path: str, **headers: str) -> Reply:
        """Read an address."""
        return self.ask("GET", path, headers=headers)

    def ask(
        self, method: str, path: str, body: bytes | None = None, *, headers: dict[str, str]
    ) -> Reply:
        """Send one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())
        finally:
            connection.close()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def serving(
    home: Path, *flags: str, port: int | None = None, log: Path | None = None, **settings: str
) -> Iterator[Server]:
    """A server over a home, on a free port if none is named; ended and waited for afterwards."""
    port = port or free_port()
    given = {f"GEOREVIEW_{name.upper()}": value for name, value in settings.items()}
    own = {"GEOREVIEW_WORKER": "none", "GEOREVIEW_DRAIN_SECONDS": "0"}
    env = {**os.environ, **own, **given, "GEOREVIEW_HOME": str(home)}
    command = [sys.executable, "-m", "georeview.cli", "serve", "--port", str(port), *flags]
    with (
        (log or Path(os.devnull)).open("w") as told,
        subprocess.Popen(command, env=env, stderr=told) as process,
    ):
        server = Server(process.pid, port)
        try:
            _wait(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(server: Server, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + DEADLINE_S
    while time.monotonic() < until:
        assert process.poll() is None, "the server has ended"
        try:
            if server.get("/healthz").status == 200:
                return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError("the server does not answer")
