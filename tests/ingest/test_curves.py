"""Arcs in well-known binary."""

import struct

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from georeview.ingest.curves import has_arcs

RING = shapely.LineString([(0, 0), (1, 1), (2, 0), (0, 0)])


def curved(pieces: list[bytes], *, kind: int = 10, order: str = "<") -> bytes:
    """A curve polygon whose ring is made of pieces."""
    mark = b"\x01" if order == "<" else b"\x00"
    compound = mark + struct.pack(f"{order}II", 9, len(pieces)) + b"".join(pieces)
    return mark + struct.pack(f"{order}II", kind, 1) + compound


def arc(order: str = "<", code: int = 8, dimensions: int = 2) -> bytes:
    mark = b"\x01" if order == "<" else b"\x00"
    return mark + struct.pack(f"{order}II", code, 3) + bytes(3 * dimensions * 8)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("code", "dimensions"), [(8, 2), (1008, 3), (3008, 4), (0x80000008, 3)])
def test_an_arc_is_found_behind_straight_pieces(order: str, code: int, dimensions: int) -> None:
    straight = shapely.to_wkb(RING, byte_order=1 if order == "<" else 0)
    assert has_arcs(curved([straight, arc(order, code, dimensions)], order=order))
    assert not has_arcs(curved([straight, straight], order=order))


@given(st.binary(max_size=200))
def test_noise_is_no_arc_and_ends(noise: bytes) -> None:
    assert has_arcs(noise) in (True, False)
