"""Long work over HTTP: who sees it, how far it is, and stopping it."""

import pytest

from georeview.core.jobs import JobState
from tests.api.conftest import BATCH, work_off

URL = "/api/v1/jobs"


def export(browser) -> str:
    asked = browser.post("/api/v1/exports", json={"batch": BATCH, "format": "csv"})
    assert asked.status_code == 202
    return asked.json()["id"]


def test_a_job_tells_how_far_it_is(world) -> None:
    gis = world.browser("gis", **{"Accept-Language": "zh-CN"})
    asked = gis.post(URL, json={"kind": "overlay", "batch": BATCH})
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    work_off(gis)
    job = gis.get(asked.headers["location"]).json()
    assert (job["state"], job["name"], job["asked_by"]) == ("done", "叠加分析", "gis")
    assert (job["progress"]["done"], job["progress"]["total"]) == (6, 6)
    assert job["progress"]["says"] == "叠加"
    assert job["result"]["plots"] == 6
    english = world.browser("gis", **{"Accept-Language": "en"})
    assert english.get(asked.headers["location"]).json()["name"] == "overlay"


@pytest.mark.parametrize(
    ("user", "sees"),
    [
        ("county", {"county"}),
        ("other", {"other"}),
        ("auditor", set()),
        ("city", {"county", "other"}),
        ("gis", {"county", "other"}),
        ("admin", {"county", "other"}),
    ],
)
def test_who_asked_and_who_looks_after_the_area_see_a_job_and_nobody_else(
    world, user, sees
) -> None:
    ids = {who: export(world.browser(who)) for who in ("county", "other")}
    browser = world.browser(user)
    listed = browser.get(URL).json()["items"]
    assert {job["asked_by"] for job in listed} == sees
    for who, job_id in ids.items():
        status = 200 if who in sees else 404
        assert browser.get(f"{URL}/{job_id}").status_code == status
        assert browser.post(f"{URL}/{job_id}/cancel").status_code == status


def test_what_another_sees_of_an_export_is_not_its_rows(world) -> None:
    job_id = export(world.browser("county"))
    work_off(world.browser("county"))
    seen = world.browser("city").get(f"{URL}/{job_id}").json()
    assert seen["result"] == {"rows": 3}
    assert "losses" not in str(seen)
    assert world.browser("city").get(f"/api/v1/exports/{job_id}/file").status_code == 404


def test_a_queued_job_is_cancelled_and_one_that_is_over_is_not(world) -> None:
    county = world.browser("county", **{"Accept-Language": "zh-CN"})
    job_id = export(county)
    assert county.post(f"{URL}/{job_id}/cancel").json()["state"] == "cancelled"
    assert county.get(f"/api/v1/exports/{job_id}").json()["state"] == "cancelled"
    work_off(county)
    assert county.get(f"{URL}/{job_id}").json()["state"] == "cancelled"
    done = export(county)
    work_off(county)
    refused = county.post(f"{URL}/{done}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "job_over")
    assert "已完成" in refused.json()["title"]


def test_the_list_goes_on_where_it_ended(world) -> None:
    county = world.browser("county")
    ids = [export(county) for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = county.get(URL, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [job["id"] for job in page["items"]]
        if not (cursor := page["next"]):
            break
    assert seen == ids[::-1]
    for state in JobState:
        found = county.get(URL, params={"state": state.value}).json()["items"]
        assert len(found) == (5 if state is JobState.QUEUED else 0)


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"limit": 0}, {"limit": 999}, {"state": "x"}])
def test_a_list_of_nonsense_is_refused(world, query) -> None:
    assert world.browser("county").get(URL, params=query).status_code == 422


@pytest.mark.parametrize(
    ("user", "body", "status"),
    [
        ("gis", {"kind": "overlay", "batch": "none"}, 404),
        ("gis", {"kind": "import"}, 422),
        ("gis", {"kind": "sign_head"}, 422),
        ("gis", {"kind": "nothing"}, 422),
        ("gis", {}, 422),
        ("county", {"kind": "overlay"}, 403),
        ("auditor", {"kind": "overlay"}, 403),
    ],
)
def test_what_cannot_be_asked_for_by_its_kind(world, user, body, status) -> None:
    assert world.browser(user).post(URL, json=body).status_code == status
