"""Rows on their way: read from the store once, kept beside the target, read by writer and comparer.

So what is written and what it is compared with are one consistent view, the child process needs no
store, and neither process ever holds all rows.
"""

import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from georeview.core.fields import Column as Kind
from georeview.exports.base import Columns, Extra, Values
from georeview.exports.fit import shown

_POINT: Final = 1
_EXACT: Final = 10**15
"""Beyond 15 digits a whole number is an id: it leaves as text."""

_WIDEST_TEXT: Final = 254
_WIDEST_NUMBER: Final = 32
"""Room in dBASE, characters."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """Rows that lie ready.

    Attributes:
        areas: File of the chunks of polygons.
        points: File of the chunks of points.
        sizes: Rows of each chunk in the order they are read, and whether they are points.
        extras: The sender's columns.
    """

    areas: Path
    points: Path
    sizes: tuple[tuple[int, bool], ...]
    extras: tuple[Extra, ...]

    def chunks(self) -> Iterator[Columns]:
        """All rows, areas first, every column there and of its kind."""
        for path in (self.areas, self.points):
            with path.open("rb") as file:
                for chunk in _loaded(file):
                    yield self._whole(chunk)

    def _whole(self, chunk: Columns) -> Columns:
        extras = {e.name: _as(e.kind, chunk.extras.get(e.name), len(chunk)) for e in self.extras}
        return replace(chunk, extras=extras)


def spool(
    chunks: Iterable[Columns], folder: Path, encoding: str, read_as: Mapping[str, str]
) -> Spooled:
    """Keep rows in a folder of our own."""
    areas, points = folder / "areas.rows", folder / "points.rows"
    sizes: dict[bool, list[int]] = {False: [], True: []}
    measures: dict[str, _Measure] = {}
    with areas.open("wb") as area_file, points.open("wb") as point_file:
        for chunk in chunks:
            for name, values in chunk.extras.items():
                measures.setdefault(name, _Measure(encoding)).take(values)
            for part in _by_kind(chunk):
                pickle.dump(part, point_file if part.points else area_file, protocol=5)
                sizes[part.points].append(len(part))
    extras = tuple(m.result(name, read_as.get(name, "")) for name, m in measures.items())
    order = tuple((n, kind) for kind in (False, True) for n in sizes[kind])
    return Spooled(areas, points, order, extras)


def _loaded(file: BinaryIO) -> Iterator[Columns]:
    while True:
        try:
            yield pickle.load(file)  # noqa: S301 - written by ourselves, in a folder of our own
        except EOFError:
            return


def _by_kind(chunk: Columns) -> Iterator[Columns]:
    """The chunk's polygons and its points apart, each in the order they came."""
    points = [
        int.from_bytes(w[1:5], "little" if w[0] else "big") & 0xFF == _POINT for w in chunk.wkb
    ]
    if not any(points):
        yield chunk
        return
    for kind in (False, True):
        rows = [i for i, point in enumerate(points) if point == kind]
        if rows:
            yield Columns(
                [chunk.wkb[i] for i in rows],
                {k: [v[i] for i in rows] for k, v in chunk.values.items()},
                {k: [v[i] for i in rows] for k, v in chunk.extras.items()},
                kind,
                [chunk.facts[i] for i in rows] if chunk.facts else (),
                [chunk.pictures[i] for i in rows] if chunk.pictures else (),
            )


@dataclass(slots=True)
class _Measure:
    """What the values of a column are and the room they need."""

    encoding: str
    kinds: set[type] = field(default_factory=set)
    text_width: int = 1
    whole: int = 1
    decimals: int = 0
    largest: int = 0

    def take(self, values: Values) -> None:
        for kind in (found := set(map(type, values)) - {type(None)}):
            self.kinds.add(kind)
        if str in found or self.kinds - {int, float}:
            texts = (v if type(v) is str else str(v) for v in values if v is not None)
            self.text_width = max(
                self.text_width, *(len(_bytes(t, self.encoding)) for t in texts), 1
            )
        if found & {int, float}:
            self._numbers(values)

    def _numbers(self, values: Values) -> None:
        for value in values:
            if type(value) is int:
                self.largest = max(self.largest, abs(value))
                text = str(value)
            elif type(value) is float and value - value == 0:
                text = repr(value)
                text = f"{value:.15f}".rstrip("0") if "e" in text else text
            else:
                continue
            whole, _, decimals = text.partition(".")
            self.whole = max(self.whole, len(whole))
            self.decimals = max(self.decimals, len(decimals))
            self.text_width = max(self.text_width, len(str(value)))

    def result(self, name: str, read_as: str) -> Extra:
        kind: Kind = "text"
        if self.kinds == {int} and self.largest < _EXACT:
            kind = "integer"
        elif self.kinds and self.kinds <= {int, float} and self.largest < _EXACT:
            kind = "real"
        width = self.whole + (1 + self.decimals if kind == "real" else 0)
        return Extra(
            name,
            kind,
            min(self.text_width, _WIDEST_TEXT) if kind == "text" else min(width, _WIDEST_NUMBER),
            self.decimals if kind == "real" else 0,
            read_as,
        )


def _bytes(text: str, encoding: str) -> bytes:
    return shown(text).encode(encoding)


def _as(kind: Kind, values: Values | None, count: int) -> list[Any]:
    if values is None:
        return [None] * count
    if kind != "text":
        return list(values)
    return [v if v is None or type(v) is str else str(v) for v in values]
