"""Spreadsheets (``.xlsx``, and the older ``.xls``, which WPS calls ``.et``): one sheet of one."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from georeview.errors.files import FileBroken, FileEncrypted, FormatDisguised, SheetTooLarge
from georeview.ingest import choice, table
from georeview.ingest.archive import Source
from georeview.ingest.raw import MOST_EXACT, Cell, Raw, plain
from georeview.ingest.report import Flag
from georeview.ingest.sniff import looks_like
from georeview.ingest.table import Table
from georeview.ingest.unpack import BROKEN, check_zip

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".et")
MAX_CELLS = 20_000_000
"""Cells of the smallest rectangle that holds all of a sheet: it is kept whole while it is read."""

_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
"""Name of the stream in which Office keeps a workbook that has a password."""

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_CELL = re.compile(rb'<(?:\w{1,9}:)?c\s[^<>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_CODEBOOK = "字段说明"
"""Of our own exports: the sheet that says what the columns are, in words that are columns."""

_NO_VALUE = frozenset({"", "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})


def read(source: Source, _encoding: str | None, layer: str | None) -> Raw:
    """All rows of a sheet.

    Raises:
        FormatDisguised: It is no spreadsheet.
        FileEncrypted: It wants a password.
        SheetTooLarge: A sheet claims more cells than are taken.
        LayerUnclear: Several sheets hold tables, or not the one named.
        FileBroken: It is damaged.
    """
    suffix = next(s for s in SUFFIXES if s in source.parts)
    sheets = _sheets(source.parts[suffix], source.name)
    tables = {name: table.under_headers(rows, source.name) for name, rows in sheets.items()}
    ranks = {name: _rank(found) for name, found in tables.items()}
    name, left = choice.one_of(ranks, layer, source.name)
    return table.raw(
        tables[name],
        source,
        format="xlsx" if suffix.startswith(".xlsx") or suffix == ".xlsm" else "xls",
        layer=name,
        notes=(*left, *_inexact(tables[name])),
    )


def layers(source: Source) -> list[str]:
    """Sheets that hold rows."""
    suffix = next(s for s in SUFFIXES if s in source.parts)
    sheets = _sheets(source.parts[suffix], source.name)
    return [name for name, rows in sheets.items() if table.under_headers(rows, source.name).rows]


def _rank(found: Table) -> int:
    """Sheets with headers of ours go before others, and those before empty ones."""
    return 0 if not found.rows else 2 if found.recognised else 1


def _sheets(path: Path, name: str) -> Mapping[str, list[list[Cell]]]:
    """Name → rows of every sheet that is shown."""
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetVisibleEnum,
        XmlError,
        ZipError,
    )

    _check(path, name)
    try:
        with path.open("rb") as file, CalamineWorkbook.from_filelike(file) as book:
            shown = [m.name for m in book.sheets_metadata if m.visible == SheetVisibleEnum.Visible]
            return {sheet: _rows(book, sheet) for sheet in shown if sheet != _CODEBOOK}
    except PasswordError as error:
        raise FileEncrypted(file=name) from error
    except (CalamineError, XmlError, ZipError, ValueError, OSError) as error:
        raise FileBroken(file=name) from error


def _rows(book: Any, sheet: str) -> list[list[Cell]]:
    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return [[_cell(value) for value in row] for row in rows]


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return None if value in _NO_VALUE else value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        # Beyond fifteen digits a float's own are an accident: what was typed had noughts there.
        return plain(int(value) if abs(value) < MOST_EXACT else int(Decimal(f"{value:.14e}")))
    if isinstance(value, date | time) and not isinstance(value, datetime):
        return value.isoformat()
    return plain(value)


def _inexact(found: Table) -> Iterator[Flag]:
    """Columns of whole numbers beyond what a spreadsheet keeps: it has put noughts at their end."""
    for i, header in enumerate(found.headers):
        cells = (row[i] for row in found.rows)
        # Numbers this long came as floats and are texts of digits now; real texts end as they like.
        if any(
            isinstance(c, str) and len(c) > 15 and c.isdigit() and c.endswith("0" * (len(c) - 15))
            for c in cells
        ):
            yield Flag("digits_lost", {"column": header})


def _check(path: Path, name: str) -> None:
    """What it is, and whether it can be unpacked and held, before anything else opens it."""
    with path.open("rb") as file:
        start = file.read(512)
        locked = start.startswith(_OLD) and _LOCKED in start + file.read()
    if locked:
        raise FileEncrypted(file=name)
    if start.startswith(_OLD):
        return
    if not start.startswith(b"PK"):
        raise FormatDisguised(file=name, found=looks_like(start))
    try:
        with zipfile.ZipFile(path) as packed:
            check_zip(path, name, packed.infolist())
            sheets = [m for m in packed.infolist() if _SHEET.fullmatch(m.filename)]
            if not sheets:
                raise FormatDisguised(file=name, found="zip")
            for member in sheets:
                _check_sheet(packed, member, name)
    except BROKEN as error:
        raise FileBroken(file=name) from error


def _check_sheet(packed: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> None:
    """A sheet with one cell in its last corner would be held as seventeen thousand million."""
    columns: set[bytes] = set()
    rows: set[int] = set()
    rest = b""
    with packed.open(member) as file:
        while block := file.read(2**20):
            found = _CELL.findall(rest + block)
            columns.update(letters for letters, _ in found)
            rows.update(map(int, {number for _, number in found}))
            rest = block[-200:]
    if not rows:
        return
    width = max(map(_column, columns)) - min(map(_column, columns)) + 1
    if width * (max(rows) - min(rows) + 1) > MAX_CELLS:
        raise SheetTooLarge(file=name, limit=MAX_CELLS // 1_000_000, rows=max(rows), columns=width)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
