"""Real processes on one store: several at once, and killed while they write."""

import subprocess
import sys

import pytest

from georeview.core.access import EVERYTHING
from georeview.storage.store import DatabaseStore
from tests.builders import a_batch
from tests.places import Place

WRITER = """
import sys, threading
from pathlib import Path
from georeview.settings import Settings
from georeview.storage.ports.ledger import Kept
from georeview.storage.store import open_store
from tests.builders import a_mark, an_actor
home, address, name, turns, *plots = sys.argv[1:]
store = open_store(Settings(home=Path(home), store=address))
gate = threading.Lock()

def work(n):
    for turn in range(int(turns)):
        event_id, plot = f"{name}-{n}-{turn}", plots[turn % len(plots)]
        while True:
            actor = an_actor("county", "511902")
            pending = a_mark(store, plot, actor, event_id=event_id)
            if isinstance(store.ledger.append([pending])[0], Kept):
                break
        with gate:
            print(event_id, flush=True)

threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
store.close()
"""


def writer(place: Place, name: str, turns: int, plots: list[str]) -> "subprocess.Popen[str]":
    where = [str(place.home), place.address]
    command = [sys.executable, "-c", WRITER, *where, name, str(turns), *plots]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_lose_and_double_nothing(store: DatabaseStore, place: Place) -> None:
    plots = [plot.plot_id for plot in a_batch(store, 20)[::5]]
    running = [writer(place, name, 15, plots) for name in ("a", "b")]
    said = [line for process in running for line in process.communicate(timeout=100)[0].split()]
    assert [process.returncode for process in running] == [0, 0]
    assert len(said) == 120
    marks = [event for event in store.ledger.events() if event.action == "mark"]
    assert sorted(event.event_id for event in marks) == sorted(said)
    assert sum(store.ledger.review(EVERYTHING, plot).version - 2 for plot in plots) == 120
    assert list(store.ledger.verify()) == []


def test_who_follows_several_writers_sees_every_event_once_and_in_order(
    store: DatabaseStore, place: Place
) -> None:
    plots = [plot.plot_id for plot in a_batch(store, 30)[::5]]
    since = store.ledger.head().seq
    running = [writer(place, name, 12, plots) for name in ("a", "b", "c")]
    followed: list[tuple[int, str]] = []
    while True:
        ended = all(process.poll() is not None for process in running)
        news = [(event.seq, event.event_id) for event in store.ledger.events(since)]
        assert [seq for seq, _ in news] == list(range(since + 1, since + 1 + len(news)))
        followed += news
        since += len(news)
        if ended:
            break
    said = [line for process in running for line in process.communicate(timeout=100)[0].split()]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert sorted(event_id for _, event_id in followed) == sorted(said)
    assert len(said) == 3 * 4 * 12
    assert list(store.ledger.verify()) == []


@pytest.mark.fault
@pytest.mark.slow
def test_a_killed_process_keeps_what_it_said(place: Place) -> None:
    store = place.store()
    plots = [plot.plot_id for plot in a_batch(store, 20)[::5]]
    store.close()
    said: list[str] = []
    for turn in range(5):
        process = writer(place, f"k{turn}", 10_000, plots)
        assert process.stdout is not None
        said += [process.stdout.readline().strip() for _ in range(25 + 10 * turn)]
        process.kill()
        # The kill may cut the last line; every whole one was promised.
        said += process.stdout.read().split("\n")[:-1]
        process.stdout.close()
        assert process.wait(timeout=60) == -9
        store = place.store()
        kept = [event.event_id for event in store.ledger.events() if event.action == "mark"]
        assert list(store.ledger.verify()) == []
        store.close()
        assert len(kept) == len(set(kept))
        assert set(said) <= set(kept)
