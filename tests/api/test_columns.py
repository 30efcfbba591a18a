"""The page's list as columns: whole when small, piece by piece and packed when large."""

import pytest

from api import columns
from tests.api.conftest import BATCH, World


def test_a_large_list_is_the_same_list(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    city = world.browser("city")
    small = city.get("/ui/rows", params={"batch": BATCH})
    assert "content-encoding" not in small.headers
    monkeypatch.setattr(columns, "_WHOLE_BYTES", 10)
    monkeypatch.setattr(columns, "_READ_BYTES", 5)
    monkeypatch.setattr("georeview.storage.plots.PART", 2)
    packed = city.get("/ui/rows", params={"batch": BATCH})
    assert packed.headers["content-encoding"] == "gzip"
    plain = city.get("/ui/rows", params={"batch": BATCH}, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert small.json() == packed.json() == plain.json()
    assert small.json()["n"] == len(small.json()["plot_id"]) == 6


def test_an_empty_list_has_all_its_columns(world: World) -> None:
    city = world.browser("city")
    rows = city.get("/ui/rows", params={"batch": "nowhere"}).json()
    assert (rows["n"], rows["order"], rows["plot_id"], rows["mark"]) == (0, [], [], [])
    assert city.get("/ui/state.bin", params={"batch": "nowhere"}).content == b""


def test_ranks_become_the_order_of_the_places() -> None:
    assert columns.order([3, 1, 2]).tolist() == [1, 2, 0]
