"""The main job in real Chromium: look, mark, prove, submit, take back, hand over."""

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from benchmarks.browser import DESKTOP, PHONE
from tests.journeys.conftest import answered

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

SENT = re.compile("synced|live")
"""Nothing waits to be sent."""

IMAGES = {"desktop": DESKTOP, "phone": PHONE}


def opened(page: Page) -> str:
    """Number of the plot whose panel is whole."""
    expect(page.locator("#plot")).to_have_attribute("aria-busy", "false")
    expect(page.locator("#p-hero")).not_to_be_empty()
    return page.locator("#p-number").inner_text()


def go_to(page: Page, number: str) -> None:
    """Search for a plot and open it."""
    page.locator("#search").fill(number)
    rows = page.locator("#rows [role=option]:visible")
    expect(rows).to_have_count(1)
    rows.click()
    expect(page.locator("#p-number")).to_have_text(number)
    opened(page)


def address_of(page: Page, number: str) -> str:
    """Where a plot stands, as other systems read it."""
    found = page.request.get(f"/api/v1/plots?q={number}").json()["items"]
    plot_id = next(item["plot_id"] for item in found if item["source_id"] == number)
    return f"/api/v1/plots/{plot_id}"


def history(page: Page, number: str) -> list[str]:
    """Actions of a plot's events, oldest first."""
    items = page.request.get(f"{address_of(page, number)}/history").json()["items"]
    return [item["action"] for item in items]


def plot_of(page: Page, number: str) -> dict:
    """Everything about a plot."""
    return page.request.get(address_of(page, number)).json()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photo as a phone takes it."""
    from PIL import Image

    path = tmp_path / "现场照片.jpg"
    Image.effect_noise((800, 600), 60).convert("RGB").save(path, quality=80)
    return path


def test_one_key_marks_a_negative_and_opens_the_next(visit, server):
    page = visit("county")
    first = opened(page)
    with answered(page, "/marks"):
        page.keyboard.press("Digit1")
    expect(page.locator("#p-number")).not_to_have_text(first)
    opened(page)
    assert history(page, first)[-1] == "mark"
    marked = plot_of(page, first)
    assert (marked["mark"], marked["reason"]) == ("false_positive", "FP21")
    assert marked["mark_state"] == "draft"


def test_undo_brings_back_what_was_before(visit):
    page = visit("county")
    first = opened(page)
    with answered(page, "/marks"):
        page.keyboard.press("KeyF")
    with answered(page, "undo_mark"):
        page.keyboard.press("KeyU")
    expect(page.locator("#p-number")).to_have_text(first)
    expect(page.locator("#p-pills")).to_contain_text("待复核")
    assert history(page, first)[-2:] == ["mark", "undo_mark"]
    assert plot_of(page, first)["mark"] == "pending"


def test_a_digit_never_turns_a_problem_into_a_negative(visit):
    page = visit("county")
    first = opened(page)
    with answered(page, "/marks"):
        page.keyboard.press("KeyC")
    expect(page.locator("#p-pills")).to_contain_text("属实")
    page.keyboard.press("Digit3")
    with answered(page, "/marks"):
        page.keyboard.press("Digit2")
    marked = plot_of(page, first)
    assert (marked["mark"], marked["violation"]) == ("confirmed", "PR32")


def test_a_problem_is_proven_and_submitted(visit, photo):
    page = visit("county")
    number = opened(page)
    with answered(page, "/marks"):
        page.keyboard.press("KeyC")
    expect(page.locator("#missing")).to_contain_text("照片")
    for name in ("一", "二"):
        other = photo.with_name(f"{name}.jpg")
        other.write_bytes(photo.read_bytes() + name.encode())
        with answered(page, "/evidence"):
            page.locator("#file").set_input_files(other)
    expect(page.locator("#p-evidence li img")).to_have_count(2)
    page.locator("#fields [name=area_m2]").fill("640")
    page.locator("#fields [name=note]").fill("河滩弃渣,现场核实。")
    with answered(page, "submit"):
        page.locator("#submit").click()
    assert history(page, number)[-1] == "submit"
    assert plot_of(page, number)["stage"] == "county_check"


def test_what_is_incomplete_stays_and_says_what_is_missing(visit):
    page = visit("county")
    number = opened(page)
    with answered(page, "/marks"):
        page.keyboard.press("KeyC")
    expect(page.locator("#missing")).not_to_be_empty()
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text(number)
    assert plot_of(page, number)["mark_state"] == "draft"


def test_the_result_is_handed_over_as_a_shapefile(visit, tmp_path):
    import geopandas

    page = visit("county")
    number = opened(page)
    with answered(page, "/marks"):
        page.keyboard.press("Digit2")
    page.locator(".bar > [data-do=export]").click()
    offered(page)
    page.locator("#export-go").click()
    fetch = page.locator("#export-state a.primary")
    fetch.wait_for(timeout=60_000)
    with page.expect_download() as download:
        fetch.click()
    path = tmp_path / "result.zip"
    download.value.save_as(path)
    names = zipfile.ZipFile(io.BytesIO(path.read_bytes())).namelist()
    areas = next(name for name in names if name.endswith(".shp") and "point" not in name)
    frame = geopandas.read_file(f"/vsizip/{path}/{areas}")
    assert set(frame["ADCODE"]) == {"511923"}
    row = frame[frame["SRC_ID"] == number].iloc[0]
    assert (row["MARK"], row["REASON"]) == ("false_positive", "FP31")


def offered(page):
    """The dialog offers what a format can do, and no more."""
    form = page.locator("#export-form")
    for name, encoding, system, pictures in (
        ("geojson", False, False, False),
        ("xlsx", False, True, True),
        ("shp", True, True, False),
    ):
        form.locator("[name=format]").select_option(name)
        assert form.locator("[name=encoding]").is_enabled() == encoding
        assert form.locator("[value='EPSG:4524']").is_enabled() == system
        assert form.locator("[name=pictures]").is_enabled() == pictures


def test_what_will_be_exported_is_counted_before_it_is_asked_for(visit, tmp_path):
    page = visit("city", expected=("400",))
    page.locator(".bar > [data-do=export]").click()
    form, said, go = (page.locator(f"#export-{part}") for part in ("form", "count", "go"))
    expect(said).to_have_text("将导出 1,299 个图斑")
    form.locator("summary").click()
    form.locator("[name=filter]").fill("area_m2 > 500 AND mark = pending")
    expect(page.locator("#export-filter")).to_contain_text("“pending”不是可用的字段")
    expect(go).to_be_disabled()
    form.locator("[name=filter]").fill("area_m2 > 500 AND mark = 'pending'")
    form.locator("[name=county]").select_option("511921")
    form.locator("[name=township]").select_option(index=1)
    form.locator("[name=stage]").select_option("at_county")
    form.locator("[name=format]").select_option("csv")
    expect(go).to_be_enabled()
    n = int(said.inner_text().removeprefix("将导出 ").removesuffix(" 个图斑").replace(",", ""))
    go.click()
    fetch = page.locator("#export-state a.primary")
    fetch.wait_for(timeout=60_000)
    with page.expect_download() as download:
        fetch.click()
    path = tmp_path / "some.csv"
    download.value.save_as(path)
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    assert len(rows) == n > 0
    assert {(row["county"], row["stage"], row["mark"]) for row in rows} == {
        ("511921", "at_county", "pending")
    }
    assert all(float(row["area_m2"]) > 500 for row in rows)
    form.locator("[name=determination]").select_option("problem")
    expect(said).to_have_text("没有符合条件的图斑")
    expect(go).to_be_disabled()
    form.locator("[name=determination]").select_option("")
    form.locator("[name=shown]").check()
    expect(said).not_to_have_text("没有符合条件的图斑")


def test_a_link_opens_plot_and_view_again(visit, server):
    page = visit("county")
    opened(page)
    page.keyboard.press("KeyN")
    second = opened(page)
    page.wait_for_function("(n) => decodeURIComponent(location.hash).includes(n)", arg=second)
    address = page.url.removeprefix(server.url)
    other = visit("city", address)
    expect(other.locator("#p-number")).to_have_text(second)


def test_a_later_mark_of_another_is_shown_beside_mine(visit):
    mine, theirs = visit("county", expected=("412",)), visit("city")
    number = opened(mine)
    go_to(theirs, number)
    held: list[Route] = []
    mine.route("**/marks", lambda route: held.append(route), times=1)  # noqa: PLW0108 - not builtins
    with mine.expect_request("**/marks"):
        mine.keyboard.press("KeyF")
    with answered(theirs, "/marks"):
        theirs.keyboard.press("KeyC")
    with answered(theirs, "/lock", 204):
        theirs.get_by_role("button", name="释放").click()
    with mine.expect_response(lambda r: "/marks" in r.url and r.status == 412):
        held[0].continue_()
    if mine.locator("#p-number").inner_text() != number:
        mine.locator("#sync").click()
    notice = mine.locator(".conflict")
    notice.wait_for()
    expect(notice).to_contain_text("属实")
    assert plot_of(mine, number)["mark"] == "confirmed"
    with answered(mine, "/marks"):
        notice.locator("[data-arg=mine]").click()
    assert plot_of(mine, number)["mark"] == "false_positive"


def test_an_auditor_reads_and_cannot_mark(visit):
    page = visit("auditor")
    number = opened(page)
    expect(page.locator("#decision")).to_be_hidden()
    before = history(page, number)
    page.keyboard.press("KeyF")
    page.keyboard.press("KeyN")
    opened(page)
    assert history(page, number) == before


def test_nothing_typed_is_lost_when_the_server_is_away(visit):
    page = visit("county", expected=("Failed to load resource", "net::ERR"))
    number = opened(page)
    page.context.set_offline(True)
    page.keyboard.press("Digit1")
    expect(page.locator("#sync")).to_have_attribute("data-kind", "offline")
    page.context.set_offline(False)
    with answered(page, "/marks"):
        page.locator("#sync").click()
    expect(page.locator("#sync")).to_have_attribute("data-kind", SENT)
    assert plot_of(page, number)["mark"] == "false_positive"


def test_the_page_weighs_the_same_whatever_it_shows(visit):
    page = visit("city")
    html = page.request.get("/").text()
    assert "SC5119" not in html
    assert "Polygon" not in html
    assert len(html) < 60_000


def test_choosing_on_the_map_opens_the_plot(visit):
    page = visit("county")
    first = opened(page)
    page.keyboard.press("KeyZ")
    box = page.locator("#map").bounding_box()
    page.keyboard.press("KeyN")
    expect(page.locator("#p-number")).not_to_have_text(first)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    second = opened(page)
    assert re.search(r"\d", second)


@pytest.mark.parametrize("size", IMAGES)
def test_before_and_after_with_the_swipe(visit, shoot, size, demo_plots_with_images):
    page = visit("county", f"/#plot={demo_plots_with_images[0]}&f=a", size=IMAGES[size])
    opened(page)
    page.wait_for_function("() => document.querySelectorAll('.leaflet-tile-loaded').length > 3")
    page.keyboard.press("KeyB")
    slider = page.get_by_role("slider", name=re.compile("."))
    slider.first.wait_for()
    slider.first.focus()
    page.keyboard.press("ArrowRight")
    expect(slider.first).to_have_attribute("aria-valuenow", "52")
    shoot(page, f"{size}-swipe")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("size", IMAGES)
def test_pictures_for_the_docs(visit, shoot, size, lang, theme, demo_plots_with_images):
    number = demo_plots_with_images[0]
    page = visit("county", f"/#plot={number}&f=a", size=IMAGES[size], lang=lang, theme=theme)
    expect(page.locator("#p-number")).to_have_text(number)
    opened(page)
    if size == "phone":
        page.locator("[data-do=detent]").click()
    expect(page.locator("#p-chips img").first).to_be_visible()
    name = {"zh-CN": "", "en": "-en"}[lang] + {"light": "", "dark": "-dark"}[theme]
    shoot(page, f"{size}{name}")


def test_the_queue_of_a_phone_is_a_page_of_its_own(visit, shoot):
    page = visit("county", size=PHONE)
    opened(page)
    page.locator(".bar > [data-do=list]").click()
    expect(page.locator("#rows [role=option]").first).to_be_visible()
    shoot(page, "phone-list")
    page.locator("#rows [role=option]").nth(2).click()
    expect(page.locator("#verdicts")).to_be_visible()
    for button in page.locator("#verdicts button").all():
        assert button.bounding_box()["height"] >= 44


def test_the_city_from_afar(visit, shoot):
    page = visit("city", "/#z=10&c=107.00000,31.95000&f=a")
    opened(page)
    shoot(page, "city")


def test_signing_in_by_one_click(visit, shoot):
    page = visit(None, "/sign-in")
    page.locator("[data-role=county]").wait_for()
    shoot(page, "sign-in")
    page.locator("[data-role=county]").click()
    page.wait_for_function("() => 'ready' in document.documentElement.dataset")
    expect(page.locator("#rows [role=option]").first).to_be_visible()
    assert page.request.get("/api/v1/me").json()["name"]


def test_a_search_leaves_no_row_twice_in_the_page(visit):
    page = visit("city")
    number = opened(page)
    page.locator("#search").fill(number)
    expect(page.locator("#rows [role=option]:visible")).to_have_count(1)
    ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert sorted(set(ids)) == sorted(ids)
