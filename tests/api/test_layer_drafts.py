"""A file of a layer is looked through before it is published, and nothing is published unasked."""

import json

import pytest
import shapely

from georeview.geometry.shift import SHIFTS
from tests.api.conftest import BATCH, work_off
from tests.files import geojson, projected, shapefile, squares, zipped
from tests.geometry.test_layer_offset import AREA, RIVER

URL = "/api/v1/layers/drafts"


def document(shapes, names=None) -> bytes:
    rows = [{"name": (names or {}).get(n, f"段{n}")} for n in range(len(shapes))]
    return json.dumps(geojson(shapes, rows)).encode()


def sent(browser, data: bytes, name: str = "管理范围.geojson", **said):
    answer = browser.post(URL, files={"file": (name, data)}, data=said)
    assert answer.status_code == 202, answer.text
    return seen(browser, answer.json()["id"])


def seen(browser, draft_id: str):
    work_off(browser)
    return browser.get(f"{URL}/{draft_id}").json()


def adjusted(browser, draft, **said):
    answer = browser.post(f"{URL}/{draft['id']}/adjust", json=said)
    assert answer.status_code == 202, answer.text
    return seen(browser, draft["id"])


def committed(browser, draft):
    answer = browser.post(f"{URL}/{draft['id']}/commit")
    assert answer.status_code == 202, answer.text
    return seen(browser, draft["id"])


def test_a_version_is_proposed_adjusted_published_and_followed(world) -> None:
    gis = world.browser("gis")
    draft = sent(gis, document(squares(2)))
    assert (draft["state"], draft["features"], draft["summary"]) == ("ready", 2, None)
    assert draft["about"]["kind"] == "mgmt_area"
    assert (draft["about"]["name"], draft["about"]["version"]) == ("河湖管理范围", "v1")
    assert [c["field"] for c in draft["found"][0]["columns"]] == ["name"]
    assert len(gis.get(f"{URL}/{draft['id']}/preview").json()["features"]) == 2
    assert gis.get("/api/v1/layers").json()["items"] == []
    draft = adjusted(gis, draft, version="2023", approval_no="巴府发〔2023〕1号", scale=2000)
    done = committed(gis, draft)
    assert done["state"] == "done"
    layer = gis.get(f"/api/v1/layers/{done['layer_id']}").json()
    assert (layer["version"], layer["approval_no"], layer["scale"]) == (
        "2023", "巴府发〔2023〕1号", 2000,
    )  # fmt: skip
    assert (layer["file"], layer["in_use"]) == ("管理范围.geojson", True)
    refused = gis.post(f"{URL}/{draft['id']}/adjust", json={"version": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "draft_over")
    assert committed(gis, draft)["layer_id"] == done["layer_id"]
    world.clock.forward(hours=1)
    second = sent(gis, document([*squares(3)[::2]]))
    assert second["about"]["version"] == "2024"
    assert (second["against"], second["summary"]["added"]["n"]) == (done["layer_id"], 1)
    assert len(gis.get(f"{URL}/{second['id']}/diff").json()["features"]) == 2
    assert [one["id"] for one in gis.get(URL).json()["items"]] == [second["id"], draft["id"]]


def test_what_is_unclear_is_asked(world) -> None:
    gis = world.browser("gis")
    parts = shapefile(projected(squares(3), 4545), prj=None)
    archive = zipped(
        world.services.settings.home / "in.zip", {f"a{s}": d for s, d in parts.items()}
    )
    draft = sent(gis, archive.read_bytes(), "图.zip")
    assert draft["state"] == "asking"
    assert [asked["about"] for asked in draft["questions"]] == ["kind", "crs"]
    assert gis.post(f"{URL}/{draft['id']}/commit").status_code == 409
    draft = adjusted(gis, draft, kind="river")
    assert [asked["about"] for asked in draft["questions"]] == ["crs"]
    draft = adjusted(gis, draft, crs="EPSG:4545")
    assert [asked["code"] for asked in draft["questions"]] == ["geometry_kind_wrong"]
    draft = adjusted(gis, draft, kind="water")
    assert draft["state"] == "ready"
    committed(gis, draft)
    again = sent(gis, document(squares(1)), "水域.geojson", version="v1")
    assert [asked["code"] for asked in again["questions"]] == ["layer_version_taken"]
    assert adjusted(gis, again, version=None)["about"]["version"] == "v2"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "geojson_broken"),
        (document([*squares(30), None]), "layer_has_faults"),
        (document([]), "no_rows"),
    ],
)
def test_what_cannot_be_taken_says_why(world, data, code) -> None:
    draft = sent(world.browser("gis"), data, kind="mgmt_area")
    assert draft["state"] == "failed"
    assert draft["error"]["hint"]
    assert draft["error"]["code"] == code or code == "geojson_broken"


def test_forms_that_make_no_sense_are_refused(world) -> None:
    gis, county = world.browser("gis"), world.browser("county")
    one, two = (("file", (f"{n}.geojson", document(squares(1)))) for n in "ab")
    refused = gis.post(URL, files=[one, two])
    assert (refused.status_code, refused.json()["code"]) == (422, "layer_one_file")
    for wrong in ({"kind": "lake"}, {"scale": "zwei"}, {"valid_from": "gestern"}):
        assert gis.post(URL, files=[one], data=wrong).status_code == 422
    assert county.post(URL, files=[one]).status_code == 403
    assert gis.get(f"{URL}/nothing").status_code == 404


def test_a_shift_is_said_and_undone_only_when_told(world) -> None:
    gis = world.browser("gis")
    river = geojson([RIVER], [{"river_code": "R1", "name": "示例河"}])
    told = sent(gis, json.dumps(river).encode(), "河流.geojson")
    committed(gis, told)
    shifted = shapely.transform(AREA, SHIFTS["GCJ-02"].there)
    draft = sent(gis, document([shifted]))
    (note,) = draft["found"][0]["notes"]
    assert (note["code"], draft["state"]) == ("layer_shifted", "ready")
    assert "EPSG:4326+GCJ-02" in note["text"]
    west = gis.get(f"{URL}/{draft['id']}/preview").json()["features"][0]
    assert shapely.from_geojson(json.dumps(west["geometry"])).bounds == pytest.approx(
        shifted.bounds, abs=3e-4
    )
    draft = adjusted(gis, draft, crs="EPSG:4326+GCJ-02")
    assert draft["found"][0]["notes"] == []
    layer = gis.get(f"/api/v1/layers/{committed(gis, draft)['layer_id']}").json()
    assert layer["crs_original"] == "EPSG:4326+GCJ-02"
    assert layer["bbox"] == pytest.approx(list(AREA.bounds), abs=1e-5)
    sent_at_once = gis.post(
        "/api/v1/layers",
        files={"file": ("线.geojson", document([shifted]))},
        data={"kind": "mgmt_area", "name": "线", "version": "x"},
    )
    assert [note["code"] for note in sent_at_once.json()["notes"]] == ["layer_shifted"]


def test_plots_on_a_difference_are_listed_and_only_they_are_computed_anew(world) -> None:
    gis, county = world.browser("gis"), world.browser("county")
    ids = []
    for version, west in (("v1", 107.05), ("v2", 107.1052)):
        data = document([shapely.box(west, 31.5, 107.2, 31.6)])
        ids.append(committed(gis, sent(gis, data, version=version))["layer_id"])
        world.clock.forward(hours=1)
        if version == "v1":
            world.services.overlay.run(None)
    touched = gis.get(f"/api/v1/layers/{ids[1]}/diff/plots").json()
    assert (touched["matched"], touched["against"]) == (1, ids[0])
    (plot,) = touched["items"]
    assert (plot["plot_id"], plot["outdated"], list(plot["area_m2"])) == ("p0", True, ["removed"])
    assert plot["area_m2"]["removed"] == pytest.approx(1_685, rel=0.01)
    other = world.browser("other").get(f"/api/v1/layers/{ids[1]}/diff/plots").json()
    assert other["matched"] == 0
    assert county.get(f"/api/v1/layers/{ids[1]}/diff/plots").json()["matched"] == 1
    job = gis.post("/api/v1/jobs", json={"kind": "overlay", "behind": True}).json()
    work_off(gis)
    assert gis.get(f"/api/v1/jobs/{job['id']}").json()["result"]["plots"] == 6
    again = gis.post("/api/v1/jobs", json={"kind": "overlay", "behind": True}).json()
    work_off(gis)
    assert gis.get(f"/api/v1/jobs/{again['id']}").json()["result"]["plots"] == 0
    assert gis.get(f"/api/v1/plots?batch={BATCH}&outdated=true").json()["matched"] == 0
