"""Reports: figures, samples and single plots gathered for documents."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from georeview import reports, texts
from georeview.clock import SHANGHAI, Clock
from georeview.core.access import Action, Actor, need
from georeview.core.deadlines import later
from georeview.core.escalation import REPLY_DAYS
from georeview.core.query import Filter
from georeview.errors import BadValue, Forbidden
from georeview.errors.figures import NothingToReport
from georeview.reports import letters as letter_texts
from georeview.reports import tables
from georeview.reports.document import Cell, Document
from georeview.reports.letters import Letter, Overdue
from georeview.reports.river import river
from georeview.reports.sample import Sampled, Second, sample
from georeview.reports.works import works
from georeview.services import river_parts
from georeview.services.calendar import CalendarService
from georeview.services.figures import MOST_PLOTS, NO_COUNTY, BehindPlot, FigureService, Table
from georeview.services.permit_plots import what_is
from georeview.services.plots import seen_by
from georeview.services.rivers import RiverService
from georeview.services.samples import SampleService, looked
from georeview.storage.homes import put
from georeview.storage.ports.plots import Plot
from georeview.storage.ports.store import Store

POINTS = 20
"""Days of a curve, the last one included."""

Lang = texts.Lang


class ReportService:
    """Documents for people, written whole or not at all."""

    def __init__(
        self,
        store: Store,
        figures: FigureService,
        samples: SampleService,
        calendar: CalendarService,
        rivers: RiverService,
        clock: Clock,
    ) -> None:
        self._store = store
        self._rivers = rivers
        self._figures = figures
        self._samples = samples
        self._calendar = calendar
        self._clock = clock

    def write(self, document: Document, out: Path) -> None:
        """Write a document as what the file's name says.

        Raises:
            ReportForm: Nothing is written as a file of this name.
            FontMissing: Pages cannot be set on this machine.
            OutNotWritable: The file cannot be put there.
        """
        put(out, self.content(document, out.suffix))

    def content(self, document: Document, suffix: str) -> bytes:
        """A document as the bytes of a file; raises as ``write``."""
        with TemporaryDirectory(prefix="georeview-report-") as folder:
            part = Path(folder) / f"report{suffix.lower()}"
            reports.writer(part)(document, part)
            return part.read_bytes()

    def league(self, actor: Actor, batch: str | None, as_of: date | None, lang: Lang) -> Document:
        """The league table; raises as ``FigureService.table``."""
        table = self._figures.table(actor, batch, as_of)
        return tables.league(self._standings(table, actor), lang)

    def breakdown(
        self, actor: Actor, by: str, batch: str | None, as_of: date | None, lang: Lang
    ) -> Document:
        """Figures part by part; raises as ``FigureService.breakdown``."""
        found = self._figures.breakdown(actor, by, batch, as_of)
        return tables.breakdown(self._standings(found), by, lang)

    def river(
        self, actor: Actor, key: str, batch: str | None, as_of: date | None, lang: Lang
    ) -> Document:
        """All there is to say of a river; raises as ``RiverService.get``."""
        rivers, found = self._rivers.get(actor, key, batch, as_of)
        if rivers.table is None:
            raise Forbidden(action=Action.FIGURES.value)
        owed = self._rivers.to_rectify(actor, found, rivers.batch, rivers.as_of)
        parts = river_parts.parts(found, owed, self._store.around().places, lang)
        figures = None if found.figures is None else dict(found.figures)
        return river(found.name, figures, parts, self._standings(rivers.table), lang)

    def progress(self, actor: Actor, batch: str | None, as_of: date | None, lang: Lang) -> Document:
        """How far the counties came; raises as ``FigureService.stats``."""
        found = self.curve(actor, batch, as_of)
        return tables.progress([self._standings(table, actor) for table in found], lang)

    def curve(self, actor: Actor, batch: str | None, as_of: date | None) -> list[Table]:
        """Tables from the first day of a batch to a day, evenly apart; the last one is that day's."""
        last = self._figures.stats(actor, batch, as_of)
        begun = next(
            b.created_at for b in self._store.plots.batches(seen_by(actor)) if b.name == last.batch
        )
        first = min(datetime.fromisoformat(begun).astimezone(SHANGHAI).date(), last.as_of)
        days = (last.as_of - first).days
        steps = sorted({round(days * n / (POINTS - 1)) for n in range(POINTS)})
        before = [first + timedelta(days=step) for step in steps if step < days]
        return [*self._figures.trend(actor, last.batch, before), last]

    def _standings(self, table: Table, actor: Actor | None = None) -> tables.Standings:
        """The table as a document has it; for whoever reads it, with what the batch holds now."""
        counted = self._store.plots.issued
        plots = counted(seen_by(actor), table.batch) if actor else None
        return tables.Standings(
            batch=table.batch,
            as_of=table.as_of,
            seq=table.seq,
            head=self._store.ledger.head().hash,
            provisional=table.provisional,
            units=[tables.Unit(r.name or r.unit, r.rank, r.figures) for r in table.rows],
            total=table.total,
            plots=plots,
        )

    def works(self, actor: Actor, batch: str | None, lang: Lang) -> Document:
        """Works that need a permit and rest on none that holds today, of one batch or of all.

        Raises:
            Forbidden: The actor sees no plots.
        """
        today = self._clock().astimezone(SHANGHAI).date()
        where = Filter(batch=batch, without_permit_on=today)
        rows = [
            _work(plot, lang)
            for plots in self._store.plots.stream(seen_by(actor), where)
            for plot in plots
        ]
        return works(sorted(rows, key=lambda row: (str(row[2]), str(row[0]))), today, lang)

    # Letters -------------------------------------------------------------------------------------

    def letters(
        self,
        actor: Actor,
        kind: str,
        batch: str | None,
        as_of: date | None,
        lang: Lang,
        *,
        county: str | None = None,
        number: str | None = None,
    ) -> Document:
        """Letters to counties that have overdue plots, or to the one that is named.

        Raises:
            Forbidden: The actor issues none.
            BadValue: There is no such kind of letter.
            NothingToReport: No county is late, or the one named has no plots.
        """
        need(actor, Action.PUBLISH)
        if kind not in REPLY_DAYS:
            raise BadValue(field="letter", value=kind[:40])
        table = self._figures.table(actor, batch, as_of)
        found = [
            self._letter(actor, kind, table, row.unit, row.name or row.unit, row.figures, number)
            for row in table.rows
            if row.unit is not None
            and (
                row.unit == county
                if county
                else row.figures["overdue_review_n"] or row.figures["overdue_rectify_n"]
            )
        ]
        if not found:
            raise NothingToReport(what=county or table.batch)
        return letter_texts.letters(kind, found, self._standings(table).foot(lang), lang)

    def _letter(
        self,
        actor: Actor,
        kind: str,
        table: Table,
        unit: str,
        name: str,
        figures: Any,
        number: str | None,
    ) -> Letter:
        days = REPLY_DAYS[kind]
        late = [
            overdue
            for what in ("review", "rectify")
            for overdue in self._overdue(actor, table, unit, what)
        ]
        today = self._clock().astimezone(SHANGHAI).date()
        return Letter(
            county=name,
            batch=table.batch,
            as_of=table.as_of,
            reply_by=None if days is None else later(today, days, self._calendar.calendar()),
            number=number,
            figures=figures,
            overdue=sorted(late, key=lambda one: (-one.days, one.source_id)),
        )

    def _overdue(self, actor: Actor, table: Table, unit: str, what: str) -> list[Overdue]:
        behind = self._figures.behind(
            actor,
            set_id=f"overdue_{what}",
            batch=table.batch,
            as_of=table.as_of,
            unit=unit or NO_COUNTY,
            limit=MOST_PLOTS,
        )

        def of(plot: BehindPlot) -> Overdue:
            review = what == "review"
            return Overdue(
                plot.source_id,
                plot.type_issued,
                what,
                plot.review_due if review else plot.rectify_due,
                plot.overdue_review_days if review else plot.overdue_rectify_days,
            )

        return [of(plot) for plot in behind.items]

    # Samples -------------------------------------------------------------------------------------

    def sample(self, actor: Actor, batch: str | None, as_of: date | None, lang: Lang) -> Document:
        """The last sample that was drawn by a day.

        Raises:
            NothingToReport: None was.
        """
        table = self._figures.table(actor, batch, as_of)
        drawn = [
            one
            for one in self._samples.all(actor, table.batch)
            if one.as_of <= table.as_of.isoformat()
        ]
        if not drawn:
            raise NothingToReport(what=table.batch)
        view = self._samples.view(actor, drawn[0].sample_id)
        one = view.sample
        strata = looked(one, [plot.drawn for plot in view.plots])
        facts: list[tuple[str, Cell]] = [
            ("drawn_at", here(one.drawn_at)),
            ("drawn_by", f"{one.unit} {one.actor}"),
            ("seed", one.seed),
            ("frame", sum(stratum.size for stratum in strata)),
            ("n", sum(stratum.n + stratum.missing for stratum in strata)),
            ("frame_hash", str(json.loads(one.content)["frame_sha256"])[:16] + "…"),
        ]
        plots = [
            Second(
                p.plot.given.source_id,
                p.drawn.stratum,
                p.plot.review.reason if p.drawn.result else None,
                p.drawn.result,
                p.drawn.actor,
                p.drawn.answered_at and here(p.drawn.answered_at)[:10],
                p.drawn.note,
            )
            for p in view.plots
        ]
        foot = self._standings(table).foot(lang)
        names = self._store.around().places
        told = Sampled(one.batch, facts, strata, view.judged, plots, names, foot)
        return sample(told, lang)


def here(instant: str) -> str:
    """An instant as people here read it, to the minute."""
    moment = datetime.fromisoformat(instant).astimezone(SHANGHAI)
    return moment.isoformat(sep=" ", timespec="minutes")[:16]


def _work(plot: Plot, lang: Lang) -> list[Cell]:
    review, facts = plot.review, plot.facts
    return [
        plot.given.source_id,
        plot.given.batch,
        (facts.county_name if facts else None) or review.county,
        (facts.township_name if facts else None) or review.township,
        facts.river if facts else None,
        what_is(plot),
        facts.area_m2 if facts else None,
        texts.say(f"stage.{review.stage}", lang),
        review.permit_no,
        None if review.permit_valid_to is None else date.fromisoformat(review.permit_valid_to),
        facts.lon if facts else None,
        facts.lat if facts else None,
    ]
