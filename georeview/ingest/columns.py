"""Which column of a file means which field: by alias, never by guess."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache

from georeview.core.fields import EXPORT_FIELDS, PLOT_FIELDS, Field
from georeview.errors.files import ColumnMissing, ColumnsUnclear, HeaderUnclear

SHORTEST_CUT = 6
"""Bytes a cut header must still have to mean its alias."""

_SIGNATURE = frozenset({"plot_id", "source_id", "version", "hash"})
"""Columns by which a file that we exported is known."""

_SUFFIX = re.compile(
    r"(?:_\d{1,2}|\((?:亩|平方米|M2|公顷|HA|平方公里|KM2|度|°|度分秒|十进制度?|必填|选填)\)|\*)$"
)
"""What may stand behind an alias: a number, a unit, or what a form says of the column."""

_REPEATED = re.compile(r"#\d+$")
_EXACT, _WITH_SUFFIX, _CUT = range(3)


def match(headers: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """Field → header.

    Exact aliases win over those with ``_1``, ``_12`` or a unit behind them, and those over headers
    that dBASE has cut at ten bytes. In a file that we exported, our columns say nothing new: only the
    number as issued is read from them, the rest from the sender's own columns beside.

    Args:
        headers: Headers of the file.
        chosen: What the user has decided, field → header; an empty one is no header at all.

    Raises:
        ColumnsUnclear: Two headers mean one field equally well.
        HeaderUnclear: One header, cut short, may mean several fields.
        ColumnMissing: A chosen header is not there.
    """
    for name, header in chosen.items():
        if header and header not in headers:
            raise ColumnMissing(field=name, column=header, columns=", ".join(headers[:40]))
    ours = exported(headers)
    found = {**{name: ours[name] for name in ("source_id",) if name in ours}, **chosen}
    sent = [header for header in headers if header not in ours.values()]
    for rank in (_EXACT, _WITH_SUFFIX, _CUT):
        found |= _ranked(rank, sent, found)
    return {name: header for name, header in found.items() if header}


def normal(header: str) -> str:
    """A header without blanks and repeat numbers, in plain width and capitals."""
    return unicodedata.normalize("NFKC", _REPEATED.sub("", header)).strip().upper()


def exported(headers: Sequence[str]) -> dict[str, str]:
    """Export field → header, when the file is one that we wrote; else nothing."""
    by_name = {normal(header): header for header in headers}
    for names in (
        {f.name: f.name for f in EXPORT_FIELDS},
        {f.name: f.short for f in EXPORT_FIELDS},
    ):
        found = {
            name: by_name[normal(written)]
            for name, written in names.items()
            if normal(written) in by_name
        }
        if found.keys() >= _SIGNATURE:
            return found
    return {}


def _ranked(rank: int, headers: Sequence[str], found: Mapping[str, str]) -> dict[str, str]:
    """Fields still without a header → the one header that means them at this rank."""
    free = [header for header in headers if header not in found.values()]
    fields = [field for field in PLOT_FIELDS if field.name not in found]
    named = {header: normal(header) for header in free}
    meant = {h: [f.name for f in fields if _rank(n, f) == rank] for h, n in named.items()}
    hits: dict[str, str] = {}
    for header, names in meant.items():
        if len(names) > 1:
            raise HeaderUnclear(field=" / ".join(names), columns=header)
        for name in names:
            if name in hits:
                raise ColumnsUnclear(field=name, columns=f"{hits[name]}, {header}")
            hits[name] = header
    return hits


def _rank(name: str, field: Field) -> int | None:
    """How well a header means a field; ``None`` when it does not."""
    aliases = _aliases(field)
    if name in aliases:
        return _EXACT
    if _SUFFIX.sub("", name) in aliases:
        return _WITH_SUFFIX
    if len(name.encode("utf-8", "ignore")) < SHORTEST_CUT:  # not more in GB18030
        return None
    return _CUT if any(_is_cut(name, alias) for alias in aliases) else None


@cache
def _aliases(field: Field) -> frozenset[str]:
    return frozenset(normal(alias) for alias in (field.name, *field.aliases))


def _is_cut(name: str, alias: str) -> bool:
    """Whether a header is the first bytes of an alias, as dBASE cuts names at ten bytes."""
    name = name.rstrip("\ufffd")  # what others make of a character cut in half
    if len(name) >= len(alias):
        return False
    for encoding in ("utf-8", "gb18030"):
        cut = name.encode(encoding, "ignore")
        if len(cut) >= SHORTEST_CUT and alias.encode(encoding).startswith(cut):
            return True
    return False
