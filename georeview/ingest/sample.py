"""Some rows of a file, from one walk through it: enough to see what it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from georeview.ingest.raw import Cell, Raw

SHAPES = 2_000
"""Most shapes drawn of a file, taken evenly from all its rows."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Some rows of a file: their numbers as people see them (n,), cells by header, geometries (n,)."""

    rows: NDArray[np.int64]
    columns: Mapping[str, Sequence[Cell]]
    geoms: NDArray[np.object_]


def evenly(n: int) -> NDArray[np.int64]:
    """Places of at most ``SHAPES`` of n rows, the first among them."""
    return np.arange(0, n, max(1, -(-n // SHAPES)), dtype=np.int64)


def numbered(raw: Raw, numbers: Sequence[int]) -> NDArray[np.int64]:
    """Places from 0 of rows that people see under these numbers (rising), as far as they are there."""
    if raw.shown is None:
        return np.asarray(numbers, dtype=np.int64) - 1
    return np.flatnonzero(np.isin(raw.shown, numbers))


def sampled(raw: Raw, *wanted: NDArray[np.int64]) -> tuple[Sample, ...]:
    """Several samples in one walk through a file.

    Args:
        raw: The file.
        wanted: Places of rows from 0, rising; those that are not there are left out.
    """
    parts: list[list[Sample]] = [[] for _ in wanted]
    for chunk in raw.chunks():
        start = chunk.first - 1
        for rows, part in zip(wanted, parts, strict=True):
            own = rows[(rows >= start) & (rows < start + chunk.n)]
            cells = {
                header: [column[row - start] for row in own.tolist()]
                for header, column in chunk.columns.items()
            }
            numbers = np.asarray(chunk.numbers, dtype=np.int64)[own - start]
            part.append(Sample(numbers, cells, chunk.geoms[own - start]))
    return tuple(_joined(raw.headers, part) for part in parts)


def _joined(headers: Sequence[str], parts: Sequence[Sample]) -> Sample:
    return Sample(
        np.concatenate([np.empty(0, dtype=np.int64), *(part.rows for part in parts)]),
        {h: [cell for part in parts for cell in part.columns[h]] for h in headers},
        np.concatenate([np.empty(0, dtype=object), *(part.geoms for part in parts)]),
    )
