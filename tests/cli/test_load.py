"""``georeview load``: a count and exit 0, rows set aside and exit 3, or a sentence and exit 1."""

import json
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.files import SAMPLE, geopackage, ids, projected, put, shapefile, squares


@pytest.fixture
def run(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_plots_are_counted(run: Shell, tmp_path: Path) -> None:
    path = put(tmp_path / "in", shapefile(squares(3)))
    done = run("load", "plots", path, "--batch", "2023-1")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(
        "plots.shp: 3 rows = 3 stored + 0 there already + 0 texts joined + 0 set aside\n"
    )
    assert "coordinate system EPSG:4490 (from the file)" in done.out
    again = run("load", "plots", path, "--batch", "2023-1", "--json")
    assert (again.code, again.json["files"][0]["unchanged"]) == (0, 3)


def test_rows_set_aside_are_named_and_the_exit_code_says_so(run: Shell, tmp_path: Path) -> None:
    path = put(tmp_path / "in", shapefile(squares(2), [ids("X", "X")]))
    report = tmp_path / "报告.json"
    done = run("load", "plots", path, "--batch", "b", "--report", report)
    assert done.code == 3
    assert "row 2 X set aside: The same number as row 1 with another shape" in done.out
    (aside,) = json.loads(report.read_text("utf-8"))["files"][0]["set_aside"]
    assert (aside["row"], aside["code"]) == (2, "id_with_two_shapes")


def test_a_rebuilt_index_is_said(run: Shell, tmp_path: Path) -> None:
    parts = shapefile(squares(1))
    del parts[".shx"]
    done = run("load", "plots", put(tmp_path / "in", parts), "--batch", "b")
    assert done.code == 0
    assert ".shx" in done.out


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("zh-CN", "plots.shp 缺少同名的 .dbf 文件。 请把 .shp、.shx、.dbf、.prj 一起提供,或打包为 zip。\n"),
        ("en", "plots.shp lacks its .dbf file. "),
    ],
)  # fmt: skip
def test_a_refusal_is_one_sentence(tmp_path: Path, lang: str, sentence: str) -> None:
    parts = shapefile(squares(1))
    del parts[".dbf"]
    done = Shell(tmp_path, lang)("load", "plots", put(tmp_path / "in", parts), "--batch", "b")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(sentence.split(".dbf", maxsplit=1)[0])
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--batch", "b", "nothing.shp"),
        ("--batch", "b"),
        ("plots.shp",),
        ("plots.shp", "--batch", "b", "--map", "nofield=X"),
        ("plots.shp", "--batch", "b", "--map", "source_id"),
        ("plots.shp", "--batch", "b", "--area-unit", "acre"),
        ("plots.shp", "--batch", "b", "--review-due", "30.6.2023"),
        ("plots.shp", "--batch", "b", "--area", "巴中"),
        ("plots.shp", "--batch", "b", "--report", "no/folder/r.json"),
    ],
)
def test_wrong_usage_is_exit_2_and_changes_nothing(
    run: Shell, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    put(tmp_path, shapefile(squares(1)))
    done = run("load", "plots", *arguments)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err
    assert not run.home.exists() or not list(run.home.glob("sources/*/*"))


def test_a_setting_that_is_no_value_is_wrong_usage(run: Shell, tmp_path: Path) -> None:
    path = put(tmp_path / "in", shapefile(squares(1)))
    done = run("load", "plots", path, "--batch", "b", GEOREVIEW_EXTENT="everywhere")
    assert (done.code, "Traceback" in done.err) == (2, False)
    done = run("load", "plots", path, "--batch", "b", GEOREVIEW_MAX_UPLOAD_MB="much")
    assert (done.code, "GEOREVIEW_MAX_UPLOAD_MB" in done.err) == (2, True)


@pytest.mark.parametrize("field", ["source_id", "图斑编号", "Plot number"])
def test_columns_can_be_chosen_and_only_looked_at(run: Shell, tmp_path: Path, field: str) -> None:
    columns = [ids("1", "2"), ids("3", "4", name="JCBH")]
    path = put(tmp_path / "in", shapefile(squares(2), columns))
    asked = run("load", "plots", path, "--batch", "b", "--dry-run")
    assert (asked.code, "TBBH, JCBH" in asked.err) == (1, True)
    looked = run(
        "load", "plots", path, "--batch", "b", "--map", f"{field}=JCBH", "--dry-run", "--json"
    )
    assert looked.json["files"][0]["read"]["columns"]["source_id"] == "JCBH"
    assert run("mark", "b/3", "confirmed").code == 1


def test_layers_are_published_once_and_say_whose_facts_are_older(
    run: Shell, tmp_path: Path
) -> None:
    plots = put(tmp_path / "in", shapefile(squares(2)))
    run("load", "plots", plots, "--batch", "b")
    layer = ("load", "layer", SAMPLE / "county_v1.gpkg", "--kind", "county", "--name", "县界")
    first = run(*layer, "--version", "v1", "--json")
    assert (first.code, first.json["features"], first.json["outdated_plots"]) == (0, 5, 2)
    again = run(*layer, "--version", "v1")
    assert "the facts of 2 plots rest on older layers" in again.out
    assert run("overlay", "--batch", "b", "--json").json == {"plots": 2, "layers": "county=v1"}
    assert run(*layer, "--version", "v1", "--json").json["outdated_plots"] == 0


def test_a_version_with_other_content_is_refused(run: Shell, tmp_path: Path) -> None:
    first = put(tmp_path / "1", shapefile(squares(1)))
    other = put(tmp_path / "2", shapefile(squares(2)))
    layer = ("--kind", "mgmt_area", "--name", "线", "--version", "v1")
    assert run("load", "layer", first, *layer).code == 0
    done = run("load", "layer", other, *layer)
    assert (done.code, "v1" in done.err) == (1, True)
    assert run("load", "layer", first, "--kind", "lake", "--name", "x", "--version", "1").code == 2
    assert run("load", "layer", first, "--kind", "river", "--name", "x", "--version", "1").code == 1


def test_a_load_is_taken_back(run: Shell, tmp_path: Path) -> None:
    path = put(tmp_path / "in", shapefile(squares(3)))
    loaded = run("load", "plots", path, "--batch", "2023-1")
    name = loaded.out.splitlines()[-1].rpartition(" ")[2]
    done = run("load", "retract", name)
    assert (done.code, done.err) == (0, "")
    assert done.out == "plots.shp taken back: 3 plots withdrawn, 0 plots as they were before.\n"
    again = run("load", "retract", name)
    assert (again.code, again.out) == (1, "")
    assert "“plots.shp” was taken back at" in again.err
    assert run("verify").code == 0


def test_a_second_delivery_updates_when_told(run: Shell, tmp_path: Path) -> None:
    first = put(tmp_path / "first", shapefile(squares(3), [ids("A", "B", "C")]))
    assert run("load", "plots", first, "--batch", "b").code == 0
    second = put(tmp_path / "second", shapefile(squares(4)[2:], [ids("B", "C")]))
    aside = run("load", "plots", second, "--batch", "b", "--dry-run")
    assert aside.code == 3
    assert "--update" in run("load", "plots", "--help").out
    done = run("load", "plots", second, "--batch", "b", "--update")
    assert done.code == 0
    assert done.out.startswith(
        "plots.shp: 2 rows = 0 stored + 2 changed + 0 there already + 0 texts joined + 0 set aside"
    )
    assert "1 plots of the batch are not in this delivery and stay as they are: A" in done.out


def test_systems_that_fit_are_named_with_their_reasons(run: Shell, tmp_path: Path) -> None:
    path = put(tmp_path / "in", shapefile(projected(squares(3), 4544), prj=None))
    refused = run("load", "plots", path, "--batch", "b")
    assert (refused.code, refused.out) == (1, "")
    *systems, sentence = refused.err.splitlines()
    assert systems[0].startswith("plots.shp: the numbers fit these coordinate systems")
    assert [line.split()[0] for line in systems[1::2]] == ["EPSG:4544", "EPSG:32648"]
    assert "eastings without zone prefix" in systems[2]
    assert "--crs" in sentence
    looked = run("load", "plots", path, "--batch", "b", "--crs", "EPSG:4544", "--dry-run")
    assert looked.code == 0
    assert "EPSG:4544 CGCS2000 / 3-degree Gauss-Kruger CM 105E <- would be taken" in looked.out
    told = run("load", "plots", path, "--batch", "b", "--crs", "EPSG:4544", "--dry-run", "--json")
    (one,) = told.json["systems"]
    assert [placing["crs"] for placing in one["placings"]] == ["EPSG:4544", "EPSG:32648"]
    assert one["placings"][0]["because"]
    assert (
        "systems"
        not in run("load", "plots", path, "--batch", "b", "--crs", "EPSG:4544", "--json").json
    )


def test_several_layers_are_named_one_by_one(run: Shell, tmp_path: Path) -> None:
    path = geopackage(tmp_path / "a.gpkg", squares(1), {"TBBH": ["1"]}, layer="甲, 一")
    for layer in ("乙", "丙"):
        geopackage(path, squares(1), {"TBBH": [layer]}, layer=layer)
    done = run(
        "load", "plots", path, "--batch", "b", "--layer", "甲, 一", "--layer", "丙", "--json"
    )
    assert [file["read"]["layer"] for file in done.json["files"]] == ["甲, 一", "丙"]
