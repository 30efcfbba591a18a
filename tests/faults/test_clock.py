"""The clock of the server jumps; the order of the ledger does not."""

import sys
from datetime import datetime
from pathlib import Path

import pytest

from tests.faults.land import Land, serving
from tests.faults.load import under_load

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(300)]

YEAR_S = 365 * 24 * 3600


def put(offset: Path, seconds: int) -> None:
    """Set the clock; the server reads it at any time and must never find half a number."""
    part = offset.with_suffix(".part")
    part.write_text(str(seconds))
    part.rename(offset)


def test_a_clock_set_back_a_year_changes_no_order(either: Land, tmp_path: Path) -> None:
    offset = tmp_path / "offset"
    put(offset, 0)
    command = (sys.executable, "-m", "tests.faults.clocked", str(offset))
    with serving(either, command) as server, under_load(either, server.port) as load:
        load.wait(20)
        put(offset, -YEAR_S)
        load.wait(20)
        server.kill()
        server.start()
        load.wait(20)
        put(offset, 0)
        load.wait(20)
    with either.opened() as services:
        marks = [event for event in services.store.ledger.events() if event.action == "mark"]
    years = [datetime.fromisoformat(event.recorded_at).year for event in marks]
    assert len(set(years)) == 2, "the clock has not jumped"
