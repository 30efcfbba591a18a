"""Other systems and their keys: what they open, for whom, and until when."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from georeview.services.people import KEEPER
from tests.api.conftest import PASSWORD, World
from tests.api.test_evidence import photo

MARK = {"mark": "false_positive", "reason": "FP31"}
NEW = {"name": "ledger", "role": "county", "area": "511923", "unit": "平昌县水利局"}


def made(world: World, **other: Any) -> dict[str, Any]:
    answer = world.browser("city").post("/api/v1/keys", json={**NEW, **other})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def coming(world: World, key: str, **headers: str) -> TestClient:
    return world.browser(authorization=f"Bearer {key}", **headers)


def test_a_key_sees_what_a_person_of_its_role_and_area_would(world: World) -> None:
    key = made(world)["key"]
    system = coming(world, key)
    assert system.get("/api/v1/me").json()["user"] == "key:ledger"
    seen = {item["plot_id"] for item in system.get("/api/v1/plots").json()["items"]}
    assert seen == {"p0", "p1", "p2"}
    assert system.get("/api/v1/plots/p3").status_code == 404
    assert system.get("/api/v1/people").status_code == 403
    tile = "/tiles/plots/8/204/104.mvt?batch=2023 批次"
    assert system.get(tile).content == world.browser("county").get(tile).content
    asked = system.post("/api/v1/exports", json={"batch": "2023 批次", "format": "csv"})
    assert asked.status_code == 202
    assert world.browser("county").get(asked.headers["location"]).status_code == 404


def test_it_is_kept_as_a_hash_and_told_once(world: World) -> None:
    key = made(world)["key"]
    city = world.browser("city")
    assert key not in city.get("/api/v1/keys").text
    assert key not in city.get("/api/v1/access-log").text
    coming(world, key).get("/api/v1/me")
    (shown,) = city.get("/api/v1/keys").json()["items"]
    assert (shown["state"], shown["last_used_on"]) == ("active", "2023-05-04")


def test_it_writes_for_a_named_person_and_the_event_says_so(world: World) -> None:
    key = made(world)["key"]
    nameless = coming(world, key)
    path, version = "/api/v1/plots/p0/marks", {"If-Match": '"2"'}
    refused = nameless.post(path, json=MARK, headers=version)
    assert (refused.status_code, refused.json()["code"]) == (403, "person_missing")
    system = coming(world, key, **{"on-behalf-of": "county"})
    event = system.post(path, json=MARK, headers=version).json()["event"]
    assert (event["actor"], event["unit"], event["body"]["via"]) == (
        *("county", "平昌县专班"),
        "ledger",
    )
    file = {"file": ("a.jpg", photo(), "image/jpeg")}
    kept = system.post("/api/v1/plots/p0/evidence", files=file, data={"kind": "E_PHOTO"})
    assert kept.status_code == 201
    assert system.get("/api/v1/plots/p0/history").json()["items"][-1]["actor"] == "county"
    assert list(world.services.upkeep.verify()) == []


@pytest.mark.parametrize(
    ("person", "status", "code"),
    [
        ("nobody", 422, "person_unknown"),
        ("other", 403, "forbidden"),
        ("city", 403, "forbidden"),
        ("auditor", 403, "forbidden"),
    ],
)
def test_it_may_no_more_than_both_may(world: World, person: str, status: int, code: str) -> None:
    system = coming(world, made(world)["key"], **{"on-behalf-of": person})
    answer = system.post("/api/v1/plots/p0/marks", json=MARK, headers={"If-Match": '"2"'})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_closed_account_lends_its_name_to_nobody(world: World) -> None:
    system = coming(world, made(world)["key"], **{"on-behalf-of": "county"})
    world.services.people.set_disabled(KEEPER, "county", disabled=True)
    answer = system.post("/api/v1/plots/p0/marks", json=MARK, headers={"If-Match": '"2"'})
    assert answer.json()["code"] == "person_unknown"


@pytest.mark.parametrize("path", ["/api/v1/people", "/api/v1/imports", "/api/v1/keys"])
def test_it_changes_nothing_else(world: World, path: str) -> None:
    system = coming(world, made(world, role="city", area="5119")["key"], **{"on-behalf-of": "city"})
    assert system.post(path, json={}).json()["code"] == "person_missing"


def test_a_key_comes_to_its_end(world: World) -> None:
    key = made(world, expires="2023-05-04")
    system, city = coming(world, key["key"]), world.browser("city")
    assert system.get("/api/v1/me").status_code == 200
    world.clock.forward(hours=11)
    assert system.get("/api/v1/me").status_code == 200
    world.clock.forward(hours=5)
    assert system.get("/api/v1/me").json()["code"] == "bad_key"
    other = made(world, name="second")
    city = world.browser("city")
    assert city.delete(f"/api/v1/keys/{other['id']}").status_code == 204
    assert coming(world, other["key"]).get("/api/v1/me").status_code == 401
    states = {one["name"]: one["state"] for one in city.get("/api/v1/keys").json()["items"]}
    assert states == {"ledger": "expired", "second": "revoked"}
    actions = [e["action"] for e in city.get("/api/v1/access-log").json()["items"]]
    assert actions == ["revoke_key", "add_key", "add_key"]


def test_a_session_and_a_page_of_another_site_are_no_way_around_a_key(world: World) -> None:
    browser = world.browser("city")
    wrong = {"Authorization": "Bearer grk_nothing", "Sec-Fetch-Site": "cross-site"}
    assert browser.post("/api/v1/exports", json={}, headers=wrong).status_code == 401
    basic = {"Authorization": "Basic Y2l0eTp4"}
    assert browser.get("/api/v1/me", headers=basic).status_code == 401
    cookie_of_a_key = world.browser(cookie=f"georeview_session={made(world)['key']}")
    assert cookie_of_a_key.get("/api/v1/me").status_code == 401


def test_guessing_keys_is_slowed_down_and_signing_in_is_not(world: World) -> None:
    guesser = coming(world, "grk_guess")
    answers = [guesser.get("/api/v1/me").status_code for _ in range(51)]
    assert answers == [401] * 50 + [429]
    sent = {"username": "city", "password": PASSWORD}
    assert world.browser().post("/api/v1/session", json=sent).status_code == 204


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"role": "admin"}, 403),
        ({"area": "511724"}, 403),
        ({"area": "51x"}, 422),
        ({"name": "a b"}, 422),
        ({"expires": "2023-05-03"}, 422),
        ({"expires": "soon"}, 422),
        ({"role": "king"}, 422),
    ],
)
def test_impossible_keys_are_refused(world: World, wrong: dict[str, str], status: int) -> None:
    city = world.browser("city")
    assert city.post("/api/v1/keys", json={**NEW, **wrong}).status_code == status
    assert city.get("/api/v1/keys").json()["items"] == []


def test_a_name_is_used_once(world: World) -> None:
    made(world)
    again = world.browser("city").post("/api/v1/keys", json=NEW)
    assert (again.status_code, again.json()["code"]) == (409, "key_known")


def test_an_export_of_a_key_is_made_with_its_rights(world: World) -> None:
    from tests.api.conftest import work_off

    key = made(world)
    system = coming(world, key["key"])
    body = {"batch": "2023 批次", "format": "csv"}
    path = system.post("/api/v1/exports", json=body).headers["location"]
    work_off(system)
    done = system.get(path).json()
    assert (done["state"], done["losses"]["rows"]) == ("done", 3)
    path = system.post("/api/v1/exports", json=body).headers["location"]
    world.browser("city").delete(f"/api/v1/keys/{key['id']}")
    work_off(system)
    jobs = world.browser("city").get("/api/v1/jobs").json()["items"]
    assert jobs[0]["state"] == "failed"
