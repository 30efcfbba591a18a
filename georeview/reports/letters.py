"""Letters to counties: notice, summons and criticism, filled in and left for the office to issue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from georeview import texts
from georeview.core.figures import Rate, Value
from georeview.reports.document import Block, Column, Document, PageBreak, Table, Text

LISTED = 60
"""Overdue plots that are named; the number of all is told."""


@dataclass(frozen=True, slots=True)
class Overdue:
    """One plot that is late: number, type, what is owed, due day, working days late."""

    source_id: str
    type_issued: str | None
    what: str
    due: date | None
    days: int


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter to one county says.

    Attributes:
        county: Its name.
        batch: Of which batch.
        as_of: As of when.
        reply_by: By when to answer, ``None`` to be set by hand.
        number: Document number, ``None`` to be given.
        figures: The county's figures.
        overdue: Its plots that are late, the worst first.
    """

    county: str
    batch: str
    as_of: date
    reply_by: date | None
    number: str | None
    figures: Mapping[str, Value]
    overdue: Sequence[Overdue]


def letters(kind: str, found: Sequence[Letter], foot: str, lang: texts.Lang) -> Document:
    """One letter a county, each on a page of its own."""
    blocks: list[Block] = []
    for letter in found:
        if blocks:
            blocks.append(PageBreak())
        blocks += _letter(kind, letter, lang)
    return Document("", "", blocks, foot=foot, lang=lang)


def _letter(kind: str, letter: Letter, lang: texts.Lang) -> list[Block]:
    def t(key: str, **facts: object) -> str:
        return texts.say(f"report.letter.{key}", lang, **facts)

    figures = letter.figures
    told = {
        "batch": letter.batch,
        "as_of": letter.as_of.isoformat(),
        "plots": _den(figures["review_rate"]),
        "reviewed": _told(figures["review_rate"]),
        "rectified": _told(figures["rectify_rate"]),
        "late_review": figures["overdue_review_n"],
        "late_rectify": figures["overdue_rectify_n"],
        "worst": max(
            _int(figures["max_overdue_review_days"]), _int(figures["max_overdue_rectify_days"])
        ),
    }
    by = letter.reply_by.isoformat() if letter.reply_by else t("by_hand")
    blocks: list[Block] = [
        Text(t(f"{kind}.title"), "centre"),
        Text(letter.number or t("no_number"), "right"),
        Text(t("to", county=letter.county), "address"),
        Text(t("facts", **told)),
        Text(t(f"{kind}.asks", by=by)),
        Text(t("sender"), "right"),
        Text(t("dated"), "right"),
    ]
    if letter.overdue:
        blocks.append(_list(letter, lang))
    return blocks


def _list(letter: Letter, lang: texts.Lang) -> Table:
    def t(key: str, **facts: object) -> str:
        return texts.say(f"report.letter.{key}", lang, **facts)

    rows = [
        [n, o.source_id, o.type_issued, t(o.what), o.due, o.days]
        for n, o in enumerate(letter.overdue[:LISTED], 1)
    ]
    title = t("list", n=len(letter.overdue), shown=len(rows))
    columns = [
        Column(t("no"), 0.5, number=True),
        Column(t("plot"), 2),
        Column(t("type"), 1.2),
        Column(t("what"), 1),
        Column(t("due"), 1),
        Column(t("late"), 0.8, number=True),
    ]
    return Table(title, columns, rows)


def _told(value: Value) -> str:
    if not isinstance(value, Rate) or value.pct is None:
        return "–"
    return f"{value.pct:.1f}% ({value.num}/{value.den})"


def _den(value: Value) -> int:
    return value.den if isinstance(value, Rate) else 0


def _int(value: Value) -> int:
    return value if isinstance(value, int) else 0
