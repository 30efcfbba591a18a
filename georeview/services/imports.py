"""Plots taken in: read in the sandbox, compared with what is there, laid over, kept in one commit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from georeview import sandbox
from georeview.clock import Clock
from georeview.core.access import Action, Actor, need, role_for
from georeview.core.ledger import Draft
from georeview.core.review import intake
from georeview.errors import BadValue, Forbidden
from georeview.ingest import READ_PLOTS, Flag, PlotRow, PlotsRead, ReadOptions, SetAside
from georeview.services.limits import read_limits, upload_bytes
from georeview.services.overlay import OverlayService
from georeview.services.review import new_id
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports import Batch, Facts, Import, NewPlot, Store

Texts = Mapping[str, Mapping[str, str | float | None]]


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
class _File:
    path: Path
    read: PlotsRead
    fresh: tuple[PlotRow, ...]
    unchanged: int
    aside: tuple[SetAside, ...]


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
        options: ReadOptions,
        review_due: date | None = None,
        rectify_due: date | None = None,
        dry_run: bool = False,
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
            options: What is known about the files.
            review_due: Last day of the review.
            rectify_due: Last day of the rectification.
            dry_run: Only look.

        Raises:
            Forbidden: The actor may not load plots there.
            GeoreviewError: A file as a whole cannot be taken; nothing was kept.
        """
        need(actor, Action.IMPORT, area)
        if not batch.strip() or len(batch) > 200:
            raise BadValue(field="batch", value=batch[:80])
        self._files.need_room(self._settings.min_free_mb * 2**20)
        read = [(path, self._read(path, options)) for path in paths]
        texts = {k: v for _, found in read for k, v in found.texts.items()}
        known = dict(self._store.plots.known(batch))
        files = [_compared(path, _with_texts(found, texts), known) for path, found in read]
        if not dry_run:
            whole = Batch(
                name=batch,
                area=area,
                review_due=review_due.isoformat() if review_due else None,
                rectify_due=rectify_due.isoformat() if rectify_due else None,
                hard=review_due is not None,
                created_at=self._clock().isoformat(),
            )
            for file in files:
                self._keep(actor, whole, file)
        return LoadReport(batch, dry_run, tuple(_report(file) for file in files))

    def _read(self, path: Path, options: ReadOptions) -> PlotsRead:
        read: PlotsRead = sandbox.run(READ_PLOTS, path, options, limits=read_limits(self._settings))
        return read

    def _keep(self, actor: Actor, batch: Batch, file: _File) -> None:
        taken = self._files.take(file.path, "sources", upload_bytes(self._settings))
        if not file.fresh:
            return
        source = Import(
            import_id=new_id(),
            batch=batch.name,
            file=file.path.name,
            sha256=taken.sha256,
            report=json.dumps(asdict(_report(file)), ensure_ascii=False),
            actor=actor.user,
            created_at=self._clock().isoformat(),
        )
        plots = [_plot(row, batch.name, file.read.report.crs) for row in file.fresh]
        facts = self._overlay.facts(plots)
        drafts = self._drafts(actor, batch, taken.sha256, plots, facts)
        self._store.plots.add(batch, source, plots, drafts)
        # Facts can be computed again at any time (`georeview overlay`); the plots cannot wait.
        self._store.facts.put(facts)

    def _drafts(
        self,
        actor: Actor,
        batch: Batch,
        sha256: str,
        plots: Sequence[NewPlot],
        facts: Sequence[Facts],
    ) -> list[Draft]:
        """Each plot is taken in and goes to the county that holds its largest share."""
        role = role_for(actor, Action.IMPORT, batch.area)
        if role is None:
            raise Forbidden(action=Action.IMPORT.value)
        now = self._clock()
        return [
            draft
            for plot, fact in zip(plots, facts, strict=True)
            for draft in intake(
                plot.plot_id,
                (new_id(), new_id()),
                actor,
                role,
                area=batch.area,
                county=_county(fact, batch.area),
                body={
                    "batch": batch.name,
                    "file_sha256": sha256,
                    "row": plot.row,
                    "source_id": plot.source_id,
                },
                now=now,
            )
        ]


def _county(fact: Facts, area: str) -> str | None:
    """The county to dispatch to; one of another city is for a person to decide."""
    return fact.county if fact.county is not None and fact.county.startswith(area) else None


def _with_texts(read: PlotsRead, texts: Texts) -> PlotsRead:
    """Rows with the longer texts that a table beside them holds for the same number."""
    if not texts or not read.rows:
        return read
    rows = tuple(
        replace(row, fields={**row.fields, **texts[row.source_id]})
        if row.source_id in texts
        else row
        for row in read.rows
    )
    return replace(read, rows=rows)


def _compared(path: Path, read: PlotsRead, known: dict[str, tuple[str, bytes]]) -> _File:
    """Which rows are new, which are there already, which contradict what is there.

    ``known`` grows by the new ones, so that a number in two files of one call is seen.
    """
    fresh: list[PlotRow] = []
    aside: list[SetAside] = list(read.report.set_aside)
    unchanged = 0
    for row in read.rows:
        there = known.get(row.source_id)
        if there is None:
            known[row.source_id] = ("", row.wkb)
            fresh.append(row)
        elif _same_shape(there[1], row.wkb):
            unchanged += 1
        else:
            aside.append(SetAside(row.row, row.source_id, "already_with_other_shape"))
    return _File(path, read, tuple(fresh), unchanged, tuple(aside))


def _same_shape(one: bytes, other: bytes) -> bool:
    if one == other:
        return True
    first, second = shapely.from_wkb(np.array([one, other]))
    return bool(shapely.equals_exact(first, second, tolerance=1e-9, normalize=True))


def _plot(row: PlotRow, batch: str, crs: str) -> NewPlot:
    west, south, east, north = (float(edge) for edge in shapely.bounds(shapely.from_wkb(row.wkb)))
    return NewPlot(
        plot_id=f"p_{new_id()}",
        batch=batch,
        source_id=row.source_id,
        row=row.row,
        wkb=row.wkb,
        source_wkb=row.source_wkb,
        source_crs=crs,
        fields=dict(row.fields),
        extra=dict(row.extra),
        flags=[_flag(flag) for flag in row.flags],
        bbox=(west, south, east, north),
    )


def _flag(flag: Flag) -> dict[str, Any]:
    return {"code": flag.code, "facts": dict(flag.facts)}


def _report(file: _File) -> FileReport:
    flagged: dict[str, int] = {}
    for row in file.fresh:
        for flag in row.flags:
            flagged[flag.code] = flagged.get(flag.code, 0) + 1
    report = FileReport(
        file=file.path.name,
        rows_in=file.read.report.rows_in,
        stored=len(file.fresh),
        unchanged=file.unchanged,
        joined=len(file.read.texts),
        set_aside=file.aside,
        flagged=flagged,
        read=file.read.report.as_json(),
    )
    counted = report.stored + report.unchanged + report.joined + len(report.set_aside)
    if report.rows_in != counted:
        raise AssertionError(report)
    return report
