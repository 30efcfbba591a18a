"""The report of an import as a workbook, for whoever sent the file and has to mend it."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from georeview import texts
from georeview.exports import ooxml

MOST_ROWS = ooxml.MOST_ROWS - 1
TOGETHER = 1_000

_ROWS_HEAD = ("file", "row", "source_id", "outcome", "reason", "mend", "county")
_ROWS_WIDTHS = (28, 8, 26, 12, 60, 60, 12)
_FILES_HEAD = (
    "file", "rows_in", "stored", "unchanged", "joined", "set_aside", "format", "encoding", "crs",
)  # fmt: skip
_FILES_WIDTHS = (36, 10, 10, 10, 10, 10, 12, 12, 24)


def workbook(
    report: Mapping[str, Any] | None,
    rows: Iterable[Mapping[str, Any]],
    lang: texts.Lang,
) -> bytes:
    """Two sheets: what became of each file, and each row that there is something to say about.

    Args:
        report: What became, or would become, of all rows; ``None`` before that is known.
        rows: The rows as the API tells them.
        lang: Language of the report.
    """
    titles = [texts.say(f"desk.report.sheet.{name}", lang) for name in ("files", "rows")]
    files = [_file(file) for file in (report or {}).get("files", ())]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        sheets = (
            (_FILES_HEAD, _FILES_WIDTHS, iter(files)),
            (_ROWS_HEAD, _ROWS_WIDTHS, (_row(row, lang) for row in islice(rows, MOST_ROWS))),
        )
        areas = {}
        for n, (title, (names, widths, lines)) in enumerate(zip(titles, sheets, strict=True), 1):
            head = [texts.say(f"desk.report.{name}", lang) for name in names]
            with package.open(f"xl/worksheets/sheet{n}.xml", "w") as part:
                areas[title] = _sheet(part.write, head, widths, lines)
        for name, text in ooxml.parts(areas, ()):
            package.writestr(name, text)
    return out.getvalue()


def _sheet(
    write: Any, head: Sequence[str], widths: Sequence[int], lines: Iterator[Sequence[str]]
) -> str:
    """Write one sheet; returns its range."""
    write(ooxml.sheet_head(head, widths).encode())
    last = 1
    while some := list(islice(lines, TOGETHER)):
        write(ooxml.rows(last + 1, some).encode())
        last += len(some)
    write(ooxml.sheet_tail(len(head), last).encode())
    return ooxml.area(len(head), last)


def _file(file: Mapping[str, Any]) -> list[str]:
    read = file["read"]
    counts = [ooxml.number(file[name]) for name in ("rows_in", "stored", "unchanged", "joined")]
    return [
        ooxml.text(file["file"]),
        *counts,
        ooxml.number(len(file["set_aside"])),
        *(ooxml.text(str(read[name] or "")) for name in ("format", "encoding", "crs")),
    ]


def _row(row: Mapping[str, Any], lang: texts.Lang) -> list[str]:
    kind = row["outcome"] if row["outcome"] != "stored" else "warned" if row["warned"] else "mended"
    hints = dict.fromkeys(flag["hint"] for flag in row["flags"] if flag["hint"])
    said = (
        row["source_id"] or "",
        texts.say(f"desk.kind.{kind}", lang),
        " ".join(flag["text"] for flag in row["flags"]),
        " ".join(hints),
        row["county"] or "",
    )
    cells = [ooxml.text(text[: ooxml.MOST_CHARACTERS]) for text in said]
    return [ooxml.text(row["file"] or ""), ooxml.number(row["row"]), *cells]
