"""Plots that are there already, changed by a further delivery or taken back with their file.

All of a file goes in one commit, chunk by chunk, judged while the store's lock is held: a mark that
comes meanwhile is there before or comes after, and is never lost.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from georeview.core.access import Scope
from georeview.core.deliveries import OF_FILES
from georeview.core.ledger import Draft, Value
from georeview.core.plot import Review
from georeview.errors import NotFound
from georeview.errors.work import AlreadyRetracted, BuiltUpon, ReviewBegun
from georeview.storage.clocks import keep_clocks
from georeview.storage.engine import Connection, Engine, Row, listed, parse, statement
from georeview.storage.facts import put
from georeview.storage.intake import add
from georeview.storage.keeping import CHANGED
from georeview.storage.ledger import STATES, Chain, head_of, visible
from georeview.storage.plots import plots_among
from georeview.storage.ports.deliveries import Entries, Past, Revision, TakeBack
from georeview.storage.ports.ledger import Pending
from georeview.storage.ports.plots import Batch, Import, NewPlot
from georeview.storage.records import (
    GIVEN,
    IMPORT,
    WHOLE,
    due_of,
    given_of,
    given_values,
    review_of,
    state_values,
    whole_values,
)
from georeview.storage.where import among

Said = Mapping[str, Value]

CHUNK = 1000
"""Plots changed together."""

NAMED = 10
"""Plots that a refusal names."""

_BRINGS = "e.seq BETWEEN :first AND :last AND e.action IN ('import', 'revise')"
FILES = statement(
    "SELECT", listed(IMPORT), "FROM import_file",
    "WHERE import_id = :name OR substr(import_id, 1, length(:start)) = :start ORDER BY number",
)  # fmt: skip
FILE = """SELECT batch, file, first_seq, last_seq, retracted_at FROM import_file
WHERE import_id = :import_id"""
NEW = statement(
    "SELECT e.plot_id FROM event e WHERE", _BRINGS, "AND e.action = 'import' ORDER BY e.seq"
)
BEFORE = statement(
    "SELECT e.before,", listed(GIVEN, "x."), "FROM plot_past x JOIN event e",
    "ON e.seq = x.replaced_by AND e.plot_id = x.plot_id WHERE", _BRINGS, "AND e.action = 'revise'",
    "ORDER BY x.replaced_by",
)  # fmt: skip
"""What a file's plots were before it changed them."""

BROUGHT = statement("SELECT e.action, COUNT(*) FROM event e WHERE", _BRINGS, "GROUP BY e.action")
REVIEWED = statement(
    "SELECT DISTINCT p.source_id FROM event e JOIN event l ON l.plot_id = e.plot_id",
    "JOIN plot p ON p.plot_id = e.plot_id WHERE", _BRINGS, "AND l.seq > :last AND l.action NOT IN (",
    ", ".join(f"'{action}'" for action in sorted(OF_FILES)), ") ORDER BY p.source_id",
)  # fmt: skip
LATER = statement(
    "SELECT f.file FROM import_file f WHERE f.batch = :batch AND f.first_seq > :last",
    "AND f.retracted_at IS NULL AND EXISTS (SELECT 1 FROM event l",
    "WHERE l.seq BETWEEN f.first_seq AND f.last_seq AND l.action IN ('import', 'revise')",
    "AND l.plot_id IN (SELECT e.plot_id FROM event e WHERE", _BRINGS, ")) ORDER BY f.number",
)  # fmt: skip
KEEP_PAST = statement(
    "INSERT INTO plot_past (replaced_by,", listed(GIVEN), ") SELECT :replaced_by,",
    listed(GIVEN), "FROM plot WHERE plot_id = :plot_id",
)  # fmt: skip
RETRACTED = "UPDATE import_file SET retracted_at = :at WHERE import_id = :import_id"
PASTS = statement(
    "SELECT replaced_by,", listed(GIVEN), "FROM plot_past WHERE plot_id = :plot_id",
    "ORDER BY replaced_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _File:
    """A file as it was kept: its commit is one range of the ledger."""

    batch: str
    file: str
    first_seq: int | None
    last_seq: int | None
    retracted_at: str | None

    @property
    def span(self) -> dict[str, object]:
        """The values of ``_BRINGS``; a file that brought no plot has none."""
        return {"first": self.first_seq or 0, "last": self.last_seq or -1}


class DeliveryRecords:
    """Deliveries over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        batch: Batch,
        source: Import,
        entries: Iterable[Entries],
        revisions: Iterable[Revision] = (),
    ) -> tuple[int, int]:
        """Keep a file's new plots, and change those that are there, all in one commit."""

        def work(connection: Connection) -> tuple[int, int]:
            since = head_of(connection).seq
            revised = revise(connection, revisions)
            return add(connection, batch, source, entries, since=since), revised

        return self._engine.write(work)

    def files(self, name: str) -> list[Import]:
        """A file by its id, or all files of the load whose ids begin with this; in their order."""
        with self._engine.view() as connection:
            found = connection.execute(FILES, {"name": name, "start": f"{name}-"})
            return [source for source in (Import(*row) for row in found) if _is_of(source, name)]

    def before(self, import_id: str) -> list[NewPlot]:
        """What the plots that a file changed were before it; not those it brought."""
        with self._engine.view() as connection:
            file = _file(connection, import_id)
            return [given_of(row[1:]) for row in connection.execute(BEFORE, file.span)]

    def brought(self, import_ids: Sequence[str]) -> tuple[int, int]:
        """How many plots files brought, and how many they changed."""
        new = changed = 0
        with self._engine.view() as connection:
            for import_id in import_ids:
                span = _file(connection, import_id).span
                counted: dict[str, int] = dict(connection.execute(BROUGHT, span).fetchall())
                new += counted.get("import", 0)
                changed += counted.get("revise", 0)
        return new, changed

    def retract(self, taken: TakeBack) -> tuple[int, int]:
        """Undo files as one; how many plots were withdrawn, and how many are what they were."""
        return self._engine.write(lambda connection: retract(connection, taken))

    def pasts(self, scope: Scope, plot_id: str) -> list[Past]:
        """What a plot was before each change, oldest first."""
        with self._engine.view() as connection:
            visible(connection, scope, plot_id)
            rows = connection.execute(PASTS, {"plot_id": plot_id})
            return [Past(row[0], given_of(row[1:])) for row in rows]


# Changing ----------------------------------------------------------------------------------------


def revise(connection: Connection, revisions: Iterable[Revision]) -> int:
    """Give plots other shapes and values in the transaction that is open; how many.

    Raises:
        NotFound: There is no such plot.
    """
    remaining, count = iter(revisions), 0
    while chunk := list(islice(remaining, CHUNK)):
        _revise(connection, chunk)
        put(connection, [revision.facts for revision in chunk if revision.facts is not None])
        count += len(chunk)
    return count


def _revise(connection: Connection, chunk: Sequence[Revision]) -> None:
    ids = [revision.plot.plot_id for revision in chunk]
    there = {plot.given.plot_id: plot for plot in plots_among(connection, "s.plot_id", ids)}
    missing = [plot_id for plot_id in ids if plot_id not in there]
    if missing:
        raise NotFound(what=missing[0])
    chain = Chain(head_of(connection), {name: plot.review for name, plot in there.items()})
    past, whole = [], []
    for revision in chunk:
        plot = there[revision.plot.plot_id]
        number, at = _chained(chain, revision.judge(plot.review))
        past.append({"replaced_by": number, "plot_id": revision.plot.plot_id})
        whole.append(
            whole_values(
                plot.fid,
                revision.plot,
                plot.facts,
                state_values(chain.reviews[revision.plot.plot_id]),
                due=due_of(chain.reviews[revision.plot.plot_id], plot.review_due, plot.rectify_due),
                updated_at=at,
            )
        )
    connection.executemany(KEEP_PAST, past)
    connection.change("plot", GIVEN, [given_values(revision.plot) for revision in chunk])
    chain.write(connection)
    connection.change("plot_state", WHOLE, whole)


def _chained(chain: Chain, drafts: Sequence[Draft]) -> tuple[int, str]:
    """Put the events of one plot at the end; number of the first, time of the last."""
    first = chain.head.seq + 1
    for draft in drafts:
        chain.add(Pending(draft))
    return first, drafts[-1].recorded_at


# Taking back -------------------------------------------------------------------------------------


def retract(connection: Connection, taken: TakeBack) -> tuple[int, int]:
    """Undo files as one, the last first, in the transaction that is open.

    Returns:
        How many plots were withdrawn, and how many are again what they were.

    Raises:
        NotFound: There is no such file.
        AlreadyRetracted: It has been taken back.
        BuiltUpon: A later file has changed its plots.
        ReviewBegun: Somebody has reviewed some of them.
    """
    head_of(connection)  # the lock
    withdrawn = restored = 0
    for import_id in reversed(taken.import_ids):
        file = _file(connection, import_id)
        _need_untouched(connection, file)
        withdrawn += _withdraw(connection, file, partial(taken.withdraw, import_id), taken.advance)
        restored += revise(connection, _as_before(connection, file, import_id, taken))
        connection.execute(RETRACTED, {"at": taken.at, "import_id": import_id})
    return withdrawn, restored


def _is_of(source: Import, name: str) -> bool:
    return source.import_id == name or source.import_id.removeprefix(f"{name}-").isdigit()


def _file(connection: Connection, import_id: str) -> _File:
    row = connection.execute(FILE, {"import_id": import_id}).fetchone()
    if row is None:
        raise NotFound(what=import_id)
    return _File(*row)


def _need_untouched(connection: Connection, file: _File) -> None:
    if file.retracted_at is not None:
        raise AlreadyRetracted(file=file.file, at=file.retracted_at)
    later = connection.execute(LATER, {**file.span, "batch": file.batch}).fetchone()
    if later is not None:
        raise BuiltUpon(file=file.file, later=later[0])
    reviewed = [row[0] for row in connection.execute(REVIEWED, file.span)]
    if reviewed:
        shown = ", ".join(reviewed[:NAMED]) + (" …" if len(reviewed) > NAMED else "")
        raise ReviewBegun(file=file.file, n=len(reviewed), plots=shown)


def _withdraw(
    connection: Connection,
    file: _File,
    judge: Callable[[Review], Draft],
    advance: Callable[[int], None],
) -> int:
    """Withdraw the plots that a file brought, some at a time; how many."""
    rows_of_new, count = connection.stream(NEW, file.span), 0
    while some := [row[0] for row in islice(rows_of_new, CHUNK)]:
        where = among("s.plot_id", some)
        rows = connection.execute(statement(STATES, where.sql), where.params)
        chain = Chain(head_of(connection), {row[0]: review_of(row) for row in rows})
        found, changed = dict(chain.reviews), list[Row]()
        for state in list(chain.reviews.values()):
            _, moment = _chained(chain, [judge(state)])
            changed.append((*state_values(chain.reviews[state.plot_id]), moment))
        chain.write(connection)
        connection.change("plot_state", CHANGED, changed)
        keep_clocks(connection, found, list(chain.reviews.values()))
        count += len(some)
        advance(len(some))
    return count


def _as_before(
    connection: Connection, file: _File, import_id: str, taken: TakeBack
) -> Iterator[Revision]:
    """The plots that a file changed, as they were."""
    for said, *columns in connection.stream(BEFORE, file.span):
        given, was = given_of(tuple(columns)), parse(said)

        def judge(state: Review, given: NewPlot = given, was: Said = was) -> list[Draft]:
            return [taken.restore(import_id, state, given, was)]

        yield Revision(given, taken.facts.get(given.plot_id), judge)
        taken.advance(1)
