"""A file that came by mail is brought in by hand: seen, decided about, reported, taken in."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import DESKTOP, PHONE
from tests.files import geojson, put_json, squares
from tests.journeys.sent import two_layers, without_prj
from tests.journeys.test_access import violations

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

DONE_MS = 90_000
SIZES = {"desktop": DESKTOP, "phone": PHONE}


@pytest.fixture
def desk(visit):
    """Open the desk as a GIS person."""

    def open_desk(**how) -> Page:
        return visit("gis", "/import", drawn=False, **how)

    return open_desk


def settled(page: Page, state: str) -> None:
    """Wait until the server has done its part."""
    expect(page.locator("#i-state")).to_have_attribute("data-state", state, timeout=DONE_MS)
    expect(page.locator("#import")).to_have_attribute("aria-busy", "false", timeout=DONE_MS)


def counted(page: Page, kind: str) -> int:
    return int(page.locator(f"#tiles [data-kind={kind}] b").inner_text())


def decide_on_the_map(page: Page) -> None:
    """Compare the systems that fit, then take the one that leads to the rivers."""
    other, right = page.get_by_role("radio", name=re.compile("EPSG:32648|EPSG:4544")).all()[::-1]
    other.check()
    expect(page.locator(".desk-legend .is-strong")).to_have_text("EPSG:32648")
    right.check()
    expect(page.locator(".desk-legend .is-strong")).to_have_text("EPSG:4544")
    page.locator("#ask button[type=submit]").click()


def test_a_file_without_a_system_is_decided_on_the_map_and_taken_in(desk, tmp_path):
    page = desk()
    page.set_input_files("#files", without_prj(tmp_path))
    settled(page, "asking")
    expect(page.locator("#commit")).to_be_disabled()
    expect(page.locator(".desk-tag").nth(4)).to_have_text("平昌县")
    assert violations(page) == []
    decide_on_the_map(page)
    settled(page, "ready")
    assert (counted(page, "stored"), counted(page, "set_aside")) == (58, 2)
    assert violations(page) == []
    page.locator("#tiles [data-kind=set_aside]").click()
    rows = page.locator(".told-rows button")
    expect(rows).to_have_count(2)
    rows.first.click()
    expect(page.locator(".desk-note")).to_contain_text("第 3 行")
    expect(page.locator(".desk-note .outline-before")).to_be_visible()
    with page.expect_download() as report:
        page.locator("#report-xlsx").click()
    assert Path(report.value.path()).read_bytes().startswith(b"PK")
    page.locator("#commit").click()
    settled(page, "done")
    page.locator("#open-batch").click()
    page.wait_for_function("() => 'ready' in document.documentElement.dataset")
    expect(page.locator("#batch")).to_have_value("平昌县补充图斑")
    expect(page.locator("#done")).to_have_text("0 / 58")


def test_a_column_is_given_to_a_field_and_a_broken_file_says_why(desk, tmp_path):
    rows = [{"BIANMA": f"B{n}", "MJ": "1500"} for n in range(6)]
    good = put_json(tmp_path / "图斑清单.geojson", geojson(squares(6), rows))
    bad = tmp_path / "损坏.zip"
    bad.write_bytes(b"PK\x03\x04 and nothing more")
    page = desk()
    page.set_input_files("#files", [good, bad])
    settled(page, "failed")
    expect(page.locator("#i-error")).to_contain_text("损坏.zip")
    page.locator(".is-refused").get_by_role("checkbox").uncheck()
    settled(page, "asking")
    page.get_by_role("button", name="到“字段对照”中指定").click()
    page.get_by_label("“BIANMA”列作为哪个字段").select_option("source_id")
    settled(page, "ready")
    assert counted(page, "stored") == 6
    page.get_by_role("tab", name="字段对照").click()
    page.get_by_label("“MJ”列作为哪个字段").select_option("")
    settled(page, "ready")
    expect(page.get_by_role("tab", name="字段对照")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_label("“MJ”列作为哪个字段")).to_have_value("")
    assert violations(page) == []
    page.locator("#commit").click()
    settled(page, "done")
    page.get_by_role("button", name="撤回这次导入").click()
    page.get_by_role("button", name="确定撤回").click()
    settled(page, "retracted")


@pytest.mark.parametrize("size", SIZES)
def test_each_layer_of_a_file_is_decided_about_by_itself(desk, shoot, tmp_path, size):
    page = desk(size=SIZES[size])
    page.set_input_files("#files", two_layers(tmp_path))
    settled(page, "asking")
    page.locator("#ask button[type=submit]").click()
    expect(page.locator("#ask .question")).to_have_count(2, timeout=DONE_MS)
    expect(page.locator("#ask .of-file").first).to_have_text("a.zip · 甲, 一")
    assert violations(page) == []
    shoot(page, f"import-{size}-6-layers-asked")
    page.get_by_role("radio", name=re.compile("EPSG:4545")).check()
    page.locator("#ask button[type=submit]").click()
    expect(page.locator("#ask .question")).to_have_count(1, timeout=DONE_MS)
    page.get_by_role("button", name="到“字段对照”中指定").click()
    page.get_by_label("“BIANHAO”列作为哪个字段").select_option("source_id")
    settled(page, "ready")
    assert counted(page, "stored") == 2
    page.get_by_role("tab", name="文件与坐标").click()
    expect(page.locator("#set-crs-0")).to_have_value("EPSG:4545", timeout=DONE_MS)
    expect(page.locator("#set-crs-1")).to_have_value("")
    page.locator("#set-area_unit-1").select_option("mu")
    settled(page, "ready")
    expect(page.locator("#set-area_unit-0")).to_have_value("")
    page.locator(".layers summary").click()
    assert violations(page) == []
    shoot(page, f"import-{size}-7-layers")
    page.locator(".card .keep input").nth(1).uncheck()
    expect(page.locator("#tiles [data-kind=stored] b")).to_have_text("1", timeout=DONE_MS)


def test_who_may_not_import_finds_no_way_in(visit):
    page = visit("county")
    expect(page.locator(".places [href='/import']").first).to_be_hidden()
    refused = page.request.get("/import", headers={"Accept": "text/html"})
    assert (refused.status, refused.headers["content-type"][:9]) == (403, "text/html")
    other = visit("city")
    other.locator(".places [href='/import']").click()
    other.wait_for_url("**/import")
    expect(other.locator("#drop")).to_be_visible()


@pytest.mark.parametrize(
    ("size", "theme"), [("desktop", "light"), ("phone", "light"), ("phone", "dark")]
)
def test_pictures_of_the_desk_in_zh(desk, shoot, tmp_path, size, theme):
    page = desk(size=SIZES[size], theme=theme)
    name = f"import-{size}" + {"light": "", "dark": "-dark"}[theme]
    assert violations(page) == []
    shoot(page, f"{name}-1-start")
    page.set_input_files("#files", without_prj(tmp_path))
    settled(page, "asking")
    expect(page.locator(".desk-tag").first).to_be_visible()
    shoot(page, f"{name}-2-asked")
    decide_on_the_map(page)
    settled(page, "ready")
    expect(page.locator(".told-rows button").nth(4)).to_be_visible()
    shoot(page, f"{name}-3-report")
    page.locator("#tiles [data-kind=mended]").click()
    expect(page.locator(".told-rows button")).to_have_count(1)
    page.locator(".told-rows button").click()
    expect(page.locator(".desk-note")).to_be_visible()
    shoot(page, f"{name}-4-row")
    page.get_by_role("tab", name="字段对照").click()
    shoot(page, f"{name}-5-columns")
    assert violations(page) == []
