"""Plots taken in: read in the sandbox, compared with what is there, laid over, kept in one commit.

Rows go through a load some thousand at a time (see ``loading``), whatever the size of the file.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from georeview.clock import Clock
from georeview.core.access import Action, Actor, need, role_for
from georeview.core.ledger import Value
from georeview.core.review import Intake
from georeview.errors import BadValue, Forbidden
from georeview.ingest import (
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
from georeview.services.arrivals import Arrival, Arrivals, Known
from georeview.services.ids import new_id, new_plot_ids
from georeview.services.limits import need_size, read_limits, upload_bytes
from georeview.services.loading import STEPS, Advance, Reading, Steps
from georeview.services.overlay import LayOver, OverlayService
from georeview.services.profiles import profiles
from georeview.services.spool import Spool
from georeview.services.told import Outcome, RowTold, Tell, untold
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports import Batch, Entry, Facts, Import, NewPlot, Store


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file: ``rows_in = stored + unchanged + set_aside + joined``.

    Attributes:
        file: Its name.
        rows_in: Rows in the file.
        stored: Plots that are new.
        unchanged: Plots that were there already.
        joined: Rows of texts that belong to plots of other files.
        set_aside: Rows that were not taken, with the reason of each.
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


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What became of all files of one call."""

    batch: str
    dry_run: bool
    files: tuple[FileReport, ...]

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
    """

    reading: Reading
    report: FileReport
    spool: Spool


@dataclass(slots=True)
class _Tally:
    """What becomes of a file's rows, counted on the way."""

    stored: int = 0
    unchanged: int = 0
    joined: int = 0
    aside: list[SetAside] = field(default_factory=list)
    flagged: Counter[str] = field(default_factory=Counter)

    def add(self, arrival: Arrival, plots: Sequence[NewPlot]) -> None:
        """Count some rows more."""
        self.stored += len(plots)
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
        )
        counted = report.stored + report.unchanged + report.joined + len(report.set_aside)
        if report.rows_in != counted:
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
                for n, (path, own) in enumerate(zip(paths, each, strict=True))
            ]
            spools = [self._spool(folder, f"ready-{n}") for n in range(len(readings))]
            preparing = _Preparing(
                batch, self._known(batch), self._overlay.laying_over(), self._clock, tell
            )
            steps = STEPS // 2 if dry_run else STEPS // 4
            ready = preparing.all_of(
                readings, spools, partial(Steps, advance, steps), dry_run=dry_run
            )
            if not dry_run:
                self._keep(actor, whole, ready, key or new_id(), advance)
        return LoadReport(batch, dry_run, tuple(file.report for file in ready))

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
            if import_id(key, n) not in kept and (file.report.stored or file.report.joined):
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
                entries = self._entries(actor, batch, source.sha256, file, steps)
                self._store.plots.add(batch, source, entries)
            steps.at(1, 1)

    def _entries(
        self, actor: Actor, batch: Batch, sha256: str, file: _Ready, steps: Steps
    ) -> Iterator[Entry]:
        """Each plot is taken in and goes to the county that holds its largest share."""
        role = role_for(actor, Action.IMPORT, batch.area)
        if role is None:
            raise Forbidden(action=Action.IMPORT.value)
        intake = Intake(actor, role, area=batch.area, now=self._clock())
        done = 0
        for _, piece in file.spool.pieces():
            for plot, fact in zip(*loading.unpack(piece), strict=True):
                body: dict[str, Value] = {
                    "batch": batch.name,
                    "file_sha256": sha256,
                    "geometry_sha256": hashlib.sha256(plot.wkb).hexdigest(),
                    "row": plot.row,
                    "source_id": plot.source_id,
                }
                county = _county(fact, batch.area)
                drafts = intake.events(plot.plot_id, (new_id(), new_id()), county=county, body=body)
                yield Entry(plot, drafts, fact)
                done += 1
            steps.at(done, file.report.stored)


class _Preparing:
    """Rows as they were read → plots with facts, and what becomes of each row.

    Args:
        batch: Name of the batch.
        known: What it has already.
        lay_over: Gives plots their facts.
        clock: Where the time comes from.
        tell: Is told what becomes of each row.
    """

    def __init__(
        self, batch: str, known: Known, lay_over: LayOver, clock: Clock, tell: Tell
    ) -> None:
        self._batch = batch
        self._arrivals = Arrivals(known)
        self._lay_over = lay_over
        self._clock = clock
        self._tell = tell

    def all_of(
        self,
        readings: Sequence[Reading],
        spools: Sequence[Spool],
        steps: Callable[[], Steps],
        *,
        dry_run: bool,
    ) -> list[_Ready]:
        """All files of a call, in their order; plots come before the texts that are joined to them.

        Args:
            readings: What was read.
            spools: Where plots wait to be kept.
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
            ready[n] = _Ready(readings[n], report, spools[n])
        for reading in readings:
            reading.spool.drop()
        return [ready[n] for n in range(len(readings))]

    def _one(self, n: int, reading: Reading, spool: Spool | None, steps: Steps) -> FileReport:
        tally = _Tally()
        for at, rows in reading.rows():
            if isinstance(rows, PlotRows):
                arrival = self._arrivals.plots(rows, partial(reading.again, at))
            else:
                arrival = self._arrivals.texts(n, rows)
            plots, facts = self._with_facts(arrival, reading.report.crs)
            tally.add(arrival, plots)
            there = Outcome.JOINED if reading.texts else Outcome.UNCHANGED
            self._tell(n, _told(arrival, plots, facts, there))
            if plots and spool is not None:
                spool.put(loading.pack(plots, facts))
            steps.at(arrival.last, reading.report.rows_in)
        self._arrivals.file_is_over()
        return tally.report(reading)

    def _with_facts(self, arrival: Arrival, crs: str) -> tuple[list[NewPlot], Sequence[Facts]]:
        plots = _plots(arrival, self._batch, crs, new_plot_ids(len(arrival.fresh), self._clock()))
        facts = self._lay_over(plots)
        for place, (plot, fact) in enumerate(zip(plots, facts, strict=True)):
            if against := _against_facts(plot, fact):
                plots[place] = replace(plot, flags=[*plot.flags, *map(_flag, against)])
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


def _county(fact: Facts, area: str) -> str | None:
    """The county to dispatch to; one of another city is for a person to decide."""
    return fact.county if fact.county is not None and fact.county.startswith(area) else None


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
            flags=[_flag(flag) for flag in row.flags],
            bbox=row.bbox,
        )
        for row, plot_id in zip(arrival.fresh, plot_ids, strict=True)
    ]


def _flag(flag: Flag) -> dict[str, Any]:
    return {"code": flag.code, "facts": dict(flag.facts)}


def _flag_of(known: Mapping[str, Any]) -> Flag:
    return Flag(str(known["code"]), known["facts"])


def _told(
    arrival: Arrival, plots: Sequence[NewPlot], facts: Sequence[Facts], there: Outcome
) -> Iterator[RowTold]:
    """What becomes of each row of some rows, in row order."""
    stored = {
        plot.row: RowTold(
            plot.row,
            plot.source_id,
            Outcome.STORED,
            tuple(_flag_of(flag) for flag in plot.flags),
            plot.wkb,
            fact.county_name,
        )
        for plot, fact in zip(plots, facts, strict=True)
    }
    aside = {
        item.row: RowTold(
            item.row, item.source_id, Outcome.SET_ASIDE, (Flag(item.code, item.facts),)
        )
        for item in arrival.aside
    }
    for row in range(arrival.first, arrival.last + 1):
        yield stored.get(row) or aside.get(row) or RowTold(row, None, there)
