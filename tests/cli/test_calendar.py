"""``georeview calendar``."""

from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.places import Place


@pytest.fixture
def run(tmp_path: Path, place: Place) -> Shell:
    return Shell(tmp_path, store=place.address)


def test_a_day_is_put_right_and_back(run: Shell) -> None:
    asked = ("calendar", "set", "2027-02-14", "work", "--source", "国办发明电〔2026〕1号")
    assert run(*asked).code == 0
    assert run("calendar", "set", "2027-02-14", "rest", "--source", "更正").code == 0
    (kept,) = run("calendar", "list", "--json").json["items"]
    assert (kept["day"], kept["working"], kept["source"]) == ("2027-02-14", False, "更正")
    assert run("calendar", "unset", "2027-02-14").code == 0
    assert run("calendar", "list", "--json").json["items"] == []


def test_a_day_without_a_source_is_refused(run: Shell) -> None:
    refused = run("calendar", "set", "2027-02-14", "work", "--source", " ")
    assert (refused.code, "source" in refused.err) == (1, True)
    assert run("calendar", "set", "gestern", "work", "--source", "x").code == 2
