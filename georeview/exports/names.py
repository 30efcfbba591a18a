"""What columns are called in a file: the sender's keep their names, ours give way.

The rule, the same for every format: the sender's columns are named first, under their own headers;
one of ours that would clash (case aside) takes ``GR_``. In dBASE a name has 10 bytes in the file's
encoding: a longer header loses characters from its end, whole ones only, and where two would then
be equal the later one ends in ``_1``, ``_2``. The codebook names every column either way.
"""

import codecs
from collections.abc import Iterable
from typing import Final

from georeview.core.fields import ExportField
from georeview.exports.base import Column, Extra, Schema

DBASE_BYTES: Final = 10
_ENDLESS: Final = 10_000

CUT: Final = ExportField("cut", "CUT", "integer", 1, 0, "有文本被截短", "some text was cut")
"""Set where a text of the row was cut; only in formats that cut."""

_SENT: Final = ("原始列", "column of the sender")


def long(schema: Schema, _encoding: str, taken: Iterable[str] = ()) -> tuple[Column, ...]:
    """Columns by canonical names; ``taken`` are names the format needs for itself."""
    used = {name.casefold() for name in taken}
    extras = [
        _sent(extra, _free(extra.name, used, "utf-8", _ENDLESS), None) for extra in schema.extras
    ]
    ours = [
        _our(field, _ours_free(field.name, used, "utf-8", _ENDLESS), None)
        for field in schema.fields
    ]
    return (*ours, *extras)


def short(schema: Schema, encoding: str) -> tuple[Column, ...]:
    """Columns by dBASE names, with ``CUT`` behind the note."""
    used: set[str] = set()
    extras = [
        _sent(extra, _free(extra.name, used, encoding, DBASE_BYTES), extra.decimals)
        for extra in schema.extras
    ]
    note = next((i for i, f in enumerate(schema.fields, 1) if f.name == "note"), len(schema.fields))
    fields = (*schema.fields[:note], CUT, *schema.fields[note:])
    ours = [
        _our(field, _ours_free(field.short, used, encoding, DBASE_BYTES), field.decimals)
        for field in fields
    ]
    return (*ours, *extras)


def cut(text: str, room: int, encoding: str) -> str:
    """The longest beginning of a text that has at most ``room`` bytes, whole characters only."""
    data = text.encode(encoding)
    if len(data) <= room:
        return text
    # Not errors="ignore": the first half of a four-byte character would leave a stray digit behind.
    return codecs.getincrementaldecoder(encoding)().decode(data[: max(room, 0)])


def _our(field: ExportField, name: str, decimals: int | None) -> Column:
    return Column(
        name,
        field.name,
        True,
        field.kind,
        field.width,
        decimals,
        field.zh,
        field.en,
    )


def _sent(extra: Extra, name: str, decimals: int | None) -> Column:
    zh, en = _SENT
    if extra.read_as:
        zh, en = f"{zh}({extra.read_as})", f"{en} ({extra.read_as})"
    return Column(name, extra.name, False, extra.kind, extra.width, decimals, zh, en)


def _ours_free(name: str, used: set[str], encoding: str, room: int) -> str:
    wanted = f"GR_{name}" if name.casefold() in used else name
    return _free(wanted, used, encoding, room)


def _free(wanted: str, used: set[str], encoding: str, room: int) -> str:
    """A name nobody has yet, which then is taken."""
    clean = "".join(c if c.isprintable() else "_" for c in wanted).strip() or "_"
    name, n = cut(clean, room, encoding), 0
    while name.casefold() in used:
        n += 1
        name = cut(clean, room - len(f"_{n}"), encoding) + f"_{n}"
    used.add(name.casefold())
    return name
