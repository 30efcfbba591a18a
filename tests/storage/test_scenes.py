from dataclasses import replace

import pytest

from georeview.errors import NotFound
from georeview.errors.store import StoreConflict
from georeview.storage.ports.layers import Scene
from georeview.storage.store import DatabaseStore

AFTER = Scene(
    "s-after", "后时相", "after", "2023-03-01", "GF-2", "aa",
    {"bands": [1, 2, 3, 4], "pixel_m": 2.0, "footprint": {"type": "Polygon"}}, "2023-04-10", "gis",
)  # fmt: skip


def test_scenes_come_by_date(store: DatabaseStore) -> None:
    before = replace(AFTER, scene_id="s-before", role="before", date="2020-03-01", sensor=None)
    store.scenes.add(AFTER)
    store.scenes.add(before)
    assert store.scenes.all() == [before, AFTER]
    assert store.scenes.get("s-after") == AFTER


def test_a_scene_is_never_replaced(store: DatabaseStore) -> None:
    store.scenes.add(AFTER)
    with pytest.raises(StoreConflict):
        store.scenes.add(replace(AFTER, name="other"))
    assert store.scenes.get("s-after") == AFTER
    with pytest.raises(NotFound):
        store.scenes.get("nowhere")
