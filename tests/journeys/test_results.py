"""A county's list goes out, comes back and is committed; the city sends the batch up."""

import io
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import expect
from python_calamine import CalamineWorkbook

from benchmarks.browser import PHONE
from tests.journeys.conftest import READY
from tests.journeys.test_access import violations

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def filled(content: bytes, folder: Path) -> Path:
    """The work list with two rows said in known words, one in an unknown one."""
    heads, *rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    )
    for row, mark in zip(rows, ("不属实", "属实", "没问题"), strict=False):
        row[heads.index("标记")] = mark
        row[heads.index("原因代码")] = "FP31 管理范围外" if mark == "不属实" else ""
    path = folder / "平昌清单.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        for number, row in enumerate((heads, *rows[:12])):
            page.write_row(number, 0, row)
    return path


@pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])
def test_a_list_comes_back_and_the_batch_goes_up(visit, shoot, tmp_path, size):
    shown, name = ({"size": size}, "phone") if size else ({}, "desktop")
    page = visit("county", "/results", drawn=False, **shown)
    expect(page.locator("#worklist")).to_be_visible()
    assert violations(page) == []
    shoot(page, f"results-{name}")
    with page.expect_download() as taken:
        page.locator("#worklist").click()
    list_ = filled(Path(taken.value.path()).read_bytes(), tmp_path)
    page.locator("#files").set_input_files(str(list_))
    page.locator(".list-foot").wait_for()
    expect(page.locator(".tile-mark b")).to_have_text("2")
    page.locator("[data-word=没问题]").select_option("false_positive")
    assert violations(page) == []
    shoot(page, f"results-{name}-list")
    page.get_by_role("button", name="按此重新读取").first.click()
    expect(page.get_by_role("button", name="提交 3 行")).to_be_in_viewport()
    page.get_by_role("button", name="提交 3 行").click()
    expect(page.locator(".list-head .pill")).to_have_text("已提交")
    expect(page.locator(".tile-mark b")).to_have_text("3")
    page.get_by_role("button", name="全部清单").click()
    expect(page.locator("#recent li")).to_have_count(1)

    page = visit("city", "/results#tab=up", drawn=False, **shown)
    page.locator("#profile summary").first.click()
    page.get_by_role("button", name="再填一列").click()
    expect(page.locator(".return-column")).to_have_count(2)
    assert page.locator(".return-column option[value=TBBH]").count() == 0
    page.get_by_role("button", name="不填").last.click()
    page.get_by_role("button", name="保存规则").click()
    expect(page.locator("#profile-body .meta").first).to_have_text("已保存的第 1 版。")
    expect(page.get_by_role("button", name="生成成果包")).to_be_disabled()
    assert violations(page) == []
    shoot(page, f"return-{name}")
    page.locator("#knowingly").check()
    page.get_by_role("button", name="生成成果包").click()
    with page.expect_download() as made:
        page.get_by_role("link", name="下载成果包").click(timeout=60_000)
    with zipfile.ZipFile(made.value.path()) as package:
        assert {"成果清单.xlsx", "说明.json", "plots_2023.shp"} <= set(package.namelist())
    page.reload()
    page.wait_for_function(READY)
