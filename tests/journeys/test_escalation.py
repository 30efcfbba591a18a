"""The desk of counties that do not act: a notice is issued, printed and answered; the county reads it."""

import pytest
from playwright.sync_api import expect

from benchmarks.browser import DESKTOP, PHONE
from tests.journeys.test_access import violations

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

DOC = "巴河长办〔2026〕9号"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_from_the_suggestion_to_the_answer(visit, size):
    page = visit("city", "/escalation", drawn=False, size=size)
    card = page.locator("#suggested .card", has_text="平昌县").first
    expect(card).to_contain_text("个图斑超期")
    assert violations(page) == []
    card.get_by_role("button", name="发出").click()
    assert violations(page) == []
    page.locator("#edit [name=document_no]").fill(DOC)
    page.get_by_role("button", name="保存").click()
    row = page.locator("#issued tbody tr", has_text=DOC)
    expect(row).to_contain_text("待答复")
    expect(page.locator("#suggested .card", has_text="平昌县")).to_have_count(0)
    row.get_by_role("button", name="登记答复").click()
    page.locator("#edit textarea").fill("已制定补报计划")
    page.get_by_role("button", name="保存").click()
    expect(row).to_contain_text("已制定补报计划")
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")

    county = visit("county", "/escalation", drawn=False, size=size)
    expect(county.locator("#issued tbody tr")).to_contain_text(["已制定补报计划"])
    expect(county.locator("#suggested")).to_be_hidden()
