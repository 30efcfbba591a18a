"""Which files make one data set."""

from pathlib import Path

import pytest

from georeview.ingest.parts import beside, called, data_sets, whole_files


def names(*given: str) -> dict[str, set[str]]:
    sets, twice = data_sets(given, "包")
    assert not twice
    return {one.name: set(one.parts) for one in sets}


def test_parts_go_to_the_file_of_their_name_and_folder() -> None:
    found = names(
        "一/a.shp", "一/A.DBF", "二/a.shp", "二/a.dbf", "a.prj", "a.TAB", "a.dat", "a.map", "a.id"
    )
    assert found == {
        "一/a.shp": {".shp", ".dbf"},
        "二/a.shp": {".shp", ".dbf"},
        "a.TAB": {".tab", ".dat", ".map", ".id"},
    }  # fmt: skip


def test_a_geodatabase_is_its_folder_or_the_archive() -> None:
    inside = ("a00000001.gdbtable", "a00000001.gdbtablx", "gdb")
    assert set(names(*(f"x/图斑.GDB/{name}" for name in inside))) == {"x/图斑.GDB"}
    assert set(names(*inside)) == {"包.gdb"}
    assert names("x.gdb/a00000001.spx", "x.gdb/timestamps") == {}


def test_a_part_that_comes_twice_is_said() -> None:
    assert data_sets(["a.shp", "a.dbf", "A.DBF"])[1] == ["A.DBF"]


@pytest.mark.parametrize(
    ("sent", "whole"),
    [
        (["a.shp", "a.dbf", "a.prj"], ["a.shp"]),
        (["a.tab", "a.dat", "a.MAP", "a.id"], ["a.tab"]),
        (["a.mif", "a.mid", "b.mid"], ["a.mif", "b.mid"]),
        (["a.csv", "a.dbf"], ["a.csv", "a.dbf"]),
    ],
)
def test_of_files_sent_together_the_parts_are_not_files(sent: list[str], whole: list[str]) -> None:
    assert [path.name for path in whole_files(map(Path, sent))] == whole


def test_links_are_not_taken_along(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    (tmp_path / "a.shp").write_text("x")
    (tmp_path / "a.dbf").symlink_to(tmp_path / "secret")
    (tmp_path / "a.PRJ").write_text("x")
    assert [path.name for path in beside(tmp_path / "a.shp")] == ["a.shp", "a.PRJ"]
    folder = tmp_path / "b.gdb"
    folder.mkdir()
    (folder / "a00000001.gdbtable").write_text("x")
    (folder / "a00000002.gdbtable").symlink_to(tmp_path / "secret")
    files = beside(folder)
    assert [path.name for path in files] == ["a00000001.gdbtable"]
    assert called(files) == "b.gdb"
