"""The return package: the issuer's own file, byte for byte but for what was asked for."""

import io
import json
import zipfile

import pytest

from georeview.core.access import EVERYTHING
from georeview.ingest import dbf
from tests.api.conftest import work_off
from tests.api.test_evidence import photo
from tests.api.test_imports import send as send_plots
from tests.files import ids, shapefile, squares

URL = "/api/v1/returns"
NEW = "2024 批次"
COLUMNS = [
    ids("A1", "A2", "A3"),
    ("FHQK", "C", 10, ["", "", "旧值"]),
    ("FHR", "C", 8, ["", "", ""]),
    ("FHSJ", "D", 8, ["", "", ""]),
    ("ZPBH", "C", 14, ["", "", ""]),
    ("BZ", "C", 12, ["原说明", "原说明", "原说明"]),
]


@pytest.fixture
def sent(world):
    """A GBK shapefile of three plots, taken in from its parts; its bytes."""
    gis = world.browser("gis")
    parts = shapefile(squares(3), COLUMNS, cpg=b"GBK")
    files = [(f"下发图斑{suffix}", data) for suffix, data in parts.items()]
    address = send_plots(gis, *files, encoding="gb18030").headers["location"]
    work_off(gis)
    assert gis.post(f"{address}/commit").status_code == 202
    work_off(gis)
    return parts


def plot_of(world, number):
    return world.services.store.plots.by_source(EVERYTHING, NEW, number)


def mark(world, number, **body):
    city, plot = world.browser("city"), plot_of(world, number)
    answer = city.post(
        f"/api/v1/plots/{plot.given.plot_id}/marks",
        json=body,
        headers={"If-Match": f'"{plot.review.version}"'},
    )
    assert answer.status_code == 201, answer.text


def package(city, **asked):
    told = city.post(URL, json={"batch": NEW, "incomplete": True} | asked)
    assert told.status_code == 202, told.text
    work_off(city)
    done = city.get(told.headers["location"]).json()
    assert done["state"] == "done", done
    return done, zipfile.ZipFile(io.BytesIO(city.get(done["url"]).content))


def cells(tmp_path, data):
    path = tmp_path / "back.dbf"
    path.write_bytes(data)
    table = dbf.read(path, "back")
    (block,) = table.blocks(10)
    return {
        column.name.decode("gbk"): [cell.decode("gb18030").strip() for cell in block.cells(column)]
        for column in table.columns
    }


def test_every_byte_but_the_filled_cells_goes_back_as_it_came(world, sent, tmp_path) -> None:
    city = world.browser("city")
    mark(world, "A1", mark="false_positive", reason="FP31", note="在管理范围线以外很远的地方")
    plot_id = plot_of(world, "A1").given.plot_id
    picture = photo()
    attached = city.post(
        f"/api/v1/plots/{plot_id}/evidence",
        files={"file": ("x.jpg", picture)},
        data={"kind": "E_PHOTO"},
    )
    assert attached.status_code == 201
    profile = city.get(f"{URL}/profile", params={"batch": NEW}).json()
    assert {one["column"]: one["field"] for one in profile["columns"]} == {
        "FHQK": "verdict", "FHR": "reviewer", "FHSJ": "reviewed_on", "ZPBH": "photos", "BZ": "note",
    }  # fmt: skip
    assert profile["version"] is None
    profile["columns"][0]["words"] = {"not_problem": "否"}
    kept = {"columns": profile["columns"], "photo_name": "{source_id}-{n}"}
    put = city.put(f"{URL}/profile", params={"batch": NEW}, json=kept)
    assert put.json() == {"version": 1}

    done, zipped = package(city)
    back = {name.rpartition(".")[2]: zipped.read(name) for name in zipped.namelist()}
    for part in (".shp", ".shx", ".prj", ".cpg"):
        assert zipped.read(f"下发图斑{part}") == sent[part]
    was, now = sent[".dbf"], back["dbf"]
    assert len(was) == len(now)
    assert was[: 33 + 32 * len(COLUMNS)] == now[: 33 + 32 * len(COLUMNS)]
    found = cells(tmp_path, now)
    assert found["TBBH"] == ["A1", "A2", "A3"]
    assert found["FHQK"] == ["否", "", "旧值"]
    assert found["FHSJ"] == ["20230504", "", ""]
    assert found["ZPBH"] == ["A1-1.jpg", "", ""]
    assert found["BZ"] == ["在管理范围线", "原说明", "原说明"]
    assert zipped.read("照片/A1-1.jpg") == picture
    (file,) = done["about"]["files"]
    assert (file["rows_in"], file["rows"]) == (3, 1)
    assert [(one["column"], one["why"]) for one in file["unfit"]] == [("BZ", "cut")]
    about = json.loads(zipped.read("说明.json"))
    assert (about["incomplete"], about["profile"]["version"]) == (3, 1)
    assert json.loads(zipped.read("台账签名.json"))["hash"]
    assert "成果清单.xlsx" in zipped.namelist()


def test_what_is_incomplete_goes_up_only_knowingly(world, sent) -> None:
    city = world.browser("city")
    found = city.get(f"{URL}/check", params={"batch": NEW}).json()
    assert (found["plots"], found["incomplete"], found["files"]) == (3, 3, ["下发图斑.shp"])
    assert {flaw["code"]: flaw["n"] for flaw in found["flaws"]} == {
        "not_accepted": 3, "empty:FHQK": 3,
    }  # fmt: skip
    assert found["rows"][0]["names"]
    refused = city.post(URL, json={"batch": NEW})
    assert (refused.status_code, refused.json()["code"]) == (409, "return_incomplete")


def test_a_merged_plot_says_what_its_target_says_and_a_withdrawn_one_nothing(
    world, sent, tmp_path
) -> None:
    city = world.browser("city")
    mark(world, "A1", mark="confirmed", violation="PR33")
    target = plot_of(world, "A1").given.plot_id
    for number, action, body in (
        ("A2", "merge", {"target": target, "text": "同一处"}),
        ("A3", "withdraw", {"document_no": "办〔2024〕1号"}),
    ):
        plot = plot_of(world, number)
        done = city.post(
            f"/api/v1/plots/{plot.given.plot_id}/actions/{action}",
            json=body,
            headers={"If-Match": f'"{plot.review.version}"'},
        )
        assert done.status_code == 201, done.text
    _, zipped = package(city)
    assert cells(tmp_path, zipped.read("下发图斑.dbf"))["FHQK"] == ["问题", "问题", "旧值"]


def test_what_went_up_and_comes_back_changes_nothing(world, sent) -> None:
    city = world.browser("city")
    note = "在管理范围线以外很远的地方"
    mark(world, "A1", mark="false_positive", reason="FP31", note=note)
    _, zipped = package(city)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as again:
        for name in zipped.namelist():
            if name.startswith("下发图斑"):
                again.writestr(name, zipped.read(name))
    told = city.post(
        "/api/v1/results", files={"file": ("上报.zip", out.getvalue())}, data={"batch": NEW}
    )
    loaded = send_plots(world.browser("gis"), ("上报.zip", out.getvalue()))
    work_off(city)
    found = city.get(told.headers["location"]).json()
    assert (found["counts"]["applied"], found["counts"]["unchanged"]) == (0, 2)
    assert found["words"] == {"mark": [{"word": "旧值", "n": 1}]}
    counts = world.browser("gis").get(loaded.headers["location"]).json()["counts"]
    assert (counts["stored"], counts["changed"]) == (0, 0)


def test_a_profile_that_cannot_be_followed_is_refused(world, sent) -> None:
    city = world.browser("city")
    for bad in (
        {"columns": [{"column": "FHQK", "field": "nothing"}], "photo_name": "{source_id}_{n}"},
        {"columns": [], "photo_name": "照片"},
        {"columns": [], "photo_name": "{source_id}_{n}_{password}"},
        {"columns": [{"column": "TBBH", "field": "note"}], "photo_name": "{source_id}_{n}"},
        {"columns": [{"column": "A", "field": "note"}] * 2, "photo_name": "{source_id}_{n}"},
    ):
        answer = city.put(f"{URL}/profile", params={"batch": NEW}, json=bad)
        assert answer.status_code == 422, bad


def test_only_who_leads_the_whole_area_sends_up(world, sent) -> None:
    for user, status in (("county", 403), ("gis", 403), ("auditor", 403), ("city", 200)):
        got = world.browser(user).get(f"{URL}/check", params={"batch": NEW})
        assert got.status_code == status, user
    city = world.browser("city")
    assert city.get(f"{URL}/check", params={"batch": "keiner"}).status_code == 404
    assert city.post(URL, json={"batch": "2023 批次"}).json()["code"] == "nothing_to_return"
