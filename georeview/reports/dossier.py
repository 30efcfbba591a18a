"""All there is to one plot on a few pages: where, what, why, by whom, and what proves it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from georeview import texts
from georeview.core.layers import KINDS
from georeview.core.reasons import EVIDENCE_KINDS, REASONS, VIOLATIONS
from georeview.reports.document import (
    Block,
    Cell,
    Column,
    Document,
    Facts,
    Heading,
    Picture,
    Pictures,
    Table,
    Text,
)


@dataclass(frozen=True, slots=True)
class Happened:
    """One event: number, time here, who, unit, action, stage it led to, what was said."""

    seq: int
    at: str
    actor: str
    unit: str
    action: str
    stage: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Attached:
    """One piece of evidence: its kind, name, when taken, how far away (m), and hash."""

    kind: str
    name: str
    taken_at: str | None
    distance_m: float | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """One plot.

    Attributes:
        number: As issued.
        batch: Of which batch.
        about: Facts of the plot, each under its key of ``report.dossier``.
        verdict: Facts of the review, likewise.
        overlay: Layer kind → what the overlay found, with version and time.
        located: The sketch, SVG.
        chips: Before and after.
        photos: Site photos.
        evidence: Everything attached.
        events: Every event, oldest first.
        hash: Hash of its last event.
        as_of: As it stood at the end of this day, ``None`` for now.
        foot: What it rests on.
    """

    number: str
    batch: str
    about: Sequence[tuple[str, Cell]]
    verdict: Sequence[tuple[str, Cell]]
    overlay: Mapping[str, Mapping[str, Any]]
    located: bytes
    chips: Sequence[Picture]
    photos: Sequence[Picture]
    evidence: Sequence[Attached]
    events: Sequence[Happened]
    hash: str
    as_of: date | None
    foot: str


def dossier(found: Dossier, lang: texts.Lang) -> Document:
    """The plot's file."""

    def t(key: str, **facts: object) -> str:
        return texts.say(f"report.dossier.{key}", lang, **facts)

    pictures = [Picture(found.located, "svg", t("map")), *found.chips]
    blocks: list[Block] = [
        Facts([(t(key), value) for key, value in found.about]),
        Pictures(pictures, columns=3),
        Heading(t("verdict")),
        Facts([(t(key), value) for key, value in found.verdict]),
        _overlay(found, lang),
        _evidence(found, lang) if found.evidence else Text(t("no_evidence")),
    ]
    if found.photos:
        blocks += [Heading(t("photos")), Pictures(found.photos, columns=2)]
    blocks += [_events(found, lang), Text(t("hash", hash=found.hash), "note")]
    return Document(
        title=t("title", number=found.number),
        subtitle=found.batch
        if found.as_of is None
        else f"{found.batch} · {t('as_of', day=found.as_of.isoformat())}",
        blocks=blocks,
        foot=found.foot,
        lang=lang,
    )


def _overlay(found: Dossier, lang: texts.Lang) -> Table:
    def t(key: str) -> str:
        return texts.say(f"report.dossier.{key}", lang)

    columns = [
        Column(t("layer"), 1.4),
        Column(t("in_m2"), 1, number=True),
        Column(t("in_share"), 1, number=True),
        Column(t("edge_m"), 1, number=True),
        Column(t("version"), 1.6),
        Column(t("computed"), 1.4),
    ]
    rows: list[list[Cell]] = []
    for kind, facts in found.overlay.items():
        row = KINDS[kind]
        share = facts.get("in_share")
        rows.append(
            [
                row.zh if lang == "zh-CN" else row.en,
                facts.get("in_m2"),
                None if share is None else f"{share * 100:.1f}%",
                facts.get("edge_m"),
                facts.get("version"),
                facts.get("computed_at"),
            ]
        )
    return Table(t("facts"), columns, rows)


def _evidence(found: Dossier, lang: texts.Lang) -> Table:
    def t(key: str) -> str:
        return texts.say(f"report.dossier.{key}", lang)

    columns = [
        Column(t("kind"), 1),
        Column(t("file"), 1.4),
        Column(t("taken"), 1.2),
        Column(t("distance"), 0.8, number=True),
        Column("SHA-256", 1.6),
    ]
    en = lang != "zh-CN"
    rows: list[list[Cell]] = [
        [EVIDENCE_KINDS[e.kind][en], e.name, e.taken_at, e.distance_m, e.sha256[:16] + "…"]
        for e in found.evidence
    ]
    return Table(t("evidence"), columns, rows)


def _events(found: Dossier, lang: texts.Lang) -> Table:
    def t(key: str) -> str:
        return texts.say(f"report.dossier.{key}", lang)

    columns = [
        Column("#", 0.6, number=True),
        Column(t("at"), 1.4),
        Column(t("who"), 1.8),
        Column(t("action"), 1.2),
        Column(t("stage"), 1),
        Column(t("said"), 2),
    ]
    rows: list[list[Cell]] = [
        [
            e.seq,
            e.at,
            f"{e.unit} {e.actor}".strip(),
            texts.say(f"action.{e.action}", lang),
            texts.say(f"stage.{e.stage}", lang) if e.stage else None,
            e.note,
        ]
        for e in found.events
    ]
    return Table(t("events"), columns, rows)


def reason_name(code: str | None, lang: texts.Lang) -> str | None:
    """A reason or class with its code."""
    row = REASONS.get(code or "") or VIOLATIONS.get(code or "")
    return None if row is None else f"{code} {row.zh if lang == 'zh-CN' else row.en}"
