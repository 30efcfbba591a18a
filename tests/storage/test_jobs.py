"""The queue: asked for once, held by one, written by the holder alone."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from georeview.core.access import EVERYTHING, Scope
from georeview.core.jobs import LOST_MAX, Claim, JobState, Progress
from georeview.errors import NotFound
from georeview.errors.work import JobLost
from georeview.services.jobs import ONLY_OWN
from georeview.storage.ports.jobs import Job, Lease, NewJob
from georeview.storage.store import DatabaseStore
from tests.builders import NOW, a_batch, some_facts
from tests.places import Place

MINUTE = timedelta(minutes=1)


def a_job(n: int = 0, **more: object) -> NewJob:
    given: dict[str, object] = {
        "user": "li",
        "area": "5119",
        "kind": "overlay",
        "options": {"n": n},
        "created_at": (NOW + timedelta(seconds=n)).isoformat(),
    }
    return NewJob(job_id=f"j{n}", **given | more)  # type: ignore[arg-type]


def a_lease(holder: str = "w1", now: datetime = NOW + 10 * MINUTE) -> Lease:
    return Lease(
        holder, now.isoformat(), (now + MINUTE).isoformat(), (now + 60 * MINUTE).isoformat()
    )


def claimed(store: DatabaseStore, lease: Lease | None = None) -> Job:
    job = store.jobs.claim(lease or a_lease())
    assert job is not None
    return job


def seen(store: DatabaseStore, job_id: str = "j0") -> Job:
    return store.jobs.get(None, EVERYTHING, job_id)


def test_a_job_is_claimed_in_order_worked_on_and_done(store: DatabaseStore) -> None:
    for n in range(3):
        assert store.jobs.add(a_job(n)).given == a_job(n)
    assert store.jobs.waiting(a_lease())
    first, second = claimed(store), claimed(store, a_lease("w2"))
    assert (first.given.job_id, second.given.job_id) == ("j0", "j1")
    assert (first.state, first.attempts, first.claim.fence) == (JobState.RUNNING, 1, 1)
    store.jobs.beat(first.claim, a_lease(), Progress(3, 10, "reading"))
    assert seen(store).progress == Progress(3, 10, "reading")
    store.jobs.finish(first.claim, JobState.DONE, NOW.isoformat(), result={"n": 3})
    done = seen(store)
    assert (done.state, done.result, done.error) == (JobState.DONE, {"n": 3}, None)
    assert store.jobs.counts() == {"done": 1, "running": 1, "queued": 1}


def test_nothing_waits_in_an_empty_queue(store: DatabaseStore) -> None:
    assert not store.jobs.waiting(a_lease())
    assert store.jobs.claim(a_lease()) is None


def test_a_name_is_given_to_one_job_only(store: DatabaseStore) -> None:
    first = store.jobs.add(a_job(0, once="sign_head 7"))
    assert store.jobs.add(a_job(1, once="sign_head 7")) == first
    assert store.jobs.once("sign_head 7") == first
    assert store.jobs.once("sign_head 8") is None
    assert store.jobs.add(a_job(2)).given.job_id == "j2"
    assert len(store.jobs.all(None, EVERYTHING)) == 2


def test_a_lease_that_ended_is_taken_over_and_its_first_holder_writes_nothing(
    store: DatabaseStore,
) -> None:
    plots = a_batch(store, 4)
    store.jobs.add(a_job())
    slow = claimed(store)
    assert store.jobs.claim(a_lease("w2")) is None
    later = a_lease("w2", NOW + 12 * MINUTE)
    quick = claimed(store, later)
    assert (quick.claim.fence, quick.attempts) == (2, 2)
    refused: list[Callable[[], object]] = [
        lambda: store.jobs.beat(slow.claim, later, Progress()),
        lambda: store.jobs.finish(slow.claim, JobState.DONE, NOW.isoformat(), result={}),
        lambda: store.jobs.put_back(slow.claim, NOW.isoformat()),
        lambda: store.fenced(slow.claim, lambda: later).facts.put([some_facts(plots[0])]),
    ]
    for write in refused:
        with pytest.raises(JobLost):
            write()
    assert store.facts.layers_used("2023-1") == {}
    store.fenced(quick.claim, lambda: later).facts.put([some_facts(plots[0])])
    assert sum(store.facts.layers_used("2023-1").values()) == 1
    store.jobs.finish(quick.claim, JobState.DONE, NOW.isoformat(), result={"by": "w2"})
    assert seen(store).result == {"by": "w2"}


def test_every_write_of_a_job_renews_its_lease(store: DatabaseStore) -> None:
    plots = a_batch(store, 2)
    store.jobs.add(a_job())
    job = claimed(store)
    at = NOW + 12 * MINUTE
    store.fenced(job.claim, lambda: a_lease("w1", at)).facts.put([some_facts(plots[0])])
    assert store.jobs.claim(a_lease("w2", at)) is None
    assert claimed(store, a_lease("w2", at + 2 * MINUTE)).claim.fence == 2


def test_a_job_put_back_waits_for_its_time(store: DatabaseStore) -> None:
    store.jobs.add(a_job())
    job = claimed(store)
    again = NOW + 15 * MINUTE
    error = {"code": "disk_full", "facts": {"why": "ENOSPC"}}
    store.jobs.put_back(job.claim, again.isoformat(), error=error)
    waiting = seen(store)
    assert (waiting.state, waiting.attempts, waiting.error) == (JobState.QUEUED, 1, error)
    assert store.jobs.claim(a_lease()) is None
    second = claimed(store, a_lease(now=again))
    assert (second.attempts, second.claim.fence) == (2, 2)
    store.jobs.put_back(second.claim, again.isoformat(), counted=False)
    assert seen(store).attempts == 1


def test_a_clock_set_back_leaves_nothing_waiting_for_a_year(store: DatabaseStore) -> None:
    store.jobs.add(a_job(0))
    ahead = NOW + timedelta(days=365)
    job = claimed(store, a_lease(now=ahead))
    store.jobs.add(a_job(1, created_at=ahead.isoformat()))
    assert claimed(store, a_lease("w2")).given.job_id == "j0"
    assert claimed(store, a_lease("w2")).given.job_id == "j1"
    with pytest.raises(JobLost):
        store.jobs.beat(job.claim, a_lease(), Progress())


def test_a_job_whose_workers_never_come_back_is_given_up(store: DatabaseStore) -> None:
    store.jobs.add(a_job())
    for n in range(LOST_MAX):
        claimed(store, a_lease(now=NOW + (n + 1) * 10 * MINUTE))
    assert store.jobs.claim(a_lease(now=NOW + 60 * 10 * MINUTE)) is None
    given_up = seen(store)
    assert given_up.state is JobState.FAILED
    assert given_up.error == {"code": "job_abandoned", "facts": {"attempts": LOST_MAX}}


def test_what_waits_is_cancelled_at_once_and_what_runs_is_asked_to_stop(
    store: DatabaseStore,
) -> None:
    store.jobs.add(a_job(0))
    store.jobs.add(a_job(1))
    running = claimed(store)
    assert store.jobs.cancel("j1", NOW.isoformat()).state is JobState.CANCELLED
    asked = store.jobs.cancel("j0", NOW.isoformat())
    assert (asked.state, asked.cancelling) == (JobState.RUNNING, True)
    store.jobs.finish(running.claim, JobState.CANCELLED, NOW.isoformat())
    assert store.jobs.claim(a_lease(now=NOW + 60 * MINUTE)) is None
    again = store.jobs.retry("j0", NOW.isoformat())
    assert (again.state, again.attempts, again.cancelling) == (JobState.QUEUED, 0, False)
    with pytest.raises(NotFound):
        store.jobs.cancel("nothing", NOW.isoformat())


def test_a_cancelled_job_whose_worker_is_gone_is_not_begun_again(store: DatabaseStore) -> None:
    store.jobs.add(a_job())
    claimed(store)
    store.jobs.cancel("j0", NOW.isoformat())
    assert store.jobs.claim(a_lease(now=NOW + 60 * MINUTE)) is None
    assert seen(store).state is JobState.CANCELLED


def test_a_job_asked_for_anew_is_lost_to_whoever_worked_on_it(store: DatabaseStore) -> None:
    store.jobs.add(a_job())
    holder = claimed(store)
    now = (NOW + 11 * MINUTE).isoformat()
    again = store.jobs.ask_anew("j0", {"n": 7}, now, area="5119", unless="commit j0")
    assert (again.state, again.given.options, again.attempts) == (JobState.QUEUED, {"n": 7}, 0)
    with pytest.raises(JobLost):
        store.jobs.finish(holder.claim, JobState.DONE, now, result={"n": 1})
    done = claimed(store, a_lease("w2", NOW + 12 * MINUTE))
    store.jobs.finish(done.claim, JobState.DONE, now, result={"n": 7})
    assert store.jobs.ask_anew("j0", {"n": 8}, now, area="5119", unless="commit j0").result is None


def test_a_job_that_another_rests_on_stays_as_it_is(store: DatabaseStore) -> None:
    store.jobs.add(a_job())
    store.jobs.add(a_job(1, once="commit j0"))
    same = store.jobs.ask_anew("j0", {"n": 7}, NOW.isoformat(), area="5119", unless="commit j0")
    assert same.given.options == {"n": 0}
    with pytest.raises(NotFound):
        store.jobs.ask_anew("j9", {}, NOW.isoformat(), area="5119", unless="-")


def test_jobs_of_one_kind_can_be_listed_alone(store: DatabaseStore) -> None:
    for n, kind in enumerate(("inspect", "export", "inspect")):
        store.jobs.add(a_job(n, kind=kind))
    found = store.jobs.all("li", ONLY_OWN, kind="inspect")
    assert [job.given.job_id for job in found] == ["j2", "j0"]


def test_a_job_is_seen_by_who_asked_and_who_looks_after_the_area(store: DatabaseStore) -> None:
    store.jobs.add(a_job(0, user="li", area="511921"))
    store.jobs.add(a_job(1, user="an", area="511922"))
    store.jobs.add(a_job(2, user=None, area=""))

    def shown(user: str | None, scope: Scope, **more: object) -> list[str]:
        return [job.given.job_id for job in store.jobs.all(user, scope, **more)]  # type: ignore[arg-type]

    assert shown("li", ONLY_OWN) == ["j0"]
    assert shown("wu", Scope(("5119",))) == ["j1", "j0"]
    assert shown("an", Scope(("511921",))) == ["j1", "j0"]
    assert shown("wu", Scope(("511923",))) == []
    assert shown(None, EVERYTHING) == ["j2", "j1", "j0"]
    assert shown(None, EVERYTHING, limit=1) == ["j2"]
    assert shown(None, EVERYTHING, state=JobState.DONE) == []
    newest = store.jobs.all(None, EVERYTHING)[0].number
    assert shown(None, EVERYTHING, before=newest) == ["j1", "j0"]
    with pytest.raises(NotFound):
        store.jobs.get("wu", Scope(("511923",)), "j0")


def test_four_workers_and_a_hundred_jobs_each_is_claimed_once(place: Place) -> None:
    with ExitStack() as opened:
        stores = [opened.enter_context(closing(place.store())) for _ in range(4)]
        for n in range(100):
            stores[0].jobs.add(a_job(n))

        def work(store: DatabaseStore) -> list[str]:
            mine = []
            while store.jobs.waiting(a_lease()):
                if job := store.jobs.claim(a_lease()):
                    store.jobs.finish(job.claim, JobState.DONE, NOW.isoformat(), result={})
                    mine.append(job.given.job_id)
            return mine

        with ThreadPoolExecutor(4) as pool:
            done = [job for mine in pool.map(work, stores) for job in mine]
        assert sorted(done) == sorted(f"j{n}" for n in range(100))
        assert stores[0].jobs.counts() == {"done": 100}


STEPS = st.lists(
    st.sampled_from(["claim", "beat", "finish", "put_back", "wait", "cancel", "retry"]), max_size=25
)


@given(steps=STEPS, seed=st.integers(0, 99))
@settings(max_examples=25)
def test_whatever_happens_one_holder_writes(steps: list[str], seed: int) -> None:
    """Of all claims ever made of a job, only the latest can change it."""
    draw = random.Random(seed)
    with TemporaryDirectory() as folder, closing(Place("sqlite", Path(folder)).store()) as store:
        store.jobs.add(a_job())
        now, claims = NOW, [Claim("j0", 0)]
        for step in steps:
            holder, at = draw.choice(claims), now.isoformat()
            before = seen(store)
            may = before.state is JobState.RUNNING and holder == before.claim
            try:
                if step == "claim" and (job := store.jobs.claim(a_lease(now=now))):
                    claims.append(job.claim)
                elif step == "beat":
                    store.jobs.beat(holder, a_lease(now=now), Progress())
                elif step == "finish":
                    store.jobs.finish(holder, JobState.DONE, at, result={})
                elif step == "put_back":
                    store.jobs.put_back(holder, at)
                elif step in ("cancel", "retry"):
                    getattr(store.jobs, step)("j0", at)
                elif step == "wait":
                    now += 2 * MINUTE
            except JobLost:
                assert not may
            else:
                assert may or step not in ("beat", "finish", "put_back")
        assert len({claim.fence for claim in claims}) == len(claims)
