"""A bridge is settled by the permit near it; and the desk that keeps the permits."""

import re

import pytest
from playwright.sync_api import expect

from benchmarks.browser import PHONE
from tests.api.test_evidence import photo
from tests.journeys.conftest import SCREENSHOTS
from tests.journeys.test_access import violations

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def a_bridge(page) -> str:
    """Number of a bridge of 平昌 that lies on a permit which still holds."""
    query = "without_permit=true&county=511923&q=桥梁&limit=60"
    for plot in page.request.get(f"/api/v1/plots?{query}").json()["items"]:
        near = page.request.get(f"/api/v1/plots/{plot['plot_id']}/permits").json()["near"]
        if near and near[0]["fits"] and near[0]["standing"] == "valid":
            return str(plot["source_id"])
    raise AssertionError("no bridge with a permit")


def test_a_bridge_is_settled_by_linking_the_permit_near_it(visit):
    page = visit("county")
    number = a_bridge(page)
    page.goto(f"/#plot={number}&f=a")
    page.reload()
    panel = page.locator("#p-permit")
    expect(page.locator("#p-number")).to_have_text(number)
    first = panel.locator("#p-permit-near li").first
    expect(first).to_contain_text("类型相符")
    name = first.locator("b").inner_text()
    first.get_by_role("button", name="关联").click()
    expect(panel.locator(".is-linked b")).to_have_text(name)
    assert violations(page) == []
    page.keyboard.press("1")
    page.locator("#reasons [data-arg=FP21][aria-pressed=true]").wait_for()
    # The register filled in number, authority and date: only the site is to be shown.
    expect(page.locator("#missing")).to_have_text(re.compile("现场照片$"))
    page.set_input_files("#camera", {"name": "q.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    expect(page.locator("#missing.complete")).to_be_visible()
    page.locator("#submit").click()
    query = f"/api/v1/plots?q={number}"
    page.wait_for_function(
        "async (at) => (await (await fetch(at)).json()).items[0].stage === 'county_check'",
        arg=query,
    )


@pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])
def test_the_desk_from_an_entry_to_its_plots(visit, size):
    shown = {"size": size} if size else {}
    page = visit("city", "/permits", drawn=False, expected=("status of 409",), **shown)
    expect(page.locator("#pane-register .meta")).to_contain_text("700")
    if size is None:
        page.screenshot(path=SCREENSHOTS / "permits.png")
    assert violations(page) == []
    page.get_by_role("searchbox").fill("0123号")
    row = page.locator("#pane-register tbody tr")
    expect(row).to_have_count(1)
    number = row.locator("a").inner_text()
    page.get_by_role("button", name="登记许可").click()
    page.locator("#edit [name=number]").fill(number)
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#edit .failed")).to_contain_text(number)
    assert violations(page) == []
    page.get_by_label("这是同号的另一项许可").check()
    page.locator("#edit [name=kind]").fill("桥梁")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#pane-entry h2").first).to_have_text(number)
    page.get_by_role("button", name="更改").click()
    page.locator("#edit [name=valid_to]").fill("2099-12-31")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#pane-entry")).to_contain_text("有效期至: – → 2099-12-31")
    page.locator("#pane-entry [name=numbers]").fill("SC511921-2023-000315")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("checkbox", name="选择 SC511921-2023-000315").check()
    page.get_by_role("button", name="关联所选(1)").click()
    expect(page.locator("#told")).to_have_text(re.compile("^已办理 1 个"))
    assert violations(page) == []
    page.get_by_role("tab", name="无有效许可").click()
    expect(page.locator("#pane-without a", has_text="SC511921-2023-000315")).to_have_count(0)
    expect(page.locator("#pane-without tbody tr").first).to_be_visible()
    assert violations(page) == []
    for tab in ("许可到期", "从图层录入"):
        page.get_by_role("tab", name=tab).click()
        expect(page.locator(".pane:not([hidden])")).to_be_visible()
        assert violations(page) == []
