"""Plots taken in: read in the sandbox, compared with what is there, laid over, kept in one commit.

Rows go through a load some thousand at a time (see ``loading``), whatever the size of the file.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from pathlib import Path

from georeview import sandbox
from georeview.clock import Clock
from georeview.core.access import Action, Actor, Role, need, role_for
from georeview.core.deliveries import Delivery
from georeview.core.intake import Intake
from georeview.errors import BadValue, Forbidden
from georeview.errors.files import NoShapes
from georeview.ingest import (
    EVERY_LAYER,
    LAYERS_IN,
    Profile,
    ReadOptions,
    beside,
    called,
)
from georeview.services import loading
from georeview.services.arrivals import Arrivals, Known
from georeview.services.ids import new_id
from georeview.services.limits import need_size, read_limits, upload_bytes
from georeview.services.load_report import LoadReport
from georeview.services.loading import STEPS, Advance, Reading, Steps
from georeview.services.memory import give_back
from georeview.services.overlay import OverlayService
from georeview.services.preparing import Preparing, Ready, Withdrawn
from georeview.services.profiles import profiles
from georeview.services.spool import Spool
from georeview.services.told import Tell, untold
from georeview.services.updates import Updates, bodies, county_in
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports.deliveries import Entries
from georeview.storage.ports.plots import Batch, Import
from georeview.storage.ports.store import Store

GONE_MAX = 1000
"""Plots that a further delivery no longer brings and that are named."""


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
            part for path, own in zip(paths, each, strict=True) for part in self.parts(path, own)
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
            self._need_shapes(batch, readings)
            arrivals = Arrivals(self._known(batch), update=update)
            preparing = Preparing(
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
                give_back()  # keeping needs the room for the list's indexes
                self._keep(actor, whole, ready, key, advance)
        return LoadReport(
            batch,
            dry_run,
            tuple(file.report for file in ready),
            None if dry_run else key,
            len(gone),
            tuple(gone[:GONE_MAX]),
        )

    def parts(self, path: Path, options: ReadOptions) -> Iterator[tuple[Path, ReadOptions]]:
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

    def _need_shapes(self, batch: str, readings: Sequence[Reading]) -> None:
        """Refuse lists alone where there is no plot that they could say anything about.

        Raises:
            NoShapes: So it is.
        """
        if self._store.plots.last_import(batch) is None and all(one.texts for one in readings):
            raise NoShapes(file=called(readings[0].files))

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
        ready: Sequence[Ready],
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
                sources = [
                    {"name": part.name, "sha256": taken.sha256}
                    for part in file.reading.files
                    for taken in [self._files.take(part, "sources", upload_bytes(self._settings))]
                ]
                source = Import(
                    import_id=import_id(key, n),
                    batch=batch.name,
                    file=file.report.file,
                    sha256=file.reading.report.sha256,
                    report=json.dumps(
                        {**asdict(file.report), "sources": sources}, ensure_ascii=False
                    ),
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
                    updates.of(loading.unpack_singly(piece) for _, piece in file.there.pieces()),
                )
            steps.at(1, 1)

    def _entries(
        self, actor: Actor, role: Role, batch: Batch, sha256: str, file: Ready, steps: Steps
    ) -> Iterator[Entries]:
        """Each plot is taken in and goes to the county that holds its largest share."""
        intake = Intake(actor, role, area=batch.area, now=self._clock())
        done = 0
        for _, piece in file.spool.pieces():
            plots, facts = loading.unpack(piece)
            counties = (county_in(county, batch.area) for county in facts["county"])
            first = [intake.steps(county) for county in counties]
            ids = [new_id() for _ in range(sum(map(len, first)))]
            yield Entries(plots, first, bodies(plots, sha256), ids, facts)
            done += len(plots)
            steps.at(done, file.report.stored)


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
