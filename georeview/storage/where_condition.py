"""A condition of the core as a condition of the database, for ``where.py``.

Columns are constants of this file, values are bound under names ``c0 c1 …``. ``s`` is ``plot_state``.
"""

from collections.abc import Mapping
from types import MappingProxyType

from georeview.core.conditions import (
    Among,
    Between,
    Compared,
    Condition,
    Every,
    Like,
    Meets,
    Missing,
    Not,
    Some,
    Value,
    wildcards,
)
from georeview.storage.engine import Dialect, statement

NEVER = "9999-12-31"
"""Stands for “no date” in ``due_on``, so that the column sorts and compares without nulls."""

UNKNOWN_SIZE = -1.0
"""Stands for “not computed” in ``size_m2``."""

_OF_STATE = (
    "plot_id", "source_id", "batch", "mark", "mark_state", "determination", "reason", "violation",
    "severity", "stage", "outcome", "county", "township", "assignee", "type_issued", "type_actual",
    "permit_no", "note", "band", "river", "updated_at", "marked_at", "version", "lon", "lat",
)  # fmt: skip
_OF_FACTS = ("in_m2", "in_share", "edge_m", "bank", "chainage_m", "river_m")

COLUMNS: Mapping[str, str] = MappingProxyType(
    {name: f"s.{name}" for name in _OF_STATE}
    | {
        name: statement("(SELECT", f"f.{name}", "FROM facts f WHERE f.plot_id = s.plot_id)")
        for name in _OF_FACTS
    }
    | {
        "area_m2": f"NULLIF(s.size_m2, {UNKNOWN_SIZE})",
        "due_on": f"NULLIF(s.due_on, '{NEVER}')",
    }
)
"""What each field of a condition is; null where it has no value."""

_OPERATORS = MappingProxyType({op: op for op in ("=", "<>", "<", "<=", ">", ">=")})


def sql_of(condition: Condition, dialect: Dialect, params: dict[str, object]) -> str:
    """A condition as it stands in brackets after ``WHERE``.

    Args:
        condition: The condition.
        dialect: Which database.
        params: Where the values go.
    """
    match condition:
        case Every(parts):
            return "(" + " AND ".join(sql_of(part, dialect, params) for part in parts) + ")"
        case Some(parts):
            return "(" + " OR ".join(sql_of(part, dialect, params) for part in parts) + ")"
        case Not(part):
            return f"NOT {sql_of(part, dialect, params)}"
        case Meets():
            return _meets(condition, dialect, params)
        case _:
            return f"({_of_field(condition, dialect, params)})"


def _of_field(
    condition: Compared | Like | Between | Among | Missing,
    dialect: Dialect,
    params: dict[str, object],
) -> str:
    column = COLUMNS[condition.field]
    match condition:
        case Missing():
            return f"{column} IS NULL"
        case Like(_, pattern):
            bound = _bound(_pattern(pattern, dialect), params)
            return dialect.like.format(column=column, pattern=bound)
        case Between(_, low, high):
            return f"{column} BETWEEN {_bound(low, params)} AND {_bound(high, params)}"
        case Among(_, values):
            return f"{column} IN ({', '.join(_bound(value, params) for value in values)})"
        case Compared(_, op, value):
            return f"{column} {_OPERATORS[op]} {_bound(value, params)}"


def _meets(condition: Meets, dialect: Dialect, params: dict[str, object]) -> str:
    """The index sieves by the box, the shapes themselves decide."""
    box = dialect.box
    for side, value in zip(("west", "south", "east", "north"), condition.bbox, strict=True):
        box = box.replace(f":{side}", _bound(value, params))
    exact = dialect.meets.format(shape=_bound(condition.wkb, params))
    return statement(
        "(", box, "AND EXISTS (SELECT 1 FROM plot g WHERE g.fid = s.fid AND", exact, "))"
    )


def _bound(value: Value | bytes, params: dict[str, object]) -> str:
    name = f"c{len(params)}"
    params[name] = value
    return f":{name}"


def _pattern(pattern: str, dialect: Dialect) -> str:
    many, one, escaped = dialect.pattern
    wild = {"%": many, "_": one}
    return "".join(
        wild[character] if is_wild else escaped.get(character, character)
        for character, is_wild in wildcards(pattern)
    )
