"""Figures over HTTP: who sees whose, what was published, the plots behind a figure."""

import hashlib
from datetime import timedelta

import orjson
import pytest

from tests.api.conftest import BATCH, World


def test_the_live_table_is_for_who_compares_and_the_published_one_for_all(world: World) -> None:
    city, county, auditor = (world.browser(user) for user in ("city", "county", "auditor"))
    before = county.get("/api/v1/league")
    assert (before.status_code, before.json()["code"]) == (404, "nothing_published")
    live = city.get("/api/v1/league").json()
    assert [row["unit"] for row in live["rows"]] == ["511922", "511923"]
    assert live["published"] is None
    assert auditor.get("/api/v1/league").json() == live
    published = city.post("/api/v1/league/published", json={"batch": BATCH})
    assert published.status_code == 201
    marked = county.post(
        "/api/v1/plots/p0/marks", json={"mark": "confirmed"}, headers={"If-Match": '"2"'}
    )
    assert marked.status_code == 201
    shown = county.get("/api/v1/league").json()
    assert shown == published.json()
    assert (shown["rows"], shown["seq"]) == (live["rows"], live["seq"])
    assert county.get("/api/v1/league/published").json()["items"] == [shown["published"]]


def test_a_published_table_is_sworn_to(world: World) -> None:
    shown = world.browser("city").post("/api/v1/league/published", json={}).json()
    own = shown.pop("published")
    content = orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)
    assert own["sha256"] == hashlib.sha256(content).hexdigest() == own["head"]["covers"]
    assert (own["head"]["why"], own["head"]["seq"] >= own["seq"]) == ("published", True)


def test_a_county_counts_its_own_plots_only(world: World) -> None:
    county, other, city = (world.browser(user) for user in ("county", "other", "city"))
    for browser, n in ((county, 3), (other, 2), (city, 5)):
        assert browser.get("/api/v1/stats").json()["review_rate"] == {
            "num": 0, "den": n, "pct": 0.0,
        }  # fmt: skip
        behind = browser.get("/api/v1/league/plots", params={"set": "dispatched"}).json()
        assert behind["matched"] == n == len(behind["items"])
    foreign = other.get("/api/v1/league/plots", params={"set": "dispatched", "unit": "511923"})
    assert (foreign.json()["items"], foreign.json()["matched"]) == ([], 0)


def test_parts_of_a_breakdown_add_up_and_open_their_plots(world: World) -> None:
    city, county = world.browser("city"), world.browser("county")
    for who, n in ((city, 5), (county, 3)):
        table = who.get("/api/v1/stats", params={"by": "river"}).json()
        counted = {row["unit"]: row["figures"]["review_rate"]["den"] for row in table["rows"]}
        assert sum(counted.values()) == table["total"]["figures"]["review_rate"]["den"] == n
        for river, plots in counted.items():
            asked = {"set": "dispatched", "by": "river", "unit": river or "-"}
            behind = who.get("/api/v1/league/plots", params=asked).json()
            assert len(behind["items"]) == behind["matched"] == plots
    assert city.get("/api/v1/stats", params={"by": "weather"}).status_code == 422
    meant = city.get("/api/v1/figures").json()["by"]
    assert all(city.get("/api/v1/stats", params={"by": d["id"]}).status_code == 200 for d in meant)


def test_plots_behind_a_figure_come_in_parts(world: World) -> None:
    city = world.browser("city")
    asked = {"set": "dispatched", "limit": 2}
    seen, cursor = [], None
    while True:
        part = city.get(
            "/api/v1/league/plots", params=asked | ({"cursor": cursor} if cursor else {})
        )
        seen += [item["plot_id"] for item in part.json()["items"]]
        cursor = part.json()["next"]
        if cursor is None:
            break
    assert seen == ["p0", "p1", "p2", "p3", "p4"]


def test_figures_of_a_past_day_are_as_they_were(world: World) -> None:
    city = world.browser("city")
    day = world.clock.now.date()
    past = city.get("/api/v1/league", params={"as_of": (day - timedelta(days=9)).isoformat()})
    assert (past.json()["rows"], past.json()["seq"]) == ([], 0)
    assert past.json()["total"]["figures"]["review_rate"]["pct"] is None


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"as_of": "2999-01-01"}, 422, "as_of_in_future"),
        ({"as_of": "gestern"}, 422, "bad_value"),
        ({"batch": "nirgends"}, 404, "not_found"),
        ({"month": "5"}, 400, "unknown_parameter"),
    ],
)
def test_what_cannot_be_asked_is_said(
    world: World, query: dict[str, str], status: int, code: str
) -> None:
    for address in ("stats", "league", "league/published", "league/plots?set=closed"):
        path, _, own = address.partition("?")
        params = query | dict(pair.split("=") for pair in own.split("&") if pair)
        answer = world.browser("city").get(f"/api/v1/{path}", params=params)
        if (path, code) != ("league/published", "as_of_in_future"):
            assert (answer.status_code, answer.json()["code"]) == (status, code), address
    for params in ({"set": "x"}, {"set": "closed", "cursor": "x"}, {}):
        answer = world.browser("city").get("/api/v1/league/plots", params=params)
        assert answer.status_code == 422


def test_samples_are_drawn_by_who_checks_from_what_is_closed(world: World) -> None:
    city, county = world.browser("city"), world.browser("county")
    refused = city.post("/api/v1/samples", json={"batch": BATCH})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_negatives")
    assert county.post("/api/v1/samples", json={"batch": BATCH}).status_code == 403
    assert city.get("/api/v1/samples", params={"batch": BATCH}).json() == {"items": []}
