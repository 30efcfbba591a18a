"""An answer leaves after the disk has it, and one wait for the disk serves all who came together.

``kill -9`` cannot see a missing fsync, for the kernel keeps what was written; strace can.
"""

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.land import Land, Running, serving, wait_for
from tests.faults.load import Load, check

pytestmark = [
    pytest.mark.fault,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed"),
]

CALLS = "trace=fsync,fdatasync,write,writev,sendto,sendmsg"
SYNCED = re.compile(r"\bf(data)?sync(\(\d+\)| resumed>\)) *= 0")
ANSWERED = '"HTTP/1.1 201'


@contextmanager
def traced(server: Running, log: Path) -> Iterator[None]:
    """Everything the server writes and waits for, in order."""
    command = ["strace", "-f", "-q", "-p", str(server.pid), "-e", CALLS, "-s", "16", "-o", str(log)]
    with subprocess.Popen(command) as strace:
        try:
            wait_for(log.exists, "strace does not begin")
            yield
        finally:
            strace.send_signal(signal.SIGINT)


def seen(log: Path) -> str:
    """S for each wait for the disk that has ended, A for each mark that is answered."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    found = ("S" if SYNCED.search(line) else "A" * line.count(ANSWERED) for line in lines)
    return "".join(found)


def marked(land: Land, log: Path, senders: int, marks: int) -> str:
    """What the server does for so many senders."""
    with serving(land) as server:
        load = Load((server.port,), land.plots, senders=senders)
        load.start()
        load.wait(senders)
        with traced(server, log):
            load.wait(marks)
        load.stop()
    check(land, load.promised)
    return seen(log)


def test_one_who_marks_alone_waits_for_the_disk_each_time(land: Land, tmp_path: Path) -> None:
    order = marked(land, tmp_path / "calls", senders=1, marks=30)
    assert order.count("A") >= 20
    assert "AA" not in order.lstrip("A")


def test_those_who_come_together_wait_together(land: Land, tmp_path: Path) -> None:
    order = marked(land, tmp_path / "calls", senders=40, marks=400)
    assert order.count("A") >= 300
    assert 0 < order.count("S") < order.count("A") / 2
