"""The report of an import goes out as a stream, however many rows it has."""

import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from georeview.ingest import ReadOptions
from georeview.services import import_report, load_report
from georeview.services.import_report import as_json, workbook
from georeview.services.load_report import aside_of
from georeview.services.people import owner
from georeview.services.told import Lines
from tests.files import ids, put, shapefile, squares
from tests.services.doors import open_doors


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


def test_a_report_names_the_first_rows_itself_and_all_of_them_when_written_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_report, "ASIDE_NAMED", 2)
    numbers, few = ids("A1", "", "A3", "", ""), ids("B1", "", "B3")
    paths = [
        put(tmp_path / "one", shapefile(squares(5), [numbers])),
        put(tmp_path / "two", shapefile(squares(8)[5:], [few])),
    ]
    lines = Lines(tmp_path / "rows.jsonl")
    with open_doors(tmp_path) as doors:
        done = doors.imports.load(
            owner("5119"), paths, batch="b", area="5119", options=ReadOptions(), tell=lines.add
        )
        kept = [json.loads(file.report) for file in doors.store.plots.imports("b")]
    told = json.loads(b"".join(done.whole(lines)))
    assert [[aside.row for aside in file.set_aside] for file in done.files] == [[2, 4], [2]]
    assert [file.set_aside_n for file in done.files] == [3, 1]
    assert [aside_of(file) for file in kept] == [3, 1]
    assert aside_of({"set_aside": [{}, {}]}) == 2
    assert not done.complete
    rows = [[aside["row"] for aside in file.pop("set_aside")] for file in told["files"]]
    assert rows == [[2, 4, 5], [2]]
    plain = json.loads(json.dumps(done.as_json()))
    for file in plain["files"]:
        del file["set_aside"]
    assert told == plain
