"""The inbox: who is told of a step, how often, and what has been read."""

from typing import Any

from georeview.jobs.tasks import ask_what_is_due
from tests.api.conftest import BATCH, World, work_off
from tests.api.test_evidence import attach, photo


def inbox(world: World, user: str) -> dict[str, Any]:
    ask_what_is_due(world.services)
    work_off(world.browser())
    found: dict[str, Any] = world.browser(user).get("/api/v1/notices").json()
    return found


def kinds(found: dict[str, Any]) -> dict[str, int]:
    return {item["kind"]: item["plots"] for item in found["items"]}


def test_a_unit_is_told_once_of_what_it_was_sent(world: World) -> None:
    found = inbox(world, "county")
    assert kinds(found)["dispatched"] == 3
    (item,) = [item for item in found["items"] if item["kind"] == "dispatched"]
    assert (item["batch"], item["plot_id"], item["read"]) == (BATCH, None, False)
    assert kinds(inbox(world, "other"))["dispatched"] == 2
    assert "dispatched" not in kinds(inbox(world, "city"))
    assert kinds(inbox(world, "county"))["dispatched"] == 3


def test_what_was_read_stays_read_for_oneself_until_it_grows(world: World) -> None:
    found = inbox(world, "county")
    county = world.browser("county")
    ids = [item["id"] for item in found["items"]]
    assert county.post("/api/v1/notices/read", json={"ids": [*ids, "999"]}).status_code == 204
    assert county.get("/api/v1/notices").json()["unread"] == 0
    assert inbox(world, "other")["unread"] > 0
    again = [item["id"] for item in inbox(world, "county")["items"]]
    assert again == ids


def test_the_next_one_in_the_procedure_is_told(world: World) -> None:
    county = world.browser("county")
    attach(county, photo())
    mark = {"mark": "false_positive", "reason": "FP31"}
    path = "/api/v1/plots/p0"
    answer = county.post(f"{path}/marks", json=mark, headers={"If-Match": '"2"'})
    etag = answer.headers["etag"]
    sent = county.post(f"{path}/actions/submit", headers={"If-Match": etag})
    assert sent.status_code == 201, sent.text
    stage = sent.json()["plot"]["stage"]
    holder = {"county_check": "county", "city_check": "city"}[stage]
    told = kinds(inbox(world, holder))
    assert ("to_check" in told) == (holder != "county")
    assert list(world.services.upkeep.verify()) == []


def test_what_is_due_and_late_comes_first(world: World) -> None:
    assert "overdue" not in kinds(inbox(world, "county"))
    world.clock.now = world.clock.now.replace(month=6, day=26)
    assert kinds(inbox(world, "county"))["due_soon"] == 3
    world.clock.now = world.clock.now.replace(month=7, day=10)
    found = inbox(world, "county")
    assert (found["items"][0]["kind"], found["items"][0]["plots"]) == ("overdue", 3)
    assert "overdue" not in kinds(world.browser("auditor").get("/api/v1/notices").json())


def test_telling_twice_tells_once(world: World) -> None:
    first = kinds(inbox(world, "county"))
    world.services.notices.tell()
    world.services.notices.tell()
    assert kinds(inbox(world, "county")) == first
