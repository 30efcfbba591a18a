"""The procedure desk: many plots led one step on, each judged for itself."""

import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import DESKTOP, PHONE
from georeview.core.plot import Stage
from tests.journeys.conftest import answered
from tests.journeys.test_access import violations

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

MARKED = ("false_positive", "FP31")


def on_board(visit, role: str, stage: str, **given) -> Page:
    return visit(role, f"/board#s={stage}", drawn=False, **given)


def tick(page: Page, *rows: int) -> None:
    for row in rows:
        page.locator("#rows input[type=checkbox]").nth(row).check()


def take(page: Page, step: str, **fields: str) -> None:
    """Choose a step, fill its form in, and send it."""
    page.locator(f"[data-do=step][data-arg={step}]").click()
    page.locator("#step[open]").wait_for()
    for name, value in fields.items():
        field = page.locator(f"#step-fields [name={name}]")
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("#step-go").click()


def count_of(page: Page, stage: str) -> int:
    shown = page.locator(f"#stages [data-arg={stage}] b").inner_text()
    return int(shown.replace(",", ""))


def test_every_stage_has_its_place(visit):
    page = on_board(visit, "city", "at_county")
    shown = page.locator("#stages [data-do=stage]").evaluate_all(
        "buttons => buttons.map(button => button.dataset.arg)"
    )
    assert sorted(shown) == sorted(Stage)
    assert sum(count_of(page, stage) for stage in Stage) == 1299


def test_many_plots_are_claimed_marked_and_submitted_with_one_form_each(visit):
    page = on_board(visit, "county", "at_county")
    before = count_of(page, "at_county")
    tick(page, 0, 1, 2)
    with answered(page, "/plots/bulk", 200):
        take(page, "mark", mark=MARKED[0], reason=MARKED[1])
    expect(page.locator("#told")).to_contain_text("3")
    expect(page.locator("#stages [data-arg=in_review] b")).to_have_text("3")
    assert count_of(page, "at_county") == before - 3
    page.locator("#stages [data-arg=in_review]").click()
    expect(page.locator("#rows .pill-false_positive")).to_have_count(3)
    expect(page.locator("#rows")).to_contain_text("FP31")


def test_what_is_refused_says_why_and_stays_chosen_from(visit):
    page = on_board(visit, "county", "at_county")
    tick(page, 0, 1)
    with answered(page, "/plots/bulk", 200):
        take(page, "mark", mark=MARKED[0], reason="FP21")
    page.locator("#stages [data-arg=in_review]").click()
    expect(page.locator("#rows tr")).to_have_count(2)
    tick(page, 0, 1)
    with answered(page, "/plots/bulk", 200):
        take(page, "submit")
    told = page.locator("#step-state")
    expect(told.locator("li")).to_have_count(1)
    expect(told).to_contain_text("许可")
    page.keyboard.press("Escape")
    expect(page.locator("#stages [data-arg=in_review] b")).to_have_text("2")


def test_a_link_opens_the_same_list_and_a_row_its_plot(visit):
    page = on_board(visit, "city", "at_town&late=1&county=511923")
    expect(page.locator("#late")).to_be_checked()
    expect(page.locator("#county")).to_have_value("511923")
    first = page.locator("#rows a").first
    number = first.inner_text()
    first.click()
    page.wait_for_url("**/#*")
    expect(page.locator("#p-number")).to_have_text(number)


def test_who_reads_only_is_offered_nothing(visit):
    page = on_board(visit, "auditor", "at_county")
    expect(page.locator("#rows tr").first).to_be_visible()
    expect(page.locator("#act")).to_be_hidden()


@pytest.mark.parametrize(("lang", "size"), [("zh-CN", DESKTOP), ("en", PHONE)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_it(visit, lang, size, theme):
    page = on_board(visit, "county", "at_county", lang=lang, size=size, theme=theme)
    tick(page, 0)
    assert violations(page) == []
    page.locator("[data-do=step][data-arg=refuse]").click()
    page.locator("#step[open]").wait_for()
    assert violations(page) == []


@pytest.mark.parametrize("theme", ["light"])
@pytest.mark.parametrize(("name", "size"), [("desktop", DESKTOP), ("phone", PHONE)])
def test_pictures_of_the_board_in_zh(visit, shoot, name, size, theme):
    page = on_board(visit, "county", "at_county", size=size, theme=theme)
    tick(page, 0, 1, 3)
    shoot(page, f"board-{name}")
