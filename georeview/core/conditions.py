"""What plots can be filtered by beside the named conditions of a list: CQL2 as values.

An expression is read by ``services/cql2.py`` and made a condition of the database by
``storage/where_condition.py``. Logic is three-valued, as in SQL: what is compared with a value that
is not there is neither true nor false, and only what is true is found.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from georeview.core.plot import DETERMINATIONS, Mark, Stage
from georeview.core.reasons import REASONS, VIOLATIONS

Kind = Literal["text", "number", "date", "instant"]
Value = str | float
"""Text, a number, a day (``2023-06-30``) or an instant (ISO 8601 in UTC, to the millisecond)."""

SHAPE = "geometry"
"""What ``S_INTERSECTS`` is asked about: the plot's own shape, EPSG:4490."""


@dataclass(frozen=True, slots=True)
class FilterField:
    """A member of a plot that can be filtered by.

    Attributes:
        kind: How its values compare.
        possible: All values it can have, where they are few; empty where they are not.
    """

    kind: Kind
    possible: tuple[str, ...] = ()


_TEXT, _NUMBER = FilterField("text"), FilterField("number")
_DATE, _INSTANT = FilterField("date"), FilterField("instant")


def _one_of(*possible: str) -> FilterField:
    return FilterField("text", tuple(dict.fromkeys(possible)))


FILTER_FIELDS: Mapping[str, FilterField] = MappingProxyType(
    {
        "plot_id": _TEXT,
        "source_id": _TEXT,
        "batch": _TEXT,
        "mark": _one_of(*Mark),
        "mark_state": _one_of("draft", "submitted", "verified"),
        "determination": _one_of(*(d for mark in DETERMINATIONS.values() for d in sorted(mark))),
        "reason": _one_of(*REASONS),
        "violation": _one_of(*VIOLATIONS),
        "severity": _one_of("general", "serious", "major"),
        "stage": _one_of(*Stage),
        "outcome": _TEXT,
        "county": _TEXT,
        "township": _TEXT,
        "assignee": _TEXT,
        "type_issued": _TEXT,
        "type_actual": _TEXT,
        "permit_no": _TEXT,
        "note": _TEXT,
        "area_m2": _NUMBER,
        "in_m2": _NUMBER,
        "in_share": _NUMBER,
        "edge_m": _NUMBER,
        "band": _one_of("in", "critical", "out", "unknown"),
        "river": _TEXT,
        "bank": _TEXT,
        "chainage_m": _NUMBER,
        "river_m": _NUMBER,
        "due_on": _DATE,
        "updated_at": _INSTANT,
        "marked_at": _INSTANT,
        "version": _NUMBER,
        "lon": _NUMBER,
        "lat": _NUMBER,
    }
)
"""By the names that ``GET /plots`` gives them."""

COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Compared:
    """A field beside a value, by one of ``COMPARISONS``."""

    field: str
    op: str
    value: Value


@dataclass(frozen=True, slots=True)
class Like:
    """A text by a pattern: ``%`` any characters, ``_`` one, a backslash before one that is meant."""

    field: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Between:
    """A field between two values, both included."""

    field: str
    low: Value
    high: Value


@dataclass(frozen=True, slots=True)
class Among:
    """A field equal to one of some values."""

    field: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A field without a value."""

    field: str


@dataclass(frozen=True, slots=True)
class Meets:
    """The plot's shape meets another.

    Attributes:
        wkb: The other, EPSG:4490.
        bbox: West, south, east, north of it.
        geojson: The same as text, for handing it on.
    """

    wkb: bytes
    bbox: tuple[float, float, float, float]
    geojson: str


@dataclass(frozen=True, slots=True)
class Every:
    """All of them hold; at least one."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Some:
    """One of them holds; at least one."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """It does not hold."""

    part: "Condition"


Condition = Compared | Like | Between | Among | Missing | Meets | Every | Some | Not


def each(condition: Condition) -> Iterator[Condition]:
    """A condition and all it is made of."""
    yield condition
    parts: tuple[Condition, ...] = ()
    if isinstance(condition, Every | Some):
        parts = condition.parts
    elif isinstance(condition, Not):
        parts = (condition.part,)
    for part in parts:
        yield from each(part)


def names(condition: Condition, field: str, value: Value) -> bool:
    """Whether a condition speaks of one value of a field."""
    return any(
        (isinstance(part, Compared) and (part.field, part.value) == (field, value))
        or (isinstance(part, Among) and part.field == field and value in part.values)
        for part in each(condition)
    )


def wildcards(pattern: str) -> Iterator[tuple[str, bool]]:
    """The characters of a pattern, and whether each stands for others."""
    escaped = False
    for character in pattern:
        if character == "\\" and not escaped:
            escaped = True
            continue
        yield character, character in "%_" and not escaped
        escaped = False
    if escaped:
        yield "\\", False


def as_json(condition: Condition) -> dict[str, Any]:
    """The same as CQL2 JSON."""
    match condition:
        case Every(parts):
            return {"op": "and", "args": [as_json(part) for part in parts]}
        case Some(parts):
            return {"op": "or", "args": [as_json(part) for part in parts]}
        case Not(part):
            return {"op": "not", "args": [as_json(part)]}
        case Meets():
            return _asked("s_intersects", SHAPE, json.loads(condition.geojson))
        case Missing(field):
            return {"op": "isNull", "args": [{"property": field}]}
        case Like(field, pattern):
            return _asked("like", field, pattern)
        case Between(field, low, high):
            return _asked("between", field, _literal(field, low), _literal(field, high))
        case Among(field, values):
            return _asked("in", field, [_literal(field, value) for value in values])
        case Compared(field, op, value):
            return _asked(op, field, _literal(field, value))


def _asked(op: str, field: str, *args: object) -> dict[str, Any]:
    return {"op": op, "args": [{"property": field}, *args]}


def _literal(field: str, value: Value) -> object:
    kind = FILTER_FIELDS[field].kind
    names = {"date": "date", "instant": "timestamp"}
    return {names[kind]: value} if kind in names else value
