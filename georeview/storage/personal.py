"""Names of third parties, beside the ledger that holds their hashes."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

from georeview.core.accesslog import NewEntry
from georeview.core.ledger import Named
from georeview.core.personal import OnRecord
from georeview.storage.access_log import note
from georeview.storage.engine import Connection, Engine, insert, listed, statement

NAMED = tuple(field.name for field in fields(Named))
ADD_NAMED = insert("personal", NAMED)
ON_RECORD = tuple(field.name for field in fields(OnRecord))
OF_PLOT = statement(
    "SELECT", listed(ON_RECORD), "FROM personal WHERE plot_id = :plot_id ORDER BY field, token"
)
ERASE = """UPDATE personal SET salt = NULL, value = NULL,
    erased_at = :erased_at, erased_by = :erased_by, reason = :reason
WHERE token = :token AND value IS NOT NULL"""


class PersonalRecords:
    """The names over one database; they are added with their events."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_plot(self, plot_id: str) -> list[OnRecord]:
        """What is on record of a plot, erased names too."""
        with self._engine.view() as connection:
            rows = connection.execute(OF_PLOT, {"plot_id": plot_id})
            return [OnRecord(*row) for row in rows]

    def erase(self, tokens: Sequence[str], said: Mapping[str, str], noted: NewEntry) -> None:
        """Erase names, and note it in the same commit."""

        def work(connection: Connection) -> None:
            connection.executemany(ERASE, [{"token": token, **said} for token in tokens])
            note(connection, noted)

        self._engine.write(work)


def named_row(named: Named) -> dict[str, object]:
    """Parameters of ``ADD_NAMED``."""
    return {name: getattr(named, name) for name in NAMED}
