"""The report of an import as a workbook, for whoever sent the file and has to mend it."""

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, count, islice
from typing import Any

import orjson

from georeview import texts
from georeview.exports import ooxml
from georeview.services.load_report import aside_of

MOST_ROWS = ooxml.MOST_ROWS - 1
TOGETHER = 1_000
Cells = Sequence[str]

_ROWS_HEAD = ("file", "row", "source_id", "outcome", "reason", "mend", "county")
_ROWS_WIDTHS = (28, 8, 26, 12, 60, 60, 12)
_FILES_HEAD = (
    "file", "rows_in", "stored", "unchanged", "joined", "set_aside", "format", "encoding", "crs",
)  # fmt: skip
_FILES_WIDTHS = (36, 10, 10, 10, 10, 10, 12, 12, 24)


def as_json(told: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """The report as JSON, some rows at a time.

    Args:
        told: What is said of the import as a whole.
        rows: The rows as the API tells them; the member ``rows``.
    """
    remaining, between = iter(rows), b""
    yield orjson.dumps(told)[:-1] + b',"rows":['
    while some := list(islice(remaining, TOGETHER)):
        yield between + orjson.dumps(some)[1:-1]
        between = b","
    yield b"]}"


def workbook(
    report: Mapping[str, Any] | None,
    rows: Iterable[Mapping[str, Any]],
    lang: texts.Lang,
) -> Iterator[bytes]:
    """What became of each file, and each row that there is something to say about; some at a time.

    Rows that one sheet cannot hold go on in the next.

    Args:
        report: What became, or would become, of all rows; ``None`` before that is known.
        rows: The rows as the API tells them.
        lang: Language of the report.
    """
    out, areas = _Out(), dict[str, str]()
    files = iter([_file(file) for file in (report or {}).get("files", ())])
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for title, names, widths, lines in _sheets(files, rows, lang):
            head = [texts.say(f"desk.report.{name}", lang) for name in names]
            last = 1
            with package.open(
                f"xl/worksheets/sheet{len(areas) + 1}.xml", "w", force_zip64=True
            ) as part:
                part.write(ooxml.sheet_head(head, widths).encode())
                while some := list(islice(lines, TOGETHER)):
                    part.write(ooxml.rows(last + 1, some).encode())
                    last += len(some)
                    yield out.taken()
                part.write(ooxml.sheet_tail(len(head), last).encode())
            areas[title] = ooxml.area(len(head), last)
        for name, text in ooxml.parts(areas, ()):
            package.writestr(name, text)
    yield out.taken()


def _sheets(
    files: Iterator[Cells], rows: Iterable[Mapping[str, Any]], lang: texts.Lang
) -> Iterator[tuple[str, Sequence[str], Sequence[int], Iterator[Cells]]]:
    """Title, columns, widths and lines of each sheet; each is to be written before the next."""
    yield texts.say("desk.report.sheet.files", lang), _FILES_HEAD, _FILES_WIDTHS, files
    title = texts.say("desk.report.sheet.rows", lang)
    lines = (_row(row, lang) for row in rows)
    first = next(lines, None)
    yield title, _ROWS_HEAD, _ROWS_WIDTHS, _at_most(first, lines)
    for n in count(2):
        if (first := next(lines, None)) is None:
            return
        yield f"{title} {n}", _ROWS_HEAD, _ROWS_WIDTHS, _at_most(first, lines)


def _at_most(first: Cells | None, lines: Iterator[Cells]) -> Iterator[Cells]:
    """As many lines as a sheet holds, the first of which has been taken out already."""
    return chain([first], islice(lines, MOST_ROWS - 1)) if first is not None else iter(())


class _Out:
    """Where the package goes: what has been written is taken away again and again."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        """Hold some more."""
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        data, self._held = bytes(self._held), bytearray()
        return data


def _file(file: Mapping[str, Any]) -> list[str]:
    read = file["read"]
    counts = [ooxml.number(file[name]) for name in ("rows_in", "stored", "unchanged", "joined")]
    return [
        ooxml.text(file["file"]),
        *counts,
        ooxml.number(aside_of(file)),
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
