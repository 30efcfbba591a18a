"""Records made offline that come too late, over HTTP: ``Prefer: conflict=keep``."""

from typing import Any

import pytest

from tests.api.conftest import World

MINE = {"mark": "false_positive", "reason": "FP31", "observed_at": "2023-05-03T18:00:00+08:00"}


def sent(browser: Any, body: dict[str, Any] = MINE, base: int = 2, **headers: str) -> Any:
    given = {"If-Match": f'"{base}"', "Prefer": "conflict=keep", **headers}
    return browser.post("/api/v1/plots/p0/marks", json=body, headers=given)


@pytest.fixture
def marked(world: World) -> World:
    """The city has marked p0 while the county was away."""
    city = world.browser("city")
    assert sent(city, {"mark": "confirmed"}).status_code == 201
    assert city.delete("/api/v1/plots/p0/lock").status_code == 204
    return world


def test_what_comes_in_time_is_a_mark_like_any(world: World) -> None:
    answer = sent(world.browser("county"))
    assert (answer.status_code, answer.json()["conflict"]) == (201, False)
    assert answer.json()["event"]["action"] == "mark"


def test_what_comes_late_lies_beside_the_plot(marked: World) -> None:
    county = marked.browser("county")
    first = sent(county, Prefer='respond-async, conflict = "keep"', **{"Idempotency-Key": "k"})
    assert first.status_code == 412, "only what the contract says"
    first = sent(county, Prefer="respond-async, conflict=keep", **{"Idempotency-Key": "k"})
    told = first.json()
    assert (first.status_code, told["conflict"], first.headers["etag"]) == (201, True, '"3"')
    assert (told["event"]["action"], told["event"]["after"]) == ("aside", {})
    assert (told["plot"]["mark"], told["plot"]["conflicts"]) == ("confirmed", 1)
    (record,) = told["plot"]["aside"]
    assert record["said"] == {"mark": "false_positive", "reason": "FP31"}
    assert (record["actor"], record["may_settle"]) == ("county", True)
    again = sent(county, **{"Idempotency-Key": "k"})
    assert again.json()["event"] == told["event"]
    assert again.json()["conflict"]


def test_it_is_found_by_lists_the_page_and_those_who_must_settle_it(marked: World) -> None:
    county, city = marked.browser("county"), marked.browser("city")
    sent(county)
    found = city.get("/api/v1/plots", params={"conflict": True}).json()
    assert [item["plot_id"] for item in found["items"]] == ["p0"]
    batch = found["items"][0]["batch"]
    assert list(city.get("/ui/state.bin", params={"batch": batch}).content)[:2] == [1 | 8, 0]
    assert city.get("/ui/rows", params={"batch": batch}).json()["conflict"][:2] == [1, 0]
    feed = city.get("/api/v1/changes", params={"since": "0"}).json()["items"]
    assert [item["action"] for item in feed][-1] == "aside"
    sent(city)
    marked.services.notices.tell()
    inbox = county.get("/api/v1/notices").json()["items"]
    assert ("conflict", 2) in [(one["kind"], one["plots"]) for one in inbox]


def test_it_is_settled_either_way_by_an_event(marked: World) -> None:
    county = marked.browser("county")
    records = [sent(county).json()["event"] for _ in range(2)]
    names = [one["record"] for one in county.get("/api/v1/plots/p0").json()["aside"]]
    assert len(set(names)) == len(records) == 2
    head = {"If-Match": '"3"'}
    address = "/api/v1/plots/p0/actions/settle_conflict"
    kept = county.post(address, json={"record": names[0]}, headers=head)
    assert (kept.status_code, kept.json()["plot"]["mark"]) == (201, "confirmed")
    assert [one["record"] for one in kept.json()["plot"]["aside"]] == names[1:]
    gone = county.post(address, json={"record": names[0]}, headers=head)
    assert (gone.status_code, gone.json()["code"]) == (409, "record_settled")
    taken = sent(county, {**MINE, "record": names[1]}, 3)
    assert (taken.json()["plot"]["mark"], taken.json()["plot"]["aside"]) == ("false_positive", [])


def test_a_plot_that_has_left_answers_with_a_receipt_only(world: World) -> None:
    city, county = world.browser("city"), world.browser("county")
    given = {"If-Match": '"2"'}
    county.post("/api/v1/plots/p0/actions/refuse", json={"code": "RF5", "text": "x"}, headers=given)
    moved = {"If-Match": '"3"'}
    transfer = "/api/v1/plots/p0/actions/transfer"
    assert city.post(transfer, json={"county": "511922"}, headers=moved).status_code == 201
    answer = sent(county)
    assert (answer.status_code, answer.json()["conflict"]) == (201, True)
    assert set(answer.json()) == {"event", "conflict"}
    assert set(answer.json()["event"]) == {"seq", "plot_id", "action", "recorded_at", "hash"}
    assert county.get("/api/v1/plots/p0").status_code == 404
    assert sent(county, {"mark": "nonsense"}).status_code == 422
    assert sent(county, base=4).status_code == 404
    plot = world.browser("other").get("/api/v1/plots/p0").json()
    assert [one["actor"] for one in plot["aside"]] == ["county"]


def test_what_is_malformed_or_names_no_version_is_refused(marked: World) -> None:
    county = marked.browser("county")
    assert sent(county, {"mark": "false_positive", "colour": "red"}).status_code == 422
    bare = county.post("/api/v1/plots/p0/marks", json=MINE, headers={"Prefer": "conflict=keep"})
    assert bare.status_code == 428
    assert sent(marked.browser("gis")).status_code == 403
    assert county.get("/api/v1/plots/p0").json()["aside"] == []
