"""A backup of a server at work: what was promised before it began is in it, and it comes back."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.land import Land, serving
from tests.faults.load import under_load

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(300)]


def command(land: Land, *words: object) -> str:
    """Run a command of ours that must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "georeview.cli", *map(str, words)],
        env=land.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_backup_under_load_holds_what_was_promised(either: Land, tmp_path: Path) -> None:
    archive = tmp_path / "backup.zip"
    with serving(either) as server, under_load(either, server.port) as load:
        load.wait(40)
        before = list(load.promised)
        command(either, "backup", archive)
        load.wait(40)
    brought = Land(tmp_path / "restored", "", either.plots)
    command(brought, "restore", archive)
    command(brought, "verify", "--head", archive)
    # The ledger that went on still holds the head of the backup.
    command(either, "verify", "--head", archive)
    with brought.opened() as services:
        marks = [e.hash for e in services.store.ledger.events() if e.action == "mark"]
    assert set(before) <= set(marks) < set(load.promised)
    assert len(marks) == len(set(marks))
