"""Scenes over HTTP: taking one in, its tiles and chips, and what it says about plots."""

from pathlib import Path

import pytest
from rasterio.transform import Affine

from tests.api.conftest import work_off
from tests.imagery.rasters import ground, matrix, write

ROLES = ("blue", "green", "red", "nir")
TIFF = "image/tiff"


@pytest.fixture
def image(tmp_path: Path) -> bytes:
    """A scene that shows the first plot and not the second."""
    values = ground((150, 200)).astype("uint16")
    place = matrix(4545) @ Affine.translation(-50, -100)
    return write(tmp_path / "a.tif", values, roles=ROLES, transform=place).read_bytes()


def post(browser, content, **fields):
    return browser.post("/api/v1/imagery", files={"file": ("a.tif", content, TIFF)}, data=fields)


def brought(browser, content, **fields):
    """The job that took a scene in, after a worker has had it."""
    answer = post(browser, content, **fields)
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    work_off(browser)
    return browser.get(answer.headers["location"]).json()


@pytest.fixture
def scenes(world, image):
    """Before and after; gives the later one."""
    gis = world.browser("gis")
    jobs = [
        brought(gis, image, role=role, date=day, sensor="GF-1")
        for role, day in (("before", "2022-03-05"), ("after", "2023-02-11"))
    ]
    assert [job["state"] for job in jobs] == ["done", "done"]
    scenes = {scene["id"]: scene for scene in gis.get("/api/v1/imagery").json()["items"]}
    return scenes[jobs[1]["result"]["scene_id"]]


def test_a_scene_says_where_when_and_with_what(world, scenes):
    listed = world.browser("county").get("/api/v1/imagery").json()["items"]
    assert [(s["role"], s["date"], s["sensor"]) for s in listed] == [
        ("before", "2022-03-05", "GF-1"),
        ("after", "2023-02-11", "GF-1"),
    ]
    after = listed[1]
    assert after == scenes
    assert after["footprint"]["type"] == "Polygon"
    assert [band["role"] for band in after["bands"]] == list(ROLES)


def test_the_same_image_again_is_the_same_scene(world, scenes, image):
    again = brought(world.browser("gis"), image, role="after", date="2023-02-11")
    assert again["result"]["scene_id"] == scenes["scene_id"]
    assert len(world.browser("gis").get("/api/v1/imagery").json()["items"]) == 2


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"role": "later", "date": "2023-02-11"}, "bad_value"),
        ({"role": "after", "date": "yesterday"}, "bad_value"),
        ({"role": "after"}, "bad_value"),
        ({"date": "2023-02-11"}, "bad_value"),
    ],
)
def test_a_form_without_role_or_date_is_refused(world, image, fields, code):
    answer = post(world.browser("gis"), image, **fields)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"not an image", "not_a_geotiff"),
        (b"", "file_empty"),
        (b"II*\0" + bytes(40), "file_broken"),
    ],
)
def test_what_is_no_image_fails_with_a_sentence_and_makes_no_scene(world, content, code):
    job = brought(world.browser("gis"), content, role="after", date="2023-02-11")
    assert (job["state"], job["error"]["code"], job["attempts"]) == ("failed", code, 1)
    assert "a.tif" in job["error"]["title"]
    assert "/" not in job["error"]["title"]
    assert job["error"]["hint"]
    assert world.browser("gis").get("/api/v1/imagery").json()["items"] == []
    assert not list((world.services.settings.home / "imagery").iterdir())


def test_only_who_may_adds_a_scene(world, image):
    answer = post(world.browser("township"), image, role="after", date="2023-02-11")
    assert answer.status_code == 403
    assert post(world.browser(), image, role="after", date="2023-02-11").status_code == 401


def test_tiles_have_their_zooms_and_bounds(world, scenes):
    county = world.browser("county")
    known = county.get("/tiles/imagery/after/tilejson.json").json()
    assert known["maxzoom"] == scenes["info"]["zoom"]
    assert known["bounds"] == scenes["info"]["bbox"]
    first = county.get("/tiles/imagery/after/0/0/0.webp")
    assert (first.status_code, first.headers["content-type"]) == (200, "image/webp")
    etag = {"If-None-Match": first.headers["etag"]}
    assert county.get("/tiles/imagery/after/0/0/0.webp", headers=etag).status_code == 304
    assert county.get("/tiles/imagery/after/5/0/0.png").status_code == 204
    assert county.get("/tiles/imagery/after/5/0/0.gif").status_code in (404, 422)
    assert world.browser().get("/tiles/imagery/after/0/0/0.webp").status_code == 401


def test_the_facts_name_the_scenes_that_show_the_plot(world, scenes):
    county = world.browser("county")
    found = county.get(f"/api/v1/plots/{world.plot(0)}/facts").json()["imagery"]
    assert [(s["role"], s["date"], s["coverage"]) for s in found] == [
        ("before", "2022-03-05", 1.0),
        ("after", "2023-02-11", 1.0),
    ]
    assert found[1]["scene_id"] == scenes["scene_id"]
    assert county.get(f"/api/v1/plots/{world.plot(1)}/facts").json()["imagery"] == []


def test_chips_show_the_plot_where_the_scene_reaches(world, scenes):
    county = world.browser("county")
    shown = county.get(f"/ui/chips/{world.plot(0)}/after.webp")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert county.get(f"/ui/chips/{world.plot(1)}/after.webp").status_code == 204
