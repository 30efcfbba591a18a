"""Files taken back as one: by whom, which, and what stays."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from georeview.core.access import EVERYTHING, Role
from georeview.core.query import Filter, PageOf
from georeview.errors import Forbidden, NotFound
from georeview.errors.work import ReviewBegun, Stopped
from georeview.services import Services, retract
from georeview.storage.ports.deliveries import unwatched
from georeview.storage.ports.jobs import Job
from tests.builders import (
    a_batch,
    a_batch_of,
    a_mark,
    an_actor,
    an_import,
    entries,
    kept,
)
from tests.builders import a_plot as one
from tests.places import Place
from tests.services.doors import open_doors

CITY = an_actor(Role.CITY, "5119")
FIRST = "import-2023-1-0"


@pytest.fixture
def doors(tmp_path: Path, place: Place) -> Iterator[Services]:
    with open_doors(tmp_path, store=place.address) as services:
        yield services


def listed(doors: Services) -> int:
    page = doors.store.plots.page(EVERYTHING, Filter(batch="2023-1"), PageOf(), count=True)
    return len(page.items)


def test_a_file_is_taken_back_by_its_id(doors: Services) -> None:
    a_batch(doors.store, 3)
    done = doors.retract.retract(CITY, FIRST)
    assert (done.batch, done.files, done.withdrawn, done.restored) == (
        "2023-1",
        ("plots-0.shp",),
        3,
        0,
    )
    assert listed(doors) == 0
    *_, event = doors.store.ledger.events()
    assert (event.action, event.actor, event.body) == (
        "retract",
        CITY.user,
        f'{{"import":"{FIRST}"}}',
    )
    assert list(doors.store.ledger.verify()) == []


def test_all_files_of_a_load_go_together(doors: Services) -> None:
    for n in range(2):
        source = replace(an_import(n=n), import_id=f"load-{n}")
        plots = [one(k, seed=n) for k in range(2)]
        doors.store.deliveries.add(a_batch_of(), source, entries(plots))
    other = replace(an_import(n=2), import_id="load-other")
    doors.store.deliveries.add(a_batch_of(), other, entries([one(1, seed=7)]))
    done = doors.retract.retract(CITY, "load")
    assert (done.files, done.withdrawn) == (("plots-0.shp", "plots-1.shp"), 4)
    assert listed(doors) == 1


def test_a_job_killed_after_its_commit_ends_as_if_it_had_not_been(
    doors: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_batch(doors.store, 3)
    monkeypatch.setattr(retract, "AT_ONCE", 2)
    job = doors.retract.ask(CITY, FIRST)
    assert isinstance(job, Job)
    told = doors.retract.retract(CITY, FIRST)
    events = len(list(doors.store.ledger.events()))
    assert doors.retract.take_back(CITY, job, unwatched) == told
    assert len(list(doors.store.ledger.events())) == events


def test_whoever_stops_it_leaves_all_as_it_was(doors: Services) -> None:
    a_batch(doors.store, 3)

    def stop(_plots: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        doors.retract.retract(CITY, FIRST, stop)
    assert listed(doors) == 3
    assert doors.retract.retract(CITY, FIRST).withdrawn == 3


def test_a_review_keeps_the_whole_of_it(doors: Services) -> None:
    first, *_ = a_batch(doors.store, 3)
    kept(doors.store.ledger.append([a_mark(doors.store, first.plot_id, CITY)])[0])
    with pytest.raises(ReviewBegun) as refused:
        doors.retract.retract(CITY, FIRST)
    assert refused.value.facts == {"file": "plots-0.shp", "n": 1, "plots": first.source_id}
    assert listed(doors) == 3


def test_only_who_looks_after_the_batch_takes_it_back(doors: Services) -> None:
    a_batch(doors.store, 2)
    for stranger in (an_actor(Role.CITY, "5120"), an_actor(Role.COUNTY, "511921")):
        with pytest.raises(NotFound):
            doors.retract.retract(stranger, FIRST)
    with pytest.raises(Forbidden):
        doors.retract.retract(an_actor(Role.AUDITOR, "5119"), FIRST)
    with pytest.raises(NotFound):
        doors.retract.retract(CITY, "import")
    assert listed(doors) == 2
    doors.retract.retract(an_actor(Role.GIS, "5119"), FIRST)
    assert listed(doors) == 0


def test_tiles_let_go_of_what_was_taken_back(doors: Services, tmp_path: Path) -> None:
    a_batch(doors.store, 2)
    before = doors.tiles.plots(CITY, "2023-1", 8, 204, 103)
    doors.retract.retract(CITY, FIRST)
    after = doors.tiles.plots(CITY, "2023-1", 8, 204, 103)
    assert before.etag != after.etag
    assert after.data is None
