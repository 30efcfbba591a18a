"""How lists of an area are read and written, over one database."""

from dataclasses import asdict, fields

from georeview.storage.engine import Connection, Engine, insert, listed, statement
from georeview.storage.ports.sender_profiles import SenderProfile

PROFILE = tuple(field.name for field in fields(SenderProfile))
ADD = insert("sender_profile", PROFILE)
ALL = statement(
    "SELECT", listed(PROFILE), "FROM sender_profile",
    "WHERE kind = :kind AND area = :area ORDER BY version DESC",
)  # fmt: skip


class SenderProfileRecords:
    """The versions in one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self, kind: str, area: str) -> list[SenderProfile]:
        """Versions of an area, newest first."""
        with self._engine.view() as connection:
            return _all(connection, kind, area)

    def add(self, kind: str, area: str, body: str, actor: str, at: str) -> SenderProfile:
        """Keep another version; the newest again is no other."""

        def work(connection: Connection) -> SenderProfile:
            known = _all(connection, kind, area)
            if known and known[0].body == body:
                return known[0]
            version = known[0].version + 1 if known else 1
            kept = SenderProfile(kind, area, version, body, actor, at)
            connection.execute(ADD, asdict(kept))
            return kept

        return self._engine.write(work)


def _all(connection: Connection, kind: str, area: str) -> list[SenderProfile]:
    rows = connection.execute(ALL, {"kind": kind, "area": area}).fetchall()
    return [SenderProfile(*row) for row in rows]
