from dataclasses import replace

import pytest
from shapely import box, to_wkb

from georeview.errors import BadValue, NotFound
from georeview.storage.ports.layers import LayerFeature, LayerVersion
from georeview.storage.store import DatabaseStore

V1 = LayerVersion(
    "mgmt_area-v1", "mgmt_area", "管理范围", "v1", "2020-01-01", "synthetic", "aa", "EPSG:4524",
    10.0, 2, (106.0, 31.0, 107.5, 32.75), "2023-04-10T00:00:00+00:00", "gis",
)  # fmt: skip
V2 = replace(V1, layer_id="mgmt_area-v2", version="v2", sha256="bb")
FEATURES = [
    LayerFeature(to_wkb(box(106, 31, 107, 32)), "AFC1", "巴河", {"length_km": 12.5, "note": None}),
    LayerFeature(to_wkb(box(106, 31, 106.5, 32)), None, None, {}),
]


def test_a_layer_comes_back_as_it_was_given(store: DatabaseStore) -> None:
    store.layers.add(V1, FEATURES)
    assert store.layers.get(V1.layer_id) == V1
    assert store.layers.features(V1.layer_id) == FEATURES


def test_the_newest_version_is_current(store: DatabaseStore) -> None:
    store.layers.add(V1, FEATURES)
    store.layers.add(V2, FEATURES[:1])
    other = replace(V1, layer_id="river-v1", kind="river", name="河流")
    store.layers.add(other, [])
    assert store.layers.all() == [V2, other, replace(V1, current=False)]
    assert store.layers.features(V1.layer_id) == FEATURES


def test_the_same_version_is_one(store: DatabaseStore) -> None:
    store.layers.add(V1, FEATURES)
    store.layers.add(V2, FEATURES)
    store.layers.add(V1, FEATURES)
    assert store.layers.all() == [V2, replace(V1, current=False)]
    with pytest.raises(BadValue):
        store.layers.add(replace(V1, sha256="cc"), FEATURES)
    assert store.layers.features(V1.layer_id) == FEATURES


def test_no_such_layer(store: DatabaseStore) -> None:
    with pytest.raises(NotFound):
        store.layers.get("nowhere")
    assert store.layers.features("nowhere") == []
