"""The register of permits, what was changed of it, and its files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, fields
from datetime import timedelta
from typing import Any

from georeview.core.access import Scope
from georeview.core.permits import NOTICE_DAYS, Permit, Standing
from georeview.core.rowtext import dump
from georeview.errors import NotFound
from georeview.errors.permits import PermitChanged
from georeview.storage.engine import Connection, Engine, Row, insert, listed, parse, statement
from georeview.storage.ports.permits import (
    Order,
    PermitChange,
    PermitFile,
    PermitPage,
    Wanted,
)
from georeview.storage.where import Where, among, held, pattern, seen

_PLAIN = tuple(f.name for f in fields(Permit) if f.name not in {"wkb", "bbox"})
_SIDES = ("west", "south", "east", "north")
PERMIT = (*_PLAIN, "wkb", *_SIDES)
KEPT = (*PERMIT, "words", "words_of_holder")
CHANGE = tuple(field.name for field in fields(PermitChange))
FILE = tuple(field.name for field in fields(PermitFile))
ADD = insert("permit", KEPT)
MOVE = statement(
    "UPDATE permit SET", ", ".join(f"{name} = :{name}" for name in KEPT[1:]),
    "WHERE permit_id = :permit_id AND revision = :revision - 1",
    "RETURNING permit_id",
)  # fmt: skip
NOTE = insert("permit_change", CHANGE)
ADD_FILE = insert("permit_file", FILE)
SAME_FILE = """SELECT 1 FROM permit_file
WHERE permit_id = :permit_id AND kind = :kind AND sha256 = :sha256"""
SELECT = statement("SELECT", listed(PERMIT, "k."), "FROM permit k WHERE")
COUNT = "SELECT COUNT(*) FROM permit k WHERE"
KINDS = "SELECT k.kind FROM permit k WHERE k.kind IS NOT NULL AND k.withdrawn_on IS NULL AND"
BY_NUMBER = "GROUP BY k.kind ORDER BY COUNT(*) DESC, k.kind"
CHANGES = statement(
    "SELECT", listed(CHANGE), "FROM permit_change WHERE permit_id = :permit_id ORDER BY revision"
)
FILES = statement(
    "SELECT", listed(FILE), "FROM permit_file WHERE permit_id = :permit_id ORDER BY number"
)
PLOTS = "SELECT s.permit_id, COUNT(*) FROM plot_state s WHERE"
_KEYS: Mapping[Order, str] = {"number": "k.number", "valid_to": "COALESCE(k.valid_to, '9999')"}
_STANDING: Mapping[Standing, str] = {
    Standing.WITHDRAWN: "k.withdrawn_on IS NOT NULL",
    Standing.EXPIRED: "k.withdrawn_on IS NULL AND k.valid_to < :today",
    Standing.EXPIRING: "k.withdrawn_on IS NULL AND k.valid_to >= :today AND k.valid_to <= :soon",
    Standing.VALID: "k.withdrawn_on IS NULL AND (k.valid_to IS NULL OR k.valid_to > :soon)",
}
_WORDS = r"k.words LIKE :q ESCAPE '\'"
_OF_HOLDER = r"k.words_of_holder LIKE :q ESCAPE '\'"


class PermitRecords:
    """The register over one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # Writing -------------------------------------------------------------------------------------

    def add(self, entries: Iterable[tuple[Permit, PermitChange]]) -> None:
        """Keep new entries, each with its first change, in one commit."""

        def work(connection: Connection) -> None:
            for permit, change in entries:
                connection.execute(ADD, _row(permit))
                connection.execute(NOTE, _change_row(change))

        self._engine.write(work)

    def change(self, entries: Iterable[tuple[Permit, PermitChange]]) -> None:
        """Keep other values of entries, each the next revision, in one commit."""

        def work(connection: Connection) -> None:
            for permit, change in entries:
                _move(connection, permit, change)

        self._engine.write(work)

    def add_file(self, file: PermitFile, permit: Permit, change: PermitChange) -> bool:
        """Keep a file of an entry; false when it is there already."""
        row = dict(zip(FILE, astuple(file), strict=True))

        def work(connection: Connection) -> bool:
            same = {name: row[name] for name in ("permit_id", "kind", "sha256")}
            if connection.execute(SAME_FILE, same).fetchone() is not None:
                return False
            _move(connection, permit, change)
            connection.execute(ADD_FILE, row)
            return True

        return self._engine.write(work)

    # Reading -------------------------------------------------------------------------------------

    def get(self, scope: Scope, permit_id: str) -> Permit:
        """One entry."""
        found = self.some(scope, [permit_id]).get(permit_id)
        if found is None:
            raise NotFound(what=permit_id)
        return found

    def some(self, scope: Scope, permit_ids: Sequence[str]) -> Mapping[str, Permit]:
        """Those of some entries that the scope sees, by id."""
        if not permit_ids:
            return {}
        where = _within(scope)
        named = among("k.permit_id", permit_ids)
        where.also(named.sql, **named.params)
        return {permit.permit_id: permit for permit in self._select(where)}

    def page(
        self, scope: Scope, wanted: Wanted, order: Order, limit: int, after: tuple[str, str] | None
    ) -> PermitPage:
        """A part of the register."""
        where = _asked(scope, wanted)
        key = _KEYS[order]
        with self._engine.view() as connection:
            counted = connection.execute(statement(COUNT, where.sql), where.params).fetchone()
            if after is not None:
                value, last = after
                where.also(f"({key}, k.permit_id) > (:value, :last)", value=value, last=last)
            sql = statement(SELECT, where.sql, f"ORDER BY {key}, k.permit_id LIMIT :rows")
            rows = connection.execute(sql, {**where.params, "rows": limit + 1}).fetchall()
        items = [_permit_of(row) for row in rows[:limit]]
        end = items[-1] if len(rows) > limit else None
        place = None if end is None else end.number if order == "number" else end.valid_to or "9999"
        matched = int(counted[0]) if counted else 0
        return PermitPage(items, matched, (place, end.permit_id) if end and place else None)

    def kinds(self, scope: Scope) -> list[str]:
        """The kinds there are, the most frequent first."""
        where = _within(scope)
        with self._engine.view() as connection:
            rows = connection.execute(statement(KINDS, where.sql, BY_NUMBER), where.params)
            return [str(kind) for (kind,) in rows]

    def numbered(self, numbers: Sequence[str]) -> Mapping[str, list[Permit]]:
        """Number → entries with it, wherever they lie, without those that were withdrawn."""
        found: dict[str, list[Permit]] = {}
        for at in range(0, len(numbers), 500):
            where = among("k.number", numbers[at : at + 500])
            where.also("k.withdrawn_on IS NULL")
            for permit in self._select(where):
                found.setdefault(permit.number, []).append(permit)
        return found

    def changes(self, permit_id: str) -> list[PermitChange]:
        """What was changed of an entry, oldest first."""
        with self._engine.view() as connection:
            rows = connection.execute(CHANGES, {"permit_id": permit_id})
            return [_change_of(row) for row in rows]

    def files(self, permit_id: str) -> list[PermitFile]:
        """Its files, oldest first."""
        with self._engine.view() as connection:
            rows = connection.execute(FILES, {"permit_id": permit_id})
            return [PermitFile(*row) for row in rows]

    def plots(self, scope: Scope, permit_ids: Sequence[str]) -> Mapping[str, int]:
        """Entry → how many plots that the scope sees rest on it."""
        if not permit_ids:
            return {}
        where = seen(scope)
        named = among("s.permit_id", permit_ids)
        where.also(named.sql, **named.params)
        with self._engine.view() as connection:
            sql = statement(PLOTS, where.sql, "GROUP BY s.permit_id")
            return dict(connection.execute(sql, where.params).fetchall())

    def _select(self, where: Where) -> list[Permit]:
        with self._engine.view() as connection:
            rows = connection.execute(statement(SELECT, where.sql), where.params)
            return [_permit_of(row) for row in rows]


def _move(connection: Connection, permit: Permit, change: PermitChange) -> None:
    if connection.execute(MOVE, _row(permit)).fetchone() is None:
        raise PermitChanged(number=permit.number)
    connection.execute(NOTE, _change_row(change))


def _asked(scope: Scope, wanted: Wanted) -> Where:
    where = _within(scope)
    if wanted.q and wanted.q.strip():
        said = f"({_WORDS} OR {_OF_HOLDER})" if wanted.with_holder else _WORDS
        where.also(said, q=pattern(wanted.q))
    if wanted.kind is not None:
        where.also("k.kind = :kind", kind=wanted.kind)
    if wanted.standing is not None:
        said = _STANDING[wanted.standing]
        soon = wanted.today + timedelta(days=NOTICE_DAYS)
        days = {"today": wanted.today.isoformat(), "soon": soon.isoformat()}
        where.also(said, **{name: day for name, day in days.items() if f":{name}" in said})
    if wanted.bbox is not None:
        meets = "k.west <= :east AND k.east >= :west AND k.south <= :north AND k.north >= :south"
        where.also(meets, **dict(zip(_SIDES, wanted.bbox, strict=True)))
    if wanted.in_use:
        where.also("EXISTS (SELECT 1 FROM plot_state s WHERE s.permit_id = k.permit_id)")
    return where


def _within(scope: Scope) -> Where:
    """What lies in the scope's areas, and what is kept of no smaller area than they lie in."""
    where = held(scope, "k.area")
    above = sorted({p[:n] for p in scope.prefixes for n in (2, 4, 6) if n < len(p)})
    if above:
        named = {f"above{n}": area for n, area in enumerate(above)}
        own = where.sql
        where.parts = [f"({own} OR k.area IN ({', '.join(f':{name}' for name in named)}))"]
        where.params |= named
    return where


def _row(permit: Permit) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(permit, name) for name in _PLAIN}
    row |= dict(zip(_SIDES, permit.bbox or (None,) * 4, strict=True))
    said = (
        permit.number, permit.name, permit.kind, permit.authority, permit.plan_consent_no,
        permit.flood_assessment, permit.note,
    )  # fmt: skip
    words = "\n".join(filter(None, said)).casefold()
    return row | {
        "wkb": permit.wkb,
        "words": words,
        "words_of_holder": (permit.holder or "").casefold(),
    }


def _change_row(change: PermitChange) -> dict[str, Any]:
    row = {name: getattr(change, name) for name in CHANGE}
    return row | {"detail": dump(change.detail)}


def _change_of(row: Row) -> PermitChange:
    values = dict(zip(CHANGE, row, strict=True))
    return PermitChange(**{**values, "detail": parse(values["detail"])})


def _permit_of(row: Row) -> Permit:
    values = dict(zip(_PLAIN, row, strict=False))
    wkb, west, south, east, north = row[len(_PLAIN) :]
    return Permit(**values, wkb=wkb, bbox=None if wkb is None else (west, south, east, north))
