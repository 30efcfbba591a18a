"""The steps beside marking, taken on the page by whoever may take them."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.journeys.conftest import Open, answered
from tests.journeys.test_review import go_to

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_county_refuses_a_plot_by_a_form_that_says_what_is_missing(visit: Open, shoot) -> None:
    page = visit("county", expected=("422",))
    waiting = page.request.get("/api/v1/plots?stage=at_county&limit=1").json()["items"]
    go_to(page, waiting[0]["source_id"])
    steps = page.locator("#p-steps")
    steps.get_by_role("button", name="不认领", exact=True).click()
    form = steps.locator("form")
    form.locator("[name=code]").select_option("RF5")
    send = form.get_by_role("button", name="不认领", exact=True)
    with answered(page, "/actions/refuse", 422):
        send.click()
    expect(form.get_by_role("alert")).to_contain_text("缺少必填项")
    form.scroll_into_view_if_needed()
    shoot(page, "procedure")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})
    assert found.violations_count == 0, found.generate_report()
    form.locator("[name=text]").fill("位置在河心,无法到达")
    with answered(page, "/actions/refuse"):
        send.click()
    expect(page.locator("#p-facts")).to_contain_text("不认领待裁")
    expect(page.locator("#p-history")).to_contain_text("不认领")
