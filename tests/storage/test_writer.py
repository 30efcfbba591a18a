"""An answer comes after the commit, and the commit after the disk."""

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from georeview.storage.sqlite import SqliteEngine
from georeview.storage.store import DatabaseStore
from georeview.storage.writer import Writer
from tests.builders import a_batch

MARKER = """
import os, sys
from pathlib import Path
from georeview.storage.ports.ledger import Kept
from georeview.storage.sqlite import SqliteEngine
from georeview.storage.store import DatabaseStore
from tests.builders import a_mark, an_actor
store = DatabaseStore(SqliteEngine(Path(sys.argv[1])))
plots, said = sys.argv[2:], os.open(os.devnull, os.O_WRONLY)
for plot in plots:
    pending = a_mark(store, plot, an_actor("county", "511902"))
    os.write(said, b"BEGIN-MARK")
    assert isinstance(store.ledger.append([pending])[0], Kept)
    os.write(said, b"MARK-ANSWERED")
store.close()
"""


def test_nobody_is_answered_before_the_commit() -> None:
    open_gate, events = threading.Event(), []

    @contextmanager
    def transaction() -> Iterator[object]:
        yield object()
        open_gate.wait(20)
        events.append("committed")

    writer = Writer(transaction, lambda _, batches: [[] for _ in batches])  # type: ignore[arg-type]
    answers = [writer.append([]), writer.write(lambda _: None)]
    for answer in answers:
        answer.add_done_callback(lambda _: events.append("answered"))
        assert not answer.done()
    open_gate.set()
    for answer in answers:
        answer.result(timeout=20)
    writer.close()
    assert events == ["committed", "answered", "committed", "answered"]


def test_a_commit_that_fails_answers_with_its_failure() -> None:
    @contextmanager
    def transaction() -> Iterator[object]:
        yield object()
        raise OSError("no commit")

    writer = Writer(transaction, lambda _, batches: [[] for _ in batches])  # type: ignore[arg-type]
    for answer in (writer.append([]), writer.write(lambda _: 1)):
        assert isinstance(answer.exception(timeout=20), OSError)
    writer.close()


@pytest.mark.fault
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_every_single_mark_waits_for_the_disk(database: Path, tmp_path: Path) -> None:
    """``kill -9`` cannot see a missing fsync, for the kernel keeps what was written; strace can."""
    store = DatabaseStore(SqliteEngine(database))
    plots = [plot.plot_id for plot in a_batch(store, 50)[::5]]
    store.close()
    log = tmp_path / "calls"
    calls = "trace=fsync,fdatasync,write"
    command = [
        "strace",
        "-f",
        "-o",
        str(log),
        "-e",
        calls,
        "-s",
        "20",
        sys.executable,
        "-c",
        MARKER,
    ]
    subprocess.run([*command, str(database), *plots], check=True, timeout=100)
    trace = log.read_text(encoding="utf-8", errors="replace")
    marks = re.findall(r"BEGIN-MARK(.*?)MARK-ANSWERED", trace, re.DOTALL)
    assert len(marks) == len(plots)
    for mark in marks:
        assert re.search(r"\bf(data)?sync\(\d+\) *= 0|f(data)?sync resumed>.*= 0", mark)
