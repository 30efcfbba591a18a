"""What is told of a request: its id, its line in the log, and the figures of ``/metrics``."""

import asyncio
import logging
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from api.drain import Drain
from api.security import Guard
from api.watch import Watch
from georeview.errors.store import StoreGone
from georeview.metrics import Metrics
from georeview.settings import Settings
from tests.api.conftest import BATCH, PASSWORD, World

PROXY, FAR = "10.0.0.1", "198.51.100.7"


def from_address(world: World, address: str, **headers: str) -> TestClient:
    return TestClient(
        world.app, headers=headers, client=(address, 5000), raise_server_exceptions=False
    )


def behind(world: World) -> World:
    """The same service, with a proxy in front."""
    return world.again(replace(world.services.settings, proxies=PROXY))


def figures(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def figure(text: str, name: str, **labels: str) -> float:
    return figures(text).get((name, frozenset(labels.items())), 0.0)


def metrics(world: World) -> str:
    answer = from_address(world, "127.0.0.1").get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


# Ids ---------------------------------------------------------------------------------------------


def test_a_refusal_names_its_request_in_header_and_document(world: World) -> None:
    for path in ("/nothing", "/api/v1/me"):
        answer = world.browser().get(path)
        assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_an_id_is_taken_from_a_known_proxy_alone(world: World) -> None:
    served = behind(world)
    given = {"X-Request-Id": "trace-0123456789"}
    assert from_address(served, PROXY, **given).get("/healthz").headers["x-request-id"] == (
        "trace-0123456789"
    )
    told = from_address(served, FAR, **given).get("/healthz").headers["x-request-id"]
    assert told != "trace-0123456789"


@pytest.mark.parametrize("given", ["short", "x" * 65, "with blank 123", "a\u00e9aaaaaaaa"])
def test_an_id_that_is_not_well_formed_is_not_taken(world: World, given: str) -> None:
    browser = from_address(behind(world), PROXY)
    answer = browser.get("/healthz", headers={"X-Request-Id": given.encode("latin-1")})
    assert answer.headers["x-request-id"].isalnum()


# Defects -----------------------------------------------------------------------------------------


def test_a_defect_is_answered_inside_the_fence_and_logged_once(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("geheim")

    monkeypatch.setattr(type(world.services.plots), "page", broken)
    answer = world.browser("city").get("/api/v1/plots")
    assert answer.status_code == 500
    assert "geheim" not in answer.text
    assert answer.json()["request_id"] in answer.json()["title"] + answer.json()["hint"]
    for name in ("content-security-policy", "x-content-type-options", "x-request-id"):
        assert answer.headers[name]
    (defect,) = [entry for entry in caplog.records if entry.exc_info]
    assert vars(defect)["request_id"] == answer.headers["x-request-id"]


def test_an_answer_that_breaks_off_is_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    counted, settings = Metrics(), Settings()
    served = Watch(Guard(broken, settings), settings, counted, Drain(0))  # type: ignore[arg-type]
    scope = {"type": "http", "method": "GET", "path": "/x", "headers": [(b"host", b"localhost")]}
    with pytest.raises(RuntimeError):
        asyncio.run(served(scope, None, send))  # type: ignore[arg-type]
    assert len(sent) == 1
    name = "georeview_http_requests_total"
    assert figure(counted.text().decode(), name, route="-", method="GET", status="0") == 1
    assert [line["levelname"] for line in lines(caplog)] == ["ERROR"]


# Log lines ---------------------------------------------------------------------------------------


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [vars(entry) for entry in caplog.records if entry.name == "georeview.request"]


def test_a_request_is_one_line_with_who_what_and_how_long(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    browser = world.browser("county")
    caplog.set_level(logging.INFO, "georeview")
    answer = browser.get("/api/v1/plots/p0/history?", headers={"Cookie-Note": "x"})
    (line,) = lines(caplog)
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["method"], line["route"]) == ("GET", "/api/v1/plots/{plot_id}/history")
    assert (line["status"], line["bytes"]) == (200, len(answer.content))
    assert (line["user"], line["address"], line["levelname"]) == ("county", "testclient", "INFO")
    assert line["ms"] > 0  # type: ignore[operator]


def test_head_is_logged_as_asked_and_by_its_route(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    browser = world.browser("county")
    caplog.set_level(logging.INFO, "georeview")
    browser.head("/api/v1/plots/p0")
    (line,) = lines(caplog)
    assert (line["method"], line["route"], line["bytes"]) == ("HEAD", "/api/v1/plots/{plot_id}", 0)


def test_a_refusal_is_logged_with_its_code(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "georeview")
    world.browser().get("/api/v1/me")
    world.browser(host="evil.example").get("/")
    assert [(line["status"], line["code"]) for line in lines(caplog)] == [
        (401, "not_signed_in"),
        (400, "unknown_host"),
    ]


def test_no_secret_and_no_name_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    browser = world.browser("county")
    sent = {"username": "mistyped-secret", "password": "wrong-secret"}
    assert browser.post("/api/v1/session", json=sent).status_code == 401
    browser.get("/api/v1/plots", params={"q": "王某某"})
    shown = "\n".join(str(vars(entry)) for entry in caplog.records)
    cookie = browser.cookies["georeview_session"]
    for secret in (PASSWORD, cookie, "mistyped-secret", "wrong-secret", "某"):
        assert secret not in shown


def test_probes_that_pass_are_not_worth_a_line(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "georeview")
    browser = world.browser()
    assert browser.get("/readyz").status_code == 200
    assert lines(caplog) == []

    def gone() -> None:
        raise StoreGone(why="x")

    monkeypatch.setattr(world.services.store, "ready", gone)
    assert browser.get("/readyz").status_code == 503
    (line,) = lines(caplog)
    assert (line["levelname"], line["code"]) == ("WARNING", "store_gone")


def test_the_slow_down_of_sign_ins_counts_the_sender_behind_the_proxy(world: World) -> None:
    served = behind(world)

    def failures(address: str) -> int:
        since = "2000-01-01T00:00:00+00:00"
        return len(world.services.store.people.failures(f"address:{address}", since))

    sent = {"username": "nobody", "password": "wrong"}
    told = {"X-Forwarded-For": f"6.6.6.6, {FAR}"}
    from_address(served, PROXY, **told).post("/api/v1/session", json=sent)
    from_address(served, "203.0.113.1", **told).post("/api/v1/session", json=sent)
    assert [failures(a) for a in (FAR, PROXY, "6.6.6.6", "203.0.113.1")] == [1, 0, 0, 1]


# Figures -----------------------------------------------------------------------------------------


def test_requests_are_counted_by_route_method_and_status(world: World) -> None:
    browser = world.browser("county")
    for plot_id in ("p0", "p1", "none"):
        browser.get(f"/api/v1/plots/{plot_id}")
    browser.request("BREW", "/api/v1/plots/p0")
    text = metrics(world)
    route = "/api/v1/plots/{plot_id}"

    def counted(method: str, status: str, route: str = route) -> float:
        name = "georeview_http_requests_total"
        return figure(text, name, route=route, method=method, status=status)

    assert (counted("GET", "200"), counted("GET", "404")) == (2, 1)
    assert counted("OTHER", "405") + counted("OTHER", "405", "-") == 1
    assert figure(text, "georeview_refusals_total", code="not_found") == 1
    seconds = figure(text, "georeview_http_request_seconds_count", route=route, method="GET")
    assert seconds == 3


def test_commits_and_what_waits_for_them_are_counted(world: World) -> None:
    before = metrics(world)
    answer = world.browser("county").post(
        "/api/v1/plots/p0/marks",
        json={"mark": "false_positive", "reason": "FP31"},
        headers={"If-Match": '"2"'},
    )
    assert answer.status_code == 201
    after = metrics(world)

    def grown(name: str) -> float:
        return figure(after, name) - figure(before, name)

    assert grown("georeview_commit_events_count") == 1
    assert grown("georeview_commit_events_sum") == 1
    assert grown("georeview_commit_seconds_count") == 1
    assert grown("georeview_ledger_events") == 1
    assert figure(after, "georeview_writes_waiting") == 0


def test_tiles_from_memory_are_told_from_those_cut_anew(world: World) -> None:
    browser = world.browser("city")
    for _ in range(3):
        browser.get("/tiles/plots/8/204/104.mvt", params={"batch": BATCH})
    text = metrics(world)
    name = "georeview_tile_cache_total"
    assert figure(text, name, kind="plots", outcome="miss") == 1
    assert figure(text, name, kind="plots", outcome="hit") == 2


def test_figures_are_given_while_the_store_is_gone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert figure(metrics(world), "georeview_store_up") == 1

    def gone() -> None:
        raise StoreGone(why="x")

    monkeypatch.setattr(world.services.store.ledger, "head", gone)
    assert figure(metrics(world), "georeview_store_up") == 0


def test_what_the_build_and_the_process_are_is_told(world: World) -> None:
    families = {family.name: family for family in text_string_to_metric_families(metrics(world))}
    (build,) = families["georeview_build_info"].samples
    assert set(build.labels) == {"version", "python", "store"}
    (memory,) = families["process_resident_memory_bytes"].samples
    assert memory.value > 10_000_000


def test_figures_are_for_machines_near_by_and_for_who_has_the_right(world: World) -> None:
    assert from_address(world, "::1").get("/metrics").status_code == 200
    assert from_address(world, FAR).get("/metrics").status_code == 401
    assert world.browser("admin").get("/metrics").status_code == 200
    assert world.browser("city").get("/metrics").status_code == 403
    near = world.again(replace(world.services.settings, metrics_from="198.51.100.0/24"))
    assert from_address(near, FAR).get("/metrics").status_code == 200
    assert from_address(near, "127.0.0.1").get("/metrics").status_code == 401


def test_what_a_proxy_passes_on_is_not_near(world: World) -> None:
    """Neither one that is known, whose sender counts, nor one that nobody has named."""
    for header in ("X-Forwarded-For", "Forwarded"):
        told = {header: "for=127.0.0.1" if header == "Forwarded" else "127.0.0.1"}
        assert from_address(world, "127.0.0.1", **told).get("/metrics").status_code == 401
    served = behind(world)
    told = {"X-Forwarded-For": FAR}
    assert from_address(served, PROXY, **told).get("/metrics").status_code == 401
