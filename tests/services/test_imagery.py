"""Taking in scenes, and which of them show a plot."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from georeview import errors
from georeview.services import Services
from georeview.services.imagery import Footprints, covering, is_pair
from georeview.storage.ports.layers import Scene
from tests.builders import an_actor
from tests.files import leftovers
from tests.imagery.rasters import ground, square, write
from tests.places import Place
from tests.services.doors import open_doors

GIS = an_actor("gis", "5119")
ROLES = ("blue", "green", "red", "nir")


@pytest.fixture
def doors(tmp_path: Path, place: Place) -> Iterator[Services]:
    with open_doors(tmp_path, store=place.address) as services:
        yield services


@pytest.fixture
def image(tmp_path: Path) -> Path:
    values = ground((200, 200)).astype("uint16")
    values[:, 100:, :100] = 0
    return write(tmp_path / "图像.tif", values, roles=ROLES, nodata=0)


def left(doors: Services) -> list[str]:
    """Every file in the home that a scene may have left."""
    return leftovers(doors.settings.home)


def test_a_scene_keeps_its_original_and_both_copies(doors, image):
    scene = doors.imagery.load(GIS, image, role="after", date=date(2023, 2, 11), sensor="GF-1")
    assert (scene.role, scene.date, scene.sensor) == ("after", "2023-02-11", "GF-1")
    assert scene.name == "图像.tif"
    source = doors.files.path("sources", scene.sha256)
    assert source.read_bytes() == image.read_bytes()
    assert len(left(doors)) == 3
    assert doors.imagery.get("after") == doors.imagery.get(scene.scene_id) == scene
    assert doors.store.scenes.all() == [scene]


def test_the_same_file_again_changes_nothing(doors, image):
    first = doors.imagery.load(GIS, image, role="after", date=date(2023, 2, 11))
    files = left(doors)
    again = doors.imagery.load(GIS, image, role="after", date=date(2023, 2, 11), name="another")
    assert again == first
    assert left(doors) == files


def test_two_who_load_the_same_file_at_once_get_one_scene(doors, image):
    def load(_: int) -> Scene:
        return doors.imagery.load(GIS, image, role="before", date=date(2022, 3, 5))

    with ThreadPoolExecutor(3) as pool:
        first, *others = pool.map(load, range(3))
    assert all(scene == first for scene in others)
    assert len(left(doors)) == 3


@pytest.mark.parametrize("content", [b"", b"no image", b"II*\0" + bytes(30)])
def test_what_is_refused_leaves_nothing(doors, tmp_path, content):
    path = tmp_path / "a.tif"
    path.write_bytes(content)
    with pytest.raises(errors.GeoreviewError):
        doors.imagery.load(GIS, path, role="after", date=date(2023, 2, 11))
    assert left(doors) == []
    assert list((doors.settings.home / "imagery").iterdir()) == []
    assert doors.imagery.all() == []


def test_an_image_over_the_size_limit_is_refused(tmp_path, image):
    with open_doors(tmp_path, max_upload_mb=0) as doors, pytest.raises(errors.TooLarge):
        doors.imagery.load(GIS, image, role="after", date=date(2023, 2, 11))


def test_only_who_may_loads_and_only_known_roles(doors, image):
    with pytest.raises(errors.Forbidden):
        doors.imagery.load(an_actor("auditor", "5119"), image, role="after", date=date(2023, 2, 1))
    with pytest.raises(errors.BadValue):
        doors.imagery.load(GIS, image, role="later", date=date(2023, 2, 11))


def test_a_scene_that_is_not_there_is_not_found(doors):
    for name in ("after", "none"):
        with pytest.raises(errors.NotFound):
            doors.imagery.get(name)


def test_only_the_valid_data_count_as_covering(doors, image):
    scene = doors.imagery.load(GIS, image, role="after", date=date(2023, 2, 11))

    def share(plot: shapely.Geometry) -> float:
        found = covering([scene], shapely.to_wkb(plot), plot.bounds, Footprints())
        return found[0].coverage if found else 0.0

    assert share(square(120, 120, 40)) == 1
    assert share(square(80, 120, 40)) == pytest.approx(0.5, abs=0.03)
    assert share(square(20, 130, 40)) == 0
    assert share(square(500, 500, 40)) == 0
    assert share(shapely.Point(square(120, 120, 4).centroid)) == 1
    assert share(shapely.Point(square(20, 150, 4).centroid)) == 0


def test_a_pair_is_a_before_and_a_later_after_that_both_show_the_plot(doors, image):
    after = doors.imagery.load(GIS, image, role="after", date=date(2023, 2, 11))
    before = replace(after, role="before", date="2022-03-05")
    whole, half = square(120, 120, 40), square(80, 120, 40)
    both = [before, after]
    assert is_pair(covering(both, shapely.to_wkb(whole), whole.bounds, Footprints()))
    assert not is_pair(covering(both, shapely.to_wkb(half), half.bounds, Footprints()))
    assert not is_pair(covering([after], shapely.to_wkb(whole), whole.bounds, Footprints()))
    assert not is_pair(
        covering(
            [replace(before, role="reference"), after],
            shapely.to_wkb(whole),
            whole.bounds,
            Footprints(),
        )
    )
    late = replace(before, date="2023-02-11")
    assert not is_pair(covering([late, after], shapely.to_wkb(whole), whole.bounds, Footprints()))


def test_tiles_and_chips_come_out_of_the_service(doors, image):
    scene = doors.imagery.load(GIS, image, role="after", date=date(2023, 2, 11))
    assert doors.imagery.tile(scene, 0, 0, 0, "webp")
    chip = doors.imagery.chip(scene, shapely.to_wkb(square(120, 120, 40)), (120, 80))
    assert chip is not None
    assert chip[:4] == b"RIFF"
    assert doors.imagery.chip(scene, shapely.to_wkb(square(900, 900, 40)), (120, 80)) is None
    assert np.isfinite(scene.info["pixel_m"])
