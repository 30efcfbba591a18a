"""Notices of people and units, what of them was read, and how far the ledger has been told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields

from georeview.core.access import Scope
from georeview.core.notices import Told
from georeview.storage.engine import Connection, Engine, listed, statement
from georeview.storage.ports.notices import Notice
from georeview.storage.where import held

COLUMNS = tuple(field.name for field in fields(Notice))
TELL = """INSERT INTO notice (
    kind, user_name, role, area, batch, day, plots, plot_id, actor, seq, at
) SELECT :kind, :user, :role, :area, p.batch, :day, 1, :plot_id, :actor, :seq, :at
FROM plot p WHERE p.plot_id = :plot_id
ON CONFLICT (user_name, role, area, day, kind, batch) DO UPDATE SET
    plots = notice.plots + 1, plot_id = excluded.plot_id, actor = excluded.actor,
    seq = excluded.seq, at = excluded.at
WHERE notice.seq < excluded.seq"""
DONE = "SELECT seq FROM notice_done WHERE what = :what"
MOVE = """INSERT INTO notice_done (what, seq, at) VALUES (:what, :seq, :at)
ON CONFLICT (what) DO UPDATE SET seq = excluded.seq, at = excluded.at"""
OWN = statement(
    "SELECT", listed(COLUMNS), "FROM notice WHERE user_name = :user AND day >= :since",
    "ORDER BY seq DESC LIMIT :lines",
)  # fmt: skip
OF_ROLE = statement(
    "SELECT", listed(COLUMNS), "FROM notice WHERE user_name = '' AND role = :role",
    "AND day >= :since AND",
)  # fmt: skip
READ = "SELECT notice, seq FROM notice_read WHERE user_name = :user"
SET_READ = """INSERT INTO notice_read (user_name, notice, seq) VALUES (:user, :notice, :seq)
ON CONFLICT (user_name, notice) DO UPDATE SET seq = excluded.seq"""


class NoticeRecords:
    """The notices over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def done(self, what: str) -> int | None:
        """Up to which event something has been told; ``None`` when never."""
        with self._engine.view() as connection:
            row = connection.execute(DONE, {"what": what}).fetchone()
        return None if row is None else int(row[0])

    def tell(self, what: str, told: Iterable[Told], seq: int, at: str) -> None:
        """Keep what is told, and that everything up to an event has been, in one commit."""

        def work(connection: Connection) -> None:
            connection.executemany(TELL, [asdict(one) for one in told])
            connection.execute(MOVE, {"what": what, "seq": seq, "at": at})

        self._engine.write(work)

    def of(
        self, user: str, roles: Sequence[tuple[str, Scope]], since: str, limit: int
    ) -> list[Notice]:
        """What a person and the roles it holds were told since a day, newest first."""
        found: dict[int, Notice] = {}
        with self._engine.view() as connection:
            params = {"user": user, "since": since, "lines": limit}
            rows = connection.execute(OWN, params).fetchall()
            for role, scope in roles:
                where = held(scope, "area")
                sql = statement(OF_ROLE, where.sql, "ORDER BY seq DESC LIMIT :lines")
                rows += connection.execute(sql, {**where.params, **params, "role": role}).fetchall()
        for row in rows:
            notice = Notice(*row)
            found[notice.number] = notice
        return sorted(found.values(), key=lambda notice: -notice.seq)[:limit]

    def read(self, user: str) -> Mapping[str, int]:
        """What a person has read, each with what it had come to then."""
        with self._engine.view() as connection:
            return dict(connection.execute(READ, {"user": user}).fetchall())

    def set_read(self, user: str, read: Mapping[str, int]) -> None:
        """Keep that a person has read these."""
        rows = [{"user": user, "notice": name, "seq": seq} for name, seq in read.items()]
        self._engine.write(lambda connection: connection.executemany(SET_READ, rows))
