"""Rows as they were read → plots with facts, waiting to be kept."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from georeview.clock import Clock
from georeview.core.rowtext import cells, dump, objects
from georeview.ingest import NO_PLOTS, Flag, PlotRows, TextRows
from georeview.services import loading
from georeview.services.arrivals import Arrival, Arrivals, noted
from georeview.services.ids import new_plot_ids
from georeview.services.load_report import FileReport, Tally
from georeview.services.loading import Reading, Steps
from georeview.services.overlay import Laid, LayOver, facts_by
from georeview.services.spool import Spool
from georeview.services.told import Outcome, RowTold, Tell
from georeview.storage.intake import uncollected
from georeview.storage.ports.deliveries import NewPlots
from georeview.storage.ports.plots import FactColumns, Facts, NewPlot
from georeview.storage.records import (
    FACTS,
    WORDS,
    facts_of_plot,
    given_columns,
    given_of,
    text_of,
    words_of,
)

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
            brought = self._with_facts(arrival, reading.report.crs)
            tally.add(arrival, brought.flags)
            there = Outcome.JOINED if reading.texts else Outcome.UNCHANGED
            self._tell(n, _told(arrival, brought, there))
            if spools is not None:
                self._wait(brought, spools)
            done += len(arrival.numbers)
            steps.at(done, reading.report.rows_in)
        self._arrivals.file_is_over()
        return tally.report(reading)

    def _wait(self, brought: "_Brought", spools: tuple[Spool, Spool]) -> None:
        """Put plots where they wait: a plot that was withdrawn is there, and keeps its id."""
        new, there = spools
        known = self._withdrawn(brought.plots.source_id)
        again = [n for n, number in enumerate(brought.plots.source_id) if number in known]
        plots, facts = list(brought.changed), list(brought.changed_facts)
        if again:
            own = brought.only(again)
            ids = [known[number] for number in own.plots.source_id]
            rows = zip(ids, *given_columns(own.plots)[1:], strict=False)
            plots = [*map(given_of, rows), *plots]
            facts = [*_facts_of({**own.facts, "plot_id": ids}), *facts]
            brought = brought.only(sorted({*range(len(brought.plots))} - {*again}))
        if len(brought.plots):
            new.put(loading.pack(brought.plots, brought.facts))
        if plots:
            there.put(loading.pack_singly(plots, facts))

    def _with_facts(self, arrival: Arrival, crs: str) -> "_Brought":
        """The new plots of some rows, and those that change."""
        fresh = arrival.fresh or NO_PLOTS
        ids = new_plot_ids(len(fresh), self._clock())
        types = list(map(text_of, fresh.fields.get("type_issued", [None] * len(fresh))))
        laid = Laid(self._batch, ids, fresh.source_id, fresh.wkb, types, fresh.bbox)
        facts = self._lay_over(laid) if ids else dict.fromkeys(FACTS, ())
        changed = [plot for _, plot in arrival.changed]
        of_changed = facts_by(self._lay_over, changed)
        flags = _with_against(fresh, facts["county_name"])
        plots = _new_plots(fresh, ids, types, flags, batch=self._batch, crs=crs)
        for n, (plot, fact) in enumerate(zip(changed, of_changed, strict=True)):
            if against := _against(plot.fields.get("county_stated"), fact.county_name):
                changed[n] = replace(plot, flags=[*plot.flags, noted(against)])
        return _Brought(plots, facts, flags, changed, of_changed)


@dataclass(frozen=True, slots=True)
class _Brought:
    """What some rows bring that is to be kept.

    Attributes:
        plots: The new plots.
        facts: Their facts.
        found: Place of a new plot → what there is to know about it.
        changed: Plots that are there and change.
        changed_facts: Their facts.
    """

    plots: NewPlots
    facts: FactColumns
    found: Mapping[int, tuple[Flag, ...]]
    changed: Sequence[NewPlot]
    changed_facts: Sequence[Facts]

    @property
    def flags(self) -> Iterator[str]:
        """Codes of all flags of all plots."""
        yield from (flag.code for n in sorted(self.found) for flag in self.found[n])
        yield from (str(flag["code"]) for plot in self.changed for flag in plot.flags)

    def only(self, places: Sequence[int]) -> "_Brought":
        """The same with some of the new plots."""
        facts = {name: [column[n] for n in places] for name, column in self.facts.items()}
        return replace(self, plots=self.plots.only(places), facts=facts)


def _facts_of(columns: FactColumns) -> list[Facts]:
    return list(map(facts_of_plot, zip(*map(columns.__getitem__, FACTS), strict=True)))


def _with_against(rows: PlotRows, counties: Sequence[str | None]) -> Mapping[int, tuple[Flag, ...]]:
    """Flags of rows, with what the layers contradict of what they state."""
    flags = dict(rows.flags)
    stated = rows.fields.get("county_stated", ())
    for n, (said, name) in enumerate(zip(stated, counties, strict=True) if stated else ()):
        if flag := _against(said, name):
            flags[n] = (*flags.get(n, ()), flag)
    return flags


def _against(stated: object, found: str | None) -> Flag | None:
    """What a plot states of its county and the layers contradict."""
    if not isinstance(stated, str) or not found:
        return None
    stated = stated.strip()
    # 巴州 for 巴州区 and 巴中市巴州区 are the same county.
    if stated in found or found in stated:
        return None
    return Flag("county_differs", {"stated": stated, "found": found})


def _new_plots(
    rows: PlotRows,
    ids: Sequence[str],
    types: Sequence[str | None],
    flags: Mapping[int, tuple[Flag, ...]],
    *,
    batch: str,
    crs: str,
) -> NewPlots:
    n = len(rows)
    flag_texts = ["[]"] * n
    for place, own in flags.items():
        flag_texts[place] = dump(list(map(noted, own)))
    searched = [rows.fields[name] for name in WORDS if name in rows.fields]
    given = {name: cells(column) for name, column in rows.fields.items()}
    extra = {name: cells(column) for name, column in rows.extra.items()}
    return NewPlots(
        plot_id=ids,
        batch=batch,
        source_id=rows.source_id,
        row=rows.row,
        wkb=rows.wkb,
        source_wkb=rows.source_wkb,
        source_crs=crs,
        fields=objects(given, n, rows.sparse),
        extra=objects(extra, n, rows.partly),
        flags=flag_texts,
        bbox=list(zip(*rows.bbox, strict=True)) or [(), (), (), ()],
        type_issued=types,
        words=list(map(words_of, rows.source_id, *searched)),
    )


def _flag_of(known: Mapping[str, Any]) -> Flag:
    return Flag(str(known["code"]), known["facts"])


def _told(arrival: Arrival, brought: _Brought, there: Outcome) -> Iterator[RowTold]:
    """What becomes of each row of some rows, in row order."""
    plots = brought.plots
    stored = {
        row: RowTold(row, number, Outcome.STORED, brought.found.get(n, ()), wkb, county)
        for n, (row, number, wkb, county) in enumerate(
            zip(plots.row, plots.source_id, plots.wkb, brought.facts["county_name"], strict=True)
        )
    }
    for (row, _), plot, fact in zip(
        arrival.changed, brought.changed, brought.changed_facts, strict=True
    ):
        flags = tuple(map(_flag_of, plot.flags))
        stored[row] = RowTold(
            row, plot.source_id, Outcome.CHANGED, flags, plot.wkb, fact.county_name
        )
    aside = {
        item.row: RowTold(
            item.row, item.source_id, Outcome.SET_ASIDE, (Flag(item.code, item.facts),)
        )
        for item in arrival.aside
    }
    for row in arrival.numbers:
        yield stored.get(row) or aside.get(row) or RowTold(row, None, there)
