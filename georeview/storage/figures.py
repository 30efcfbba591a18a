"""What key figures are counted from: standings, how many plots had them when, and which ones.

A day keeps by how much each standing's number of plots changed, so a table as of any day is one sum
over what was before it, whatever the number of plots.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import groupby
from types import MappingProxyType

from georeview.core.access import Scope
from georeview.core.breakdown import Raw
from georeview.core.ledger import Event
from georeview.storage.engine import Connection, Engine, Row, insert, listed, run, statement
from georeview.storage.ports.figures import League, PlotDays, PlotStanding
from georeview.storage.ports.plots import Batch
from georeview.storage.records import BATCH, EVENT, batch_of, event_of
from georeview.storage.where import among, among_rows, seen

NEVER = "9999-12-31"
"""Until when a plot has the standing it has today."""

MANY = 2000
"""Standings that are looked for by name; more are found by walking the batch."""

COUNTED = "SELECT seq, basis FROM figure_head WHERE one = 1"
FORGET = (
    "DELETE FROM figure_span",
    "DELETE FROM figure_day",
    "DELETE FROM figure_standing",
    "DELETE FROM figure_trait",
    "DELETE FROM figure_head",
)
BEGIN = "INSERT INTO figure_head (one, seq, basis) VALUES (1, 0, :basis)"
COUNTED_TO = "UPDATE figure_head SET seq = :until WHERE one = 1"
HISTORIES = statement(
    "SELECT p.fid,", listed(BATCH, "b."), ",", listed(EVENT, "e."),
    "FROM event e JOIN plot p ON p.plot_id = e.plot_id JOIN batch b ON b.name = p.batch",
    "WHERE e.seq <= :until AND e.plot_id IN",
    "(SELECT c.plot_id FROM event c WHERE c.seq > :since AND c.seq <= :until)",
    "ORDER BY e.plot_id, e.seq",
)  # fmt: skip
NUMBERS = "SELECT batch, standing, number FROM figure_standing WHERE"
TRAITS = ("township", "code", "reviewer")
TRAIT_NUMBERS = "SELECT township, code, reviewer, number FROM figure_trait WHERE"
SPAN = ("fid", "from_day", "until_day", "standing", "trait")
OPEN_SPANS = """SELECT fid, from_day, standing, trait FROM figure_span
WHERE until_day = '9999-12-31' AND"""
CLOSE_SPANS = "DELETE FROM figure_span WHERE until_day = '9999-12-31' AND"
COUNT_DAY = """INSERT INTO figure_day (standing, day, n) VALUES (:standing, :day, :n)
ON CONFLICT (standing, day) DO UPDATE SET n = figure_day.n + excluded.n"""
STANDINGS = """SELECT g.standing, CAST(SUM(d.n) AS BIGINT)
FROM figure_standing g JOIN figure_day d ON d.standing = g.number
WHERE g.batch = :batch AND d.day <= :day GROUP BY g.number, g.standing HAVING SUM(d.n) <> 0"""
RAW: Mapping[Raw, str] = MappingProxyType(
    {
        "none": "''",
        "township": "t.township",
        "river": "COALESCE(x.river_code, x.river, '')",
        "code": "t.code",
        "type_issued": "COALESCE(s.type_issued, '')",
        "reviewer": "t.reviewer",
    }
)
"""What a breakdown reads of a plot ``s`` with its traits ``t`` and facts ``x``."""

STOOD = """FROM figure_span f JOIN figure_standing g ON g.number = f.standing
JOIN figure_trait t ON t.number = f.trait
JOIN plot_state s ON s.fid = f.fid LEFT JOIN facts x ON x.plot_id = s.plot_id
WHERE g.batch = :batch AND f.from_day <= :day AND f.until_day > :day"""
RIVERS = """SELECT DISTINCT COALESCE(x.river_code, x.river), COALESCE(x.river, x.river_code)
FROM facts x JOIN plot_state s ON s.plot_id = x.plot_id
WHERE s.batch = :batch AND (x.river IS NOT NULL OR x.river_code IS NOT NULL)"""
BEHIND = "SELECT s.fid, s.plot_id, s.source_id, s.type_issued, g.standing,"
AFTER = "AND f.fid > :after AND"
BY_FID = "ORDER BY f.fid"
RECORDED = "SELECT recorded_at FROM event WHERE seq = :seq"
LAST = "SELECT seq FROM head WHERE one = 1"
LEAGUE = tuple(field.name for field in fields(League))
PUBLISH = insert("league", LEAGUE)
PUBLISHED = statement("SELECT", listed(LEAGUE), "FROM league WHERE batch = :batch")
NEWEST_FIRST = "ORDER BY number DESC"


class FigureRecords:
    """The counts over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def counted(self) -> tuple[int, str]:
        """Number of the last event that is counted, and by which formulas and calendar."""
        with self._engine.view() as connection:
            return _counted(connection)

    def begin(self, basis: str) -> None:
        """Forget every count and begin anew by other formulas or another calendar."""

        def work(connection: Connection) -> None:
            if _counted(connection)[1] == basis:
                return
            for command in FORGET:
                connection.execute(command)
            connection.execute(BEGIN, {"basis": basis})

        self._engine.write(work)

    def histories(self, since: int, until: int) -> Iterator[tuple[int, Batch, Sequence[Event]]]:
        """Plots with events in a range of numbers, each with its batch and all events up to it."""
        own = 1 + len(BATCH)
        with self._engine.view() as connection:
            rows = connection.stream(HISTORIES, {"since": since, "until": until})
            for _, plot in groupby(rows, key=lambda row: row[0]):
                first, *others = plot
                events = [event_of(row[own:]) for row in (first, *others)]
                yield first[0], batch_of(first[1:own]), events

    def add(self, since: int, until: int, basis: str, plots: Sequence[PlotDays]) -> bool:
        """Count the events of a range, in one commit; false when somebody else has."""

        def work(connection: Connection) -> bool:
            if _counted(connection) != (since, basis):
                return False
            _add(connection, plots)
            connection.execute(COUNTED_TO, {"until": until})
            return True

        return self._engine.write(work)

    def standings(self, batch: str, day: str) -> list[tuple[str, int]]:
        """Standings at the end of a day, each with the number of plots that have it."""
        with self._engine.view() as connection:
            rows = connection.execute(STANDINGS, {"batch": batch, "day": day})
            return [(standing, n) for standing, n in rows]

    def parts(self, batch: str, day: str, raw: Raw) -> list[tuple[str, str, int]]:
        """Standings at the end of a day by what a breakdown reads, each with its number of plots."""
        told = RAW[raw]
        sql = statement(
            "SELECT g.standing,", told, ", COUNT(*)", STOOD, "GROUP BY g.number, g.standing,", told
        )
        with self._engine.view() as connection:
            rows = connection.execute(sql, {"batch": batch, "day": day})
            return [(standing, part, n) for standing, part, n in rows]

    def rivers(self, batch: str) -> Mapping[str, str]:
        """Names of rivers, by what the breakdown by river reads."""
        with self._engine.view() as connection:
            return dict(connection.execute(RIVERS, {"batch": batch}).fetchall())

    def behind(
        self,
        scope: Scope,
        batch: str,
        day: str,
        wanted: Collection[tuple[str, str]],
        after: int,
        limit: int,
        *,
        raw: Raw = "none",
    ) -> list[PlotStanding]:
        """Plots that had one of some standings at the end of a day, by ``fid``."""
        if not wanted:
            return []
        where = seen(scope)
        params: dict[str, object] = {"batch": batch, "day": day, "after": after}
        standings = sorted({standing for standing, _ in wanted})
        if len(standings) <= MANY:
            named = among("g.standing", standings)
            where.also(named.sql, **named.params)
        found = list[PlotStanding]()
        sql = statement(BEHIND, RAW[raw], STOOD, AFTER, where.sql, BY_FID)
        with self._engine.view() as connection:
            for row in connection.stream(sql, where.params | params):
                if row[-2:] in wanted:
                    found.append(PlotStanding(*row))
                    if len(found) == limit:
                        break
        return found

    def last_event(self, before: str) -> int:
        """Number of the last event before an instant; events follow each other in time."""
        with self._engine.view() as connection:

            def recorded(seq: int) -> str:
                row = connection.execute(RECORDED, {"seq": seq}).fetchone()
                return str(row[0]) if row else ""

            (last,) = connection.execute(LAST).fetchone() or (0,)
            return bisect_left(range(1, last + 1), before, key=recorded)

    # Published tables ----------------------------------------------------------------------------

    def publish(self, league: League) -> None:
        """Keep a table as it was shown."""
        run(self._engine, PUBLISH, {name: getattr(league, name) for name in LEAGUE})

    def published(self, batch: str, scope: Scope) -> list[League]:
        """Published tables of areas that meet the scope, newest first."""
        sql = statement(PUBLISHED, NEWEST_FIRST)
        with self._engine.view() as connection:
            found = [League(*row) for row in connection.execute(sql, {"batch": batch})]
        return [league for league in found if _meets(league.area, scope)]


def _meets(area: str, scope: Scope) -> bool:
    """Whether a scope lies in an area, or an area in a scope."""
    return scope.holds(area) or any(prefix.startswith(area) for prefix in scope.prefixes)


def _counted(connection: Connection) -> tuple[int, str]:
    row = connection.execute(COUNTED).fetchone()
    return (0, "") if row is None else (int(row[0]), str(row[1]))


Stood = tuple[int, int]
"""Numbers of a plot's standing and of its traits."""


@dataclass(slots=True)
class _Changes:
    """What is written of a range of events."""

    n: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    spans: list[Row] = field(default_factory=list)
    reopened: list[int] = field(default_factory=list)

    def follow(
        self, fid: int, days: Iterable[tuple[str, Stood]], begun: tuple[str, Stood] | None
    ) -> None:
        """A plot from where it stood to where it stands."""
        last = begun
        for day, stood in days:
            if last is not None:
                since, before = last
                if before == stood:
                    continue
                self.n[before[0], day] -= 1
                if since < day:
                    self.spans.append((fid, since, day, *before))
            self.n[stood[0], day] += 1
            last = (day, stood)
        if last is not None and last != begun:
            self.reopened.append(fid)
            self.spans.append((fid, last[0], NEVER, *last[1]))


def _add(connection: Connection, plots: Sequence[PlotDays]) -> None:
    every = [(plot.batch, text, told) for plot in plots for _, text, told in plot.days]
    standings = _numbers(
        connection, "figure_standing", ("batch", "standing"), NUMBERS, {(b, t) for b, t, _ in every}
    )
    traits = _numbers(
        connection, "figure_trait", TRAITS, TRAIT_NUMBERS, {told for _, _, told in every}
    )
    begun = _begun(connection, [plot.fid for plot in plots])
    changes = _Changes()
    for plot in plots:
        days = ((day, (standings[plot.batch, text], traits[told])) for day, text, told in plot.days)
        changes.follow(plot.fid, days, begun.get(plot.fid))
    counts = [
        {"standing": standing, "day": day, "n": n} for (standing, day), n in changes.n.items() if n
    ]
    connection.executemany(COUNT_DAY, counts)
    if changes.reopened:
        where = among("fid", changes.reopened)
        connection.execute(statement(CLOSE_SPANS, where.sql), where.params)
        connection.bulk("figure_span", SPAN, changes.spans)


def _numbers(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    select: str,
    wanted: Iterable[tuple[str, ...]],
) -> dict[tuple[str, ...], int]:
    """Numbers of what a table has once each; what is new gets one."""
    asked = sorted(wanted)
    if not asked:
        return {}
    known = _known_numbers(connection, columns, select, asked)
    new = [values for values in asked if values not in known]
    if new:
        connection.bulk(table, columns, new)
        known |= _known_numbers(connection, columns, select, new)
    return known


def _known_numbers(
    connection: Connection, columns: Sequence[str], select: str, wanted: Sequence[tuple[str, ...]]
) -> dict[tuple[str, ...], int]:
    where = among_rows(columns, wanted)
    rows = connection.execute(statement(select, where.sql), where.params)
    return {tuple(values): number for *values, number in rows}


def _begun(connection: Connection, fids: Sequence[int]) -> dict[int, tuple[str, Stood]]:
    """Since when plots stand where they do, and where."""
    if not fids:
        return {}
    where = among("fid", fids)
    rows = connection.execute(statement(OPEN_SPANS, where.sql), where.params)
    return {fid: (day, (standing, trait)) for fid, day, standing, trait in rows}
