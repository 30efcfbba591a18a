"""The main job by command line: the sample goes in, is laid over, marked, and comes out again."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.files import SAMPLE
from tests.places import Place

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
BATCH = "2023年第一批"
MARKS = (("confirmed", ("--violation", "PR32")), ("false_positive", ("--reason", "FP31")))


@pytest.fixture
def job(tmp_path: Path, place: Place) -> Shell:
    return Shell(tmp_path, "zh-CN", place.address)


def test_from_the_sample_zip_to_a_shapefile_that_anyone_can_open(job: Shell) -> None:
    manifest = json.loads((SAMPLE / "manifest.json").read_text("utf-8"))
    for layer in manifest["layers"]:
        named = ("--kind", layer["kind"], "--name", layer["name"], "--version", layer["version"])
        done = job("load", "layer", SAMPLE / layer["file"], *named)
        assert (done.code, done.err) == (0, "")

    names = [*manifest["batch"]["plots"], manifest["batch"]["notes"]]
    given = ("--batch", BATCH, "--review-due", "2023-06-30", "--rectify-due", "2023-11-30")
    loaded = job("load", "plots", *(SAMPLE / name for name in names), *given, "--json")
    assert (loaded.code, loaded.err) == (0, "")
    files = loaded.json["files"]
    assert sum(file["stored"] for file in files) == 1_299
    assert sum(file["rows_in"] for file in files) == 1_299 + files[2]["joined"]

    person = ("users", "add", "li", "--role", "city", "--area", "5119", "--password-file", "-")
    assert job(*person, stdin="correct horse battery\n").code == 0
    marked = {}
    for n, number in enumerate(_numbers(4)):
        mark, why = MARKS[n % 2]
        done = job("mark", f"{BATCH}/{number}", mark, *why, "--as", "li")
        assert (done.code, done.err) == (0, ""), number
        marked[number] = mark
    assert job("overlay", "--batch", BATCH, "--json").json["plots"] == 1_299
    verified = job("verify", "--json")
    assert (verified.code, verified.json["flaws"]) == (0, [])

    out = job.folder / "成果.zip"
    done = job("export", "--batch", BATCH, "--format", "shp", "--out", out)
    assert (done.code, done.err) == (0, "")
    _looks_right(out, marked)

    again = job("load", "plots", *(SAMPLE / name for name in names), *given, "--json")
    assert [f["stored"] for f in again.json["files"]] == [0, 0, 0]
    assert job("verify", "--json").json["head"] == verified.json["head"]


def _numbers(n: int) -> list[str]:
    lines = (SAMPLE / "truth.csv").read_text("utf-8-sig").splitlines()
    return [line.split(",")[0] for line in lines[1 : 1 + 300 * n : 300]]


def _looks_right(out: Path, marked: dict[str, str]) -> None:
    """Reopened with plain geopandas, as the ministry would."""
    import geopandas
    import pandas

    with zipfile.ZipFile(out) as file:
        shapes = [name for name in file.namelist() if name.endswith(".shp")]
    frame = pandas.concat([geopandas.read_file(f"zip://{out}!{name}") for name in shapes])
    assert len(frame) == 1_299
    assert frame.SRC_ID.is_unique
    assert (frame.crs.to_epsg(), set(frame.BATCH)) == (4490, {BATCH})
    by_number = frame.set_index("SRC_ID")
    assert {number: by_number.MARK[number] for number in marked} == marked
    assert (by_number.MARK == "pending").sum() == 1_299 - len(marked)
    assert by_number.geometry.is_valid.all()
    assert sum(number.isdigit() and len(number) == 19 for number in frame.SRC_ID) >= 30
    assert by_number.BAND.value_counts()["critical"] == 60
    rare = by_number[[c for c in by_number.columns if c != "geometry"]].astype(str)
    assert rare.apply(lambda column: column.str.contains("[𠮷䃅]")).any(axis=1).sum() == 6
