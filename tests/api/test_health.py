"""Whether the service can serve: its process, its store, its home, the disk and the clock."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from georeview.errors.store import ClockBehind, HomeEmpty, HomeOfAnother
from georeview.services import open_services
from tests.api.conftest import World
from tests.places import NewPlace, Place


def reopened(world: World) -> None:
    open_services(world.services.settings, world.clock).close()


def test_a_home_is_marked_once_and_known_again(world: World) -> None:
    services = world.services
    marker = services.settings.home / "store.id"
    assert marker.read_text().strip() == services.store.store_id()
    before = marker.stat().st_mtime_ns
    services.operations.check()
    reopened(world)
    assert marker.stat().st_mtime_ns == before


def test_a_home_of_another_store_is_refused_at_the_door_and_while_running(world: World) -> None:
    marker = world.services.settings.home / "store.id"
    marker.write_text("0" * 32 + "\n")
    with pytest.raises(HomeOfAnother):
        reopened(world)
    with pytest.raises(HomeOfAnother):
        world.services.operations.check()
    answer = world.browser().get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "home_of_another")
    assert world.browser().get("/healthz").status_code == 200


@pytest.mark.parametrize("place", ["postgis"], indirect=True)
def test_two_databases_cannot_share_a_home(
    tmp_path: Path, world: World, place: Place, places: NewPlace
) -> None:
    with places(place.name, tmp_path / "other") as other, pytest.raises(HomeOfAnother):
        open_services(replace(other.settings, home=place.home), world.clock)


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_two_files_cannot_share_a_home(tmp_path: Path, world: World) -> None:
    """A database put in another one's place finds the files of that one, and is not served."""
    home = world.services.settings.home
    other = open_services(replace(world.services.settings, home=tmp_path / "other"), world.clock)
    other.close()
    world.services.close()
    shutil.copy(tmp_path / "other" / "georeview.sqlite", home / "georeview.sqlite")
    for tail in ("-wal", "-shm"):
        (home / f"georeview.sqlite{tail}").unlink(missing_ok=True)
    with pytest.raises(HomeOfAnother):
        reopened(world)


@pytest.mark.parametrize("left", ["evidence", "sources"])
def test_a_used_home_from_before_is_taken_over(world: World, left: str) -> None:
    home = world.services.settings.home
    (home / "store.id").unlink()
    (home / left).mkdir(exist_ok=True)
    world.services.operations.check_home()
    assert (home / "store.id").exists()


def test_a_used_store_does_not_take_an_empty_folder_for_its_home(
    tmp_path: Path, world: World
) -> None:
    world.services.files.belong(world.services.store.store_id(), used=True)
    bare = type(world.services.files)(tmp_path / "mount-point")
    with pytest.raises(HomeEmpty):
        bare.belong(world.services.store.store_id(), used=True)
    assert not (tmp_path / "mount-point" / "store.id").exists()


def test_a_clock_set_back_is_noticed(world: World) -> None:
    world.clock.forward(minutes=-3)
    world.services.operations.check()
    world.clock.forward(days=-365)
    with pytest.raises(ClockBehind):
        world.services.operations.check()
    world.clock.forward(days=365)
    world.services.operations.check()
