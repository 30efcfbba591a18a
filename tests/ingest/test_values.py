"""Texts as values: nothing-words, dates of every spelling, degrees."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from georeview.core.fields import AREA_WORDS, Kind
from georeview.ingest.values import inexact_id, iso_date, read, same, unit_in


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
        ("2023-Q1", "2023-Q1"),
        ("2023年第一季度", "2023-Q1"),
        ("2023年4季度", "2023-Q4"),
        ("２０２３年１月１５日", "2023-01-15"),
        ("2023年1月15号", "2023-01-15"),
        ("2023-01-15 08:30", "2023-01-15"),
        ("20230115T083000", "2023-01-15"),
        (" 2023/1 ", "2023-01"),
        ("44941.75", "2023-01-15"),
        ("15/01/2023", "15/01/2023"),
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
        ("text", "\x00\x00", None),
        ("text", "\u3000", None),
        ("text", "／", None),
        ("text", "－", None),
        ("text", "——", None),
        ("text", "<Null>", None),
        ("text", "#N/A", None),
        ("text", "\ufeffnull", None),
        ("text", "无名河", "无名河"),
        ("text", "0", "0"),
        ("text", 1234567890123456789, "1234567890123456789"),
        ("text", "0012 ", "0012 "),
        ("text", 12.0, "12"),
        ("text", float("nan"), None),
        ("area", "1,234.5", 1234.5),
        ("area", "1,5", "1,5"),
        ("area", "3.5亩", 3.5),
        ("area", "2,333 ㎡", 2333.0),
        ("area", "0.2公顷", 0.2),
        ("area", "12 hm²", 12.0),
        ("area", "3.5-4亩", "3.5-4亩"),
        ("area", "3.5亩(2333平方米)", "3.5亩(2333平方米)"),
        ("area", "约3亩", "约3亩"),
        ("area", "1e999", None),
        ("degrees", 0, None),
        ("degrees", "107°06'00\"", 107.1),
        ("degrees", "107度6分0秒", 107.1),
        ("degrees", "E107°06′00″", 107.1),
        ("degrees", "东经107°6′", 107.1),
        ("degrees", "107°06'00''", 107.1),
        ("degrees", "107:06:00.00", 107.1),
        ("degrees", "107°06.000′E", 107.1),
        ("degrees", "107°61′00″", "107°61′00″"),
        ("degrees", "１０７．１", 107.1),
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


@pytest.mark.parametrize(
    ("number", "lost"),
    [
        ("1.23457E+18", True),
        ("1.2345678901234568e+18", True),
        ("1234567890123450000", True),
        ("1234567890123456789", False),
        ("1234567890123400", False),
        ("SC511921-2023-000123", False),
        ("5E3A", False),
        ("0012", False),
    ],
)
def test_numbers_that_a_spreadsheet_rounded_are_noticed(number: str, lost: bool) -> None:
    assert inexact_id(number) is lost


@pytest.mark.parametrize(
    ("kind", "cell", "kept"),
    [
        ("date", "20220305", False),
        ("date", "2022-03-05", True),
        ("text", "/", False),
        ("text", " 12 ", True),
        ("text", 12, True),
        ("area", 12.5, True),
        ("area", "1,234", False),
        ("bank", "左岸", False),
        ("text", None, True),
    ],
)
def test_what_is_read_otherwise_than_it_came_is_noticed(
    kind: Kind, cell: object, kept: bool
) -> None:
    assert same(cell, read(kind, cell)) is kept


@given(st.dates(min_value=date(1990, 1, 1)))
def test_a_date_read_once_reads_the_same_again(day: date) -> None:
    for spelling in (
        f"{day:%Y%m%d}", f"{day:%Y/%m/%d}", f"{day.year}年{day.month}月{day.day}日",
        f"{day.year}.{day.month}", f"{day.year}-Q{(day.month + 2) // 3}", f"{day.year}",
    ):  # fmt: skip
        found = iso_date(spelling)
        assert found is not None
        assert found.startswith(f"{day.year:04d}")
        assert iso_date(found) == found


@given(st.sampled_from(sorted(AREA_WORDS)), st.floats(0.01, 1e6), st.booleans(), st.booleans())
def test_every_unit_behind_a_number_is_read(
    word: str, number: float, blank: bool, small: bool
) -> None:
    cell = f"{number:.2f}{' ' * blank}{word.lower() if small else word}"
    assert read("area", cell) == float(f"{number:.2f}")
    assert unit_in(cell) == AREA_WORDS[word]
    assert unit_in(f"{number:.2f}") is None
