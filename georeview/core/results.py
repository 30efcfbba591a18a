"""Results that come back in a list: what its columns may mean, and what its words may say.

What a header or a word means is known or it is asked; nothing is guessed. ``是`` under one header
says the opposite of ``是`` under another, so neither stands here.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from georeview.core.commands import MARK_FIELDS
from georeview.core.fields import PLOT_FIELDS
from georeview.core.reasons import REASONS, VIOLATIONS

SKIP = "-"
"""Our word for a cell that says nothing."""


class Outcome(StrEnum):
    """What becomes of a row."""

    MARK = "mark"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    NOT_FOUND = "not_found"
    TWICE = "twice"
    UNREAD = "unread"
    REFUSED = "refused"


ASIDE = frozenset(Outcome) - {Outcome.MARK, Outcome.UNCHANGED}
"""Outcomes of rows that are set aside: rows in = applied + unchanged + set aside."""


@dataclass(frozen=True, slots=True)
class ResultField:
    """Something a list may say of a plot.

    Attributes:
        name: Our name for it.
        ours: Headers it has in lists that we give out: exports and work lists.
        others: Headers that mean it elsewhere.
    """

    name: str
    ours: tuple[str, ...]
    others: tuple[str, ...]


_INCOMING = {field.name: field.aliases for field in PLOT_FIELDS}


def _field(name: str, ours: str, others: str = "", *like: str) -> ResultField:
    known = tuple(alias for field in like for alias in _INCOMING[field])
    return ResultField(name, tuple(ours.split()), (*others.split(), *known))


RESULT_FIELDS: tuple[ResultField, ...] = (
    _field("plot_id", "plot_id 内部编号"),
    _field("source_id", "source_id SRC_ID 图斑编号", "", "source_id"),
    _field("version", "version 版本"),
    _field("mark", "mark 标记", "复核结论 核查结论 是否属实", "review_stated"),
    _field("code", "REASON 原因代码", "原因 误报原因 复核原因 问题类别 类别代码 YYDM"),
    _field("severity", "severity 严重程度"),
    _field("type_actual", "type_actual TYPE_ACT 实际类型", "实际地物 实际地物类型"),
    _field("note", "note 复核说明", "复核备注", "note_issued"),
    _field("permit_no", "permit_no PERMIT 许可文号", "", "permit_no_stated"),
    _field("permit_authority", "许可机关", "", "authority"),
    _field("permit_date", "许可日期", "批复日期"),
    _field("permit_valid_to", "permit_valid_to PERMIT_TO 许可有效期至", "有效期至"),
    _field("area_m2", "实测面积", "实测面积(平方米)"),
    _field("review_mode", "复核方式"),
    _field("observed_on", "marked_on REV_AT 复核日期", "", "review_date_stated"),
)
"""Everything a list may say of a plot, with the headers that mean it.

``AREA_M2`` of an export is the plot's size, not what somebody measured of the problem.
"""

NAMES = tuple(field.name for field in RESULT_FIELDS)
DATES = frozenset({"permit_date", "permit_valid_to", "observed_on"})
WORDED = ("mark", "code", "severity", "review_mode")
"""Fields whose cells are words of a closed set."""


def normal(text: str) -> str:
    """A header or a word in plain width and capitals, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


@dataclass(frozen=True, slots=True)
class Matched:
    """Which column means which field.

    Attributes:
        columns: Field → header.
        unclear: Field → the headers that mean it equally well; none of them is taken.
    """

    columns: Mapping[str, str]
    unclear: Mapping[str, tuple[str, ...]]


def match(headers: tuple[str, ...]) -> Matched:
    """Columns by their exact headers; where several mean one field, it is asked.

    A list that names our plots is one that we gave out: there our columns go before the sender's.
    """
    by_name: dict[str, list[str]] = {}
    for header in headers:
        by_name.setdefault(normal(header), []).append(header)
    given_out = bool(_hits(by_name, RESULT_FIELDS[0].ours))
    columns, unclear = dict[str, str](), dict[str, tuple[str, ...]]()
    for field in RESULT_FIELDS:
        ours = _hits(by_name, field.ours)
        others = _hits(by_name, field.others)
        found = ours if given_out and ours else list(dict.fromkeys((*ours, *others)))
        if len(found) == 1:
            columns[field.name] = found[0]
        elif found:
            unclear[field.name] = tuple(found)
    return Matched(columns, unclear)


def _hits(by_name: Mapping[str, list[str]], aliases: tuple[str, ...]) -> list[str]:
    return [
        header for alias in dict.fromkeys(map(normal, aliases)) for header in by_name.get(alias, ())
    ]


_SAID = frozenset(field.name for field in MARK_FIELDS) - {"mark"}


# Words ------------------------------------------------------------------------------------------


def _codes() -> dict[str, str]:
    """Every spelling of a code: alone, with its name behind, or by its whole name."""
    found: dict[str, str] = {}
    for table in (REASONS, VIOLATIONS):
        for code, known in table.items():
            for name in (known.zh, known.en):
                found |= {normal(name): code, normal(code + name): code}
            found[normal(code)] = code
    return found


def _words(**known: str) -> dict[str, str]:
    return {normal(word): value for value, words in known.items() for word in words.split()}


KNOWN_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "mark": _words(
            false_positive="false_positive 误报 不属实 不是问题 非问题",
            confirmed="confirmed 属实 是问题",
            rectified="rectified 已整改 即查即改",
        )
        | {normal(word): SKIP for word in ("pending", "待复核", "未复核")},
        "code": _codes(),
        "severity": _words(general="general 一般", serious="serious 较严重", major="major 重大"),
        "review_mode": _words(desk="desk 内业 内业复核", site="site 现场 现场复核 外业"),
    }
)
"""Words that mean the same wherever they stand."""


def possible(field: str) -> tuple[str, ...]:
    """What a word of a field may mean, in the order people look for it."""
    return tuple(dict.fromkeys((*KNOWN_WORDS[field].values(), SKIP)))


def meaning(field: str, word: str, chosen: Mapping[str, str]) -> str | None:
    """Our value for a word: what somebody decided, else what everybody knows, else nothing."""
    if word in chosen:
        return chosen[word]
    return KNOWN_WORDS[field].get(normal(word))


def body_of(said: Mapping[str, str]) -> dict[str, object]:
    """The body of a mark from what a row says; empty where it says no mark.

    A code alone says the mark it belongs to: no code belongs to two.
    """
    code = said.get("code")
    mark = said.get("mark")
    if mark is None and code is not None:
        mark = "false_positive" if code in REASONS else "confirmed"
    if mark is None:
        return {}
    body: dict[str, object] = {"mark": mark}
    if code is not None:
        body["reason" if code in REASONS else "violation"] = code
    return body | {name: value for name, value in said.items() if name in _SAID}
