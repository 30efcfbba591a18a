"""What a document says of a river beside its figures, row by row."""

from collections.abc import Callable, Mapping, Sequence

from georeview import texts
from georeview.core.reasons import DISORDERS
from georeview.reports.document import Cell
from georeview.reports.river import Part
from georeview.services.figures import BehindPlot
from georeview.services.registers import Shown
from georeview.services.rivers import River

Row = Sequence[Cell]


def parts(
    river: River, owed: Sequence[BehindPlot], places: Mapping[str, str], lang: texts.Lang
) -> list[Part]:
    """Who answers, what is to be rectified, findings and referrals; nobody's personal data."""

    def said(value: str | None) -> str | None:
        if value is not None and value in DISORDERS:
            return DISORDERS[value][0 if lang == "zh-CN" else 1]
        return value and texts.say(f"register.choice.{value}", lang)

    def place(code: str) -> str:
        whole = texts.say("rivers.whole_city", lang) if len(code) == 4 else code
        return places.get(code, whole)

    def duty(one: Shown) -> Row:
        entry = one.entry
        reach = [entry.text("from_m"), entry.text("to_m")]
        return (
            entry.text("name"),
            entry.text("title") or said(entry.text("duty")),
            place(entry.area),
            "–".join(f"K{int(float(m)) // 1000}+{int(float(m)) % 1000:03d}" for m in reach if m)
            or None,
            said(entry.text("bank")),
            entry.text("since"),
        )

    def finding(one: Shown) -> Row:
        entry = one.entry
        state = texts.say(f"register.state.{entry.state}", lang)
        return (
            said(entry.text("source")),
            entry.text("date"),
            one.held.plot.source_id if one.held.plot else None,
            entry.text("text"),
            entry.text("deadline"),
            state
            if one.overdue_days is None
            else f"{state} {texts.say('register.late', lang, n=one.overdue_days)}",
        )

    def referral(one: Shown) -> Row:
        entry = one.entry
        return (
            entry.text("authority"),
            entry.text("date"),
            one.held.plot.source_id if one.held.plot else None,
            entry.text("case_no"),
            entry.text("decision_no"),
            texts.say(f"register.state.{entry.state}", lang),
        )

    def plot(one: BehindPlot) -> Row:
        stage = texts.say(f"stage.{one.standing.stage}", lang)
        return one.source_id, one.type_issued, stage, one.rectify_due, one.overdue_rectify_days

    return [
        Part(
            "duties",
            (("name", 1), ("post", 1.2), ("area", 1), ("reach", 1.6), ("bank", 0.7), ("since", 1)),
            _rows(duty, river.duties),
        ),
        Part(
            "owed",
            (("plot", 1.4), ("type", 1), ("stage", 1), ("due", 1), ("late", 0.8)),
            [plot(one) for one in owed],
        ),
        Part(
            "findings",
            (
                ("source", 0.8),
                ("date", 1),
                ("plot", 1.3),
                ("what", 2.4),
                ("due", 1),
                ("state", 1.1),
            ),
            _rows(finding, river.findings),
        ),
        Part(
            "referrals",
            (
                ("authority", 1.4),
                ("date", 1),
                ("plot", 1.3),
                ("case", 1.2),
                ("decision", 1.2),
                ("state", 1),
            ),
            _rows(referral, river.referrals),
        ),
    ]


def _rows(row: Callable[[Shown], Row], entries: Sequence[Shown]) -> list[Row]:
    return [row(one) for one in entries]
