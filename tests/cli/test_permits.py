"""``georeview permits``."""

from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.places import Place

NUMBER = "川水许〔2020〕17号"


@pytest.fixture
def run(tmp_path: Path, place: Place) -> Shell:
    return Shell(tmp_path, store=place.address)


def test_an_entry_is_written_once_and_listed_by_what_it_is_good_for(run: Shell) -> None:
    asked = ("permits", "add", NUMBER, "--kind", "桥梁", "--valid-to", "2020-12-31")
    assert run(*asked).code == 0
    again = run(*asked)
    assert (again.code, NUMBER in again.err) == (1, True)
    (kept,) = run("permits", "list", "--standing", "expired", "--json").json["items"]
    assert (kept["number"], kept["standing"], kept["area"]) == (NUMBER, "expired", "5119")
    assert run("permits", "list", "--standing", "valid", "--json").json["items"] == []
    assert run("permits", "expiring", "--json").json["items"] == []
    assert run("permits", "list", "--standing", "soon").code == 2


def test_a_table_is_taken_in_and_what_is_there_twice_is_asked(run: Shell, tmp_path: Path) -> None:
    place = '"geometry":{"type":"Point","coordinates":[107.1,31.56]}'
    rows = [("一", "甲"), ("二", "乙"), ("二", "丙")]
    features = ",".join(
        f'{{"type":"Feature",{place},"properties":{{"permit_no":"{n}","name":"{name}"}}}}'
        for n, name in rows
    )
    table = tmp_path / "permits.geojson"
    table.write_text(f'{{"type":"FeatureCollection","features":[{features}]}}', encoding="utf-8")
    asked = run("permits", "import", str(table), "--json")
    assert (asked.code, asked.json["added"], asked.json["numbers_twice"]) == (3, 1, {"二": [2, 3]})
    taken = run("permits", "import", str(table), "--choose", "二=3", "--json")
    assert (taken.json["added"], taken.json["same"], taken.json["twice"]) == (1, 1, 1)
    named = {r["number"]: r["name"] for r in run("permits", "list", "--json").json["items"]}
    assert named == {"一": "甲", "二": "丙"}
