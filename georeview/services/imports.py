"""Plots taken in: read in the sandbox, compared with what is there, laid over, kept in one commit."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import shapely

from georeview import sandbox
from georeview.clock import Clock
from georeview.core.access import Action, Actor, need, role_for
from georeview.core.ledger import Value
from georeview.core.review import Intake
from georeview.errors import BadValue, Forbidden
from georeview.ingest import READ_PLOTS, Flag, PlotsRead, ReadOptions, SetAside, beside, called
from georeview.services.arrivals import Arrival, compared
from georeview.services.ids import new_id, new_plot_ids
from georeview.services.limits import need_size, read_limits, upload_bytes
from georeview.services.overlay import OverlayService
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
    """A file's plots with their facts, ready to be kept."""

    arrival: Arrival
    plots: tuple[NewPlot, ...]
    facts: tuple[Facts, ...]


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
        advance: Callable[[int], None] = _nothing,
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
            advance: Told of one step more twice for each file: when it has been read, and when it
                is done.
            tell: Told what becomes of each row.

        Raises:
            Forbidden: The actor may not load plots there.
            GeoreviewError: A file as a whole cannot be taken; nothing was kept.
        """
        need(actor, Action.IMPORT, area)
        need_batch_name(batch)
        self._files.need_room(self._settings.min_free_mb * 2**20)
        read = []
        each = [options] * len(paths) if isinstance(options, ReadOptions) else options
        for path, own in zip(paths, each, strict=True):
            read.append(self._read(beside(path), own))
            advance(1)
        arrivals = compared(read, partial(self._store.plots.known, batch))
        ready = [self._ready(arrival, batch) for arrival in arrivals]
        reports = tuple(_report(file) for file in ready)
        for n, file in enumerate(ready):
            tell(n, _told(file))
        if not dry_run:
            whole = Batch(
                name=batch,
                area=area,
                review_due=review_due.isoformat() if review_due else None,
                rectify_due=rectify_due.isoformat() if rectify_due else None,
                hard=review_due is not None,
                created_at=self._clock().isoformat(),
            )
            self._keep(actor, whole, ready, reports, key or new_id())
        for _ in paths:
            advance(1)
        return LoadReport(batch, dry_run, reports)

    def _read(
        self, files: tuple[Path, ...], options: ReadOptions
    ) -> tuple[tuple[Path, ...], PlotsRead]:
        need_size(self._settings, files)
        read: PlotsRead = sandbox.run(
            READ_PLOTS, files, options, self._overlay.land(), limits=read_limits(self._settings)
        )
        return files, read

    def _ready(self, arrival: Arrival, batch: str) -> _Ready:
        plots = _plots(arrival, batch, new_plot_ids(len(arrival.fresh), self._clock()))
        facts = self._overlay.facts(plots)
        told = (
            replace(plot, flags=[*plot.flags, *map(_flag, _against_facts(plot, fact))])
            for plot, fact in zip(plots, facts, strict=True)
        )
        return _Ready(arrival, tuple(told), tuple(facts))

    def _keep(
        self,
        actor: Actor,
        batch: Batch,
        ready: Sequence[_Ready],
        reports: Sequence[FileReport],
        key: str,
    ) -> None:
        """Originals first, for a plot must never stand without its source; then file by file."""
        kept = {source.import_id for source in self._store.plots.imports(batch.name)}
        named = [import_id(key, n) for n in range(len(ready))]
        brought = [
            (name, file, report)
            for name, file, report in zip(named, ready, reports, strict=True)
            if (report.stored or report.joined) and name not in kept
        ]
        for _, file, _ in brought:
            for part in file.arrival.files:
                self._files.take(part, "sources", upload_bytes(self._settings))
        for name, file, report in brought:
            source = Import(
                import_id=name,
                batch=batch.name,
                file=report.file,
                sha256=file.arrival.read.report.sha256,
                report=json.dumps(asdict(report), ensure_ascii=False),
                actor=actor.user,
                created_at=self._clock().isoformat(),
            )
            self._store.plots.add(batch, source, self._entries(actor, batch, source.sha256, file))

    def _entries(self, actor: Actor, batch: Batch, sha256: str, file: _Ready) -> Iterator[Entry]:
        """Each plot is taken in and goes to the county that holds its largest share."""
        role = role_for(actor, Action.IMPORT, batch.area)
        if role is None:
            raise Forbidden(action=Action.IMPORT.value)
        intake = Intake(actor, role, area=batch.area, now=self._clock())
        for plot, fact in zip(file.plots, file.facts, strict=True):
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


def _plots(arrival: Arrival, batch: str, plot_ids: Sequence[str]) -> list[NewPlot]:
    boxes = shapely.bounds(shapely.from_wkb([row.wkb for row in arrival.fresh])).tolist()
    return [
        NewPlot(
            plot_id=plot_id,
            batch=batch,
            source_id=row.source_id,
            row=row.row,
            wkb=row.wkb,
            source_wkb=row.source_wkb,
            source_crs=arrival.read.report.crs,
            fields=dict(row.fields),
            extra=dict(row.extra),
            flags=[_flag(flag) for flag in row.flags],
            bbox=tuple(box),
        )
        for row, plot_id, box in zip(arrival.fresh, plot_ids, boxes, strict=True)
    ]


def _flag(flag: Flag) -> dict[str, Any]:
    return {"code": flag.code, "facts": dict(flag.facts)}


def _flag_of(known: Mapping[str, Any]) -> Flag:
    return Flag(str(known["code"]), known["facts"])


def _told(file: _Ready) -> Iterator[RowTold]:
    """What becomes of each row of a file, in row order."""
    stored = {
        plot.row: RowTold(
            plot.row,
            plot.source_id,
            Outcome.STORED,
            tuple(_flag_of(flag) for flag in plot.flags),
            plot.wkb,
            fact.county_name,
        )
        for plot, fact in zip(file.plots, file.facts, strict=True)
    }
    aside = {
        item.row: RowTold(
            item.row, item.source_id, Outcome.SET_ASIDE, (Flag(item.code, item.facts),)
        )
        for item in file.arrival.aside
    }
    there = Outcome.JOINED if file.arrival.read.texts else Outcome.UNCHANGED
    for row in range(1, file.arrival.read.report.rows_in + 1):
        yield stored.get(row) or aside.get(row) or RowTold(row, None, there)


def _report(file: _Ready) -> FileReport:
    arrival = file.arrival
    report = FileReport(
        file=called(arrival.files),
        rows_in=arrival.read.report.rows_in,
        stored=len(file.plots),
        unchanged=arrival.unchanged,
        joined=arrival.joined,
        set_aside=arrival.aside,
        flagged=dict(Counter(str(flag["code"]) for plot in file.plots for flag in plot.flags)),
        read=arrival.read.report.as_json(),
    )
    counted = report.stored + report.unchanged + report.joined + len(report.set_aside)
    if report.rows_in != counted:
        raise AssertionError(report)
    return report
