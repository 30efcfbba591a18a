"""The batch of the year before: what comes again, what only seems to, and what it was."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from sample_data.make import DATA
from tests.sample_data.test_make import plots_of, read


def past(folder: Path) -> list[dict[str, str]]:
    with (folder / "truth_2022.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def shares() -> dict[str, float]:
    """Number of then → common area by the area of both, with the plot named as the one it became."""
    then = read(DATA / "plots_2022.zip", encoding="gb18030").set_index("TBBH").geometry.force_2d()
    now = plots_of(DATA).set_index("TBBH").geometry.force_2d()
    found = {}
    for row in past(DATA):
        if row["again"] in now.index:
            one, other = then[row["source_id"]], now[row["again"]].buffer(0)
            common = one.intersection(other).area
            found[row["source_id"]] = common / (one.area + other.area - common)
    return found


def test_every_kind_is_there_and_twelve_were_problems():
    rows = past(DATA)
    assert Counter(row["kind"] for row in rows) == {
        "equal": 60, "moved": 40, "trap": 20, "gone": 90,
    }  # fmt: skip
    problems = [row for row in rows if row["code"].startswith("PR")]
    assert len(problems) == 12
    assert {row["kind"] for row in problems} <= {"equal", "moved"}


def test_shapes_return_as_they_are_said_to(shares):
    rows = past(DATA)
    kinds = {row["source_id"]: row["kind"] for row in rows}
    assert all(share > 0.999 for number, share in shares.items() if kinds[number] == "equal")
    assert all(0.3 < share < 0.9 for number, share in shares.items() if kinds[number] == "moved")
    assert all(share == 0 for number, share in shares.items() if kinds[number] == "trap")


def test_the_numbers_that_only_seem_to_return_carry_a_suffix():
    traps = [row for row in past(DATA) if row["kind"] == "trap"]
    assert all(row["source_id"] == f"{row['again']}-1" for row in traps)


@pytest.mark.slow
def test_another_seed_keeps_every_count(made):
    theirs, ours = past(made), past(DATA)
    assert Counter(row["kind"] for row in theirs) == Counter(row["kind"] for row in ours)
    assert sum(row["code"].startswith("PR") for row in theirs) == 12
    assert {row["source_id"] for row in theirs if row["kind"] == "equal"}
