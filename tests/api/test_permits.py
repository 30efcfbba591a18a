"""The register over HTTP: cursors, versions, uploads, links in bulk, and who sees what."""

import io
from typing import Any

from python_calamine import CalamineWorkbook

from tests.api.conftest import BATCH, World
from tests.api.test_evidence import photo

SAID = {
    "number": "川水许〔2020〕17号",
    "name": "巴河大桥",
    "kind": "桥梁",
    "holder": "某建设单位",
    "authority": "平昌县水利局",
    "granted_on": "2020-06-30",
    "geometry": {"type": "Point", "coordinates": [107.1002, 31.5602]},
}


def written(browser: Any, **more: Any) -> dict[str, Any]:
    answer = browser.post("/api/v1/permits", json={**SAID, **more})
    assert answer.status_code == 201, answer.json()
    assert answer.headers["ETag"] == '"1"'
    return answer.json()  # type: ignore[no-any-return]


def test_an_entry_from_writing_to_withdrawing(world: World) -> None:
    county, gis = world.browser("county"), world.browser("gis")
    made = written(county)
    at = f"/api/v1/permits/{made['permit_id']}"
    assert (made["area"], made["standing"], made["plots"]) == ("511923", "valid", 0)
    again = county.post("/api/v1/permits", json=SAID)
    assert (again.status_code, again.json()["code"]) == (409, "permit_known")
    written(county, same_number=True)
    change = {"valid_to": "2023-05-20", "note": ""}
    assert county.patch(at, json=change).status_code == 428
    assert county.patch(at, json=change, headers={"If-Match": '"7"'}).status_code == 412
    moved = county.patch(at, json=change, headers={"If-Match": '"1"'})
    assert (moved.status_code, moved.headers["ETag"]) == (200, '"2"')
    assert (moved.json()["standing"], moved.json()["may_change"]) == ("expiring", True)
    for wrong in ({"valid_to": "morgen"}, {"nothing": "x"}, {"geometry": {"type": "Point"}}):
        answer = county.patch(at, json=wrong, headers={"If-Match": '"2"'})
        assert answer.status_code == 422, wrong
    seen = gis.get(at).json()
    assert (seen["holder"], seen["may_change"]) == (None, False)
    assert "holder" not in seen["changes"][0]["detail"]
    assert gis.patch(at, json=change, headers={"If-Match": '"2"'}).status_code == 403
    assert world.browser("other").get(at).status_code == 404
    gone = county.post(f"{at}/withdraw", json={"why": "重复"}, headers={"If-Match": '"2"'})
    assert gone.json()["standing"] == "withdrawn"
    assert [change["action"] for change in gone.json()["changes"]] == ["add", "change", "withdraw"]


def test_a_list_goes_on_where_it_ended_in_either_order(world: World) -> None:
    city = world.browser("city")
    for n in range(5):
        written(city, number=f"N{n}", valid_to=f"203{4 - n}-01-01" if n else None)
    for sort, expected in (("number", "N0 N1 N2 N3 N4"), ("valid_to", "N4 N3 N2 N1 N0")):
        found, cursor = [], None
        while cursor is not None or not found:
            query = {"sort": sort, "limit": 2} | ({"cursor": cursor} if cursor else {})
            page = city.get("/api/v1/permits", params=query).json()
            assert page["matched"] == 5
            found += [item["number"] for item in page["items"]]
            cursor = page["next"]
        assert " ".join(found) == expected
    for cursor in ("x", "[1,2]", '["number",1,"x"]'):
        assert city.get("/api/v1/permits", params={"cursor": cursor}).status_code == 422
    overview = city.get("/api/v1/permits/overview").json()
    assert overview["kinds"] == ["桥梁"]
    assert overview["standings"] == {"valid": 5, "expiring": 0, "expired": 0, "withdrawn": 0}


def test_a_bridge_of_two_plots_rests_on_one_permit_and_one_photo(world: World) -> None:
    county = world.browser("county")
    permit = written(county)
    at = f"/api/v1/permits/{permit['permit_id']}"
    (near,) = county.get(f"{at}/candidates").json()["items"]
    assert (near["plot_id"], near["fits"], near["distance_m"]) == ("p0", True, 0.0)
    named = county.get(f"{at}/candidates", params={"number": ["001", "003"]}).json()["items"]
    assert [item["plot_id"] for item in named] == ["p1"]
    plots = [{"plot_id": one["plot_id"], "version": one["version"]} for one in (near, *named)]
    body = {"action": "link_permit", "plots": plots, "body": {"permit": permit["permit_id"]}}
    assert county.post("/api/v1/plots/bulk", json=body).json()["done"] == 2
    sent = county.post(
        f"{at}/files",
        files={"file": ("桥.jpg", photo(), "image/jpeg")},
        data={"kind": "E_PHOTO", "note": "同一座桥的全景"},
    )
    assert sent.status_code == 201, sent.json()
    assert county.get(f"{at}/files/{sent.json()['id']}").content == photo()
    assert world.browser("gis").get(f"{at}/files/{sent.json()['id']}").status_code == 403
    told = county.get("/api/v1/plots/p0/permits").json()
    assert told["linked"]["number"] == SAID["number"]
    assert (told["linked"]["holder"], told["same_number"]["n"]) == (None, 1)
    shown = county.get("/api/v1/plots/p0").json()
    assert [file["kind"] for file in shown["evidence"]] == ["E_PHOTO"]
    mark = {"mark": "false_positive", "reason": "FP21"}
    version = {"If-Match": f'"{shown["version"]}"'}
    marked = county.post("/api/v1/plots/p0/marks", json=mark, headers=version).json()["plot"]
    assert (marked["missing"], marked["permit_id"]) == ([], permit["permit_id"])
    resting = county.get(f"{at}/plots").json()["items"]
    assert [item["plot_id"] for item in resting] == ["p0", "p1"]
    assert (
        county.get("/api/v1/plots", params={"permit": permit["permit_id"]}).json()["matched"] == 2
    )


def test_what_is_wrong_with_a_link_is_told_after_who_may_and_which_version(world: World) -> None:
    body = {"permit": "nothing"}
    path = "/api/v1/plots/p0/actions/link_permit"
    tried = [
        world.browser(user).post(path, json=body, headers={"If-Match": version}).status_code
        for user, version in (
            ("other", '"2"'),
            ("gis", '"2"'),
            ("county", '"1"'),
            ("county", '"2"'),
        )
    ]
    assert tried == [404, 403, 412, 422]


def test_works_without_a_permit_are_a_list_and_a_sheet(world: World) -> None:
    county = world.browser("county")
    listed = county.get("/api/v1/plots", params={"without_permit": "true", "batch": BATCH}).json()
    assert listed["matched"] == 3
    sheet = county.get("/permits/works.xlsx")
    assert sheet.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(sheet.content))
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows] == ["图斑编号", "000", "001", "002"]
    assert {row[5] for row in rows[1:]} == {"桥梁"}
