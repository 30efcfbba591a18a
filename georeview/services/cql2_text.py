"""CQL2 text as CQL2 JSON: the grammar, and where a text leaves it.

The parser is LALR, so a text costs time in proportion to its length, whatever it says.
"""

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from georeview.errors.filters import FilterShapeWrong, FilterUnreadable

if TYPE_CHECKING:
    from lark import Lark, Transformer

GRAMMAR = r"""
?start: some
?some: every (_OR every)*
?every: negation (_AND negation)*
?negation: _NOT negation -> negated
    | predicate
    | "(" some ")"

?predicate: scalar COMPARISON scalar -> compared
    | property _LIKE text -> like
    | property _NOT _LIKE text -> not_like
    | property _BETWEEN literal _AND literal -> between
    | property _NOT _BETWEEN literal _AND literal -> not_between
    | property _IN values -> among
    | property _NOT _IN values -> not_among
    | property _IS _NULL -> missing
    | property _IS _NOT _NULL -> not_missing
    | NAME "(" argument ("," argument)* ")" -> function

values: "(" literal ("," literal)* ")"
?argument: scalar | shape
?scalar: property | literal
property: NAME | QUOTED_NAME
?literal: number | text | moment
number: NUMBER
text: TEXT
moment: MOMENT "(" TEXT ")"
?shape: WKT -> wkt | _BBOX "(" number ("," number)* ")" -> bbox

_AND.3: /AND\b/i
_OR.3: /OR\b/i
_NOT.3: /NOT\b/i
_LIKE.3: /LIKE\b/i
_BETWEEN.3: /BETWEEN\b/i
_IN.3: /IN\b/i
_IS.3: /IS\b/i
_NULL.3: /NULL\b/i
_BBOX.3: /BBOX\b(?=\s*\()/i
MOMENT.3: /(DATE|TIMESTAMP)\b(?=\s*\()/i
WKT.3: /(MULTI)?POINT|LINESTRING/i WS? _POINTS
    | /POLYGON|MULTILINESTRING|MULTIPOINT/i WS? _PARTS
    | /MULTIPOLYGON/i WS? "(" WS? _PARTS (WS? "," WS? _PARTS)* WS? ")"
_POINTS: /\([-+.,0-9e\s]+\)/i
_PARTS: "(" WS? _POINTS (WS? "," WS? _POINTS)* WS? ")"
COMPARISON: "<>" | "<=" | ">=" | "=" | "<" | ">"
NUMBER: /[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(E[-+]?[0-9]+)?/i
TEXT: /'(?:[^']|'')*'/
NAME: /[^\W\d][\w.:]*/
QUOTED_NAME: /"[^"]+"/
%import common.WS
%ignore WS
"""

NEAR = 20
"""Characters that are shown of where a text cannot be read on."""


def as_json(text: str) -> Any:
    """A text as CQL2 JSON.

    Raises:
        FilterUnreadable: It is no CQL2 text; says from which character on.
        FilterShapeWrong: A shape in it is none.
    """
    from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

    grammar, reading = _made()
    try:
        return reading.transform(grammar.parse(text))
    except UnexpectedInput as error:
        ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        known = len(text) if ended else error.pos_in_stream
        at = known or 0
        raise FilterUnreadable(at=at + 1, near=text[at : at + NEAR] or "…") from error
    except VisitError as error:
        raise error.orig_exc from error


@cache
def _made() -> "tuple[Lark, Transformer[Any, Any]]":
    """The parser, and what makes JSON of what it has found; made when first asked for."""
    from lark import Lark, Transformer

    reading: Transformer[Any, Any] = Transformer()
    for rule, meaning in _MEANINGS.items():
        setattr(reading, rule, meaning)
    return Lark(GRAMMAR, parser="lalr"), reading


def _op(op: str) -> Any:
    return lambda args: {"op": op, "args": args}


def _not(op: str) -> Any:
    return lambda args: {"op": "not", "args": [{"op": op, "args": args}]}


def _unquoted(token: str) -> str:
    return token[1:-1].replace("''", "'")


def _wkt(args: Any) -> Any:
    import shapely

    try:
        return json.loads(shapely.to_geojson(shapely.from_wkt(str(args[0]))))
    except shapely.errors.ShapelyError as error:
        raise FilterShapeWrong(value=args[0][:60]) from error


_MEANINGS: dict[str, Any] = {
    "some": _op("or"),
    "every": _op("and"),
    "negated": _op("not"),
    "compared": lambda args: {"op": str(args[1]), "args": [args[0], args[2]]},
    "like": _op("like"),
    "not_like": _not("like"),
    "between": _op("between"),
    "not_between": _not("between"),
    "among": _op("in"),
    "not_among": _not("in"),
    "missing": _op("isNull"),
    "not_missing": _not("isNull"),
    "function": lambda args: {"op": str(args[0]).lower(), "args": args[1:]},
    "values": list,
    "property": lambda args: {"property": str(args[0]).strip('"')},
    "number": lambda args: float(args[0]),
    "text": lambda args: _unquoted(args[0]),
    "moment": lambda args: {str(args[0]).lower(): _unquoted(args[1])},
    "bbox": lambda args: {"bbox": args},
    "wkt": _wkt,
}
"""Rule of the grammar → what its parts come to."""
