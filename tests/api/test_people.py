"""Looking after accounts over HTTP, and the way of a one-time password."""

from tests.api.conftest import BATCH, PASSWORD, World

NEW = {
    "user": "wang",
    "name": "王芳",
    "unit": "平昌县专班",
    "grants": [{"role": "county", "area": "511923"}],
}


def test_the_city_adds_whom_it_may_and_sees_no_other(world: World) -> None:
    city = world.browser("city")
    seen = city.get("/api/v1/people").json()
    assert {item["user"] for item in seen["items"]} == {
        *("auditor", "city", "county", "gis", "other", "system", "township"),
    }
    assert {item["role"]: item["areas"] for item in seen["may_give"]}["county"] == ["5119"]
    made = city.post("/api/v1/people", json=NEW)
    assert (made.status_code, made.headers["location"]) == (201, "/api/v1/people/wang")
    assert made.json()["must_change"]
    assert "password" not in city.get("/api/v1/people/wang").json()
    again = city.post("/api/v1/people", json=NEW)
    assert (again.status_code, again.json()["code"]) == (409, "person_known")
    more = {**NEW, "user": "x", "grants": [{"role": "admin", "area": "5119"}]}
    assert city.post("/api/v1/people", json=more).status_code == 403
    assert city.post("/api/v1/people", json={**NEW, "user": "x", "grants": []}).status_code == 422
    for method, path in (("GET", ""), ("PATCH", ""), ("POST", "/password"), ("POST", "/unlock")):
        answer = city.request(method, f"/api/v1/people/admin{path}", json={})
        assert answer.status_code == 404, (method, path)


def test_a_one_time_password_leads_to_a_password_of_ones_own(world: World) -> None:
    made = world.browser("city").post("/api/v1/people", json=NEW).json()["password"]
    browser = world.browser()
    credentials = {"username": "wang", "password": made}
    assert browser.post("/api/v1/session", json=credentials).status_code == 204
    for address in ("/api/v1/me", "/api/v1/plots", "/ui/rows?batch=x"):
        answer = browser.get(address)
        assert (answer.status_code, answer.json()["code"]) == (403, "password_to_change")
    page = browser.get("/import", headers={"Accept": "text/html"}, follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (303, "/password?next=/import")
    chosen = {"password": made, "new_password": "short"}
    short = browser.post("/api/v1/session/password", json=chosen)
    assert (short.status_code, short.json()["errors"][0]["field"]) == (422, "new_password")
    chosen["new_password"] = PASSWORD
    assert browser.post("/api/v1/session/password", json=chosen).status_code == 204
    assert browser.get("/api/v1/me").json()["user"] == "wang"
    assert world.browser().post("/api/v1/session/password", json=chosen).status_code == 401


def test_rights_change_under_an_open_session_and_closing_ends_it(world: World) -> None:
    city, county = world.browser("city"), world.browser("county")
    address = "/api/v1/people/county"
    other = [{"role": "county", "area": "511922"}]
    changed = city.patch(address, json={"grants": other, "email": "wang@example.cn"})
    assert changed.json()["email"] == "wang@example.cn"
    assert county.get("/api/v1/plots/p0").status_code == 404
    assert county.get("/api/v1/plots/p3").status_code == 200
    assert city.patch(address, json={"disabled": True}).json()["state"] == "closed"
    assert county.get("/api/v1/me").status_code == 401
    assert city.patch(address, json={"disabled": False, "email": ""}).json()["email"] is None
    assert world.browser("county").get("/api/v1/me").status_code == 200
    own = city.patch("/api/v1/people/city", json={"disabled": True})
    assert (own.status_code, own.json()["code"]) == (409, "own_account")


def test_a_pause_is_shown_and_lifted(world: World) -> None:
    city, guesser = world.browser("city"), world.browser()
    sent = {"username": "county", "password": "wrong wrong"}
    for _ in range(5):
        guesser.post("/api/v1/session", json=sent)
    shown = city.get("/api/v1/people/county").json()
    assert (shown["state"], shown["paused_until"]) == ("paused", "2023-05-04T09:10:00+08:00")
    assert city.post("/api/v1/people/county/unlock").json()["state"] == "active"
    assert world.browser("county").get("/api/v1/me").status_code == 200


def test_the_log_is_read_part_by_part_by_who_may(world: World) -> None:
    city = world.browser("city")
    city.post("/api/v1/people", json=NEW)
    city.post("/api/v1/people/wang/password")
    first = world.browser("auditor").get("/api/v1/access-log", params={"limit": 1}).json()
    assert [e["action"] for e in first["items"]] == ["give_password"]
    params = {"limit": 1, "before": first["next"]}
    second = city.get("/api/v1/access-log", params=params).json()
    assert (second["items"][0]["says"], second["next"]) == ("添加账号", None)
    assert second["items"][0]["hash"] == first["items"][0]["prev_hash"]
    assert world.browser("county").get("/api/v1/access-log").status_code == 403


def test_a_role_may_be_limited_to_batches_that_are_there(world: World) -> None:
    city = world.browser("city")
    assert city.get("/api/v1/people").json()["batches"] == [BATCH]
    only = {"role": "county", "area": "511902", "batches": [BATCH]}
    made = city.post("/api/v1/people", json={**NEW, "grants": [only]})
    assert made.json()["grants"][0]["batches"] == [BATCH]
    nowhere = city.patch("/api/v1/people/wang", json={"grants": [{**only, "batches": ["x"]}]})
    assert (nowhere.status_code, nowhere.json()["errors"][0]["field"]) == (422, "batches")
