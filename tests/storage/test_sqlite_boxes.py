"""The packed box index against SQLite's own check and against looking at every box."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from georeview.storage.sqlite_boxes import pack
from georeview.storage.sqlite_connection import connect

MEETS = """SELECT fid FROM plot_box
WHERE west <= :east AND east >= :west AND south <= :north AND north >= :south"""


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Any]:
    made = connect(tmp_path / "boxes.sqlite")
    made.execute("BEGIN")
    made.execute("CREATE TABLE plot (fid INTEGER PRIMARY KEY, west, east, south, north)")
    made.execute("CREATE VIRTUAL TABLE plot_box USING rtree (fid, west, east, south, north)")
    yield made
    made.close()


def fill(connection: Any, n: int, first: int = 1) -> np.ndarray:
    rng = np.random.default_rng(n)
    west, south = 106 + rng.random(n), 31 + rng.random(n)
    boxes = np.column_stack([west, west + rng.random(n) / 500, south, south + rng.random(n) / 500])
    rows = [(first + i, *box) for i, box in enumerate(boxes.tolist())]
    connection.bulk("plot", ("fid", "west", "east", "south", "north"), rows)
    return boxes


def found(connection: Any, west: float, east: float, south: float, north: float) -> set[int]:
    sides = {"west": west, "east": east, "south": south, "north": north}
    return {fid for (fid,) in connection.execute(MEETS, sides)}


@pytest.mark.parametrize("n", [1, 40, 41, 1601, 3000])
def test_every_box_is_found_where_it_is(connection: Any, n: int) -> None:
    boxes = fill(connection, n)
    pack(connection)
    assert connection.execute("SELECT rtreecheck('plot_box')").fetchone() == ("ok",)
    for west in np.arange(106, 107, 0.17):
        east, south, north = west + 0.03, 31.2, 31.5
        meets = (boxes[:, 0] <= east) & (boxes[:, 1] >= west)
        meets &= (boxes[:, 2] <= north) & (boxes[:, 3] >= south)
        near = found(connection, west, east, south, north)
        assert set((np.flatnonzero(meets) + 1).tolist()) <= near
        assert len(near) <= meets.sum() + 3  # boxes of four bytes a side are a little larger


def test_a_packed_index_grows_and_shrinks_like_any_other(connection: Any) -> None:
    connection.execute("INSERT INTO plot_box VALUES (7, 1, 2, 3, 4)")
    fill(connection, 2000)
    pack(connection)
    more = "INSERT INTO plot_box SELECT fid + 5000, west, east, south, north FROM plot"
    connection.execute(more)
    connection.execute("DELETE FROM plot_box WHERE fid % 3 = 0")
    assert connection.execute("SELECT rtreecheck('plot_box')").fetchone() == ("ok",)
    left = {fid for fid in [*range(1, 2001), *range(5001, 7001)] if fid % 3}
    assert found(connection, 100, 110, 30, 40) == left


def test_without_plots_nothing_is_changed(connection: Any) -> None:
    pack(connection)
    assert connection.execute("SELECT rtreecheck('plot_box')").fetchone() == ("ok",)
