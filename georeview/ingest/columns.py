"""Which column of a file means which field: by alias, never by guess."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from georeview.core.fields import PLOT_FIELDS, Field
from georeview.errors import ColumnMissing, ColumnsUnclear

SHORTEST_CUT = 6
"""Bytes a cut header must still have to mean its alias."""

_SUFFIX = re.compile(r"_\d{1,2}$")


def match(headers: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """Field → header.

    Exact aliases win over those with ``_1`` or ``_12`` behind them, and those over headers that
    dBASE has cut at ten bytes.

    Args:
        headers: Headers of the file.
        chosen: What the user has decided, field → header.

    Raises:
        ColumnsUnclear: Two headers mean one field equally well.
        ColumnMissing: A chosen header is not there.
    """
    found: dict[str, str] = {}
    for name, header in chosen.items():
        if header not in headers:
            raise ColumnMissing(field=name, columns=", ".join(headers[:40]))
        found[name] = header
    free = [header for header in headers if header not in found.values()]
    for field in PLOT_FIELDS:
        if field.name not in found:
            hits = _best(field, free)
            if len(hits) > 1:
                raise ColumnsUnclear(field=field.name, columns=", ".join(hits))
            if hits:
                found[field.name] = hits[0]
    return found


def normal(header: str) -> str:
    """A header without blanks, in plain width and capitals."""
    return unicodedata.normalize("NFKC", header).strip().upper()


def _best(field: Field, headers: Sequence[str]) -> list[str]:
    aliases = {normal(alias) for alias in (field.name, *field.aliases)}
    names = {header: normal(header) for header in headers}
    tests: tuple[Callable[[str], bool], ...] = (
        lambda name: name in aliases,
        lambda name: _SUFFIX.sub("", name) in aliases,
        lambda name: any(_is_cut(name, alias) for alias in aliases),
    )
    for test in tests:
        hits = [header for header, name in names.items() if test(name)]
        if hits:
            return hits
    return []


def _is_cut(name: str, alias: str) -> bool:
    """Whether a header is the first bytes of an alias, as dBASE cuts names at ten bytes."""
    if len(name) >= len(alias):
        return False
    for encoding in ("utf-8", "gb18030"):
        # A character cut in half was dropped when the header was decoded.
        cut = name.rstrip("\ufffd").encode(encoding, "ignore")
        if len(cut) >= SHORTEST_CUT and alias.encode(encoding).startswith(cut):
            return True
    return False
