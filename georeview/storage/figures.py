"""What key figures are counted from: standings, how many plots had them when, and which ones.

A day keeps by how much each standing's number of plots changed, so a table as of any day is one sum
over what was before it, whatever the number of plots.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from itertools import groupby

from georeview.core.access import Scope
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
OPEN_SPANS = "SELECT fid, from_day, standing FROM figure_span WHERE until_day = '9999-12-31' AND"
CLOSE_SPANS = "DELETE FROM figure_span WHERE until_day = '9999-12-31' AND"
COUNT_DAY = """INSERT INTO figure_day (standing, day, n) VALUES (:standing, :day, :n)
ON CONFLICT (standing, day) DO UPDATE SET n = figure_day.n + excluded.n"""
STANDINGS = """SELECT g.standing, CAST(SUM(d.n) AS BIGINT)
FROM figure_standing g JOIN figure_day d ON d.standing = g.number
WHERE g.batch = :batch AND d.day <= :day GROUP BY g.number, g.standing HAVING SUM(d.n) <> 0"""
BEHIND = """SELECT s.fid, s.plot_id, s.source_id, s.type_issued, g.standing
FROM figure_span f JOIN figure_standing g ON g.number = f.standing
JOIN plot_state s ON s.fid = f.fid
WHERE g.batch = :batch AND f.from_day <= :day AND f.until_day > :day AND f.fid > :after AND"""
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

    def behind(
        self, scope: Scope, batch: str, day: str, standings: Sequence[str], after: int, limit: int
    ) -> list[PlotStanding]:
        """Plots that had one of some standings at the end of a day, by ``fid``."""
        if not standings:
            return []
        where = seen(scope)
        params: dict[str, object] = {"batch": batch, "day": day, "after": after}
        if len(standings) <= MANY:
            named = among("g.standing", standings)
            where.also(named.sql, **named.params)
        wanted, found = set(standings), list[PlotStanding]()
        sql = statement(BEHIND, where.sql, BY_FID)
        with self._engine.view() as connection:
            for row in connection.stream(sql, where.params | params):
                if row[-1] in wanted:
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


@dataclass(slots=True)
class _Changes:
    """What is written of a range of events."""

    n: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    spans: list[Row] = field(default_factory=list)
    reopened: list[int] = field(default_factory=list)

    def follow(
        self, plot: PlotDays, numbers: dict[tuple[str, str], int], begun: tuple[str, int] | None
    ) -> None:
        """A plot from the standing it had to the one it has."""
        last = begun
        for day, text in plot.days:
            number = numbers[plot.batch, text]
            if last is not None:
                since, standing = last
                if standing == number:
                    continue
                self.n[standing, day] -= 1
                if since < day:
                    self.spans.append((plot.fid, since, day, standing))
            self.n[number, day] += 1
            last = (day, number)
        if last is not None and last != begun:
            self.reopened.append(plot.fid)
            self.spans.append((plot.fid, last[0], NEVER, last[1]))


def _add(connection: Connection, plots: Sequence[PlotDays]) -> None:
    numbers = _numbers(connection, sorted({(p.batch, text) for p in plots for _, text in p.days}))
    begun = _begun(connection, [plot.fid for plot in plots])
    changes = _Changes()
    for plot in plots:
        changes.follow(plot, numbers, begun.get(plot.fid))
    counts = [
        {"standing": standing, "day": day, "n": n} for (standing, day), n in changes.n.items() if n
    ]
    connection.executemany(COUNT_DAY, counts)
    if changes.reopened:
        where = among("fid", changes.reopened)
        connection.execute(statement(CLOSE_SPANS, where.sql), where.params)
        connection.bulk("figure_span", ("fid", "from_day", "until_day", "standing"), changes.spans)


def _numbers(
    connection: Connection, wanted: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Numbers of standings; those that are new get one."""
    if not wanted:
        return {}
    known = _known_numbers(connection, wanted)
    new = [pair for pair in wanted if pair not in known]
    if new:
        connection.bulk("figure_standing", ("batch", "standing"), new)
        known |= _known_numbers(connection, new)
    return known


def _known_numbers(
    connection: Connection, wanted: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    where = among_rows(("batch", "standing"), wanted)
    rows = connection.execute(statement(NUMBERS, where.sql), where.params)
    return {(batch, standing): number for batch, standing, number in rows}


def _begun(connection: Connection, fids: Sequence[int]) -> dict[int, tuple[str, int]]:
    """Since when plots have the standing they have, and which."""
    if not fids:
        return {}
    where = among("fid", fids)
    rows = connection.execute(statement(OPEN_SPANS, where.sql), where.params)
    return {fid: (day, standing) for fid, day, standing in rows}
