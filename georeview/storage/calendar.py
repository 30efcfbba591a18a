"""Days on which people work other than the packaged calendar says."""

from dataclasses import fields

from georeview.storage.engine import Connection, Engine, insert, listed, run, statement
from georeview.storage.ports.figures import DayOverride

OVERRIDE = tuple(field.name for field in fields(DayOverride))
ALL = statement("SELECT", listed(OVERRIDE), "FROM calendar_override ORDER BY day")
ADD = insert("calendar_override", OVERRIDE)
REMOVE = "DELETE FROM calendar_override WHERE day = :day"


class CalendarRecords:
    """The overrides over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def overrides(self) -> list[DayOverride]:
        """All of them, by day."""
        with self._engine.view() as connection:
            rows = connection.execute(ALL).fetchall()
        return [DayOverride(day, bool(working), *rest) for day, working, *rest in rows]

    def put(self, override: DayOverride) -> None:
        """Say what a day is, whatever was said of it before."""
        values = {name: getattr(override, name) for name in OVERRIDE}

        def work(connection: Connection) -> None:
            connection.execute(REMOVE, {"day": override.day})
            connection.execute(ADD, values | {"working": int(override.working)})

        self._engine.write(work)

    def remove(self, day: str) -> None:
        """Let the packaged calendar decide again."""
        run(self._engine, REMOVE, {"day": day})
