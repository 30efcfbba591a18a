"""What the page itself needs; no contract for others."""

from array import array
from dataclasses import asdict
from functools import cache
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import columns
from api.callers import COOKIE
from api.deps import Doors, JsonBody, Language, Needs, Who
from api.routes.session import give_cookie
from api.shapes import Json, answer, detail, facts
from georeview import texts
from georeview.core import commands, fields, layers, palette, reasons
from georeview.core.access import ROLE_NAMES, Action
from georeview.core.codes import MEASURES, REFUSALS, REOPENINGS, RETURNS
from georeview.core.plot import STAGES
from georeview.core.procedure import BULK, OFFERED, TRANSITIONS
from georeview.services.lines import event
from georeview.services.splitting import LINE_MOST
from georeview.services.tiles import Tile

router = APIRouter(prefix="/ui", tags=["page"], include_in_schema=False)
Degrees = Annotated[float, Field(ge=-180, le=180)]
_SEES = [Depends(Needs(Action.SEE))]

_NOT_TYPED = ("ids", "record", "parts")
"""Kinds of fields that no form asks for."""

_COLUMNS = (
    "plot_id",
    "source_id",
    "stage",
    "version",
    "type_issued",
    "county",
    "township",
    "river",
    "area_m2",
    "band",
    "suggestion",
    "lon",
    "lat",
)


@router.get("/texts/{lang}.json")
def words(lang: Literal["zh-CN", "en"]) -> Response:
    """All sentences of a language, by key."""
    return answer(dict(texts.catalogue(lang)), Cache_Control="public, max-age=3600")


@cache
def _codebook() -> Json:
    return {
        "reasons": [
            {
                "code": r.code,
                "zh": r.zh,
                "en": r.en,
                "short_zh": r.short_zh,
                "short_en": r.short_en,
                "evidence": r.evidence,
                "fields": r.fields,
                "note_min": r.note_min,
                "determination": r.determination,
            }
            for r in reasons.REASONS.values()
        ],
        "chips": reasons.CHIPS,
        "violations": [
            {"code": v.code, "disorder": v.disorder, "zh": v.zh, "en": v.en}
            for v in reasons.VIOLATIONS.values()
        ],
        "disorders": dict(reasons.DISORDERS),
        "evidence_kinds": {
            kind: names
            for kind, names in reasons.EVIDENCE_KINDS.items()
            if kind not in reasons.AUTOMATIC_KINDS
        },
        "marks": [
            {
                "mark": m.mark,
                "code": m.code,
                "fill": m.fill,
                "outline": m.outline,
                "symbol": m.symbol,
                "dash": m.dash,
                "wash": m.wash,
            }
            for m in palette.MARKS.values()
        ],
        "lines": {
            name: {
                "line": s.line,
                "width": s.width,
                "dash": s.dash,
                "casing": s.casing,
                "fill": s.fill,
            }
            for name, s in palette.LINES.items()
        },
        "kinds": {
            k.name: {
                "zh": k.zh,
                "en": k.en,
                "style": k.style,
                "shown": k.shown,
                "from_zoom": k.from_zoom,
                "ground": k.ground,
            }
            for k in layers.KINDS.values()
            if k.drawn
        },
        "roles": {role.value: names for role, names in ROLE_NAMES.items()},
        "plot_fields": [field.name for field in fields.PLOT_FIELDS],
        "mark_fields": [
            {"name": f.name, "kind": f.kind, "limit": f.limit, "zh": f.zh, "en": f.en}
            for f in commands.MARK_FIELDS
        ],
        "actions": {
            action: [_body_field(f, action) for f in own if f.kind not in _NOT_TYPED]
            for action, own in commands.ACTION_FIELDS.items()
        },
        "steps": {action: _step(action) for action in TRANSITIONS},
        "stages": [{"stage": stage, "holders": info.holders} for stage, info in STAGES.items()],
    }


def _step(action: str) -> Json:
    """Whether a step takes many plots and leads them on, and who is offered it in which stages."""
    offered = {
        role.value: [
            stage
            for stage in STAGES
            if any(step.action == action for step in OFFERED[role, stage.value])
        ]
        for role in ROLE_NAMES
    }
    return {
        "bulk": action in BULK,
        "moves": any(step.targets for step in TRANSITIONS[action]),
        "offered": {role: stages for role, stages in offered.items() if stages},
    }


def _body_field(field: commands.BodyField, action: str) -> Json:
    """A field of a step's form, with its choices in words."""
    return {
        "name": field.name,
        "kind": field.kind,
        "limit": field.limit,
        "zh": field.zh,
        "en": field.en,
        "needed": any(field.name in step.needs for step in TRANSITIONS[action]),
        "choices": [{"value": value, **_choice(value)} for value in field.choices],
    }


def _choice(value: str) -> Json:
    """What a choice is called: a code by its table, any other by the texts."""
    for table in (REFUSALS, RETURNS, REOPENINGS, MEASURES, reasons.REASONS, reasons.VIOLATIONS):
        if value in table:
            return {"zh": f"{value} {table[value].zh}", "en": f"{value} {table[value].en}"}
    for section in ("choice", "determination", "ui.severe", "ui.mark"):
        if (key := f"{section}.{value}") in texts.catalogue("en"):
            return {"zh": texts.say(key, "zh-CN"), "en": texts.say(key, "en")}
    return {"zh": value, "en": value}


@router.get("/codebook.json")
def codebook() -> Response:
    """Reasons, violations, colours and line styles: everything the page knows as data."""
    return answer(_codebook(), Cache_Control="public, max-age=3600")


@router.get("/rows", dependencies=_SEES)
def rows(
    who: Who,
    doors: Doors,
    batch: Annotated[str, Query(max_length=200)],
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """The viewer's queue as columns; a plot's place in them, from 1, is its id in the tiles."""
    found = columns.Columns((*_COLUMNS, "mark", "submitted", "conflict"))
    ranks, places = array("q"), set[str]()
    for part in doors.plots.rows(who, batch):
        ranks.extend(part.rank)
        places.update(code for code in (*part.county, *part.township) if code)
        found.add(
            {
                **{name: getattr(part, name) for name in _COLUMNS},
                "mark": [palette.MARKS[mark].code for mark in part.mark],
                "submitted": [int(state != "draft") for state in part.mark_state],
                "conflict": [int(n > 0) for n in part.conflicts],
            }
        )
    names = doors.plots.place_names()
    beside = {
        "rev": doors.tiles.revision(who, batch),
        "n": len(ranks),
        "place_names": {code: names.get(code, code) for code in sorted(places)},
        "order": columns.order(ranks),
    }
    return columns.answer(found, beside, accept_encoding)


@router.get("/state.bin", dependencies=_SEES)
def state(who: Who, doors: Doors, batch: Annotated[str, Query(max_length=200)]) -> Response:
    """One byte a plot in the same order: mark (two bits), submitted, waits to be settled."""
    data = bytearray()
    for part in doors.plots.marks(who, batch):
        data += bytes(
            palette.MARKS[mark].code | (4 if submitted != "draft" else 0) | (8 if conflicts else 0)
            for mark, submitted, conflicts in part
        )
    revision = doors.tiles.revision(who, batch)
    return Response(
        bytes(data),
        media_type="application/octet-stream",
        headers={"Cache-Control": "no-store", "X-Revision": revision},
    )


@router.get("/panel/{plot_id}", dependencies=_SEES)
def panel(plot_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """Plot, facts and history in one answer, so that opening a plot is one round trip."""
    seen = doors.plots.detail(who, plot_id)
    names = doors.plots.names(who, plot_id)
    shown = {
        "plot": detail(seen, doors.plots, lang),
        "facts": facts(seen, doors.lineage.of(who, seen.plot), lang),
        "history": [event(kept, names) for kept in doors.plots.history(who, plot_id)],
    }
    return answer(shown, ETag=f'"{seen.plot.review.version}"', Cache_Control="no-store")


@router.get("/chips/{plot_id}/{scene_id}.webp", dependencies=_SEES)
def chip(
    plot_id: str,
    scene_id: str,
    who: Who,
    doors: Doors,
    w: Annotated[int, Query(ge=60, le=1024)] = 360,
    h: Annotated[int, Query(ge=60, le=1024)] = 240,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """A picture of the plot in one scene, with its outline; 204 where the scene does not reach."""
    tile: Tile = doors.tiles.chip(who, plot_id, scene_id, (w, h))
    headers = {"ETag": f'"{tile.etag}"', "Cache-Control": "private, max-age=86400"}
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if tile.data is None:
        return Response(status_code=204, headers=headers)
    return Response(tile.data, media_type="image/webp", headers=headers)


class CutIn(BaseModel):
    """Where to cut a plot: along a line, or along the county line when none is given."""

    model_config = ConfigDict(extra="forbid")
    line: list[tuple[Degrees, Degrees]] | None = Field(None, max_length=LINE_MOST)


_CUT = JsonBody(CutIn)


@router.post("/plots/{plot_id}/cut", dependencies=[Depends(Needs(Action.SPLIT))])
def cut(plot_id: str, body: Annotated[CutIn, Depends(_CUT)], who: Who, doors: Doors) -> Response:
    """The parts that a cut would give, each with its area and county; nothing is kept."""
    if body.line is None:
        parts = doors.splits.along_counties(who, plot_id)
    else:
        parts = doors.splits.cut(who, plot_id, body.line)
    return answer({"parts": [asdict(part) for part in parts]}, Cache_Control="no-store")


class SampleRole(BaseModel):
    """Which sample person to be."""

    role: str = Field(max_length=20)


_SAMPLE = JsonBody(SampleRole)


@router.post("/demo-session", status_code=204)
def demo_session(
    body: Annotated[SampleRole, Depends(_SAMPLE)], request: Request, doors: Doors
) -> Response:
    """Sign in as a sample person; not there outside the demo."""
    session = doors.sessions.sign_in_sample(body.role)
    doors.sessions.sign_out(request.cookies.get(COOKIE))
    return give_cookie(doors, session)


@router.get("/board", dependencies=_SEES)
def board(
    who: Who, doors: Doors, batch: Annotated[str, Query(min_length=1, max_length=200)]
) -> Response:
    """How many plots of a batch lie in each stage, and the places they may go to."""
    stages = doors.plots.stages(who, batch)
    counted = {stage.value: {"n": n, "overdue": late} for stage, (n, late) in stages.items()}
    return answer({"stages": counted, "places": dict(doors.plots.place_names())})
