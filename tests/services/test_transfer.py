"""A store moved to the other back end, and to another home: nothing about it changes."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from georeview.core.access import EVERYTHING
from georeview.errors.upkeep import HomeNotEmpty, SameStore, StoreFlawed, StoreNotEmpty
from georeview.services import Services, open_services
from georeview.settings import Settings
from tests.builders import NOW, a_batch
from tests.places import BACK_ENDS, NewPlace, Place
from tests.services.doors import open_doors
from tests.services.full import everything, files, fill, mark


def unseen(_: int) -> None:
    """Nobody watches."""


@pytest.fixture
def doors(tmp_path: Path, place: Place) -> Iterator[Services]:
    with open_doors(tmp_path / "from", store=place.address) as services:
        yield services


@pytest.fixture
def own(doors: Services) -> list[str]:
    return fill(doors)


@pytest.fixture(params=BACK_ENDS)
def target(request: pytest.FixtureRequest, places: NewPlace, tmp_path: Path) -> Iterator[Place]:
    with places(request.param, tmp_path / "to") as made:
        yield made


def test_a_store_arrives_whole_and_goes_on(doors: Services, own: list[str], target: Place) -> None:
    """To a database the home stays; to another home the files come along."""
    before, head = everything(doors.store.engine), doors.store.ledger.head()
    history = doors.store.ledger.history(EVERYTHING, own[0])
    moved = doors.transfers.move(target.address or str(target.home), unseen)
    assert (moved.head, moved.behind, moved.missing) == (head, 0, ())
    assert moved.files == (0 if target.address else 3)
    there = Settings(
        home=doors.settings.home if target.address else target.home, store=target.address
    )
    with closing(open_services(there, lambda: NOW)) as again:
        assert everything(again.store.engine) == before
        assert {t: len(rows) for t, rows in before.items()} == dict(moved.rows)
        assert again.store.ledger.history(EVERYTHING, own[0]) == history
        assert files(there.home) == files(doors.settings.home)
        assert list(again.upkeep.verify()) == []
        assert mark(again, own[0], "later") == head.seq + 1
        a_batch(again.store, 2, name="2023-2")
        assert list(again.upkeep.verify()) == []
    # The source is as it was.
    assert everything(doors.store.engine) == before


def test_there_and_back_again_is_the_same(
    doors: Services, own: list[str], target: Place, tmp_path: Path
) -> None:
    before = everything(doors.store.engine)
    doors.transfers.move(target.address or str(target.home), unseen)
    there = Settings(
        home=doors.settings.home if target.address else target.home, store=target.address
    )
    with closing(open_services(there, lambda: NOW)) as other:
        other.transfers.move(str(tmp_path / "back"), unseen)
    with closing(open_services(Settings(home=tmp_path / "back"), lambda: NOW)) as again:
        assert everything(again.store.engine) == before


def test_what_is_kept_meanwhile_is_counted(doors: Services, own: list[str], target: Place) -> None:
    marked: list[int] = []

    def busy(_: int) -> None:
        if len(marked) < 2:
            marked.append(mark(doors, own[0], f"busy-{len(marked)}"))

    head = doors.store.ledger.head()
    moved = doors.transfers.move(target.address or str(target.home), busy)
    assert (moved.head, moved.behind, len(marked)) == (head, 2, 2)


def test_a_target_that_holds_something_is_left_alone(
    doors: Services, own: list[str], target: Place
) -> None:
    with closing(target.store()) as store:
        a_batch(store, 1, name="other")
        before = everything(store.engine)
    with pytest.raises(StoreNotEmpty if target.address else HomeNotEmpty):
        doors.transfers.move(target.address or str(target.home), unseen)
    with closing(target.store()) as store:
        assert everything(store.engine) == before


def test_a_flawed_store_stays_where_it_is(
    doors: Services, own: list[str], place: Place, target: Place
) -> None:
    with Place(place.name, doors.settings.home, place.address).raw() as connection:
        connection.execute("DELETE FROM plot_state WHERE plot_id = :id", {"id": own[1]})
    with pytest.raises(StoreFlawed):
        doors.transfers.move(target.address or str(target.home), unseen)
    if target.address:
        with closing(target.store()) as store:
            assert store.ledger.head().seq == 0
            assert not everything(store.engine)["plot"]
    else:
        assert not target.home.exists() or list(target.home.iterdir()) == []


def test_a_store_is_not_moved_onto_itself(doors: Services) -> None:
    with pytest.raises(SameStore):
        doors.transfers.move(doors.settings.store or str(doors.settings.home), unseen)


def test_progress_is_told_to_the_end(doors: Services, own: list[str], target: Place) -> None:
    told: list[int] = []
    expected = doors.transfers.steps()
    moved = doors.transfers.move(target.address or str(target.home), told.append)
    assert sum(told) == expected + moved.files
