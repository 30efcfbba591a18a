"""A finding is told, answered and settled; a list of river chiefs is loaded; a river is opened."""

import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import PHONE
from tests.journeys.conftest import SCREENSHOTS, Server
from tests.journeys.test_access import violations

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

CHIEFS = (
    "类别,姓名,职务,级别,行政区代码,河流,起点桩号,终点桩号,任职起\n"
    "河长,陈建国,市级河长,市级,5119,巴河,,,2023-01-01\n"
    "河长,王志强,县级河长,县级,511923,巴河,38000,90000,2023-01-01\n"
    "河长,李某,县级河长,县级,511923,巴河,90000,38000,2023-01-01\n"
)
FINDING = {
    "area": "511923", "finder": "市河长办暗访组", "date": "2026-11-02", "deadline": "2026-11-16",
    "text": "岸边堆放弃渣约三百立方米", "river": "巴河",
}  # fmt: skip


def load(page: Page) -> None:
    page.get_by_role("button", name="导入名录").click()
    sent = {"name": "河长.csv", "mimeType": "text/csv", "buffer": CHIEFS.encode("gb18030")}
    page.locator("#edit [name=file]").set_input_files(files=[sent])
    page.get_by_role("button", name="先检查").click()
    expect(page.locator(".fates")).to_contain_text("第 4 行 李某", timeout=30_000)
    assert violations(page) == []
    with page.expect_navigation():
        page.get_by_role("button", name="导入 2 行").click()
    expect(page.locator(".entry")).to_have_count(2)


@pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])
def test_from_a_list_of_chiefs_to_a_settled_finding(visit, size):
    shown = {"size": size} if size else {}
    city = visit("city", "/rivers?tab=duties", drawn=False, **shown)
    load(city)
    city.goto(city.url.replace("tab=duties", "tab=findings"))
    city.get_by_role("button", name="登记督查发现").click()
    assert violations(city) == []
    city.locator("#edit [name=source]").select_option("spot_visit")
    for name, value in FINDING.items():
        city.locator(f"#edit [name={name}]").fill(value)
    with city.expect_navigation():
        city.locator("#edit").get_by_role("button", name="登记督查发现").click()
    expect(city.locator(".entry .pill.late")).to_contain_text("个工作日")

    county = visit("county", "/rivers?tab=findings", drawn=False, **shown)
    county.get_by_role("button", name="答复").click()
    county.locator("#edit [name=reply]").fill("已清运,附照片")
    county.locator("#edit [name=replied_on]").fill("2026-11-20")
    with county.expect_navigation():
        county.locator("#edit").get_by_role("button", name="答复").click()
    expect(county.locator(".entry .pill")).to_have_text("已答复")

    city.goto(city.url.split("?")[0])
    city.get_by_role("link", name="巴河").click()
    expect(city.locator(".entry")).to_have_count(3)
    assert violations(city) == []
    if size is None:
        city.screenshot(path=SCREENSHOTS / "river.png")
    city.get_by_role("button", name="办结").click()
    city.locator("#edit [name=settled_on]").fill("2026-11-21")
    with city.expect_navigation():
        city.locator("#edit").get_by_role("button", name="办结").click()
    expect(city.locator(".entry .pill.done")).to_have_text("已办结")


def test_the_panel_says_who_answers_and_leads_to_a_finding(visit, server: Server):
    page = visit("city", "/")
    page.locator("#queue [role=option], #list [role=option]").first.click()
    page.locator("#p-answers summary").click()
    expect(page.locator("#p-answers-list li")).to_have_text("尚未登记责任人。", timeout=30_000)
    page.get_by_role("link", name="登记督查发现").click()
    page.get_by_role("button", name="登记督查发现").click()
    expect(page.locator("#edit [name=area]")).to_have_count(0)
