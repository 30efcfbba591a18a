"""Who looks at which plot: one row a page, over when it is not said again."""

from dataclasses import asdict

from georeview.storage.engine import Engine, insert, listed, run, statement
from georeview.storage.ports.leases import Present

COLUMNS = ("page", "plot_id", "user_name", "name", "unit", "until")
PUT = statement(
    insert("presence", COLUMNS), "ON CONFLICT (page) DO UPDATE SET",
    ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:]),
)  # fmt: skip
LEAVE = "DELETE FROM presence WHERE page = :page"
ALL = statement(
    "SELECT", listed(COLUMNS), "FROM presence WHERE until > :now ORDER BY name, user_name, page"
)


class PresenceRecords:
    """Who looks at what, over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, present: Present) -> None:
        """Say what a page shows from now on."""
        run(self._engine, PUT, {**asdict(present), "user_name": present.user})

    def leave(self, page: str) -> None:
        """A page shows no plot any more."""
        run(self._engine, LEAVE, {"page": page})

    def all(self, now: str) -> list[Present]:
        """Every page that shows a plot, by the names of the people."""
        with self._engine.view() as connection:
            return [Present(*row) for row in connection.execute(ALL, {"now": now})]
