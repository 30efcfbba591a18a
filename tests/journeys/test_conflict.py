"""A record made offline that comes too late: beside the plot, for its author and for who holds it."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import answered
from tests.journeys.test_review import PHONE, SENT, go_to, opened, plot_of

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_late_record_is_compared_and_settled_by_author_and_holder(visit, shoot):
    away = visit("county", size=PHONE, expected=("Failed to load resource", "net::ERR"))
    desk = visit("city")
    number = opened(away)
    go_to(desk, number)
    away.context.set_offline(True)
    away.keyboard.press("Digit1")
    expect(away.locator("#sync")).to_have_attribute("data-kind", "offline")
    with answered(desk, "/marks"):
        desk.keyboard.press("KeyC")
    away.context.set_offline(False)
    with answered(away, "/marks"):
        away.locator("#sync").click()
    expect(away.locator("#sync")).to_have_attribute("data-kind", "conflict")
    away.locator("#sync").click()
    expect(away.locator("#p-number")).to_have_text(number)
    mine = away.locator(".conflict")
    expect(mine).to_contain_text("不属实")
    expect(mine).to_contain_text("FP21")
    shoot(away, "phone-late-record")
    assert plot_of(away, number)["mark"] == "confirmed"

    desk.reload()
    assert opened(desk) == number
    theirs = desk.locator(".conflict")
    expect(theirs).to_contain_text("平昌县")
    expect(desk.locator("#filters .torn .count")).to_have_text("1")
    shoot(desk, "desktop-late-record")
    with answered(desk, "/marks"):
        theirs.locator("[data-do=take]").click()
    expect(theirs).to_have_count(0)
    assert plot_of(desk, number)["mark"] == "false_positive"
    expect(desk.locator("#filters .torn")).to_be_hidden()
    away.reload()
    assert opened(away) == number
    expect(away.locator(".conflict")).to_have_count(0)
    expect(away.locator("#sync")).to_have_attribute("data-kind", SENT)
