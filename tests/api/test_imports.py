"""Imports over HTTP: sent, kept byte for byte, looked through, and taken in only when told."""

import hashlib
import io
import shutil

import pytest
import shapely

from georeview.core.access import EVERYTHING, Grant, Role
from georeview.services import retract
from georeview.storage.ports.people import Person
from tests.api.conftest import HASH, work_off
from tests.files import geopackage, ids, projected, shapefile, squares, wkt, zipped
from tests.journeys.sent import two_layers

URL = "/api/v1/imports"
NEW = "2024 批次"


def packed(folder, *numbers: str) -> bytes:
    parts = shapefile(squares(len(numbers)), [ids(*numbers)])
    return zipped(folder / "图斑.zip", {f"a{k}": v for k, v in parts.items()}).read_bytes()


def send(browser, *files, **fields):
    return browser.post(
        URL, files=[("file", file) for file in files], data={"batch": NEW, "area": "5119"} | fields
    )


def stored(world) -> int:
    if NEW not in {batch.name for batch in world.services.store.plots.batches(EVERYTHING)}:
        return 0
    return sum(world.services.store.plots.counts(EVERYTHING, NEW).values())


@pytest.fixture
def zip_of_three(tmp_path) -> bytes:
    return packed(tmp_path, "A1", "A2", "A3")


def test_nothing_reaches_the_plots_before_the_commit(world, zip_of_three) -> None:
    gis = world.browser("gis")
    sent = send(gis, ("图斑.zip", zip_of_three), review_due="2024-06-30", rectify_due="2024-11-30")
    assert (sent.status_code, sent.json()["state"], sent.json()["counts"]) == (202, "queued", None)
    sha256 = hashlib.sha256(zip_of_three).hexdigest()
    assert world.services.files.path("sources", sha256).read_bytes() == zip_of_three
    work_off(gis)
    looked = gis.get(sent.headers["location"]).json()
    assert looked["state"] == "ready"
    expected = dict.fromkeys(("changed", "unchanged", "joined", "set_aside"), 0)
    expected |= {"rows_in": 3, "stored": 3}
    assert looked["counts"] == expected
    assert (looked["report"]["dry_run"], looked["report"]["files"][0]["read"]["crs"]) == (
        True,
        "EPSG:4490",
    )
    assert stored(world) == 0
    committed = gis.post(f"{sent.headers['location']}/commit")
    assert (committed.status_code, committed.json()["state"]) == (202, "committing")
    assert stored(world) == 0
    work_off(gis)
    done = gis.get(sent.headers["location"]).json()
    assert (done["state"], done["counts"], done["report"]["dry_run"]) == ("done", expected, False)
    assert stored(world) == 3
    batch = gis.get(f"/api/v1/batches/{NEW}").json()
    assert (batch["review_due"], batch["rectify_due"], batch["total"]) == (
        "2024-06-30",
        "2024-11-30",
        3,
    )


def test_a_commit_told_twice_is_one_import(world, zip_of_three) -> None:
    gis = world.browser("gis")
    address = send(gis, ("a.zip", zip_of_three)).headers["location"]
    work_off(gis)
    first, again = (gis.post(f"{address}/commit").json()["job"] for _ in range(2))
    assert first == again
    work_off(gis)
    assert gis.post(f"{address}/commit").json()["state"] == "done"
    work_off(gis)
    assert stored(world) == 3
    assert len(world.services.store.plots.imports(NEW)) == 1


def test_a_shapefile_may_come_in_its_parts(world) -> None:
    gis = world.browser("gis")
    parts = [(f"plots{suffix}", data) for suffix, data in shapefile(squares(2)).items()]
    address = send(gis, *parts).headers["location"]
    work_off(gis)
    looked = gis.get(address).json()
    assert (looked["state"], looked["counts"]["stored"]) == ("ready", 2)
    assert len(looked["files"]) == len(parts)
    assert len(looked["report"]["files"]) == 1


def test_a_file_that_is_refused_says_why_and_cannot_be_committed(world) -> None:
    gis = world.browser("gis", **{"Accept-Language": "en"})
    address = send(gis, ("plots.zip", b"not a zip")).headers["location"]
    early = gis.post(f"{address}/commit")
    assert (early.status_code, early.json()["code"]) == (409, "import_not_ready")
    work_off(gis)
    looked = gis.get(address).json()
    assert looked["state"] == "failed"
    assert looked["error"]["hint"]
    assert gis.post(f"{address}/commit").status_code == 409


def test_what_was_taken_in_meanwhile_is_seen_at_the_commit(world, zip_of_three) -> None:
    gis = world.browser("gis")
    first, second = (send(gis, ("a.zip", zip_of_three)).headers["location"] for _ in range(2))
    work_off(gis)
    for address in (first, second):
        gis.post(f"{address}/commit")
        work_off(gis)
    counts = [gis.get(address).json()["counts"] for address in (first, second)]
    assert [(c["stored"], c["unchanged"]) for c in counts] == [(3, 0), (0, 3)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"batch": " "}, "batch"),
        ({"area": "x"}, "area"),
        ({"area": "51192"}, "area"),
        ({"review_due": "soon"}, "review_due"),
        ({"map": "nonsense"}, "map"),
        ({"area_unit": "acre"}, "area_unit"),
    ],
)
def test_a_form_that_makes_no_sense_is_refused(world, zip_of_three, fields, field) -> None:
    answer = send(world.browser("gis"), ("a.zip", zip_of_three), **fields)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert world.services.jobs.every() == []


def test_two_files_of_one_name_are_refused(world) -> None:
    answer = send(world.browser("gis"), ("a.zip", b"1"), ("A.zip", b"2"))
    assert (answer.status_code, answer.json()["code"]) == (422, "file_twice")


def test_an_upload_without_a_file_is_refused(world) -> None:
    answer = world.browser("gis").post(URL, data={"batch": NEW, "area": "5119"}, files={"x": b""})
    assert answer.status_code == 422


def test_only_who_may_load_plots_there_sends_sees_and_commits(world, zip_of_three) -> None:
    county = world.browser("county")
    assert send(county, ("a.zip", zip_of_three)).status_code == 403
    gis = world.browser("gis")
    assert send(gis, ("a.zip", zip_of_three), area="5101").status_code == 403
    address = send(gis, ("a.zip", zip_of_three)).headers["location"]
    assert county.get(address).status_code == 403
    assert county.post(f"{address}/commit").status_code == 403
    # The city looks after the same area.
    assert world.browser("city").get(address).status_code == 200


def test_a_job_of_another_kind_is_no_import(world) -> None:
    gis = world.browser("gis")
    job = gis.post("/api/v1/jobs", json={"kind": "overlay"}).json()["id"]
    assert gis.get(f"{URL}/{job}").status_code == 404
    assert gis.post(f"{URL}/{job}/commit").status_code == 404
    assert gis.get(f"/api/v1/exports/{job}").status_code == 404


# Looked through, and looked through again ---------------------------------------------------------


def sent(browser, parts, **fields) -> str:
    """Address of an import of a shapefile that has been looked through."""
    files = [(f"plots{suffix}", data) for suffix, data in parts.items()]
    address = send(browser, *files, **fields).headers["location"]
    work_off(browser)
    return address


def adjusted(browser, address: str, file: str = "plots.shp", **choice) -> dict:
    """An import after something was decided about a file and it was looked at again."""
    answer = browser.post(f"{address}/adjust", json={"files": {file: choice}})
    assert answer.status_code == 202, answer.json()
    work_off(browser)
    return browser.get(address).json()


@pytest.fixture
def unplaced() -> dict[str, bytes]:
    """A shapefile without .prj, whose eastings fit two systems."""
    return shapefile(projected(squares(3), 4544), prj=None)


def test_an_unclear_file_is_asked_about_and_then_taken(world, unplaced) -> None:
    gis = world.browser("gis", **{"Accept-Language": "en"})
    address = sent(gis, unplaced)
    asking = gis.get(address).json()
    assert (asking["state"], asking["error"], asking["report"]) == ("asking", None, None)
    (question,) = asking["questions"]
    assert (question["about"], question["file"]) == ("crs", "plots.shp")
    assert question["title"]
    placings = asking["found"][0]["placings"]
    assert {p["crs"] for p in placings} >= {"EPSG:4544", "EPSG:32648"}
    assert not any(p["chosen"] for p in placings)
    assert all(p["because"] for p in placings)
    assert gis.post(f"{address}/commit").status_code == 409
    ready = adjusted(gis, address, crs="EPSG:4544")
    assert (ready["state"], ready["questions"]) == ("ready", [])
    assert ready["report"]["files"][0]["read"]["crs"] == "EPSG:4544"
    gis.post(f"{address}/commit")
    work_off(gis)
    assert (gis.get(address).json()["state"], stored(world)) == ("done", 3)


def test_what_a_file_holds_is_told_with_examples(world) -> None:
    gis = world.browser("gis")
    columns = [
        ids("A1", "A2", "A2"),
        ("TBLX", "C", 20, ["桥梁", "", "坑塘养殖"]),
        ("X1", "C", 5, ["a"] * 3),
    ]
    found = gis.get(sent(gis, shapefile(squares(3), columns, encoding="gbk"))).json()["found"][0]
    assert (found["format"], found["rows"], found["encoding"]) == ("shp", 3, "gb18030")
    assert {c["header"]: (c["field"], c["examples"]) for c in found["columns"]} == {
        "TBBH": ("source_id", ["A1", "A2"]),
        "TBLX": ("type_issued", ["桥梁", "坑塘养殖"]),
        "X1": (None, ["a"]),
    }
    assert found["first"][2] == ["A2", "坑塘养殖", "a"]
    assert found["says"]["encoding"]
    assert found["readings"][0]["samples"][0] == "桥梁"


def test_shapes_can_be_seen_in_every_system_that_fits(world, unplaced) -> None:
    gis = world.browser("gis")
    address = sent(gis, unplaced)
    middles = {}
    for crs in ("EPSG:4544", "EPSG:32648"):
        drawn = gis.get(f"{address}/preview", params={"crs": crs})
        assert drawn.headers["content-type"] == "application/geo+json"
        features = drawn.json()["features"]
        assert [f["properties"]["row"] for f in features] == [1, 2, 3]
        middles[crs] = shapely.from_geojson(str(features[0]["geometry"]).replace("'", '"')).centroid
    assert middles["EPSG:4544"].distance(shapely.Point(107.1002, 31.5602)) < 1e-5
    assert middles["EPSG:4544"].distance(middles["EPSG:32648"]) > 0.01
    for query in ({"crs": "EPSG:2345"}, {"part": 7}):
        assert gis.get(f"{address}/preview", params=query).status_code == 404


def test_the_same_adjustment_twice_is_one_look(world, unplaced) -> None:
    gis = world.browser("gis")
    address = sent(gis, unplaced)
    body = {
        "batch": "另一批次",
        "review_due": "2024-06-30",
        "files": {"plots.shp": {"crs": "EPSG:4544"}},
    }
    first = gis.post(f"{address}/adjust", json=body).json()
    assert (first["state"], first["batch"], first["review_due"]) == (
        "queued",
        "另一批次",
        "2024-06-30",
    )
    work_off(gis)
    again = gis.post(f"{address}/adjust", json=body)
    assert (again.status_code, again.json()["state"]) == (202, "ready")
    other = gis.post(f"{address}/adjust", json={"batch": NEW}).json()
    assert other["choices"]["plots.shp"]["crs"] == "EPSG:4544", "what is not named stays"


def test_a_column_can_be_given_to_a_field_and_taken_from_it(world) -> None:
    gis = world.browser("gis")
    columns = [ids("A1", "A2", name="BIANMA"), ("MJ", "C", 9, ["x", "y"])]
    address = sent(gis, shapefile(squares(2), columns))
    asking = gis.get(address).json()
    assert [q["about"] for q in asking["questions"]] == ["columns"]
    ready = adjusted(gis, address, map={"source_id": "BIANMA", "area_stated": ""})
    assert ready["state"] == "ready"
    assert ready["report"]["files"][0]["read"]["columns"] == {"source_id": "BIANMA"}
    assert "MJ" in ready["report"]["files"][0]["read"]["unmapped"]


def test_of_several_layers_some_are_chosen(world, tmp_path) -> None:
    gis = world.browser("gis")
    path = geopackage(tmp_path / "a.gpkg", squares(2), {"TBBH": ["A1", "A2"]}, layer="one")
    for layer, number in (("two", "B1"), ("three", "C1")):
        geopackage(path, squares(1, lat=31.6), {"TBBH": [number]}, layer=layer)
    address = send(gis, ("a.gpkg", path.read_bytes())).headers["location"]
    work_off(gis)
    asking = gis.get(address).json()
    assert [q["about"] for q in asking["questions"]] == ["layer"]
    assert asking["found"][0]["layers"] == ["one", "two", "three"]
    gis.post(f"{address}/adjust", json={"files": {"a.gpkg": {"layers": ["one", "two"]}}})
    work_off(gis)
    ready = gis.get(address).json()
    assert (ready["state"], ready["counts"]["stored"]) == ("ready", 3)
    assert [look["layer"] for look in ready["found"]] == ["one", "two"]


def test_each_layer_is_decided_about_by_itself(world, tmp_path) -> None:
    gis = world.browser("gis")
    address = send(gis, ("a.zip", two_layers(tmp_path).read_bytes())).headers["location"]
    work_off(gis)
    assert gis.get(address).json()["found"][0]["layers"] == ["甲, 一", "乙"], "a comma is no end"
    layers = ["甲, 一", "乙"]
    asking = adjusted(gis, address, "a.zip", layers=layers)
    assert [(q["layer"], q["about"]) for q in asking["questions"]] == [
        ("甲, 一", "crs"),
        ("乙", "columns"),
    ]
    each = {
        "甲, 一": {"crs": "EPSG:4545"},
        "乙": {"map": {"source_id": "BIANHAO"}, "area_unit": "mu"},
    }
    ready = adjusted(gis, address, "a.zip", layers=layers, each=each)
    assert (ready["state"], ready["counts"]["stored"]) == ("ready", 2)
    assert [look["chosen"] for look in ready["found"]] == layers
    read = [file["read"] for file in ready["report"]["files"]]
    assert [(one["crs"], one["crs_by"]) for one in read] == [
        ("EPSG:4545", "given"),
        ("EPSG:4524", "file"),
    ]
    assert [one["area_unit"] for one in read] == [None, "mu"]
    assert ready["choices"]["a.zip"]["each"]["乙"]["area_unit"] == "mu"


def test_whose_plots_they_are_can_be_changed_after_sending(world, zip_of_three) -> None:
    gis, grants = world.browser("gis"), (Grant(Role.GIS, "5119"), Grant(Role.GIS, "5113"))
    world.services.store.people.put(Person("two", "两地", "两地", HASH, False, grants))
    two = world.browser("two")
    address = send(two, ("图斑.zip", zip_of_three)).headers["location"]
    work_off(two)
    assert gis.get(address).status_code == 200
    moved = two.post(f"{address}/adjust", json={"area": "5113", "batch": "改名"})
    assert (moved.json()["area"], moved.json()["batch"]) == ("5113", "改名")
    work_off(two)
    assert two.get(address).json()["state"] == "ready"
    assert gis.get(address).status_code == 404, "it is another city's now"
    assert two.post(f"{address}/adjust", json={"area": "5101"}).status_code == 403
    assert two.post(f"{address}/adjust", json={"area": "x"}).status_code == 422
    two.post(f"{address}/commit")
    work_off(two)
    (batch,) = (b for b in world.services.store.plots.batches(EVERYTHING) if b.name == "改名")
    assert batch.area == "5113"


def test_a_file_that_cannot_be_taken_can_be_left_out(world, zip_of_three) -> None:
    gis = world.browser("gis")
    address = send(gis, ("good.zip", zip_of_three), ("bad.zip", b"no zip")).headers["location"]
    work_off(gis)
    failed = gis.get(address).json()
    assert failed["state"] == "failed"
    assert [bool(look["refused"]) for look in failed["found"]] == [False, True]
    assert failed["error"]["code"] == failed["found"][1]["refused"]["code"]
    assert failed["found"][0]["rows"] == 3, "the other one is described all the same"
    gis.post(f"{address}/adjust", json={"files": {"bad.zip": {"skip": True}}})
    work_off(gis)
    assert gis.get(address).json()["counts"]["stored"] == 3
    both = {name: {"skip": True} for name in ("good.zip", "bad.zip")}
    assert gis.post(f"{address}/adjust", json={"files": both}).status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {"files": {"other.zip": {}}},
        {"files": {"plots.shp": {"map": {"nonsense": "TBBH"}}}},
        {"files": {"plots.shp": {"area_unit": "acre"}}},
        {"batch": " "},
        {"nonsense": 1},
    ],
)
def test_an_adjustment_that_makes_no_sense_is_refused(world, unplaced, body) -> None:
    gis = world.browser("gis")
    address = sent(gis, unplaced)
    assert gis.post(f"{address}/adjust", json=body).status_code == 422
    assert gis.get(address).json()["state"] == "asking"


def test_nothing_is_adjusted_once_it_is_taken_in(world, zip_of_three) -> None:
    gis = world.browser("gis")
    address = send(gis, ("a.zip", zip_of_three)).headers["location"]
    work_off(gis)
    gis.post(f"{address}/commit")
    refused = gis.post(f"{address}/adjust", json={"batch": "anders"})
    assert (refused.status_code, refused.json()["code"]) == (409, "import_over")


# A second delivery, and taking one back ------------------------------------------------------------


def taken_in(browser, parts, **fields) -> str:
    """Address of an import that has been taken in."""
    address = sent(browser, parts, **fields)
    assert browser.post(f"{address}/commit").status_code == 202
    work_off(browser)
    assert browser.get(address).json()["state"] == "done"
    return address


def test_a_second_delivery_changes_what_is_there_only_when_told(world) -> None:
    gis = world.browser("gis")
    taken_in(gis, shapefile(squares(2), [ids("A1", "A2")]))
    moved = shapefile(squares(2, lat=31.57), [ids("A1", "A3")])
    address = sent(gis, moved)
    assert gis.get(address).json()["counts"]["set_aside"] == 1
    gis.post(f"{address}/adjust", json={"update": True})
    work_off(gis)
    looked = gis.get(address).json()
    assert looked["update"]
    expected = {"stored": 1, "changed": 1, "set_aside": 0}
    assert {name: looked["counts"][name] for name in expected} == expected
    assert [row["row"] for row in rows_of(gis, address, outcome="changed")] == [1]
    assert looked["report"]["gone"] == 1, "A2 is not in the second delivery"
    gis.post(f"{address}/commit")
    work_off(gis)
    assert stored(world) == 3


def test_an_import_that_was_taken_back_says_so(world, unplaced) -> None:
    gis = world.browser("gis")
    address = taken_in(gis, shapefile(squares(3)))
    told = gis.post(f"{address}/retract").json()
    assert (told["batch"], told["withdrawn"]) == (NEW, 3)
    assert gis.get(address).json()["state"] == "retracted"
    assert gis.get(URL).json()["items"][0]["state"] == "retracted"


# Every row ---------------------------------------------------------------------------------------


@pytest.fixture
def faulty() -> dict[str, bytes]:
    """Six rows: a sound one, a bow tie, one without number, one twice, and a tiny one."""
    a, b, c, d, e, _ = squares(6)
    west, south, east, north = b.bounds
    bow_tie = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    tiny = shapely.box(107.2, 31.5, 107.20002, 31.50002)
    numbers = ids("A1", "A2", "", "A4", "A4", "A6")
    return shapefile([a, bow_tie, c, d, e, tiny], [numbers])


def rows_of(browser, address: str, **query) -> list[dict]:
    """All rows that are asked for, page by page."""
    found, cursor = [], "0"
    while cursor is not None:
        page = browser.get(f"{address}/rows", params={"limit": 2, "cursor": cursor} | query).json()
        found, cursor = [*found, *page["items"]], page["next"]
    return found


def test_every_row_is_reached_with_what_becomes_of_it(world, faulty) -> None:
    gis = world.browser("gis")
    address = sent(gis, faulty)
    told = rows_of(gis, address)
    assert [(row["row"], row["outcome"]) for row in told] == [
        (1, "stored"), (2, "stored"), (3, "set_aside"), (4, "stored"), (5, "set_aside"), (6, "stored"),
    ]  # fmt: skip
    looked = gis.get(address).json()
    assert looked["kinds"]["set_aside"] == looked["counts"]["set_aside"] == 2
    assert sum(looked["kinds"][kind] for kind in ("stored", "set_aside")) == 6
    assert [row["row"] for row in rows_of(gis, address, outcome="mended")] == [2]
    assert [row["row"] for row in rows_of(gis, address, outcome="set_aside")] == [3, 5]
    assert [row["row"] for row in rows_of(gis, address, code="tiny")] == [6]
    assert [row["source_id"] for row in rows_of(gis, address, row=4)] == ["A4"]
    assert gis.get(f"{address}/rows", params={"outcome": "nonsense"}).status_code == 422


def test_a_mended_row_shows_both_outlines_and_one_set_aside_how_it_came(world, faulty) -> None:
    gis = world.browser("gis")
    address = sent(gis, faulty)
    _, mended, aside, *_ = rows_of(gis, address)
    assert len(mended["before"]["coordinates"][0]) == 5
    assert mended["after"]["type"] == "MultiPolygon"
    assert (aside["after"], aside["before"]["type"]) == (None, "Polygon")
    assert [flag["code"] for flag in aside["flags"]] == ["no_id"]
    assert aside["flags"][0]["text"]
    assert aside["flags"][0]["hint"]


def test_what_was_seen_is_found_again_when_the_cache_was_emptied(world, faulty) -> None:
    gis = world.browser("gis")
    address = sent(gis, faulty)
    before = rows_of(gis, address)
    shutil.rmtree(world.services.files.cache())
    assert rows_of(gis, address) == before
    assert len(gis.get(f"{address}/preview").json()["features"]) == 6


def test_the_sender_gets_a_report_of_what_is_to_be_mended(world, faulty) -> None:
    from python_calamine import CalamineWorkbook

    gis = world.browser("gis")
    address = sent(gis, faulty)
    told = gis.get(f"{address}/report.json")
    assert "attachment" in told.headers["content-disposition"]
    assert [row["row"] for row in told.json()["rows"]] == [2, 3, 5, 6]
    data = gis.get(f"{address}/report.xlsx").content
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    files, rows = (book.get_sheet_by_index(n).to_python()[1:] for n in (0, 1))
    assert files[0][:6] == ["plots.shp", 6, 4, 0, 0, 2]
    assert [row[1] for row in rows] == [2, 3, 5, 6]
    assert rows[1][4:6] == ["没有图斑编号。", "请填写图斑编号。"]


def test_imports_are_listed_newest_first_to_whoever_looks_after_them(world, zip_of_three) -> None:
    gis, city = world.browser("gis"), world.browser("city")
    addresses = [send(gis, (name, zip_of_three)).headers["location"] for name in ("a.zip", "b.zip")]
    newest = [address.rpartition("/")[2] for address in reversed(addresses)]
    for browser in (gis, city):
        assert [item["id"] for item in browser.get(URL).json()["items"]] == newest
    page = gis.get(URL, params={"limit": 1}).json()
    rest = gis.get(URL, params={"limit": 1, "cursor": page["next"]}).json()
    assert [page["items"][0]["id"], rest["items"][0]["id"]] == newest
    assert rest["next"] is None


def test_a_wrong_prj_shows_where_it_would_put_the_plots(world) -> None:
    gis = world.browser("gis")
    address = sent(gis, shapefile(projected(squares(3), 4545), prj=wkt(4544)))
    asking = gis.get(address).json()
    assert asking["state"] == "asking"
    placings = {p["crs"]: p for p in asking["found"][0]["placings"]}
    assert placings["EPSG:4544"]["stated"]
    assert placings["EPSG:4544"]["share"] < 0.5
    assert placings["EPSG:4545"]["share"] == 1
    assert placings["EPSG:4544"]["bbox"][0] != placings["EPSG:4545"]["bbox"][0]


@pytest.mark.parametrize(
    "tail", ["", "/preview", "/rows", "/report.json", "/report.xlsx", "/adjust", "/commit"]
)
def test_an_import_of_another_city_is_not_there(world, zip_of_three, tail) -> None:
    gis = world.browser("gis")
    address = send(gis, ("a.zip", zip_of_three)).headers["location"]
    grants = (Grant(Role.GIS, "5101"),)
    world.services.store.people.put(Person("far", "远", "远", HASH, False, grants))
    far = world.browser("far")
    method = "POST" if tail in ("/adjust", "/commit") else "GET"
    there, nowhere = (
        far.request(method, f"{at}{tail}", json={} if method == "POST" else None)
        for at in (address, f"{URL}/nothing")
    )
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert far.get(URL).json()["items"] == []


def test_an_import_is_taken_back_until_the_first_review(world, zip_of_three) -> None:
    gis = world.browser("gis", **{"Accept-Language": "en"})
    address = send(gis, ("图斑.zip", zip_of_three)).headers["location"]
    early = gis.post(f"{address}/retract")
    assert (early.status_code, early.json()["code"]) == (409, "not_taken_in")
    work_off(gis)
    gis.post(f"{address}/commit")
    work_off(gis)
    plots = {p["source_id"]: p for p in gis.get(f"/api/v1/plots?batch={NEW}").json()["items"]}
    city = world.browser("city")
    plot = plots["A1"]
    marked = city.post(
        f"/api/v1/plots/{plot['plot_id']}/marks",
        json={"mark": "confirmed"},
        headers={"If-Match": f'"{plot["version"]}"'},
    )
    assert marked.status_code == 201
    refused = gis.post(f"{address}/retract")
    assert (refused.status_code, refused.json()["code"]) == (409, "review_begun")
    assert "A1" in refused.json()["detail"]
    assert stored(world) == 3


def test_many_plots_are_taken_back_by_a_job(world, zip_of_three, monkeypatch) -> None:
    monkeypatch.setattr(retract, "AT_ONCE", 2)
    gis = world.browser("gis")
    address = send(gis, ("图斑.zip", zip_of_three)).headers["location"]
    work_off(gis)
    gis.post(f"{address}/commit")
    work_off(gis)
    asked, again = (gis.post(f"{address}/retract") for _ in range(2))
    assert (asked.status_code, asked.json()["kind"], asked.json()["state"]) == (
        202,
        "retract",
        "queued",
    )
    assert again.headers["location"] == asked.headers["location"]
    assert (gis.get(address).json()["state"], stored(world)) == ("retracting", 3)
    work_off(gis)
    job = gis.get(asked.headers["location"]).json()
    done = {"batch": NEW, "files": ["图斑.zip"], "withdrawn": 3, "restored": 0}
    assert (job["state"], job["result"]) == ("done", done)
    assert (job["progress"]["done"], job["progress"]["total"]) == (3, 3)
    assert (gis.get(address).json()["state"], stored(world)) == ("retracted", 0)
    assert gis.post(f"{address}/retract").json()["code"] == "already_retracted"


def test_a_review_meanwhile_stops_the_job_and_says_so(world, zip_of_three, monkeypatch) -> None:
    monkeypatch.setattr(retract, "AT_ONCE", 2)
    gis = world.browser("gis")
    address = send(gis, ("图斑.zip", zip_of_three)).headers["location"]
    work_off(gis)
    gis.post(f"{address}/commit")
    work_off(gis)
    gis.post(f"{address}/retract")
    plot = gis.get(f"/api/v1/plots?batch={NEW}").json()["items"][0]
    marked = world.browser("city").post(
        f"/api/v1/plots/{plot['plot_id']}/marks",
        json={"mark": "confirmed"},
        headers={"If-Match": f'"{plot["version"]}"'},
    )
    assert marked.status_code == 201
    work_off(gis)
    told = gis.get(address).json()
    assert (told["state"], told["error"]["code"], stored(world)) == ("done", "review_begun", 3)


def test_what_is_taken_back_is_told_everywhere(world, zip_of_three) -> None:
    gis = world.browser("gis")
    address = send(gis, ("图斑.zip", zip_of_three)).headers["location"]
    work_off(gis)
    gis.post(f"{address}/commit")
    work_off(gis)
    (first, *_) = gis.get(f"/api/v1/plots?batch={NEW}").json()["items"]
    done = gis.post(f"{address}/retract")
    assert (done.status_code, done.json()) == (
        200,
        {"batch": NEW, "files": ["图斑.zip"], "withdrawn": 3, "restored": 0},
    )
    assert stored(world) == 0
    assert gis.get(f"/api/v1/plots?batch={NEW}").json()["matched"] == 0
    assert gis.get(f"/api/v1/plots?batch={NEW}&stage=withdrawn").json()["matched"] == 3
    assert gis.get(f"/api/v1/plots/{first['plot_id']}").json()["stage"] == "withdrawn"
    *_, told = gis.get("/api/v1/changes?limit=1000").json()["items"]
    assert (told["action"], told["after"]["stage"]) == ("retract", "withdrawn")
    (file,) = gis.get(f"/api/v1/batches/{NEW}").json()["imports"]
    assert file["retracted_at"]
    again = gis.post(f"/api/v1/imports/{file['id']}/retract")
    assert (again.status_code, again.json()["code"]) == (409, "already_retracted")
    assert gis.post("/api/v1/imports/nothing/retract").status_code == 404
