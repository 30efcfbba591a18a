"""``georeview serve``: answers until it is stopped, and says when its port is taken."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.cli.shell import Shell


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.slow
def test_it_answers_until_it_is_stopped(tmp_path: Path) -> None:
    port = free_port()
    command = [Path(sys.executable).with_name("georeview"), "serve", "--port", str(port)]
    server = subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, "GEOREVIEW_HOME": str(tmp_path / "home")}
    )
    try:
        assert _answer(f"http://127.0.0.1:{port}/healthz") == 200
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait(30)
    assert code in (0, -signal.SIGTERM)
    assert (tmp_path / "home" / "georeview.sqlite").exists()


def _answer(url: str) -> int:
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError("no answer within a minute")


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = Shell(tmp_path)("serve", "--port", port)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert f"Cannot listen on 127.0.0.1:{port}" in done.err
    assert Shell(tmp_path)("serve", "--port", "x").code == 2
