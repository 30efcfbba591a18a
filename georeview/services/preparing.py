"""Rows as they were read → plots with facts, waiting to be kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from georeview.clock import Clock
from georeview.ingest import Flag, PlotRows, TextRows
from georeview.services import loading
from georeview.services.arrivals import Arrival, Arrivals, noted
from georeview.services.ids import new_plot_ids
from georeview.services.load_report import FileReport, Tally
from georeview.services.loading import Reading, Steps
from georeview.services.overlay import LayOver
from georeview.services.spool import Spool
from georeview.services.told import Outcome, RowTold, Tell
from georeview.storage.intake import uncollected
from georeview.storage.ports import Facts, NewPlot

Withdrawn = Callable[[Sequence[str]], Mapping[str, str]]
"""Numbers as issued → ids of the plots that a batch had under them."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A file whose plots wait with their facts, ready to be kept.

    Attributes:
        reading: What was read of it.
        report: What becomes of it.
        spool: The plots that are new; nothing where nothing is to be kept.
        there: The same for plots that are there already.
    """

    reading: Reading
    report: FileReport
    spool: Spool
    there: Spool


class Preparing:
    """Rows as they were read → plots with facts, and what becomes of each row.

    Args:
        batch: Name of the batch.
        arrivals: Holds rows against what it has already.
        withdrawn: Number → id of the plots that it had.
        lay_over: Gives plots their facts.
        clock: Where the time comes from.
        tell: Is told what becomes of each row.
    """

    def __init__(
        self,
        batch: str,
        arrivals: Arrivals,
        withdrawn: Withdrawn,
        lay_over: LayOver,
        clock: Clock,
        tell: Tell,
    ) -> None:
        self._batch = batch
        self._arrivals = arrivals
        self._withdrawn = withdrawn
        self._lay_over = lay_over
        self._clock = clock
        self._tell = tell

    def all_of(
        self,
        readings: Sequence[Reading],
        spools: Sequence[tuple[Spool, Spool]],
        steps: Callable[[], Steps],
        *,
        dry_run: bool,
    ) -> list[Ready]:
        """All files of a call, in their order; plots come before the texts that are joined to them.

        Args:
            readings: What was read.
            spools: Where plots wait to be kept: new ones, and those that are there already.
            steps: Makes the steps of one file.
            dry_run: Whether none is to be kept.
        """
        for n, reading in enumerate(readings):
            for _, rows in reading.rows() if reading.texts else ():
                if isinstance(rows, TextRows):
                    self._arrivals.learn(n, rows)
        ready: dict[int, Ready] = {}
        with uncollected():
            for n in sorted(range(len(readings)), key=lambda n: readings[n].texts):
                report = self._one(n, readings[n], None if dry_run else spools[n], steps())
                ready[n] = Ready(readings[n], report, *spools[n])
        for reading in readings:
            reading.spool.drop()
        return [ready[n] for n in range(len(readings))]

    def _one(
        self, n: int, reading: Reading, spools: tuple[Spool, Spool] | None, steps: Steps
    ) -> FileReport:
        tally, done = Tally(), 0
        for at, rows in reading.rows():
            if isinstance(rows, PlotRows):
                crs = reading.report.crs
                arrival = self._arrivals.plots(rows, partial(reading.again, at), crs)
            else:
                arrival = self._arrivals.texts(n, rows)
            plots, facts = self._with_facts(arrival, reading.report.crs)
            tally.add(arrival, plots)
            there = Outcome.JOINED if reading.texts else Outcome.UNCHANGED
            self._tell(n, _told(arrival, plots, facts, there))
            if spools is not None:
                self._wait(arrival, plots, facts, spools)
            done += len(arrival.numbers)
            steps.at(done, reading.report.rows_in)
        self._arrivals.file_is_over()
        return tally.report(reading)

    def _wait(
        self,
        arrival: Arrival,
        plots: Sequence[NewPlot],
        facts: Sequence[Facts],
        spools: tuple[Spool, Spool],
    ) -> None:
        """Put plots where they wait: a plot that was withdrawn is there, and keeps its id."""
        known = self._withdrawn([row.source_id for row in arrival.fresh])
        new: list[tuple[NewPlot, Facts]] = []
        there: list[tuple[NewPlot, Facts]] = []
        for place, (plot, fact) in enumerate(zip(plots, facts, strict=True)):
            plot_id = known.get(plot.source_id) if place < len(arrival.fresh) else plot.plot_id
            if plot_id is None:
                new.append((plot, fact))
            else:
                own = replace(plot, plot_id=plot_id), replace(fact, plot_id=plot_id)
                there.append(own)
        for spool, some in zip(spools, (new, there), strict=True):
            if some:
                spool.put(loading.pack(*zip(*some, strict=True)))

    def _with_facts(self, arrival: Arrival, crs: str) -> tuple[list[NewPlot], Sequence[Facts]]:
        """The new plots of some rows, and after them those that change."""
        plots = _plots(arrival, self._batch, crs, new_plot_ids(len(arrival.fresh), self._clock()))
        plots += (plot for _, plot in arrival.changed)
        facts = self._lay_over(plots)
        for place, (plot, fact) in enumerate(zip(plots, facts, strict=True)):
            if against := _against_facts(plot, fact):
                plots[place] = replace(plot, flags=[*plot.flags, *map(noted, against)])
        return plots, facts


def _against_facts(plot: NewPlot, fact: Facts) -> list[Flag]:
    """What a plot states and the layers contradict."""
    stated, found = plot.fields.get("county_stated"), fact.county_name
    if not isinstance(stated, str) or not found:
        return []
    stated = stated.strip()
    # 巴州 for 巴州区 and 巴中市巴州区 are the same county.
    if stated in found or found in stated:
        return []
    return [Flag("county_differs", {"stated": stated, "found": found})]


def _plots(arrival: Arrival, batch: str, crs: str, plot_ids: Sequence[str]) -> list[NewPlot]:
    return [
        NewPlot(
            plot_id=plot_id,
            batch=batch,
            source_id=row.source_id,
            row=row.row,
            wkb=row.wkb,
            source_wkb=row.source_wkb,
            source_crs=crs,
            fields=row.fields,
            extra=row.extra,
            flags=list(map(noted, row.flags)),
            bbox=row.bbox,
        )
        for row, plot_id in zip(arrival.fresh, plot_ids, strict=True)
    ]


def _flag_of(known: Mapping[str, Any]) -> Flag:
    return Flag(str(known["code"]), known["facts"])


def _told(
    arrival: Arrival, plots: Sequence[NewPlot], facts: Sequence[Facts], there: Outcome
) -> Iterator[RowTold]:
    """What becomes of each row of some rows, in row order."""
    rows = [*(row.row for row in arrival.fresh), *(row for row, _ in arrival.changed)]
    changed = {row for row, _ in arrival.changed}
    stored = {
        row: RowTold(
            row,
            plot.source_id,
            Outcome.CHANGED if row in changed else Outcome.STORED,
            tuple(_flag_of(flag) for flag in plot.flags),
            plot.wkb,
            fact.county_name,
        )
        for row, plot, fact in zip(rows, plots, facts, strict=True)
    }
    aside = {
        item.row: RowTold(
            item.row, item.source_id, Outcome.SET_ASIDE, (Flag(item.code, item.facts),)
        )
        for item in arrival.aside
    }
    for row in arrival.numbers:
        yield stored.get(row) or aside.get(row) or RowTold(row, None, there)
