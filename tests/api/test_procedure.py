"""The whole procedure through HTTP: from the first mark to the close-out, and many plots at once."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from georeview.core.access import Grant
from georeview.storage.ports.people import Person
from tests.api.conftest import HASH, PEOPLE, World
from tests.api.test_evidence import attach, photo


@pytest.fixture
def office(world: World) -> World:
    """A second person at each office, for four eyes."""
    for user in ("county", "city"):
        role, area, unit = PEOPLE[user]
        name = f"{user}2"
        person = Person(name, name, unit, HASH, False, (Grant(role, area),))
        world.services.store.people.put(person)
    return world


def act(
    browser: TestClient, plot_id: str, action: str, *, offered: bool = True, **body: object
) -> Any:
    seen = browser.get(f"/api/v1/plots/{plot_id}")
    assert seen.status_code == 200, (action, seen.text)
    assert (action in seen.json()["may"]) == offered, (action, seen.json()["may"])
    return browser.post(
        f"/api/v1/plots/{plot_id}/actions/{action}",
        json=body,
        headers={"If-Match": seen.headers["etag"]},
    )


def good(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    plot: dict[str, Any] = answer.json()["plot"]
    return plot


def test_a_problem_goes_all_the_way_and_every_projection_holds(office: World) -> None:
    county, county2, city = (office.browser(name) for name in ("county", "county2", "city"))
    for n in range(2):
        attach(county, photo((800 + n, 600)))
    said = {"violation": "PR32", "area_m2": "120", "note": "弃渣"}
    good(act(county, "p0", "mark", mark="confirmed", **said))
    good(act(county, "p0", "submit"))
    own = act(county, "p0", "approve", offered=False)
    assert (own.status_code, own.json()["code"]) == (409, "four_eyes")
    assert good(act(county2, "p0", "approve"))["stage"] == "city_check"
    lacking = act(city, "p0", "return")
    assert (lacking.status_code, lacking.json()["code"]) == (422, "field_missing")
    plot = good(act(city, "p0", "accept_problem"))
    assert (plot["stage"], plot["severity"], plot["due_on"]) == (
        "rectify_plan", "general", "2023-11-30",
    )  # fmt: skip
    plan = {"measure": "M2", "unit": "同州街道办", "person": "周某", "finish": "2023-08-31"}
    plot = good(act(county, "p0", "plan", **plan))
    assert plot["course"]["finish_on"] == "2023-08-31"
    early = act(county, "p0", "claim_rectified", date="2023-05-03")
    assert early.json()["code"] == "date_impossible"
    good(act(county, "p0", "claim_rectified", date="2023-05-04"))
    good(act(county2, "p0", "accept_rectified", method="site"))
    plot = good(act(city, "p0", "close", method="site"))
    assert (plot["stage"], plot["outcome"], plot["mark_state"]) == (
        "closed", "rectified", "verified",
    )  # fmt: skip
    assert list(office.services.store.ledger.verify()) == []


def test_above_the_city_a_plot_appears_when_it_is_submitted(office: World) -> None:
    county, province = office.browser("county"), office.browser("province")
    issuer = office.browser("issuer")
    ids = lambda who: {p["plot_id"] for p in who.get("/api/v1/plots").json()["items"]}  # noqa: E731
    good(act(county, "p0", "mark", mark="false_positive", reason="FP31"))
    assert (ids(province), "p0" in ids(issuer)) == (set(), False)
    good(act(county, "p0", "submit"))
    assert (ids(province), "p0" in ids(issuer)) == ({"p0"}, True)
    assert good(act(office.browser("county2"), "p0", "return", code="RT1"))["stage"] == "in_review"
    assert ids(province) == {"p0"}
    kinds = [c["kind"] for c in province.get("/api/v1/changes").json()["items"]]
    assert kinds == ["entered_scope", "event"]


def test_many_are_taken_at_once_and_each_stands_alone(office: World) -> None:
    county, county2 = office.browser("county"), office.browser("county2")
    for plot_id in ("p0", "p1"):
        good(act(county, plot_id, "mark", mark="false_positive", reason="FP31"))
        good(act(county, plot_id, "submit"))
    versions = {p["plot_id"]: p["version"] for p in county.get("/api/v1/plots").json()["items"]}
    named = [
        {"plot_id": "p0", "version": versions["p0"]},
        {"plot_id": "p1", "version": versions["p1"] - 1},
        {"plot_id": "p2", "version": versions["p2"]},
        {"plot_id": "p3", "version": 2},
    ]
    asked = {"action": "approve", "plots": named, "body": {"reason": "FP31"}}
    done = county2.post("/api/v1/plots/bulk", json=asked).json()
    assert [item["status"] for item in done["items"]] == [201, 412, 409, 404]
    assert (done["done"], done["refused"]) == (1, 3)
    seq = county.get("/api/v1/changes").json()["next"]
    asked = {
        "action": "approve", "filter": "stage = 'county_check'", "as_of_seq": int(seq),
        "body": {"reason": "FP31"},
    }  # fmt: skip
    again = county2.post("/api/v1/plots/bulk", json=asked).json()
    assert [(i["plot_id"], i["stage"]) for i in again["items"]] == [("p1", "city_check")]
    strange = county2.post("/api/v1/plots/bulk", json={"action": "refuse", "plots": []})
    assert strange.status_code == 422
    neither = county2.post("/api/v1/plots/bulk", json={"action": "approve"})
    assert neither.status_code == 422


def test_a_plot_is_merged_into_one_that_is_seen_and_alive(office: World) -> None:
    city = office.browser("city")
    for target in ("p0", "nothing"):
        assert act(city, "p0", "merge", target=target).json()["code"] == "target_unfit"
    assert good(act(city, "p0", "merge", target="p1"))["course"]["target"] == "p1"
    assert "p0" not in {p["plot_id"] for p in city.get("/api/v1/plots").json()["items"]}
    assert act(city, "p1", "merge", target="p0").json()["code"] == "target_unfit"
    good(act(city, "p0", "unmerge", text="并非同一处"))


def test_work_is_handed_to_somebody_who_may_mark(office: World) -> None:
    county = office.browser("county")
    assert act(county, "p0", "reassign", to="other").json()["code"] == "person_unfit"
    assert good(act(county, "p0", "reassign", to="county2"))["assignee"] == "county2"


def test_late_is_who_has_not_approved(office: World) -> None:
    county = office.browser("county")
    good(act(county, "p0", "mark", mark="false_positive", reason="FP31"))
    good(act(county, "p0", "submit"))
    office.clock.forward(days=60)
    late = office.browser("county")
    ids = {p["plot_id"] for p in late.get("/api/v1/plots?overdue=true").json()["items"]}
    assert "p0" in ids
    good(act(office.browser("county2"), "p0", "approve"))
    found = late.get("/api/v1/plots?overdue=true").json()["items"]
    assert "p0" not in {p["plot_id"] for p in found}
    clock = late.get("/api/v1/plots/p0").json()["clock"]
    assert (clock["state"], clock["overdue_days"]) == ("done_late", 1)
