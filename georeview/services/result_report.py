"""The report on a list of results, as a workbook to send back to whoever made it."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from georeview import texts
from georeview.core.reasons import REASONS, VIOLATIONS
from georeview.services.wording import refusal_in_words

_COLUMNS = (
    ("row", 8), ("source_id", 28), ("outcome", 14), ("mark", 12), ("code", 30), ("reason", 60),
    ("mend", 60),
)  # fmt: skip


def said_of(row: Mapping[str, Any], lang: texts.Lang) -> dict[str, Any]:
    """A row with what became of it and why in the reader's words."""
    return {
        **row,
        "name": texts.say(f"results.outcome.{row['outcome']}", lang),
        "why": refusal_in_words(row["why"], lang),
    }


def workbook(rows: Sequence[Mapping[str, Any]], lang: texts.Lang) -> bytes:
    """Each row with what became of it, why, and how to mend it.

    Args:
        rows: As ``said_of`` tells them.
        lang: Language of the report.
    """
    import xlsxwriter

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(texts.say("results.report.sheet", lang))
        head = book.add_format({"bold": True, "bottom": 1})
        for at, (name, width) in enumerate(_COLUMNS):
            sheet.write_string(0, at, texts.say(f"results.report.{name}", lang), head)
            sheet.set_column(at, at, width)
        for number, row in enumerate(rows, 1):
            for at, cell in enumerate(_cells(row, lang)):
                sheet.write_string(number, at, cell)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(rows), 1), len(_COLUMNS) - 1)
    return out.getvalue()


def _cells(row: Mapping[str, Any], lang: texts.Lang) -> tuple[str, ...]:
    body, why = row["body"], row["why"] or {}
    mark, code = body.get("mark"), body.get("reason") or body.get("violation")
    return (
        str(row["row"]),
        row["source_id"] or "",
        row["name"],
        texts.say(f"ui.mark.{mark}", lang) if mark else "",
        f"{code} {_named(code, lang)}" if code else "",
        why.get("title", ""),
        why.get("hint", ""),
    )


def _named(code: str, lang: texts.Lang) -> str:
    known = REASONS.get(code) or VIOLATIONS[code]
    return known.zh if lang == "zh-CN" else known.en
