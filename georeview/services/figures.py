"""Key figures as of any day: for whoever compares, live; for everybody else, what was published."""

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson

from georeview.clock import SHANGHAI, Clock
from georeview.core import figures
from georeview.core.access import Action, Actor, Scope, area_of, may, need, sees_drafts
from georeview.core.breakdown import DIMENSIONS, Dimension
from georeview.core.deadlines import Calendar, Count, counting
from georeview.core.figures import FORMULA_VERSION, SETS, Estimate, Rate, Value
from georeview.core.heads import Why, as_json
from georeview.core.sampling import Judged
from georeview.core.standing import Standing, Track, days_of, parse
from georeview.errors import BadValue, Forbidden, NotFound
from georeview.errors.figures import AsOfInFuture, NothingPublished, StillCounting
from georeview.services.calendar import CalendarService, is_announced
from georeview.services.ids import new_id
from georeview.services.plots import seen_by
from georeview.services.samples import SampleService
from georeview.services.upkeep import UpkeepService
from georeview.storage.ports import Json
from georeview.storage.ports.figures import League, PlotDays
from georeview.storage.ports.plots import Batch
from georeview.storage.ports.store import Store

log = logging.getLogger("georeview.figures")

STEP = 5000
"""Events counted in one commit: a tenth of a second for whoever waits to write."""

SMALL = 50_000
"""Events that a request counts by itself, in some seconds; more of them are a worker's."""

KIND = "figures"

NO_COUNTY = "-"
"""Stands for plots of no county, or of no part of a breakdown, where a unit is named."""

COUNTY = DIMENSIONS["county"]

MOST_PLOTS = 1000


def _unseen(_events: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Row:
    """One unit of a table; ``unit`` is ``None`` for plots of none, and only counties are ranked."""

    unit: str | None
    name: str | None
    rank: int | None
    figures: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Table:
    """Figures by unit and of all together.

    Attributes:
        batch: Of which batch.
        as_of: As of the end of this day.
        seq: Number of the last event up to then.
        provisional: Whether the working days of that year are not announced.
        rows: Units from first to last.
        total: All of them.
        by: What divides them.
    """

    batch: str
    as_of: date
    seq: int
    provisional: bool
    rows: Sequence[Row]
    total: Mapping[str, Value]
    by: str = COUNTY.id

    def as_json(self) -> dict[str, Any]:
        """The table as it is answered and published."""
        return {
            "batch": self.batch,
            "as_of": self.as_of.isoformat(),
            "seq": self.seq,
            "formula_version": FORMULA_VERSION,
            "calendar_provisional": self.provisional,
            "rows": [
                {"unit": r.unit, "name": r.name, "rank": r.rank, "figures": told(r.figures)}
                for r in self.rows
            ],
            "total": {"figures": told(self.total)},
        }


@dataclass(frozen=True, slots=True)
class BehindPlot:
    """One plot behind a figure, as it stood then."""

    plot_id: str
    source_id: str
    type_issued: str | None
    standing: Standing
    review_due: date | None
    rectify_due: date | None
    overdue_review_days: int
    overdue_rectify_days: int


@dataclass(frozen=True, slots=True)
class Behind:
    """A part of the plots behind a figure; what the actor may not see is counted and not listed.

    Attributes:
        items: The plots.
        matched: How many there are in all; the figure's own count.
        after: Where the next part begins, ``None`` at the end.
    """

    items: Sequence[BehindPlot]
    matched: int
    after: int | None


class FigureService:
    """Figures of batches; what they are counted from is brought up to date when they are asked for."""

    def __init__(
        self,
        store: Store,
        calendars: CalendarService,
        samples: SampleService,
        upkeep: UpkeepService,
        clock: Clock,
    ) -> None:
        self._store = store
        self._calendars = calendars
        self._samples = samples
        self._upkeep = upkeep
        self._clock = clock

    # Asking --------------------------------------------------------------------------------------

    def table(self, actor: Actor, batch: str | None = None, as_of: date | None = None) -> Table:
        """The live table of what the actor sees: one row a county.

        Raises:
            Forbidden: The actor compares no units.
            NotFound: There is no such batch in the actor's area.
            AsOfInFuture: The day has not come.
        """
        return self._seen(actor, Action.LEAGUE, batch, as_of)

    def stats(self, actor: Actor, batch: str | None = None, as_of: date | None = None) -> Table:
        """The figures of all that the actor sees, without any other unit's.

        Raises:
            Forbidden: The actor sees no figures.
            NotFound: There is no such batch in the actor's area.
            AsOfInFuture: The day has not come.
        """
        return self._seen(actor, Action.FIGURES, batch, as_of)

    def breakdown(
        self, actor: Actor, by: str, batch: str | None = None, as_of: date | None = None
    ) -> Table:
        """The figures of all that the actor sees, part by part; the largest part first.

        Args:
            actor: Who asks.
            by: One of ``core.breakdown.DIMENSIONS``.
            batch: Of which batch; the newest when not named.
            as_of: As of the end of this day; today when not named.

        Raises:
            Forbidden: The actor sees no figures, or not who reviews.
            NotFound: There is no such batch in the actor's area.
            BadValue: Nothing is divided by that.
            AsOfInFuture: The day has not come.
        """
        need(actor, Action.FIGURES)
        of, dimension = self._batch(actor, batch), divided(by)
        if by not in self.divisions(actor, of.name):
            raise Forbidden(action=Action.FIGURES.value)
        drafts = sees_drafts(actor, Action.FIGURES, of.name)
        return self._table(self.scope(actor, of.name), of, as_of, dimension, drafts=drafts)

    def _seen(self, actor: Actor, right: Action, batch: str | None, as_of: date | None) -> Table:
        need(actor, right)
        of = self._batch(actor, batch)
        return self._table(area_of(actor, right, of.name), of, as_of)

    def compares(self, actor: Actor) -> bool:
        """Whether the actor sees the live table."""
        return may(actor, Action.LEAGUE)

    def scope(self, actor: Actor, batch: str) -> Scope:
        """Where the actor sees figures of a batch."""
        return area_of(actor, Action.FIGURES, batch)

    def divisions(self, actor: Actor, batch: str) -> list[str]:
        """What the actor may have figures of a batch divided by."""
        drafts = sees_drafts(actor, Action.FIGURES, batch)
        return [row.id for row in DIMENSIONS.values() if drafts or row.id != "reviewer"]

    def part_names(self, batch: str, by: str) -> Mapping[str, str]:
        """What parts are called, where that differs from what they are named by in addresses."""
        if by in ("county", "township"):
            return self._store.around().places
        if by == "river":
            return self._store.figures.rivers(batch)
        if by == "reviewer":
            return {person.user: person.name for person in self._store.people.all()}
        return {}

    def trend(self, actor: Actor, batch: str | None, days: Sequence[date]) -> list[Table]:
        """What the actor sees as of several days, for a curve; each as ``stats``."""
        need(actor, Action.FIGURES)
        of = self._batch(actor, batch)
        scope = area_of(actor, Action.FIGURES, of.name)
        return [self._table(scope, of, day) for day in days]

    def behind(
        self,
        actor: Actor,
        *,
        set_id: str,
        batch: str | None = None,
        as_of: date | None = None,
        by: str = COUNTY.id,
        unit: str | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> Behind:
        """The plots that a figure counted, by number.

        Args:
            actor: Who asks.
            set_id: A set of ``core.figures.SETS``.
            batch: Of which batch; the newest when not named.
            as_of: As of the end of this day; today when not named.
            by: What divides the plots.
            unit: Only of this part, ``-`` for plots of none.
            after: Where the part before ended.
            limit: At most so many.

        Raises:
            Forbidden: The actor sees no figures.
            NotFound: There is no such batch in the actor's area.
            BadValue: There is no such set, or nothing is divided by that.
            AsOfInFuture: The day has not come.
        """
        need(actor, Action.FIGURES)
        if set_id not in SETS:
            raise BadValue(field="set", value=set_id[:80])
        of, day, dimension = self._batch(actor, batch), self.day(as_of), divided(by)
        if by not in self.divisions(actor, of.name):
            raise Forbidden(action=Action.FIGURES.value)
        drafts = sees_drafts(actor, Action.FIGURES, of.name)
        calendar = self._counted()
        # Read by their parts only where one is asked for: all of them are a sum already.
        parted = dimension if unit is not None else COUNTY
        wanted = {
            (text, raw): n
            for text, raw, plot, n in self._standings(self.scope(actor, of.name), of, day, parted)
            if SETS[set_id].holds(plot, day)
            and unit in (None, parted.part(plot, raw, drafts=drafts) or NO_COUNTY)
        }
        limit = min(max(limit, 1), MOST_PLOTS)
        # Whoever counts plots before they may be seen is not shown them.
        found = self._store.figures.behind(
            seen_by(actor), of.name, day.isoformat(), wanted, after, limit, raw=parted.raw
        )
        items = [
            _behind(f.plot_id, f.source_id, f.type_issued, parse(f.standing), day, calendar)
            for f in found
        ]
        end = found[-1].fid if len(found) == limit else None
        return Behind(items, sum(wanted.values()), end)

    def standings(self, actor: Actor, batch: str, day: date) -> list[tuple[Standing, int]]:
        """Standings of the plots of a batch that the actor compares, each with their number."""
        need(actor, Action.LEAGUE)
        of = self._batch(actor, batch)
        self._counted()
        scope = area_of(actor, Action.LEAGUE, of.name)
        return [(plot, n) for _, _, plot, n in self._standings(scope, of, day, COUNTY)]

    def _table(
        self,
        scope: Scope,
        batch: Batch,
        as_of: date | None,
        by: Dimension = COUNTY,
        *,
        drafts: bool = True,
    ) -> Table:
        day = self.day(as_of)
        calendar = self._counted()
        standings = [
            (by.part(plot, raw, drafts=drafts), plot, n)
            for _, raw, plot, n in self._standings(scope, batch, day, by)
        ]
        counted = figures.tally(standings, day, calendar)
        end = midnight_after(day)
        sampled = self._samples.judged(batch.name, end) if by is COUNTY else {}
        units = {
            code: figures.figures(own, figures.estimate(sampled.get(code or NO_COUNTY)))
            for code, own in counted.items()
        }
        whole = sampled.get(None) if scope.holds(batch.area) else None
        names = self.part_names(batch.name, by.id)
        order = figures.ranked(units) if by is COUNTY else figures.by_size(units)
        return Table(
            batch=batch.name,
            as_of=day,
            seq=self._store.figures.last_event(end),
            provisional=not is_announced(day.year),
            rows=[Row(code, names.get(code or ""), rank, units[code]) for code, rank in order],
            total=figures.figures(
                figures.total(counted.values()), figures.estimate(whole or _only(sampled, units))
            ),
            by=by.id,
        )

    def _standings(
        self, scope: Scope, batch: Batch, day: date, by: Dimension
    ) -> list[tuple[str, str, Standing, int]]:
        """Standings of what a scope holds; plots of no county belong to the batch's area."""
        if by.raw == "none":
            sums = self._store.figures.standings(batch.name, day.isoformat())
            found = [(text, "", n) for text, n in sums]
        else:
            found = self._store.figures.parts(batch.name, day.isoformat(), by.raw)
        read = ((text, raw, parse(text), n) for text, raw, n in found)
        return [one for one in read if scope.holds(one[2].county or batch.area)]

    def _batch(self, actor: Actor, name: str | None) -> Batch:
        """A batch of which the actor sees something; the newest when none is named."""
        batches = self._store.plots.batches(seen_by(actor))
        found = next((b for b in batches if name in (None, b.name)), None)
        if found is None:
            raise NotFound(what=name or "batch")
        return found

    def day(self, as_of: date | None) -> date:
        """A day that has come; today when none is given.

        Raises:
            AsOfInFuture: It has not come.
        """
        today = self._clock().astimezone(SHANGHAI).date()
        if as_of is not None and as_of > today:
            raise AsOfInFuture(field="as_of", value=as_of.isoformat(), today=today.isoformat())
        return as_of or today

    # Counting ------------------------------------------------------------------------------------

    def due(self) -> Iterator[tuple[str, Json]]:
        """The counting to be asked for: the name that only one job has, and its options."""
        since, last = self._uncounted()
        if last - since > SMALL:
            yield f"{KIND} {self._calendars.basis()} {last // SMALL}", {}

    def uncounted(self) -> int:
        """How many events wait to be counted."""
        since, last = self._uncounted()
        return last - since

    def _uncounted(self) -> tuple[int, int]:
        """Number of the last event that was counted, by what holds now, and of the last there is."""
        since, counted_by = self._store.figures.counted()
        last = self._store.ledger.head().seq
        return (since if counted_by == self._basis() else 0), last

    def _basis(self) -> str:
        return f"{FORMULA_VERSION} {self._calendars.basis()}"

    def count(self, advance: Callable[[int], None] = _unseen) -> None:
        """Bring what figures are counted from up to date, however much it is.

        Args:
            advance: Told how many more events are counted.
        """
        self._count_all(advance)

    def _counted(self) -> Calendar:
        """Count what little has happened since; gives the calendar that was counted by.

        Raises:
            StillCounting: It is more than somebody can wait for.
        """
        since, last = self._uncounted()
        if last - since > SMALL:
            raise StillCounting(done=since, of=last)
        return self._count_all(_unseen)

    def _count_all(self, advance: Callable[[int], None]) -> Calendar:
        calendar = self._calendars.calendar()
        basis, count = self._basis(), counting(calendar)
        while True:
            since, counted_by = self._store.figures.counted()
            if counted_by != basis:
                self._store.figures.begin(basis)
                continue
            last = self._store.ledger.head().seq
            if since >= last:
                return calendar
            until = min(since + STEP, last)
            self._count(since, until, basis, calendar, count)
            advance(until - since)

    def _count(self, since: int, until: int, basis: str, calendar: Calendar, count: Count) -> None:
        plots = []
        for fid, batch, events in self._store.figures.histories(since, until):
            track = Track(_date(batch.review_due), _date(batch.rectify_due), calendar, count)
            days = [
                (day.isoformat(), stood.as_text(), traits)
                for day, stood, traits in days_of(track, events, since)
            ]
            plots.append(PlotDays(fid, batch.name, days))
        self._store.figures.add(since, until, basis, plots)

    # Published tables ----------------------------------------------------------------------------

    def publish(self, actor: Actor, batch: str | None = None, as_of: date | None = None) -> League:
        """Freeze a table as it is now, for every unit of the area to read.

        Raises:
            Forbidden: The actor publishes none.
            NotFound: There is no such batch in the actor's area.
            AsOfInFuture: The day has not come.
        """
        need(actor, Action.PUBLISH)
        of = self._batch(actor, batch)
        table = self._table(area_of(actor, Action.PUBLISH, of.name), of, as_of)
        content = orjson.dumps(table.as_json(), option=orjson.OPT_SORT_KEYS)
        sha256 = hashlib.sha256(content).hexdigest()
        head = as_json(self._upkeep.sign_head(Why.PUBLISHED, covers=sha256))
        league = League(
            league_id=new_id(),
            batch=of.name,
            area=of.area,
            as_of=table.as_of.isoformat(),
            seq=table.seq,
            content=content.decode("utf-8"),
            sha256=sha256,
            head=orjson.dumps(head).decode("utf-8"),
            actor=actor.user,
            published_at=self._clock().astimezone(UTC).isoformat(timespec="milliseconds"),
        )
        self._store.figures.publish(league)
        log.info("league.published", extra={"league": league.league_id, "actor": actor.user})
        return league

    def published(
        self, actor: Actor, batch: str | None = None, as_of: date | None = None
    ) -> list[League]:
        """Tables that were published, newest first.

        Args:
            actor: Who reads.
            batch: Of which batch; the newest when not named.
            as_of: Only of this day or before.

        Raises:
            Forbidden: The actor sees no figures.
            NotFound: There is no such batch in the actor's area.
        """
        need(actor, Action.FIGURES)
        of = self._batch(actor, batch)
        found = self._store.figures.published(of.name, area_of(actor, Action.FIGURES, of.name))
        return [one for one in found if as_of is None or one.as_of <= as_of.isoformat()]

    def latest(self, actor: Actor, batch: str | None = None, as_of: date | None = None) -> League:
        """The table that was published last.

        Raises:
            NothingPublished: There is none.
            NotFound: There is no such batch in the actor's area.
        """
        found = self.published(actor, batch, as_of)
        if not found:
            raise NothingPublished(what=batch or self._batch(actor, batch).name)
        return found[0]


def divided(by: str) -> Dimension:
    """A way to divide plots.

    Raises:
        BadValue: There is no such way.
    """
    if by not in DIMENSIONS:
        raise BadValue(field="by", value=by[:40])
    return DIMENSIONS[by]


def told(values: Mapping[str, Value]) -> dict[str, Any]:
    """Figures as they are answered."""
    return {name: _told(value) for name, value in values.items()}


def _told(value: Value) -> Any:
    if isinstance(value, Rate):
        return {"num": value.num, "den": value.den, "pct": value.pct}
    return asdict(value) if isinstance(value, Estimate) else value


def _behind(
    plot_id: str,
    source_id: str,
    type_issued: str | None,
    plot: Standing,
    day: date,
    calendar: Calendar,
) -> BehindPlot:
    late = {
        name: figures.overdue_days(plot, name, day, calendar) if SETS[name].holds(plot, day) else 0
        for name in ("overdue_review", "overdue_rectify")
    }
    return BehindPlot(
        plot_id=plot_id,
        source_id=source_id,
        type_issued=type_issued,
        standing=plot,
        review_due=plot.review.due_on(day),
        rectify_due=plot.rectify.due_on(day),
        overdue_review_days=late["overdue_review"],
        overdue_rectify_days=late["overdue_rectify"],
    )


def _only(
    sampled: Mapping[str | None, Judged], units: Mapping[str | None, object]
) -> Judged | None:
    """What a sample says of the one unit that is seen."""
    return sampled.get(next(iter(units)) or NO_COUNTY) if len(units) == 1 else None


def midnight_after(day: date) -> str:
    """The instant at which a day ends here, as the store compares it."""
    end = datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
    return end.astimezone(UTC).isoformat(timespec="milliseconds")


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
