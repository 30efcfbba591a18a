"""Exports asked for over HTTP and what became of them."""

from dataclasses import fields

from georeview.errors import NotFound
from georeview.storage.engine import Engine, insert, listed, run, statement
from georeview.storage.ports import Export

_FIELDS = tuple(field.name for field in fields(Export))
EXPORT = tuple("user_name" if name == "user" else name for name in _FIELDS)
PUT = statement(
    insert("export", EXPORT),
    "ON CONFLICT (export_id) DO UPDATE SET",
    ", ".join(f"{name} = excluded.{name}" for name in EXPORT[1:]),
)
ONE = statement(
    "SELECT", listed(EXPORT),
    "FROM export WHERE export_id = :export_id AND user_name = :user_name",
)  # fmt: skip
UNFINISHED = statement(
    "SELECT", listed(EXPORT),
    "FROM export WHERE state IN ('queued', 'running') ORDER BY created_at, export_id",
)  # fmt: skip


class ExportRecords:
    """The exports over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, export: Export) -> None:
        """Keep an export's record, replacing an earlier state."""
        row = {name: getattr(export, own) for name, own in zip(EXPORT, _FIELDS, strict=True)}
        run(self._engine, PUT, row)

    def get(self, user: str, export_id: str) -> Export:
        """One export of a user."""
        with self._engine.view() as connection:
            row = connection.execute(ONE, {"export_id": export_id, "user_name": user}).fetchone()
        if row is None:
            raise NotFound(what=export_id)
        return Export(*row)

    def unfinished(self) -> list[Export]:
        """Exports that were queued or running when the process ended."""
        with self._engine.view() as connection:
            return [Export(*row) for row in connection.execute(UNFINISHED)]
