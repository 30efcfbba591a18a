"""Which field a column may mean where no alias says so: proposed to a person, never taken.

What a person chose for an earlier file of the same sender is proposed first, then headers that
hold an alias or read nearly like one, then columns whose values can hardly be anything else.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from georeview.core.fields import PLOT_FIELDS
from georeview.errors.files import NumberMissing
from georeview.ingest import values
from georeview.ingest.columns import normal

SIMILAR = 0.75
"""Share of equal characters from which a Chinese header reads like an alias (difflib's ratio)."""

SIMILAR_LATIN = 0.85
"""The same for letters: one letter of a pinyin abbreviation makes another word of it."""

SHORTEST_HELD = 4
"""Letters an alias must have to count where a longer header holds it; of Chinese, two characters."""

ENOUGH = 0.95
"""Share of a column's values that must be of a field's kind."""

MOST_HEADERS = 300
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_ADCODE = re.compile(r"[1-6]\d{5}(?:\d{3}|\d{6})?")
_BANKS = frozenset({"左岸", "右岸", "左", "右"})
_NUMBERED = re.compile(r"[^\s.]*\d[^\s.]*")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A field that a column may mean.

    Attributes:
        field: The field.
        header: The column.
        because: ``remembered``, ``similar`` or ``values``; its sentence is
            ``proposal.<because>``.
        like: What it is like: the alias, or the batch that is remembered.
        score: How near, 0-1.
    """

    field: str
    header: str
    because: str
    like: str
    score: float


@dataclass(frozen=True, slots=True)
class Profile:
    """How the columns of an earlier file of the same sender were understood: field → header."""

    batch: str
    columns: Mapping[str, str]


def propose(
    columns: Mapping[str, Sequence[object]],
    mapped: Mapping[str, str],
    profiles: Iterable[Profile] = (),
) -> tuple[Proposal, ...]:
    """What columns without a field may mean, of fields without a column; the likeliest first.

    Args:
        columns: Header → some of its cells.
        mapped: Field → header, as far as it is clear.
        profiles: Earlier files of the same sender, newest first.
    """
    free = [header for header in columns if header not in mapped.values()][:MOST_HEADERS]
    open_fields = [field.name for field in PLOT_FIELDS if field.name not in mapped]
    found: dict[str, Proposal] = {}
    for header in free:
        ways = (
            *_remembered(header, open_fields, profiles),
            *_similar(header, open_fields),
            *_by_values(header, columns[header], open_fields),
        )
        if ways:
            found[header] = max(ways, key=lambda proposal: proposal.score)
    best: dict[str, float] = {}
    for proposal in found.values():
        best[proposal.field] = max(best.get(proposal.field, 0.0), proposal.score)
    kept = (p for p in found.values() if p.score == best[p.field])
    return tuple(sorted(kept, key=lambda proposal: -proposal.score))


def _remembered(
    header: str, fields: Sequence[str], profiles: Iterable[Profile]
) -> tuple[Proposal, ...]:
    for profile in profiles:
        for name, known in profile.columns.items():
            if name in fields and normal(known) == normal(header):
                return (Proposal(name, header, "remembered", profile.batch, 1.0),)
    return ()


def _similar(header: str, fields: Sequence[str]) -> tuple[Proposal, ...]:
    """The field with the alias that a header holds or reads most like."""
    name = normal(header)
    best = ("", "", 0.0)
    for field, alias in _aliases(chinese=bool(_CHINESE.search(name))):
        if field in fields and (score := _nearness(name, alias)) > best[2]:
            best = (field, alias, score)
    field, alias, score = best
    return (Proposal(field, header, "similar", alias, round(score, 3)),) if field else ()


@cache
def _aliases(*, chinese: bool) -> list[tuple[str, str]]:
    """Field and alias, of one script."""
    return [
        (field.name, alias)
        for field in PLOT_FIELDS
        for alias in map(normal, field.aliases)
        if bool(_CHINESE.search(alias)) == chinese
    ]


def _nearness(name: str, alias: str) -> float:
    """How near a header comes to an alias, 0 where it does not."""
    chinese = bool(_CHINESE.search(alias))
    if len(alias) >= (2 if chinese else SHORTEST_HELD) and alias in name:
        return 0.75 + 0.2 * len(alias) / len(name)
    matcher = SequenceMatcher(None, name, alias)
    least = SIMILAR if chinese else SIMILAR_LATIN
    if matcher.real_quick_ratio() < least or (score := matcher.ratio()) < least:
        return 0.0
    return score


def _by_values(header: str, cells: Sequence[object], fields: Sequence[str]) -> tuple[Proposal, ...]:
    """The field whose kind nearly all values of a column are of."""
    texts = [text.strip() for cell in cells if (text := values.text(cell)) is not None]
    if len(texts) < 3:
        return ()
    degrees = [found for text in texts if isinstance(found := values.read("degrees", text), float)]
    shares = {
        "adcode_stated": sum(_ADCODE.fullmatch(text) is not None for text in texts),
        "bank_stated": sum(text in _BANKS for text in texts),
        "lon": sum(73 < value < 136 and round(value, 2) != value for value in degrees),
        "lat": sum(3 < value < 54 and round(value, 2) != value for value in degrees),
    }
    for field, n in shares.items():
        if field in fields and n >= ENOUGH * len(texts):
            return (Proposal(field, header, "values", texts[0][:40], 0.6),)
    numbers = {text for text in texts if _NUMBERED.fullmatch(text)}
    if "source_id" in fields and len(numbers) == len(cells):
        return (Proposal("source_id", header, "values", texts[0][:40], 0.5),)
    return ()


def no_number(columns: Mapping[str, Sequence[object]], mapped: Mapping[str, str]) -> NumberMissing:
    """The refusal of a file in which no column is that of the numbers, with those that may be it.

    Args:
        columns: Header → some of its cells.
        mapped: Field → header, as far as it is clear.
    """
    likely = [p.header for p in propose(columns, mapped) if p.field == "source_id"]
    return NumberMissing(columns=", ".join([*columns][:40]), likely=", ".join(likely[:5]) or "-")
