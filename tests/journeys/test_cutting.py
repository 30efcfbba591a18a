"""Cutting a plot that lies in two counties: by mouse, finger and keyboard, seen before it is done."""

import csv
import re

import pytest
from playwright.sync_api import Page, expect

from sample_data.make import DATA
from tests.journeys.conftest import answered
from tests.journeys.test_review import PHONE, address_of, opened

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def numbers() -> list[str]:
    """Numbers of plots that lie in two counties."""
    with (DATA / "truth.csv").open(encoding="utf-8", newline="") as lines:
        return [r["source_id"] for r in csv.DictReader(lines) if r["defect"] == "two_counties"]


def begin(page: Page, number: str) -> None:
    assert opened(page) == number
    page.locator("#p-steps button", has_text=re.compile("^拆分$")).click()


def places(page: Page) -> list[tuple[float, float]]:
    """Left and right of the chosen plot, on the map's middle line."""
    box = page.locator("#map").bounding_box()
    sheet = page.locator("#detail").bounding_box()
    bottom = min(box["y"] + box["height"], sheet["y"]) if sheet["x"] < box["width"] / 2 else None
    y = (box["y"] + (bottom or box["y"] + box["height"])) / 2
    return [(box["x"] + box["width"] * share, y) for share in (0.08, 0.85)]


def test_a_plot_is_cut_seen_and_split(visit, shoot, numbers):
    page = visit("gis", f"/#plot={numbers[0]}&f=a", expected=("409", "422"))
    begin(page, numbers[0])
    parts = page.locator(".parts li")
    page.locator("#p-steps button", has_text="画分割线").click()
    for place in places(page):
        page.mouse.click(*place)
    with answered(page, "/cut", 200):
        page.locator(".map-cut .primary").click()
    assert parts.count() >= 2

    page.locator("#p-steps button", has_text="画分割线").click()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.keyboard.press("KeyF")
    page.keyboard.press("Backspace")
    expect(page.locator(".map-cut .primary")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.locator(".map-cut")).to_be_hidden()

    with answered(page, "/cut", 200):
        page.locator("#p-steps button", has_text="沿县界分割").click()
    expect(parts.first).to_contain_text("m² ·")
    assert parts.count() == 2
    assert len({text.split("·")[1] for text in parts.all_inner_texts()}) == 2
    shoot(page, "desktop-cut")
    with answered(page, "/actions/split"):
        page.locator("#p-steps .send button").click()
    expect(page.locator("#p-number")).to_have_text(f"{numbers[0]}~1")
    opened(page)
    assert address_of(page, f"{numbers[0]}~2")
    part = page.request.get(address_of(page, f"{numbers[0]}~1")).json()
    assert part["stage"] == "imported"


def test_a_finger_draws_the_line_too(visit, shoot, numbers):
    page = visit("city", f"/#plot={numbers[1]}&f=a", size=PHONE, expected=("422",))
    for _ in range(2):
        page.locator("[data-do=detent]").click()
    begin(page, numbers[1])
    page.locator("#p-steps button", has_text="画分割线").click()
    expect(page.locator(".map-cut")).to_be_visible()
    # The sheet makes room, and then the map brings the plot to the middle of what is free.
    page.wait_for_function(
        """() => {
            const { top, height } = document.getElementById("detail").getBoundingClientRect();
            const map = document.querySelector(".map-ui").parentElement;
            const kept = parseFloat(map.style.getPropertyValue("--map-bottom"));
            return top > 400 && Math.abs(kept - height) < 1;
        }"""
    )
    for place in places(page):
        page.touchscreen.tap(*place)
    shoot(page, "phone-cut")
    with answered(page, "/cut", 200):
        page.locator(".map-cut .primary").click()
    expect(page.locator(".parts li").first).to_be_visible()
