"""Signing in and out: cookies, expiry, slow-down, and pages of other sites."""

import pytest

from georeview.services.people import KEEPER
from tests.api.conftest import PASSWORD, World


def test_nobody_gets_in_without_signing_in(world: World) -> None:
    answer = world.browser().get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not_signed_in"


def test_a_session_says_who_it_is_until_it_ends(world: World) -> None:
    browser = world.browser("county")
    me = browser.get("/api/v1/me").json()
    assert me["grants"] == [{"role": "county", "area": "511923"}]
    assert "mark" in me["actions"]
    assert "import" not in me["actions"]
    assert browser.delete("/api/v1/session").status_code == 204
    assert browser.get("/api/v1/me").status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(world: World) -> None:
    sent = {"username": "city", "password": PASSWORD}
    cookie = world.browser().post("/api/v1/session", json=sent).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_signing_in_again_ends_the_older_session_of_the_browser(world: World) -> None:
    browser = world.browser("city")
    old = browser.cookies["georeview_session"]
    browser.post("/api/v1/session", json={"username": "city", "password": PASSWORD})
    assert browser.cookies["georeview_session"] != old
    stale = world.browser(cookie=f"georeview_session={old}")
    assert stale.get("/api/v1/me").status_code == 401


def test_a_session_expires(world: World) -> None:
    browser = world.browser("city")
    world.clock.forward(hours=13)
    assert browser.get("/api/v1/me").status_code == 401


def test_a_closed_account_is_out_at_once(world: World) -> None:
    browser = world.browser("city")
    world.services.people.set_disabled(KEEPER, "city", disabled=True)
    assert browser.get("/api/v1/me").status_code == 401


def test_a_new_password_ends_open_sessions(world: World) -> None:
    browser = world.browser("city")
    world.services.people.give_password(KEEPER, "city", "another password")
    assert browser.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("user", ["city", "nobody"])
def test_guessing_is_slowed_down_alike_for_known_and_unknown_names(world: World, user: str) -> None:
    browser = world.browser()
    sent = {"username": user, "password": "wrong wrong"}
    answers = [browser.post("/api/v1/session", json=sent) for _ in range(6)]
    assert [a.status_code for a in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    world.clock.forward(minutes=11)
    assert browser.post("/api/v1/session", json=sent).status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 204),
        ({"Sec-Fetch-Site": "none"}, 204),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://testserver"}, 204),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 204),
    ],
)
def test_changes_come_from_our_own_pages_or_from_programs(
    world: World, headers: dict[str, str], status: int
) -> None:
    browser = world.browser("city")
    assert browser.delete("/api/v1/session", headers=headers).status_code == status


def test_an_unknown_host_is_refused(world: World) -> None:
    answer = world.browser(host="evil.example").get("/healthz")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_host")


def test_sample_people_exist_only_in_the_demo(world: World) -> None:
    answer = world.browser().post("/ui/demo-session", json={"role": "city"})
    assert answer.status_code == 404
