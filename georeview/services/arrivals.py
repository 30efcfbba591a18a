"""Rows of files held against what a batch has already: new, there, or contradicting it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely

from georeview.ingest import PlotRow, PlotsRead, SetAside, TextRow

Fields = Mapping[str, object]
Known = Mapping[str, tuple[str, bytes]]
"""Number as issued → our id and geometry."""

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


def compared(
    read: Sequence[tuple[tuple[Path, ...], PlotsRead]],
    known: Known,
    stored: Callable[[], Mapping[str, Fields]],
) -> list[Arrival]:
    """What each file of one call brings to a batch.

    Args:
        read: Files and what was read of them.
        known: What the batch has.
        stored: Fields of the batch's plots by number; asked for only where they matter.
    """
    texts: dict[str, TextRow] = {}
    for _, found in read:
        for text in found.texts:
            texts.setdefault(text.source_id, text)
    seen: dict[str, tuple[str, bytes]] = dict(known)
    fresh_ids: set[str] = set()
    fields = _Lazy(stored)
    plots = [_of_plots(found, seen, texts, fresh_ids, fields) for _, found in read]
    return [
        Arrival(files, found, *plots[i])
        if not found.texts
        else Arrival(files, found, (), *_of_texts(found, texts, fresh_ids, fields))
        for i, (files, found) in enumerate(read)
    ]


class _Lazy:
    """Fields of stored plots, read at most once."""

    def __init__(self, stored: Callable[[], Mapping[str, Fields]]) -> None:
        self._stored = stored
        self._fields: Mapping[str, Fields] | None = None

    def get(self, source_id: str) -> Fields | None:
        if self._fields is None:
            self._fields = self._stored()
        return self._fields.get(source_id)


def _of_plots(
    read: PlotsRead,
    seen: dict[str, tuple[str, bytes]],
    texts: Mapping[str, TextRow],
    fresh_ids: set[str],
    stored: _Lazy,
) -> tuple[tuple[PlotRow, ...], int, int, tuple[SetAside, ...]]:
    """New rows, how many are there already, none joined, rows set aside.

    ``seen`` grows by the new ones, so that a number in two files of one call is noticed.
    """
    fresh: list[PlotRow] = []
    aside = list(read.report.set_aside)
    unchanged = 0
    for row in (_with_text(row, texts) for row in read.rows):
        there = seen.get(row.source_id)
        if there is None:
            seen[row.source_id] = ("", row.wkb)
            fresh_ids.add(row.source_id)
            fresh.append(row)
        elif not _same_shape(there[1], row.wkb):
            aside.append(SetAside(row.row, row.source_id, "already_with_other_shape"))
        elif row.source_id in fresh_ids or _ours(row, there[0]):
            unchanged += 1
        elif other := _differing(row.fields, stored.get(row.source_id) or {}):
            aside.append(_other_values(row.row, row.source_id, other))
        else:
            unchanged += 1
    return tuple(fresh), unchanged, 0, tuple(sorted(aside, key=lambda item: item.row))


def _of_texts(
    read: PlotsRead, texts: Mapping[str, TextRow], fresh_ids: set[str], stored: _Lazy
) -> tuple[int, int, tuple[SetAside, ...]]:
    """How many texts are there already, how many were joined, rows set aside."""
    aside = list(read.report.set_aside)
    unchanged = joined = 0
    for text in read.texts:
        if texts[text.source_id] is not text:
            first = texts[text.source_id].row
            aside.append(SetAside(text.row, text.source_id, "row_repeated", {"row": first}))
        elif text.source_id in fresh_ids:
            joined += 1
        elif (there := stored.get(text.source_id)) is None:
            aside.append(SetAside(text.row, text.source_id, "text_without_plot"))
        elif other := _differing(text.fields, there):
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
