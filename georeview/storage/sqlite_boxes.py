"""The box index of very many plots, packed at once instead of grown plot by plot.

An R-tree of SQLite keeps its nodes in tables beside it, in a format that is part of SQLite's own
(https://www.sqlite.org/rtree.html, section 6). Sorted into tiles first (Leutenegger, Lopez and
Edgington 1997), a million boxes are a matter of arrays; ``rtreecheck`` looks at them in the tests.
"""

from collections.abc import Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING

from georeview.storage.engine import Connection, Row

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BOXES = "SELECT fid, west, east, south, north FROM plot"
NODE_BYTES = "SELECT length(data) FROM plot_box_node WHERE nodeno = 1"
CLEAR = (
    "DELETE FROM plot_box_node",
    "DELETE FROM plot_box_rowid",
    "DELETE FROM plot_box_parent",
)

HEAD_BYTES, CELL_BYTES = 4, 24
TOGETHER = 20_000
"""Rows that are numbers of Python at a time: a million of them would be 70 MB."""

FILLED = 0.8
"""How full a node is made, so that the next plots do not split every one of them."""


def pack(connection: Connection) -> None:
    """Make the index of all plots anew, in the transaction that is open."""
    import numpy as np

    ids, boxes = _all(connection)
    (node_bytes,) = connection.execute(NODE_BYTES).fetchone() or (0,)
    if len(ids) == 0:
        return
    for command in CLEAR:
        connection.execute(command)
    fill = int((node_bytes - HEAD_BYTES) // CELL_BYTES * FILLED)
    depth, used = 0, 1
    while True:
        order = _tiled(boxes, fill)
        ids, boxes = ids[order], boxes[order]
        starts = np.arange(0, len(ids), fill)
        # The root is number 1, whichever level it is on.
        numbers = used + 1 + np.arange(len(starts)) if len(starts) > 1 else np.ones(1, np.int64)
        owner = np.repeat(numbers, fill)[: len(ids)]
        nodes = _nodes(ids, boxes, fill, node_bytes, depth if len(starts) == 1 else 0)
        connection.bulk(
            "plot_box_node", ("nodeno", "data"), zip(numbers.tolist(), nodes, strict=True)
        )
        _below(connection, depth, ids, owner)
        if len(starts) == 1:
            return
        low = np.minimum.reduceat(boxes[:, ::2], starts)
        high = np.maximum.reduceat(boxes[:, 1::2], starts)
        ids, boxes = numbers, np.stack([low, high], axis=2).reshape(-1, 4)
        depth, used = depth + 1, used + len(starts)


def _all(connection: Connection) -> "tuple[NDArray[np.int64], NDArray[np.float32]]":
    """Every plot's number (n) and box (n, 4), in 24 bytes each."""
    import numpy as np

    rows = connection.stream(BOXES)
    ids, boxes = [np.empty(0, np.int64)], [np.empty((0, 4), np.float32)]
    while some := list(islice(rows, TOGETHER)):
        given = np.array(some, np.float64)
        ids.append(given[:, 0].astype(np.int64))
        boxes.append(_outward(given[:, 1:]))
    return np.concatenate(ids), np.concatenate(boxes)


def _outward(boxes: "NDArray[np.float64]") -> "NDArray[np.float32]":
    """Boxes (n, 4) west, east, south, north in four bytes a side, none of them smaller."""
    import numpy as np

    near = boxes.astype(np.float32)
    low, high = near[:, ::2], near[:, 1::2]
    low[:] = np.where(low > boxes[:, ::2], np.nextafter(low, np.float32(-np.inf)), low)
    high[:] = np.where(high < boxes[:, 1::2], np.nextafter(high, np.float32(np.inf)), high)
    return near


def _tiled(boxes: "NDArray[np.float32]", fill: int) -> "NDArray[np.int64]":
    """Order in which each run of ``fill`` boxes lies together: strips from west to east, cut up."""
    import numpy as np

    east, north = boxes[:, 0] + boxes[:, 1], boxes[:, 2] + boxes[:, 3]
    nodes = -(-len(boxes) // fill)
    strip_size = fill * max(1, round(np.sqrt(nodes)))
    strip = np.empty(len(boxes), np.int64)
    strip[np.argsort(east, kind="stable")] = np.arange(len(boxes)) // strip_size
    return np.lexsort((north, strip))


def _nodes(
    ids: "NDArray[np.int64]",
    boxes: "NDArray[np.float32]",
    fill: int,
    node_bytes: int,
    depth: int,
) -> Iterator[bytes]:
    """Nodes as they are stored: depth (of the root alone), number of cells, cells, zeros."""
    import numpy as np

    cells = np.empty(len(ids), np.dtype([("id", ">i8"), ("box", ">f4", 4)]))
    cells["id"], cells["box"] = ids, boxes
    for start in range(0, len(ids), fill):
        some = cells[start : start + fill]
        head = depth.to_bytes(2, "big") + len(some).to_bytes(2, "big")
        yield (head + some.tobytes()).ljust(node_bytes, b"\0")


def _below(
    connection: Connection, depth: int, ids: "NDArray[np.int64]", owner: "NDArray[np.int64]"
) -> None:
    """Which node holds a plot, or another node."""
    import numpy as np

    order = np.argsort(ids)
    parts = (order[start : start + TOGETHER] for start in range(0, len(order), TOGETHER))
    pairs: Iterator[Row] = chain.from_iterable(
        zip(ids[part].tolist(), owner[part].tolist(), strict=True) for part in parts
    )
    if depth == 0:
        connection.bulk("plot_box_rowid", ("rowid", "nodeno"), pairs)
    else:
        connection.bulk("plot_box_parent", ("nodeno", "parentnode"), pairs)
