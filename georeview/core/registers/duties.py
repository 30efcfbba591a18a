"""Who answers for a reach: river chiefs by name and level, and the departments beside them."""

from dataclasses import dataclass
from datetime import date

from georeview.core.access import Action
from georeview.core.commands import BodyField
from georeview.core.reasons import DISORDERS
from georeview.core.registers.register import (
    Content,
    Entry,
    Register,
    RegisterStep,
    between,
    day_of,
    need,
)
from georeview.errors import BadValue

CHIEF, DEPARTMENT = "chief", "department"
LEVELS = ("city", "county", "township", "village")
AREA_DIGITS = (4, 6, 9, 12)
ANYTHING = "all"
"""Stands for every class of problem."""

FIELDS: tuple[BodyField, ...] = (
    BodyField("duty", "choice", "类别", "kind", choices=(CHIEF, DEPARTMENT)),
    BodyField("name", "text", "姓名或单位名称", "name of person or department", limit=60),
    BodyField("title", "text", "职务", "title", limit=60),
    BodyField("level", "choice", "级别", "level", choices=LEVELS),
    BodyField("area", "text", "行政区代码", "area code", limit=12),
    BodyField("river", "text", "河流", "river", limit=60),
    BodyField("river_code", "text", "河流代码", "river code", limit=40),
    BodyField("from_m", "decimal", "起点桩号(米)", "reach begins at, m"),
    BodyField("to_m", "decimal", "终点桩号(米)", "reach ends at, m"),
    BodyField("bank", "choice", "岸别", "bank", choices=("L", "R")),
    BodyField(
        "disorder", "choice", "负责的四乱类别", "class of problems", choices=(*DISORDERS, ANYTHING)
    ),
    BodyField("since", "date", "任职起", "since"),
    BodyField("until", "date", "任职止", "until"),
    BodyField("account", "text", "账号", "sign-in name", limit=60),
    BodyField("note", "text", "备注", "note", limit=400),
)
"""What an entry says, and the columns of a list that is loaded."""

_UNTIL = next(field for field in FIELDS if field.name == "until")


def _rule(content: Content, _today: date) -> None:
    area = str(content["area"])
    if not (area.isascii() and area.isdigit() and len(area) in AREA_DIGITS):
        raise BadValue(field="area", value=area[:40])
    if content["duty"] == CHIEF:
        need(content, ("title", "level"))
    if "from_m" in content or "to_m" in content:
        need(content, ("river",))
    begin, end = (content.get(name) for name in ("from_m", "to_m"))
    if begin is not None and end is not None and float(str(begin)) >= float(str(end)):
        raise BadValue(field="to_m", value=str(end))
    between(content, "until", day_of(content, "since"), None)


DUTIES = Register(
    id="duties",
    reads=Action.SEE,
    writes=Action.KEEP_DUTIES,
    fields=FIELDS,
    needs=("duty", "name", "area", "since"),
    begins="held",
    rule=_rule,
    steps=(
        RegisterStep(
            "end", Action.KEEP_DUTIES, frozenset({"held"}), "ended", (_UNTIL,), ("until",)
        ),
    ),
    states=frozenset({"held"}),
    public=True,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a plot lies, as far as anybody answers for it."""

    area: str
    river: str | None
    river_code: str | None
    chainage_m: float | None
    bank: str | None


def in_force(entry: Entry, day: date) -> bool:
    """Whether somebody answers on a day."""
    since, until = entry.day("since"), entry.day("until")
    return (since is None or since <= day) and (until is None or day <= until)


def on_river(entry: Entry, river: str | None, code: str | None) -> bool:
    """Whether somebody answers for a river; by its code where both name one."""
    own, own_code = entry.text("river"), entry.text("river_code")
    if own is None and own_code is None:
        return True
    if own_code is not None and code is not None:
        return own_code == code
    return own is not None and own == river


def answers(entry: Entry, place: Place, day: date) -> bool:
    """Whether somebody answers for a place on a day.

    A reach begins and ends at chainages of its river; where a plot's chainage is not known, nobody
    of a reach is named for it.
    """
    if not in_force(entry, day) or not on_river(entry, place.river, place.river_code):
        return False
    if not (place.area.startswith(entry.area) or entry.area.startswith(place.area)):
        return False
    bank = entry.text("bank")
    if bank is not None and place.bank not in (bank, "both"):
        return False
    begin, end = entry.text("from_m"), entry.text("to_m")
    if begin is None and end is None:
        return True
    if place.chainage_m is None:
        return False
    after = begin is None or float(begin) <= place.chainage_m
    return after and (end is None or place.chainage_m <= float(end))
