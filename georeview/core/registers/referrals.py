"""Referrals to water-law enforcement: told, followed, and replacing nobody's enforcement (三个不代替).

A referral moves no plot, closes none and asks nothing of those who do.
"""

from datetime import date

from georeview.core.access import Action
from georeview.core.commands import BodyField
from georeview.core.registers.register import Content, Register, RegisterStep, between, day_of

_CASE = BodyField("case_no", "text", "案号", "case number", limit=80)
_FIELDS: tuple[BodyField, ...] = (
    BodyField("authority", "text", "受移送机关", "authority referred to", limit=80),
    BodyField("date", "date", "移送日期", "referred on"),
    BodyField("document_no", "text", "移送文号", "document number"),
    _CASE,
    BodyField("text", "text", "移送事由", "what is referred", limit=4000),
    BodyField("party", "text", "当事人", "party", limit=80),
)

OPEN = frozenset({"sent", "accepted", "decided"})
"""States in which something is still to come."""

ANSWERED = frozenset({"accepted", "rejected", "decided", "closed"})


def _rule(content: Content, today: date) -> None:
    sent = day_of(content, "date")
    between(content, "date", None, today)
    between(content, "answered_on", sent, today)
    between(content, "decision_on", day_of(content, "answered_on") or sent, today)
    between(content, "closed_on", day_of(content, "decision_on") or sent, today)


def _answer(name: str, needs: tuple[str, ...]) -> RegisterStep:
    fields = (
        BodyField("answered_on", "date", "答复日期", "answered on"),
        BodyField("answer", "text", "答复内容或理由", "answer or reason", limit=4000),
        _CASE,
    )
    target = {"accept": "accepted", "reject": "rejected"}[name]
    return RegisterStep(name, Action.REFER, frozenset({"sent"}), target, fields, needs)


REFERRALS = Register(
    id="referrals",
    reads=Action.REFERRALS,
    writes=Action.REFER,
    fields=_FIELDS,
    needs=("authority", "date", "text"),
    begins="sent",
    rule=_rule,
    steps=(
        _answer("accept", ("answered_on",)),
        _answer("reject", ("answered_on", "answer")),
        RegisterStep(
            "decide",
            Action.REFER,
            frozenset({"accepted"}),
            "decided",
            (
                BodyField(
                    "decision_no", "text", "处罚决定书文号", "penalty decision number", limit=80
                ),
                BodyField("decision_on", "date", "处罚决定日期", "decided on"),
                _CASE,
            ),
            ("decision_no", "decision_on"),
        ),
        RegisterStep(
            "close",
            Action.REFER,
            frozenset({"accepted", "decided"}),
            "closed",
            (
                BodyField("closed_on", "date", "结案日期", "closed on"),
                BodyField("result", "text", "结案情况", "how it ended", limit=4000),
            ),
            ("closed_on",),
        ),
    ),
    on_plot="must",
    states=OPEN,
    personal=("party",),
)
