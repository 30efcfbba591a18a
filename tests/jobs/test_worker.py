"""The worker: tries again what may pass, stops when told, and writes under its fence alone."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from threading import Event

import pytest

from georeview import sandbox
from georeview.core.access import Action
from georeview.core.jobs import BACK_OFF, JobState
from georeview.errors.exports import NothingToExport
from georeview.errors.store import DiskFull
from georeview.jobs.tasks import Task
from georeview.jobs.worker import Ended, Worker
from tests.builders import a_batch, an_actor, some_facts

GIS = an_actor("gis", "5119")
DEADLINE_S = 30


def until(condition: Callable[[], object]) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def asked(doors, kind="work"):
    return doors.jobs.ask(GIS, Action.LAYER, kind, {}).given.job_id


def worked(doors, run) -> int:
    """Work off the queue with one kind of task."""
    worker = Worker(doors, tasks={"work": Task(run)})
    assert worker.run(Event(), until_idle=True) is Ended.IDLE
    return worker.ran


def test_a_result_is_kept(doors) -> None:
    job_id = asked(doors)
    assert worked(doors, lambda services, run: {"kind": run.job.given.kind}) == 1
    assert doors.jobs.any(job_id).result == {"kind": "work"}


def test_a_refusal_that_will_not_change_is_not_tried_again(doors) -> None:
    job_id = asked(doors)

    def refuse(services, run):
        raise NothingToExport

    assert worked(doors, refuse) == 1
    job = doors.jobs.any(job_id)
    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    assert job.error == {"code": "nothing_to_export", "facts": {}}


@pytest.mark.parametrize(
    ("error", "code"), [(DiskFull(why="ENOSPC"), "disk_full"), (ZeroDivisionError(), "job_broke")]
)
def test_what_may_pass_is_tried_again_after_two_four_and_eight_minutes(
    doors, clock, error, code
) -> None:
    job_id = asked(doors)

    def fail(services, run):
        raise error

    for wait in BACK_OFF:
        assert worked(doors, fail) == 1
        job = doors.jobs.any(job_id)
        assert (job.state, job.error["code"]) == (JobState.QUEUED, code)
        clock.now += wait - timedelta(seconds=1)
        assert worked(doors, fail) == 0
        clock.forward(seconds=1)
    assert worked(doors, fail) == 1
    assert doors.jobs.any(job_id).state is JobState.FAILED
    doors.jobs.retry_any(job_id)
    assert worked(doors, lambda services, run: {}) == 1
    job = doors.jobs.any(job_id)
    assert (job.state, job.error, job.attempts) == (JobState.DONE, None, 1)


def test_a_running_job_is_cancelled_between_its_steps(doors) -> None:
    job_id, stepping = asked(doors), Event()

    def step(services, run):
        for n in range(10**9):
            run.step(n, 0, "reading")
            stepping.set()
            time.sleep(0.001)

    worker = threading.Thread(target=worked, args=(doors, step))
    worker.start()
    assert stepping.wait(DEADLINE_S)
    assert doors.jobs.cancel(GIS, job_id).cancelling
    worker.join(DEADLINE_S)
    job = doors.jobs.any(job_id)
    assert (job.state, job.result) == (JobState.CANCELLED, None)
    assert job.progress.done > 0


def test_cancelling_ends_the_reader_in_the_sandbox(doors) -> None:
    job_id = asked(doors)
    reading = Event()

    def read(services, run):
        reading.set()
        sandbox.run("tests.sandbox.readers:sleep", 90.0, gdal=False)
        return {}

    worker = threading.Thread(target=worked, args=(doors, read))
    began = time.monotonic()
    worker.start()
    assert reading.wait(DEADLINE_S)
    doors.jobs.cancel(GIS, job_id)
    worker.join(DEADLINE_S)
    assert time.monotonic() - began < DEADLINE_S
    assert doors.jobs.any(job_id).state is JobState.CANCELLED


def test_a_worker_that_is_to_end_gives_its_job_back(doors, monkeypatch) -> None:
    monkeypatch.setattr("georeview.jobs.hold.GRACE_S", 0.2)
    job_id, ending, stepping = asked(doors), Event(), Event()

    def step(services, run):
        for n in range(10**9):
            run.step(n, 0, "reading")
            stepping.set()
            time.sleep(0.001)

    made = Worker(doors, tasks={"work": Task(step)})
    worker = threading.Thread(target=made.run, args=(ending,))
    worker.start()
    assert stepping.wait(DEADLINE_S)
    ending.set()
    worker.join(DEADLINE_S)
    job = doors.jobs.any(job_id)
    assert (job.state, job.attempts, job.error) == (JobState.QUEUED, 0, None)


def test_a_job_that_is_nearly_done_is_finished_when_the_worker_is_to_end(doors) -> None:
    job_id, ending, begun = asked(doors), Event(), Event()

    def nearly(services, run):
        begun.set()
        ending.wait()
        return {"done": True}

    worker = threading.Thread(
        target=Worker(doors, tasks={"work": Task(nearly)}).run, args=(ending,)
    )
    worker.start()
    assert begun.wait(DEADLINE_S)
    ending.set()
    worker.join(DEADLINE_S)
    assert doors.jobs.any(job_id).result == {"done": True}


def test_a_worker_that_lost_its_lease_writes_nothing(doors, clock) -> None:
    plots = a_batch(doors.store, 2)
    job_id, begun, go_on = asked(doors), Event(), Event()

    def slow(services, run):
        begun.set()
        go_on.wait(DEADLINE_S)
        services.store.facts.put([some_facts(plots[0], seed=1)])
        return {"by": "slow"}

    first = threading.Thread(target=worked, args=(doors, slow))
    first.start()
    assert begun.wait(DEADLINE_S)
    clock.forward(minutes=5)

    def quick(services, run):
        services.store.facts.put([some_facts(plots[0], seed=2)])
        return {"by": "quick"}

    assert worked(doors, quick) == 1
    go_on.set()
    first.join(DEADLINE_S)
    job = doors.jobs.any(job_id)
    assert (job.state, job.result, job.claim.fence) == (JobState.DONE, {"by": "quick"}, 2)
    assert doors.store.facts.layers_used("2023-1") == {"mgmt_area=v2": 1}


def test_a_long_job_keeps_its_lease_and_tells_its_progress(doors, clock) -> None:
    job_id = asked(doors)

    def long(services, run):
        for n in range(1, 4):
            run.step(n, 3, "keeping")
            until(lambda n=n: doors.jobs.any(job_id).progress.done == n)
            clock.forward(seconds=20)
        return {}

    assert worked(doors, long) == 1
    assert doors.jobs.any(job_id).claim.fence == 1


@pytest.mark.slow
def test_four_workers_do_each_of_many_small_jobs_once(doors, place, clock) -> None:
    from contextlib import ExitStack, closing

    from georeview.services import open_services

    done: list[str] = []
    jobs = {asked(doors) for _ in range(60)}

    def small(services, run):
        done.append(run.job.given.job_id)
        return {}

    with ExitStack() as opened:
        others = [
            opened.enter_context(closing(open_services(place.settings, clock))) for _ in range(3)
        ]
        threads = [threading.Thread(target=worked, args=(d, small)) for d in (doors, *others)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(DEADLINE_S)
    assert sorted(done) == sorted(jobs)
    assert doors.store.jobs.counts() == {"done": 60}
