"""Events in order for other systems, a part at a time."""

from georeview.core.feed import Change, changes
from georeview.storage.engine import Engine, listed, statement
from georeview.storage.records import EVENT, event_of

HISTORIES = statement(
    "SELECT", listed(EVENT, "e."), "FROM event e WHERE e.seq <= :until AND e.plot_id IN",
    "(SELECT c.plot_id FROM event c WHERE c.seq > :since AND c.seq <= :until) ORDER BY e.seq",
)  # fmt: skip


class FeedRecords:
    """The feed over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def changes(self, since: int, limit: int) -> list[Change]:
        """The next changes after a number, in the order of the ledger, none left out."""
        with self._engine.view() as connection:
            # Numbers have no gaps, so the end of the part need not be looked up.
            rows = connection.execute(HISTORIES, {"since": since, "until": since + limit})
            return list(changes(map(event_of, rows), since))
