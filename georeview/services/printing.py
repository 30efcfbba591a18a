"""Reports asked for over HTTP: one table of what there is, made by a worker, fetched as a file."""

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from georeview import texts
from georeview.core.access import Action, Actor, need, scope_of
from georeview.core.query import Filter
from georeview.errors import BadValue
from georeview.errors.figures import NothingToReport
from georeview.reports.document import Document
from georeview.services.dossiers import DossierService, Ground
from georeview.services.jobs import JobService, finished
from georeview.services.reports import ReportService
from georeview.storage.files import Files
from georeview.storage.ports import Json
from georeview.storage.ports.jobs import Job
from georeview.storage.ports.store import Store

KIND = "report"
"""The kind of job that sets a document for whoever asked over HTTP."""

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for beside the report's name; each report reads what concerns it.

    Attributes:
        batch: Of which batch, the newest when not named.
        as_of: As of the end of this day, today when not named.
        by: What divides a breakdown.
        river: Which river, by its code or name.
        letter: Kind of letter.
        county: To this county only.
        number: Document number.
        plot: Which plot.
    """

    batch: str | None = None
    as_of: date | None = None
    by: str | None = None
    river: str | None = None
    letter: str | None = None
    county: str | None = None
    number: str | None = None
    plot: str | None = None


Make = Callable[["PrintService", Actor, Asked, texts.Lang], Document]


@dataclass(frozen=True, slots=True)
class Report:
    """One report: the right it takes, the files it comes as, what must be named, what makes it.

    ``make`` is ``None`` for the archive of all dossiers, which is many documents.
    """

    right: Action
    forms: tuple[str, ...]
    make: Make | None
    needs: tuple[str, ...] = ()


_PAGES = ("pdf", "docx", "xlsx")

REPORTS: Mapping[str, Report] = MappingProxyType(
    {
        "league": Report(
            Action.LEAGUE,
            _PAGES,
            lambda s, who, a, lang: s.reports.league(who, a.batch, a.as_of, lang),
        ),
        "breakdown": Report(
            Action.FIGURES,
            _PAGES,
            lambda s, who, a, lang: s.reports.breakdown(who, a.by or "", a.batch, a.as_of, lang),
            needs=("by",),
        ),
        "river": Report(
            Action.FIGURES,
            _PAGES,
            lambda s, who, a, lang: s.reports.river(who, a.river or "", a.batch, a.as_of, lang),
            needs=("river",),
        ),
        "progress": Report(
            Action.FIGURES,
            _PAGES,
            lambda s, who, a, lang: s.reports.progress(who, a.batch, a.as_of, lang),
        ),
        "sample": Report(
            Action.SAMPLE,
            _PAGES,
            lambda s, who, a, lang: s.reports.sample(who, a.batch, a.as_of, lang),
        ),
        "letters": Report(
            Action.PUBLISH,
            ("docx", "pdf"),
            lambda s, who, a, lang: s.reports.letters(
                who, a.letter or "", a.batch, a.as_of, lang, county=a.county, number=a.number
            ),
            needs=("letter",),
        ),
        "dossier": Report(
            Action.SEE,
            ("pdf", "docx"),
            lambda s, who, a, lang: s.dossiers.dossier(who, a.plot or "", lang, a.as_of),
            needs=("plot",),
        ),
        "dossiers": Report(Action.EXPORT, ("zip",), None, needs=("batch",)),
    }
)
"""The one table of reports over HTTP: another report is one row, and whatever it asks for beside."""


class PrintService:
    """Documents made by the worker."""

    def __init__(
        self,
        store: Store,
        files: Files,
        reports: ReportService,
        dossiers: DossierService,
        jobs: JobService,
    ) -> None:
        self._store = store
        self._files = files
        self._jobs = jobs
        self.reports: ReportService = reports
        self.dossiers: DossierService = dossiers

    def ask(self, actor: Actor, report: str, form: str, asked: Asked, lang: texts.Lang) -> Job:
        """Put a report into the queue.

        Raises:
            BadValue: There is no such report, it does not come as such a file, or something it
                needs is not named; ``field`` says what.
            Forbidden: The actor may not have it.
        """
        row = _row(report, form)
        need(actor, row.right)
        given = asdict(asked) | {"as_of": asked.as_of and asked.as_of.isoformat()}
        for name in row.needs:
            if not given[name]:
                raise BadValue(field=name, value="")
        kept = {name: value for name, value in given.items() if value is not None}
        options = {**kept, "report": report, "form": form, "lang": lang}
        return self._jobs.ask(actor, row.right, KIND, options)

    def make(self, actor: Actor, job: Job, counter: Callable[[int, str], Advance]) -> Json:
        """Do what ``ask`` asked for, with the rights that the actor has now.

        Each try writes into a folder of its own: one that was thought dead replaces nothing.

        Args:
            actor: Whoever asked.
            job: What was asked for.
            counter: Is told how many steps there are, and gives what is told of each.
        """
        options: dict[str, Any] = dict(job.given.options)
        report, form, lang = (str(options.pop(name)) for name in ("report", "form", "lang"))
        row, said = _row(report, form), texts.pick(lang)
        need(actor, row.right)
        day = options.get("as_of")
        asked = Asked(**{**options, "as_of": day and date.fromisoformat(day)})
        made = f"{job.claim.fence}/{report}-{job.given.created_at[:10]}.{form}"
        out = self._files.exports() / job.given.job_id / made
        out.parent.mkdir(parents=True, exist_ok=True)
        if row.make is None:
            n = self._archive(actor, asked, out, said, counter)
        else:
            counter(1, "writing")
            self.reports.write(row.make(self, actor, asked, said), out)
            n = 1
        return {"file": made, "documents": n}

    def _archive(
        self,
        actor: Actor,
        asked: Asked,
        out: Path,
        lang: texts.Lang,
        counter: Callable[[int, str], Advance],
    ) -> int:
        """A dossier of every plot of a batch that the actor may take away, county by county."""
        where = Filter(batch=asked.batch)
        scope = scope_of(actor, Action.EXPORT)
        plots = [
            (plot.given.plot_id, plot.given.source_id, plot.review.county or "-")
            for part in self._store.plots.stream(scope, where)
            for plot in part
        ]
        if not plots:
            raise NothingToReport(what=asked.batch)
        advance, ground = counter(len(plots), "writing"), Ground(self._store)
        part = out.with_name(f".{out.name}")
        with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
            for plot_id, number, county in plots:
                document = self.dossiers.dossier(actor, plot_id, lang, asked.as_of, ground)
                name = f"{county}/{_as_file_name(number)}-{plot_id[-6:]}.pdf"
                archive.writestr(name, self.reports.content(document, ".pdf"))
                advance(1)
        part.replace(out)
        return len(plots)

    def get(self, actor: Actor, report_id: str) -> Job:
        """How far a report is; only whoever asked for it sees it.

        Raises:
            NotFound: There is no such report of this person.
        """
        return self._jobs.own(actor, KIND, report_id)

    def file(self, actor: Actor, report_id: str) -> Path:
        """The finished file.

        Raises:
            NotFound: There is none, or it has been cleared away.
        """
        return finished(self.get(actor, report_id), self._files.exports() / report_id)


def _row(report: str, form: str) -> Report:
    row = REPORTS.get(report)
    if row is None:
        raise BadValue(field="report", value=report[:40])
    if form not in row.forms:
        raise BadValue(field="form", value=form[:10])
    return row


def _as_file_name(number: str) -> str:
    """A plot's number as part of a file's name: issuers write what they like."""
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in number)[:80].lstrip(".") or "-"
