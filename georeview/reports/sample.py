"""What a sample of negatives says, and how it came about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from georeview import texts
from georeview.core.sampling import Judged, Looked, clopper_pearson
from georeview.reports.document import Block, Cell, Column, Document, Facts, Heading, Table, Text


@dataclass(frozen=True, slots=True)
class Second:
    """A plot that was looked at again: number, stratum, first reason, result, who and when."""

    source_id: str
    stratum: str
    reason: str | None
    result: str | None
    actor: str | None
    answered_on: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Sampled:
    """A draw with its results.

    Attributes:
        batch: Of which batch.
        drawn: Facts of the draw, each under its key of ``report.sample``.
        strata: What was looked at.
        judged: What it says, ``None`` before anything was looked at.
        plots: The plots.
        names: County code → name.
        foot: What it rests on.
    """

    batch: str
    drawn: Sequence[tuple[str, Cell]]
    strata: Sequence[Looked]
    judged: Judged | None
    plots: Sequence[Second]
    names: Mapping[str, str]
    foot: str


def sample(found: Sampled, lang: texts.Lang) -> Document:
    """Method, strata, estimate with its bounds, and every plot."""

    def t(key: str, **facts: object) -> str:
        return texts.say(f"report.sample.{key}", lang, **facts)

    blocks: list[Block] = [
        Facts([(t(key), value) for key, value in found.drawn]),
        Heading(t("estimate")),
        *[Text(said) for said in _sentences(found, lang)],
        _strata(found, lang),
        Text(t("method"), "note"),
        Table(
            t("plots"),
            [
                Column(t("number"), 2),
                Column(t("stratum"), 1.5),
                Column(t("first"), 0.8),
                Column(t("result"), 1.2),
                Column(t("by"), 1),
                Column(t("on"), 1),
                Column(t("note"), 2),
            ],
            [
                [
                    p.source_id,
                    _stratum(p.stratum, found.names, lang),
                    p.reason,
                    t(f"results.{p.result}") if p.result else None,
                    p.actor,
                    p.answered_on,
                    p.note,
                ]
                for p in found.plots
            ],
        ),
    ]
    return Document(
        t("title", batch=found.batch), t("subtitle"), blocks, foot=found.foot, lang=lang
    )


def _sentences(found: Sampled, lang: texts.Lang) -> list[str]:
    judged = found.judged
    if judged is None:
        return [texts.say("report.sample.nothing", lang)]
    expected, low, high = judged.expected()
    said = [
        texts.say(
            "report.sample.clean" if judged.conservative else "report.sample.found",
            lang,
            n=judged.n,
            wrong=judged.wrong,
            frame=judged.frame,
            pct=_pct(judged.share),
            low=_pct(judged.interval.low),
            high=_pct(judged.interval.high),
            expected=f"{expected:.1f}",
            least=f"{low:.1f}",
            most=f"{high:.1f}",
        )
    ]
    if judged.all_wrong != judged.all_right:
        bounds = {"right": _pct(judged.all_right), "wrong": _pct(judged.all_wrong)}
        said.append(texts.say("report.sample.missing_bounds", lang, **bounds))
    if judged.left_out:
        names = ", ".join(_stratum(name, found.names, lang) for name in judged.left_out)
        said.append(texts.say("report.sample.left_out", lang, strata=names))
    return said


def _strata(found: Sampled, lang: texts.Lang) -> Table:
    def t(key: str) -> str:
        return texts.say(f"report.sample.{key}", lang)

    columns = [Column(t("stratum"), 2)]
    columns += [
        Column(t(key), 1, number=True)
        for key in ("size", "looked", "wrong", "missing", "share", "interval")
    ]
    rows: list[list[Cell]] = []
    for one in found.strata:
        bounds = clopper_pearson(one.wrong, one.n) if one.n else None
        rows.append(
            [
                _stratum(one.name, found.names, lang),
                one.size,
                one.n,
                one.wrong,
                one.missing,
                f"{_pct(one.wrong / one.n)}%" if one.n else None,
                f"{_pct(bounds.low)}–{_pct(bounds.high)}%" if bounds else None,
            ]
        )
    return Table(t("strata"), columns, rows)


def _stratum(name: str, names: Mapping[str, str], lang: texts.Lang) -> str:
    county, _, group = name.partition("/")
    return f"{names.get(county, county)} {texts.say(f'report.sample.groups.{group}', lang)}"


def _pct(share: float) -> str:
    return f"{share * 100:.2f}"
