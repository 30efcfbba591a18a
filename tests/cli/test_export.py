"""``georeview export``: a file and a sentence, or a sentence and no file."""

import csv
import io
import json
import os
import subprocess
import sys
import zipfile

import pytest

from georeview.services import open_services
from georeview.settings import Settings
from tests.api.conftest import BATCH, TestClock, fill


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    services = open_services(Settings(home=home), TestClock())
    fill(services)
    services.close()
    return home


@pytest.fixture
def run(home, tmp_path):
    """Runs the command as a user does."""

    def export(*arguments: str, lang: str = "en"):
        command = [sys.executable, "-m", "georeview.cli", "export", "--home", str(home)]
        env = {**os.environ, "GEOREVIEW_LANG": lang}
        return subprocess.run(
            [*command, *arguments],
            check=False,
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            timeout=100,
        )

    return export


def test_a_file_and_a_sentence(run, tmp_path) -> None:
    done = run("--batch", BATCH, "--format", "shp", "--out", "成果.zip", lang="zh-CN")
    assert (done.returncode, done.stderr) == (0, "")
    assert "已导出 6 个图斑" in done.stdout
    with zipfile.ZipFile(tmp_path / "成果.zip") as file:
        assert {"成果.shp", "成果.shx", "成果.dbf", "成果.prj", "成果.cpg"} < set(file.namelist())


def test_json_for_machines(run, tmp_path) -> None:
    done = run(
        "--batch", BATCH, "--format", "csv", "--out", "r.csv", "--county", "511923", "--json"
    )
    told = json.loads(done.stdout)
    assert (done.returncode, told["rows"], told["file"], told["losses"]) == (0, 3, "r.csv", [])
    assert told["columns"][0]["name"] == "plot_id"
    assert json.loads((tmp_path / told["beside"]).read_text("utf-8")) == told


def test_what_could_not_be_written_is_pointed_at(run) -> None:
    done = run("--batch", BATCH, "--format", "shp", "--out", "r.zip", "--crs", "epsg:4545")
    assert done.returncode == 0
    assert "reopened and found equal" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--format", "dwg", "--out", "r.dwg"), 1, "shp, gpkg, geojson, geojsonseq"),
        (("--format", "csv", "--out", "r.csv", "--mark", "rectified"), 1, "No plot meets"),
        (("--format", "csv", "--out", "r.csv", "--mark", "wrong"), 1, "false_positive"),
        (("--format", "csv", "--out", "r.csv", "--crs", "EPSG:2381"), 1, "EPSG:4524"),
        (("--format", "csv", "--out", "r.csv", "--filter", "mark ="), 1, "from character 7 on"),
        (("--format", "csv", "--out", "r.csv", "--bbox", "1,2"), 1, "“box” is not possible"),
        (("--format", "csv", "--out", "r.txt"), 1, "*.csv"),
        (("--format", "csv", "--out", "no/r.csv"), 1, "cannot be put there"),
        (("--format", "csv"), 2, "--out"),
    ],
)
def test_a_sentence_and_no_file(run, tmp_path, arguments, code, said) -> None:
    done = run("--batch", BATCH, *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def rows_of(path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def test_a_filter_chooses_and_what_was_written_chooses_the_same_again(run, tmp_path) -> None:
    asked = "source_id LIKE '00%' AND NOT source_id IN ('000002') AND area_m2 IS NOT NULL"
    done = run(
        "--batch", BATCH, "--format", "csv", "--out", "some.csv", "--filter", asked, "--json"
    )
    rows = rows_of(tmp_path / "some.csv")
    assert json.loads(done.stdout)["rows"] == len(rows) > 0
    assert "000002" not in {row["source_id"] for row in rows}
    named = ", ".join(f"'{row['plot_id']}'" for row in rows)
    again = run(
        "--batch", BATCH, "--format", "csv", "--out", "again.csv", "--filter", f"plot_id IN ({named})"
    )  # fmt: skip
    assert again.returncode == 0
    kept = rows_of(tmp_path / "again.csv")
    assert [row["plot_id"] for row in kept] == [row["plot_id"] for row in rows]


def test_help_names_every_condition(run) -> None:
    said = run("--help").stdout
    named = "county township mark stage determination reason assignee overdue search bbox"
    assert all(f"--{name}" in said for name in [*named.split(), "updated-since", "filter"])


def test_a_batch_that_is_not_there(run) -> None:
    done = run("--batch", "nothing", "--format", "csv", "--out", "r.csv")
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.strip().splitlines()) == 1
