"""The league page: the table of the counties, curves, and the plots behind each figure.

Made whole by the server: it changes once a day, every number on it is a link, and it prints.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

import orjson
from markupsafe import Markup

from georeview import texts
from georeview.core.access import Action, Actor, may
from georeview.core.escalation import REPLY_DAYS
from georeview.core.figures import FIGURES, SETS
from georeview.errors.figures import NothingPublished
from georeview.reports import tables
from georeview.reports.trend import trend
from georeview.services import Services
from georeview.services.figures import NO_COUNTY, Table
from georeview.services.printing import REPORTS

SHOWN = 200
"""Plots behind a figure on one page."""

COUNTY = "county"
"""The breakdown that is ranked, and published."""

TILES = ("review_rate", "rectify_rate", "overdue_review_n", "overdue_rectify_n", "median_days")
CURVES = {"wide": (1180, 300), "narrow": (340, 230)}
"""Two drawings of one curve, so that its words have their size on a desk and on a phone."""

DOCUMENTS: tuple[dict[str, Any], ...] = (
    {"key": "progress", "report": "progress", "form": "pdf", "more": {}},
    {"key": "sample", "report": "sample", "form": "pdf", "more": {}},
    *(
        {"key": kind, "report": "letters", "form": "docx", "more": {"letter": kind}}
        for kind in REPLY_DAYS
    ),
    {"key": "dossiers", "report": "dossiers", "form": "zip", "more": {}},
)
"""What the page hands over beside the table; a name under ``league.document.`` each."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says: batch, day, breakdown, plots of a unit, which curve, from where on."""

    batch: str | None
    as_of: date | None
    plot_set: str | None
    unit: str | None
    curve: str
    after: int
    by: str = COUNTY

    def link(self, **other: object) -> str:
        """The same page with something else asked for."""
        now: dict[str, object] = {
            "batch": self.batch,
            "as_of": self.as_of,
            "set": self.plot_set,
            "unit": self.unit,
            "curve": None if self.curve == tables.CURVES[1] else self.curve,
            "by": None if self.by == COUNTY else self.by,
        }
        return "?" + urlencode({k: v for k, v in (now | other).items() if v is not None})


def shown(who: Actor, doors: Services, asked: Asked, lang: texts.Lang) -> dict[str, Any]:
    """All that the template needs.

    Raises:
        NotFound: There is no such batch in the person's area.
        BadValue: There is no such set of plots.
        AsOfInFuture: The day has not come.
    """
    own = doors.reports.curve(who, asked.batch, asked.as_of)
    mine = own[-1]
    asked = replace(asked, batch=mine.batch, as_of=mine.as_of)
    table, published = _table(who, doors, asked, mine)
    return {
        "batches": [view.batch.name for view in doors.plots.batches(who)],
        "batch": mine.batch,
        "as_of": mine.as_of.isoformat(),
        "today": doors.figures.day(None).isoformat(),
        "tiles": [
            _cell(name, mine.as_json()["total"]["figures"][name], asked, None) for name in TILES
        ],
        "heads": [_name(FIGURES[name], lang) for name in _shown(asked)],
        "rows": [] if table is None else _rows(table, asked, _linked(who, doors, asked), lang),
        "by": asked.by,
        "divided": tables.dimension_name(asked.by, lang),
        "ranked": asked.by == COUNTY,
        "breakdowns": [
            {
                "name": tables.dimension_name(by, lang),
                "link": asked.link(by=None if by == COUNTY else by, set=None, unit=None) + "#table",
                "chosen": by == asked.by,
            }
            for by in doors.figures.divisions(who, mine.batch)
        ],
        "published": published,
        "live": doors.figures.compares(who),
        "may_publish": may(who, Action.PUBLISH),
        "documents": [
            {**one, "name": texts.say(f"league.document.{one['key']}", lang)}
            for one in DOCUMENTS
            if may(who, REPORTS[one["report"]].right)
        ],
        "provisional": mine.provisional,
        "curves": [
            {
                "name": _name(FIGURES[name], lang),
                "link": asked.link(curve=name) + "#curves",
                "chosen": name == asked.curve,
            }
            for name in tables.CURVES
        ],
        "trend": _trend(own, asked.curve, lang),
        "behind": _behind(who, doors, asked, lang) if asked.plot_set else None,
    }


def _table(
    who: Actor, doors: Services, asked: Asked, mine: Table
) -> tuple[Json | None, Json | None]:
    """A breakdown; of counties the live table or the one published last by then, and when it was."""
    if asked.by != COUNTY:
        return doors.figures.breakdown(who, asked.by, mine.batch, mine.as_of).as_json(), None
    if doors.figures.compares(who):
        return mine.as_json(), None
    try:
        found = doors.figures.latest(who, mine.batch, mine.as_of)
    except NothingPublished:
        return None, None
    return orjson.loads(found.content), {"as_of": found.as_of, "at": found.published_at[:10]}


def _linked(who: Actor, doors: Services, asked: Asked) -> Any:
    """Which units' plots the person may open: those of a breakdown are the person's own."""
    scope = doors.figures.scope(who, asked.batch or "")
    everything = asked.by != COUNTY or doors.figures.compares(who)
    return lambda unit: everything or (unit is not None and scope.holds(unit))


def _shown(asked: Asked) -> list[str]:
    """Figures that a table has columns of."""
    return [name for name in FIGURES if asked.by == COUNTY or name not in tables.ESTIMATED]


def _rows(table: Json, asked: Asked, linked: Any, lang: texts.Lang) -> list[dict[str, Any]]:
    none = texts.say("report.no_county" if asked.by == COUNTY else "report.no_part", lang)
    shown = _shown(asked)
    rows = [
        {
            "rank": row["rank"],
            "name": tables.part_name(asked.by, row["name"] or row["unit"], lang) or none,
            "total": False,
            "cells": [
                _cell(
                    name,
                    row["figures"][name],
                    asked,
                    (row["unit"] or NO_COUNTY) if linked(row["unit"]) else False,
                )
                for name in shown
            ],
        }
        for row in table["rows"]
    ]
    whole = table["total"]["figures"]
    unit = None if linked(None) else False
    total = [_cell(name, whole[name], asked, unit) for name in shown]
    said = texts.say("report.total", lang)
    return [*rows, {"rank": None, "name": said, "total": True, "cells": total}]


def _cell(name: str, value: Any, asked: Asked, unit: str | bool | None) -> dict[str, Any]:
    """A figure with links to what it counts; ``False`` for a unit that cannot be opened."""
    row = FIGURES[name]

    def link(plot_set: str | None) -> str | None:
        if unit is False or plot_set is None:
            return None
        return asked.link(set=plot_set, unit=unit) + "#plots"

    bad = name.startswith("overdue") and bool(value)
    cell: dict[str, Any] = {"id": name, "bad": bad, "num": None, "den": None, "link": None}
    if isinstance(value, dict) and "den" in value:
        cell["num"], cell["num_link"] = value["num"], link(row.num)
        cell["den"], cell["den_link"] = value["den"], link(row.den)
        return cell | {"text": _pct(value["pct"])}
    if isinstance(value, dict):
        return cell | {"text": f"{value['pct']:.1f}%", "small": f"n={value['n']}"}
    text = "–" if value is None else f"{value:.1f}" if isinstance(value, float) else str(value)
    return cell | {"text": text, "link": link(row.num) if value else None}


def _pct(pct: float | None) -> str:
    return "–" if pct is None else f"{pct:.1f}%"


def _name(row: Any, lang: texts.Lang) -> str:
    return str(row.zh if lang == "zh-CN" else row.en)


def _trend(own: Sequence[Table], curve: str, lang: texts.Lang) -> Markup:
    standings = [
        tables.Standings(
            t.batch, t.as_of, t.seq, "", t.provisional,
            [tables.Unit(r.name or r.unit, r.rank, r.figures) for r in t.rows], t.total,
        )
        for t in own
    ]  # fmt: skip
    lines = tables.curves(standings, curve, lang)
    title, days = _name(FIGURES[curve], lang), [t.as_of for t in own]
    drawn = (
        f'<div class="{name}">{trend(days, lines, title=title, size=size)}</div>'
        for name, size in CURVES.items()
    )
    # Names in it are escaped where it is drawn.
    return Markup("".join(drawn))  # noqa: S704


def _unit(doors: Services, asked: Asked, lang: texts.Lang) -> str | None:
    """What the unit is called whose plots are open."""
    if asked.unit is None:
        return None
    if asked.unit == NO_COUNTY:
        return texts.say("report.no_county" if asked.by == COUNTY else "report.no_part", lang)
    names = doors.figures.part_names(asked.batch or "", asked.by)
    return tables.part_name(asked.by, names.get(asked.unit, asked.unit), lang)


def _behind(who: Actor, doors: Services, asked: Asked, lang: texts.Lang) -> dict[str, Any]:
    """The plots that were counted, with what a reader asks of them first."""
    found = doors.figures.behind(
        who,
        set_id=asked.plot_set or "",
        batch=asked.batch,
        as_of=asked.as_of,
        by=asked.by,
        unit=asked.unit,
        after=asked.after,
        limit=SHOWN,
    )
    names = doors.plots.place_names()
    late = {"overdue_review": "overdue_review_days", "overdue_rectify": "overdue_rectify_days"}
    return {
        "name": _name(SETS[asked.plot_set or ""], lang),
        "unit": _unit(doors, asked, lang),
        "matched": found.matched,
        "close": asked.link(set=None, unit=None),
        "more": asked.link(after=found.after) + "#plots" if found.after else None,
        "late": asked.plot_set in late,
        "items": [
            {
                "number": plot.source_id,
                "link": "/#" + urlencode({"b": asked.batch, "plot": plot.source_id}),
                "type": plot.type_issued,
                "county": names.get(plot.standing.county or "", plot.standing.county),
                "stage": texts.say(f"stage.{plot.standing.stage}", lang),
                "due": plot.rectify_due if asked.plot_set == "overdue_rectify" else plot.review_due,
                "days": getattr(plot, late[asked.plot_set or ""])
                if asked.plot_set in late
                else plot.standing.days,
            }
            for plot in found.items
        ],
    }
