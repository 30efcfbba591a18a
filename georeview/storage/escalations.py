"""Steps issued to counties, over one database."""

from collections.abc import Sequence
from dataclasses import asdict, fields

from georeview.core.access import Scope
from georeview.errors import NotFound
from georeview.errors.escalation import AlreadyIssued
from georeview.storage.engine import Connection, Engine, insert, listed, statement
from georeview.storage.ports.escalations import Escalation
from georeview.storage.where import held

COLUMNS = tuple(field.name for field in fields(Escalation))
KNOWN = """SELECT 1 FROM escalation WHERE batch = :batch AND county = :county AND step = :step
AND document_no = :document_no"""
ADD = insert("escalation", COLUMNS)
SELECT = statement("SELECT", listed(COLUMNS), "FROM escalation WHERE")
ONE = statement(SELECT, "escalation_id = :escalation_id")
NEWEST = "ORDER BY issued_on DESC, at DESC, escalation_id"
ANSWER = """UPDATE escalation SET replied_on = :on, reply = :text, replied_by = :actor
WHERE escalation_id = :escalation_id"""
FORGET = "DELETE FROM escalation_proposed WHERE batch = :batch"
PROPOSE = insert("escalation_proposed", ("batch", "county", "n", "at"))
PROPOSED = "SELECT coalesce(sum(n), 0) FROM escalation_proposed WHERE"


class EscalationRecords:
    """What was issued, and what is suggested."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, one: Escalation) -> None:
        """Keep what was issued; the same number to the same county is refused."""
        values = asdict(one)

        def work(connection: Connection) -> None:
            if connection.execute(KNOWN, values).fetchone():
                raise AlreadyIssued(document_no=one.document_no)
            connection.execute(ADD, values)

        self._engine.write(work)

    def all(self, batch: str, scope: Scope) -> list[Escalation]:
        """What was issued to counties of a scope, newest first."""
        where = held(scope, "county")
        with self._engine.view() as connection:
            sql = statement(SELECT, "batch = :batch AND", where.sql, NEWEST)
            rows = connection.execute(sql, {"batch": batch, **where.params})
            return [Escalation(*row) for row in rows]

    def get(self, escalation_id: str) -> Escalation:
        """One of them."""
        with self._engine.view() as connection:
            row = connection.execute(ONE, {"escalation_id": escalation_id}).fetchone()
        if row is None:
            raise NotFound(what=escalation_id)
        return Escalation(*row)

    def answer(self, escalation_id: str, on: str, text: str, actor: str) -> None:
        """Keep what the county answered."""
        values = {"escalation_id": escalation_id, "on": on, "text": text, "actor": actor}
        self._engine.write(lambda connection: connection.execute(ANSWER, values))

    def propose(self, batch: str, found: Sequence[tuple[str, int]], at: str) -> None:
        """Keep how many steps are suggested for each county of a batch."""
        rows = [{"batch": batch, "county": county, "n": n, "at": at} for county, n in found]

        def work(connection: Connection) -> None:
            connection.execute(FORGET, {"batch": batch})
            connection.executemany(PROPOSE, rows)

        self._engine.write(work)

    def proposed(self, scope: Scope) -> int:
        """How many are suggested in all."""
        where = held(scope, "county")
        with self._engine.view() as connection:
            row = connection.execute(statement(PROPOSED, where.sql), where.params).fetchone()
        return 0 if row is None else int(row[0])
