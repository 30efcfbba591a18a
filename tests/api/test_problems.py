"""Refusals: what they look like, in which language, and that nothing of the inside is in them."""

import resource
from pathlib import Path

import pytest

from georeview.errors import Unavailable
from georeview.errors.store import DiskFull, StoreReadOnly
from tests.api.conftest import World

MEMBERS = {"type", "title", "status", "detail", "code", "hint", "errors", "request_id"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/metrics", 403),
        ("GET", "/ogc/collections", 404),
        ("GET", "/api/v1/jobs/none", 404),
        ("POST", "/api/v1/imports", 415),
        ("GET", "/api/v1/plots/", 404),
        ("GET", "/api/v1/batches/none", 404),
        ("GET", "/api/v1/layers/none", 404),
        ("GET", "/api/v1/exports/none", 404),
        ("GET", "/api/v1/evidence/none", 404),
        ("DELETE", "/api/v1/plots", 405),
        ("GET", "/api/v1/plots?colour=red", 400),
        ("GET", "/api/v1/plots?limit=x", 422),
    ],
)
def test_a_refusal_is_a_problem_document(world: World, method: str, path: str, status: int) -> None:
    answer = world.browser("city").request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) >= MEMBERS
    assert (body["status"], body["type"]) == (status, f"/problems/{body['code']}")
    assert body["title"]
    assert body["hint"]


def test_the_sentence_comes_in_the_readers_language(world: World) -> None:
    chinese = world.browser().get("/api/v1/me")
    english = world.browser(**{"Accept-Language": "en-GB"}).get("/api/v1/me")
    assert chinese.json()["title"].startswith("您尚未登录")
    assert english.json()["title"].startswith("You are not signed in")
    assert (chinese.headers["content-language"], english.headers["content-language"]) == (
        "zh-CN",
        "en",
    )


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/api/v1/layers", "GET, POST, HEAD"),
        ("GET", "/api/v1/session", "POST, DELETE"),
        ("HEAD", "/api/v1/session", "POST, DELETE"),
        ("PUT", "/api/v1/plots/p0", "GET, HEAD"),
        ("GET", "/api/v1/plots/p0/marks", "POST"),
        ("POST", "/healthz", "GET, HEAD"),
        ("PUT", "/static/js/main.js", "GET, HEAD"),
    ],
)
def test_a_wrong_method_names_all_the_right_ones(
    world: World, method: str, path: str, allow: str
) -> None:
    answer = world.browser("city").request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allow)


@pytest.mark.parametrize("name", ["filters", "crs", "as_of", "Batch"])
def test_a_parameter_that_is_not_known_is_refused_by_name(world: World, name: str) -> None:
    answer = world.browser("city").get("/api/v1/plots", params={name: "x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")
    assert answer.json()["errors"][0]["field"] == name
    assert "bbox" in answer.json()["hint"]


def test_a_stranger_is_told_to_sign_in_before_anything_else(world: World) -> None:
    browser = world.browser()
    assert browser.get("/api/v1/plots?colour=red").status_code == 401
    assert browser.post("/api/v1/exports", content=b"{").status_code == 401
    assert browser.post("/api/v1/plots/p0/marks", content=b"{").status_code == 401


@pytest.mark.parametrize(
    "path", ["/api/v1/plots/p0/marks", "/api/v1/session", "/api/v1/exports", "/ui/demo-session"]
)
def test_a_body_that_is_not_sent_as_json_is_415(world: World, path: str) -> None:
    headers = {"Content-Type": "text/plain", "If-Match": '"2"'}
    answer = world.browser("city").post(path, content=b'{"a": 1}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "not_json")


@pytest.mark.parametrize("path", ["/api/v1/session", "/api/v1/exports"])
def test_a_body_that_is_no_json_is_400_and_one_of_another_shape_422(
    world: World, path: str
) -> None:
    headers = {"Content-Type": "application/json"}
    browser = world.browser("city")
    assert browser.post(path, content=b"{", headers=headers).status_code == 400
    wrong = browser.post(path, json={"username": 1, "password": "geheim", "batch": 2})
    assert wrong.status_code == 422
    assert wrong.json()["errors"]
    assert "geheim" not in wrong.text


@pytest.mark.parametrize("path", ["/api/v1/session", "/api/v1/exports", "/api/v1/plots/p0/marks"])
def test_a_body_that_goes_on_and_on_is_413(world: World, path: str) -> None:
    chunks = (b"x" * 65536 for _ in range(20))
    answer = world.browser("city").post(path, content=chunks, headers={"If-Match": '"2"'})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_defect_of_ours_tells_a_number_and_nothing_else(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("/secret/path SELECT * FROM person")

    monkeypatch.setattr(type(world.services.plots), "detail", broken)
    answer = world.browser("city").get("/api/v1/plots/p0")
    assert (answer.status_code, answer.json()["code"]) == (500, "defect")
    assert "secret" not in answer.text
    assert "SELECT" not in answer.text


@pytest.mark.parametrize(
    "error", [DiskFull(why="SQLITE_FULL"), StoreReadOnly(why="SQLITE_READONLY")]
)
def test_what_cannot_be_kept_is_503_with_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Unavailable
) -> None:
    def full(*_: object) -> None:
        raise error

    monkeypatch.setattr(type(world.services.store), "ready", full)
    answer = world.browser().get("/readyz")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_a_file_that_may_not_grow_refuses_marks_and_takes_them_again(world: World) -> None:
    """The disk is full for this process: its files may grow no further than they are."""
    browser = world.browser("county")
    body = {"mark": "confirmed", "note": "砂场" * 1000}
    size = max(p.stat().st_size for p in world.services.settings.home.glob("georeview.sqlite*"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        answers = [
            browser.post(
                f"/api/v1/plots/p{n % 3}/marks",
                json=body,
                headers={"If-Match": f'"{2 + n // 3}"'},
            )
            for n in range(60)
        ]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    refused = next(a for a in answers if a.status_code != 201)
    assert (refused.status_code, refused.headers["content-type"]) == (
        503,
        "application/problem+json",
    )
    assert int(refused.headers["retry-after"]) > 0
    assert str(world.services.settings.home) not in refused.text
    kept = sum(a.status_code == 201 for a in answers)
    marks = [e for e in world.services.store.ledger.events() if e.action == "mark"]
    assert len(marks) == kept
    version = browser.get("/api/v1/plots/p0").json()["version"]
    again = browser.post("/api/v1/plots/p0/marks", json=body, headers={"If-Match": f'"{version}"'})
    assert again.status_code == 201
    assert list(world.services.store.ledger.verify()) == []


def test_a_lost_evidence_file_is_owned_up_to(world: World) -> None:
    from tests.api.test_evidence import attach, photo

    browser = world.browser("county")
    kept = attach(browser, photo()).json()
    for path in Path(world.services.settings.home / "evidence").rglob(kept["sha256"]):
        path.unlink()
    answer = browser.get(f"/api/v1/evidence/{kept['id']}")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_broken")
