"""Arcs in well-known binary, which shapely does not read: whether a shape has any."""

import struct
from typing import Final

_CIRCULAR, _LINE = 8, 2
_OF_PARTS: Final = frozenset({4, 5, 6, 7, 9, 10, 11, 12})
"""Kinds that hold whole geometries, curved or not."""

_KNOWN_MOST = 10_000
"""Parts that are looked at; a shape of more is taken to have arcs."""


def has_arcs(wkb: bytes) -> bool:
    """Whether there is an arc among the parts of a shape that shapely could not read.

    Curved kinds are also written where every piece is straight, since a layer has one kind.
    """
    at, parts, looked_at = 0, 1, 0
    try:
        while parts and looked_at < _KNOWN_MOST:
            order = "<" if wkb[at] == 1 else ">"
            code, n = struct.unpack_from(f"{order}II", wkb, at + 1)
            kind, dimensions = _taken_apart(code)
            at, parts, looked_at = at + 9, parts - 1, looked_at + 1
            if kind == _CIRCULAR:
                return True
            if kind == _LINE:
                at += n * dimensions * 8
            elif kind in _OF_PARTS:
                parts += n
            else:
                return False
    except (struct.error, IndexError):
        return False
    return parts > 0


def _taken_apart(code: int) -> tuple[int, int]:
    """Kind and number of dimensions, of ISO codes and of those with flags."""
    plain = code & 0x0FFFFFFF
    iso = plain // 1000
    flags = bool(code & 0x80000000) + bool(code & 0x40000000)
    return plain % 1000, 2 + flags + (0, 1, 1, 2)[min(iso, 3)]
