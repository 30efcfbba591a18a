"""CQL2, text and JSON, as conditions of the core: held to limits, and to what plots can be asked.

What is taken: comparisons of a field with a value, ``LIKE``, ``BETWEEN``, ``IN``, ``IS NULL``,
``AND``, ``OR``, ``NOT``, ``S_INTERSECTS`` with the plot's shape, and ``T_AFTER``, ``T_BEFORE``,
``T_EQUALS`` with its times. Everything else is refused by a sentence that says where it stands.
"""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

from georeview.clock import SHANGHAI
from georeview.core.conditions import (
    COMPARISONS,
    FILTER_FIELDS,
    SHAPE,
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
)
from georeview.errors.filters import (
    FilterFieldUnknown,
    FilterOperatorUnknown,
    FilterShapeWrong,
    FilterTooLarge,
    FilterUnreadable,
    FilterValueWrong,
)
from georeview.services.cql2_text import NEAR, as_json

CHARACTERS_MAX = 20_000
DEPTH_MAX = 24
PARTS_MAX = 500
"""Conditions and values of lists, together."""

_TURNED = MappingProxyType({"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="})
_TIMES = MappingProxyType({"t_after": ">", "t_before": "<", "t_equals": "="})
_JOINS: Mapping[str, type[Every | Some]] = MappingProxyType({"and": Every, "or": Some})
_ORDER = (*COMPARISONS, "BETWEEN", "IN", "IS NULL")
_OF_TIMES = (*_ORDER, *map(str.upper, _TIMES))
OPERATORS = (*_ORDER, "LIKE", "S_INTERSECTS", "AND", "OR", "NOT")
OF_KIND: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": (*_ORDER, "LIKE"),
        "number": _ORDER,
        "date": _OF_TIMES,
        "instant": _OF_TIMES,
    }
)
"""What can be asked of each kind of field."""

Json = Mapping[str, Any]


def read(asked: str | Json | None) -> Condition | None:
    """A filter as a condition; nothing asked for is ``None``.

    Args:
        asked: CQL2 text, CQL2 JSON as text, or CQL2 JSON.

    Raises:
        Malformed: It is none of them, over a limit, or asks for what is not there; one of the
            ``Filter…`` refusals.
    """
    if asked is None or (isinstance(asked, str) and not asked.strip()):
        return None
    text = asked if isinstance(asked, str) else json.dumps(asked)
    _need(len(text) <= CHARACTERS_MAX, "characters", CHARACTERS_MAX)
    parsed = _parsed(asked) if isinstance(asked, str) else asked
    _need_flat(parsed)
    return _Reading().condition(parsed, 0)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text.lstrip().startswith("{") else as_json(text)
    except json.JSONDecodeError as error:
        near = text[error.pos : error.pos + NEAR] or "…"
        raise FilterUnreadable(at=error.pos + 1, near=near) from error
    except RecursionError as error:
        raise FilterTooLarge(what="depth", limit=DEPTH_MAX) from error


def _need(holds: bool, what: str, limit: int) -> None:
    if not holds:
        raise FilterTooLarge(what=what, limit=limit)


def _need_flat(value: Any) -> None:
    """Refuse JSON that is nested beyond reason before anything walks through it."""
    level = [value]
    for _ in range(2 * DEPTH_MAX + 8):
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, Mapping) else item)
            if isinstance(inner, Mapping | list | tuple)
        ]
        if not level:
            return
    raise FilterTooLarge(what="depth", limit=DEPTH_MAX)


class _Reading:
    """One filter on its way from JSON to a condition; counts what it is made of."""

    def __init__(self) -> None:
        self._parts = 0

    def condition(self, asked: Any, depth: int) -> Condition:
        """A condition from CQL2 JSON."""
        _need(depth <= DEPTH_MAX, "depth", DEPTH_MAX)
        self._count(1)
        if not (isinstance(asked, Mapping) and isinstance(asked.get("args"), list | tuple)):
            raise FilterOperatorUnknown(op=_shown(asked), field="-", possible=", ".join(OPERATORS))
        op, args = str(asked.get("op")), asked["args"]
        if op in _JOINS and args:
            return _JOINS[op](tuple(self.condition(part, depth + 1) for part in args))
        if op == "not" and len(args) == 1:
            return Not(self.condition(args[0], depth + 1))
        return self._predicate(op, args)

    def _count(self, n: int) -> None:
        self._parts += n
        _need(self._parts <= PARTS_MAX, "parts", PARTS_MAX)

    def _predicate(self, op: str, args: Sequence[Any]) -> Condition:
        if op in COMPARISONS and len(args) == 2 and _is_property(args[1]):
            if _is_property(args[0]):
                raise _unlike(args[0]["property"], args[1]["property"])
            op, args = _TURNED[op], [args[1], args[0]]
        if not (args and _is_property(args[0])):
            raise FilterOperatorUnknown(op=op[:40], field="-", possible=", ".join(OPERATORS))
        name, rest = str(args[0]["property"]), args[1:]
        if name == SHAPE:
            return _meets(op, rest)
        if name not in FILTER_FIELDS:
            possible = ", ".join((*FILTER_FIELDS, SHAPE))
            raise FilterFieldUnknown(name=name[:40], possible=possible)
        found = self._of_field(name, op, rest)
        if found is None:
            possible = ", ".join(OF_KIND[FILTER_FIELDS[name].kind])
            raise FilterOperatorUnknown(op=op[:40], field=name, possible=possible)
        return found

    def _of_field(self, name: str, op: str, rest: Sequence[Any]) -> Condition | None:
        kind = FILTER_FIELDS[name].kind
        timed = _TIMES.get(op) if kind in ("date", "instant") else None
        if (op in COMPARISONS or timed) and len(rest) == 1:
            return Compared(name, timed or op, _value(name, rest[0], closed=op in ("=", "<>")))
        if op == "between" and len(rest) == 2:
            return Between(name, _value(name, rest[0]), _value(name, rest[1]))
        if op == "in" and len(rest) == 1 and isinstance(rest[0], list | tuple) and rest[0]:
            self._count(len(rest[0]))
            return Among(name, tuple(_value(name, value, closed=True) for value in rest[0]))
        if op == "isNull" and not rest:
            return Missing(name)
        if op == "like" and kind == "text" and len(rest) == 1:
            return Like(name, _text(name, rest[0]))
        return None


def _is_property(arg: Any) -> bool:
    return isinstance(arg, Mapping) and isinstance(arg.get("property"), str)


def _unlike(left: str, right: str) -> FilterFieldUnknown:
    """Two names beside each other: as a rule the second is a text that has lost its quotes."""
    name = right if left in FILTER_FIELDS else left
    return FilterFieldUnknown(name=name[:40], possible=", ".join((*FILTER_FIELDS, SHAPE)))


# Values ------------------------------------------------------------------------------------------


def _value(name: str, given: Any, *, closed: bool = False) -> Value:
    """A value as the field holds it.

    Args:
        name: The field.
        given: What stands in the filter.
        closed: Whether a text must be one that the field can have.
    """
    field = FILTER_FIELDS[name]
    if field.kind == "number":
        return _number(name, given)
    if field.kind == "date":
        return _moment(name, given, "date")
    if field.kind == "instant":
        return _moment(name, given, "timestamp")
    text = _text(name, given)
    if closed and field.possible and text not in field.possible:
        raise FilterValueWrong(name=name, value=text[:40], possible=", ".join(field.possible))
    return text


def _wrong(name: str, given: Any) -> FilterValueWrong:
    return FilterValueWrong(name=name, value=_shown(given), possible=FILTER_FIELDS[name].kind)


def _text(name: str, given: Any) -> str:
    """A text that every store can hold."""
    if not isinstance(given, str) or any(c == "\0" or "\ud800" <= c <= "\udfff" for c in given):
        raise _wrong(name, given)
    return given


def _number(name: str, given: Any) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise _wrong(name, given)
    try:
        number = float(given)
    except OverflowError as error:
        raise _wrong(name, given) from error
    if not math.isfinite(number):
        raise _wrong(name, given)
    return number


def _moment(name: str, given: Any, called: str) -> str:
    """A day or an instant; a plain text is taken for one too."""
    text: Any = given.get(called) if isinstance(given, Mapping) else given
    try:
        if called == "date":
            return date.fromisoformat(text).isoformat()
        moment = datetime.fromisoformat(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
        return aware.astimezone(UTC).isoformat(timespec="milliseconds")
    except (TypeError, ValueError, OverflowError) as error:
        raise _wrong(name, given) from error


def _meets(op: str, rest: Sequence[Any]) -> Meets:
    if op != "s_intersects" or len(rest) != 1:
        raise FilterOperatorUnknown(op=op[:40], field=SHAPE, possible="S_INTERSECTS")
    import shapely

    shape = _shape(rest[0])
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise FilterShapeWrong(value=_shown(rest[0]))
    return Meets(shape.wkb, (west, south, east, north), shapely.to_geojson(shape))


def _shape(given: Any) -> Any:
    """A sound shape from GeoJSON or a box."""
    import shapely

    try:
        if isinstance(given, Mapping) and "bbox" in given:
            west, south, east, north = map(float, given["bbox"])
            need_order = west <= east and south <= north
            shape = shapely.box(west, south, east, north) if need_order else None
        else:
            shape = shapely.from_geojson(json.dumps(given))
    except (shapely.errors.ShapelyError, ValueError, TypeError) as error:
        raise FilterShapeWrong(value=_shown(given)) from error
    if shape is None or shape.is_empty or not shape.is_valid:
        raise FilterShapeWrong(value=_shown(given))
    return shapely.force_2d(shape)


def _shown(given: Any) -> str:
    text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False, default=str)
    return text.encode("utf-8", "replace").decode()[:60]
