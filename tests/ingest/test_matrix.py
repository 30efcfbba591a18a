"""The page on incoming formats says what happens."""

import runpy
from pathlib import Path

import pytest

from tests.ingest import matrix, odd

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
def test_the_page_tells_what_becomes_of_every_file_tried(tmp_path: Path) -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "incoming.py"))
    page = script["PAGE"].read_text(encoding="utf-8")
    outcomes = matrix.tried(tmp_path)
    again = script["with_table"](page, "tried", script["table"](outcomes))
    again = script["with_table"](again, "odd", script["odd_table"](odd.tried(tmp_path)))
    assert page == again, "run python scripts/incoming.py"
    assert not {o for cells in outcomes.values() for o in cells.values()} - set(script["WORDS"])
