"""Overlay facts: the current ones of each plot, and what was known before."""

from collections.abc import Mapping, Sequence

from georeview.core.access import EVERYTHING, Scope
from georeview.core.query import Filter
from georeview.storage.engine import Connection, Engine, insert, listed, statement
from georeview.storage.ports.plots import Facts
from georeview.storage.records import FACTS, LISTED_FACTS, facts_values, listed_facts
from georeview.storage.where import plots

NEXT = """UPDATE head SET facts_seq = facts_seq + 1 WHERE one = 1 RETURNING facts_seq"""
KEEP_PAST = statement(
    "INSERT INTO facts_past (replaced_by,", listed(FACTS), ") SELECT :replaced_by,",
    listed(FACTS), "FROM facts WHERE plot_id = :plot_id",
)  # fmt: skip
PUT = statement(
    insert("facts", FACTS),
    "ON CONFLICT (plot_id) DO UPDATE SET",
    ", ".join(f"{name} = excluded.{name}" for name in FACTS[1:]),
)
LIST = statement(
    "UPDATE plot_state SET",
    ", ".join(f"{name} = :{name}" for name in LISTED_FACTS if name != "risk"),
    ", risk = :risk || ' ' || due_on || ' ' || source_id WHERE plot_id = :plot_id",
)
LAYERS_USED = """SELECT f.layers, COUNT(*) FROM plot_state s JOIN facts f ON f.plot_id = s.plot_id
WHERE"""


_NO_BOX = (0.0, 0.0, 0.0, 0.0)


class FactRecords:
    """The facts over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, facts: Sequence[Facts]) -> None:
        """Keep facts, one commit; older facts of the same plots move to the facts' history."""
        if facts:
            self._engine.write(lambda connection: put(connection, facts))

    def layers_used(self, batch: str | None = None, scope: Scope = EVERYTHING) -> Mapping[str, int]:
        """Layer versions text → number of plots whose facts rest on them."""
        where = plots(scope, Filter(batch=batch), self._engine.dialect)
        sql = statement(LAYERS_USED, where.sql, "GROUP BY f.layers ORDER BY f.layers")
        with self._engine.view() as connection:
            return dict(connection.execute(sql, where.params))


def put(connection: Connection, facts: Sequence[Facts]) -> None:
    """Keep facts in the transaction that is open; older ones move to the facts' history."""
    if not facts:
        return
    (number,) = connection.execute(NEXT).fetchone() or (0,)
    # One plot may stand twice in one write: the last word counts.
    newest = {fact.plot_id: fact for fact in facts}.values()
    connection.executemany(
        KEEP_PAST, ({"replaced_by": number, "plot_id": fact.plot_id} for fact in newest)
    )
    connection.executemany(PUT, (dict(zip(FACTS, facts_values(f), strict=True)) for f in newest))
    connection.executemany(LIST, map(_listed, newest))


def _listed(fact: Facts) -> dict[str, object]:
    columns = dict(zip(LISTED_FACTS, listed_facts(fact, _NO_BOX), strict=True))
    return columns | {"plot_id": fact.plot_id}
