"""Notices by mail: to whom, when, in which language, and never twice; over a real socket."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from georeview.clock import SHANGHAI
from georeview.core.jobs import JobState
from georeview.jobs.tasks import ask_what_is_due
from tests.api.conftest import World, work_off
from tests.services.mailbox import Mailbox, mailbox

URL = "/api/v1/notices/mail"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as running:
        yield running


@pytest.fixture
def posting(world: World, box: Mailbox) -> Iterator[World]:
    """A world that sends mail; the county's person reads English, the others have no address."""
    settings = replace(
        world.services.settings,
        smtp_host="127.0.0.1", smtp_port=box.port, smtp_tls="none",
        smtp_from="office@example.cn", hosts="testserver,reviews.example.cn",
    )  # fmt: skip
    for user, lang in (("county", "en"), ("other", "zh-CN")):
        person = world.services.store.people.get(user)
        assert person is not None
        told = replace(person, email=f"{user}@example.cn", lang=lang)
        world.services.store.people.put(told)
    again = world.again(settings)
    yield again
    again.services.close()


def day(world: World, month: int, of_month: int, hour: int = 9) -> None:
    world.clock.now = datetime(2023, month, of_month, hour, tzinfo=SHANGHAI).astimezone(UTC)


def turn(world: World) -> None:
    """What the worker does on its next look."""
    ask_what_is_due(world.services)
    work_off(world.browser("city"))


def test_a_daily_mail_says_what_is_new_in_the_readers_language(
    posting: World, box: Mailbox
) -> None:
    day(posting, 7, 3)
    turn(posting)
    told = {m["To"]: (m["Subject"], m.get_content()) for m in box.arrived}
    assert told.keys() == {"county@example.cn", "other@example.cn"}
    subject, text = told["county@example.cn"]
    assert "new notices" in subject
    assert "http://testserver" in text
    assert "/mail" in text
    assert "新提醒" in told["other@example.cn"][0]
    assert box.arrived[0]["From"] == "office@example.cn"
    assert box.arrived[0]["Auto-Submitted"] == "auto-generated"


def test_nobody_is_told_the_same_twice(posting: World, box: Mailbox) -> None:
    day(posting, 7, 3)
    turn(posting)
    n = len(box.arrived)
    for wish in ("daily", "daily"):
        posting.services.mails.send(wish, lambda _: None)
    assert (n, len(box.arrived)) == (2, 2)
    day(posting, 7, 4)
    turn(posting)
    assert len(box.arrived) == 4


def test_each_person_says_how(posting: World, box: Mailbox) -> None:
    county, other = posting.browser("county"), posting.browser("other")
    known = {"wish": "daily", "email": "county@example.cn", "sends": True}
    assert county.get(URL).json() == known
    assert county.put(URL, json={"wish": "never"}).json()["wish"] == "never"
    assert other.put(URL, json={"wish": "now"}).status_code == 200
    assert other.put(URL, json={"wish": "hourly"}).status_code == 422
    day(posting, 7, 3, hour=7)
    turn(posting)
    assert [m["To"] for m in box.arrived] == ["other@example.cn"]
    day(posting, 7, 3, hour=9)
    turn(posting)
    assert [m["To"] for m in box.arrived] == ["other@example.cn"]


def test_what_a_busy_server_did_not_take_goes_out_later_and_the_rest_once(
    posting: World, box: Mailbox
) -> None:
    box.refuse = {"other@example.cn": 451}
    day(posting, 7, 3)
    turn(posting)
    (job,) = [one for one in posting.services.jobs.every() if one.given.kind == "mail"]
    assert (job.state, job.attempts, job.error and job.error["code"]) == (
        JobState.QUEUED, 1, "mail_server_away",
    )  # fmt: skip
    box.refuse = {}
    posting.clock.forward(minutes=5)
    work_off(posting.browser("city"))
    assert sorted(m["To"] for m in box.arrived) == ["county@example.cn", "other@example.cn"]


def test_an_address_that_is_refused_for_good_holds_nobody_up(posting: World, box: Mailbox) -> None:
    box.refuse = {"county@example.cn": 550}
    day(posting, 7, 3)
    turn(posting)
    assert [m["To"] for m in box.arrived] == ["other@example.cn"]
    assert posting.services.mails.send("daily", lambda _: None) == 0


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_without_a_server_nothing_is_tried(world: World) -> None:
    day(world, 7, 3)
    assert list(world.services.mails.due()) == []
    assert world.browser("county").get(URL).json()["sends"] is False
