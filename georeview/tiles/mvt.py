"""Mapbox Vector Tiles 2.1, written by arrays: one pass over all vertices of a tile.

Geometry comes as integer tile coordinates in flat arrays; no loop runs over vertices.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Int = NDArray[np.int64]

EXTENT: Final = 4096
BUFFER: Final = 256
POINT: Final = 1
LINE: Final = 2
POLYGON: Final = 3

_MOVE_ONE: Final = 9
_CLOSE: Final = 15


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths of several features: points, open lines or rings without their closing vertex.

    Attributes:
        xy: Vertices (v, 2) in tile coordinates, path after path.
        start: Where each path begins in ``xy``, and the end (paths + 1).
        owner: Which feature a path belongs to (paths), not falling.
    """

    xy: Int
    start: Int
    owner: Int


def alone(at: Int) -> Paths:
    """Every vertex (n, 2) as the point of a feature of its own."""
    return Paths(at, np.arange(len(at) + 1), np.arange(len(at)))


def tidy(paths: Paths, kind: int) -> Paths:
    """Without vertices equal to the one before, and without paths that collapsed."""
    if kind == POINT or len(paths.xy) == 0:
        return paths
    path_of = np.repeat(np.arange(len(paths.owner)), np.diff(paths.start))
    same_path = np.concatenate([[False], path_of[1:] == path_of[:-1]])
    repeated = np.concatenate([[False], (paths.xy[1:] == paths.xy[:-1]).all(axis=1)])
    keep = ~(same_path & repeated)
    if kind == POLYGON:
        last = paths.start[1:] - 1
        closing = (paths.xy[last] == paths.xy[paths.start[:-1]]).all(axis=1)
        keep[last[closing & (np.diff(paths.start) > 1)]] = False
    count = np.bincount(path_of[keep], minlength=len(paths.owner))
    whole = count >= (3 if kind == POLYGON else 2)
    keep &= whole[path_of]
    start = np.concatenate([[0], np.cumsum(count[whole])]).astype(np.int64)
    return Paths(paths.xy[keep], start, paths.owner[whole])


def geometries(paths: Paths, kind: int, features: int) -> tuple[bytes, Int]:
    """Encoded geometry of all features, and where each begins (features + 1)."""
    per_path = np.diff(paths.start)
    extra = {POINT: 1, LINE: 2, POLYGON: 3}[kind]
    length = 2 * per_path + extra
    at = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    commands = np.zeros(at[-1], dtype=np.int64)
    commands[at[:-1]] = _MOVE_ONE
    place = np.arange(len(paths.xy)) - np.repeat(paths.start[:-1], per_path)
    spot = np.repeat(at[:-1], per_path) + 1 + 2 * place + (place > 0)
    delta = paths.xy - _before(paths)
    zigzag = (delta << 1) ^ (delta >> 63)
    commands[spot], commands[spot + 1] = zigzag[:, 0], zigzag[:, 1]
    if kind != POINT:
        commands[at[:-1] + 3] = ((per_path - 1) << 3) | 2
    if kind == POLYGON:
        commands[at[1:] - 1] = _CLOSE
    data, ends = varints(commands)
    first = np.searchsorted(paths.owner, np.arange(features + 1))
    return data, ends[at[first]]


def _before(paths: Paths) -> Int:
    """The vertex each one is counted from: the one before in its feature, else the origin."""
    before = np.zeros_like(paths.xy)
    before[1:] = paths.xy[:-1]
    fresh = np.concatenate([[True], paths.owner[1:] != paths.owner[:-1]])
    before[paths.start[:-1][fresh]] = 0
    return before


def varints(values: Int) -> tuple[bytes, Int]:
    """Numbers as protobuf varints, and where each begins (n + 1)."""
    size = np.ones(len(values), dtype=np.int64)
    for bits in range(7, 64, 7):
        more = values >= (1 << bits)
        if not more.any():
            break
        size += more
    ends = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    data = np.zeros(ends[-1], dtype=np.uint8)
    for step in range(int(size.max(initial=0))):
        has = size > step
        part = (values[has] >> (7 * step)) & 0x7F
        last = size[has] == step + 1
        data[ends[:-1][has] + step] = np.where(last, part, part | 0x80)
    return data.tobytes(), ends


def varint(value: int) -> bytes:
    """One number as a protobuf varint."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


class Layer:
    """One layer of a tile, to which features of any kind of geometry are added."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._features: list[bytes] = []
        self._keys: dict[str, int] = {}
        self._values: dict[str | int, int] = {}

    def add(
        self,
        paths: Paths,
        kind: int,
        ids: Sequence[int],
        properties: Sequence[dict[str, str | int]] | None = None,
    ) -> list[int]:
        """Add features of one kind.

        Args:
            paths: Their geometry in tile coordinates.
            kind: ``POINT``, ``LINE`` or ``POLYGON``.
            ids: Feature ids (features).
            properties: Properties of each feature.

        Returns:
            Places of the features that were too small to leave a geometry.
        """
        whole = tidy(paths, kind)
        if len(whole.owner) == 0:
            return list(range(len(ids)))
        data, at = geometries(whole, kind, len(ids))
        collapsed = []
        for i, feature in enumerate(ids):
            shape = data[at[i] : at[i + 1]]
            if not shape:
                collapsed.append(i)
                continue
            tags = self._tags(properties[i]) if properties else b""
            body = b"\x08" + varint(feature) + tags + b"\x18" + varint(kind) + b"\x22"
            self._features.append(b"\x12" + _sized(body + _sized(shape)))
        return collapsed

    def encode(self) -> bytes:
        """The layer's bytes, none when there is no feature; a tile is its layers in a row."""
        if not self._features:
            return b""
        keys = (b"\x1a" + _sized(key.encode("utf-8")) for key in self._keys)
        values = (b"\x22" + _sized(_value(value)) for value in self._values)
        head = b"\x0a" + _sized(self._name.encode("utf-8"))
        body = head + b"".join((*self._features, *keys, *values))
        return b"\x1a" + _sized(body + b"\x28" + varint(EXTENT) + b"\x78\x02")

    def _tags(self, given: dict[str, str | int]) -> bytes:
        numbers = b"".join(
            varint(self._keys.setdefault(key, len(self._keys)))
            + varint(self._values.setdefault(value, len(self._values)))
            for key, value in given.items()
        )
        return b"\x12" + _sized(numbers)


def _value(value: str | int) -> bytes:
    if isinstance(value, int):
        return b"\x28" + varint(value)
    return b"\x0a" + _sized(value.encode("utf-8"))


def _sized(data: bytes) -> bytes:
    return varint(len(data)) + data
