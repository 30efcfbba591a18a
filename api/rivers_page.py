"""The page of rivers: figures, who answers, findings and referrals; one river, one reach at a time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from georeview import texts
from georeview.core.access import Action, Actor, may
from georeview.core.commands import BodyField
from georeview.core.figures import FIGURES, Rate
from georeview.core.reasons import DISORDERS
from georeview.core.registers import REGISTERS, Register
from georeview.services import Services
from georeview.services.registers import Shown, Wanted
from georeview.services.rivers import River, Rivers, counted

TABS = ("rivers", "duties", "findings", "referrals")
TILES = ("review_rate", "confirm_rate", "rectify_rate", "overdue_review_n", "overdue_rectify_n")

PLOT = BodyField("plot", "text", "图斑编号", "plot number", limit=80)
AREA = BodyField("area", "text", "行政区代码", "area code", limit=12)

Json = dict[str, Any]
Lang = texts.Lang


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says."""

    batch: str | None
    as_of: date | None
    tab: str
    river: str | None
    reach: str | None
    plot: str | None
    overdue: bool

    def link(self, **other: object) -> str:
        """The same batch and day, with something else asked for."""
        day = self.as_of.isoformat() if self.as_of else None
        told: dict[str, object] = {"batch": self.batch, "as_of": day} | other
        return "/rivers?" + urlencode({k: v for k, v in told.items() if v})


def shown(who: Actor, doors: Services, asked: Asked, lang: Lang) -> Json:
    """All that the template needs.

    Raises:
        NotFound: There is no such batch, river or reach in the person's area.
        AsOfInFuture: The day has not come.
    """
    rivers = doors.rivers.all(who, asked.batch, asked.as_of)
    say = _Say(lang, doors.plots.place_names())
    told: Json = {
        "batches": [view.batch.name for view in doors.plots.batches(who)],
        "batch": rivers.batch,
        "as_of": rivers.as_of.isoformat(),
        "today": doors.figures.day(None).isoformat(),
        "tab": asked.tab,
        "tabs": [
            {"id": tab, "link": asked.link(tab=tab), "chosen": tab == asked.tab}
            for tab in TABS
            if tab == "rivers" or may(who, REGISTERS[tab].reads)
        ],
        "forms": {name: _forms(of) for name, of in REGISTERS.items()},
        "plot": asked.plot,
        "river": None,
        "reach": None,
        "entries": None,
        "rows": None,
        "mine": [_mine(one, asked, say) for one in doors.registers.mine(who)],
    }
    if asked.river is not None:
        return told | {"river": _river(who, doors, asked, rivers, say)}
    if asked.reach is not None:
        return told | {"reach": _reach(who, doors, asked, rivers, say)}
    if asked.tab == "rivers":
        return told | {"rows": [_row(one, asked) for one in rivers.rivers]}
    return told | {"entries": _register(who, doors, asked, say)}


@dataclass(frozen=True, slots=True)
class _Say:
    """Words of one language."""

    lang: Lang
    places: Mapping[str, str]

    def __call__(self, key: str, **facts: object) -> str:
        return texts.say(key, self.lang, **facts)

    def choice(self, value: str | None) -> str | None:
        """What a choice is called."""
        if value is not None and value in DISORDERS:
            return DISORDERS[value][0 if self.lang == "zh-CN" else 1]
        return None if value is None else self(f"register.choice.{value}")

    def place(self, code: str) -> str:
        """A place by its name, or its code; a city has no name of its own on the layers."""
        return self.places.get(code) or (self("rivers.whole_city") if len(code) == 4 else code)


# One river ---------------------------------------------------------------------------------------


def _row(river: River, asked: Asked) -> Json:
    followed, figures = river.followed, river.figures
    return {
        "name": river.name,
        "link": asked.link(river=river.key),
        "cells": None if figures is None else [_cell(name, figures[name]) for name in TILES],
        "total": _total(river),
        "chiefs": [_named(one) for one in river.duties if one.entry.text("duty") == "chief"],
        "followed": followed,
    }


def _total(river: River) -> int | None:
    share = river.figures and river.figures["review_rate"]
    return share.den if isinstance(share, Rate) else None


def _named(one: Shown) -> str:
    return " ".join(filter(None, (one.entry.text("name"), one.entry.text("title"))))


def _cell(name: str, value: object) -> Json:
    bad = name.startswith("overdue") and bool(value)
    if isinstance(value, Rate):
        pct = "–" if value.pct is None else f"{value.pct:.1f}%"
        return {"id": name, "text": pct, "small": f"{value.num}/{value.den}", "bad": bad}
    return {"id": name, "text": "–" if value is None else str(value), "small": "", "bad": bad}


def _river(who: Actor, doors: Services, asked: Asked, rivers: Rivers, say: _Say) -> Json:
    _, river = doors.rivers.get(who, asked.river or "", asked.batch, asked.as_of)
    owed = doors.rivers.to_rectify(who, river, rivers.batch, rivers.as_of)
    day = rivers.as_of.isoformat()
    figures = {"batch": rivers.batch, "as_of": day, "by": "river", "unit": river.key}
    return _row(river, asked) | {
        "key": river.key,
        "map": "/#" + urlencode({"b": rivers.batch, "q": river.name}),
        "plots": "/league?" + urlencode({**figures, "set": "dispatched"}) + "#plots",
        "duties": [_entry(one, asked, say) for one in river.duties],
        "findings": [_entry(one, asked, say) for one in river.findings],
        "referrals": [_entry(one, asked, say) for one in river.referrals],
        "follows": may(who, Action.FINDINGS),
        "owed": [
            {
                "number": plot.source_id,
                "link": _on_map(rivers.batch, plot.source_id),
                "stage": say(f"stage.{plot.standing.stage}"),
                "due": plot.rectify_due,
                "late": plot.overdue_rectify_days,
            }
            for plot in owed
        ],
    }


def _reach(who: Actor, doors: Services, asked: Asked, rivers: Rivers, say: _Say) -> Json:
    duty, page = doors.rivers.reach(who, asked.reach or "", rivers.batch)
    return {
        "duty": _entry(duty, asked, say),
        "name": _named(duty),
        "matched": page.matched,
        "items": [
            {
                "number": plot.given.source_id,
                "link": _on_map(rivers.batch, plot.given.source_id),
                "type": plot.given.fields.get("type_issued"),
                "mark": plot.review.mark,
                "said": say(f"ui.mark.{plot.review.mark}"),
                "stage": say(f"stage.{plot.review.stage}") if plot.review.stage else "–",
                "chainage": _chainage(plot.facts.chainage_m if plot.facts else None),
            }
            for plot in page.items
        ],
    }


def _mine(one: Shown, asked: Asked, say: _Say) -> Json:
    return {"name": _where(one, say), "link": asked.link(reach=one.entry.entry_id)}


def _on_map(batch: str, number: str) -> str:
    return "/#" + urlencode({"b": batch, "plot": number})


# Entries -----------------------------------------------------------------------------------------


def _register(who: Actor, doors: Services, asked: Asked, say: _Say) -> Json:
    found = doors.registers.all(
        who,
        asked.tab,
        Wanted(plot_id=asked.plot, overdue=asked.overdue and asked.tab == "findings"),
    )
    of = REGISTERS[asked.tab]
    writes = may(who, of.writes) and (of.on_plot != "must" or asked.plot is not None)
    counts = None
    if asked.tab != "duties":
        every = doors.registers.all(who, asked.tab) if asked.overdue or asked.plot else found
        sides = (every, []) if asked.tab == "findings" else ([], every)
        counts = counted(*sides)
    return {
        "items": [_entry(one, asked, say) for one in found],
        "add": writes,
        "list": asked.tab == "duties" and may(who, of.writes),
        "counts": counts,
        "overdue": asked.overdue,
        "every": asked.link(tab=asked.tab),
        "late": asked.link(tab=asked.tab, overdue="true"),
        "hint": of.on_plot == "must" and asked.plot is None and may(who, of.writes),
    }


def _entry(one: Shown, asked: Asked, say: _Say) -> Json:
    entry, plot = one.entry, one.held.plot
    lines: Callable[[Shown, _Say], Iterable[str | None]] = _LINES[entry.register]
    return {
        "id": entry.entry_id,
        "version": entry.version,
        "register": entry.register,
        "title": " · ".join(filter(None, _titles(one, say))),
        "state": say(f"register.state.{entry.state}"),
        "open": entry.state in ("open", "sent", "held"),
        "late": one.overdue_days,
        "meta": " · ".join(filter(None, lines(one, say))),
        "texts": [
            (say(f"register.said.{name}"), entry.text(name))
            for name in ("text", "reply", "verdict", "answer", "result", "note")
            if entry.text(name)
        ],
        "plot": plot and {"number": plot.source_id, "link": _on_map(plot.batch, plot.source_id)},
        "reach": asked.link(reach=entry.entry_id) if entry.register == "duties" else None,
        "documents": [
            {
                "name": file.name or file.sha256[:12],
                "link": f"/api/v1/{entry.register}/{entry.entry_id}/documents/{file.sha256}",
            }
            for file in one.documents
        ],
        "steps": [{"id": step, "name": say(f"register.step.{step}")} for step in one.may],
        "linkable": entry.register == "findings" and plot is None and "change" in one.may,
        "attachable": bool(one.may) and entry.register != "duties",
    }


def _titles(one: Shown, say: _Say) -> Sequence[str | None]:
    entry = one.entry
    if entry.register == "duties":
        return (entry.text("name"), entry.text("title"))
    if entry.register == "findings":
        return (say.choice(entry.text("source")), entry.text("river") or entry.text("address"))
    return (entry.text("authority"), entry.text("case_no"))


def _duty(one: Shown, say: _Say) -> Iterable[str | None]:
    entry = one.entry
    since, until = entry.text("since"), entry.text("until")
    yield say.choice(entry.text("level") or entry.text("duty"))
    yield _where(one, say)
    yield say.choice(entry.text("disorder"))
    yield f"{since} – {until}" if until else say("register.since", day=since)


def _where(one: Shown, say: _Say) -> str:
    entry = one.entry
    begin, end = entry.text("from_m"), entry.text("to_m")
    reach = None
    if begin is not None or end is not None:
        reach = f"{_chainage(float(begin or 0))}–{_chainage(float(end) if end else None)}"
    parts = (say.place(entry.area), entry.text("river"), reach, say.choice(entry.text("bank")))
    return " ".join(filter(None, parts))


def _finding(one: Shown, say: _Say) -> Iterable[str | None]:
    entry = one.entry
    yield say.place(entry.area)
    yield entry.text("finder")
    yield entry.text("date")
    yield entry.text("document_no")
    yield say("register.due", day=entry.text("deadline"))
    if entry.text("replied_on"):
        yield say("register.replied", day=entry.text("replied_on"))


def _referral(one: Shown, say: _Say) -> Iterable[str | None]:
    entry = one.entry
    yield say.place(entry.area)
    yield say("register.referred", day=entry.text("date"))
    yield entry.text("document_no")
    yield one.personal.get("party")
    if entry.text("answered_on"):
        yield say("register.answered", day=entry.text("answered_on"))
    yield entry.text("decision_no")


_LINES: Mapping[str, Callable[[Shown, _Say], Iterable[str | None]]] = {
    "duties": _duty,
    "findings": _finding,
    "referrals": _referral,
}


def _chainage(metres: float | None) -> str:
    return "…" if metres is None else f"K{int(metres) // 1000}+{int(metres) % 1000:03d}"


# Forms -------------------------------------------------------------------------------------------


def _forms(of: Register) -> Json:
    """Fields of adding, of putting right, and of each step, as the page draws them."""
    beside = (AREA,) if of.on_plot == "may" else ()
    steps = {step.id: _fields(step.fields, step.needs) for step in of.steps}
    return {
        "add": _fields((*beside, *of.fields), of.needs),
        "change": _fields(of.fields, of.needs),
        "link": _fields((PLOT,), ("plot",)),
        **steps,
    }


def _fields(fields: Sequence[BodyField], needs: Sequence[str]) -> list[Json]:
    return [
        {
            "name": field.name,
            "zh": field.zh,
            "en": field.en,
            "kind": field.kind,
            "limit": field.limit,
            "needed": field.name in needs,
            "choices": [_choice(value) for value in field.choices],
        }
        for field in fields
    ]


def _choice(value: str) -> Json:
    zh, en = (_Say(lang, {}).choice(value) for lang in ("zh-CN", "en"))
    return {"value": value, "zh": zh, "en": en}


def names(lang: Lang) -> dict[str, str]:
    """What the tiles are called."""
    return {name: FIGURES[name].zh if lang == "zh-CN" else FIGURES[name].en for name in TILES}
