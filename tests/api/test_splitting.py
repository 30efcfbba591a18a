"""Cutting a plot over HTTP: looking at the parts, the step, and undoing it."""

from typing import Any

import pytest
import shapely

from georeview.storage.ports.layers import LayerFeature, LayerVersion
from tests.api.conftest import BATCH, World

MIDDLE = 107.1002


@pytest.fixture
def line(world: World) -> World:
    """p0 lies across the line between 平昌 and 南江."""
    halves = [(107.0, MIDDLE, "511922", "南江县"), (MIDDLE, 107.2, "511923", "平昌县")]
    layer = LayerVersion(
        "county-1", "county", "county", "v1", None, "c.gpkg", "0" * 64, "EPSG:4490", 50.0, 2,
        (106.0, 31.0, 108.5, 33.0), world.clock().isoformat(), "gis",
    )  # fmt: skip
    world.services.store.layers.add(
        layer,
        [
            LayerFeature(shapely.box(a, 31.55, b, 31.57).wkb, code, name, {})
            for a, b, code, name in halves
        ],
    )
    return world


def cut(browser: Any, **body: object) -> Any:
    return browser.post("/ui/plots/p0/cut", json=body)


def act(browser: Any, action: str, version: int, **body: object) -> Any:
    address = f"/api/v1/plots/p0/actions/{action}"
    return browser.post(address, json=body, headers={"If-Match": f'"{version}"'})


def test_a_plot_is_cut_looked_at_split_and_made_whole(line: World) -> None:
    gis, city = line.browser("gis"), line.browser("city")
    across = [[MIDDLE, 31.55], [MIDDLE, 31.57]]
    seen = cut(gis, line=across).json()["parts"]
    assert {part["county_name"] for part in seen} == {"南江县", "平昌县"}
    assert all(600 < part["area_m2"] < 1100 for part in seen)
    assert len(cut(gis).json()["parts"]) == 2
    assert "split" in gis.get("/api/v1/plots/p0").json()["may"]
    done = act(gis, "split", 2, parts=[part["geometry"] for part in seen], text="跨县")
    assert (done.status_code, done.json()["plot"]["stage"]) == (201, "merged"), done.text
    children = done.json()["plot"]["course"]["children"]
    parts = [city.get(f"/api/v1/plots/{plot_id}").json() for plot_id in children]
    assert [part["source_id"] for part in parts] == ["000~1", "000~2"]
    assert {(part["stage"], part["course"]["parent"]) for part in parts} == {("imported", "p0")}
    rows = city.get("/ui/rows", params={"batch": parts[0]["batch"]}).json()
    assert {"000~1", "000~2"} <= set(rows["source_id"])
    assert "000" not in rows["source_id"]
    batch = city.get(f"/api/v1/batches/{BATCH}").json()
    assert (batch["issued"], batch["current"]) == (6, 7)
    back = act(city, "unmerge", 3, text="仍作一处")
    assert (back.status_code, back.json()["plot"]["stage"]) == (201, "at_county")
    batch = city.get(f"/api/v1/batches/{BATCH}").json()
    assert (batch["issued"], batch["current"]) == (6, 6)


def test_what_cannot_be_cut_says_why(line: World) -> None:
    gis = line.browser("gis")
    corner = [[107.1, 31.56015], [107.10015, 31.56]]
    lower = cut(gis, line=corner).json()["parts"]
    missed = cut(gis, line=[[107.0, 31.0], [107.0, 31.1]])
    assert (missed.status_code, missed.json()["code"]) == (422, "line_misses")
    assert cut(gis, line=[[107.0, 31.0]]).status_code == 422
    assert cut(gis, line=[[700, 31.0], [107.0, 31.1]]).status_code == 422
    assert cut(line.browser("county")).status_code == 403
    nothing = act(gis, "split", 2)
    assert (nothing.status_code, nothing.json()["code"]) == (422, "field_missing")
    half = act(gis, "split", 2, parts=[lower[0]["geometry"], lower[0]["geometry"]])
    assert (half.status_code, half.json()["code"]) == (422, "parts_unfit")
    assert "平方米" in half.json()["title"]
