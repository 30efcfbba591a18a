"""Everybody can use it: no violation of WCAG 2.2 A/AA or of best practice on any page."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from benchmarks.browser import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{v['id']}: {node['target']} {node['html'][:120]}" for v in found for node in v["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("lang", "size"), [("zh-CN", DESKTOP), ("en", DESKTOP), ("zh-CN", PHONE), ("en", PHONE)]
)
def test_the_review_page(visit, lang, size, theme):
    page = visit("county", lang=lang, size=size, theme=theme)
    expect(page.locator("#plot")).to_have_attribute("aria-busy", "false")
    assert violations(page) == []


def test_what_opens_over_the_page(visit):
    page = visit("county")
    page.keyboard.press("Shift+Slash")
    page.locator("#help[open]").wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.locator(".bar > [data-do=export]").click()
    page.locator("#export[open]").wait_for()
    page.locator("#export summary").click()
    expect(page.locator("#export-go")).to_be_enabled()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("KeyB")
    page.get_by_role("slider").first.wait_for()
    assert violations(page) == []


@pytest.mark.parametrize(
    ("role", "lang", "size", "theme"),
    [
        ("city", "zh-CN", DESKTOP, "light"),
        ("city", "en", PHONE, "dark"),
        ("county", "en", DESKTOP, "dark"),
    ],
)
def test_the_league_page(visit, role, lang, size, theme):
    address = "/league?set=dispatched"
    page = visit(role, address, lang=lang, size=size, theme=theme, drawn=False)
    page.locator("#plots tbody a").first.wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    if role == "city":
        page.locator("[data-publish]").click()
        expect(page.locator("#told")).not_to_be_empty()


@pytest.mark.parametrize("path", ["/sign-in", "/licences", "/docs", "/password"])
def test_the_other_pages(visit, path):
    page = visit(None, path)
    page.locator("main").wait_for()
    assert violations(page) == []
