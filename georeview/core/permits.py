"""Permits of projects by the river: what an entry of the register says, and which plots it fits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from georeview.core.ledger import Value
from georeview.errors import BadValue

NEAR_M: Final = 50.0
"""How near a permit lies to a plot that it may be of."""

NOTICE_DAYS: Final = 30
"""How long before its end the offices are told."""

PHOTO_M: Final = 100.0
"""How near a plot a photo was taken that shows it without further explanation."""

TIMED: Final = ("FP27", "FP28")
"""Reasons that hold only as long as the permit does."""

KIND_WORDS: Final[tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]] = (
    ("FP28", ("采砂",), ("采砂", "采石", "砂")),
    ("FP27", ("临时",), ("临时", "便道", "施工")),
    ("FP21", ("桥",), ("桥",)),
    ("FP22", ("码头", "渡口"), ("码头", "渡口")),
    ("FP23", ("管", "缆", "线路"), ("管", "缆", "线路")),
    ("FP24", ("路",), ("路",)),
    ("FP25", ("取水", "排水", "排口", "取排"), ("取水", "排水", "排口", "取排")),
    ("FP26", ("其他", "公园", "广场", "建筑"), ("其他", "公园", "广场", "房", "建筑")),
)
"""Code, words in the permit's kind, words in the issued type that it fits."""

WORKS: Final = (
    "桥", "码头", "渡口", "管线", "缆", "线路", "道路", "公路", "铁路", "取水", "排水", "排口", "取排",
    "公园", "广场", "临时工程",
)  # fmt: skip
"""Words in what a plot is that make it a work which needs a permit."""


class Standing(StrEnum):
    """What a permit is good for on a day."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Permit:
    """One entry of the register.

    Attributes:
        permit_id: Ours.
        number: As the authority wrote it; opaque text.
        name: Of the project.
        kind: Of the project, in the register's words.
        holder: Who holds it; personal data where it is a person.
        authority: Who gave it.
        granted_on: When, ISO date.
        valid_to: Last day it holds, ISO date; ``None`` when it does not end.
        plan_consent_no: Number of the planning consent for water works.
        flood_assessment: Number of the flood impact assessment.
        note: Free text.
        area: Area code of the county it lies in, or of the office that keeps it.
        wkb: Where, EPSG:4490, if known.
        bbox: West, south, east, north of that, degrees.
        source: Layer version it was taken from; ``None`` when made by hand.
        withdrawn_on: Day it was withdrawn from the register, if it was.
        revision: Number of its last change, the ETag.
        created_at: Server time, ISO 8601 UTC.
        updated_at: Of the last change.
    """

    permit_id: str
    number: str
    name: str | None
    kind: str | None
    holder: str | None
    authority: str | None
    granted_on: str | None
    valid_to: str | None
    plan_consent_no: str | None
    flood_assessment: str | None
    note: str | None
    area: str
    wkb: bytes | None
    bbox: tuple[float, float, float, float] | None
    source: str | None
    withdrawn_on: str | None
    revision: int
    created_at: str
    updated_at: str

    def standing(self, today: date) -> Standing:
        """What it is good for on a day."""
        if self.withdrawn_on is not None:
            return Standing.WITHDRAWN
        if self.valid_to is None:
            return Standing.VALID
        end = date.fromisoformat(self.valid_to)
        if end < today:
            return Standing.EXPIRED
        return Standing.EXPIRING if end <= today + timedelta(days=NOTICE_DAYS) else Standing.VALID

    def fits(self, what: str | None) -> bool:
        """Whether what a plot is goes with the permit's kind."""
        return fitting(self.kind or "", what or "") is not None


TEXTS: Final[Mapping[str, int]] = {
    "number": 200, "name": 200, "kind": 100, "holder": 200, "authority": 200,
    "plan_consent_no": 200, "flood_assessment": 200, "note": 4000,
}  # fmt: skip
"""Texts of an entry, each with the greatest length."""

DATES: Final = ("granted_on", "valid_to")
SAID: Final = (*TEXTS, *DATES)
"""What people say of a permit, beside its place."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def checked(said: Mapping[str, object]) -> dict[str, str | None]:
    """What is said of a permit as it is kept: blanks are nothing.

    Raises:
        BadValue: A value cannot be.
    """
    return {name: _text(name, value) for name, value in said.items()}


def _text(name: str, value: object) -> str | None:
    if name not in SAID:
        raise BadValue(field=name[:80], value=str(value)[:80])
    if value is None or value == "" or (isinstance(value, str) and not value.strip()):
        if name == "number":
            raise BadValue(field=name, value="")
        return None
    if not isinstance(value, str) or len(value) > TEXTS.get(name, 10) or _CONTROL.search(value):
        raise BadValue(field=name, value=str(value)[:80])
    return _day(name, value) if name in DATES else value


def _day(name: str, value: str) -> str:
    try:
        if date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    raise BadValue(field=name, value=value)


def differences(before: Permit | None, after: Permit) -> dict[str, Value]:
    """What changes, by name: old and new; of the place only that it does."""
    told: dict[str, Value] = {}
    for name in (*SAID, "area", "withdrawn_on"):
        old, new = None if before is None else getattr(before, name), getattr(after, name)
        if old != new:
            told[name] = [old, new]
    if (before.wkb if before else None) != after.wkb:
        told["place"] = [bool(before and before.wkb), after.wkb is not None]
    return told


def fitting(kind: str, issued: str) -> str | None:
    """Code of the first row whose words stand in both the permit's kind and the issued type."""
    for code, kinds, types in KIND_WORDS:
        if any(word in kind for word in kinds) and any(word in issued for word in types):
            return code
    return None


COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "number": ("permit_no", "pfwh", "xkwh", "xkzh", "许可文号", "批复文号", "许可证号", "批准文号", "编号"),
    "name": ("name", "xmmc", "项目名称", "名称"),
    "kind": ("kind", "xmlx", "项目类型", "类型", "类别"),
    "holder": ("holder", "jsdw", "建设单位", "持证单位", "持证人", "被许可人"),
    "authority": ("authority", "pfjg", "批复机构", "许可机关", "审批机关", "批复单位"),
    "granted_on": ("date", "granted_on", "pfrq", "批复日期", "许可日期", "批准日期"),
    "valid_to": ("valid_to", "yxqz", "有效期至", "有效期止", "到期日期"),
    "plan_consent_no": ("plan_consent_no", "规划同意书", "规划同意书文号"),
    "flood_assessment": ("flood_assessment", "洪评批复", "洪水影响评价"),
    "note": ("note", "remark", "bz", "备注", "说明"),
}  # fmt: skip
"""What is said of a permit → the columns it may stand in, in small letters."""

_DAY = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})\D?(?:T?\s?\d\d:\d\d.*)?")
_EMPTY = frozenset({"", "/", "-", "—", "无", "NULL", "null", "<空>", "N/A"})


def read_row(row: Mapping[str, object]) -> dict[str, str | None]:
    """What a row of a table says of a permit; dates in the ways offices write them.

    Raises:
        BadValue: A value cannot be, or two columns are of one field.
    """
    given = {name.strip().casefold(): value for name, value in row.items()}
    said: dict[str, object] = {}
    for field, columns in COLUMNS.items():
        values = {_plain(given[name]) for name in columns if name in given} - {None}
        if len(values) > 1:
            raise BadValue(field=field, value=" | ".join(sorted(map(str, values)))[:80])
        if values:
            (value,) = values
            said[field] = _as_day(value) if field in DATES else value
    return checked(said)


def _plain(value: object) -> str | None:
    text = "" if value is None else str(value).strip()
    return None if text in _EMPTY else text


def _as_day(text: str | None) -> str | None:
    found = _DAY.fullmatch(text or "")
    if found is None:
        return text
    year, month, day = found.groups()
    return f"{year}-{int(month):02d}-{int(day):02d}"


LINKED: Final[Mapping[str, str]] = {
    "permit_no": "number",
    "permit_authority": "authority",
    "permit_date": "granted_on",
    "permit_valid_to": "valid_to",
}
"""What a plot's review says of the permit it rests on → where that stands in the register."""


def linking(permit: Permit) -> dict[str, str]:
    """What a step that links a plot says of a permit."""
    said = {name: getattr(permit, own) for name, own in LINKED.items()}
    return {"permit": permit.permit_id, **{k: v for k, v in said.items() if v is not None}}
