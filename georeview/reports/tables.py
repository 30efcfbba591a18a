"""League table and progress as documents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from georeview import texts
from georeview.core.breakdown import DIMENSIONS, PART_NAMES
from georeview.core.figures import FIGURES, FORMULA_VERSION, SETS, Rate, Value
from georeview.reports.document import (
    Block,
    Column,
    Document,
    Facts,
    Picture,
    Pictures,
    Table,
    Text,
)
from georeview.reports.trend import Line, trend

CURVES = ("submit_rate", "review_rate", "rectify_rate")
"""Figures whose way over the days is drawn."""


CURVE = (720, 205)
"""Three of them stand on a page below the figures."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One row of a table; no name is that of plots of no county."""

    name: str | None
    rank: int | None
    figures: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Standings:
    """A table as of a day, and what it rests on.

    Attributes:
        batch: Of which batch.
        as_of: As of the end of this day.
        seq: Number of the last event.
        head: Hash of that event's ledger end.
        provisional: Whether working days of the year are not announced.
        units: Units from first to last.
        total: All of them.
        plots: How many plots were issued, and how many there are now, after splits and merges.
    """

    batch: str
    as_of: date
    seq: int
    head: str
    provisional: bool
    units: Sequence[Unit]
    total: Mapping[str, Value]
    plots: tuple[int, int] | None = None

    def counts(self, lang: texts.Lang) -> list[Block]:
        """How many plots the table is about, issued and current."""
        if self.plots is None:
            return []
        issued, current = self.plots
        return [Text(texts.say("report.issued", lang, issued=issued, current=current), "note")]

    def foot(self, lang: texts.Lang) -> str:
        """What stands at the foot of every page."""
        return texts.say(
            "report.foot",
            lang,
            batch=self.batch,
            as_of=self.as_of.isoformat(),
            seq=self.seq,
            formulas=FORMULA_VERSION,
            head=self.head[:16],
        )


def league(found: Standings, lang: texts.Lang) -> Document:
    """The counties from first to last, every figure with its counts."""
    columns = [
        Column(texts.say("report.rank", lang), 0.55, number=True),
        Column(texts.say("report.unit", lang), 1.25),
        *(Column(_name(f, lang), 1, number=True) for f in FIGURES),
    ]
    rows = [
        [unit.rank, unit.name or texts.say("report.no_county", lang), *_values(unit.figures)]
        for unit in found.units
    ]
    rows.append([None, texts.say("report.total", lang), *_values(found.total)])
    blocks: list[Block] = [Table(texts.say("report.league.table", lang), columns, rows, total=True)]
    blocks += found.counts(lang)
    if found.provisional:
        blocks.append(Text(texts.say("report.provisional", lang), "note"))
    blocks += [Text(texts.say("report.league.ranking", lang), "note"), _meanings(lang)]
    return Document(
        title=texts.say("report.league.title", lang, batch=found.batch),
        subtitle=texts.say("report.as_of", lang, as_of=found.as_of.isoformat()),
        blocks=blocks,
        foot=found.foot(lang),
        lang=lang,
        landscape=True,
    )


ESTIMATED = frozenset(f.id for f in FIGURES.values() if f.kind == "estimate")
"""Figures that are told of counties only: samples are drawn by them."""


def breakdown(found: Standings, by: str, lang: texts.Lang) -> Document:
    """Every figure part by part.

    Args:
        found: Units are the parts, the largest first.
        by: One of ``core.breakdown.DIMENSIONS``.
        lang: Language of its texts.
    """
    shown = [name for name in FIGURES if name not in ESTIMATED]
    divided = dimension_name(by, lang)
    none = texts.say("report.no_part", lang)
    rows: list[list[Any]] = [
        [part_name(by, unit.name, lang) or none, *(unit.figures[name] for name in shown)]
        for unit in found.units
    ]
    rows.append([texts.say("report.total", lang), *(found.total[name] for name in shown)])
    columns = [
        Column(divided, 1.6),
        *(Column(_name(name, lang), 1, number=True) for name in shown),
    ]
    blocks: list[Block] = [Table(divided, columns, rows, total=True)]
    if found.provisional:
        blocks.append(Text(texts.say("report.provisional", lang), "note"))
    blocks += [Text(texts.say("report.breakdown.adds_up", lang), "note"), _meanings(lang)]
    return Document(
        title=texts.say("report.breakdown.title", lang, batch=found.batch, by=divided),
        subtitle=texts.say("report.as_of", lang, as_of=found.as_of.isoformat()),
        blocks=blocks,
        foot=found.foot(lang),
        lang=lang,
        landscape=True,
    )


def dimension_name(by: str, lang: texts.Lang) -> str:
    """What a breakdown is called."""
    row = DIMENSIONS[by]
    return row.zh if lang == "zh-CN" else row.en


def part_name(by: str, name: str | None, lang: texts.Lang) -> str | None:
    """What a part is called: by its code where that has a name, else as it is."""
    fixed = PART_NAMES.get(by, {}).get(name or "")
    return name if fixed is None else fixed[0 if lang == "zh-CN" else 1]


def _name(figure: str, lang: texts.Lang) -> str:
    row = FIGURES[figure]
    return row.zh if lang == "zh-CN" else row.en


def _set(name: str, lang: texts.Lang) -> str:
    return SETS[name].zh if lang == "zh-CN" else SETS[name].en


def _values(figures: Mapping[str, Value]) -> list[Any]:
    return [figures[name] for name in FIGURES]


def _meanings(lang: texts.Lang) -> Table:
    """How each figure comes about."""
    columns = [
        Column(texts.say(f"report.{key}", lang), weight)
        for key, weight in (("figure", 1.4), ("counted", 1.2), ("whole", 1.2), ("formula", 2.4))
    ]
    rows = [
        [_name(f.id, lang), _set(f.num, lang), _set(f.den, lang) if f.den else None, f.formula]
        for f in FIGURES.values()
    ]
    return Table(texts.say("report.formulas", lang), columns, rows)


def progress(found: Sequence[Standings], lang: texts.Lang) -> Document:
    """How far the counties came, day by day.

    Args:
        found: At least one, by day; the last one is what the document is as of.
        lang: Language of its texts.
    """
    last = found[-1]
    names = [unit.name or texts.say("report.no_county", lang) for unit in last.units]
    days = [one.as_of for one in found]
    pictures = [
        Picture(
            trend(
                days, curves(found, figure, lang), title=_name(figure, lang), size=CURVE
            ).encode(),
            "svg",
            _name(figure, lang),
        )
        for figure in CURVES
    ]
    total = {name: last.total[name] for name in FIGURES if name != "sample_error_rate"}
    blocks: list[Block] = [
        Facts([(_name(name, lang), _told(value)) for name, value in total.items()]),
        *last.counts(lang),
        Pictures(pictures, columns=1),
    ]
    for figure in CURVES:
        columns = [Column(texts.say("report.day", lang), 1)]
        columns += [Column(name, 1, number=True) for name in names]
        columns.append(Column(texts.say("report.total", lang), 1, number=True))
        rows = [
            [one.as_of, *(_of(one, name, figure, lang) for name in names), one.total[figure]]
            for one in found
        ]
        blocks.append(Table(_name(figure, lang), columns, rows))
    return Document(
        title=texts.say("report.progress.title", lang, batch=last.batch),
        subtitle=texts.say("report.as_of", lang, as_of=last.as_of.isoformat()),
        blocks=blocks,
        foot=last.foot(lang),
        lang=lang,
    )


def _told(value: Value) -> Any:
    """A share with its counts, for where there is room for one text only."""
    if isinstance(value, Rate) and value.pct is not None:
        return f"{value.pct:.1f}% ({value.num}/{value.den})"
    return value


def _of(found: Standings, name: str, figure: str, lang: texts.Lang) -> Value:
    none = texts.say("report.no_county", lang)
    return next((u.figures[figure] for u in found.units if (u.name or none) == name), None)


def curves(found: Sequence[Standings], figure: str, lang: texts.Lang) -> list[Line]:
    """One line a unit."""
    lines = []
    for unit in found[-1].units:
        name = unit.name or texts.say("report.no_county", lang)
        values = [_of(one, name, figure, lang) for one in found]
        lines.append(Line(name, [v.pct if isinstance(v, Rate) else None for v in values]))
    return lines
