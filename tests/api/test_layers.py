"""Layers over HTTP: which plots rest on a version, and where versions differ."""

import json

import pytest
import shapely

from tests.api.conftest import BATCH
from tests.files import geojson, squares

URL = "/api/v1/layers"


def published(browser, shapes, version: str) -> str:
    document = geojson(shapes, [{"name": f"段{n}"} for n in range(len(shapes))])
    sent = browser.post(
        URL,
        files={"file": ("线.geojson", json.dumps(document).encode())},
        data={"kind": "mgmt_area", "name": "管理范围", "version": version},
    )
    assert sent.status_code == 201, sent.text
    return sent.json()["layer_id"]


def test_what_a_new_version_leaves_behind_is_told_and_found(world) -> None:
    gis, county = world.browser("gis"), world.browser("county")
    first = published(gis, squares(2), "v1")
    told = gis.get(f"{URL}/{first}").json()
    facts = gis.get("/api/v1/plots/p0/facts").json()
    assert (told["plots_behind"], facts["outdated"]) == (0, False)
    assert told["plots_on_it"] == gis.get(f"/api/v1/plots?batch={BATCH}").json()["matched"]
    second = published(gis, squares(3), "v2")
    behind = gis.get(f"{URL}/{second}").json()
    assert (behind["plots_on_it"], behind["plots_behind"]) == (0, told["plots_on_it"])
    own = county.get(f"{URL}/{second}").json()["plots_behind"]
    assert own == county.get("/api/v1/plots?outdated=true").json()["matched"]
    assert 0 < own < behind["plots_behind"]
    assert gis.get("/api/v1/plots/p0/facts").json()["outdated"] is True
    marks = [item["mark"] for item in gis.get("/api/v1/plots").json()["items"]]
    world.services.overlay.run(BATCH)
    assert gis.get(f"{URL}/{second}").json()["plots_behind"] == 0
    assert gis.get("/api/v1/plots?outdated=true").json()["matched"] == 0
    assert [item["mark"] for item in gis.get("/api/v1/plots").json()["items"]] == marks


def test_differences_are_drawn_from_geojson(world) -> None:
    gis = world.browser("gis")
    first = published(gis, squares(2), "v1")
    assert gis.get(f"{URL}/{first}/diff").json()["features"] == []
    second = published(gis, [squares(3)[0], squares(3)[2]], "v2")
    answer = gis.get(f"{URL}/{second}/diff", params={"against": first})
    assert answer.headers["content-type"] == "application/geo+json"
    found = answer.json()
    assert found["against"] == first
    assert [f["properties"]["change"] for f in found["features"]] == ["added", "removed"]
    added, removed = (shapely.from_geojson(json.dumps(f["geometry"])) for f in found["features"])
    assert added.equals(squares(3)[2])
    assert removed.equals(squares(3)[1])
    assert found["features"][0]["properties"]["area_m2"] == pytest.approx(1_680, rel=0.05)
    assert gis.get(f"{URL}/{second}/diff?against=nothing").status_code == 404
