import tempfile
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from georeview.core.access import EVERYTHING, Role, Scope
from georeview.core.ledger import GENESIS, Value
from georeview.core.procedure import Command
from georeview.core.replay import replay
from georeview.core.requirements import Proof
from georeview.core.review import attachment, decide
from georeview.errors import GeoreviewError, NotFound
from georeview.errors.store import StoreGone
from georeview.storage.ports.evidence import EvidenceFile
from georeview.storage.ports.ledger import Idempotency, Kept, KeyClash, Pending, Stale
from georeview.storage.store import DatabaseStore
from tests.builders import NOW, TOWNS, a_batch, a_mark, an_actor, kept, with_base
from tests.places import BACK_ENDS, NewPlace, Place

COUNTY = an_actor(Role.COUNTY, "511902")
KEY = Idempotency("u", "POST marks", "k-1", "body-a")


@pytest.fixture
def plot_id(store: DatabaseStore) -> str:
    return a_batch(store, 1)[0].plot_id


def test_a_mark_is_kept_with_the_state_it_leaves(store: DatabaseStore, plot_id: str) -> None:
    before = store.ledger.head()
    result = kept(store.ledger.append([a_mark(store, plot_id, COUNTY, "confirmed")])[0])
    assert result.event.prev_hash == before.hash
    assert result.event.seq == before.seq + 1
    assert result.review == store.ledger.review(EVERYTHING, plot_id)
    assert result.review.mark == "confirmed"
    assert store.ledger.history(EVERYTHING, plot_id)[-1] == result.event
    assert list(store.ledger.events(before.seq)) == [result.event]


def test_the_chain_begins_with_genesis(store: DatabaseStore) -> None:
    assert store.ledger.head().hash == GENESIS
    a_batch(store, 3)
    events = list(store.ledger.events())
    assert events[0].prev_hash == GENESIS
    assert [event.seq for event in events] == [1, 2, 3, 4, 5, 6]
    assert store.ledger.head().hash == events[-1].hash


def test_only_moves_between_areas_move_area_seq(store: DatabaseStore, plot_id: str) -> None:
    dispatched = store.ledger.head().area_seq
    store.ledger.append([a_mark(store, plot_id, COUNTY)])
    assert store.ledger.head().area_seq == dispatched
    state = store.ledger.review(EVERYTHING, plot_id)
    command = Command("dispatch_town", "e2", state.version, {"township": TOWNS[0]})
    store.ledger.append([Pending(decide(state, command, COUNTY, Proof(), NOW))])
    assert store.ledger.head().area_seq == store.ledger.head().seq


def test_each_event_stands_or_falls_alone(store: DatabaseStore) -> None:
    plots = [plot.plot_id for plot in a_batch(store, 11)]
    good = [a_mark(store, plots[0], COUNTY), a_mark(store, plots[10], COUNTY)]
    late = with_base(a_mark(store, plots[5], COUNTY), 1)
    results = store.ledger.append([good[0], late, good[1]])
    assert [type(result) for result in results] == [Kept, Stale, Kept]
    assert store.ledger.review(EVERYTHING, plots[5]).mark == "pending"
    assert list(store.ledger.verify()) == []


def test_the_second_on_one_version_is_stale(store: DatabaseStore, plot_id: str) -> None:
    first, second = (a_mark(store, plot_id, COUNTY, mark) for mark in ("confirmed", "rectified"))
    won, lost = store.ledger.append([first, second])
    assert isinstance(lost, Stale)
    assert lost.review == kept(won).review
    follow = with_base(second, kept(won).review.version)
    assert kept(store.ledger.append([follow])[0]).review.mark == "rectified"


def test_an_event_about_no_plot_fails_alone(store: DatabaseStore, plot_id: str) -> None:
    pending = a_mark(store, plot_id, COUNTY)
    lost = replace(pending, draft=replace(pending.draft, plot_id="nowhere"))
    with pytest.raises(NotFound):
        store.ledger.append([lost])
    assert isinstance(store.ledger.append([pending])[0], Kept)


def test_a_value_the_chain_refuses_leaves_the_writer_working(
    store: DatabaseStore, plot_id: str
) -> None:
    pending = a_mark(store, plot_id, COUNTY)
    with pytest.raises(ValueError, match="U\\+001F"):
        store.ledger.append([replace(pending, draft=replace(pending.draft, unit="a\x1fb"))])
    assert isinstance(store.ledger.append([pending])[0], Kept)


# Repeats -----------------------------------------------------------------------------------------


def test_a_repeat_gets_the_first_answer_whatever_came_after(
    store: DatabaseStore, plot_id: str
) -> None:
    pending = replace(a_mark(store, plot_id, COUNTY, "confirmed"), idempotency=KEY)
    first = kept(store.ledger.append([pending])[0])
    store.ledger.append([a_mark(store, plot_id, COUNTY, "rectified")])
    again = kept(store.ledger.append([pending])[0])
    assert again == replace(first, repeated=True)
    assert len(store.ledger.history(EVERYTHING, plot_id)) == 4


def test_repeats_that_arrive_together_are_one(store: DatabaseStore, plot_id: str) -> None:
    pending = replace(a_mark(store, plot_id, COUNTY), idempotency=KEY)
    other = replace(pending, idempotency=replace(KEY, body_sha256="body-b"))
    first, again, clash = store.ledger.append([pending, pending, other])
    assert again == replace(kept(first), repeated=True)
    assert isinstance(clash, KeyClash)
    assert isinstance(store.ledger.append([other])[0], KeyClash)


@pytest.mark.parametrize("change", [{"user": "v"}, {"route": "POST actions"}, {"key": "k-2"}])
def test_keys_belong_to_user_route_and_plot(
    store: DatabaseStore, plot_id: str, change: dict[str, str]
) -> None:
    other_plot = a_batch(store, 1, seed=1, name="2023-2")[0].plot_id
    store.ledger.append([replace(a_mark(store, plot_id, COUNTY), idempotency=KEY)])
    for plot, key in ((plot_id, replace(KEY, **change)), (other_plot, KEY)):
        (result,) = store.ledger.append([replace(a_mark(store, plot, COUNTY), idempotency=key)])
        assert not kept(result).repeated


def test_a_stale_event_uses_no_key(store: DatabaseStore, plot_id: str) -> None:
    pending = replace(a_mark(store, plot_id, COUNTY), idempotency=KEY)
    assert isinstance(store.ledger.append([with_base(pending, 0)])[0], Stale)
    assert not kept(store.ledger.append([pending])[0]).repeated


# Sight -------------------------------------------------------------------------------------------


def test_what_the_scope_does_not_hold_is_not_there(store: DatabaseStore, plot_id: str) -> None:
    for scope in (Scope(()), Scope(("511921",)), Scope(("5119021",))):
        with pytest.raises(NotFound):
            store.ledger.review(scope, plot_id)
        with pytest.raises(NotFound):
            store.ledger.history(scope, plot_id)


# Evidence ----------------------------------------------------------------------------------------


def test_evidence_is_kept_with_its_event_and_moves_no_version(
    store: DatabaseStore, plot_id: str
) -> None:
    state = store.ledger.review(EVERYTHING, plot_id)
    at = NOW + timedelta(hours=1)
    body: dict[str, Value] = {"evidence_id": "ev1", "kind": "E_PHOTO", "sha256": "ab" * 32}
    draft = attachment(state, "a1", COUNTY, body=body, observed_at=None, now=at)
    file = EvidenceFile(
        "ev1", plot_id, "ab" * 32, "E_PHOTO", "桥.jpg", "image/jpeg", 12, None,
        106.5, None, 12.5, COUNTY.user, at.isoformat(),
    )  # fmt: skip
    result = kept(store.ledger.append([Pending(draft, evidence=file)])[0])
    assert result.review == state
    assert result.event.version == state.version
    assert store.evidence.of_plot(EVERYTHING, plot_id) == [file]
    assert store.evidence.get(Scope(("511902",)), "ev1") == file
    assert list(store.evidence.hashes()) == [file.sha256]
    assert store.plots.get(EVERYTHING, plot_id).updated_at == draft.recorded_at
    with pytest.raises(NotFound):
        store.evidence.get(Scope(("511921",)), "ev1")
    with pytest.raises(NotFound):
        store.evidence.of_plot(Scope(("511921",)), plot_id)
    assert list(store.ledger.verify()) == []


# Together ----------------------------------------------------------------------------------------


def test_what_is_queued_together_is_committed_together(store: DatabaseStore, place: Place) -> None:
    plots = a_batch(store, 200)
    pending = [a_mark(store, p.plot_id, COUNTY) for p in plots[::5]]
    with place.held():
        before = place.commits()
        answers = [store.engine.submit([one]) for one in pending]
    assert all(isinstance(answer.result(timeout=20)[0], Kept) for answer in answers)
    # The first may have gone alone; the 39 behind it were queued while it waited.
    assert place.commits() - before <= 2
    assert list(store.ledger.verify()) == []


def test_a_defect_of_one_sender_does_not_reach_the_others(
    store: DatabaseStore, place: Place
) -> None:
    plots = a_batch(store, 15)
    pending = [a_mark(store, p.plot_id, COUNTY) for p in plots[::5]]
    bad = replace(pending[1], draft=replace(pending[1].draft, plot_id="nowhere"))
    with place.held():
        answers = [store.engine.submit([one]) for one in (pending[0], bad, pending[2])]
    assert isinstance(answers[0].result(timeout=20)[0], Kept)
    assert isinstance(answers[1].exception(timeout=20), NotFound)
    assert isinstance(answers[2].result(timeout=20)[0], Kept)


def test_eight_threads_lose_nothing(store: DatabaseStore) -> None:
    plots = [plot.plot_id for plot in a_batch(store, 10)[::5]]
    wins: list[int] = []

    def work(n: int) -> None:
        for turn in range(20):
            pending = a_mark(store, plots[turn % 2], COUNTY, event_id=f"{n}-{turn}")
            while isinstance(store.ledger.append([pending])[0], Stale):
                pending = a_mark(store, plots[turn % 2], COUNTY, event_id=f"{n}-{turn}")
            wins.append(1)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(wins) == 160
    assert sum(store.ledger.review(EVERYTHING, plot).version - 2 for plot in plots) == 160
    assert list(store.ledger.verify()) == []


def test_close_finishes_what_was_accepted(store: DatabaseStore, place: Place) -> None:
    plots = a_batch(store, 100)
    pending = [a_mark(store, p.plot_id, COUNTY) for p in plots[::5]]
    engine = place.engine()
    answers = [engine.submit([one]) for one in pending]
    engine.close()
    assert all(isinstance(answer.result(timeout=0)[0], Kept) for answer in answers)
    with pytest.raises(StoreGone):
        engine.submit([pending[0]])


# Histories ---------------------------------------------------------------------------------------

STEPS = st.tuples(
    st.sampled_from(["mark", "mark", "mark", "undo_mark", "dispatch_town", "submit"]),
    st.sampled_from([("county", "511902"), ("township", TOWNS[0]), ("city", "5119")]),
    st.sampled_from(["confirmed", "false_positive", "rectified"]),
    st.sampled_from([None, "说明:<b>桥</b>", "x" * 30]),
)


def _body(action: str, mark: str, note: str | None) -> dict[str, object]:
    if action == "mark":
        return {"mark": mark} | ({"note": note} if note else {})
    return {"township": TOWNS[0]} if action == "dispatch_town" else {}


@pytest.mark.parametrize("back_end", BACK_ENDS)
@settings(max_examples=25)
@given(st.lists(STEPS, max_size=25))
def test_the_projection_is_the_replay_of_any_history(
    places: NewPlace, back_end: str, steps: list[tuple]
) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        places(back_end, Path(folder)) as place,
        closing(place.store()) as store,
    ):
        plot = a_batch(store, 1)[0].plot_id
        for n, (action, who, mark, note) in enumerate(steps):
            state = store.ledger.review(EVERYTHING, plot)
            command = Command(action, f"e{n}", state.version, _body(action, mark, note))
            try:
                draft = decide(state, command, an_actor(*who), Proof(), NOW + timedelta(minutes=n))
            except GeoreviewError:
                continue
            assert isinstance(store.ledger.append([Pending(draft)])[0], Kept)
        state = store.ledger.review(EVERYTHING, plot)
        assert state == replay(plot, store.ledger.history(EVERYTHING, plot))
        whole = store.plots.get(EVERYTHING, plot)
        assert list(store.ledger.verify()) == []
        assert store.ledger.rebuild() == 1
        assert store.plots.get(EVERYTHING, plot) == whole
