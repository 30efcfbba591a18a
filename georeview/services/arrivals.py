"""Rows of files held against what a batch has already: new, there, or contradicting it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import shapely

from georeview.ingest import PlotRow, PlotsRead, SetAside, TextRow
from georeview.storage.ports import NewPlot

Row = TypeVar("Row", PlotRow, TextRow)

Fields = Mapping[str, object]
Known = Callable[[Sequence[str]], Mapping[str, NewPlot]]
"""Numbers as issued → the plots that a batch has under them."""

TOGETHER = 500
"""Numbers that are looked up together."""

SAME_SHARE = 1e-3
"""Stated areas nearer than this are the same: units were converted on the way."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What one file brings; ``rows in = fresh + unchanged + joined + aside``.

    Attributes:
        files: The file and its parts.
        read: What was read of it.
        fresh: Plots that are new.
        unchanged: How many rows are there already, as they are.
        joined: How many rows of texts went to plots of other files.
        aside: Rows not taken, with the reason of each.
    """

    files: tuple[Path, ...]
    read: PlotsRead
    fresh: tuple[PlotRow, ...]
    unchanged: int
    joined: int
    aside: tuple[SetAside, ...]


def compared(read: Sequence[tuple[tuple[Path, ...], PlotsRead]], known: Known) -> list[Arrival]:
    """What each file of one call brings to a batch.

    Args:
        read: Files and what was read of them.
        known: What the batch has.
    """
    texts: dict[str, TextRow] = {}
    for _, found in read:
        for text in found.texts:
            texts.setdefault(text.source_id, text)
    fresh: dict[str, PlotRow] = {}
    plots = [_of_plots(found, known, texts, fresh) for _, found in read]
    return [
        Arrival(files, found, *plots[i])
        if not found.texts
        else Arrival(files, found, (), *_of_texts(found, known, texts, fresh))
        for i, (files, found) in enumerate(read)
    ]


def _with_stored(rows: Iterable[Row], known: Known) -> Iterator[tuple[Row, NewPlot | None]]:
    """Each row with the plot that the batch has under its number."""
    remaining = iter(rows)
    while some := list(islice(remaining, TOGETHER)):
        there = known([row.source_id for row in some])
        yield from ((row, there.get(row.source_id)) for row in some)


def _of_plots(
    read: PlotsRead, known: Known, texts: Mapping[str, TextRow], fresh: dict[str, PlotRow]
) -> tuple[tuple[PlotRow, ...], int, int, tuple[SetAside, ...]]:
    """New rows, how many are there already, none joined, rows set aside.

    ``fresh`` grows by the new ones, so that a number in two files of one call is noticed.
    """
    own: list[PlotRow] = []
    aside = list(read.report.set_aside)
    unchanged = 0
    rows = (_with_text(row, texts) for row in read.rows)
    for row, there in _with_stored(rows, known):
        first = there or fresh.get(row.source_id)
        if first is None:
            fresh[row.source_id] = row
            own.append(row)
        elif not _same_shape(first.wkb, row.wkb):
            aside.append(SetAside(row.row, row.source_id, "already_with_other_shape"))
        elif there is None or _ours(row, there.plot_id):
            unchanged += 1
        elif other := _differing(row.fields, there.fields):
            aside.append(_other_values(row.row, row.source_id, other))
        else:
            unchanged += 1
    return tuple(own), unchanged, 0, tuple(sorted(aside, key=lambda item: item.row))


def _of_texts(
    read: PlotsRead, known: Known, texts: Mapping[str, TextRow], fresh: Mapping[str, PlotRow]
) -> tuple[int, int, tuple[SetAside, ...]]:
    """How many texts are there already, how many were joined, rows set aside."""
    aside = list(read.report.set_aside)
    unchanged = joined = 0
    for text, there in _with_stored(read.texts, known):
        if texts[text.source_id] is not text:
            first = texts[text.source_id].row
            aside.append(SetAside(text.row, text.source_id, "row_repeated", {"row": first}))
        elif text.source_id in fresh:
            joined += 1
        elif there is None:
            aside.append(SetAside(text.row, text.source_id, "text_without_plot"))
        elif other := _differing(text.fields, there.fields):
            aside.append(_other_values(text.row, text.source_id, other))
        else:
            unchanged += 1
    return unchanged, joined, tuple(sorted(aside, key=lambda item: item.row))


def _with_text(row: PlotRow, texts: Mapping[str, TextRow]) -> PlotRow:
    """The row with the longer texts that a table beside it holds for the same number."""
    text = texts.get(row.source_id)
    return replace(row, fields={**row.fields, **text.fields}) if text else row


def _other_values(row: int, source_id: str, columns: Sequence[str]) -> SetAside:
    return SetAside(
        row, source_id, "already_with_other_values", {"columns": ", ".join(sorted(columns))}
    )


def _ours(row: PlotRow, plot_id: str) -> bool:
    """Whether the row is one of our own exports coming back: its columns are results."""
    return any(
        value == plot_id for header, value in row.extra.items() if header.upper() == "PLOT_ID"
    )


def _differing(given: Fields, there: Fields) -> list[str]:
    """Fields that say something else than what is stored; saying less is no contradiction."""
    return [
        name
        for name, value in given.items()
        if value is not None and name != "area_stated" and not _agree(value, there.get(name))
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
    return bool(shapely.equals_exact(first, second, tolerance=1e-9, normalize=True))
