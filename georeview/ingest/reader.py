"""Cells of a file as values of fields, and what of them goes back to the sender as it came."""

from collections.abc import Mapping, Sequence
from math import isfinite

import numpy as np

from georeview.core.fields import PERSONAL_FIELDS, PLOT_FIELDS, Kind
from georeview.ingest import values
from georeview.ingest.raw import Cell, Chunk
from georeview.ingest.values import Value

REMEMBERED = 20_000
"""Different cells of a column whose values are remembered."""


class Reader(dict[str, Value]):
    """Cells of a column → values of a field; a text that comes again is not read again."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        self._kind = kind
        self._said_more: set[str] = set()

    def read(self, cells: Sequence[Cell]) -> list[Value]:
        """The values of cells."""
        if len(self) > REMEMBERED:
            self.clear()
            self._said_more.clear()
        kinds = set(map(type, cells))
        if self._kind in _NUMBERS and kinds <= _FLOATS:
            return _numbers(self._kind, cells)
        if kinds <= _TEXTS:
            return self._of_texts(cells)  # type: ignore[arg-type]
        return [values.read(self._kind, cell) for cell in cells]

    def _of_texts(self, cells: Sequence[str | None]) -> list[Value]:
        once = self._kind == "text" and 2 * len({*cells}) > len(cells)
        if once and "".join(filter(None, cells)).isprintable():
            # Remembering what comes once takes longer than reading it.
            most = values.LONGEST_NULL
            return [
                cell if cell is None or len(cell.strip(" ")) > most else self[cell]
                for cell in cells
            ]
        return [None if cell is None else self[cell] for cell in cells]

    def came(self, cells: Sequence[Cell], found: Sequence[Value]) -> Sequence[Cell] | None:
        """The cells that say more than their values, else ``None``; ``None`` where none does.

        Args:
            cells: The cells.
            found: What ``read`` has just made of them.
        """
        if cells == found:
            return None
        if set(map(type, cells)) <= _TEXTS:
            more = self._said_more
            found_more: list[Cell] = [c if c in more else None for c in cells] if more else []
        else:
            both = zip(cells, found, strict=True)
            found_more = [None if values.same(cell, value) else cell for cell, value in both]
        return found_more if any(cell is not None for cell in found_more) else None

    def __missing__(self, cell: str) -> Value:
        self[cell] = value = values.read(self._kind, cell)
        if not values.same(cell, value):
            self._said_more.add(cell)
        return value


_NUMBERS: frozenset[Kind] = frozenset({"area", "degrees"})
_FLOATS, _TEXTS = {float, type(None)}, {str, type(None)}


def _numbers(kind: Kind, cells: Sequence[Cell]) -> list[Value]:
    """Cells that are floats already; what ``values.read`` makes of each."""
    numbers = np.array(cells, dtype=np.float64)
    if np.isfinite(numbers).all() and (kind != "degrees" or numbers.all()):
        return list(cells)
    return [
        None if cell is None or not isfinite(cell) or (kind == "degrees" and cell == 0) else cell  # type: ignore[arg-type]
        for cell in cells
    ]


def readers(mapped: Mapping[str, str]) -> dict[str, Reader]:
    """What reads each field that a file has."""
    return {spec.name: Reader(spec.kind) for spec in PLOT_FIELDS if spec.name in mapped}


def as_it_came(
    chunk: Chunk,
    mapped: Mapping[str, str],
    by_field: Mapping[str, Reader],
    read: Mapping[str, Sequence[Value]],
) -> dict[str, Sequence[Cell]]:
    """What goes back to the sender as it came, in the order of the file's columns.

    Args:
        chunk: Some rows.
        mapped: Field → header.
        by_field: Field → what has read it.
        read: Field → what it has just made of the rows.
    """
    meaning = {header: name for name, header in mapped.items()}
    found: dict[str, Sequence[Cell]] = {}
    for header, cells in chunk.columns.items():
        name = meaning.get(header)
        if name is None:
            found[header] = cells
        elif name not in PERSONAL_FIELDS:
            came = by_field[name].came(cells, read[name])
            if came is not None:
                found[header] = came
    return found
