"""Somebody is added, comes in with a one-time password, and chooses one of one's own."""

import re

import pytest
from playwright.sync_api import expect

from benchmarks.browser import PHONE
from tests.journeys.conftest import READY
from tests.journeys.test_access import violations

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])
def test_from_the_list_to_the_first_sign_in(visit, size):
    shown = {"size": size} if size else {}
    page = visit("admin", "/people", drawn=False, **shown)
    assert violations(page) == []
    page.get_by_role("button", name="添加人员").click()
    assert violations(page) == []
    for name, value in (("user", "wang"), ("name", "王芳"), ("unit", "专班"), ("area", "511923")):
        page.locator(f"#edit [name={name}]").fill(value)
    page.locator("#edit [name=role]").select_option("county")
    limit, box = page.locator("#edit .batches summary"), page.locator("#edit .batches input").first
    limit.click()
    box.check()
    expect(limit).to_have_text("仅限 1 个批次")
    assert violations(page) == []
    box.uncheck()
    expect(limit).to_have_text("适用于全部批次")
    page.get_by_role("button", name="保存").click()
    page.locator("#secret[open]").wait_for()
    made = page.locator("#secret-text").inner_text()
    assert violations(page) == []
    page.keyboard.press("Escape")
    row = page.locator("#pane-people tr", has_text="wang")
    expect(row.locator(".pill")).to_have_text("待首次登录")
    page.get_by_role("tab", name="权限日志").click()
    expect(page.locator("#pane-log tbody tr").first).to_contain_text("county@511923")
    assert violations(page) == []

    expected = ("status of 403", "status of 401")
    first = visit(None, "/sign-in", expected=expected, **shown)
    first.locator("[name=username]").fill("wang")
    first.locator("[name=password]").fill(made)
    first.get_by_role("button", name="登录", exact=True).click()
    first.wait_for_url("**/password?next=*")
    first.locator("[name=password]").fill(made)
    for name in ("new_password", "again"):
        first.locator(f"[name={name}]").fill("correct horse battery")
    first.get_by_role("button", name="更换密码").click()
    first.wait_for_url(re.compile(r"/(#.*)?$"))
    first.wait_for_function(READY)
    row = page.locator("#pane-people tr", has_text="wang")
    page.reload()
    page.get_by_role("tab", name="人员", exact=True).click()
    expect(row.locator(".pill")).to_have_text("正常")
    row.get_by_role("button").click()
    page.get_by_role("button", name="停用账号").click()
    page.get_by_role("button", name="确认停用").click()
    expect(row.locator(".pill")).to_have_text("已停用")
    first.reload()
    first.wait_for_url("**/sign-in?next=*")


@pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])
def test_an_address_inside_is_refused_in_words(visit, size):
    shown = {"size": size} if size else {}
    page = visit("city", "/people#webhooks", drawn=False, expected=("status of 422",), **shown)
    expect(page.locator("#pane-webhooks")).to_contain_text("还没有推送地址")
    assert violations(page) == []
    page.get_by_role("button", name="添加推送地址").click()
    page.locator("#edit [name=url]").fill("https://127.0.0.1/hooks")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#edit .failed")).to_contain_text("不能推送到 127.0.0.1")
    assert violations(page) == []
