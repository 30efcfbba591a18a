"""The map by itself: groups, layers, names, the line between two dates, coordinates."""

import re
from itertools import combinations

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

IMAGES = "/#z=15&c=107.112,31.566"
CITY = "/#z=9&c=107.05,32.0"
PINK = [0xD8, 0x1B, 0x60]
"""The line of a confirmed plot."""


def zoom_of(page: Page) -> int:
    said = re.search(r"z=(\d+)", page.url)
    assert said is not None
    return int(said[1])


PAINTED = """(colour) =>
  [...document.querySelectorAll(".leaflet-plots-pane canvas")].some((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    for (let i = 0; i < data.length; i += 4)
      if (colour.every((value, n) => data[i + n] === value) && data[i + 3] === 255) return true;
    return false;
  })"""
"""Whether a colour is on the canvases of plots."""


def test_a_mark_is_painted_without_fetching_a_tile(visit) -> None:
    page = visit("county", "/#f=a", expected=("willReadFrequently",))
    expect(page.locator("#plot")).to_have_attribute("aria-busy", "false")
    page.locator("#p-body").wait_for()
    expect(page.locator(".map-legend li").nth(1)).to_contain_text("0")
    assert not page.evaluate(PAINTED, PINK)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("KeyC")
    expect(page.locator(".map-legend li").nth(1)).to_contain_text("1")
    page.keyboard.press("Escape")
    page.wait_for_function(PAINTED, arg=PINK)
    assert [url for url in asked if "/tiles/plots/" in url] == []


def test_a_group_says_how_many_it_holds_and_opens(visit) -> None:
    page = visit("city", CITY)
    box = page.locator("#map").bounding_box()
    tip = page.locator(".map-tip")
    for step in range(400):
        x = box["x"] + box["width"] * (0.2 + 0.6 * (step % 20) / 20)
        y = box["y"] + box["height"] * (0.2 + 0.6 * (step // 20) / 20)
        page.mouse.move(x, y)
        page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
        if tip.is_visible() and "个图斑" in tip.inner_text():
            break
    assert re.fullmatch(r"\d+ 个图斑", tip.inner_text())
    page.mouse.click(x, y)
    page.wait_for_url(re.compile("z=11"))
    assert zoom_of(page) == 11


def test_a_layer_turned_off_stays_off(visit) -> None:
    page = visit("city", IMAGES)
    page.get_by_role("button", name="图层").click()
    card = page.get_by_role("region", name="图层")
    box = card.get_by_role("checkbox", name="河湖管理范围")
    expect(box).to_be_checked()
    box.uncheck()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.wait_for_function("() => 'drawn' in document.documentElement.dataset")
    page.get_by_role("button", name="图层").click()
    expect(box).not_to_be_checked()
    layers = {
        url.split("/tiles/layers/")[1].split("-")[0] for url in asked if "/tiles/layers/" in url
    }
    assert "mgmt_area" not in layers
    assert {"county", "river", "water"} <= layers


def test_the_card_of_layers_closes_by_escape_and_gives_the_focus_back(visit) -> None:
    page = visit("city", IMAGES)
    opener = page.get_by_role("button", name="图层")
    opener.click()
    page.get_by_role("checkbox", name="水域").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="图层")).to_be_hidden()
    expect(opener).to_be_focused()


def test_counties_and_rivers_are_named_where_nothing_else_stands(visit) -> None:
    page = visit("city", CITY)
    counties = page.locator(".map-label-county")
    expect(counties).to_have_count(5)
    assert set(counties.all_inner_texts()) == {"巴州区", "恩阳区", "通江县", "南江县", "平昌县"}
    page = visit("city", "/#z=12&c=107.10,31.56")
    expect(page.locator(".map-label-river").first).to_be_visible()
    # All at one instant: labels come and go while the map settles.
    boxes = page.locator(".map-label").evaluate_all(
        "labels => labels.map(label => label.getBoundingClientRect().toJSON())"
    )
    apart = [
        a["x"] + a["width"] <= b["x"]
        or b["x"] + b["width"] <= a["x"]
        or a["y"] + a["height"] <= b["y"]
        or b["y"] + b["height"] <= a["y"]
        for a, b in combinations(boxes, 2)
    ]
    assert all(apart)


def test_the_line_between_two_dates_moves_by_keys(visit) -> None:
    page = visit("city", IMAGES)
    page.get_by_role("button", name="卷帘").click()
    line = page.get_by_role("slider", name="卷帘分界线")
    expect(line).to_have_attribute("aria-valuenow", "50")
    line.focus()
    for key, value in (
        ("ArrowRight", "52"),
        ("Shift+ArrowLeft", "42"),
        ("End", "100"),
        ("Home", "0"),
    ):
        page.keyboard.press(key)
        expect(line).to_have_attribute("aria-valuenow", value)
    cut = page.evaluate("() => document.querySelector('.leaflet-before-pane').style.clipPath")
    assert cut.startswith("polygon(")
    page.get_by_role("button", name="2022-03-05").click()
    expect(line).to_be_hidden()
    assert (
        page.evaluate("() => document.querySelector('.leaflet-before-pane').style.clipPath") == ""
    )


def test_coordinates_in_both_ways_of_writing(visit) -> None:
    page = visit("city", CITY)
    where = page.locator(".map-where")
    expect(where).to_have_text("107.05000°E 32.00000°N · CGCS2000")
    where.click()
    expect(where).to_contain_text("″N · CGCS2000")
    expect(where).to_contain_text("107°")
