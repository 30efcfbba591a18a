"""What a mark or a step of the workflow may carry: one table for API, command line and rules."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

from georeview.core.ledger import Value
from georeview.core.reasons import REASONS, VIOLATIONS
from georeview.core.severity import SEVERITIES
from georeview.errors import BadValue

BodyKind = Literal["text", "date", "decimal", "choice", "ids"]


@dataclass(frozen=True, slots=True)
class BodyField:
    """One field of a command's body.

    Attributes:
        name: Its name in JSON and in the event.
        kind: How it is checked.
        limit: Greatest length of the text, or number of ids.
        choices: What a ``choice`` may be.
        zh: What it means.
        en: The same in English.
    """

    name: str
    kind: BodyKind
    zh: str
    en: str
    limit: int = 200
    choices: tuple[str, ...] = ()


_DETERMINATIONS = ("not_problem", "not_problem_historic", "problem", "problem_historic")

MARK_FIELDS: tuple[BodyField, ...] = (
    BodyField(
        "mark",
        "choice",
        "标记",
        "mark",
        choices=("confirmed", "false_positive", "rectified", "pending"),
    ),
    BodyField("reason", "choice", "误报原因代码", "false-positive code", choices=tuple(REASONS)),
    BodyField(
        "reason_source",
        "choice",
        "原因来源",
        "where the reason came from",
        choices=("chosen", "suggested"),
    ),
    BodyField("violation", "choice", "问题类别代码", "violation code", choices=tuple(VIOLATIONS)),
    BodyField("severity", "choice", "严重程度", "severity", choices=SEVERITIES),
    BodyField(
        "determination", "choice", "判定建议", "proposed determination", choices=_DETERMINATIONS
    ),
    BodyField("type_actual", "text", "实际类型", "what is really there"),
    BodyField("note", "text", "备注", "note", limit=4000),
    BodyField("permit_no", "text", "许可文号", "permit number"),
    BodyField("permit_authority", "text", "许可机关", "who gave the permit"),
    BodyField("permit_date", "date", "许可日期", "date of the permit"),
    BodyField("permit_valid_to", "date", "许可有效期至", "permit valid to"),
    BodyField("area_m2", "decimal", "实测面积(平方米)", "measured area, m²"),
    BodyField("volume_m3", "decimal", "实测方量(立方米)", "measured volume, m³"),
    BodyField("evidence", "ids", "佐证编号", "ids of attached evidence", limit=50),
    BodyField("review_mode", "choice", "复核方式", "review mode", choices=("desk", "site")),
)

ACTION_FIELDS: Mapping[str, tuple[BodyField, ...]] = MappingProxyType(
    {
        "mark": MARK_FIELDS,
        "undo_mark": (),
        "submit": (),
        "dispatch": (BodyField("county", "text", "县代码", "county code", limit=6),),
        "dispatch_town": (BodyField("township", "text", "乡镇代码", "township code", limit=9),),
    }
)
"""Action of the workflow → what its body may hold."""

_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""What no person types and no file format carries; tabs and line ends are text."""


def check(action: str, body: Mapping[str, object]) -> dict[str, Value]:
    """The body as it goes into the event: known fields, checked values, blanks dropped.

    Raises:
        BadValue: A field is unknown or its value is not possible; ``field`` says which.
    """
    known = {f.name: f for f in ACTION_FIELDS[action]}
    clean: dict[str, Value] = {}
    for name, value in body.items():
        if value is None or value == "":
            continue
        if name not in known:
            raise BadValue(field=name, value=str(value)[:80])
        spec = known[name]
        clean[name] = _ids(spec, value) if spec.kind == "ids" else _value(spec, value)
    return clean


def _ids(spec: BodyField, value: object) -> list[Value]:
    if not isinstance(value, list) or len(value) > spec.limit:
        raise BadValue(field=spec.name, value=str(value)[:80])
    if not all(isinstance(item, str) and len(item) <= 80 for item in value):
        raise BadValue(field=spec.name, value=str(value)[:80])
    return list(value)


def _value(spec: BodyField, value: object) -> str:
    number = spec.kind == "decimal" and isinstance(value, int | float)
    text = value if isinstance(value, str) else str(value)
    good = isinstance(value, str) or number
    if spec.kind == "choice":
        good = good and text in spec.choices
    elif spec.kind == "date":
        good = good and _is_date(text)
    elif spec.kind == "decimal":
        good = good and _DECIMAL.fullmatch(text) is not None
    else:
        good = good and len(text) <= spec.limit and _CONTROL.search(text) is None
    if not good:
        raise BadValue(field=spec.name, value=text[:80])
    return text


def instant(value: object) -> datetime:
    """When something was done by a device's clock.

    Raises:
        BadValue: It is no ISO 8601 time with an offset, or of no year a device can mean.
    """
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 2000 <= moment.year <= 2100:
        raise BadValue(field="observed_at", value=str(value)[:40])
    return moment


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
