"""Imports over HTTP: sent, kept byte for byte, looked through, and taken in only when told."""

import hashlib

import pytest

from georeview.core.access import EVERYTHING
from tests.api.conftest import work_off
from tests.files import ids, shapefile, squares, zipped

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
    expected = {"rows_in": 3, "stored": 3, "unchanged": 0, "joined": 0, "set_aside": 0}
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
