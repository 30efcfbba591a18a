"""CSV, TSV and other tables of text, whatever stands between their cells."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from georeview.errors.files import FileBroken, FormatDisguised, TooManyColumns
from georeview.ingest import survey, table, textfile
from georeview.ingest.archive import Source
from georeview.ingest.raw import Cell, Raw
from georeview.ingest.report import Flag
from georeview.ingest.sniff import looks_like

SUFFIXES = (".csv", ".tsv", ".txt")
_BETWEEN = ("\t", ",", ";", "|", ",")
_LOOKED_AT, _OF_A_LINE = 60, 10_000
_NAMED = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_QUOTED = re.compile(r"'[=+\-@\t\r']")
"""A quote that keeps a spreadsheet from computing the cell; it is no part of the text."""


def read(source: Source, encoding: str | None, _layer: str | None) -> Raw:
    """All rows of a table.

    Raises:
        FormatDisguised: It is no text.
        FileBroken: It is no table.
        EncodingWrong: Its text is in another encoding.
        EncodingUnclear: Its text is in none that is known.
    """
    suffix = next(s for s in SUFFIXES if s in source.parts)
    path = source.parts[suffix]
    with path.open("rb") as file:
        start = file.read(512)
    if looks_like(start) not in ("?", "JSON") or start.startswith((b"\xd0\xcf\x11\xe0", b"MZ")):
        raise FormatDisguised(file=source.name, found=looks_like(start))
    text, found = textfile.read(path, source.name, encoding)
    if suffix == ".txt" and survey.is_survey(text):
        return survey.read(text, found.name, found.by, source)
    notes = (Flag("quotes_open"),) if text.count('"') % 2 else ()
    try:
        rows = list(_rows(text, source.name, quoted=not notes))
    except csv.Error as error:
        raise FileBroken(file=source.name) from error
    return table.raw(
        table.under_headers(rows, source.name),
        source,
        format="csv",
        layer=source.stem,
        encoding=found.name,
        encoding_by=found.by,
        notes=notes,
    )


def _rows(text: str, file: str, *, quoted: bool) -> Iterator[list[Cell]]:
    """All rows; an open quote would swallow what follows, so then quotes are plain characters."""
    csv.field_size_limit(2**31 - 1)
    named = _NAMED.match(text)
    between = named[1] if named else _between(text)
    lines = text.replace("\x00", "").splitlines(keepends=True)
    reader = csv.reader(
        lines,
        delimiter=between,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
        skipinitialspace=between == " ",
    )
    if named:
        next(reader, None)  # no row: what spreadsheets make of it, too
    for cells in reader:
        if len(cells) > table.MAX_COLUMNS:
            raise TooManyColumns(file=file, n=len(cells), limit=table.MAX_COLUMNS)
        yield [_cell(cell) for cell in cells]


def _cell(given: str) -> Cell:
    found = given[1:] if _QUOTED.match(given) else given
    return found or None


def _between(text: str) -> str:
    """What stands between the cells: what parts most of the first lines into as many."""
    first = (line[:_OF_A_LINE] for line in islice(text.splitlines(), _LOOKED_AT))
    lines = [line for line in first if line.strip()]
    best, most = " ", 0.0  # where nothing else parts them
    for mark in _BETWEEN:
        widths = Counter(len(cells) for cells in csv.reader(lines, delimiter=mark) if cells)
        width, rows = max(widths.items(), key=lambda item: item[1] * (item[0] - 1), default=(1, 0))
        if width > 1 and rows * (width - 1) > most * 1.2:
            best, most = mark, rows * (width - 1.0)
    return best
