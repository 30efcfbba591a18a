"""Lists and single plots: filters, pages, shapes."""

import pytest

from api.shapes import EventItem, FactSheet, PlotDetail, PlotPage
from tests.api.conftest import BATCH, World


def ids(browser, **query) -> list[str]:
    return [item["plot_id"] for item in browser.get("/api/v1/plots", params=query).json()["items"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"county": "511922"}, ["p3", "p4"]),
        ({"stage": "imported"}, ["p5"]),
        ({"batch": "other"}, []),
        ({"q": "004"}, ["p4"]),
        ({"q": "巴河", "limit": 2}, ["p0", "p1"]),
        ({"bbox": "107.09,31.5,107.115,31.6"}, ["p0", "p1"]),
        ({"sort": "-source_id", "limit": 1}, ["p5"]),
        ({"mark": ["confirmed", "rectified"]}, []),
        ({"overdue": "true"}, []),
        ({"updated_since": "2030-01-01T00:00:00+08:00"}, []),
    ],
)
def test_filters(world: World, query: dict, found: list[str]) -> None:
    assert ids(world.browser("city"), **query) == found


def test_overdue_begins_the_day_after(world: World) -> None:
    browser = world.browser("city")
    world.clock.forward(days=57)
    again = world.browser("city")
    assert ids(again, overdue="true") == []
    world.clock.forward(days=4)
    browser = world.browser("city")
    assert len(ids(browser, overdue="true")) == 6
    assert browser.get("/api/v1/plots/p0").json()["overdue_days"] == 2


@pytest.mark.parametrize("sort", ["source_id", "-area_m2", "updated_at", "-due_on", "risk"])
def test_pages_show_everything_once(world: World, sort: str) -> None:
    browser, seen, cursor = world.browser("city"), [], None
    while True:
        query = {"sort": sort, "limit": 4, **({"cursor": cursor} if cursor else {})}
        page = browser.get("/api/v1/plots", params=query).json()
        seen += [item["plot_id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(seen) == [f"p{n}" for n in range(6)]


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "colour"},
        {"cursor": "!!!"},
        {"cursor": "e30="},
        {"bbox": "1,2,3"},
        {"bbox": "200,0,201,1"},
        {"limit": 0},
        {"limit": "many"},
        {"count": "some"},
        {"updated_since": "yesterday"},
        {"updated_since": "0001-01-01T00:00:00+14:00"},
        {"updated_since": "9999-12-31T23:59:59-12:00"},
        {"mark": "maybe"},
        {"stage": "nowhere"},
        {"determination": "guilty"},
        {"bbox": "nan,1,2,3"},
        {"cursor": "W" * 300},
        {"cursor": "WyJzb3VyY2VfaWQiLCBmYWxzZSwgTmFOLCAiMSJd"},
    ],
)
def test_impossible_queries_are_422(world: World, query: dict) -> None:
    answer = world.browser("city").get("/api/v1/plots", params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_value")
    assert answer.json()["errors"]


def test_a_cursor_belongs_to_its_order(world: World) -> None:
    browser = world.browser("city")
    cursor = browser.get("/api/v1/plots", params={"limit": 2}).json()["next"]
    follow = {"limit": 2, "cursor": cursor}
    assert ids(browser, **follow) == ["p2", "p3"]
    for sort in ("-source_id", "risk"):
        answer = browser.get("/api/v1/plots", params={**follow, "sort": sort})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "cursor")


@pytest.mark.parametrize("sort", ["source_id", "risk", "-area_m2", "due_on"])
def test_marks_between_two_parts_move_nothing_in_a_list(world: World, sort: str) -> None:
    browser, seen, cursor = world.browser("city"), [], None
    for turn in range(6):
        query = {"sort": sort, "limit": 1, **({"cursor": cursor} if cursor else {})}
        page = browser.get("/api/v1/plots", params=query).json()
        seen += [item["plot_id"] for item in page["items"]]
        assert page["matched"] == 6
        url = f"/api/v1/plots/p{turn}/marks"
        version = browser.get(f"/api/v1/plots/p{turn}").json()["version"]
        headers = {"If-Match": f'"{version}"'}
        assert browser.post(url, json={"mark": "confirmed"}, headers=headers).status_code == 201
        cursor = page["next"]
    assert cursor is None
    assert sorted(seen) == [f"p{n}" for n in range(6)]


def test_a_list_may_go_uncounted_and_is_cut_at_the_maximum(world: World) -> None:
    page = world.browser("city").get("/api/v1/plots", params={"count": "none", "limit": 10**9})
    assert page.json()["matched"] is None
    assert len(page.json()["items"]) == 6


def test_a_list_says_the_same_as_the_plot_itself(world: World) -> None:
    browser = world.browser("county")
    sent = {"mark": "confirmed", "violation": "PR32", "severity": "serious"}
    browser.post("/api/v1/plots/p0/marks", json=sent, headers={"If-Match": '"2"'})
    listed = browser.get("/api/v1/plots", params={"reason": "PR32"}).json()["items"][0]
    alone = browser.get("/api/v1/plots/p0").json()
    assert (listed["reason"], listed["violation"]) == (None, "PR32")
    assert {name: alone[name] for name in listed} == listed


def test_facts_have_their_names_before_anything_was_computed(world: World) -> None:
    facts = world.browser("city").get("/api/v1/plots/p0/facts").json()
    FactSheet.model_validate(facts)


def test_times_are_those_of_the_place(world: World) -> None:
    plot = world.browser("city").get("/api/v1/plots/p0").json()
    assert plot["updated_at"] == "2023-05-04T09:00:00+08:00"


def test_answers_have_the_described_shape(world: World) -> None:
    browser = world.browser("city")
    PlotPage.model_validate(browser.get("/api/v1/plots", params={"geometry": "true"}).json())
    plot = browser.get("/api/v1/plots/p0").json()
    PlotDetail.model_validate(plot)
    assert plot["geometry"]["type"] == "Polygon"
    assert plot["extra"] == {"XZ": "<b>镇</b>"}
    for item in browser.get("/api/v1/plots/p0/history").json()["items"]:
        EventItem.model_validate(item)
    facts = browser.get("/api/v1/plots/p0/facts").json()
    assert facts["overlay"]["mgmt_area"]["edge_m"] == 46.0


def test_ids_with_leading_zeros_stay_text(world: World) -> None:
    assert world.browser("city").get("/api/v1/plots/p0").json()["source_id"] == "000"


def test_one_answer_opens_a_plot(world: World) -> None:
    panel = world.browser("city").get("/ui/panel/p0")
    assert set(panel.json()) == {"plot", "facts", "history"}
    assert panel.headers["etag"] == '"2"'


def test_a_batch_names_its_dates_and_counts(world: World) -> None:
    batch = world.browser("city").get(f"/api/v1/batches/{BATCH}").json()
    assert (batch["review_due"], batch["total"]) == ("2023-06-30", 6)
    assert batch["imports"][0]["file"] == "plots.zip"
    assert world.browser("city").get("/api/v1/batches/none").status_code == 404


def test_who_sees_a_part_of_a_batch_sees_no_report_of_the_whole(world: World) -> None:
    batch = world.browser("county").get(f"/api/v1/batches/{BATCH}").json()
    assert (batch["total"], batch["imports"]) == (3, [])
    assert len(world.browser("auditor").get(f"/api/v1/batches/{BATCH}").json()["imports"]) == 1
    assert world.browser("township").get(f"/api/v1/batches/{BATCH}").status_code == 404


def test_a_wrong_method_names_the_right_ones(world: World) -> None:
    answer = world.browser("city").delete("/api/v1/plots")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert answer.json()["code"] == "method_not_allowed"


def test_the_openapi_document_shows_bodies_with_examples(world: World) -> None:
    document = world.browser().get("/openapi.json").json()
    body = document["paths"]["/api/v1/plots/{plot_id}/marks"]["post"]["requestBody"]
    content = body["content"]["application/json"]
    assert content["example"]["reason"] == "FP31"
    assert "permit_valid_to" in content["schema"]["properties"]
    page = world.browser().get("/docs")
    assert page.status_code == 200
    assert "/api/v1/plots/{plot_id}/marks" in page.text
