"""Texts of a file as values: nothing-words, numbers, dates of every spelling, degrees."""

import math
import re
import unicodedata
from datetime import date, timedelta

from georeview.core.fields import AREA_WORDS, NULL_WORDS, Kind

Value = str | float | None

_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*[日号]?)?\s*月?(?:[T ].*)?"
)
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})?(?:T.*)?")
_QUARTER = re.compile(
    r"(\d{4})\s*年?\s*-?\s*(?:(?:Q|第)\s*([1-4一二三四])\s*(?:季度?)?|([1-4一二三四])\s*季度?)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(\d{4})\s*年?")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_IN_A_NAME = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_DMS = re.compile(
    r"(?:[NE]|东经|北纬)?\s*(\d{1,3})\s*[°º度:]\s*(\d{1,2}(?:\.\d+)?)\s*(?:['′’分:]\s*"
    r"(?:(\d{1,2}(?:\.\d+)?)\s*(?:\"|″|”|''|′′|’’|秒)?)?)?\s*[NE]?",
    re.IGNORECASE,
)
_ROUNDED = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_WITH_UNIT = re.compile(
    rf"(\d[\d,]*(?:\.\d+)?)\s*({'|'.join(sorted(AREA_WORDS, key=len, reverse=True))})"
)
_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_RANGE = range(32_874, 73_051)
"""Serial numbers of 1990 to 2099."""
FIRST_YEAR = 1990
"""There are no satellite images of plots before; such dates stand for nothing."""

_YES = frozenset({"是", "Y", "YES", "T", "TRUE", "1", "内", "在", "√"})
_NO = frozenset({"否", "N", "NO", "F", "FALSE", "0", "外", "不在", "×"})
_NUMERALS = {"一": "1", "二": "2", "三": "3", "四": "4"}
LONGEST_NULL = max(map(len, NULL_WORDS))
"""A printable text of more characters, blanks around it left off, is itself its value as text."""

_EXACT_DIGITS = 15
"""Digits that a spreadsheet keeps of a number; it fills the rest with zeros."""


def text(value: object) -> str | None:
    """A value as text, or nothing where it says that nothing was given."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    found = str(value)
    if found.isprintable():
        if len(found.strip(" ")) > LONGEST_NULL:
            return found
    else:
        # Half a surrogate pair is no character and cannot be stored.
        found = found.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return None if _plain(found).upper() in NULL_WORDS else found


def read(kind: Kind, value: object) -> Value:
    """A value of a field: what cannot be read as its kind stays as it came."""
    given = text(value)
    if given is None:
        return None
    if kind == "area":
        return _area(given)
    if kind == "degrees":
        return _degrees(given)
    if kind == "date":
        return iso_date(given)
    if kind == "bank":
        return {"左": "L", "右": "R"}.get(given.strip()[:1], given)
    if kind == "yesno":
        word = given.strip().upper()
        return "yes" if word in _YES else "no" if word in _NO else given
    return given


def same(cell: object, value: Value) -> bool:
    """Whether a value still says, to the letter, what came: else what came is kept beside it."""
    return cell == value or (value is not None and str(cell) == str(value))


def inexact_id(given: str) -> bool:
    """Whether a spreadsheet has rounded a number of so many digits: its end is lost."""
    word = given.strip()
    if word.isascii() and word.isdigit():
        return len(word) > _EXACT_DIGITS + 1 and not word[_EXACT_DIGITS:].strip("0")
    return _ROUNDED.fullmatch(word) is not None


def iso_date(given: str) -> str | None:
    """A date as ISO 8601 in the precision it was given; what is no date stays as it came.

    ``2023``, ``2023-01``, ``2023-Q1`` or ``2023-01-15``; nothing for a date before 1990.
    """
    word = _plain(given)
    if quarter := _QUARTER.fullmatch(word):
        nth = quarter[2] or quarter[3]
        return _recent(int(quarter[1]), f"{quarter[1]}-Q{_NUMERALS.get(nth, nth)}")
    if alone := _YEAR.fullmatch(word):
        return _recent(int(alone[1]), alone[1])
    if (serial := _SERIAL.fullmatch(word)) and int(serial[1]) in _EXCEL_RANGE:
        return (_EXCEL_EPOCH + timedelta(days=int(serial[1]))).isoformat()
    found = _DATE.fullmatch(word) or _DIGITS.fullmatch(word) or _IN_A_NAME.search(word)
    if not found:
        return given
    try:
        full = date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        return given
    return _recent(full.year, full.isoformat() if found[3] else full.isoformat()[:7])


def _plain(given: str) -> str:
    """A text in plain width, without blanks, NULs and marks of no width around it."""
    if given.isascii():
        return given.strip(" \t\r\n\x00")
    return unicodedata.normalize("NFKC", given.strip("\ufeff\u200b\x00 \t\r\n\u3000")).strip()


def _recent(year: int, found: str) -> str | None:
    return found if year >= FIRST_YEAR else None


def unit_in(cell: str) -> str | None:
    """The unit that a stated area names behind its number: ``3.5亩`` is ``mu``."""
    if cell.isascii() and not cell.upper().isupper():
        return None  # no letter in it
    found = _WITH_UNIT.fullmatch(_plain(cell).upper())
    return AREA_WORDS[found[2]] if found else None


def _area(given: str) -> Value:
    """The number of a stated area, in the unit behind it where there is one."""
    number = _number(given)
    if isinstance(number, str) and (found := _WITH_UNIT.fullmatch(_plain(given).upper())):
        number = _number(found[1])
    return given if isinstance(number, str) else number


def _number(given: str) -> Value:
    word = _plain(given)
    if "," in word:
        # 1,234.5 is a number; of 1,5 nobody knows.
        word = word.replace(",", "") if _GROUPED.fullmatch(word) else given
    try:
        number = float(word)
    except ValueError:
        return given
    return number if math.isfinite(number) else None


def _degrees(given: str) -> Value:
    if dms := _DMS.fullmatch(_plain(given)):
        minutes, seconds = float(dms[2]), float(dms[3] or 0)
        return int(dms[1]) + minutes / 60 + seconds / 3600 if max(minutes, seconds) < 60 else given
    number = _number(given)
    return None if number == 0 else number
