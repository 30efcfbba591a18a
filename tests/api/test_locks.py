"""Locks over HTTP: told on the plot, named in the refusal, taken and let go of by their address."""

from tests.api.conftest import World
from tests.api.test_marks import mark

LOCK = "/api/v1/plots/p0/lock"
UNTIL = "2023-05-04T09:20:00+08:00"


def hand_on(world: World) -> None:
    """p0 goes to the township."""
    sent = {"township": "511923001"}
    url = "/api/v1/plots/p0/actions/dispatch_town"
    answer = world.browser("county").post(url, json=sent, headers={"If-Match": '"2"'})
    assert answer.status_code == 201, answer.text


def test_a_mark_locks_and_who_comes_second_is_told_by_whom(world: World) -> None:
    hand_on(world)
    marked = mark(world.browser("township"), base='"3"').json()["plot"]
    lock = {"user": "township", "name": "township 某", "unit": "同州街道", "until": UNTIL}
    assert marked["lock"] == lock
    county = world.browser("county")
    shown = county.get("/api/v1/plots/p0").json()
    assert shown["lock"] == lock
    assert "mark" not in shown["may"]
    refused = mark(county, base='"4"')
    assert (refused.status_code, refused.json()["code"]) == (409, "plot_locked")
    assert refused.json()["title"] == "township 某(同州街道)正在复核该图斑,至 2023-05-04 09:20 止。"
    english = mark(county, base='"4"', **{"Accept-Language": "en"}).json()
    assert english["title"].startswith("township 某 (同州街道) is reviewing this plot")
    world.clock.forward(minutes=20)
    assert county.get("/api/v1/plots/p0").json()["lock"] is None
    assert mark(county, base='"4"').status_code == 201


def test_a_lock_is_taken_kept_longer_taken_over_and_let_go_of(world: World) -> None:
    hand_on(world)
    town, county, city = (world.browser(user) for user in ("township", "county", "city"))
    etag = city.get("/api/v1/plots/p0").headers["etag"]
    assert town.put(LOCK).json()["until"] == UNTIL
    world.clock.forward(minutes=5)
    assert town.put(LOCK).json()["until"] == "2023-05-04T09:25:00+08:00"
    assert county.put(LOCK).json()["code"] == "plot_locked"
    assert county.put(LOCK, params={"over": "true"}).json()["user"] == "county"
    assert town.put(LOCK, params={"over": "true"}).status_code == 403
    assert town.delete(LOCK).status_code == 403
    assert city.delete(LOCK).status_code == 204
    assert city.delete(LOCK).status_code == 204
    after = city.get("/api/v1/plots/p0")
    assert (after.json()["lock"], after.headers["etag"]) == (None, etag)


def test_signing_out_lets_go(world: World) -> None:
    county = world.browser("county")
    county.put(LOCK)
    county.delete("/api/v1/session")
    assert world.browser("city").get("/api/v1/plots/p0").json()["lock"] is None


def test_a_lock_says_nothing_of_what_is_not_seen_and_gives_no_right(world: World) -> None:
    for method in ("PUT", "DELETE"):
        assert world.browser("other").request(method, LOCK).status_code == 404
        assert world.browser("auditor").request(method, LOCK).status_code == 403
    assert world.browser("county").put(LOCK, params={"over": "perhaps"}).status_code == 422


def test_many_at_once_are_refused_where_somebody_is_at_work(world: World) -> None:
    hand_on(world)
    world.browser("township").put(LOCK)
    plots = [{"plot_id": "p0", "version": 3}, {"plot_id": "p1", "version": 2}]
    sent = {"action": "mark", "plots": plots, "body": {"mark": "false_positive", "reason": "FP31"}}
    told = world.browser("county").post("/api/v1/plots/bulk", json=sent).json()["items"]
    assert [(item["status"], item["code"]) for item in told] == [(409, "plot_locked"), (201, None)]
