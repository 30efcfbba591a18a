"""The report of an import goes out as a stream, however many rows it has."""

import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from georeview.services import import_report
from georeview.services.import_report import as_json, workbook


def rows(n: int) -> Iterator[dict[str, Any]]:
    """Rows that were set aside, made as they are asked for."""
    for row in range(1, n + 1):
        flag = {
            "code": "no_number",
            "text": f"第 {row} 行没有图斑编号。",
            "hint": "请填写图斑编号。",
        }
        yield {
            "file": "a.shp", "row": row, "source_id": None, "outcome": "set_aside", "mended": False,
            "warned": False, "flags": [flag], "county": None,
        }  # fmt: skip


def sheets(data: bytes) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.mark.parametrize("n", [0, 1, 1_000, 1_001, 2_500])
def test_every_row_arrives_once(n: int) -> None:
    told = json.loads(b"".join(as_json({"id": "u1"}, rows(n))))
    assert told == {"id": "u1", "rows": list(rows(n))}
    files, lines = sheets(b"".join(workbook(None, rows(n), "zh-CN"))).values()
    assert len(files) == 1
    assert [int(line[1]) for line in lines[1:]] == list(range(1, n + 1))


def test_what_a_sheet_cannot_hold_goes_on_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_report, "MOST_ROWS", 4)
    _, *parts = sheets(b"".join(workbook(None, rows(9), "en"))).values()
    assert [[int(line[1]) for line in part[1:]] for part in parts] == [
        [1, 2, 3, 4], [5, 6, 7, 8], [9],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "make", [lambda n: as_json({}, rows(n)), lambda n: workbook(None, rows(n), "en")]
)
def test_memory_does_not_grow_with_the_rows(make) -> None:
    peaks = []
    for n in (3_000, 12_000):
        tracemalloc.start()
        for _ in make(n):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5
