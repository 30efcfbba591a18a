"""Spreadsheets."""

from pathlib import Path

import pytest
import shapely

from georeview import sandbox
from georeview.errors.files import FileBroken, FormatDisguised, LayerUnclear, SheetTooLarge
from georeview.geometry.land import Land
from georeview.ingest import LOOK, LOOK_SHAPES, ReadOptions
from tests.ingest.making import day, xlsx
from tests.ingest.taken import take

HEAD = ["图斑编号", "前时相", "经度", "纬度"]
ROWS = [HEAD, ["01", "2023-01-15", 106.75, 31.86], ["02", 44941, 106.76, 31.87]]


def test_a_sheet_is_a_table(tmp_path: Path) -> None:
    taken = take(xlsx(tmp_path / "a.xlsx", {"图斑": ROWS}))
    assert (taken.read["format"], taken.read["layer"]) == ("xlsx", "图斑")
    assert list(taken.plots) == ["01", "02"]
    assert [p.fields["img_before"] for p in taken.plots.values()] == ["2023-01-15", "2023-01-15"]
    assert shapely.from_wkb(taken.plots["02"].wkb).equals(shapely.Point(106.76, 31.87))


def test_cells_that_show_dates_are_dates(tmp_path: Path) -> None:
    rows = f'<row r="1">{"".join(f"""<c r="{c}1" t="inlineStr"><is><t>{h}</t></is></c>""" for c, h in zip("ABCD", HEAD, strict=True))}</row>'
    rows += f'<row r="2"><c r="A2"><v>7</v></c>{day(44941, "B2")}<c r="C2"><v>106.75</v></c><c r="D2"><v>31.86</v></c></row>'
    taken = take(xlsx(tmp_path / "a.xlsx", {"s": rows}))
    assert taken.plots["7"].fields["img_before"] == "2023-01-15"


def test_the_sheet_with_plots_is_taken_and_the_others_named(tmp_path: Path) -> None:
    sheets = {
        "说明": [["填表须知"], ["一"]],
        "图斑": [["某市图斑表"], *ROWS],
        "空": [],
        "选项": [["a"], ["b"]],
    }
    taken = take(xlsx(tmp_path / "a.xlsx", sheets, hidden="选项"))
    assert taken.read["layer"] == "图斑"
    facts = [note["facts"] for note in taken.read["notes"]]
    assert {"layers": "说明"} in facts
    assert {"row": 2} in facts


def test_rows_have_the_numbers_that_the_sheet_shows(tmp_path: Path) -> None:
    rows = [["某市图斑表"], [], *ROWS[:2], [], ["03", None, "村口", 31.87], ROWS[1]]
    taken = take(xlsx(tmp_path / "a.xlsx", {"图斑": rows}))
    assert taken.aside == {6: "bad_coordinates", 7: "row_repeated"}
    (seen,) = sandbox.run(LOOK_SHAPES, (tmp_path / "a.xlsx",), ReadOptions(), Land(), (4, 6))
    assert seen[0] == 4, "the outline of a row is found by the same number"
    looked = sandbox.run(LOOK, (tmp_path / "a.xlsx",), ReadOptions(), Land(), ())
    assert looked.first_rows == (4, 6, 7)
    assert looked.placings[0].rows == (4, 7)


def test_of_several_sheets_with_plots_one_is_named(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"甲": ROWS, "乙": [HEAD, ["03", None, 106.77, 31.88]]})
    with pytest.raises(LayerUnclear) as refused:
        take(path)
    assert refused.value.facts["layers"] == "甲, 乙"
    assert list(take(path, layer="乙").plots) == ["03"]


def test_headers_in_two_merged_rows(tmp_path: Path) -> None:
    rows = [
        ["图斑编号", "备注", "中心坐标", None],
        [None, None, "经度", "纬度"],
        ["1", "x", 106.75, 31.86],
    ]
    taken = take(xlsx(tmp_path / "a.xlsx", {"s": rows}))
    assert taken.plots["1"].fields["note_issued"] == "x"


def test_digits_that_a_spreadsheet_has_lost_are_said(tmp_path: Path) -> None:
    rows = [
        HEAD,
        [5119022023010000123.0, None, 106.75, 31.86],
        ["5119022023010000124", None, 106.76, 31.86],
    ]
    taken = take(xlsx(tmp_path / "a.xlsx", {"s": rows}))
    assert "digits_lost" in taken.notes()
    assert "5119022023010000124" in taken.plots


@pytest.mark.parametrize("at", ["XFD1048576", "A1048576", "ZZZ9999999"])
def test_a_sheet_that_reaches_too_far_is_refused(tmp_path: Path, at: str) -> None:
    rows = f'<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="{at}"><v>1</v></c><c r="BB2"><v>1</v></c></row>'
    with pytest.raises(SheetTooLarge):
        take(xlsx(tmp_path / "a.xlsx", {"s": rows}))


def test_what_only_bears_the_name_is_refused(tmp_path: Path) -> None:
    for name, data, kind in (
        ("a.xlsx", b"<html><table>", FormatDisguised),
        ("b.xls", b"TBBH,X,Y\n", FormatDisguised),
        ("c.xlsx", b"PK\x03\x04" + bytes(60), FileBroken),
        ("d.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000), FileBroken),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(kind):
            take(tmp_path / name)
