"""A load on its way: rows of files wait in spools, first as they were read, then ready to be kept.

So everything is read and checked before anything is kept, and no more of it than some thousand
rows is ever in memory.
"""

import marshal
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from georeview import sandbox
from georeview.errors.files import ReaderFailed
from georeview.ingest import (
    READ_PLOTS,
    PlotRows,
    Profile,
    ReadOptions,
    ReadReport,
    TextRows,
    Walked,
)
from georeview.sandbox import Limits
from georeview.services.spool import Spool
from georeview.storage.ports.deliveries import NewPlots
from georeview.storage.ports.plots import FactColumns, Facts, NewPlot
from georeview.storage.records import facts_of_plot, facts_values, given_of, given_values

if TYPE_CHECKING:
    from georeview.geometry.land import Land

Advance = Callable[[int], None]
"""Told of so many steps more; it may raise to stop the work."""

STEPS = 200
"""Steps that a file takes: half of them while it is read, half until it is kept."""

_plot_columns = attrgetter(*(field.name for field in fields(NewPlots)))


class Steps:
    """How far a piece of work is, told in whole steps; told at all, so that it can be stopped.

    Args:
        advance: Is told.
        steps: How many it takes.
    """

    def __init__(self, advance: Advance, steps: int) -> None:
        self._advance = advance
        self._steps = steps
        self._told = 0

    def at(self, done: int, of: int) -> None:
        """So much of it is done."""
        now = max(self._told, self._steps * done // of if of else self._steps)
        self._advance(now - self._told)
        self._told = now


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one file.

    Attributes:
        files: The file and its parts.
        report: What was found in it.
        texts: Whether it is a table of texts without shapes.
        spool: Its rows.
    """

    files: tuple[Path, ...]
    report: ReadReport
    texts: bool
    spool: Spool

    def rows(self) -> Iterator[tuple[int, PlotRows | TextRows]]:
        """All rows, some at a time, each time with where they lie."""
        for at, piece in self.spool.pieces():
            yield at, sandbox.unpacked(piece)

    def again(self, at: int) -> PlotRows:
        """The rows that lie there."""
        rows: PlotRows = sandbox.unpacked(self.spool.at(at))
        return rows


def read(
    files: tuple[Path, ...],
    options: ReadOptions,
    land: "Land",
    profiles: tuple[Profile, ...] = (),
    *,
    limits: Limits,
    spool: Spool,
    steps: Steps,
) -> Reading:
    """Read a file in the sandbox; its rows go to the spool as they come.

    Raises:
        GeoreviewError: It cannot be taken.
    """
    report, texts = None, False
    for part in sandbox.stream(READ_PLOTS, files, options, land, profiles, limits=limits):
        if isinstance(part.value, Walked):
            steps.at(part.value.done, part.value.of)
        elif isinstance(part.value, ReadReport):
            report = part.value
        else:
            texts = isinstance(part.value, TextRows)
            spool.put(part.sent)
    if report is None:
        raise ReaderFailed
    return Reading(files, report, texts, spool)


Waiting = tuple[NewPlots, FactColumns]
"""New plots and their facts."""


def pack(plots: NewPlots, facts: FactColumns) -> bytes:
    """New plots and their facts as bytes for a spool of our own."""
    # In a format without references: looking for equal objects takes longer than writing them.
    return marshal.dumps((_plot_columns(plots), dict(facts)), 2)


def unpack(piece: bytes) -> Waiting:
    """New plots and their facts as ``pack`` was given them."""
    plots, facts = marshal.loads(piece)  # noqa: S302 - written by ``pack``, in a folder of our own
    return NewPlots(*plots), facts


def pack_singly(plots: Iterable[NewPlot], facts: Iterable[Facts]) -> bytes:
    """Plots that are there already and their facts as bytes for a spool of our own."""
    return marshal.dumps((list(map(given_values, plots)), list(map(facts_values, facts))), 2)


def unpack_singly(piece: bytes) -> tuple[Sequence[NewPlot], Sequence[Facts]]:
    """Plots and their facts as ``pack_singly`` was given them."""
    plots, facts = marshal.loads(piece)  # noqa: S302 - as above
    return list(map(given_of, plots)), list(map(facts_of_plot, facts))
