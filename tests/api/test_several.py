"""Several processes on one store: what one has changed, the other says, in the next answer."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from georeview.ingest import ReadOptions
from georeview.services.layers import LayerAbout
from georeview.services.people import KEEPER, owner
from tests.api.conftest import BATCH, PASSWORD, World, finished
from tests.api.test_evidence import attach, photo
from tests.api.test_time import mark
from tests.tiles.decoder import decode


@pytest.fixture
def other(world: World) -> Iterator[World]:
    """A second server on the same home and store, with nothing in its memory of the first's."""
    second = world.again(world.services.settings)
    yield second
    second.services.close()


def carried(browser: TestClient, other: World) -> TestClient:
    """The same browser, sent to the other server by whatever spreads requests."""
    moved = other.browser()
    moved.cookies = browser.cookies
    return moved


def test_a_session_holds_on_both_and_ends_on_both(world: World, other: World) -> None:
    here = world.browser("county")
    there = carried(here, other)
    assert there.get("/api/v1/me").json()["user"] == "county"
    there.delete("/api/v1/session")
    assert here.get("/api/v1/me").status_code == 401


def test_who_is_shut_out_on_one_is_shut_out_on_the_other(world: World, other: World) -> None:
    there = carried(world.browser("county"), other)
    assert there.get("/api/v1/me").status_code == 200
    world.services.people.set_disabled(KEEPER, "county", disabled=True)
    assert there.get("/api/v1/me").status_code == 401


def test_sign_ins_slow_down_by_what_both_have_seen(world: World, other: World) -> None:
    wrong = {"username": "county", "password": "wrong"}
    for server in (world, other, world, other, world):
        assert server.browser().post("/api/v1/session", json=wrong).status_code == 401
    right = {"username": "county", "password": PASSWORD}
    assert other.browser().post("/api/v1/session", json=right).status_code == 429


def test_nobody_overwrites_what_came_by_the_other(world: World, other: World) -> None:
    here = world.browser("county")
    there = carried(here, other)
    assert mark(here, "p0", 2)["plot"]["version"] == 3
    stale = there.post(
        "/api/v1/plots/p0/marks",
        json={"mark": "confirmed"},
        headers={"If-Match": '"2"'},
    )
    assert (stale.status_code, stale.json()["plot"]["version"]) == (412, 3)
    assert mark(there, "p0", 3, note="x")["plot"]["version"] == 4
    assert here.get("/api/v1/plots/p0").headers["etag"] == '"4"'
    assert list(world.services.upkeep.verify()) == []


def test_a_repeat_that_reaches_the_other_gets_the_first_answer(world: World, other: World) -> None:
    here = world.browser("county")
    sent = {
        "json": {"mark": "false_positive", "reason": "FP31"},
        "headers": {"If-Match": '"2"', "Idempotency-Key": "k1"},
    }
    first = here.post("/api/v1/plots/p0/marks", **sent).json()
    again = carried(here, other).post("/api/v1/plots/p0/marks", **sent).json()
    assert again["event"] == first["event"]


def test_tiles_and_lists_follow_a_plot_that_moved(world: World, other: World) -> None:
    city, there = world.browser("city"), other.browser("other")

    def seen() -> tuple[int, int]:
        tile = there.get("/tiles/plots/8/204/104.mvt", params={"batch": BATCH})
        features = decode(tile.content).get("plots", [])
        listed = there.get("/ui/rows", params={"batch": BATCH}).json()["plot_id"]
        return sum(feature.properties.get("n", 1) for feature in features), len(listed)

    assert seen() == (2, 2)
    moved = city.post(
        "/api/v1/plots/p5/actions/dispatch",
        json={"county": "511922"},
        headers={"If-Match": f'"{city.get("/api/v1/plots/p5").json()["version"]}"'},
    )
    assert moved.status_code == 201, moved.text
    assert seen() == (3, 3)


def test_evidence_and_exports_of_one_are_handed_out_by_the_other(
    world: World, other: World
) -> None:
    here = world.browser("county")
    there = carried(here, other)
    kept = attach(here, photo()).json()
    assert there.get(f"/api/v1/evidence/{kept['id']}").status_code == 200
    asked = here.post("/api/v1/exports", json={"batch": BATCH, "format": "csv"}).json()
    assert finished(there, asked["id"])["state"] == "done"
    assert here.get(f"/api/v1/exports/{asked['id']}/file").status_code == 200


COUNTIES = """{{"type": "FeatureCollection", "features": [{{"type": "Feature",
"properties": {{"adcode": "511923", "name": "{name}"}}, "geometry": {{"type": "Polygon",
"coordinates": [[[107, 31.5], [107.2, 31.5], [107.2, 31.6], [107, 31.6], [107, 31.5]]]}}}}]}}"""


def test_names_of_places_follow_a_new_version_of_their_layer(
    world: World, other: World, tmp_path: Path
) -> None:
    there = other.browser("county")

    def load(version: str, name: str) -> None:
        file = tmp_path / f"{version}.geojson"
        file.write_text(COUNTIES.format(name=name), encoding="utf-8")
        world.services.layers.load(
            owner("5119"),
            file,
            LayerAbout("county", "县界", version, date(2023, 1, 1)),
            ReadOptions(),
        )

    for version, name in (("v1", "平昌县"), ("v2", "平昌新县")):
        load(version, name)
        assert there.get("/api/v1/plots/p0").json()["county_name"] == name
        told = mark(there, "p0", 2 if version == "v1" else 3, note=version)
        assert told["plot"]["county_name"] == name
