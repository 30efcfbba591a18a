"""Lists go out to counties and come back, by command line."""

import zipfile
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.files import ids, put, shapefile, squares
from tests.places import Place

pytestmark = pytest.mark.slow
BATCH = "2023-1"


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_list_is_tried_explained_and_applied(tmp_path: Path, place: Place) -> None:
    run = Shell(tmp_path, "en", place.address)
    source = put(tmp_path / "in", shapefile(squares(3), [ids("A1", "A2", "A3")]))
    assert run("load", "plots", source, "--batch", BATCH).code == 0
    person = ("users", "add", "li", "--role", "city", "--area", "5119", "--password-file", "-")
    assert run(*person, stdin="correct horse battery\n").code == 0
    (tmp_path / "list.csv").write_text("编号,问题\nA1,否\nA2,否\nA9,否\n", "utf-8")
    asked = ("load", "results", "list.csv", "--batch", BATCH, "--as", "li")
    unnamed = run(*asked)
    assert (unnamed.code, "No column" in unnamed.err) == (1, True)
    named = (*asked, "--map", "mark=问题")
    tried = run(*named, "--dry-run", "--json")
    assert (tried.code, tried.json["counts"]["unread"]) == (3, 2)
    assert tried.json["words"] == {"mark": [{"word": "否", "n": 3}]}
    explained = (*named, "--word", "mark:否=false_positive")
    done = run(*explained, "--report", "report.xlsx", "--json")
    counts = done.json["counts"]
    assert (done.code, counts["applied"], counts["not_found"]) == (3, 2, 1)
    assert (tmp_path / "report.xlsx").stat().st_size > 0
    again = run(*explained, "--json").json["counts"]
    assert (again["applied"], again["unchanged"]) == (0, 2)
    out = run("report", "worklist", "--batch", BATCH, "--out", "work.xlsx")
    assert (out.code, out.err) == (0, "")
    back = run("load", "results", "work.xlsx", "--batch", BATCH, "--as", "li", "--json")
    assert (back.code, back.json["counts"]["unchanged"]) == (0, 3)
    checked = run("report", "return", "--batch", BATCH, "--json").json
    assert (checked["plots"], checked["incomplete"], checked["files"]) == (3, 3, ["plots.shp"])
    assert run("report", "return", "--batch", BATCH, "--out", "up.zip").code == 1
    assert run("report", "return", "--batch", BATCH, "--out", "up.zip", "--incomplete").code == 0
    with zipfile.ZipFile(tmp_path / "up.zip") as package:
        assert package.read("plots.shp") == source.read_bytes()
