"""Plots as they came, with their review and facts beside."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from georeview.core.access import EVERYTHING, Scope
from georeview.core.lineage import Earlier
from georeview.core.locks import Lock
from georeview.core.plot import Stage
from georeview.core.query import Filter, PageOf
from georeview.errors import NotFound
from georeview.storage import where as conditions
from georeview.storage.engine import Connection, Engine, Row, listed, statement
from georeview.storage.ports.plots import Batch, Import, NewPlot, Page, Plot, Rows
from georeview.storage.records import (
    BATCH,
    FACTS,
    GIVEN,
    IMPORT,
    LOCK,
    STATE,
    batch_of,
    given_of,
    plot_of,
)
from georeview.storage.remembered import PlotMemory
from georeview.storage.where import SORT_COLUMNS, Where
from georeview.storage.where_condition import UNKNOWN_SIZE

BATCHES = statement("SELECT", listed(BATCH, "b."), "FROM batch b WHERE")
SEES_ONE = "EXISTS (SELECT 1 FROM plot_state s WHERE s.batch = b.name AND"
NEWEST_FIRST = "ORDER BY b.created_at DESC, b.name DESC"
IMPORTS = statement(
    "SELECT", listed(IMPORT), "FROM import_file WHERE batch = :batch ORDER BY number"
)
KNOWN = statement(
    "SELECT", listed(GIVEN, "p."), "FROM plot p JOIN plot_state s ON s.fid = p.fid",
    "WHERE s.stage <> 'withdrawn' AND",
)  # fmt: skip
WITHDRAWN = """SELECT p.source_id, p.plot_id FROM plot p JOIN plot_state s ON s.fid = p.fid
WHERE s.stage = 'withdrawn' AND"""
LAST_HASH = "(SELECT v.hash FROM event v WHERE v.seq = s.seq)"
PHOTOS = "(SELECT COUNT(*) FROM evidence e WHERE e.plot_id = s.plot_id AND e.kind = 'E_PHOTO')"
WHOLE_PLOT = statement(
    "SELECT s.fid,",
    listed(GIVEN, "p."), ",",
    listed(STATE, "s."), ", s.updated_at, b.review_due, b.rectify_due, b.hard,",
    PHOTOS, ", s.conflicts,", LAST_HASH, ",", listed(FACTS, "f."),
    "FROM plot_state s JOIN plot p ON p.fid = s.fid JOIN batch b ON b.name = s.batch",
    "LEFT JOIN facts f ON f.plot_id = s.plot_id WHERE",
)  # fmt: skip
PRESENT = statement(
    "SELECT s.plot_id, s.updated_at,", PHOTOS, ", s.conflicts,", listed(LOCK, "l."), ",",
    LAST_HASH, ", (SELECT h.facts_seq FROM head h WHERE h.one = 1)",
    "FROM plot_state s LEFT JOIN plot_lock l ON l.plot_id = s.plot_id WHERE",
)  # fmt: skip
"""What tells whether a plot is as it is remembered, and what is not remembered of it."""

EARLIER_BATCHES = """SELECT b.name FROM batch b WHERE b.name <> :batch AND NOT EXISTS (
    SELECT 1 FROM batch o WHERE o.name = :batch AND (o.created_at, o.name) < (b.created_at, b.name))"""
EARLIER = """SELECT p.plot_id, p.batch, p.source_id, p.wkb, s.mark, s.reason, s.violation, s.outcome
FROM plot p JOIN plot_state s ON s.fid = p.fid
WHERE s.stage NOT IN ('withdrawn', 'merged') AND"""
BEGINNING = "SELECT p.source_id FROM plot p WHERE"
NUMBERS = "SELECT s.source_id FROM plot_state s WHERE"
FIDS = "SELECT s.fid FROM plot_state s WHERE"
COUNT = "SELECT COUNT(*) FROM plot_state s WHERE"
COUNTS = "SELECT s.mark, COUNT(*) FROM plot_state s WHERE"
STAGES = "SELECT s.stage, COUNT(*) FROM plot_state s WHERE"
SHOWN = (
    "fid", "plot_id", "source_id", "mark", "mark_state", "stage", "version", "type_issued",
    "list_county", "list_township", "river", "size_m2", "band", "suggestion", "lon", "lat",
    "conflicts",
)  # fmt: skip
"""The columns of ``Rows``, in its order, apart from the last."""

SIZE = SHOWN.index("size_m2")

ROWS = statement(
    "SELECT", listed(SHOWN, "s."), ", ROW_NUMBER() OVER (ORDER BY s.risk, s.fid)",
    "FROM plot_state s WHERE",
)  # fmt: skip
MARKS = "SELECT s.mark, s.mark_state, s.conflicts FROM plot_state s WHERE"
LAST_IMPORT = """SELECT import_id, (SELECT MAX(r.retracted_at) FROM import_file r
WHERE r.batch = :batch), (SELECT CAST(MAX(s.fid) AS TEXT) FROM plot_state s
WHERE s.batch = :batch AND s.parent IS NOT NULL) FROM import_file WHERE batch = :batch ORDER BY number DESC LIMIT 1"""
SHAPES = "SELECT s.fid, p.wkb FROM plot_state s JOIN plot p ON p.fid = s.fid WHERE"
CHUNK = 2000
PART = 20_000
"""Rows handed over together where they are only columns."""


class PlotRecords:
    """The plots over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # Batches -------------------------------------------------------------------------------------

    def batches(self, scope: Scope) -> list[Batch]:
        """Batches of which the scope sees a plot, or whose area it holds; newest first."""
        own, inside = conditions.held(scope, "b.area"), conditions.seen(scope)
        sql = statement(BATCHES, "(", own.sql, ") OR", SEES_ONE, inside.sql, ")", NEWEST_FIRST)
        with self._engine.view() as connection:
            return [batch_of(row) for row in connection.execute(sql, own.params | inside.params)]

    def imports(self, batch: str) -> list[Import]:
        """Files taken in for a batch, oldest first."""
        with self._engine.view() as connection:
            return [Import(*row) for row in connection.execute(IMPORTS, {"batch": batch})]

    def known(self, batch: str, numbers: Sequence[str]) -> Mapping[str, NewPlot]:
        """Number as issued → the plot of the batch as it was taken in, for some numbers."""
        if not numbers:
            return {}
        where = conditions.among("p.source_id", numbers)
        where.also("p.batch = :batch", batch=batch)
        with self._engine.view() as connection:
            rows = connection.execute(statement(KNOWN, where.sql), where.params)
            return {plot.source_id: plot for plot in map(given_of, rows)}

    def withdrawn(self, batch: str, numbers: Sequence[str]) -> Mapping[str, str]:
        """Number as issued → id of the plot that was withdrawn from the batch, for some numbers."""
        if not numbers:
            return {}
        where = conditions.among("p.source_id", numbers)
        where.also("p.batch = :batch", batch=batch)
        with self._engine.view() as connection:
            return dict(connection.execute(statement(WITHDRAWN, where.sql), where.params))

    def earlier(self, batch: str, boxes: Iterable[Sequence[float]]) -> list[Earlier]:
        """Plots of batches that came before one, where their boxes meet some boxes."""
        with self._engine.view() as connection:
            names = [name for (name,) in connection.execute(EARLIER_BATCHES, {"batch": batch})]
            if not names:
                return []
            where = conditions.among("s.batch", names)
            inside = statement(FIDS, self._engine.dialect.box, "AND", where.sql)
            found: set[int] = set()
            for box in boxes:
                sides = dict(zip(("west", "south", "east", "north"), box, strict=True))
                found.update(n for (n,) in connection.execute(inside, where.params | sides))
            fids, rows = sorted(found), list[Row]()
            for start in range(0, len(fids), CHUNK):
                some = conditions.among("s.fid", fids[start : start + CHUNK])
                rows += connection.execute(
                    statement(EARLIER, some.sql, "ORDER BY p.fid"), some.params
                )
        return [Earlier(*row) for row in rows]

    def numbers(self, batch: str) -> Iterator[Sequence[str]]:
        """Numbers of all plots of a batch, part by part in the order in which they came."""
        for rows in self._parts(NUMBERS, EVERYTHING, batch):
            yield [number for (number,) in rows]

    def beginning(self, batch: str, start: str) -> list[str]:
        """Numbers of a batch that begin with a text."""
        where = conditions.Where()
        where.also("p.batch = :batch AND p.source_id >= :start", batch=batch, start=start)
        end = conditions.after_prefix(start)
        if end is not None:
            where.also("p.source_id < :end", end=end)
        with self._engine.view() as connection:
            return [
                row[0] for row in connection.execute(statement(BEGINNING, where.sql), where.params)
            ]

    def issued(self, scope: Scope, batch: str) -> tuple[int, int]:
        """How many plots were issued, whatever became of them, and how many there are now."""
        every = Filter(batch=batch, stages=tuple(Stage))
        whole, parts = self._where(scope, every), self._where(scope, every)
        parts.also("s.parent IS NOT NULL")
        now = self._where(scope, Filter(batch=batch))
        with self._engine.view() as connection:
            issued = _count(connection, whole) - _count(connection, parts)
            return issued, _count(connection, now)

    def counts(self, scope: Scope, batch: str) -> Mapping[str, int]:
        """How many plots carry each mark."""
        where = self._where(scope, Filter(batch=batch))
        with self._engine.view() as connection:
            sql = statement(COUNTS, where.sql, "GROUP BY s.mark ORDER BY s.mark")
            return dict(connection.execute(sql, where.params))

    def stages(self, scope: Scope, where: Filter) -> Mapping[str, int]:
        """How many plots lie in each stage."""
        found = self._where(scope, where)
        with self._engine.view() as connection:
            sql = statement(STAGES, found.sql, "GROUP BY s.stage")
            return dict(connection.execute(sql, found.params))

    # Single plots --------------------------------------------------------------------------------

    def get(self, scope: Scope, plot_id: str) -> Plot:
        """One plot."""
        with self._engine.view() as connection:
            plot = known_plots(connection, self._engine.remembered, [plot_id]).get(plot_id)
        if plot is None or not scope.sees(plot.review, plot.given.batch):
            raise NotFound(what=plot_id)
        return plot

    def by_source(self, scope: Scope, batch: str, source_id: str) -> Plot:
        """One plot by the number it was issued under."""
        where = self._where(scope, Filter(batch=batch))
        where.also("p.batch = :batch AND p.source_id = :source_id", source_id=source_id)
        with self._engine.view() as connection:
            row = connection.execute(statement(WHOLE_PLOT, where.sql), where.params).fetchone()
        if row is None:
            raise NotFound(what=f"{batch}/{source_id}")
        return plot_of(row)

    # Lists ---------------------------------------------------------------------------------------

    def page(self, scope: Scope, where: Filter, page: PageOf, *, count: bool) -> Page:
        """A part of a list; ``risk`` sorts as the queue does."""
        wanted = conditions.plots(scope, where, self._engine.dialect, walked=True)
        with self._engine.view() as connection:
            matched = _count(connection, self._where(scope, where)) if count else None
            conditions.add_start(wanted, page)
            sql = statement(
                "SELECT s.fid,", SORT_COLUMNS[page.sort], "FROM plot_state s WHERE",
                wanted.sql, "ORDER BY", conditions.order(page), "LIMIT :limit",
            )  # fmt: skip
            keys = connection.execute(sql, wanted.params | {"limit": page.limit + 1}).fetchall()
            shown = keys[: page.limit]
            items = _whole(connection, [fid for fid, _ in shown])
        after = (shown[-1][1], str(shown[-1][0])) if len(keys) > len(shown) > 0 else None
        return Page(items, after, matched)

    def stream(self, scope: Scope, where: Filter, *, chunk: int = CHUNK) -> Iterator[list[Plot]]:
        """All plots of a filter in ``fid`` order, as one consistent view."""
        wanted = self._where(scope, where)
        with self._engine.view() as connection:
            sql = statement(FIDS, wanted.sql, "ORDER BY s.fid")
            fids = array("q", (fid for (fid,) in connection.stream(sql, wanted.params)))
            for start in range(0, len(fids), chunk):
                yield _whole(connection, fids[start : start + chunk].tolist())

    def rows(self, scope: Scope, batch: str) -> Iterator[Rows]:
        """The viewer's queue as columns, part by part in ``fid`` order, as one consistent view."""
        for rows in self._parts(ROWS, scope, batch):
            columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
            columns[SIZE] = [None if value == UNKNOWN_SIZE else value for value in columns[SIZE]]
            yield Rows(*columns)

    def marks(self, scope: Scope, batch: str) -> Iterator[Sequence[tuple[str, str, int]]]:
        """``mark``, ``mark_state`` and ``conflicts`` of the same plots in the order of ``rows``."""
        for rows in self._parts(MARKS, scope, batch):
            yield [(mark, state, conflicts) for mark, state, conflicts in rows]

    def fids(self, scope: Scope, batch: str) -> Sequence[int]:
        """The numbers of the same plots, rising."""
        return array("q", (row[0] for rows in self._parts(FIDS, scope, batch) for row in rows))

    def shapes(self, scope: Scope, batch: str) -> Iterator[tuple[Sequence[int], Sequence[bytes]]]:
        """``fid`` and WKB of the same plots, part by part in the same order."""
        for rows in self._parts(SHAPES, scope, batch):
            fids, shapes = zip(*rows, strict=True)
            yield fids, shapes

    def last_import(self, batch: str) -> str | None:
        """Names the state of the shapes: the last file, when one was taken back, the last part."""
        with self._engine.view() as connection:
            row = connection.execute(LAST_IMPORT, {"batch": batch}).fetchone()
        return None if row is None else " ".join(filter(None, row))

    def _parts(self, select: str, scope: Scope, batch: str) -> Iterator[list[Row]]:
        where = self._where(scope, Filter(batch=batch))
        sql = statement(select, where.sql, "ORDER BY s.fid")
        with self._engine.view() as connection:
            rows = connection.stream(sql, where.params)
            while part := list(islice(rows, PART)):
                yield part

    def _where(self, scope: Scope, wanted: Filter) -> Where:
        return conditions.plots(scope, wanted, self._engine.dialect)


def _count(connection: Connection, where: Where) -> int:
    row = connection.execute(statement(COUNT, where.sql), where.params).fetchone()
    return int(row[0]) if row else 0


def _whole(connection: Connection, fids: list[int]) -> list[Plot]:
    """Plots by number, in the order of the numbers given."""
    if not fids:
        return []
    found = {plot.fid: plot for plot in plots_among(connection, "s.fid", fids)}
    return [found[fid] for fid in fids]


def plots_among(connection: Connection, column: str, values: Sequence[object]) -> list[Plot]:
    """Plots one of whose columns has one of the values; in no order."""
    where = conditions.among(column, values)
    return [
        plot_of(row) for row in connection.execute(statement(WHOLE_PLOT, where.sql), where.params)
    ]


def known_plots(
    connection: Connection, memory: PlotMemory, plot_ids: Sequence[str]
) -> dict[str, Plot]:
    """Plots by id, those that are there; only those are read whole that are not remembered."""
    where = conditions.among("s.plot_id", plot_ids)
    rows = connection.execute(statement(PRESENT, where.sql), where.params).fetchall()
    found: dict[str, Plot] = {}
    locks: dict[str, Lock] = {}
    for plot_id, updated_at, photos, conflicts, *lock, last_hash, facts_seq in rows:
        if lock[0] is not None:
            locks[plot_id] = Lock(*lock)
        plot = memory.get(plot_id, last_hash, facts_seq)
        if plot is not None and (plot.updated_at, plot.photos) != (updated_at, photos):
            plot = replace(plot, updated_at=updated_at, photos=photos)
        if plot is not None and plot.conflicts != conflicts:
            plot = replace(plot, conflicts=conflicts)
        if plot is not None:
            found[plot_id] = plot
    missing = [row[0] for row in rows if row[0] not in found]
    if missing:
        read = plots_among(connection, "s.plot_id", missing)
        memory.keep(read, rows[0][-1])
        found |= {plot.given.plot_id: plot for plot in read}
    for plot_id, plot in found.items():
        if plot.lock != locks.get(plot_id):
            found[plot_id] = replace(plot, lock=locks.get(plot_id))
    return found
