"""Counties that do not act, from the first reminder to public criticism; each step issued by a person."""

import io
from datetime import UTC, datetime

import docx
import pytest

from georeview.jobs.tasks import ask_what_is_due
from tests.api.conftest import World, work_off

URL = "/api/v1/escalations"
DOC = "巴河长办〔2023〕9号"


def at(world: World, month: int, day: int):
    """The city's browser on another day."""
    world.clock.now = datetime(2023, month, day, 2, tzinfo=UTC)
    return world.browser("city")


def suggested(client, county: str = "511923") -> list[tuple[str, str, int]]:
    found = client.get(URL).json()["suggested"]
    return [(s["step"], s["basis"], s["plots"]) for s in found if s["county"] == county]


def issue(client, step: str, basis: str, number: str = DOC, **more: object):
    body = {"county": "511923", "step": step, "basis": basis, "document_no": number, **more}
    return client.post(URL, json=body)


def test_each_step_waits_for_a_person_and_leads_to_the_next(world: World) -> None:
    city = at(world, 6, 15)
    assert suggested(city) == [
        ("remind", "due_in_10", 0),
        ("notice", "behind_pace", 0),
    ] or suggested(city) == [("notice", "behind_pace", 0), ("remind", "due_in_10", 0)]
    assert issue(city, "remind", "due_in_10").json()["events"] == 3
    assert ("remind", "due_in_10", 0) not in suggested(city)
    assert ("remind", "due_in_10", 0) in suggested(city, "511922")

    city = at(world, 7, 3)
    assert ("notice", "first_overdue", 3) in suggested(city)
    given = issue(city, "notice", "first_overdue").json()
    assert (given["reply_due"], given["events"], given["plots"]) == ("2023-07-10", 3, 3)
    history = city.get("/api/v1/plots/p0/history").json()["items"]
    assert (history[-1]["action"], history[-1]["body"]["document_no"]) == ("escalate", DOC)

    city = at(world, 7, 11)
    assert ("summons", "unanswered", 3) in suggested(city)
    said = {"date": "2023-07-09", "text": "正在办理"}
    assert city.post(f"{URL}/{given['id']}/reply", json=said).json()["replied_on"] == "2023-07-09"
    assert ("summons", "unanswered", 3) not in suggested(city)
    again = city.post(f"{URL}/{given['id']}/reply", json=said)
    assert (again.status_code, again.json()["code"]) == (409, "already_answered")

    city = at(world, 7, 17)
    assert ("summons", "overdue_after_notice", 3) in suggested(city)
    assert issue(city, "summons", "overdue_after_notice").json()["errors"][0]["field"] == "date"
    assert issue(city, "summons", "overdue_after_notice", date="2023-07-20").status_code == 201
    city = at(world, 7, 31)
    assert ("criticism", "overdue_after_summons", 3) in suggested(city)
    assert issue(city, "criticism", "overdue_after_summons").json()["reply_due"] == "2023-08-14"
    (county,) = [c for c in city.get(URL).json()["counties"] if c["county"] == "511923"]
    assert [county[s] for s in ("remind", "notice", "summons", "criticism")] == [1, 1, 1, 1]


def test_a_county_sees_what_it_was_given_and_nothing_of_others(world: World) -> None:
    city = at(world, 7, 3)
    issue(city, "notice", "first_overdue")
    mine, other = (world.browser(user).get(URL).json() for user in ("county", "other"))
    assert [one["document_no"] for one in mine["issued"]] == [DOC]
    assert (mine["suggested"], other["issued"], other["suggested"]) == ([], [], [])
    assert issue(world.browser("county"), "notice", "first_overdue").status_code == 403


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"step": "notice", "basis": "unanswered"}, 422, "bad_value"),
        ({"step": "summons", "basis": "unanswered", "date": "2023-07-20"}, 409, "not_proposed"),
        ({"step": "notice", "basis": "by_hand"}, 422, "field_missing"),
        ({"step": "notice", "basis": "first_overdue", "document_no": " "}, 422, "field_missing"),
        ({"step": "notice", "basis": "first_overdue", "date": "2023-07-01"}, 422, "date_impossible"),
        ({"step": "notice", "basis": "first_overdue", "county": "511999"}, 404, "not_found"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_what_cannot_be_issued_is_said(
    world: World, body: dict[str, str], status: int, code: str
) -> None:
    given = {"county": "511923", "document_no": DOC, **body}
    answer = at(world, 7, 3).post(URL, json=given)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_one_number_is_given_once_and_a_reason_of_ones_own_is_kept(world: World) -> None:
    city = at(world, 7, 3)
    made = issue(city, "criticism", "false_evidence", text="照片系他处翻拍")
    assert (made.status_code, made.json()["text"]) == (201, "照片系他处翻拍")
    assert issue(city, "criticism", "by_hand", text="x").json()["code"] == "already_issued"
    state = city.post(
        "/api/v1/reports",
        json={"report": "letters", "form": "docx", "letter": "criticism", "county": "511923",
              "number": DOC},
    )  # fmt: skip
    work_off(city)
    file = city.get(city.get(state.headers["location"]).json()["url"])
    said = "\n".join(p.text for p in docx.Document(io.BytesIO(file.content)).paragraphs)
    assert DOC in said
    assert "3" in said


def test_the_inbox_of_the_city_says_daily_what_is_to_be_decided(world: World) -> None:
    city = at(world, 7, 3)
    ask_what_is_due(world.services)
    work_off(city)
    n = len(city.get(URL).json()["suggested"])
    found = {one["kind"]: one for one in city.get("/api/v1/notices").json()["items"]}
    assert (n > 1, str(n) in found["escalation_proposed"]["says"]) == (True, True)
    county = world.browser("county").get("/api/v1/notices").json()["items"]
    assert "escalation_proposed" not in {one["kind"] for one in county}
