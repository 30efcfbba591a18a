"""Lists and single plots: filters, pages, shapes."""

import pytest

from api.shapes import EventItem, PlotDetail, PlotPage
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
    ],
)
def test_impossible_queries_are_422(world: World, query: dict) -> None:
    answer = world.browser("city").get("/api/v1/plots", params=query)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_value")
    assert answer.json()["errors"]


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


def test_a_wrong_method_names_the_right_ones(world: World) -> None:
    answer = world.browser("city").delete("/api/v1/plots")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
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
