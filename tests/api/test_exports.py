"""Exports over HTTP: asked for, looked after, fetched; only one's own, only what one sees."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from PIL import Image
from rasterio.transform import Affine

from georeview import exports
from georeview.services.people import KEEPER
from tests.api.conftest import BATCH, work_off
from tests.api.test_evidence import attach, photo
from tests.builders import an_actor
from tests.imagery.rasters import write

URL = "/api/v1/exports"


def ask(client, **body):
    return client.post(URL, json={"batch": BATCH, "format": "csv", **body})


def finished(client, answer):
    """The export once a worker has had it."""
    work_off(client)
    return client.get(answer.headers["location"]).json()


def test_an_export_is_made_and_fetched(world) -> None:
    client = world.browser("city")
    answer = ask(client, format="shp", crs="EPSG:4524", encoding="gb18030")
    assert answer.status_code == 202
    assert answer.json()["state"] == "queued"
    state = finished(client, answer)
    assert (state["state"], state["error"]) == ("done", None)
    assert (state["losses"]["rows"], state["losses"]["losses"]) == (6, [])
    file = client.get(state["url"])
    assert file.status_code == 200
    assert "georeview-2023-05-04.zip" in file.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(file.content)) as packed:
        assert packed.read("georeview-2023-05-04.cpg") == b"GB18030"
        assert b"Gauss_Kruger" in packed.read("georeview-2023-05-04.prj")
        told = json.loads(packed.read("georeview-2023-05-04_report.json"))
    assert told["options"]["head"].split(":")[1]


@pytest.mark.parametrize(
    ("user", "rows"), [("city", 6), ("county", 3), ("other", 2), ("gis", 6), ("auditor", 6)]
)
def test_everybody_gets_what_they_see(world, user, rows) -> None:
    client = world.browser(user)
    state = finished(client, ask(client))
    assert state["losses"]["rows"] == rows
    lines = client.get(state["url"]).content.decode("utf-8-sig").strip().splitlines()
    assert len(lines) == rows + 1


@pytest.mark.parametrize("user", ["township", "admin"])
def test_who_may_not_export(world, user) -> None:
    assert ask(world.browser(user)).status_code == 403


def test_nobody_sees_anothers_export(world) -> None:
    state = finished(world.browser("city"), ask(world.browser("city")))
    other = world.browser("gis")
    for url in (f"{URL}/{state['id']}", state["url"]):
        assert other.get(url).status_code == 404
    assert world.browser().get(state["url"]).status_code == 401


@pytest.mark.parametrize(
    ("body", "possible"),
    [
        ({"format": "dwg"}, "shp"),
        ({"encoding": "gbk"}, "gb18030"),
        ({"format": "geojson", "encoding": "gb18030"}, "utf-8"),
        ({"crs": "EPSG:2381"}, "EPSG:4524"),
        ({"crs": "http://10.0.0.1/x"}, "EPSG:4524"),
        ({"format": "geojson", "crs": "EPSG:4524"}, "EPSG:4490"),
        ({"mark": ["maybe"]}, "confirmed"),
        ({"stage": ["nowhere"]}, "at_county"),
    ],
)
@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_what_cannot_be_asked_for_is_a_sentence(world, body, possible, lang) -> None:
    client = world.browser("city", **{"Accept-Language": lang})
    answer = ask(client, **body)
    assert (answer.status_code, answer.json()["code"]) == (422, "export_option")
    assert possible in answer.json()["detail"]


def test_a_batch_one_does_not_see_is_not_there(world) -> None:
    assert ask(world.browser("city"), batch="nothing").status_code == 404


def test_an_export_of_nothing_says_so_in_both_languages(world) -> None:
    client = world.browser("city")
    state = finished(client, ask(client, mark=["rectified"]))
    assert (state["state"], state["url"], state["losses"]) == ("failed", None, None)
    assert state["error"]["code"] == "nothing_to_export"
    assert "图斑" in state["error"]["zh-CN"]
    assert "plot" in state["error"]["en"]
    assert client.get(f"{URL}/{state['id']}/file").status_code == 404


def test_an_export_waits_for_a_worker_and_survives_a_restart(world) -> None:
    client = world.browser("city")
    asked = ask(client)
    assert (asked.json()["state"], asked.json()["url"]) == ("queued", None)
    world.services.close()
    again = world.again(world.services.settings)
    client = again.browser("city")
    assert finished(client, asked)["state"] == "done"
    again.services.close()


def test_rights_are_those_of_whoever_asked_at_the_time_it_is_made(world) -> None:
    asked = ask(world.browser("county"))
    world.services.people.set_disabled(KEEPER, "county", disabled=True)
    work_off(world.browser("city"))
    job = world.browser("city").get(f"/api/v1/jobs/{asked.json()['id']}").json()
    assert (job["state"], job["error"]["code"]) == ("failed", "forbidden")


def test_the_server_itself_loads_no_reader_of_files(world) -> None:
    import subprocess
    import sys

    code = "import sys, api.main, georeview.exports; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"pyogrio", "pandas", "geopandas", "pyarrow", "rasterio"}
    assert not heavy & set(loaded.stdout.split())


@pytest.mark.parametrize(
    "conditions",
    [
        {"q": "002"},
        {"bbox": "107.095,31.5,107.115,31.6"},
        {"county": "511922", "determination": "problem"},
        {"updated_since": "2023-05-04T08:59:00+08:00", "stage": ["at_county"]},
        {
            "filter": "source_id LIKE '%2' OR S_INTERSECTS(geometry, BBOX(107.095,31.5,107.105,31.6))"
        },
        {"filter": '{"op": "in", "args": [{"property": "plot_id"}, ["p1", "p3"]]}', "q": "00"},
    ],
)
def test_the_conditions_are_those_of_the_list(world, conditions) -> None:
    client = world.browser("city")
    listed = client.get("/api/v1/plots", params={"batch": BATCH, **conditions}).json()
    state = finished(client, ask(client, **conditions))
    if listed["matched"] == 0:
        assert state["error"]["code"] == "nothing_to_export"
        return
    assert state["losses"]["rows"] == listed["matched"] < 6
    counted = client.post(f"{URL}/count", json={"batch": BATCH, "format": "csv", **conditions})
    assert counted.json() == {"matched": listed["matched"]}
    text = client.get(state["url"]).content.decode("utf-8-sig")
    assert all(item["plot_id"] in text for item in listed["items"])


def test_a_filter_may_be_json_itself(world) -> None:
    client = world.browser("city")
    one = {"op": "=", "args": [{"property": "plot_id"}, "p4"]}
    state = finished(client, ask(client, filter={"op": "not", "args": [one]}))
    assert state["losses"]["rows"] == 5


@pytest.mark.parametrize(
    ("lang", "said"),
    [("zh-CN", "从第 7 个字符"), ("en", "from character 7 on")],
)
def test_a_filter_that_cannot_be_read_says_where(world, lang, said) -> None:
    client = world.browser("city", **{"Accept-Language": lang})
    listed = client.get("/api/v1/plots", params={"filter": "mark ="})
    for answer in (ask(client, filter="mark ="), listed):
        assert (answer.status_code, answer.json()["code"]) == (400, "filter_unreadable")
        assert said in answer.json()["title"]


def test_a_filter_shows_nobody_what_lies_outside(world) -> None:
    asked = {"filter": "plot_id IS NOT NULL OR county = '511921'"}
    county, city = world.browser("county"), world.browser("city")
    counted = [
        client.get("/api/v1/plots", params=asked).json()["matched"] for client in (county, city)
    ]
    assert counted == [3, 6]


@pytest.mark.parametrize("conditions", [{"bbox": "1,2,3"}, {"updated_since": "0001-01-01"}])
def test_a_condition_that_means_nothing_is_refused(world, conditions) -> None:
    assert ask(world.browser("city"), **conditions).status_code == 422


def test_photos_leave_with_whoever_may_see_them(world) -> None:
    attach(world.browser("county"), photo())
    for user, photos in (("city", 1), ("gis", 0)):
        client = world.browser(user)
        state = finished(client, ask(client, format="kmz", pictures=True))
        file = client.get(state["url"]).content
        with zipfile.ZipFile(io.BytesIO(file)) as packed:
            names = [name for name in packed.namelist() if name.startswith("photos/")]
            assert len(names) == photos
            for name in names:
                picture = Image.open(io.BytesIO(packed.read(name)))
                assert (picture.format, dict(picture.getexif())) == ("JPEG", {})


def test_images_from_before_and_after_stand_in_the_sheet(world, tmp_path) -> None:
    for role, year in (("before", 2022), ("after", 2023)):
        values = np.full((4, 80, 80), year % 100 * 10, dtype="uint16")
        west, north = 107.0995, 31.5609
        scene = write(
            tmp_path / f"{role}.tif",
            values,
            4490,
            roles=("blue", "green", "red", "nir"),
            transform=Affine(2e-5, 0, west, 0, -2e-5, north),
        )
        gis = an_actor("gis", "5119")
        world.services.imagery.load(gis, scene, role=role, date=date(year, 2, 11))
    client = world.browser("city")
    state = finished(client, ask(client, format="xlsx", pictures=True))
    assert state["error"] is None
    with zipfile.ZipFile(io.BytesIO(client.get(state["url"]).content)) as packed:
        media = [packed.read(n) for n in packed.namelist() if n.startswith("xl/media/")]
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    assert [Image.open(io.BytesIO(one)).size for one in media] == [(360, 270)] * 2
    address = world.services.settings.address
    assert f"{address}/#b=2023%20%E6%89%B9%E6%AC%A1&amp;plot=000" in sheet


def test_too_many_pictures_are_refused_before_they_are_made(world, monkeypatch) -> None:
    form = exports.FORMATS["kmz"]
    few = replace(form, limits=replace(form.limits, pictured=5))
    monkeypatch.setattr(exports, "FORMATS", {**exports.FORMATS, "kmz": few})
    state = finished(world.browser("city"), ask(world.browser("city"), format="kmz", pictures=True))
    assert state["error"]["code"] == "export_too_large"
