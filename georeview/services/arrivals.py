"""Rows of files held against what a batch has already: new, there, or contradicting it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from georeview.ingest import Flag, PlotRow, PlotRows, SetAside, TextRow, TextRows
from georeview.ingest.rows import STATED_M2, Cell
from georeview.storage.ports import Json
from georeview.storage.ports.plots import NewPlot

Fields = Mapping[str, object]
Known = Callable[[Sequence[str]], Mapping[str, NewPlot]]
"""Numbers as issued → the plots that a batch has under them."""

TOGETHER = 500
"""Numbers that are looked up together."""

SAME_DEGREES = 1e-8
"""Shapes nearer than this, a millimetre, are the same."""

SAID = 200
"""Characters told of what a table says otherwise."""

_AREAS = frozenset({"area_stated", STATED_M2})
"""Stated areas: units were converted on the way."""

SAME_SHARE = 1e-3
"""Stated areas nearer than this are the same: units were converted on the way."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What some rows of a file bring; the five add up to the rows.

    Attributes:
        numbers: Number of every row.
        fresh: Plots that are new; ``None`` where the rows are texts.
        unchanged: How many rows are there already, as they are.
        joined: How many rows of texts went to plots of other files.
        aside: Rows not taken, in row order, with the reason of each.
        changed: Plots that are there and get another shape or other values, each with its row.
    """

    numbers: Sequence[int]
    fresh: PlotRows | None
    unchanged: int
    joined: int
    aside: tuple[SetAside, ...]
    changed: tuple[tuple[int, NewPlot], ...] = ()


class Arrivals:
    """The files of one call on their way into a batch.

    All texts are learnt first, then come the plots of all files, then the texts themselves.

    Args:
        known: What the batch has.
        update: Whether rows that contradict it change it, rather than being set aside.
    """

    def __init__(self, known: Known, *, update: bool = False) -> None:
        self._known = known
        self._update = update
        self._met: list[NDArray[np.int64]] = []
        self._texts: dict[str, tuple[int, TextRow]] = {}
        self._joining: set[str] = set()
        self._disputed: dict[str, frozenset[str]] = {}
        self._earlier = _Earlier()

    def learn(self, file: int, rows: TextRows) -> None:
        """Note texts of a file that go to the plots of other files."""
        for text in rows.texts:
            self._texts.setdefault(text.source_id, (file, text))

    def plots(self, rows: PlotRows, again: Callable[[], PlotRows], crs: str) -> Arrival:
        """What plots bring.

        Args:
            rows: The plots.
            crs: The coordinate system they came in.
            again: Gives the same rows later, should a number of theirs come in another file.
        """
        numbers = rows.source_id
        known, earlier = self._stored(numbers), self._earlier.shapes(numbers)
        rows = self._with_texts(rows)
        changed: list[tuple[int, NewPlot]] = []
        aside = list(rows.aside)
        places = range(len(rows))
        met = [n for n in places if numbers[n] in known or numbers[n] in earlier]
        for row in map(rows.at, met):
            there = known.get(row.source_id)
            other = _contradiction(row, there, earlier.get(row.source_id))
            if other is not None and there is not None and self._update:
                changed.append((row.row, _revised(row, there, crs)))
            elif other is not None:
                aside.append(other)
        fresh = rows.only(sorted({*places} - {*met})) if met else rows
        self._met.append(_hashes([numbers[n] for n in met]))
        self._earlier.add(fresh.source_id, again)
        self._joining.update(self._texts.keys() & set(fresh.source_id))
        unchanged = len(met) - len(changed) - (len(aside) - len(rows.aside))
        return Arrival(rows.numbers, fresh, unchanged, 0, _in_order(aside), tuple(changed))

    def gone(self, numbers: Iterable[Sequence[str]]) -> Iterator[str]:
        """Which plots of the batch no file has brought again; none where none brought any again.

        Args:
            numbers: Numbers of the batch's plots before the files came, some at a time.
        """
        met = np.unique(np.concatenate([*self._met, np.empty(0, dtype=np.int64)]))
        for some in numbers if len(met) else ():
            away = ~np.isin(_hashes(some), met)
            yield from (some[n] for n in np.flatnonzero(away).tolist())

    def file_is_over(self) -> None:
        """The plots that come next are of another file."""
        self._earlier.file_is_over()

    def texts(self, file: int, rows: TextRows) -> Arrival:
        """What texts bring: how many are there already, how many are joined to new plots."""
        aside = list(rows.aside)
        changed: list[tuple[int, NewPlot]] = []
        unchanged = joined = 0
        known = self._stored([text.source_id for text in rows.texts])
        for text in rows.texts:
            there = known.get(text.source_id)
            origin, first = self._texts[text.source_id]
            if (origin, first.row) != (file, text.row):
                aside.append(SetAside(text.row, text.source_id, "row_repeated", {"row": first.row}))
            elif text.source_id in self._joining:
                joined += 1
            elif there is None:
                aside.append(SetAside(text.row, text.source_id, "text_without_plot"))
            elif (other := self._undisputed(text, there)) and self._update:
                told = {name: text.fields[name] for name in other}
                extra = joined_extra(there.extra, text.extra)
                plot = replace(there, fields=_more(there.fields, told), extra=extra)
                changed.append((text.row, plot))
            elif other:
                aside.append(_other_values(text.row, text.source_id, other))
            else:
                unchanged += 1
        return Arrival(rows.numbers, None, unchanged, joined, _in_order(aside), tuple(changed))

    def _stored(self, numbers: Sequence[str]) -> Mapping[str, NewPlot]:
        """Number → plot of the batch, for some numbers."""
        found: dict[str, NewPlot] = {}
        for start in range(0, len(numbers), TOGETHER):
            found |= self._known(numbers[start : start + TOGETHER])
        return found

    def _with_texts(self, rows: PlotRows) -> PlotRows:
        """The rows with what a table beside them says of the same numbers."""
        told: dict[int, PlotRow] = {}
        for place, number in enumerate(rows.source_id) if self._texts else ():
            if number in self._texts:
                _, text = self._texts[number]
                told[place], disputed = joined(rows.at(place), text)
                if disputed:
                    self._disputed[number] = disputed
        return rows.with_rows(told) if told else rows

    def _undisputed(self, text: TextRow, there: NewPlot) -> list[str]:
        """What a text says otherwise than the plot, but for what its own shape's file denies."""
        disputed = self._disputed.get(text.source_id, frozenset())
        return [name for name in _differing(text.fields, there.fields) if name not in disputed]


class _Earlier:
    """New plots of earlier files: a hash of each number, and where its rows can be had again."""

    def __init__(self) -> None:
        self._again: list[Callable[[], PlotRows]] = []
        self._hashes, self._parts = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        self._own: list[NDArray[np.int64]] = []

    def add(self, numbers: Sequence[str], again: Callable[[], PlotRows]) -> None:
        """Note new plots of the present file."""
        self._own.append(_hashes(numbers))
        self._again.append(again)

    def file_is_over(self) -> None:
        """From now on those of the present file are earlier ones."""
        start = len(self._again) - len(self._own)
        hashes = np.concatenate([self._hashes, *self._own])
        parts = [np.full(len(own), n) for n, own in enumerate(self._own, start)]
        order = np.argsort(hashes, kind="stable")
        self._hashes, self._parts = hashes[order], np.concatenate([self._parts, *parts])[order]
        self._own = []

    def shapes(self, numbers: Sequence[str]) -> Mapping[str, bytes]:
        """Number → WKB of the plots among some that an earlier file has brought."""
        found: dict[str, bytes] = {}
        if not len(self._hashes):
            return found
        places = np.flatnonzero(np.isin(self._hashes, _hashes(numbers)))
        asked = set(numbers)
        for part in np.unique(self._parts[places]).tolist():
            brought = set(self._hashes[places[self._parts[places] == part]].tolist())
            rows = self._again[part]()
            both = zip(rows.source_id, rows.wkb, strict=True)
            found |= {n: wkb for n, wkb in both if n in asked and hash(n) in brought}
        return found


def _hashes(numbers: Sequence[str]) -> NDArray[np.int64]:
    return np.fromiter(map(hash, numbers), dtype=np.int64, count=len(numbers))


def _in_order(aside: list[SetAside]) -> tuple[SetAside, ...]:
    return tuple(sorted(aside, key=lambda item: item.row))


def _contradiction(row: PlotRow, there: NewPlot | None, first: bytes | None) -> SetAside | None:
    """Why a row is not what is known under its number already.

    Args:
        row: The row.
        there: What the batch has.
        first: The shape that an earlier file of the call gave, where the batch has none.
    """
    if not _same_shape(there.wkb if there else first or b"", row.wkb):
        return SetAside(row.row, row.source_id, "already_with_other_shape")
    if there is None or _ours(row, there.plot_id):
        return None
    other = _differing(row.fields, there.fields)
    return _other_values(row.row, row.source_id, other) if other else None


def _revised(row: PlotRow, there: NewPlot, crs: str) -> NewPlot:
    """The plot as the row gives it; what the row does not say stays, also its shape if it is equal."""
    plot = replace(there, row=row.row, flags=list(map(noted, row.flags)))
    if not _same_shape(there.wkb, row.wkb):
        plot = replace(plot, wkb=row.wkb, source_wkb=row.source_wkb, source_crs=crs, bbox=row.bbox)
    if _ours(row, there.plot_id):
        return plot
    return replace(
        plot, fields=_more(there.fields, row.fields), extra=_more(there.extra, row.extra)
    )


def noted(flag: Flag) -> dict[str, Any]:
    """A warning as it is kept with its plot."""
    return {"code": flag.code, "facts": dict(flag.facts)}


def _more(there: Json, given: Json) -> Json:
    """What is known with what is given laid over it."""
    return {**there, **{name: value for name, value in given.items() if value is not None}}


def _other_values(row: int, source_id: str, columns: Sequence[str]) -> SetAside:
    return SetAside(
        row, source_id, "already_with_other_values", {"columns": ", ".join(sorted(columns))}
    )


def _ours(row: PlotRow, plot_id: str) -> bool:
    """Whether the row is one of our own exports coming back: its columns are results."""
    return any(
        value == plot_id for header, value in row.extra.items() if header.upper() == "PLOT_ID"
    )


def joined(row: PlotRow, text: TextRow) -> tuple[PlotRow, frozenset[str]]:
    """A plot with what a table says of it, and the fields about which the two disagree.

    What the plot lacks is added, and a text that was cut is made whole. What both say differently
    stays as it stands beside the shape, with a flag that tells what the table says.
    """
    disputed = {
        name: value
        for name, value in text.fields.items()
        if name not in _AREAS
        and row.fields.get(name) is not None
        and not _agree(row.fields[name], value)
        and not _agree(value, row.fields[name])
    }
    own_area = row.fields.get("area_stated") is not None
    told = {
        name: value
        for name, value in text.fields.items()
        if name not in disputed
        and not _longer(row.fields.get(name), value)
        and not (own_area and name in _AREAS)
    }
    flags = row.flags
    if disputed:
        said = ", ".join(f"{name}={value}" for name, value in sorted(disputed.items()))
        flags += (Flag("joined_differs", {"row": text.row, "said": said[:SAID]}),)
    extra = joined_extra(row.extra, text.extra)
    return replace(row, fields={**row.fields, **told}, extra=extra, flags=flags), frozenset(
        disputed
    )


def joined_extra(own: Mapping[str, Any], more: Mapping[str, Cell]) -> dict[str, Any]:
    """Other columns of a plot and of a table; of one name with another value the table's gets a number."""
    found = dict(own)
    for header, cell in more.items():
        if found.get(header) is None:
            found[header] = cell
        elif str(found[header]) != str(cell):
            found[f"{header}#2"] = cell
    return found


def _longer(own: object, other: object) -> bool:
    return isinstance(own, str) and isinstance(other, str) and own.startswith(other)


def _differing(given: Fields, there: Fields) -> list[str]:
    """Fields that say something else than what is stored; saying less is no contradiction."""
    return [
        name
        for name, value in given.items()
        if value is not None and name not in _AREAS and not _agree(value, there.get(name))
    ]


def _agree(given: object, there: object) -> bool:
    if isinstance(given, int | float) and isinstance(there, int | float):
        return abs(given - there) <= SAME_SHARE * max(abs(given), abs(there))
    # dBASE cuts long texts, which a table beside it holds whole.
    return given == there or (
        isinstance(given, str) and isinstance(there, str) and there.startswith(given)
    )


def _same_shape(one: bytes, other: bytes) -> bool:
    if one == other:
        return True
    # Other software, and our GeoPackage, hold a polygon as a multipolygon of one part.
    shapes = shapely.from_wkb(np.array([one, other]))
    alone = shapely.get_num_geometries(shapes) == 1
    first, second = np.where(alone, shapely.get_geometry(shapes, 0), shapes)
    if shapely.equals_exact(first, second, normalize=True):
        return True
    # Corner by corner would not do: where a ring begins is chance once its numbers have been to
    # another system and back.
    alike = all(
        of(first) == of(second)
        for of in (shapely.get_type_id, shapely.get_num_geometries, shapely.get_num_coordinates)
    )
    return bool(alike and shapely.hausdorff_distance(first, second) <= SAME_DEGREES)
