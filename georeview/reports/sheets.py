"""A document as a workbook: one sheet a table, real numbers and dates, the heading held in sight."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from georeview import texts
from georeview.core.figures import Estimate, Rate
from georeview.reports.document import Cell, Document, Facts, Heading, Table, Text

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

NAME_MAX = 31
WIDE, NARROW = 22, 11


def write(document: Document, out: Path) -> None:
    """Write the workbook; texts that begin like a formula stay texts."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(out), options) as book:
        forms: dict[Any, Any] = {
            "head": book.add_format(
                {
                    "bold": True,
                    "bg_color": "#EEF4F3",
                    "bottom": 1,
                    "text_wrap": True,
                    "valign": "top",
                }
            ),
            "total": {"bold": True, "top": 1},
            "pct": {"num_format": "0.0%"},
            "day": {"num_format": "yyyy-mm-dd"},
        }
        taken: set[str] = set()
        for block in document.blocks:
            if isinstance(block, Table):
                _sheet(book, block, document, forms, taken)
        _about(book, document, taken)


def _sheet(
    book: "Workbook", table: Table, document: Document, forms: dict[Any, Any], taken: set[str]
) -> None:
    sheet = book.add_worksheet(_name(table.title or document.title, taken))
    heads = [
        name for column in range(len(table.columns)) for name in _heads(table, column, document)
    ]
    for at, name in enumerate(heads):
        sheet.write_string(0, at, name, forms["head"])
    for number, row in enumerate(table.rows, 1):
        last = table.total and number == len(table.rows)
        cells = (cell for column, value in enumerate(row) for cell in _cells(table, column, value))
        for at, cell in enumerate(cells):
            _put(book, sheet, number, at, cell, forms, last=last)
    sheet.freeze_panes(1, 2 if len(heads) > 6 else 0)
    sheet.autofilter(0, 0, max(len(table.rows), 1), len(heads) - 1)
    sheet.set_column(0, len(heads) - 1, NARROW)
    at = 0
    for column, known in enumerate(table.columns):
        if not known.number:
            sheet.set_column(at, at, max(NARROW, min(60, WIDE * known.weight)))
        at += len(_heads(table, column, document))
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _kind(table: Table, column: int) -> type:
    """What a column holds, by the first of its cells that holds anything."""
    values = (row[column] for row in table.rows if row[column] is not None)
    return type(next(values, None))


def _heads(table: Table, column: int, document: Document) -> list[str]:
    """A share takes three columns, an estimate four: what is counted stays a number."""
    name, kind = table.columns[column].name, _kind(table, column)
    lang: Any = document.lang
    if kind is Rate:
        parts: tuple[str, ...] = ("num", "den")
    elif kind is Estimate:
        parts = ("low", "high", "n")
    else:
        return [name]
    return [name, *(f"{name} {texts.say(f'report.{part}', lang)}" for part in parts)]


def _cells(table: Table, column: int, cell: Cell) -> Iterator[Cell | tuple[float]]:
    kind = _kind(table, column)
    if isinstance(cell, Rate):
        yield (cell.num / cell.den,) if cell.den else None
        yield cell.num
        yield cell.den
    elif isinstance(cell, Estimate):
        yield from ((value / 100,) for value in (cell.pct, cell.low_pct, cell.high_pct))
        yield cell.n
    else:
        yield cell
        yield from [None] * {Rate: 2, Estimate: 3}.get(kind, 0)


def _put(
    book: "Workbook", sheet: Any, row: int, at: int, cell: Any, forms: dict[Any, Any], *, last: bool
) -> None:
    share, day = isinstance(cell, tuple), isinstance(cell, date)
    key = ("pct" if share else "day" if day else "", last)
    if key not in forms:
        told = (forms[key[0]] if key[0] else {}) | (forms["total"] if last else {})
        forms[key] = book.add_format(told)
    if share:
        sheet.write_number(row, at, cell[0], forms[key])
    elif day:
        sheet.write_datetime(row, at, cell, forms[key])
    elif isinstance(cell, int | float):
        sheet.write_number(row, at, cell, forms[key])
    elif cell is None:
        sheet.write_blank(row, at, None, forms[key])
    else:
        sheet.write_string(row, at, cell, forms[key])


def _about(book: "Workbook", document: Document, taken: set[str]) -> None:
    """What the document says beside its tables, and what it rests on."""
    lang: Any = document.lang
    sheet = book.add_worksheet(_name(texts.say("report.about", lang), taken))
    sheet.set_column(0, 0, WIDE)
    sheet.set_column(1, 1, 80)
    lines: list[tuple[str, str]] = [(document.title, ""), (document.subtitle, "")]
    for block in document.blocks:
        if isinstance(block, Heading | Text):
            lines.append((block.text, ""))
        elif isinstance(block, Facts):
            lines += [(name, "" if value is None else str(value)) for name, value in block.rows]
    for number, line in enumerate([*lines, (document.foot, "")]):
        for at, text in enumerate(line):
            if text:
                sheet.write_string(number, at, text)


def _name(title: str, taken: set[str]) -> str:
    """A name that Excel takes, and no other sheet has."""
    plain = re.sub(r"[\[\]:*?/\\']", " ", title)[:NAME_MAX].strip() or "1"
    name, n = plain, 1
    while name.lower() in taken:
        n += 1
        name = f"{plain[: NAME_MAX - 4]} {n}"
    taken.add(name.lower())
    return name
