"""Texts as values: nothing-words, dates of every spelling, degrees."""

import pytest

from georeview.core.fields import Kind
from georeview.ingest.values import iso_date, read


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("20230115", "2023-01-15"),
        ("2023-1-15", "2023-01-15"),
        ("2023/01/15", "2023-01-15"),
        ("2023.1.5", "2023-01-05"),
        ("2023年1月15日", "2023-01-15"),
        ("2023年1月", "2023-01"),
        ("202301", "2023-01"),
        ("2023Q1", "2023-Q1"),
        ("2023年第3季度", "2023-Q3"),
        ("2023", "2023"),
        ("44941", "2023-01-15"),
        ("2023-01-15T08:00:00", "2023-01-15"),
        ("GF1_PMS1_E107.1_N31.5_20230211_L1A", "2023-02-11"),
        ("20231345", "20231345"),
        ("2023-02-30", "2023-02-30"),
        ("不详", "不详"),
        ("1899-12-30", None),
        ("19700101", None),
    ],
)
def test_dates_keep_their_precision(given: str, found: str | None) -> None:
    assert iso_date(given) == found


@pytest.mark.parametrize(
    ("kind", "given", "found"),
    [
        ("text", " / ", None),
        ("text", "<空>", None),
        ("text", "无", None),
        ("text", "0012 ", "0012 "),
        ("text", 12.0, "12"),
        ("text", float("nan"), None),
        ("number", "1,234.5", 1234.5),
        ("number", "约3亩", "约3亩"),
        ("number", "1e999", None),
        ("degrees", 0, None),
        ("degrees", "107°06'00\"", 107.1),
        ("degrees", "107度6分0秒", 107.1),
        ("bank", "左岸", "L"),
        ("bank", "不明", "不明"),
        ("yesno", "是", "yes"),
        ("yesno", "否", "no"),
        ("yesno", "部分", "部分"),
    ],
)
def test_values_are_read_as_their_kind(kind: Kind, given: object, found: object) -> None:
    value = read(kind, given)
    assert value == (pytest.approx(found) if isinstance(found, float) else found)
