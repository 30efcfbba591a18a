"""What a mark or a step of the workflow may carry: one table for API, command line and rules."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

from georeview.core.codes import MEASURES, REFUSALS, REOPENINGS, RETURNS
from georeview.core.ledger import Value
from georeview.core.reasons import REASONS, VIOLATIONS
from georeview.core.severity import SEVERITIES
from georeview.errors import BadValue

BodyKind = Literal[
    "text", "date", "decimal", "percent", "choice", "ids", "point", "record", "parts"
]


@dataclass(frozen=True, slots=True)
class BodyField:
    """One field of a command's body.

    Attributes:
        name: Its name in JSON and in the event.
        kind: How it is checked.
        limit: Greatest length of the text, or number of ids.
        choices: What a ``choice`` may be.
        personal: Whether it names a third party: kept beside the ledger, which holds a hash.
        zh: What it means.
        en: The same in English.
    """

    name: str
    kind: BodyKind
    zh: str
    en: str
    limit: int = 200
    choices: tuple[str, ...] = ()
    personal: bool = False


HASH_OF_NAME = "sha256:"
"""What the hash begins with that stands in an event for a name."""

_DETERMINATIONS = ("not_problem", "not_problem_historic", "problem", "problem_historic")

PARTS_MOST = 50
"""Parts that a plot is cut into at once."""

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
    BodyField("party", "text", "责任方(单位或个人)", "responsible party", limit=120, personal=True),
    BodyField("evidence", "ids", "佐证编号", "ids of attached evidence", limit=50),
    BodyField("review_mode", "choice", "复核方式", "review mode", choices=("desk", "site")),
)

_PERMIT = BodyField("permit", "text", "登记的许可", "permit of the register", limit=80)
_TEXT = BodyField("text", "text", "说明", "text", limit=4000)
_COUNTY = BodyField("county", "text", "县代码", "county code", limit=6)
_DOCUMENT = BodyField("document_no", "text", "文号", "document number")
_DATE = BodyField("date", "date", "日期", "date")
_TARGET = BodyField("target", "text", "另一图斑的内部编号", "id of the other plot", limit=80)
_UNIT = BodyField("unit", "text", "责任单位", "responsible unit")
_PERSON = BodyField("person", "text", "责任人", "responsible person", limit=60, personal=True)
_LAYER = BodyField("layer_version", "text", "图层版本", "layer version")
_CLOCK = BodyField("clock", "choice", "计时", "clock", choices=("review", "rectify"))
_SAMPLE = BodyField("sample", "text", "抽查记录", "sampling record")
_RECHECK = BodyField("recheck", "date", "下次复查日期", "next recheck")
_MEASURE = BodyField("measure", "choice", "整改措施", "measure", choices=tuple(MEASURES))
_OF_MARK = MappingProxyType({field.name: field for field in MARK_FIELDS})
_EVIDENCE = _OF_MARK["evidence"]
_RECORD = BodyField(
    "record", "record", "所处理的旁记", "record kept beside that this settles", limit=80
)
_REASON = _OF_MARK["reason"]


def _code(table: Mapping[str, object], zh: str, en: str) -> BodyField:
    return BodyField("code", "choice", zh, en, choices=tuple(table))


def _choice(name: str, zh: str, en: str, *choices: str) -> BodyField:
    return BodyField(name, "choice", zh, en, choices=choices)


_REFUSAL = _code(REFUSALS, "不认领原因", "why it is refused")
_RETURN = _code(RETURNS, "退回原因", "why it is returned")
_REOPENING = _code(REOPENINGS, "重启原因", "why it is reopened")
_VERDICT = (_OF_MARK["determination"], _OF_MARK["violation"], _OF_MARK["severity"])

ACTION_FIELDS: Mapping[str, tuple[BodyField, ...]] = MappingProxyType(
    {
        "mark": (*MARK_FIELDS, _RECORD),
        "undo_mark": (),
        "submit": (_RECORD,),
        "dispatch": (_COUNTY,),
        "claim": (_RECORD,),
        "refuse": (_REFUSAL, _TEXT, _TARGET, _EVIDENCE),
        "transfer": (_COUNTY, _TEXT),
        "deny_refusal": (_TEXT,),
        "dispatch_town": (BodyField("township", "text", "乡镇代码", "township code", limit=9),),
        "send_back": (_REFUSAL, _TEXT, _TARGET, _EVIDENCE),
        "open": (_RECORD,),
        "reassign": (BodyField("to", "text", "改派给(账号)", "sign-in name", limit=60),),
        "settle_conflict": (_TEXT, _RECORD),
        "link_permit": (_PERMIT, *(f for f in MARK_FIELDS if f.name.startswith("permit_"))),
        "unlink_permit": (_TEXT,),
        "approve": (_REASON, _TEXT),
        "return": (_RETURN, _TEXT),
        "accept_negative": (_OF_MARK["determination"], _REASON, _SAMPLE, _TEXT),
        "accept_problem": (*_VERDICT, _TEXT),
        "accept_watch": (_DOCUMENT, _RECHECK, *_VERDICT, _TEXT),
        "overrule": (
            _choice("mark", "改判为", "overruled to", "confirmed", "false_positive", "rectified"),
            _TEXT,
            _DOCUMENT,
            BodyField("second", "text", "第二人(账号)", "second person", limit=60),
            _REASON,
            *_VERDICT,
            _RECHECK,
        ),
        "plan": (
            _MEASURE,
            _UNIT,
            _PERSON,
            BodyField("finish", "date", "计划完成日期", "planned finish"),
            _TEXT,
        ),
        "progress": (
            BodyField("percent", "percent", "进度(%)", "per cent done", limit=99),
            _TEXT,
            _EVIDENCE,
            _UNIT,
            _PERSON,
            _RECORD,
        ),
        "claim_rectified": (_DATE, _MEASURE, _TEXT, _EVIDENCE, _RECORD),
        "accept_rectified": (
            _choice("method", "验收方式", "method", "site", "imagery"),
            _DATE,
            _TEXT,
        ),
        "reject_rectified": (_RETURN, _TEXT),
        "close": (
            _choice("method", "核查方式", "method", "site", "imagery", "document"),
            _DATE,
            _TEXT,
        ),
        "reopen": (_REOPENING, _TEXT),
        "extend": (_DATE, _DOCUMENT, _CLOCK, _TEXT),
        "query_boundary": (
            _TEXT,
            _LAYER,
            BodyField("point", "point", "位置(经度,纬度)", "position (lon,lat)", limit=60),
            _EVIDENCE,
        ),
        "resolve_boundary": (_LAYER, _TEXT),
        "merge": (_TARGET, _TEXT),
        "split": (
            BodyField("parts", "parts", "各部分(GeoJSON 面)", "GeoJSON polygons", limit=PARTS_MOST),
            _TEXT,
        ),
        "unmerge": (_TEXT,),
        "withdraw": (_DOCUMENT, _TEXT),
        "reinstate": (_DOCUMENT, _TEXT),
        "recheck": (
            _choice("to", "复查结论", "what follows", "watch", "rectify_plan", "closed"),
            _TEXT,
            _DATE,
            _EVIDENCE,
        ),
        "stop_clock": (_TEXT, _DOCUMENT, _CLOCK),
        "restart_clock": (_TEXT, _DOCUMENT),
        "confirm": (_TEXT,),
        "decline": (_TEXT,),
        "request_reopen": (_REOPENING, _TEXT),
        "request_extend": (_DATE, _CLOCK, _TEXT),
        "record_finding": (_TEXT, _EVIDENCE),
        "escalate": (
            _choice("code", "督办步骤", "step", "remind", "notice", "summons", "criticism"),
            _DOCUMENT,
            _DATE,
            _TEXT,
        ),
    }
)
"""Action of the workflow → what its body may hold."""


def personal_fields() -> frozenset[str]:
    """Fields that name third parties."""
    return frozenset(f.name for fields in ACTION_FIELDS.values() for f in fields if f.personal)


def _named(fields: Iterable[BodyField]) -> Mapping[str, BodyField]:
    return {field.name: field for field in fields}


_NAMED = MappingProxyType({action: _named(fields) for action, fields in ACTION_FIELDS.items()})

LABELS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {field.name: (field.zh, field.en) for fields in ACTION_FIELDS.values() for field in fields}
)
"""Field → what it means, Chinese and English."""

PART = frozenset({"plot_id", "source_id", "geometry_sha256"})
"""What the event of a split says of each part."""

_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""What no person types and no file format carries; tabs and line ends are text."""


def check(action: str, body: Mapping[str, object]) -> dict[str, Value]:
    """The body of a step as it goes into the event; raises as ``checked``."""
    return _checked(_NAMED[action], body)


def checked(fields: Iterable[BodyField], body: Mapping[str, object]) -> dict[str, Value]:
    """What was sent: known fields, checked values, blanks dropped.

    Raises:
        BadValue: A field is unknown or its value is not possible; ``field`` says which.
    """
    return _checked(_named(fields), body)


def _checked(known: Mapping[str, BodyField], body: Mapping[str, object]) -> dict[str, Value]:
    clean: dict[str, Value] = {}
    for name, value in body.items():
        if value is None or value == "":
            continue
        if name not in known:
            raise BadValue(field=name, value=str(value)[:80])
        spec = known[name]
        read = _READ.get(spec.kind, _value)
        clean[name] = read(spec, value)
    return clean


def _ids(spec: BodyField, value: object) -> list[Value]:
    if not isinstance(value, list) or len(value) > spec.limit:
        raise BadValue(field=spec.name, value=str(value)[:80])
    if not all(isinstance(item, str) and len(item) <= 80 for item in value):
        raise BadValue(field=spec.name, value=str(value)[:80])
    return list(value)


def _parts(spec: BodyField, value: object) -> list[Value]:
    """Parts as the event names them: the plots they become, whose shapes lie with those."""
    parts = value if isinstance(value, list) else []
    told: list[Value] = [
        {name: text for name, text in part.items() if isinstance(text, str)}
        for part in parts
        if isinstance(part, dict) and set(part) == PART
    ]
    if not 2 <= len(told) == len(parts) <= spec.limit:
        raise BadValue(field=spec.name, value=str(value)[:80])
    return told


def _percent(spec: BodyField, value: object) -> int:
    text = str(value)
    whole = not isinstance(value, bool) and text.isascii() and text.isdigit() and len(text) < 4
    if not whole or int(text) > spec.limit:
        raise BadValue(field=spec.name, value=text[:80])
    return int(text)


def _point(spec: BodyField, value: object) -> str:
    """Degrees of EPSG:4490 as ``lon,lat``."""
    try:
        lon, lat = (float(part) for part in str(value).split(","))
    except ValueError as error:
        raise BadValue(field=spec.name, value=str(value)[:80]) from error
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise BadValue(field=spec.name, value=str(value)[:80])
    return f"{lon:.7f},{lat:.7f}"


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
        good = good and not (spec.personal and text.startswith(HASH_OF_NAME))
    if not good:
        raise BadValue(field=spec.name, value=text[:80])
    return text


_READ: Mapping[BodyKind, Callable[[BodyField, object], Value]] = MappingProxyType(
    {"ids": _ids, "parts": _parts, "percent": _percent, "point": _point}
)


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
