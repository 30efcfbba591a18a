"""The return package: the issuer's own files as they came, with the review in the issuer's columns.

Everything is looked at first: plots that are not decided, evidence, photos and values that are
missing. What is incomplete goes up only when somebody says that it is known, and then says so itself.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from georeview import sandbox
from georeview.clock import SHANGHAI, Clock
from georeview.core import returns
from georeview.core.access import Action, Actor, Scope, need, scope_of
from georeview.core.deadlines import day_of
from georeview.core.heads import Why
from georeview.core.heads import as_json as head_json
from georeview.core.plot import Stage
from georeview.core.query import Filter
from georeview.core.requirements import missing
from georeview.core.returns import PhotoNames, ReturnProfile
from georeview.errors import Forbidden, NotFound
from georeview.errors.exports import NothingToReturn, ReturnIncomplete
from georeview.errors.upkeep import KeyInside, KeyUnusable
from georeview.ingest import FILL, Filled, Piece
from georeview.services.jobs import JobService, finished
from georeview.services.limits import read_limits
from georeview.services.plots import PlotService
from georeview.services.return_package import Package, Photo, Row, SourceFile
from georeview.services.upkeep import UpkeepService
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports.evidence import EvidenceFile
from georeview.storage.ports.jobs import Job
from georeview.storage.ports.ledger import Known
from georeview.storage.ports.plots import Batch, Import, Plot
from georeview.storage.ports.store import Store

KIND = "return"
"""The kind of job that makes a package, and of the profile it follows."""

SHOWN = 500
"""Plots with something missing that are named; all are counted."""

SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}


def _nothing(_rows: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Check:
    """What is not as it should be before a batch goes back.

    Attributes:
        plots: How many plots go back.
        flaws: Code → how many plots have it.
        rows: The first of these plots: id, number and codes.
        incomplete: How many plots have any.
        files: Files that go back in their own form, with what is known of each.
        others: Names of files that do not, and why.
    """

    plots: int
    flaws: Mapping[str, int]
    rows: Sequence[Mapping[str, Any]]
    incomplete: int
    files: Sequence[str]
    others: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class _Standing:
    """A plot on its way back."""

    plot: Plot
    said: Mapping[str, str | None]
    photos: Sequence[EvidenceFile]
    flaws: Sequence[str]


class ReturnService:
    """Packages for the issuer."""

    def __init__(
        self,
        store: Store,
        files: Files,
        plots: PlotService,
        jobs: JobService,
        upkeep: UpkeepService,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._store = store
        self._files = files
        self._plots = plots
        self._jobs = jobs
        self._upkeep = upkeep
        self._clock = clock
        self._settings = settings

    # Profiles ------------------------------------------------------------------------------------

    def profile(self, actor: Actor, batch: str) -> tuple[ReturnProfile, int | None, list[str]]:
        """How a batch goes back, which version that is, and the headers there are.

        Of what was kept for the area the newest that fits the files counts; without one it is
        proposed from what their columns mean.

        Raises:
            Forbidden: The actor sends nothing up there.
            NotFound: There is no such batch for this person.
        """
        whole, _ = self._allowed(actor, batch)
        headers, meant, _ = self._columns(batch)
        for kept in self._store.sender_profiles.all(KIND, whole.area):
            known = returns.of_json(json.loads(kept.body))
            if {one.column for one in known.columns} <= set(headers):
                return known, kept.version, headers
        return returns.proposed(meant), None, headers

    def keep_profile(self, actor: Actor, batch: str, profile: ReturnProfile) -> int:
        """Keep how the batches of an area go back, as another version.

        Raises:
            BadValue: The profile cannot be followed.
        """
        whole, _ = self._allowed(actor, batch)
        _, _, numbers = self._columns(batch)
        returns.check(profile, numbers)
        body = json.dumps(returns.as_json(profile), ensure_ascii=False, sort_keys=True)
        now = self._clock().isoformat()
        return self._store.sender_profiles.add(KIND, whole.area, body, actor.user, now).version

    def _columns(self, batch: str) -> tuple[list[str], dict[str, str], set[str]]:
        """Headers that may be filled, in order; what they mean (field → header); those of numbers."""
        headers: dict[str, None] = {}
        meant: dict[str, str] = {}
        numbers: set[str] = set()
        for source in self._standing_files(batch):
            if self._unfit(source) is not None:
                continue
            read = json.loads(source.report)["read"]
            numbers.add(read["columns"]["source_id"])
            for field, header in read["columns"].items():
                meant.setdefault(field, header)
                headers.setdefault(header)
            headers |= dict.fromkeys(read["unmapped"])
        return [header for header in headers if header not in numbers], meant, numbers

    # Looking -------------------------------------------------------------------------------------

    def check(self, actor: Actor, batch: str) -> Check:
        """What is missing before a batch goes back.

        Raises:
            Forbidden: The actor sends nothing up there.
            NotFound: There is no such batch for this person.
        """
        _, scope = self._allowed(actor, batch)
        profile, _, _ = self.profile(actor, batch)
        return self._checked(batch, list(self._each(scope, batch, profile)))

    def _checked(self, batch: str, each: Sequence[_Standing]) -> Check:
        counted = Counter(flaw for one in each for flaw in one.flaws)
        flawed = [one for one in each if one.flaws]
        rows = [
            {
                "plot_id": one.plot.given.plot_id,
                "source_id": one.plot.given.source_id,
                "flaws": list(one.flaws),
            }
            for one in flawed[:SHOWN]
        ]
        files, others = [], []
        for source in self._standing_files(batch):
            why = self._unfit(source)
            if why is None:
                files.append(source.file)
            else:
                others.append({"file": source.file, "why": why})
        return Check(len(each), dict(counted), rows, len(flawed), files, others)

    def _each(
        self,
        scope: Scope,
        batch: str,
        profile: ReturnProfile,
        advance: Callable[[int], None] = _nothing,
    ) -> Iterator[_Standing]:
        names: dict[str, str | None] = {}
        around = self._store.around()
        where = Filter(batch=batch, stages=tuple(Stage))
        for part in self._store.plots.stream(scope, where):
            for plot in part:
                files = self._store.evidence.of_plot(scope, plot.given.plot_id)
                photos = [file for file in files if file.kind == "E_PHOTO"]
                review = plot.review
                said = returns.values(review, self._name_of(review.marked_by, names))
                if said:
                    said["reviewed_on"] = _day(review.marked_at)
                    said["photo_n"] = str(len(photos))
                    said["photos"] = "…" if photos else None
                lacking = missing(review, self._plots.proof(Known(plot, files, around)))
                found = returns.flaws(review, profile, said, missing=bool(lacking))
                yield _Standing(plot, said, photos, found)
            advance(len(part))

    def _name_of(self, user: str | None, names: dict[str, str | None]) -> str | None:
        if user is None:
            return None
        if user not in names:
            person = self._store.people.get(user)
            names[user] = person.name if person else user
        return names[user]

    def _allowed(self, actor: Actor, batch: str) -> tuple[Batch, Scope]:
        """The batch, where the actor sees the whole of it: its files hold every plot there is.

        Raises:
            NotFound: There is no such batch for this person.
            Forbidden: There is, and the actor sees a part of it only.
        """
        need(actor, Action.SEND_UP)
        scope = scope_of(actor, Action.SEND_UP)
        found = next((b for b in self._store.plots.batches(scope) if b.name == batch), None)
        if found is None:
            raise NotFound(what=batch)
        if not scope.holds(found.area):
            raise Forbidden(action=Action.SEND_UP.value)
        return found, scope

    # Files ---------------------------------------------------------------------------------------

    def _standing_files(self, batch: str) -> list[Import]:
        """Files of the batch that were not taken back; lists of texts alone are none."""
        sources = (s for s in self._store.plots.imports(batch) if s.retracted_at is None)
        return [s for s in sources if "read" in json.loads(s.report)]

    def _originals(self, source: Import) -> list[tuple[str, str]]:
        """Name and hash of the parts of a file; older imports name only those of one part."""
        kept = json.loads(source.report).get("sources")
        if kept is None:
            return [(source.file, source.sha256)]
        return [(str(part["name"]), str(part["sha256"])) for part in kept]

    def _unfit(self, source: Import) -> str | None:
        """Why a file does not go back in its own form: ``format`` or ``bytes``."""
        if json.loads(source.report)["read"]["format"] != "shp":
            return "format"
        there = all(
            self._files.path("sources", sha256).is_file() for _, sha256 in self._originals(source)
        )
        return None if there else "bytes"

    # Making --------------------------------------------------------------------------------------

    def ask(self, actor: Actor, batch: str, *, incomplete: bool) -> Job:
        """Put a package into the queue.

        Raises:
            ReturnIncomplete: Something is missing, and nobody said that it is known.
            NothingToReturn: No file of the batch can go back in its own form.
        """
        whole, _ = self._allowed(actor, batch)
        self._need(self.check(actor, batch), incomplete=incomplete)
        options: dict[str, Any] = {"batch": batch, "incomplete": incomplete}
        return self._jobs.ask(actor, Action.SEND_UP, KIND, options, area=whole.area)

    def _need(self, found: Check, *, incomplete: bool) -> None:
        if not found.files:
            raise NothingToReturn(files=", ".join(one["file"] for one in found.others) or "-")
        if found.incomplete and not incomplete:
            raise ReturnIncomplete(n=found.incomplete)

    def get(self, actor: Actor, job_id: str) -> Job:
        """How far a package is; only whoever asked for it sees it.

        Raises:
            NotFound: There is no such package of this person.
        """
        return self._jobs.own(actor, KIND, job_id)

    def file(self, actor: Actor, job_id: str) -> Path:
        """The finished package.

        Raises:
            NotFound: There is none, or it has been cleared away.
        """
        return finished(self.get(actor, job_id), self._files.exports() / job_id)

    def make(self, actor: Actor, job: Job, advance: Callable[[int], None]) -> Mapping[str, Any]:
        """Do what ``ask`` asked for; each try writes into a folder of its own."""
        asked: Mapping[str, Any] = job.given.options
        made = f"{job.claim.fence}/georeview-return-{job.given.created_at[:10]}.zip"
        out = self._files.exports() / job.given.job_id / made
        out.parent.mkdir(parents=True, exist_ok=True)
        told = self.write(
            actor, str(asked["batch"]), out, incomplete=bool(asked["incomplete"]), advance=advance
        )
        return {"file": made, **told}

    def write(
        self,
        actor: Actor,
        batch: str,
        out: Path,
        *,
        incomplete: bool = False,
        advance: Callable[[int], None] = _nothing,
    ) -> Mapping[str, Any]:
        """Write the package of a batch; it appears whole or not at all.

        Args:
            actor: Who sends it up.
            batch: Which batch.
            out: The zip.
            incomplete: Whether it may go although something is missing.
            advance: Told how many more plots are done.

        Returns:
            What the package says of itself.

        Raises:
            Forbidden: The actor sends nothing up there, or sees a part of the batch only.
            NotFound: There is no such batch for this person.
            ReturnIncomplete: Something is missing, and nobody said that it is known.
            NothingToReturn: No file of the batch can go back in its own form.
        """
        _, scope = self._allowed(actor, batch)
        profile, version, _ = self.profile(actor, batch)
        each = list(self._each(scope, batch, profile, advance))
        found = self._checked(batch, each)
        self._need(found, incomplete=incomplete)
        rows = self._rows(profile, each)
        now = self._clock().astimezone(SHANGHAI).isoformat(timespec="seconds")
        head = self._signed()
        part = out.with_name(f".{out.name}.part")
        with Package(part) as package:
            for source in self._standing_files(batch):
                if self._unfit(source) is None:
                    package.source(self._filled(source, profile, rows))
            for row in rows:
                for photo in row.photos:
                    package.photo(photo, self._files.path("evidence", photo.sha256))
            about = {
                "batch": batch,
                "as_of": now,
                "profile": {"version": version, **returns.as_json(profile)},
                "plots": found.plots,
                "incomplete": found.incomplete,
                "flaws": dict(found.flaws),
                "files": package.told(),
                "not_returned": list(found.others),
            }
            package.close_with(about, rows, profile, head)
        part.replace(out)
        return about

    def _rows(self, profile: ReturnProfile, each: Sequence[_Standing]) -> list[Row]:
        """What stands in each plot's columns; a merged plot says what its target says."""
        by_id = {one.plot.given.plot_id: one for one in each}
        names = PhotoNames(profile.photo_name)
        photos = {one.plot.given.plot_id: _photos(one, names) for one in each}
        rows = []
        for one in each:
            stage, target = one.plot.review.stage, None
            said = dict(one.said)
            if stage == Stage.MERGED:
                target = by_id.get(one.plot.review.course.target or "")
                said = dict(target.said) if target else {}
            if stage == Stage.WITHDRAWN:
                said = {}
            own = photos[(target or one).plot.given.plot_id] if said else ()
            said["photos"] = ";".join(photo.name for photo in own) or None
            cells = {
                column.column: value
                for column in profile.columns
                if (value := column.says(said.get(column.field))) is not None
            }
            rows.append(
                Row(
                    source_id=one.plot.given.source_id,
                    stage=str(stage),
                    target=target.plot.given.source_id if target else None,
                    said=said,
                    cells=cells,
                    photos=own if target is None else (),
                    flaws=one.flaws,
                )
            )
        return rows

    def _filled(
        self, source: Import, profile: ReturnProfile, rows: Sequence[Row]
    ) -> Iterator[SourceFile | Filled]:
        read = json.loads(source.report)["read"]
        headers = {*read["columns"].values(), *read["unmapped"]}
        wanted = {one.column for one in profile.columns} & headers
        values = {
            row.source_id: {name: row.cells[name] for name in wanted & row.cells.keys()}
            for row in rows
        }
        with self._files.laid_out(self._originals(source)) as paths:
            main = next((p for p in paths if p.suffix.lower() == ".shp"), paths[0])
            files = (main, *(path for path in paths if path != main))
            parts = sandbox.stream(
                FILL,
                files,
                read["layer"],
                read["encoding"],
                read["columns"]["source_id"],
                {number: cells for number, cells in values.items() if cells},
                limits=read_limits(self._settings),
            )
            for part in parts:
                piece: Piece | Filled = part.value
                if isinstance(piece, Filled):
                    yield piece
                else:
                    yield SourceFile(piece.stem, piece.suffix, piece.data)

    def _signed(self) -> dict[str, object]:
        """The end of the ledger, signed where there is a key."""
        head = self._store.ledger.head()
        try:
            return head_json(self._upkeep.sign_head(Why.EXPORT, at=head))
        except (KeyInside, KeyUnusable):
            return {"seq": head.seq, "hash": head.hash}


def _day(at: str | None) -> str | None:
    return None if at is None else day_of(datetime.fromisoformat(at)).isoformat()


def _photos(one: _Standing, names: PhotoNames) -> tuple[Photo, ...]:
    review = one.plot.review
    facts = {
        "source_id": one.plot.given.source_id,
        "county": review.county or "",
        "code": review.reason or review.violation or "",
    }
    return tuple(
        Photo(names.of(facts, n, SUFFIXES.get(file.media_type, ".bin")), file.sha256)
        for n, file in enumerate(one.photos, 1)
        if file.media_type in SUFFIXES
    )
