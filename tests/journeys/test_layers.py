"""A new version of a boundary is looked through, published, compared; and shapes a plot once had."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import PHONE
from tests.files import geojson, put_json, squares
from tests.journeys.sent import repaired
from tests.journeys.test_access import violations
from tests.journeys.test_review import go_to

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

DONE_MS = 120_000


def settled(page: Page, state: str) -> None:
    """Wait until the server has done its part."""
    expect(page.locator("#d-state")).to_have_attribute("data-state", state, timeout=DONE_MS)
    expect(page.locator("#draft")).to_have_attribute("aria-busy", "false")


def open_there(page: Page, other: Page) -> None:
    """Open what another page shows."""
    page.goto(f"/layers{other.evaluate('location.hash')}")
    page.reload()
    page.wait_for_function("() => 'ready' in document.documentElement.dataset")


def test_pictures_of_layers_in_zh_light(visit, shoot, tmp_path):
    """From the list over a file to a version and its differences, on both sizes."""
    page = visit("gis")
    page.locator(".places [href='/layers']").click()
    page.wait_for_url("**/layers")
    page.wait_for_function("() => 'ready' in document.documentElement.dataset")
    phone = visit("gis", "/layers", size=PHONE, drawn=False)
    for one, size in ((page, "desktop"), (phone, "phone")):
        expect(one.get_by_role("link", name=re.compile("^v1 河湖管理范围"))).to_be_visible()
        assert violations(one) == []
        shoot(one, f"layers-{size}-1-list")

    broken = tmp_path / "损坏.zip"
    broken.write_bytes(b"PK\x03\x04 and nothing more")
    page.set_input_files("#files", broken)
    settled(page, "failed")
    expect(page.locator("#d-error")).not_to_be_empty()
    page.goto("/layers")
    page.set_input_files("#files", repaired(tmp_path))
    settled(page, "ready")
    expect(page.locator("#set-version")).to_have_value("v2")
    page.locator("#set-version").fill("v1")
    page.locator("#set-version").press("Tab")
    settled(page, "asking")
    expect(page.locator("#ask")).to_contain_text("已有版本“v1”")
    page.locator("#set-version").fill("2024")
    page.locator("#set-approval_no").focus()
    settled(page, "ready")
    page.locator("#set-approval_no").fill("巴府发〔2024〕3号")
    page.locator("#set-approval_no").press("Tab")
    settled(page, "ready")
    expect(page.locator("#d-changes li").first).to_contain_text("平方米")
    open_there(phone, page)
    expect(phone.locator("#d-changes li").first).to_be_visible()
    for one, size in ((page, "desktop"), (phone, "phone")):
        assert violations(one) == []
        shoot(one, f"layers-{size}-2-draft")

    page.locator("#commit").click()
    expect(page.locator("#v-name")).to_have_text("河湖管理范围 · 2024", timeout=DONE_MS)
    touched = page.locator(".touched [data-plot]")
    expect(touched.first).to_be_visible(timeout=DONE_MS)
    expect(page.locator("#version .behind")).to_contain_text("1,299 个图斑")
    open_there(phone, page)
    expect(phone.locator(".touched [data-plot]").first).to_be_visible()
    dark = visit("city", "/layers", lang="en", theme="dark", drawn=False)
    open_there(dark, page)
    expect(dark.locator(".touched [data-plot]").first).to_be_visible()
    assert violations(dark) == []
    for one, size in ((page, "desktop"), (phone, "phone")):
        assert violations(one) == []
        shoot(one, f"layers-{size}-3-version")
    west = float(phone.locator(".map-where").inner_text().split("°")[0])
    assert 106.5 < west < 107.6  # the map was looked at, not only told to be
    number = touched.first.locator("b").inner_text()
    touched.first.click()
    expect(touched.first).to_have_attribute("aria-pressed", "true")
    shoot(page, "layers-desktop-4-plot")

    page.locator("#version .behind button").click()
    expect(page.locator("#version .behind")).to_have_count(0, timeout=DONE_MS)
    page.locator(".touched a").first.click()
    page.wait_for_function("() => 'ready' in document.documentElement.dataset")
    expect(page.locator("#p-number")).to_have_text(number)
    expect(page.locator("#p-facts")).to_contain_text("2024")


def test_who_may_not_publish_finds_no_way_in(visit):
    page = visit("county")
    expect(page.locator(".places [href='/layers']")).to_be_hidden()
    refused = page.request.get("/layers", headers={"Accept": "text/html"})
    assert (refused.status, refused.headers["content-type"][:9]) == (403, "text/html")


def delivered(page: Page, path: Path, update: bool) -> None:
    """Bring a file in, as a program does."""
    sent = page.request.post(
        "/api/v1/imports",
        multipart={
            "batch": "补报",
            "area": "5119",
            "update": "true" if update else "false",
            "file": {
                "name": path.name,
                "mimeType": "application/geo+json",
                "buffer": path.read_bytes(),
            },
        },
    )
    address = sent.headers["location"]
    done = """async ([address, state]) =>
        (await (await fetch(address)).json()).state === state"""
    for state, then in (("ready", f"{address}/commit"), ("done", None)):
        expect_true(page, done, [address, state])
        if then:
            page.request.post(then)


def expect_true(page: Page, script: str, argument: list[str]) -> None:
    """Ask the page until it says so."""
    for _ in range(200):
        if page.evaluate(script, argument):
            return
        page.wait_for_timeout(200)
    raise AssertionError(argument)


def test_pictures_of_shapes_a_plot_once_had_in_zh_light(visit, shoot, tmp_path):
    page = visit("gis")
    shapes = squares(2)
    for name, shape in (("一", shapes[0]), ("二", shapes[0].buffer(2e-4))):
        rows = [{"TBBH": "B-1", "QSX": "2022-03-05", "HSX": "2023-02-11"}]
        path = put_json(tmp_path / f"{name}.geojson", geojson([shape], rows))
        delivered(page, path, update=name == "二")
    page.goto("/#b=补报&f=a")
    page.reload()
    page.wait_for_function("() => 'ready' in document.documentElement.dataset")
    go_to(page, "B-1")
    switch = page.locator("#p-earlier").get_by_role("checkbox")
    expect(switch).to_have_count(1)
    legend = page.locator(".map-legend .earlier-line")
    expect(legend).to_have_count(0)
    switch.check()
    expect(legend).to_have_count(1)
    day = json.loads(page.request.get("/api/v1/plots?q=B-1").text())["items"][0]["updated_at"][:10]
    expect(page.locator(".map-legend")).to_contain_text(f"{day} 前的图形")
    assert violations(page) == []
    shoot(page, "earlier-shape")
    switch.uncheck()
    expect(legend).to_have_count(0)
