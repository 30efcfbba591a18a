"""Registers beside the plots: versions that are only ever added, and the files they name."""

from collections.abc import Mapping, Sequence
from dataclasses import fields

import orjson

from georeview.core.access import Scope
from georeview.core.ledger import canonical
from georeview.core.registers import Entry
from georeview.errors import NotFound
from georeview.errors.registers import EntryMoved
from georeview.storage.engine import Connection, Engine, Row, insert, listed, parse, run, statement
from georeview.storage.ports.registers import Document, Held, OnPlot
from georeview.storage.where import Where, among, seen

ENTRY = tuple(field.name for field in fields(Entry))
ADD = insert("register_entry", ENTRY)
LAST = """SELECT version, actor, at FROM register_entry
WHERE entry_id = :entry_id ORDER BY version DESC LIMIT 1"""
CURRENT = statement(
    "SELECT", listed(ENTRY, "r."), ", s.area, s.source_id, s.batch, s.list_county, x.river,",
    "x.river_code FROM register_entry r LEFT JOIN plot_state s ON s.plot_id = r.plot_id",
    "LEFT JOIN facts x ON x.plot_id = r.plot_id WHERE r.register = :register",
    "AND NOT EXISTS (SELECT 1 FROM register_entry n",
    "WHERE n.entry_id = r.entry_id AND n.version > r.version) AND",
)  # fmt: skip
NEWEST_FIRST = """ORDER BY (SELECT b.at FROM register_entry b
WHERE b.entry_id = r.entry_id AND b.version = 1) DESC, r.entry_id"""
HISTORY = statement(
    "SELECT", listed(ENTRY), "FROM register_entry WHERE entry_id = :entry_id ORDER BY version"
)
PERSONAL = "SELECT told FROM register_personal WHERE entry_id = :entry_id"
ERASE = "DELETE FROM register_personal WHERE entry_id = :entry_id"
TELL = "INSERT INTO register_personal (entry_id, told) VALUES (:entry_id, :told)"
DOCUMENT = tuple(field.name for field in fields(Document))
ATTACH = statement(
    insert("register_document", DOCUMENT), "ON CONFLICT (entry_id, sha256) DO NOTHING"
)
DOCUMENTS = statement("SELECT", listed(DOCUMENT), "FROM register_document WHERE")


class RegisterRecords:
    """The registers over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, entry: Entry, personal: Mapping[str, str] | None = None) -> None:
        """Keep a version, with what names third parties; ``None`` leaves that as it is."""

        def work(connection: Connection) -> None:
            last = connection.execute(LAST, {"entry_id": entry.entry_id}).fetchone()
            if (last[0] if last else 0) != entry.version - 1:
                raise EntryMoved(who=last[1] if last else "-", at=last[2] if last else "-")
            connection.execute(ADD, _row(entry))
            if personal is not None:
                connection.execute(ERASE, {"entry_id": entry.entry_id})
                if personal:
                    told = {"entry_id": entry.entry_id, "told": canonical(dict(personal))}
                    connection.execute(TELL, told)

        self._engine.write(work)

    def put_all(self, entries: Sequence[Entry]) -> None:
        """Keep new entries in one commit."""

        def work(connection: Connection) -> None:
            connection.executemany(ADD, [_row(entry) for entry in entries])

        self._engine.write(work)

    def current(self, register: str, scope: Scope, *, plot_id: str | None = None) -> list[Held]:
        """Last versions, newest entries first."""
        where = _visible(scope)
        if plot_id is not None:
            where.also("r.plot_id = :of_plot", of_plot=plot_id)
        return self._read(register, where)

    def get(self, register: str, scope: Scope, entry_id: str) -> Held:
        """The last version of one."""
        where = _visible(scope)
        where.also("r.entry_id = :entry_id", entry_id=entry_id)
        found = self._read(register, where)
        if not found:
            raise NotFound(what=entry_id)
        return found[0]

    def _read(self, register: str, where: Where) -> list[Held]:
        sql = statement(CURRENT, where.sql, NEWEST_FIRST)
        with self._engine.view() as connection:
            rows = connection.execute(sql, where.params | {"register": register})
            return [_held(row) for row in rows]

    def history(self, entry_id: str) -> list[Entry]:
        """All versions of one, the first first."""
        with self._engine.view() as connection:
            rows = connection.execute(HISTORY, {"entry_id": entry_id})
            return [_entry(row) for row in rows]

    def personal(self, entry_id: str) -> Mapping[str, str]:
        """What names third parties."""
        with self._engine.view() as connection:
            row = connection.execute(PERSONAL, {"entry_id": entry_id}).fetchone()
        return {} if row is None else dict(orjson.loads(row[0]))

    def erase_personal(self, entry_id: str) -> None:
        """Forget what names third parties, for good."""
        run(self._engine, ERASE, {"entry_id": entry_id})

    def attach(self, document: Document) -> None:
        """Keep a file of an entry; the same bytes twice are one."""
        run(self._engine, ATTACH, {name: getattr(document, name) for name in DOCUMENT})

    def documents(self, entry_ids: Sequence[str]) -> Mapping[str, Sequence[Document]]:
        """Files of entries, oldest first."""
        if not entry_ids:
            return {}
        where = among("entry_id", entry_ids)
        sql = statement(DOCUMENTS, where.sql, "ORDER BY at, sha256")
        found: dict[str, list[Document]] = {}
        with self._engine.view() as connection:
            for row in connection.execute(sql, where.params):
                document = Document(*row)
                found.setdefault(document.entry_id, []).append(document)
        return found


def _visible(scope: Scope) -> Where:
    """What concerns a plot follows the plot."""
    on_plot, where = seen(scope), Where()
    where.also(f"(r.plot_id IS NULL OR ({on_plot.sql}))", **on_plot.params)
    return where


def _row(entry: Entry) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(entry, name) for name in ENTRY}
    return values | {"content": canonical(dict(entry.content))}


def _entry(row: Row) -> Entry:
    values = dict(zip(ENTRY, row, strict=True))
    return Entry(**(values | {"content": parse(str(values["content"]))}))


def _held(row: Row) -> Held:
    entry = _entry(row[: len(ENTRY)])
    area, source_id, batch, county, river, code = row[len(ENTRY) :]
    if area is None:
        return Held(entry, None)
    values = {name: getattr(entry, name) for name in ENTRY} | {"area": area}
    return Held(Entry(**values), OnPlot(source_id, batch, county, river, code))
