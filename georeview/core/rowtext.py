"""Columns as JSON objects, one a row: what is the same in all rows is put into text once."""

from collections.abc import Mapping, Sequence
from itertools import repeat

import orjson

_BETWEEN = ",\n  "
"""Stands between the items of a list, and never inside one: text has its line ends escaped."""


def dump(value: object) -> str:
    """A JSON value as text."""
    return orjson.dumps(value, default=dict).decode("utf-8")


def cells(values: Sequence[object]) -> list[str]:
    """Texts, numbers, truths and nothings (n) as JSON, each by itself.

    Raises:
        TypeError: JSON does not know a value.
    """
    if not values:
        return []
    return orjson.dumps(values, option=orjson.OPT_INDENT_2).decode("utf-8")[4:-2].split(_BETWEEN)


def objects(
    columns: Mapping[str, Sequence[str]], n: int, sparse: frozenset[str] = frozenset()
) -> list[str]:
    """Columns of JSON texts (n each) as n objects, their names in the order given.

    Args:
        columns: Name → texts, as ``cells`` makes them.
        n: How many rows there are.
        sparse: Names that are left out of a row where they are ``null``.
    """
    template, filled = "", []
    for name, texts in columns.items():
        key = f",{orjson.dumps(name).decode('utf-8')}:"
        if name in sparse:
            template += "%s"
            filled.append(["" if text == "null" else key + text for text in texts])
        else:
            template += key.replace("%", "%%") + "%s"
            filled.append(texts)  # type: ignore[arg-type]
    if not filled:
        return list(repeat("{}", n))
    return ["{" + text[1:] + "}" for text in map(template.__mod__, zip(*filled, strict=True))]
