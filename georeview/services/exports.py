"""Results handed back: rows as columns of the dictionary, written, reopened and compared."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date
from os.path import commonprefix
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from georeview.clock import SHANGHAI, Clock
from georeview.core.access import Action, Actor, Scope, need, scope_of
from georeview.core.accesslog import NewEntry
from georeview.core.conditions import as_json
from georeview.core.fields import PERSONAL_FIELDS
from georeview.core.heads import Why
from georeview.core.heads import as_json as head_json
from georeview.core.ledger import Value
from georeview.core.plot import Mark, Stage
from georeview.core.query import Filter, PageOf
from georeview.errors import NotFound
from georeview.errors.exports import ExportOption, ExportTooLarge
from georeview.errors.upkeep import KeyInside, KeyUnusable
from georeview.services import cql2
from georeview.services.export_pictures import Pictures
from georeview.services.imagery import ImageryService
from georeview.services.jobs import JobService, finished
from georeview.services.plots import PlotService
from georeview.services.review import ReviewService
from georeview.services.upkeep import UpkeepService
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports import Json
from georeview.storage.ports.jobs import Job
from georeview.storage.ports.ledger import Head
from georeview.storage.ports.plots import Plot
from georeview.storage.ports.store import Store

if TYPE_CHECKING:
    from georeview.exports.base import Columns, ExportReport, Picture

log = logging.getLogger("georeview.exports")

KIND = "export"
"""The kind of job that makes a file for whoever asked over HTTP."""

Names = Mapping[str, str]


def _nothing(_rows: int) -> None:
    """Nobody watches."""


class ExportService:
    """Exports: for the command line at once, over HTTP as jobs."""

    def __init__(
        self,
        store: Store,
        files: Files,
        plots: PlotService,
        jobs: JobService,
        upkeep: UpkeepService,
        imagery: ImageryService,
        review: ReviewService,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._store = store
        self._upkeep = upkeep
        self._files = files
        self._plots = plots
        self._jobs = jobs
        self._imagery = imagery
        self._review = review
        self._clock = clock
        self._settings = settings

    def write(
        self,
        actor: Actor,
        *,
        where: Filter,
        format: str,  # noqa: A002 - the word of the command line and the API
        out: Path,
        encoding: str = "utf-8",
        crs: str = "EPSG:4490",
        pictures: bool = False,
        personal: bool = False,
        advance: Callable[[int], None] = _nothing,
    ) -> "ExportReport":
        """Write what the actor sees of a filter; the file appears whole or not at all.

        Args:
            actor: Who exports.
            where: Which plots.
            format: One of ``georeview.exports.FORMATS``.
            out: The file.
            encoding: Encoding of its texts.
            crs: Its coordinate system.
            pictures: Whether the pictures that the format takes go with it.
            personal: Whether the sender's columns that name people leave too; that is logged.
            advance: Told how many more rows have been gathered.

        Raises:
            Forbidden: The actor may not export.
            NotFound: There is no such batch in the actor's area.
            BadValue: Format, encoding, system, mark or stage is not one of ours, or no plot is left.
            ExportTooLarge: The format cannot hold so much, or so many pictures.
            GeoreviewError: The file could not be written as it should be; nothing is there.
        """
        from georeview import exports
        from georeview.exports.base import Options

        encoding, crs = encoding.lower(), crs.upper()
        exports.check(format, encoding, crs, pictures=pictures)
        limits = exports.FORMATS[format].limits
        scope = _allowed(self._store, actor, where)
        if pictures:
            self._few_enough(scope, where, format, limits.pictured)
        headers = self._headers(where)
        naming = tuple(headers[name] for name in PERSONAL_FIELDS if name in headers)
        if personal and naming:
            self._note_names(actor, where, naming)
        head = self._store.ledger.head()
        now = self._clock().astimezone(SHANGHAI).isoformat(timespec="seconds")
        options = Options(
            encoding=encoding,
            crs=crs,
            as_of=now,
            title=where.batch or "",
            head=f"{head.seq}:{head.hash}",
            signed_head=self._signed(head),
            read_as={header: name for name, header in headers.items()},
            left_out=() if personal else naming,
            personal=naming if personal else (),
            link=f"{self._settings.address}/#b={quote(where.batch or '', safe='')}&plot=",
            pictures=pictures,
        )
        held = _Held(
            headers,
            now,
            personal=personal,
            facts=limits.facts,
            pictures=self._pictures(actor, limits.pictures) if pictures else None,
        )
        chunks = self._chunks(scope, where, held, advance)
        return exports.write(format, chunks, out, options)

    def _note_names(self, actor: Actor, where: Filter, columns: Sequence[str]) -> None:
        """That names of people leave stands in the access log before they do.

        Raises:
            Forbidden: The actor sees no names.
        """
        need(actor, Action.SEE_PERSONAL)
        now = self._clock().astimezone(UTC).isoformat(timespec="milliseconds")
        areas = scope_of(actor, Action.SEE_PERSONAL).prefixes
        area = commonprefix(areas)  # noqa: RUF071 - codes, no paths
        detail: dict[str, Value] = {"columns": [*columns]}
        self._store.access.add(
            NewEntry(now, actor.user, "export_personal", where.batch or "-", area, detail)
        )

    def count(self, actor: Actor, where: Filter) -> int:
        """How many plots an export would hold.

        Raises:
            Forbidden: The actor may not export.
            NotFound: There is no such batch in the actor's area.
            BadValue: Mark or stage is not one of ours.
        """
        scope = _allowed(self._store, actor, where)
        return self._matched(scope, where)

    def rows(self, actor: Actor, where: Filter) -> "Iterator[Columns]":
        """What would be exported, in chunks, for ``georeview.exports.frame``.

        Raises:
            Forbidden: The actor may not export.
            NotFound: There is no such batch in the actor's area.
        """
        scope = _allowed(self._store, actor, where)
        now = self._clock().astimezone(SHANGHAI).isoformat(timespec="seconds")
        return self._chunks(scope, where, _Held(self._headers(where), now), _nothing)

    def ask(
        self,
        actor: Actor,
        *,
        where: Filter,
        format: str,  # noqa: A002
        encoding: str,
        crs: str,
        pictures: bool = False,
        personal: bool = False,
    ) -> Job:
        """Put an export into the queue.

        Raises:
            Forbidden: The actor may not export.
            NotFound: There is no such batch in the actor's area.
            BadValue: Format, encoding, system, mark or stage is not one of ours.
        """
        from georeview import exports

        _allowed(self._store, actor, where)
        exports.check(format, encoding.lower(), crs.upper(), pictures=pictures)
        options: dict[str, Any] = {
            "format": format,
            "encoding": encoding,
            "crs": crs,
            "pictures": pictures,
            "personal": personal,
            **asdict(replace(where, condition=None)),
            "filter": where.condition and as_json(where.condition),
            "overdue_on": where.overdue_on and where.overdue_on.isoformat(),
        }
        return self._jobs.ask(actor, Action.EXPORT, KIND, options)

    def make(self, actor: Actor, job: Job, advance: Callable[[int], None] = _nothing) -> Json:
        """Do what ``ask`` asked for; the result names the file and what was lost in it.

        Each try writes into a folder of its own: one that was thought dead replaces nothing.

        Raises:
            GeoreviewError: As ``write``.
        """
        from georeview import exports

        asked = job.given.options
        name, encoding, crs = (str(asked[key]) for key in ("format", "encoding", "crs"))
        exports.check(name, encoding.lower(), crs.upper())
        file = f"georeview-{job.given.created_at[:10]}{exports.FORMATS[name].suffix}"
        made = f"{job.claim.fence}/{file}"
        out = self._folder(job) / made
        out.parent.mkdir(parents=True, exist_ok=True)
        report = self.write(
            actor,
            where=_filter_of(asked),
            format=name,
            out=out,
            encoding=encoding,
            crs=crs,
            pictures=bool(asked.get("pictures")),
            personal=bool(asked.get("personal")),
            advance=advance,
        )
        return {"file": made, "rows": report.rows, "losses": report.as_json()}

    def get(self, actor: Actor, export_id: str) -> Job:
        """How far an export is; only whoever asked for it sees it.

        Raises:
            NotFound: There is no such export of this person.
        """
        return self._jobs.own(actor, KIND, export_id)

    def file(self, actor: Actor, export_id: str) -> Path:
        """The finished file.

        Raises:
            NotFound: There is none, or it has been cleared away.
        """
        job = self.get(actor, export_id)
        return finished(job, self._folder(job))

    def _folder(self, job: Job) -> Path:
        return self._files.exports() / job.given.job_id

    # Rows as columns -----------------------------------------------------------------------------

    def _signed(self, head: Head) -> dict[str, object] | None:
        """The end of the ledger signed; an export does not fail for want of a key."""
        try:
            return head_json(self._upkeep.sign_head(Why.EXPORT, at=head))
        except (KeyInside, KeyUnusable):
            log.exception("export.not_signed")
            return None

    def _headers(self, where: Filter) -> Names:
        """Incoming field → the header it came under, by the first file of the batch that had it."""
        headers: dict[str, str] = {}
        for file in self._store.plots.imports(where.batch or ""):
            read = json.loads(file.report).get("read", {})
            for name, header in read.get("columns", {}).items():
                headers.setdefault(name, header)
        return headers

    def _few_enough(self, scope: Scope, where: Filter, name: str, most: int) -> None:
        matched = self._matched(scope, where)
        if matched > most:
            raise ExportTooLarge(format=name, what="pictures", found=matched, limit=most)

    def _matched(self, scope: Scope, where: Filter) -> int:
        return self._store.plots.page(scope, where, PageOf(limit=1), count=True).matched or 0

    def _pictures(self, actor: Actor, kind: str) -> "_ToPictures":
        pictures = Pictures(self._store, self._imagery, self._review, actor)
        return lambda plots: pictures.of(plots, kind)

    def _chunks(
        self, scope: Scope, where: Filter, held: "_Held", advance: Callable[[int], None]
    ) -> "Iterator[Columns]":
        from georeview.services.export_rows import columns, facts

        around = self._plots.around()
        for plots in self._store.plots.stream(scope, where):
            timings = [self._plots.timing(plot, around.own_days) for plot in plots]
            rows = columns(
                plots, timings, held.headers, around.places, held.as_of, personal=held.personal
            )
            yield replace(
                rows,
                facts=[facts(plot) for plot in plots] if held.facts else (),
                pictures=held.pictures(plots) if held.pictures else (),
            )
            advance(len(plots))


_ToPictures = Callable[[Sequence[Plot]], "Sequence[Sequence[Picture]]"]


@dataclass(frozen=True, slots=True)
class _Held:
    """What rows hold beside the columns every export has.

    Attributes:
        headers: Incoming field → the sender's header.
        as_of: When they are read, ISO 8601.
        personal: Whether the sender's columns that name people are among them.
        facts: Whether the facts behind the columns are.
        pictures: Gives the pictures of plots, ``None`` for none.
    """

    headers: Names
    as_of: str
    personal: bool = False
    facts: bool = False
    pictures: _ToPictures | None = None


def _allowed(store: Store, actor: Actor, where: Filter) -> Scope:
    """The areas in which the actor may export, when the filter is one that can be met there."""
    need(actor, Action.EXPORT)
    scope = scope_of(actor, Action.EXPORT)
    if where.batch not in {batch.name for batch in store.plots.batches(scope)}:
        raise NotFound(what=where.batch or "-")
    for name, values, known in (("mark", where.marks, Mark), ("stage", where.stages, Stage)):
        if strange := set(values) - set(known):
            possible = ", ".join(known)
            raise ExportOption(option=name, value=min(strange)[:40], possible=possible)
    return scope


def _filter_of(asked: Json) -> Filter:
    """The filter that an export was asked for with; an older release asked for less."""
    held: dict[str, Any] = {
        field.name: asked[field.name] for field in fields(Filter) if asked.get(field.name)
    }
    for name in {"marks", "stages", "bbox"} & held.keys():
        held[name] = tuple(held[name])
    if "overdue_on" in held:
        held["overdue_on"] = date.fromisoformat(held["overdue_on"])
    given: Any = asked.get("filter")
    return Filter(**held, condition=cql2.read(given))
