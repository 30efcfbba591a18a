"""Whatever the clock and its zone do: numbers order the ledger, and what is read is right."""

import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import PASSWORD, World

MARK = {"mark": "false_positive", "reason": "FP31"}


def mark(browser: TestClient, plot: str, version: int, **body: object) -> dict[str, Any]:
    answer = browser.post(
        f"/api/v1/plots/{plot}/marks",
        json={**MARK, **body},
        headers={"If-Match": f'"{version}"'},
    )
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


def history(browser: TestClient, plot: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = browser.get(f"/api/v1/plots/{plot}/history").json()["items"]
    return items


# Jumps -------------------------------------------------------------------------------------------


def test_a_clock_set_back_a_year_changes_no_order_and_hides_no_time(world: World) -> None:
    browser = world.browser("county")
    first = mark(browser, "p0", 2)
    world.clock.forward(days=-365)
    second = mark(browser, "p0", 3, note="later, whatever the clock says")
    third = mark(browser, "p1", 2)
    seqs = [told["event"]["seq"] for told in (first, second, third)]
    assert seqs == list(range(seqs[0], seqs[0] + 3))
    told = history(browser, "p0")
    assert [event["seq"] for event in told] == sorted(event["seq"] for event in told)
    years = [datetime.fromisoformat(event["recorded_at"]).year for event in told[-2:]]
    assert years == [2023, 2022]
    assert list(world.services.upkeep.verify()) == []


def test_who_must_miss_nothing_follows_the_numbers(world: World) -> None:
    browser = world.browser("county")
    start = browser.get("/api/v1/changes").json()
    while start["more"]:
        start = browser.get("/api/v1/changes", params={"since": start["next"]}).json()
    mark(browser, "p0", 2)
    world.clock.forward(days=-365)
    mark(browser, "p1", 2)
    told = browser.get("/api/v1/changes", params={"since": start["next"]}).json()["items"]
    assert [item["plot_id"] for item in told] == ["p0", "p1"]


def test_a_clock_set_forward_ends_sessions_and_set_right_again_goes_on(world: World) -> None:
    browser = world.browser("county")
    world.clock.forward(days=3650)
    assert browser.get("/api/v1/me").status_code == 401
    late = world.browser("county")
    mark(late, "p0", 2)
    world.clock.forward(days=-3650)
    assert late.get("/api/v1/me").status_code == 200
    mark(late, "p0", 3)
    assert list(world.services.upkeep.verify()) == []


def test_failures_that_a_wrong_clock_put_into_the_future_lock_nobody_out(world: World) -> None:
    wrong = {"username": "county", "password": "wrong"}
    right = {"username": "county", "password": PASSWORD}
    browser = world.browser()
    for _ in range(5):
        assert browser.post("/api/v1/session", json=wrong).status_code == 401
    assert browser.post("/api/v1/session", json=right).status_code == 429
    world.clock.forward(days=-365)
    assert browser.post("/api/v1/session", json=right).status_code == 204
    world.clock.forward(days=365)
    refused = browser.post("/api/v1/session", json=right)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) <= 600


# Zones -------------------------------------------------------------------------------------------


@pytest.fixture(params=["UTC", "America/New_York", "Pacific/Apia", "Asia/Shanghai"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The zone of the server process; New York has hours that come twice."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_the_servers_zone_is_seen_nowhere(zone: str, world: World) -> None:
    assert os.environ["TZ"] == zone
    # In New York the hour in which this falls comes twice.
    world.clock.now = datetime.fromisoformat("2023-11-05T05:30:00+00:00")
    browser = world.browser("county")
    told = mark(browser, "p0", 2)
    assert told["event"]["recorded_at"] == "2023-11-05T13:30:00+08:00"
    assert told["plot"]["updated_at"] == "2023-11-05T13:30:00+08:00"
    (event,) = [e for e in world.services.store.ledger.events() if e.action == "mark"]
    assert event.recorded_at == "2023-11-05T05:30:00.000+00:00"
    world.clock.forward(hours=1)
    assert mark(browser, "p0", 3, note="x")["event"]["recorded_at"] == "2023-11-05T14:30:00+08:00"


def test_a_plot_is_late_when_the_day_has_ended_in_china(zone: str, world: World) -> None:
    # The review is due on 2023-06-30, a Friday; the next working day is Monday the third.
    browser = world.browser("county")
    for at, late in (
        ("2023-06-30T23:59:00+08:00", 0),
        ("2023-07-03T00:01:00+08:00", 1),
        ("2023-07-03T23:59:00+08:00", 1),
        ("2023-07-04T00:01:00+08:00", 2),
    ):
        world.clock.now = datetime.fromisoformat(at)
        browser = world.browser("county")
        assert browser.get("/api/v1/plots/p0").json()["overdue_days"] == late, at


# Devices -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "observed",
    [
        "2023-05-04T08:30:00+08:00",
        "2023-05-03T17:30:00-07:00",
        "2001-01-01T00:00:00+05:45",
        "2031-01-01T00:00:00+08:00",
    ],
)
def test_a_devices_time_is_kept_with_its_offset_and_orders_nothing(
    world: World, observed: str
) -> None:
    browser = world.browser("county")
    mark(browser, "p0", 2, observed_at=observed)
    mark(browser, "p0", 3, note="x", observed_at="2023-05-04T08:00:00+08:00")
    told = [event for event in history(browser, "p0") if event["action"] == "mark"]
    assert [event["version"] for event in told] == [3, 4]
    (kept, _) = [e for e in world.services.store.ledger.events() if e.action == "mark"]
    assert kept.observed_at == observed
    at = datetime.fromisoformat(told[0]["recorded_at"])
    assert at - world.clock.now < timedelta(seconds=1)


@pytest.mark.parametrize("observed", ["2023-05-04T08:30:00", "yesterday", "2023-13-01T00:00:00Z"])
def test_a_devices_time_without_an_offset_is_none(world: World, observed: str) -> None:
    answer = world.browser("county").post(
        "/api/v1/plots/p0/marks",
        json={**MARK, "observed_at": observed},
        headers={"If-Match": '"2"'},
    )
    assert answer.status_code == 422
