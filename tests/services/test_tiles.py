"""Tiles of plots: cut from arrays that outlive the process, each viewer getting their own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from georeview.geometry.grid import tile_range
from georeview.services import Services
from tests.builders import COUNTIES, a_batch, a_batch_of, a_plot, an_actor, an_import, entries
from tests.places import Place
from tests.services.doors import open_doors
from tests.tiles.decoder import decode

CITY = an_actor("city", "5119")
COUNTY = an_actor("county", COUNTIES[0])
EVERYWHERE = (106.5, 31.5, 107.5, 32.5)


@pytest.fixture
def doors(tmp_path: Path, place: Place) -> Iterator[Services]:
    with open_doors(tmp_path, store=place.address) as services:
        a_batch(services.store, 20)
        yield services


def drawn(doors: Services, actor: object, z: int = 8) -> list[int]:
    """Ids of the plots in all tiles of a zoom, each once."""
    ids: set[int] = set()
    columns, rows = tile_range(EVERYWHERE, z)
    for x in columns:
        for y in rows:
            tile = doors.tiles.plots(actor, "2023-1", z, x, y)  # type: ignore[arg-type]
            ids.update(f.id for f in decode(tile.data or b"").get("plots", []))
    return sorted(ids)


def arrays(folder: Path) -> list[Path]:
    return sorted(folder.glob("home/cache/plots-*/*/*"))


def test_ids_are_places_in_the_viewers_own_list(doors: Services, tmp_path: Path) -> None:
    assert drawn(doors, CITY) == list(range(1, 21))
    assert drawn(doors, COUNTY) == [1, 2, 3, 4]
    assert len(arrays(tmp_path)) == 1


def test_arrays_are_made_once_and_anew_when_a_file_comes_in(
    doors: Services, tmp_path: Path, place: Place
) -> None:
    drawn(doors, CITY)
    (first,) = arrays(tmp_path)
    made = (first / "xy.npy").stat().st_mtime_ns
    with open_doors(tmp_path, store=place.address) as again:
        assert drawn(again, CITY) == list(range(1, 21))
    assert (first / "xy.npy").stat().st_mtime_ns == made
    doors.store.deliveries.add(a_batch_of(), an_import(n=5), entries([a_plot(77)]))
    assert drawn(doors, CITY) == list(range(1, 22))
    (second,) = arrays(tmp_path)
    assert second != first


def test_a_cache_that_was_emptied_is_made_again(doors: Services, tmp_path: Path) -> None:
    before = drawn(doors, CITY)
    shutil.rmtree(tmp_path / "home" / "cache")
    assert drawn(doors, COUNTY) == [1, 2, 3, 4]
    assert drawn(doors, CITY) == before
