"""One river as a document (一河一策): figures, who answers, what is to be put right, what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from georeview import texts
from georeview.core.breakdown import DIMENSIONS
from georeview.core.figures import FIGURES, Value
from georeview.reports.document import Block, Cell, Column, Document, Facts, Table, Text
from georeview.reports.tables import ESTIMATED, Standings


@dataclass(frozen=True, slots=True)
class Part:
    """A list of the document: key of its texts, and its rows."""

    id: str
    columns: Sequence[tuple[str, float]]
    rows: Sequence[Sequence[Cell]]


def river(
    name: str,
    figures: dict[str, Value] | None,
    parts: Sequence[Part],
    found: Standings,
    lang: texts.Lang,
) -> Document:
    """All there is to say of a river.

    Args:
        name: The river.
        figures: Its figures, if any plot lies on it.
        parts: Who answers, what is to be rectified, findings, referrals.
        found: The table they are taken from: what it rests on.
        lang: Language of its texts.
    """
    blocks: list[Block] = []
    if figures is not None:
        shown = [row for row in FIGURES.values() if row.id not in ESTIMATED]
        told: list[tuple[str, Any]] = [
            (row.zh if lang == "zh-CN" else row.en, figures[row.id]) for row in shown
        ]
        columns = [
            Column(texts.say("report.figure", lang), 2),
            Column(texts.say("report.value", lang), 1, number=True),
        ]
        blocks.append(Table(texts.say("report.river.figures", lang), columns, told))
    for part in parts:
        title = texts.say(f"report.river.{part.id}", lang)
        if part.rows:
            columns = [
                Column(texts.say(f"report.river.{column}", lang), weight)
                for column, weight in part.columns
            ]
            blocks.append(Table(title, columns, part.rows))
        else:
            blocks.append(Facts([(title, None)]))
    blocks.append(Text(texts.say("rivers.replaces_nobody", lang), "note"))
    row = DIMENSIONS["river"]
    return Document(
        title=f"{name} {texts.say('report.river.title', lang)}",
        subtitle=texts.say("report.as_of", lang, as_of=found.as_of.isoformat()),
        blocks=blocks,
        foot=f"{row.zh if lang == 'zh-CN' else row.en} {name} · {found.foot(lang)}",
        lang=lang,
    )
