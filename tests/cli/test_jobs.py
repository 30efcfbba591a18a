"""``georeview jobs`` and ``worker``: what waits, working it off, trying again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from georeview.clock import system_clock
from georeview.core.access import Action
from georeview.core.query import Filter
from georeview.services import Services, open_services
from georeview.services.people import owner
from georeview.settings import Settings
from tests.builders import a_batch, an_account
from tests.cli.shell import Shell
from tests.places import Place

CITY = owner("5119")


@pytest.fixture
def run(place: Place, tmp_path: Path) -> Shell:
    return Shell(tmp_path, store=place.address)


@pytest.fixture
def doors(run: Shell) -> Iterator[Services]:
    services = open_services(Settings(home=run.home, store=run.store), system_clock)
    yield services
    services.close()


def states(run: Shell, *flags: str) -> dict[str, str]:
    return {job["id"]: job["state"] for job in run("jobs", "list", "--json", *flags).json["items"]}


def test_jobs_are_listed_worked_off_cancelled_and_tried_again(run: Shell, doors: Services) -> None:
    assert run("jobs", "list").out == "no jobs\n"
    a_batch(doors.store, 3)
    an_account(doors.store, CITY)
    ask = doors.jobs.ask
    first = ask(CITY, Action.LAYER, "overlay", {"batch": "2023-1"}).given.job_id
    second = ask(CITY, Action.LAYER, "overlay", {"batch": "none"}).given.job_id
    assert states(run) == {second: "queued", first: "queued"}
    cancelled = run("jobs", "cancel", first)
    assert (cancelled.code, cancelled.out.split("\t")[:3]) == (0, [first, "overlay", "cancelled"])
    assert (run("jobs", "cancel", first).code, run("jobs", "cancel", "nothing").code) == (0, 1)
    done = run("jobs", "run")
    assert (done.code, done.out) == (0, "jobs run: 1\n")
    assert states(run) == {second: "failed", first: "cancelled"}
    listed = run("jobs", "list", "--state", "failed").out
    assert listed.splitlines()[1].strip() == "Not there, or outside your area."
    again = run("jobs", "retry", first, "--json")
    assert (again.json["state"], again.json["options"]) == ("queued", {"batch": "2023-1"})
    assert run("jobs", "run", "--json").json == {"ran": 1}
    assert states(run, "--state", "done") == {first: "done"}
    refused = run("jobs", "retry", first)
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "The job is done" in refused.err


def test_a_worker_runs_one_job_and_ends(run: Shell, doors: Services) -> None:
    a_batch(doors.store, 3, name="2023-2")
    asked = doors.exports.ask(
        CITY, where=Filter(batch="2023-2"), format="csv", encoding="utf-8", crs="EPSG:4490"
    )
    done = run("worker", "--once")
    assert (done.code, done.out) == (0, "jobs run: 1\n")
    # Whoever asked has no account: rights are judged when the work begins.
    job = doors.jobs.any(asked.given.job_id)
    forbidden = {"code": "forbidden", "facts": {"action": "export"}}
    assert (job.state.value, job.error) == ("failed", forbidden)
    assert run("worker", "--once", "--json").json == {"ran": 0}


def test_a_state_that_is_none_is_wrong_usage(run: Shell) -> None:
    assert run("jobs", "list", "--state", "x").code == 2
