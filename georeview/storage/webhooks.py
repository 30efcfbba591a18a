"""Where other systems want to be told, and how far each has been."""

from dataclasses import asdict, fields

from georeview.core.accesslog import NewEntry
from georeview.storage.access_log import note
from georeview.storage.engine import Connection, Engine, insert, listed, statement
from georeview.storage.ports.notices import Webhook

COLUMNS = tuple(field.name for field in fields(Webhook))
_MOVES = (
    "since",
    "failures",
    "next_at",
    "delivered_at",
    "failing_since",
    "last_error",
    "disabled_at",
)
ADD = insert("webhook", COLUMNS)
ALL = statement("SELECT", listed(COLUMNS), "FROM webhook ORDER BY created_at, webhook_id")
ONE = statement("SELECT", listed(COLUMNS), "FROM webhook WHERE webhook_id = :webhook_id")
MOVE = statement(
    "UPDATE webhook SET", ", ".join(f"{name} = :{name}" for name in _MOVES),
    "WHERE webhook_id = :webhook_id",
)  # fmt: skip
REMOVE = "DELETE FROM webhook WHERE webhook_id = :webhook_id"


class WebhookRecords:
    """The webhooks over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, hook: Webhook, noted: NewEntry) -> None:
        """Keep a new one."""

        def work(connection: Connection) -> None:
            connection.execute(ADD, asdict(hook))
            note(connection, noted)

        self._engine.write(work)

    def all(self) -> list[Webhook]:
        """Every webhook, oldest first."""
        with self._engine.view() as connection:
            return [Webhook(*row) for row in connection.execute(ALL)]

    def get(self, webhook_id: str) -> Webhook | None:
        """One of them."""
        with self._engine.view() as connection:
            row = connection.execute(ONE, {"webhook_id": webhook_id}).fetchone()
        return None if row is None else Webhook(*row)

    def move(self, hook: Webhook, noted: NewEntry | None = None) -> None:
        """Keep how far one is and how it fares."""

        def work(connection: Connection) -> None:
            connection.execute(MOVE, asdict(hook))
            note(connection, noted)

        self._engine.write(work)

    def remove(self, webhook_id: str, noted: NewEntry) -> None:
        """Forget one."""

        def work(connection: Connection) -> None:
            connection.execute(REMOVE, {"webhook_id": webhook_id})
            note(connection, noted)

        self._engine.write(work)
