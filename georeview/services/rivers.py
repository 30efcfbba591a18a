"""One river at a time (一河一策): its figures, who answers for it, what was found and referred there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from georeview.core.access import Action, Actor, may
from georeview.core.conditions import Among, Between, Compared, Condition, Every
from georeview.core.figures import Value
from georeview.core.query import Filter, PageOf
from georeview.core.registers import REFERRALS
from georeview.core.registers.referrals import ANSWERED
from georeview.errors import NotFound
from georeview.services.figures import BehindPlot, FigureService, Row, Table
from georeview.services.plots import PlotService
from georeview.services.registers import RegisterService, Shown, Wanted, by_level, rivers_of
from georeview.storage.ports.plots import Page

SHOWN = 200
"""Plots of a river or a reach that are listed; how many there are is counted."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What was found and referred, counted.

    Attributes:
        open_findings: Findings without a reply.
        overdue_findings: Those of them whose reply is late.
        referred: Referrals.
        answered: Those of them with an answer.
    """

    open_findings: int
    overdue_findings: int
    referred: int
    answered: int


@dataclass(frozen=True, slots=True)
class River:
    """A river for one person.

    Attributes:
        key: Its code, or its name where it has none.
        name: Its name.
        figures: Its figures; ``None`` for who sees none, or where no plot lies on it.
        duties: Who answers for it on the day, from the city down.
        findings: What was found there, newest first; empty for who does not read it.
        referrals: What was referred there, the same.
    """

    key: str
    name: str
    figures: Mapping[str, Value] | None
    duties: Sequence[Shown]
    findings: Sequence[Shown]
    referrals: Sequence[Shown]

    @property
    def followed(self) -> Followed:
        """Findings and referrals, counted."""
        return counted(self.findings, self.referrals)


@dataclass(frozen=True, slots=True)
class Rivers:
    """All rivers of a batch for one person; ``table`` is ``None`` for who sees no figures."""

    batch: str
    as_of: date
    table: Table | None
    rivers: Sequence[River]


class RiverService:
    """Gathers what other services tell of a river."""

    def __init__(
        self, figures: FigureService, registers: RegisterService, plots: PlotService
    ) -> None:
        self._figures = figures
        self._registers = registers
        self._plots = plots

    def all(self, actor: Actor, batch: str | None = None, as_of: date | None = None) -> Rivers:
        """Rivers with plots, those with most of them first, then those that only somebody answers for.

        Raises:
            Forbidden: The actor sees no plots.
            NotFound: There is no such batch in the actor's area.
            AsOfInFuture: The day has not come.
        """
        day = self._figures.day(as_of)
        table, of = self._table(actor, batch, day)
        duties = self._registers.all(actor, "duties", Wanted(day=day))
        findings, referrals = (self._read(actor, name) for name in ("findings", "referrals"))
        names = self._figures.part_names(of, "river")
        rows = {row.unit: row for row in table.rows if row.unit} if table else {}
        keys = dict.fromkeys([*rows, *(names if table is None else ())])
        known = {name: key for key, name in names.items()} | {key: key for key in names}
        for duty in duties:
            told = duty.entry.text("river_code") or duty.entry.text("river")
            if told is not None:
                keys.setdefault(known.get(told, known.get(duty.entry.text("river") or told, told)))
        rivers = [
            self._river(key, names.get(key, key), rows.get(key), duties, findings, referrals)
            for key in keys
        ]
        return Rivers(of, day, table, rivers)

    def get(
        self, actor: Actor, key: str, batch: str | None = None, as_of: date | None = None
    ) -> tuple[Rivers, River]:
        """One river, by its code or name, among all.

        Raises:
            NotFound: Nothing is known of it.
            AsOfInFuture: The day has not come.
        """
        rivers = self.all(actor, batch, as_of)
        found = next((one for one in rivers.rivers if key in (one.key, one.name)), None)
        if found is None:
            raise NotFound(what=key[:80])
        return rivers, found

    def to_rectify(self, actor: Actor, river: River, batch: str, as_of: date) -> list[BehindPlot]:
        """Problems on a river that must be put right, as they stood then."""
        if not may(actor, Action.FIGURES):
            return []
        found = self._figures.behind(
            actor, set_id="owed", batch=batch, as_of=as_of, by="river", unit=river.key, limit=SHOWN
        )
        return list(found.items)

    def reach(self, actor: Actor, duty_id: str, batch: str) -> tuple[Shown, Page]:
        """A reach that somebody answers for, and its plots as the actor sees them today.

        The register gives no sight: a chief sees of the reach what the own roles show.

        Raises:
            NotFound: There is no such duty in the actor's area.
        """
        duty = self._registers.get(actor, "duties", duty_id)
        where = Filter(batch=batch, condition=reach_of(duty))
        if len(duty.entry.area) >= 9:
            where = Filter(batch=batch, township=duty.entry.area[:9], condition=where.condition)
        elif len(duty.entry.area) == 6:
            where = Filter(batch=batch, county=duty.entry.area, condition=where.condition)
        return duty, self._plots.page(actor, where, PageOf("risk", limit=SHOWN), count=True)

    def _table(self, actor: Actor, batch: str | None, day: date) -> tuple[Table | None, str]:
        if may(actor, Action.FIGURES):
            table = self._figures.breakdown(actor, "river", batch, day)
            return table, table.batch
        names = [view.batch.name for view in self._plots.batches(actor)]
        if (batch is not None and batch not in names) or not names:
            raise NotFound(what=batch or "batch")
        return None, batch or names[0]

    def _read(self, actor: Actor, register: str) -> list[Shown]:
        right = {"findings": Action.FINDINGS, "referrals": REFERRALS.reads}[register]
        return self._registers.all(actor, register) if may(actor, right) else []

    @staticmethod
    def _river(
        key: str,
        name: str,
        row: Row | None,
        duties: Sequence[Shown],
        findings: Sequence[Shown],
        referrals: Sequence[Shown],
    ) -> River:
        def here(entries: Sequence[Shown]) -> list[Shown]:
            return [one for one in entries if rivers_of(one.held) & {key, name}]

        return River(
            key,
            name,
            row.figures if row else None,
            sorted(here(duties), key=by_level),
            here(findings),
            here(referrals),
        )


def counted(findings: Sequence[Shown], referrals: Sequence[Shown]) -> Followed:
    """Findings and referrals, counted."""
    return Followed(
        sum(one.entry.state == "open" for one in findings),
        sum(one.overdue_days is not None for one in findings),
        len(referrals),
        sum(one.entry.state in ANSWERED for one in referrals),
    )


def reach_of(duty: Shown) -> Condition | None:
    """Which plots lie in a reach; ``None`` where the area alone says it."""
    entry, parts = duty.entry, list[Condition]()
    river = entry.text("river")
    if river is not None:
        parts.append(Compared("river", "=", river))
    begin, end = entry.text("from_m"), entry.text("to_m")
    if begin is not None or end is not None:
        parts.append(Between("chainage_m", float(begin or 0), float(end or 1e9)))
    bank = entry.text("bank")
    if bank is not None:
        parts.append(Among("bank", (bank, "both")))
    return Every(tuple(parts)) if parts else None
