"""The keys of other systems; of each only the hash is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields

from georeview.core.accesslog import NewEntry
from georeview.storage.access_log import note
from georeview.storage.engine import Connection, Engine, insert, listed, run, statement
from georeview.storage.ports.people import AccessKey
from georeview.storage.where import among

COLUMNS = tuple(field.name for field in fields(AccessKey))
ADD = insert("access_key", COLUMNS)
ALL = statement("SELECT", listed(COLUMNS), "FROM access_key ORDER BY name")
FOUND = statement("SELECT", listed(COLUMNS), "FROM access_key WHERE")
REVOKE = "UPDATE access_key SET revoked_at = :at WHERE key_id = :key_id AND revoked_at IS NULL"
USED = "UPDATE access_key SET last_used = :day WHERE key_id = :key_id"


class AccessKeyRecords:
    """The keys over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, key: AccessKey, noted: NewEntry) -> None:
        """Keep a new key.

        Raises:
            StoreConflict: There is one of that name.
        """

        def work(connection: Connection) -> None:
            connection.execute(ADD, asdict(key))
            note(connection, noted)

        self._engine.write(work)

    def all(self) -> list[AccessKey]:
        """Every key, also those that are over, by name."""
        with self._engine.view() as connection:
            return [AccessKey(*row) for row in connection.execute(ALL)]

    def by_hash(self, hashes: Sequence[str]) -> Mapping[str, AccessKey]:
        """Keys by their hashes, also those that are over."""
        where = among("sha256", hashes)
        with self._engine.view() as connection:
            rows = connection.execute(statement(FOUND, where.sql), where.params).fetchall()
        return {key.sha256: key for key in (AccessKey(*row) for row in rows)}

    def revoke(self, key_id: str, at: str, noted: NewEntry) -> None:
        """End a key for good."""

        def work(connection: Connection) -> None:
            connection.execute(REVOKE, {"key_id": key_id, "at": at})
            note(connection, noted)

        self._engine.write(work)

    def used(self, key_id: str, day: str) -> None:
        """Keep on which day a key was used last."""
        run(self._engine, USED, {"key_id": key_id, "day": day})
