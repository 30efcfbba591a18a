"""The plots of a batch as flat arrays on disk, sorted for reading by place.

Made once per state of a batch, in memory that does not grow with it, and mapped by whoever cuts
tiles: processes and viewers share the same pages.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.tiles.world import Int, morton, spans, world

Int32 = NDArray[np.int32]
Geometries = NDArray[np.object_]
Chunk = tuple[Sequence[int], Sequence[bytes]]
"""Numbers of plots, rising, and their geometries in EPSG:4490: polygons, multipolygons, points."""

FORMAT: Final = 1
"""Moves when arrays on disk can no longer be read."""

BLOCK: Final = 64
"""Plots that share a box."""

_SLICE: Final = 50_000
_SMALL_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class PlotShapes:
    """All plots of a batch, along a space-filling curve.

    Attributes:
        fid: Number of each plot in the store (n).
        spot: A point on each plot (n, 2), world units.
        box: West, north, east, south of each plot (n, 4), world units.
        blocks: The same of each run of ``BLOCK`` plots.
        xy: Vertices of all rings (v, 2), world units.
        rings: Where each ring begins in ``xy``, and the end.
        first: Where each plot's rings begin in ``rings``, and the end (n + 1).
        is_point: Plots that are points (n).
    """

    fid: Int
    spot: Int32
    box: Int32
    blocks: Int32
    xy: Int32
    rings: Int
    first: Int
    is_point: NDArray[np.bool_]

    @classmethod
    def read(cls, folder: Path) -> "PlotShapes":
        """Map what ``write`` left."""
        arrays: dict[str, Any] = {
            field.name: _mapped(folder / f"{field.name}.npy") for field in fields(cls)
        }
        return cls(**arrays)


def _mapped(file: Path) -> NDArray[np.generic]:
    # A mapping costs a file handle, and an empty array has nothing to map.
    small = file.stat().st_size < _SMALL_BYTES
    return np.asarray(np.load(file, mmap_mode=None if small else "r"))


def write(folder: Path, chunks: Iterable[Chunk]) -> None:
    """Flatten plots and sort them along the curve.

    Args:
        folder: An empty folder for the arrays.
        chunks: The plots, by rising number.
    """
    unsorted = folder / "unsorted.bin"
    with unsorted.open("wb") as vertices:
        fid, spot, box, rings_of, is_point, length = _flattened(chunks, vertices)
    order = np.argsort(morton(spot.astype(np.int64)), kind="stable")
    first = _starts(rings_of)
    ring = spans(first[order], rings_of[order])
    saved = {
        "fid": fid[order],
        "spot": spot[order],
        "box": box[order],
        "blocks": _block_boxes(box[order]),
        "rings": _starts(length[ring]),
        "first": _starts(rings_of[order]),
        "is_point": is_point[order],
    }
    for name, array in saved.items():
        np.save(folder / f"{name}.npy", array)
    _write_vertices(folder / "xy.npy", unsorted, _starts(length)[ring], length[ring])
    unsorted.unlink()


def _flattened(chunks: Iterable[Chunk], vertices: BinaryIO) -> Iterator[NDArray[Any]]:
    """Arrays of all plots in their own order."""
    parts = [_flat(chunk, vertices) for chunk in chunks] or [_flat(((), ()), vertices)]
    return (np.concatenate(arrays) for arrays in zip(*parts, strict=True))


def _flat(chunk: Chunk, vertices: BinaryIO) -> tuple[NDArray[Any], ...]:
    """Arrays of some plots; their vertices go to the file at once."""
    numbers, wkb = chunk
    geoms = np.asarray(shapely.from_wkb(list(wkb)), dtype=object)
    surface = shapely.get_coordinates(shapely.point_on_surface(geoms))
    # Outer rings clockwise on the map are what the format calls positive, with y downwards.
    parts, part_of = shapely.get_parts(
        shapely.orient_polygons(geoms, exterior_cw=True), return_index=True
    )
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    owner = part_of[ring_of] if len(rings) else np.zeros(0, dtype=np.int64)
    _whole(shapely.get_coordinates(rings)).tofile(vertices)
    return (
        np.fromiter(numbers, dtype=np.int64, count=len(geoms)),
        _whole(surface),
        _boxes(geoms),
        np.bincount(owner, minlength=len(geoms)).astype(np.int64),
        shapely.get_type_id(geoms) == 0,
        shapely.get_num_coordinates(rings).astype(np.int64),
    )


def _write_vertices(target: Path, unsorted: Path, start: Int, length: Int) -> None:
    """Put the vertices of each ring where its turn is."""
    total = int(length.sum())
    source = np.zeros((0, 2), np.int32)
    if total:  # an empty file cannot be mapped
        source = np.asarray(np.memmap(unsorted, np.int32, mode="r", shape=(total, 2)))
    with target.open("wb") as file:
        header = {"descr": "<i4", "fortran_order": False, "shape": (total, 2)}
        np.lib.format.write_array_header_1_0(file, header)
        for at in range(0, len(start), _SLICE):
            some = slice(at, at + _SLICE)
            source[spans(start[some], length[some])].tofile(file)


def _whole(lonlat: NDArray[np.float64]) -> Int32:
    # The last unit in the east is one that four bytes cannot count to.
    if len(lonlat) == 0:
        return np.zeros((0, 2), dtype=np.int32)
    return np.minimum(world(lonlat), np.iinfo(np.int32).max).astype(np.int32)


def _boxes(geoms: Geometries) -> Int32:
    if len(geoms) == 0:
        return np.zeros((0, 4), dtype=np.int32)
    bounds = shapely.bounds(geoms)
    south_west, north_east = _whole(bounds[:, :2]), _whole(bounds[:, 2:])
    west, south = south_west.T
    east, north = north_east.T
    return np.column_stack([west, north, east, south])


def _block_boxes(box: Int32) -> Int32:
    starts = np.arange(0, len(box), BLOCK)
    if len(starts) == 0:
        return box
    low = np.minimum.reduceat(box[:, :2], starts)
    high = np.maximum.reduceat(box[:, 2:], starts)
    return np.column_stack([low, high])


def _starts(length: Int) -> Int:
    """Where each of several runs begins, and the end of the last."""
    return np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
