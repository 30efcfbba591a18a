"""Findings of unannounced visits, inspections and samples: told to the county, answered by a day."""

from datetime import date

from georeview.core.access import Action
from georeview.core.commands import BodyField
from georeview.core.deadlines import Calendar, working_days
from georeview.core.registers.register import (
    Content,
    Entry,
    Register,
    RegisterStep,
    between,
    day_of,
)

SOURCES = ("spot_visit", "inspection", "sample", "report_12314")

_DEADLINE = BodyField("deadline", "date", "答复期限", "reply due")
_FIELDS: tuple[BodyField, ...] = (
    BodyField("source", "choice", "来源", "source", choices=SOURCES),
    BodyField("finder", "text", "发现单位或人员", "found by", limit=60),
    BodyField("date", "date", "发现日期", "found on"),
    _DEADLINE,
    BodyField("text", "text", "情况说明", "what was found", limit=4000),
    BodyField("document_no", "text", "文号", "document number"),
    BodyField("river", "text", "河流", "river", limit=60),
    BodyField("address", "text", "地点", "place", limit=200),
    BodyField("position", "point", "位置(经度,纬度)", "position (lon,lat)"),
)


def _rule(content: Content, today: date) -> None:
    found = day_of(content, "date")
    between(content, "date", None, today)
    between(content, "deadline", found, None)
    between(content, "replied_on", found, today)
    between(content, "settled_on", found, today)


FINDINGS = Register(
    id="findings",
    reads=Action.FINDINGS,
    writes=Action.RECORD_FINDING,
    fields=_FIELDS,
    needs=("source", "finder", "date", "deadline", "text"),
    begins="open",
    rule=_rule,
    steps=(
        RegisterStep(
            "reply",
            Action.REPLY_FINDING,
            frozenset({"open"}),
            "replied",
            (
                BodyField("reply", "text", "答复", "reply", limit=4000),
                BodyField("replied_on", "date", "答复日期", "replied on"),
            ),
            ("reply", "replied_on"),
        ),
        RegisterStep(
            "settle",
            Action.RECORD_FINDING,
            frozenset({"replied"}),
            "settled",
            (
                BodyField("settled_on", "date", "办结日期", "settled on"),
                BodyField("verdict", "text", "核查意见", "verdict", limit=4000),
            ),
            ("settled_on",),
        ),
        RegisterStep(
            "send_back",
            Action.RECORD_FINDING,
            frozenset({"replied"}),
            "open",
            (_DEADLINE, BodyField("verdict", "text", "核查意见", "verdict", limit=4000)),
            ("deadline", "verdict"),
        ),
    ),
    on_plot="may",
    states=frozenset({"open"}),
)


def overdue_days(entry: Entry, today: date, calendar: Calendar) -> int | None:
    """Working days by which the reply is late; ``None`` where it is not, 0 on days nobody works."""
    due = entry.day("deadline")
    if entry.register != FINDINGS.id or entry.state != "open" or due is None or today <= due:
        return None
    return working_days(due, today, calendar)
