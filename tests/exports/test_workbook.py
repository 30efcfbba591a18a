"""Workbooks: types, links, filters and pictures, as a reader that is not ours finds them."""

import zipfile
from dataclasses import replace
from datetime import date
from xml.etree.ElementTree import fromstring

import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from georeview import exports
from georeview.errors.exports import ExportDiffers, ExportOption, ExportTooLarge
from georeview.exports import ooxml
from georeview.exports.base import Column, Losses, Picture
from georeview.exports.compare import compare
from georeview.exports.workbook import WORKBOOK
from tests.exports.rows import HOLED, POINT, SQUARE, a_chunk, options, written

LINK = "http://127.0.0.1:8000/#b=2023&plot="


def cells(path, sheet=0):
    """Every cell of a sheet, by column."""
    head, *rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(sheet).to_python()
    return dict(zip(head, zip(*rows, strict=True), strict=True))


def sheet(path, part="xl/worksheets/sheet1.xml"):
    with zipfile.ZipFile(path) as file:
        return file.read(part).decode()


def test_cells_have_the_types_of_their_columns(tmp_path) -> None:
    out = tmp_path / "r.xlsx"
    chunk = a_chunk(
        [SQUARE, HOLED, POINT],
        {"编号": ["007", "1234567890123456789", None], "亩": [1.5, None, -2.0]},
        marked_on=["2023-06-30", None, "2023-07-01"],
        photo_n=[3, 0, None],
        note=["=1+1", " 前后 ", "一\n二\r三"],
    )
    report = exports.write("xlsx", [chunk], out, options())
    found = cells(out)
    assert report.losses == ()
    assert found["marked_on"] == (date(2023, 6, 30), "", date(2023, 7, 1))
    assert found["photo_n"] == (3.0, 0.0, "")
    assert found["亩"] == (1.5, "", -2.0)
    assert found["编号"] == ("007", "1234567890123456789", "")
    assert found["source_id"] == tuple(f"{i:019d}" for i in range(3))
    assert found["note"][:2] == ("=1+1", " 前后 ")
    assert shapely.equals_exact(shapely.from_wkt(found["wkt"][0]), SQUARE, 1e-9, normalize=True)


def test_only_links_are_computed_and_they_lead_to_the_plot(tmp_path) -> None:
    out = tmp_path / "r.xlsx"
    chunk = a_chunk([SQUARE, SQUARE], source_id=['a"&HYPERLINK("x")', "图斑 1"])
    exports.write("xlsx", [chunk], out, options(link=LINK))
    formulas = [f.text for f in fromstring(sheet(out)).iter(f"{{{ooxml.MAIN}}}f")]
    assert formulas == [
        f'HYPERLINK("{LINK}a%22%26HYPERLINK%28%22x%22%29","打开")',
        f'HYPERLINK("{LINK}%E5%9B%BE%E6%96%91%201","打开")',
    ]
    assert cells(out)["link"] == ("打开", "打开")


def test_titles_stay_in_sight_and_every_column_has_a_filter(tmp_path) -> None:
    out = tmp_path / "r.xlsx"
    report = exports.write("xlsx", [a_chunk([SQUARE, POINT])], out, options())
    found = sheet(out)
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in found
    assert f'<autoFilter ref="{ooxml.area(len(report.columns) + 1, 3)}"/>' in found
    assert set(cells(out, 1)["列名"]) == {column.name for column in report.columns}


def test_pictures_stand_in_the_row_of_their_plot(tmp_path) -> None:
    out = tmp_path / "r.xlsx"
    jpegs = [[Picture("before", b"one"), Picture("after", b"two")], [Picture("after", b"three")]]
    chunk = replace(a_chunk([SQUARE, SQUARE]), pictures=jpegs)
    exports.write("xlsx", [chunk], out, options(pictures=True, link=LINK))
    with zipfile.ZipFile(out) as file:
        drawing = file.read("xl/drawings/drawing1.xml").decode()
        held = [file.read(f"xl/media/{n}.jpeg") for n in (1, 2, 3)]
    assert held == [b"one", b"two", b"three"]
    places = [
        (int(at.findtext("{*}col")), int(at.findtext("{*}row")))
        for at in fromstring(drawing).iter()
        if at.tag.endswith("}from")
    ]
    assert places == [(1, 1), (2, 1), (2, 2)]


def test_a_picture_that_changed_is_refused(tmp_path) -> None:
    chunk = replace(a_chunk([SQUARE]), pictures=[[Picture("before", b"one")]])
    rows, plan, _, path = written(WORKBOOK, [chunk], tmp_path, pictures=True)
    other = replace(chunk, pictures=[[Picture("before", b"two")]])
    WORKBOOK.others(rows.chunks(), plan, path)
    with pytest.raises(ExportDiffers):
        WORKBOOK.others(iter([other]), plan, path)


def test_formats_without_pictures_say_so(tmp_path) -> None:
    with pytest.raises(ExportOption) as refused:
        exports.write("csv", [a_chunk([SQUARE])], tmp_path / "r.csv", options(pictures=True))
    assert refused.value.facts["possible"] == "xlsx, kmz"


def test_what_is_too_long_for_a_cell_is_in_the_report(tmp_path) -> None:
    out = tmp_path / "r.xlsx"
    round_one = shapely.Point(107.1, 31.5).buffer(0.01, quad_segs=300)
    chunk = a_chunk([round_one, SQUARE], note=["水" * 40_000, "短"])
    report = exports.write("xlsx", [chunk], out, options())
    lost = {(loss.column, loss.code): loss.full for loss in report.losses}
    assert lost[("note", "cut")] == "水" * 40_000
    assert shapely.equals_exact(
        shapely.from_wkt(lost[("wkt", "too_wide")]), round_one, 1e-9, normalize=True
    )
    found = cells(out)
    assert found["note"] == ("水" * ooxml.MOST_CHARACTERS, "短")
    assert found["wkt"][0] == ""


def test_a_shape_that_is_not_listed_as_lost_is_refused(tmp_path) -> None:
    round_one = shapely.Point(107.1, 31.5).buffer(0.01, quad_segs=300)
    rows, plan, losses, path = written(WORKBOOK, [a_chunk([round_one])], tmp_path)
    compare(rows.chunks(), WORKBOOK.reopen(path, plan), plan, losses, WORKBOOK.limits)
    with pytest.raises(ExportDiffers):
        compare(rows.chunks(), WORKBOOK.reopen(path, plan), plan, Losses(), WORKBOOK.limits)


def test_a_shape_that_is_listed_as_lost_and_is_there_is_refused(tmp_path) -> None:
    rows, plan, losses, path = written(WORKBOOK, [a_chunk([SQUARE])], tmp_path)
    shape = Column("wkt", "wkt", True, "text", 0, None, "", "")
    losses.add("too_wide", shape, a_chunk([SQUARE]), (0, 0), SQUARE.wkt, None)
    with pytest.raises(ExportDiffers):
        compare(rows.chunks(), WORKBOOK.reopen(path, plan), plan, losses, WORKBOOK.limits)


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(ooxml, "MOST_ROWS", 2)
    with pytest.raises(ExportTooLarge):
        written(WORKBOOK, [a_chunk([SQUARE, SQUARE])], tmp_path)


@given(st.text())
@example("_x000D_ _x005F_ \r")
def test_every_text_that_xml_can_hold_is_read_back(text) -> None:
    from georeview.exports.fit import for_xml

    _, held = for_xml(text, None)
    cell = fromstring(f'<sheet xmlns="{ooxml.MAIN}">{ooxml.text(held)}</sheet>')
    (inside,) = cell.iter(f"{{{ooxml.MAIN}}}t")
    assert ooxml.plain(inside.text or "") == held


@pytest.mark.parametrize(
    ("columns", "area"), [(1, "A1:A9"), (26, "A1:Z9"), (27, "A1:AA9"), (703, "A1:AAA9")]
)
def test_ranges_are_named_as_sheets_name_them(columns, area) -> None:
    assert ooxml.area(columns, 9) == area
