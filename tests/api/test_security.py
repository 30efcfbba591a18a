"""What stands before every route: hosts, origins, sizes, headers; and HEAD."""

import asyncio
from dataclasses import replace

import pytest

from api.security import Guard
from georeview.settings import Settings
from tests.api.conftest import PASSWORD, World


@pytest.mark.parametrize("host", ["evil.example", "", "testserver.evil.example", "[::1", "[::1]x"])
def test_only_the_configured_hosts_are_answered(world: World, host: str) -> None:
    answer = world.browser(host=host).get("/healthz")
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_host")


@pytest.mark.parametrize("host", ["TESTSERVER", "testserver:8000"])
def test_a_host_is_known_in_any_letters_and_with_any_port(world: World, host: str) -> None:
    assert world.browser(host=host).get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://[", "http://evil.example", "null", "", "//testserver.x"]
)
def test_a_change_from_a_foreign_or_broken_origin_is_refused(world: World, origin: str) -> None:
    answer = world.browser("city").delete("/api/v1/session", headers={"Origin": origin})
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_request")


def test_reading_is_not_bound_to_an_origin(world: World) -> None:
    browser = world.browser("city")
    assert browser.get("/api/v1/me", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_every_answer_carries_the_headers_that_fence_a_page_in(world: World) -> None:
    for path in ("/healthz", "/assets/palette.css", "/nothing", "/api/v1/me"):
        headers = world.browser().get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-request-id"]


def test_a_nonce_is_used_once(world: World) -> None:
    browser = world.browser()
    policies = [browser.get("/sign-in").headers["content-security-policy"] for _ in range(4)]
    policies.append(browser.head("/sign-in").headers["content-security-policy"])
    assert len(set(policies)) == 5
    assert all("nonce-" in policy for policy in policies)
    # What holds no script of its own allows none.
    assert "nonce-" not in browser.get("/healthz").headers["content-security-policy"]


def test_what_one_person_was_shown_is_not_kept_for_the_next(world: World) -> None:
    browser = world.browser("city")
    for path in ("/api/v1/plots", "/tiles/plots/tilejson.json", "/ui/panel/p0"):
        assert "cookie" in browser.get(path).headers["vary"].lower()
    assert browser.get("/api/v1/plots").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/healthz", "/api/v1/plots", "/api/v1/plots/p0", "/assets/palette.css"]
)
def test_head_answers_as_get_without_the_body(world: World, path: str) -> None:
    browser = world.browser("city")
    told, given = browser.head(path), browser.get(path)
    assert (told.status_code, told.content) == (200, b"")
    assert told.headers["content-length"] == given.headers["content-length"]
    assert told.headers.get("etag") == given.headers.get("etag")


def test_the_cookie_is_secure_behind_https(world: World) -> None:
    https = replace(world.services.settings, https=True)
    browser = world.again(https).browser()
    sent = {"username": "city", "password": PASSWORD}
    cookie = browser.post("/api/v1/session", json=sent).headers["set-cookie"].lower()
    assert {"httponly", "secure", "samesite=lax", "path=/"} <= set(cookie.split("; "))


def test_a_body_that_does_not_arrive_is_not_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.security.READ_SECONDS", 0.05)
    cookie = f"georeview_session={world.browser('county').cookies['georeview_session']}"
    sent: list[dict] = []

    async def never() -> dict:
        return await asyncio.Future()

    async def send(message: dict) -> None:
        sent.append(message)

    headers = {"host": "testserver", "cookie": cookie, "content-length": "10", "if-match": '"2"'}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/plots/p0/marks",
        "raw_path": b"/api/v1/plots/p0/marks",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "server": ("testserver", 80),
        "client": ("127.0.0.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(world.app(scope, never, send))
    assert sent[0]["status"] == 408


def test_a_length_that_is_no_number_is_refused() -> None:
    sent: list[dict] = []

    async def send(message: dict) -> None:
        sent.append(message)

    async def nothing() -> dict:
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"host", b"localhost"), (b"content-length", "²".encode("latin-1"))]
    scope = {"type": "http", "method": "POST", "path": "/x", "headers": headers, "request_id": "r"}
    asyncio.run(Guard(None, Settings())(scope, nothing, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 413


def test_who_goes_away_before_the_end_is_no_defect(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    cookie = world.browser("county").cookies["georeview_session"]
    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/plots/p0/marks", "query_string": b"",
        "headers": [(b"host", b"testserver"), (b"cookie", f"georeview_session={cookie}".encode())],
    }  # fmt: skip
    sent: list[object] = []

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    asyncio.run(world.app(scope, receive, send))
    assert sent == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    assert world.browser("county").get("/api/v1/plots/p0").json()["version"] == 2
