"""Values made to fit what a file can hold; whatever changes is noted.

Each function takes a column's values in a chunk and returns what is written for them.
"""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import Final

import numpy as np

from georeview.exports.base import Column, Columns, LossCode, Losses, Values
from georeview.exports.names import cut

_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control and direction characters, and halves of characters; tabs and line ends are text."""

_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_CELL: Final = 32_767
"""Room of a cell in a workbook, UTF-16 units."""

_FORMULA: Final = re.compile(r"[=+\-@\t\r']")
"""How a cell begins that a spreadsheet would compute, or that seems to be kept from it already."""

_EDGES: Final = ("\n'", "\n=", "\n+", "\n-", "\n@", "\n ", " \n")
"""How a line begins or ends that some format would change."""

Change = Callable[[str, Column], tuple[LossCode | None, str]]


def texts(
    column: Column, chunk: Columns, first: int, losses: Losses, change: Change
) -> Sequence[str | None]:
    """Texts as a format writes them, through its own ``change``."""
    values = column.of(chunk)
    # Most columns hold few different texts: each is looked at once.
    different = set(values) - {None, ""}
    if _plain(different, column.width):
        return values
    made = {value: change(value, column) for value in different}
    if any(code for code, _ in made.values()):
        for i, value in enumerate(values):
            code, now = made.get(value, (None, value))
            if code:
                losses.add(code, column, chunk, (first, i), value, now)
    return [made[value][1] if value else value for value in values]


def _plain(texts: Collection[str], room: int) -> bool:
    """Whether no format has a reason to change any of these: nearly always, and told at once."""
    together, lines = "".join(texts), "\n".join(("", *texts, ""))
    longest = max(map(len, texts), default=0)
    return (
        together.isprintable()
        and (longest if together.isascii() else 4 * longest) <= room
        and not any(edge in lines for edge in _EDGES)
    )


def for_dbase(encoding: str) -> Change:
    """Texts for a column of so many bytes: no hidden characters, no blanks at the ends, cut."""

    def change(value: str, column: Column) -> tuple[LossCode | None, str]:
        seen = shown(value)
        plain = seen.strip(" ")
        short = cut(plain, column.width, encoding).rstrip(" ")
        if short != plain:
            return "cut", short
        if seen != value:
            return "characters", plain
        return ("blanks" if plain != value else None), plain

    return change


def for_table(value: str, _column: Column) -> tuple[LossCode | None, str]:
    """Texts for a spreadsheet: hidden characters shown, nothing that computes."""
    now = harmless(value)
    if now == value:
        return None, value
    return ("quoted" if now == f"'{value}" else "characters"), now


def harmless(cell: str) -> str:
    """A cell of a table that people open in a spreadsheet."""
    seen = shown(cell)
    return "'" + seen if _FORMULA.match(seen) else seen


def for_xml(value: str, _column: Column) -> tuple[LossCode | None, str]:
    """Texts for XML, which has no place for control characters at all."""
    seen = _NOT_XML.sub(visible, value)
    return ("characters" if seen != value else None), seen


def for_cell(value: str, column: Column) -> tuple[LossCode | None, str]:
    """Texts for a cell of a workbook: as for XML, and of so many UTF-16 units."""
    code, seen = for_xml(value, column)
    if len(seen) <= _CELL // 2 or len(seen.encode("utf-16-le")) <= 2 * _CELL:
        return code, seen
    return "cut", seen.encode("utf-16-le")[: 2 * _CELL].decode("utf-16-le", "ignore")


def as_they_are(value: str, _column: Column) -> tuple[LossCode | None, str]:
    """Texts for a format that holds every character; halves of characters are none."""
    whole = re.sub("[\x00\ud800-\udfff]", visible, value)
    return ("characters" if whole != value else None), whole


def shown(text: str) -> str:
    """A text with every hidden character made visible."""
    return _HIDDEN.sub(visible, text)


def visible(found: re.Match[str]) -> str:
    r"""A hidden character as one that can be seen: ``␀`` or ``\u202e``."""
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else f"\\u{code:04x}"


def dates(column: Column, chunk: Columns, first: int, losses: Losses) -> list[date | None]:
    """Days from ISO texts; what is no day has no place in a column of dates."""
    values = column.of(chunk)
    made = {value: _day(value) for value in set(values) if value}
    if None in made.values():
        for i, value in enumerate(values):
            if value and made[value] is None:
                losses.add("not_a_date", column, chunk, (first, i), value, None)
    return [made[value] if value else None for value in values]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def cells(column: Column, chunk: Columns, first: int, losses: Losses, change: Change) -> Values:
    """A column for a format with types: texts through its ``change``, days, finite numbers."""
    if column.kind == "text":
        return texts(column, chunk, first, losses, change)
    if column.kind == "date":
        return dates(column, chunk, first, losses)
    return finite(column.of(chunk))


def numbers(column: Column, chunk: Columns, first: int, losses: Losses) -> bytes:
    """The cells of a dBASE column of numbers, blank where there is none or it has no room."""
    decimals = (column.decimals or 0) if column.kind == "real" else 0
    values = finite(column.of(chunk))
    form, blank = f"%{column.width}.{decimals}f", " " * column.width
    written = [blank if value is None else form % value for value in values]
    if max(map(len, written)) > column.width:
        for i, text in enumerate(written):
            if len(text) > column.width:
                losses.add("too_wide", column, chunk, (first, i), values[i], None)
                written[i] = blank
    return "".join(written).encode()


def finite(values: Values) -> Values:
    """Numbers as they are; what is not a finite number says nothing."""
    known = np.isfinite(np.array(values, dtype=float))
    if len(values) - int(known.sum()) == values.count(None):
        return values
    return [value if one else None for value, one in zip(values, known.tolist(), strict=True)]
