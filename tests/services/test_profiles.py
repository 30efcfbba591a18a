"""What was decided about the columns of one file is proposed for the next of the same sender."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from georeview import texts
from georeview.errors.files import NumberMissing
from georeview.services import Services
from georeview.services.profiles import profiles
from tests.files import Column, a_home, ids, load, put, shapefile, squares

COLUMNS: list[Column] = [
    ids("A001", "A002", "A003", name="DKBM2"),
    ("LXSM", "C", 12, ["桥梁", "房屋", "桥梁"]),
    ("所属县区名称", "C", 12, ["平昌县"] * 3),
]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with a_home(tmp_path) as services:
        yield services


def proposals(services: Services, path: Path, batch: str, **mapping: str) -> list[dict[str, Any]]:
    report = load(services, path, batch=batch, mapping=mapping)
    assert report.complete
    return list(report.as_json()["files"][0]["read"]["proposals"])


def test_a_choice_is_remembered_with_the_sender_and_never_taken_by_itself(
    services: Services, tmp_path: Path
) -> None:
    path = put(tmp_path / "in", shapefile(squares(3), COLUMNS, encoding="utf-8"))
    with pytest.raises(NumberMissing) as refused:
        load(services, path)
    assert refused.value.facts["likely"] == "DKBM2"

    first = proposals(services, path, "2023-1", source_id="DKBM2", type_issued="LXSM")
    # dBASE has cut the header at ten bytes; what is left of it still holds an alias.
    assert [(p["field"], p["because"]) for p in first] == []
    assert [profile.batch for profile in profiles(services.store, "5119")] == ["2023-1"]
    assert profiles(services.store, "5101") == ()

    again = proposals(services, path, "2023-2", source_id="DKBM2")
    assert [(p["field"], p["header"], p["because"], p["like"]) for p in again] == [
        ("type_issued", "LXSM", "remembered", "2023-1")
    ]
    plot = services.store.plots.known("2023-2", ["A001"])["A001"]
    assert "type_issued" not in plot.fields
    assert plot.extra["LXSM"] == "桥梁"
    for found in again:
        for lang in texts.LANGS:
            assert texts.say(f"proposal.{found['because']}", lang, like=found["like"])
