"""Texts of a file as values: nothing-words, numbers, dates of every spelling, degrees."""

import math
import re
from datetime import date, timedelta

from georeview.core.fields import NULL_WORDS, Kind

Value = str | float | None

_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?)?月?(?:[T ].*)?")
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_QUARTER = re.compile(r"(\d{4})\s*年?\s*(?:Q|第)\s*([1-4])(?:季度)?", re.IGNORECASE)
_YEAR = re.compile(r"(\d{4})年?")
_IN_A_NAME = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_DMS = re.compile(
    r"(\d{1,3})\s*[°度]\s*(\d{1,2})\s*['′分]\s*(\d{1,2}(?:\.\d+)?)\s*[\"″秒]?\s*[NEne]?"
)
_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_RANGE = range(32_874, 73_051)
"""Serial numbers of 1990 to 2099."""
FIRST_YEAR = 1990
"""There are no satellite images of plots before; such dates stand for nothing."""

_YES = frozenset({"是", "Y", "YES", "T", "TRUE", "1", "内", "在"})
_NO = frozenset({"否", "N", "NO", "F", "FALSE", "0", "外", "不在"})


def text(value: object) -> str | None:
    """A value as text, or nothing where it says that nothing was given."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    # Half a surrogate pair is no character and cannot be stored.
    found = str(value).replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return None if found.strip().upper() in NULL_WORDS else found


def read(kind: Kind, value: object) -> Value:
    """A value of a field: what cannot be read as its kind stays as it came."""
    given = text(value)
    if given is None:
        return None
    if kind == "number":
        return _number(given)
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


def iso_date(given: str) -> str | None:
    """A date as ISO 8601 in the precision it was given; what is no date stays as it came.

    ``2023``, ``2023-01``, ``2023-Q1`` or ``2023-01-15``; nothing for a date before 1990.
    """
    word = given.strip()
    if quarter := _QUARTER.fullmatch(word):
        return _recent(int(quarter[1]), f"{quarter[1]}-Q{quarter[2]}")
    if alone := _YEAR.fullmatch(word):
        return _recent(int(alone[1]), alone[1])
    if word.isdigit() and len(word) == 5 and int(word) in _EXCEL_RANGE:
        return (_EXCEL_EPOCH + timedelta(days=int(word))).isoformat()
    found = _DATE.fullmatch(word) or _DIGITS.fullmatch(word) or _IN_A_NAME.search(word)
    if not found:
        return given
    try:
        full = date(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        return given
    return _recent(full.year, full.isoformat() if found[3] else full.isoformat()[:7])


def _recent(year: int, found: str) -> str | None:
    return found if year >= FIRST_YEAR else None


def _number(given: str) -> Value:
    try:
        number = float(given.replace(",", ""))
    except ValueError:
        return given
    return number if math.isfinite(number) else None


def _degrees(given: str) -> Value:
    if dms := _DMS.fullmatch(given.strip()):
        return int(dms[1]) + int(dms[2]) / 60 + float(dms[3]) / 3600
    number = _number(given)
    return None if number == 0 else number
