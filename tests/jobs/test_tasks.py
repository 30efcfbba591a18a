"""The table of kinds: each is told of in both languages, and leads somewhere."""

import re
from threading import Event

import pytest
from fastapi.routing import APIRoute

from api import routes
from georeview import texts
from georeview.core.access import EVERYTHING, Action
from georeview.core.jobs import JobState
from georeview.jobs.tasks import TASKS, ask_what_is_due
from georeview.jobs.worker import Ended, Worker
from georeview.services.people import KEEPER
from tests.builders import a_batch, an_account, an_actor

STEPS = (
    *("reading", "keeping", "taking_back", "laying_over", "converting", "writing"),
    *("telling", "counting"),
)


@pytest.mark.parametrize("lang", texts.LANGS)
def test_every_kind_state_and_step_has_its_words(lang) -> None:
    known = texts.catalogue(lang)
    assert {f"job.kind.{kind}" for kind in TASKS} == {k for k in known if k.startswith("job.kind.")}
    states = {f"job.state.{state}" for state in JobState}
    assert states == {k for k in known if k.startswith("job.state.")}
    assert {f"job.step.{step}" for step in STEPS} == {k for k in known if k.startswith("job.step.")}


def test_what_came_of_a_job_is_found_where_the_table_says() -> None:
    paths = {
        route.path
        for router in routes.API
        for route in router.routes
        if isinstance(route, APIRoute)
    }
    shown = {re.sub(r"\{\w+\}", "{}", path) for path in paths}
    for task in TASKS.values():
        assert task.url is None or re.sub(r"\{\w+\}", "{}", task.url) in shown


def test_what_the_service_does_by_itself_is_asked_for_once_a_turn(doors, clock) -> None:
    for _ in range(3):
        ask_what_is_due(doors)
    assert {job.given.kind for job in doors.jobs.every()} == {
        *("permits", "sign_head", "tidy", "escalations"),
    }
    Worker(doors).run(Event(), until_idle=True)
    assert doors.store.jobs.counts() == {"done": 4}
    clock.forward(hours=1)
    ask_what_is_due(doors)
    kinds = [job.given.kind for job in doors.jobs.every(state=JobState.QUEUED)]
    assert kinds == ["sign_head"]


def test_overlay_by_kind_alone(doors) -> None:
    a_batch(doors.store, 10)
    gis = an_account(doors.store, an_actor("gis", "5119"))
    job = doors.jobs.ask(gis, Action.LAYER, "overlay", {"batch": "2023-1"})
    Worker(doors).run(Event(), until_idle=True)
    done = doors.jobs.any(job.given.job_id)
    assert (done.state, done.result) == (JobState.DONE, {"plots": 10, "layers": ""})
    assert (done.progress.done, done.progress.total) == (10, 10)


@pytest.mark.parametrize("role", [None, "auditor"])
def test_rights_are_judged_when_the_work_begins(doors, role) -> None:
    gis = an_account(doors.store, an_actor("gis", "5119"))
    job = doors.jobs.ask(gis, Action.LAYER, "overlay", {"batch": None})
    if role is None:
        doors.people.set_disabled(KEEPER, gis.user, disabled=True)
    else:
        an_account(doors.store, an_actor(role, "5119", gis.user))
    Worker(doors).run(Event(), until_idle=True)
    failed = doors.jobs.any(job.given.job_id)
    assert (failed.state, failed.error["code"]) == (JobState.FAILED, "forbidden")


def test_a_worker_that_has_grown_ends_when_nothing_is_left_to_do(doors) -> None:
    gis = an_account(doors.store, an_actor("gis", "5119"))
    job = doors.jobs.ask(gis, Action.LAYER, "overlay", {"batch": None})
    assert Worker(doors, light_mb=1).run(Event()) is Ended.HEAVY
    assert doors.jobs.any(job.given.job_id).state is JobState.DONE


def test_an_overlay_begun_again_computes_only_what_is_still_to_do(doors, clock) -> None:
    plots = a_batch(doors.store, 6)
    doors.overlay.run("2023-1")
    clock.forward(hours=1)
    since = clock.now
    some = doors.overlay.facts(plots[:2])
    doors.store.facts.put(some)
    doors.overlay.run("2023-1", since=since)
    stream = doors.store.plots.stream(EVERYTHING, _all())
    assert {plot.facts.computed_at for chunk in stream for plot in chunk} == {since.isoformat()}
    assert _past(doors) == 6


def test_tidying_removes_what_is_over_and_nothing_else(doors, clock) -> None:
    plots = a_batch(doors.store, 1)
    kept, over = (
        doors.jobs.ask(an_actor("gis", "5119"), Action.LAYER, "overlay", {"batch": None})
        for _ in range(2)
    )
    made = doors.files.exports() / over.given.job_id
    made.mkdir()
    part = doors.files.cache() / ".part-0011223344556677"
    part.write_bytes(b"half")
    Worker(doors).run(Event(), until_idle=True)
    clock.forward(days=366 * 20)
    kept = doors.store.jobs.retry(kept.given.job_id, clock.now.isoformat())
    doors.jobs.ask_by_itself("tidy", "tidy 1")
    late = doors.jobs.ask(an_actor("gis", "5119"), Action.LAYER, "overlay", {"batch": None})
    Worker(doors).run(Event(), until_idle=True)
    assert not made.exists()
    assert not part.exists()
    left = {job.given.job_id: job.given.kind for job in doors.jobs.every()}
    assert over.given.job_id not in left
    assert left[late.given.job_id] == "overlay"
    assert doors.store.plots.get(EVERYTHING, plots[0].plot_id)


def _all():
    from georeview.core.query import Filter

    return Filter(batch="2023-1")


def _past(doors) -> int:
    with doors.store.engine.view() as connection:
        return connection.execute("SELECT COUNT(*) FROM facts_past").fetchone()[0]
