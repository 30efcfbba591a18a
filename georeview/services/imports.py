"""Plots taken in: read in the sandbox, compared with what is there, laid over, kept in one commit.

Rows go through a load some thousand at a time (see ``loading``), whatever the size of the file.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from georeview import sandbox
from georeview.clock import Clock
from georeview.core.access import Action, Actor, Role, need, role_for
from georeview.core.deliveries import Delivery
from georeview.core.review import Intake
from georeview.errors import BadValue, Forbidden
from georeview.ingest import (
    EVERY_LAYER,
    LAYERS_IN,
    Flag,
    PlotRows,
    Profile,
    ReadOptions,
    SetAside,
    TextRows,
    beside,
    called,
)
from georeview.services import loading
from georeview.services.arrivals import Arrival, Arrivals, Known, noted
from georeview.services.ids import new_id, new_plot_ids
from georeview.services.limits import need_size, read_limits, upload_bytes
from georeview.services.loading import STEPS, Advance, Reading, Steps
from georeview.services.overlay import LayOver, OverlayService
from georeview.services.profiles import profiles
from georeview.services.spool import Spool
from georeview.services.told import Outcome, RowTold, Tell, untold
from georeview.services.updates import Updates, county_in, given
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports import Batch, Entry, Facts, Import, NewPlot, Store

GONE_MAX = 1000
"""Plots that a further delivery no longer brings and that are named."""

Withdrawn = Callable[[Sequence[str]], Mapping[str, str]]
"""Numbers as issued → ids of the plots that a batch had under them."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file: ``rows_in = stored + changed + unchanged + joined + set_aside``.

    Attributes:
        file: Its name.
        rows_in: Rows in the file.
        stored: Plots that are new.
        unchanged: Plots that were there already.
        joined: Rows of texts that belong to plots of other files.
        set_aside: Rows that were not taken, with the reason of each.
        changed: Plots that were there and have another shape or other values now.
        flagged: How many plots carry each warning.
        read: The reader's report.
    """

    file: str
    rows_in: int
    stored: int
    unchanged: int
    joined: int
    set_aside: tuple[SetAside, ...]
    flagged: Mapping[str, int]
    read: Mapping[str, Any]
    changed: int = 0


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What became of all files of one call.

    Attributes:
        batch: Name of the batch.
        dry_run: Whether nothing was kept.
        files: What became of each.
        import_id: What the ids of the files have in common; by it they can be taken back.
        gone: How many plots the batch has that a further delivery of it no longer brings; they
            stay.
        gone_plots: Numbers of the first of them.
    """

    batch: str
    dry_run: bool
    files: tuple[FileReport, ...]
    import_id: str | None = None
    gone: int = 0
    gone_plots: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing was set aside."""
        return not any(report.set_aside for report in self.files)

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Ready:
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


@dataclass(slots=True)
class _Tally:
    """What becomes of a file's rows, counted on the way."""

    stored: int = 0
    changed: int = 0
    unchanged: int = 0
    joined: int = 0
    aside: list[SetAside] = field(default_factory=list)
    flagged: Counter[str] = field(default_factory=Counter)

    def add(self, arrival: Arrival, plots: Sequence[NewPlot]) -> None:
        """Count some rows more."""
        self.stored += len(arrival.fresh)
        self.changed += len(arrival.changed)
        self.unchanged += arrival.unchanged
        self.joined += arrival.joined
        self.aside += arrival.aside
        self.flagged.update(str(flag["code"]) for plot in plots for flag in plot.flags)

    def report(self, reading: Reading) -> FileReport:
        """The report on all rows."""
        report = FileReport(
            file=called(reading.files),
            rows_in=reading.report.rows_in,
            stored=self.stored,
            unchanged=self.unchanged,
            joined=self.joined,
            set_aside=tuple(self.aside),
            flagged=dict(self.flagged),
            read=reading.report.as_json(),
            changed=self.changed,
        )
        taken = report.stored + report.changed + report.unchanged + report.joined
        if report.rows_in != taken + len(report.set_aside):
            raise AssertionError(report)
        return report


def _nothing(_steps: int) -> None:
    """Nobody watches."""


class ImportService:
    """Taking in files of plots."""

    def __init__(
        self, store: Store, files: Files, overlay: OverlayService, clock: Clock, settings: Settings
    ) -> None:
        self._store = store
        self._files = files
        self._overlay = overlay
        self._clock = clock
        self._settings = settings

    def load(
        self,
        actor: Actor,
        paths: Sequence[Path],
        *,
        batch: str,
        area: str,
        options: ReadOptions | Sequence[ReadOptions],
        review_due: date | None = None,
        rectify_due: date | None = None,
        dry_run: bool = False,
        update: bool = False,
        key: str | None = None,
        advance: Advance = _nothing,
        tell: Tell = untold,
    ) -> LoadReport:
        """Take in the files of a batch; loading the same again changes nothing.

        Everything is read and checked before anything is kept, and each file is kept whole, with
        the first events of its plots, in one commit. A table without shapes adds its texts to the
        plots of the same number in the other files.

        Args:
            actor: Who loads.
            paths: The files.
            batch: Name of the batch.
            area: Area code of whoever the batch was issued to.
            options: What is known about the files: all of them, or each.
            review_due: Last day of the review.
            rectify_due: Last day of the rectification.
            dry_run: Only look.
            update: Give plots that are there the shape and the values of the files, with an event
                each; what they were stays, and so do marks. Otherwise such rows are set aside.
            key: Names this call, where it may have to be begun again: a file that an earlier try
                has kept is not kept twice.
            advance: Told how many more of the ``STEPS`` of each file are done; what it raises
                ends the load, and nothing is kept of the file that is being kept.
            tell: Told what becomes of each row.

        Raises:
            Forbidden: The actor may not load plots there.
            GeoreviewError: A file as a whole cannot be taken; nothing was kept.
        """
        need(actor, Action.IMPORT, area)
        need_batch_name(batch)
        self._files.need_room(self._settings.min_free_mb * 2**20)
        each = [options] * len(paths) if isinstance(options, ReadOptions) else options
        parted = [
            part for path, own in zip(paths, each, strict=True) for part in self._parts(path, own)
        ]
        whole = Batch(
            name=batch,
            area=area,
            review_due=review_due.isoformat() if review_due else None,
            rectify_due=rectify_due.isoformat() if rectify_due else None,
            hard=review_due is not None,
            created_at=self._clock().isoformat(),
        )
        known = self.known_columns(area)
        with self._files.scratch() as folder:
            readings = [
                self._read(beside(path), own, known, self._spool(folder, f"read-{n}"), advance)
                for n, (path, own) in enumerate(parted)
            ]
            spools = [
                (self._spool(folder, f"ready-{n}"), self._spool(folder, f"there-{n}"))
                for n in range(len(readings))
            ]
            arrivals = Arrivals(self._known(batch), update=update)
            preparing = _Preparing(
                batch,
                arrivals,
                self._withdrawn(batch),
                self._overlay.laying_over(),
                self._clock,
                tell,
            )
            steps = STEPS // 2 if dry_run else STEPS // 4
            ready = preparing.all_of(
                readings, spools, partial(Steps, advance, steps), dry_run=dry_run
            )
            gone = list(arrivals.gone(self._store.plots.numbers(batch)))
            key = key or new_id()
            if not dry_run:
                self._keep(actor, whole, ready, key, advance)
        return LoadReport(
            batch,
            dry_run,
            tuple(file.report for file in ready),
            None if dry_run else key,
            len(gone),
            tuple(gone[:GONE_MAX]),
        )

    def _parts(self, path: Path, options: ReadOptions) -> Iterator[tuple[Path, ReadOptions]]:
        """A file as it is, or, where all of its layers are wanted, once for each."""
        if options.layer != EVERY_LAYER:
            yield path, options
            return
        files = beside(path)
        need_size(self._settings, files)
        for layer in sandbox.run(LAYERS_IN, files, limits=read_limits(self._settings)):
            yield path, replace(options, layer=layer)

    def known_columns(self, area: str) -> tuple[Profile, ...]:
        """How the columns of earlier files issued to an area were understood."""
        return profiles(self._store, area)

    def _spool(self, folder: Path, name: str) -> Spool:
        return Spool(
            folder / name, partial(self._files.need_room, self._settings.min_free_mb * 2**20)
        )

    def _known(self, batch: str) -> Known:
        """What the batch has: nothing to look up where no file has come yet."""
        if self._store.plots.last_import(batch) is None:
            return lambda _numbers: {}
        return partial(self._store.plots.known, batch)

    def _withdrawn(self, batch: str) -> Withdrawn:
        """What was withdrawn from the batch: nothing to look up where no file was taken back."""
        if all(source.retracted_at is None for source in self._store.plots.imports(batch)):
            return lambda _numbers: {}
        return partial(self._store.plots.withdrawn, batch)

    def _read(
        self,
        files: tuple[Path, ...],
        options: ReadOptions,
        known: tuple[Profile, ...],
        spool: Spool,
        advance: Advance,
    ) -> Reading:
        need_size(self._settings, files)
        return loading.read(
            files,
            options,
            self._overlay.land(),
            known,
            limits=read_limits(self._settings),
            spool=spool,
            steps=Steps(advance, STEPS // 2),
        )

    def _keep(
        self,
        actor: Actor,
        batch: Batch,
        ready: Sequence[_Ready],
        key: str,
        advance: Advance,
    ) -> None:
        """Originals first, for a plot must never stand without its source; then file by file."""
        kept = {source.import_id for source in self._store.plots.imports(batch.name)}
        for n, file in enumerate(ready):
            steps = Steps(advance, STEPS // 4)
            report = file.report
            brings = report.stored or report.changed or report.joined
            if import_id(key, n) not in kept and brings:
                for part in file.reading.files:
                    self._files.take(part, "sources", upload_bytes(self._settings))
                source = Import(
                    import_id=import_id(key, n),
                    batch=batch.name,
                    file=file.report.file,
                    sha256=file.reading.report.sha256,
                    report=json.dumps(asdict(file.report), ensure_ascii=False),
                    actor=actor.user,
                    created_at=self._clock().isoformat(),
                )
                role = role_for(actor, Action.IMPORT, batch.area)
                if role is None:
                    raise Forbidden(action=Action.IMPORT.value)
                updates = Updates(Delivery(actor, role, self._clock()), batch.area, source.sha256)
                self._store.deliveries.add(
                    batch,
                    source,
                    self._entries(actor, role, batch, source.sha256, file, steps),
                    updates.of(loading.unpack(piece) for _, piece in file.there.pieces()),
                )
            steps.at(1, 1)

    def _entries(
        self, actor: Actor, role: Role, batch: Batch, sha256: str, file: _Ready, steps: Steps
    ) -> Iterator[Entry]:
        """Each plot is taken in and goes to the county that holds its largest share."""
        intake = Intake(actor, role, area=batch.area, now=self._clock())
        done = 0
        for _, piece in file.spool.pieces():
            for plot, fact in zip(*loading.unpack(piece), strict=True):
                body = {**given(plot), "file_sha256": sha256}
                county = county_in(fact, batch.area)
                drafts = intake.events(plot.plot_id, (new_id(), new_id()), county=county, body=body)
                yield Entry(plot, drafts, fact)
                done += 1
            steps.at(done, file.report.stored)


class _Preparing:
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
    ) -> list[_Ready]:
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
        ready: dict[int, _Ready] = {}
        for n in sorted(range(len(readings)), key=lambda n: readings[n].texts):
            report = self._one(n, readings[n], None if dry_run else spools[n], steps())
            ready[n] = _Ready(readings[n], report, *spools[n])
        for reading in readings:
            reading.spool.drop()
        return [ready[n] for n in range(len(readings))]

    def _one(
        self, n: int, reading: Reading, spools: tuple[Spool, Spool] | None, steps: Steps
    ) -> FileReport:
        tally = _Tally()
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
            steps.at(arrival.last, reading.report.rows_in)
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


def need_batch_name(batch: str) -> None:
    """Refuse what cannot be the name of a batch.

    Raises:
        BadValue: It is empty, too long, or not printable.
    """
    if not batch.strip() or len(batch) > 200 or not batch.isprintable():
        raise BadValue(field="batch", value=batch[:80])


def import_id(key: str, number: int) -> str:
    """Name under which the n-th file of a call is kept."""
    return f"{key}-{number}"


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
    for row in range(arrival.first, arrival.last + 1):
        yield stored.get(row) or aside.get(row) or RowTold(row, None, there)
