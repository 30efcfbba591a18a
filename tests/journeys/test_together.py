"""Two people on one plot, each in a browser of their own: who is there, who works on it, what they do."""

import re

import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import DESKTOP, PHONE
from tests.journeys.conftest import answered
from tests.journeys.test_review import opened, plot_of

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def count(page: Page, code: int) -> int:
    """How many plots the list counts with a mark."""
    text = page.locator(f"#filters [data-arg='{code}'] .count").text_content()
    return int(re.sub(r"\D", "", text))


def test_two_people_on_one_plot_see_each_other(visit, shoot) -> None:
    county = visit("county", size=DESKTOP)
    number = opened(county)
    expect(county.locator("#sync")).to_have_attribute("data-kind", "live")
    city = visit("city", f"/#plot={number}", size=PHONE)
    assert opened(city) == number

    # Each is told that the other has it open.
    expect(county.locator("#p-here")).to_contain_text("同时打开:李市")
    expect(city.locator("#p-here")).to_contain_text("平昌县专班")

    # The county marks; the city sees it without a reload, and what it was typing stays.
    for _ in range(2):
        city.locator("[data-do=detent]").click()
    note = city.locator("#fields [name=note]")
    note.fill("航拍看到新堆土")
    confirmed = count(city, 1)
    with answered(county, "/marks"):
        county.keyboard.press("KeyC")
    expect(city.locator("#p-pills")).to_contain_text("属实")
    expect(city.locator("#p-here")).to_contain_text("正在复核")
    expect(city.locator("#verdicts button").first).to_be_disabled()
    expect(note).to_have_value("航拍看到新堆土")
    expect(city.locator("#p-here")).to_contain_text("您填写的内容已保留")
    assert count(city, 1) == confirmed + 1
    expect(county.locator("#p-here")).to_contain_text("由您复核")
    shoot(city, "together-phone")
    shoot(county, "together-desktop")

    # The city goes over the county's head, and its note goes with its mark.
    city.get_by_role("button", name="接手").click()
    expect(county.locator("#p-here")).to_contain_text("李市(示例)(巴中市河长办)正在复核")
    expect(county.locator("#verdicts button").first).to_be_disabled()
    expect(city.locator("#p-here")).to_contain_text("由您复核")
    with answered(city, "/marks"):
        city.locator("#verdicts [data-arg=rectified]").click()
    expect(county.locator("#p-pills")).to_contain_text("已整改")
    assert plot_of(county, number)["note"] == "航拍看到新堆土"
    expect(county.locator("#p-history")).to_contain_text("市")

    # Let go of, it is the county's again; whoever leaves is not there any more.
    city.get_by_role("button", name="释放").click()
    expect(county.locator("#verdicts button").first).to_be_enabled()
    city.goto("about:blank")
    expect(county.locator("#p-here")).to_be_hidden()
