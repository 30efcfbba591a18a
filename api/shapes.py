"""Values as JSON, in the shapes others build on; and the models that describe them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote

import orjson
from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field
from shapely import from_wkb, to_geojson

from georeview import texts
from georeview.clock import SHANGHAI
from georeview.core.aside import Aside
from georeview.core.clocks import Timing
from georeview.core.layers import KINDS
from georeview.core.locks import Lock
from georeview.core.personal import told
from georeview.core.plot import Review
from georeview.core.requirements import Missing, describe
from georeview.core.severity import propose_text
from georeview.services import lines
from georeview.services.imagery import Covering
from georeview.services.lineage import Kinship
from georeview.services.live import Here
from georeview.services.plots import Detail, Names, PlotService, dues_of
from georeview.services.wording import readable
from georeview.storage.ports.evidence import EvidenceFile
from georeview.storage.ports.plots import NewPlot, Plot

Json = dict[str, Any]

SHAPE_MAX = 8192
"""Bytes of a shape whose text is remembered; larger ones are few."""


class PlotItem(BaseModel):
    """One plot in a list."""

    model_config = ConfigDict(extra="allow")

    plot_id: str = Field(examples=["p_6f1c9a0e2b7d4c55"])
    source_id: str = Field(examples=["SC511923-2023-000123"])
    batch: str = Field(examples=["2023 水利部下发图斑"])
    mark: Literal["pending", "confirmed", "false_positive", "rectified"]
    mark_state: Literal["draft", "submitted", "verified"]
    determination: str | None
    reason: str | None = Field(examples=["FP21"])
    violation: str | None
    severity: str | None
    stage: str = Field(examples=["in_review"])
    outcome: str | None
    county: str | None = Field(examples=["511923"])
    county_name: str | None = Field(examples=["平昌县"])
    township: str | None
    township_name: str | None
    type_issued: str | None = Field(examples=["桥梁"])
    area_m2: float | None = Field(examples=[612.4])
    in_share: float | None = Field(examples=[0.92])
    band: Literal["in", "critical", "out", "unknown"] | None
    river: str | None = Field(examples=["巴河"])
    due_on: date | None
    review_due_on: date | None
    rectify_due_on: date | None
    overdue_days: int
    assignee: str | None
    conflicts: int
    version: int = Field(examples=[3])
    updated_at: datetime
    point: tuple[float, float] = Field(examples=[[107.1, 31.56]])


class PlotPage(BaseModel):
    """A part of a list of plots."""

    items: list[PlotItem]
    matched: int | None
    next: str | None


class Counted(BaseModel):
    """How many plots meet what was asked."""

    matched: int


class MissingThing(BaseModel):
    """Something a mark still needs; one of ``any_of`` is enough."""

    item: Literal["evidence", "field"]
    any_of: list[str] = Field(examples=[["E_PHOTO"]])
    n: int = 1


class LateRecord(BaseModel):
    """A record that came too late, beside the plot until somebody settles it."""

    record: str
    seq: int
    action: str = Field(examples=["mark"])
    base: int
    said: Json
    actor: str
    unit: str
    role: str
    observed_at: datetime
    recorded_at: datetime
    may_settle: bool


class PlotLock(BaseModel):
    """Who is reviewing a plot, and until when it is kept for that person."""

    user: str = Field(examples=["wangfang"])
    name: str = Field(examples=["王芳"])
    unit: str = Field(examples=["平昌县专班"])
    until: datetime


class PlotDetail(PlotItem):
    """Everything about one plot."""

    geometry: Json
    extra: Json
    evidence: list[Json]
    missing: list[MissingThing]
    may: list[str] = Field(examples=[["mark", "submit"]])
    aside: list[LateRecord]
    lock: PlotLock | None


class EventItem(BaseModel):
    """One event of a plot's history."""

    seq: int
    plot_id: str
    version: int
    action: str = Field(examples=["mark"])
    actor: str
    unit: str
    role: str
    recorded_at: datetime
    observed_at: datetime
    before: Json
    after: Json
    body: Json
    note: str | None
    prev_hash: str
    hash: str


class History(BaseModel):
    """A plot's events, oldest first."""

    items: list[EventItem]


class ChangeItem(BaseModel):
    """One line of the feed; beside it, for what is seen, all members of an event."""

    model_config = ConfigDict(extra="allow")

    kind: Literal["event", "entered_scope", "left_scope"]
    seq: int
    plot_id: str
    recorded_at: str


class Changes(BaseModel):
    """A part of the feed; ``next`` is where to go on, also when nothing came."""

    items: list[ChangeItem]
    next: str
    more: bool


class FactSheet(BaseModel):
    """What the overlay found; each fact names the layer version it rests on."""

    model_config = ConfigDict(extra="allow")

    area_m2: float | None
    perimeter_m: float | None
    overlay: dict[str, Json | None]
    river: Json | None
    county: Json | None
    township: Json | None
    imagery: list[Json]
    lineage: list[Json]
    hints: list[Json]
    outdated: bool


class Receipt(BaseModel):
    """That an event is in the ledger, and no more."""

    seq: int
    plot_id: str
    action: str = Field(examples=["aside"])
    recorded_at: datetime
    hash: str


class Moved(BaseModel):
    """The event that was kept and the plot as it is now.

    ``conflict``: the step came too late and lies beside the plot; when that has left my area
    meanwhile, there is a receipt and no plot.
    """

    event: EventItem | Receipt
    plot: PlotDetail | None = None
    conflict: bool


class BulkItem(BaseModel):
    """What became of one plot."""

    model_config = ConfigDict(extra="allow")

    plot_id: str
    status: int = Field(examples=[201])
    version: int | None = Field(examples=[5])
    stage: str | None = Field(examples=["city_check"])
    seq: int | None = Field(examples=[4711])
    code: str | None = None
    title: str | None = None
    hint: str | None = None


class BulkDone(BaseModel):
    """One line for each plot, in the order they were named."""

    items: list[BulkItem]
    done: int
    refused: int


class Problem(BaseModel):
    """A refusal (``application/problem+json``)."""

    type: str
    title: str = Field(examples=["图斑 SC511923-2023-000123 已由 王芳 更新。"])
    status: int
    detail: str
    code: str = Field(examples=["stale_version"])
    hint: str
    errors: list[Json]
    request_id: str = Field(examples=["8f14e45fceea167a"])


Responses = dict[int | str, dict[str, Any]]


def refusals(*statuses: int) -> Responses:
    """The refusals an address names in the OpenAPI document, which gives all of them one shape.

    A model for each would be kept anew for each address.
    """
    return {status: {"description": "refused"} for status in statuses}


def answers(model: type[BaseModel], *refused: int, status: int = 200) -> Responses:
    """What an address answers when all is well, and how it refuses."""
    return {status: {"model": model}, **refusals(*refused)}


def failure(error: Mapping[str, Any] | None) -> Json | None:
    """Why a file was not made, in both languages: who comes for it may have changed the language."""
    if error is None:
        return None
    code, facts = error["code"], error["facts"]
    said: dict[str, str] = {
        lang: texts.say(f"error.{code}.say", lang, **readable(facts, lang)) for lang in texts.LANGS
    }
    return {"code": code, **said}


def saved_as(name: str) -> dict[str, str]:
    """The header with which an answer is saved under a name, in whatever script."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}


def answer(body: Any, status: int = 200, **headers: str) -> Response:
    """A JSON response."""
    return _Answer(orjson.dumps(body), status, headers)


class _Answer(Response):
    """Its head is put together at once: the framework looks first for what could be missing."""

    def __init__(self, body: bytes, status: int, headers: Mapping[str, str]) -> None:
        self.body, self.status_code, self.background = body, status, None
        self.raw_headers = [
            (b"content-length", b"%d" % len(body)),
            (b"content-type", b"application/json"),
            *(
                (name.replace("_", "-").lower().encode("latin-1"), value.encode("latin-1"))
                for name, value in headers.items()
            ),
        ]


shanghai = lines.shanghai
"""A stored instant as people here read it."""


def camera_time(local: str | None) -> str | None:
    """When a photo was taken; a camera that names no offset is taken to show the time here."""
    if local is None:
        return None
    moment = datetime.fromisoformat(local)
    return (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)).isoformat()


def items(found: Sequence[Plot], plots: PlotService, *, geometry: bool = False) -> list[Json]:
    """Plots in a list."""
    around = plots.around()
    return [
        _item(plot, plots.timing(plot, around.own_days), around.places, geometry=geometry)
        for plot in found
    ]


def _item(plot: Plot, timing: Timing | None, names: Mapping[str, str], *, geometry: bool) -> Json:
    review, facts, given = plot.review, plot.facts, plot.given
    west, south, east, north = given.bbox
    shown: Json = {
        "plot_id": given.plot_id,
        "source_id": given.source_id,
        "batch": given.batch,
        "mark": review.mark,
        "mark_state": review.mark_state,
        "determination": review.determination,
        "reason": review.reason,
        "violation": review.violation,
        "severity": review.severity,
        "stage": review.stage,
        "outcome": review.outcome,
        "county": review.county,
        "county_name": names.get(review.county or ""),
        "township": review.township,
        "township_name": names.get(review.township or "")
        or (facts.township_name if facts else None),
        "type_issued": given.fields.get("type_issued"),
        "area_m2": facts.area_m2 if facts else None,
        "in_share": facts.in_share if facts else None,
        "band": facts.band if facts else None,
        "river": facts.river if facts else None,
        "due_on": timing.due.isoformat() if timing else None,
        **dues_of(plot),
        "overdue_days": timing.overdue_days if timing else 0,
        "assignee": review.assignee,
        "conflicts": plot.conflicts,
        "version": review.version,
        "updated_at": shanghai(plot.updated_at),
        "point": [facts.lon, facts.lat] if facts else [(west + east) / 2, (south + north) / 2],
    }
    if geometry:
        small = len(given.wkb) <= SHAPE_MAX
        shown["geometry"] = _geojson(given.wkb) if small else _geojson.__wrapped__(given.wkb)
    return shown


def geometry_of(wkb: bytes) -> orjson.Fragment:
    """A shape as it stands in an answer."""
    return _geojson.__wrapped__(wkb)


@lru_cache(maxsize=2048)
def _geojson(wkb: bytes) -> orjson.Fragment:
    """A shape as it stands in an answer; a plot that is marked is shown again and again."""
    return orjson.Fragment(to_geojson(from_wkb(wkb)))


def detail(seen: Detail, plots: PlotService, lang: texts.Lang) -> Json:
    """A plot with everything about it."""
    plot, review = seen.plot, seen.plot.review
    timing = plots.timing(plot, seen.around.own_days)
    return _item(plot, timing, seen.around.places, geometry=True) | {
        "extra": dict(plot.given.extra),
        "fields": dict(plot.given.fields),
        "flags": [_flag(flag, lang) for flag in plot.given.flags],
        "evidence": [evidence(file, plot) for file in seen.evidence],
        "missing": [thing(m) for m in seen.missing],
        "missing_text": describe(seen.missing, lang),
        "may": list(seen.may),
        "aside": [
            late(record, seen.names, may_settle=may_settle) for record, may_settle in seen.aside
        ],
        "lock": lock(plots.lock(plot)),
        "clock": clock(timing),
        "course": _course(review, seen.names),
        "reason_source": review.reason_source,
        "second_look": review.second_look,
        "severity_proposed": propose_text(review.violation, review.area_m2, review.volume_m3),
        "type_actual": review.type_actual,
        "note": review.note,
        "permit_no": review.permit_no,
        "permit_authority": review.permit_authority,
        "permit_date": review.permit_date,
        "permit_valid_to": review.permit_valid_to,
        "permit_id": review.permit_id,
        "area_measured_m2": review.area_m2,
        "volume_m3": review.volume_m3,
        "marked_by": review.marked_by,
        "marked_at": shanghai(review.marked_at) if review.marked_at else None,
        "suggestion": plot.facts.suggestion if plot.facts else None,
    }


def late(record: Aside, names: Names, *, may_settle: bool) -> Json:
    """A record that lies beside a plot."""
    return {
        "record": record.record,
        "seq": record.seq,
        "action": record.action,
        "base": record.base,
        "said": told(record.said, names),
        "actor": record.actor,
        "unit": record.unit,
        "role": record.role,
        "observed_at": shanghai(record.observed_at),
        "recorded_at": shanghai(record.recorded_at),
        "may_settle": may_settle,
    }


def lock(held: Lock | None) -> Json | None:
    """Who holds a plot."""
    if held is None:
        return None
    until = shanghai(held.until)
    return {"user": held.user, "name": held.name, "unit": held.unit, "until": until}


def here(seen: Here) -> Json:
    """Who else is at a plot, and who holds it."""
    people = [{"user": one.user, "name": one.name, "unit": one.unit} for one in seen.people]
    return {"people": people, "lock": lock(seen.lock)}


def clock(timing: Timing | None) -> Json | None:
    """How a plot stands against the clock of its stage."""
    if timing is None:
        return None
    return {
        "clock": timing.clock,
        "due_on": timing.due.isoformat(),
        "due_eff_on": timing.due_eff.isoformat(),
        "done_on": timing.done and timing.done.isoformat(),
        "stopped_since": timing.stopped_since and timing.stopped_since.isoformat(),
        "stopped_why": timing.stopped_why,
        "overdue_days": timing.overdue_days,
        "state": timing.state,
    }


_COURSE = (
    "dispatched_on", "returns", "confirmed_on", "measure", "measure_unit", "measure_person", "party",
    "finish_on", "percent", "claimed_on", "watch_no", "recheck_due_on", "closed_on", "follow_up_on",
    "target", "parent", "children", "proposal", "request", "escalation",
)  # fmt: skip


def _course(review: Review, names: Names) -> Json:
    """How far a plot has come, without what only the rules need."""
    course = orjson.loads(review.course_text)
    return told({name: course[name] for name in _COURSE if name in course}, names)


def past(given: tuple[int | None, NewPlot]) -> Json:
    """What a plot was given, and the event that replaced it."""
    until, plot = given
    return {
        "until_seq": until,
        "row": plot.row,
        "source_crs": plot.source_crs,
        "geometry": _geojson.__wrapped__(plot.wkb),
        "fields": dict(plot.fields),
        "extra": dict(plot.extra),
    }


def thing(missing: Missing) -> Json:
    """Something still missing."""
    return {"item": missing.item, "any_of": list(missing.any_of), "n": missing.n}


def evidence(file: EvidenceFile, plot: Plot | None = None) -> Json:
    """An evidence file; with the plot, how far from it the photo was taken."""
    placed = file.lon is not None and file.lat is not None
    return {
        "id": file.evidence_id,
        "sha256": file.sha256,
        "kind": file.kind,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "taken_at": camera_time(file.taken_at),
        "position": [file.lon, file.lat] if placed else None,
        "azimuth": file.azimuth,
        "distance_m": _distance_m(file, plot) if placed and plot else None,
        "actor": file.actor,
        "created_at": shanghai(file.created_at),
    }


def _distance_m(file: EvidenceFile, plot: Plot) -> float | None:
    if plot.facts is None or file.lon is None or file.lat is None:
        return None
    from georeview.geometry.measure import distance_m

    return round(distance_m(file.lon, file.lat, plot.facts.lon, plot.facts.lat), 1)


def _flag(flag: Mapping[str, Any], lang: texts.Lang) -> Json:
    code, facts = str(flag["code"]), flag.get("facts", {})
    return {"code": code, "text": texts.say(f"flag.{code}.say", lang, **facts)}


_NO_FACTS: Json = {
    "area_m2": None,
    "perimeter_m": None,
    "overlay": {},
    "river": None,
    "county": None,
    "township": None,
    "hints": [],
    "imagery": [],
    "lineage": [],
}
"""The names others rely on, also before anything was computed."""


def facts(seen: Detail, kinships: Sequence[Kinship], lang: texts.Lang) -> Json:
    """Overlay facts of a plot, its hints in words, the scenes and other batches that show it."""
    found = seen.plot.facts
    known: Json = _NO_FACTS | (_times_here(found.detail) if found else {})
    # It names a plot that may lie out of sight.
    known.pop("lineage_group", None)
    return known | {
        "hints": [_hint(hint, lang) for hint in known["hints"]],
        "imagery": [_scene(covering) for covering in seen.scenes],
        "lineage": list(map(_kinship, kinships)),
    }


_OF_KIN = ("relation", "iou", "cover", "common_m2", "distance_m")


def _kinship(kin: Kinship) -> Json:
    """A plot of another batch at the same place, with what became of it."""
    given, review = kin.plot.given, kin.plot.review
    return {
        "plot_id": given.plot_id,
        "batch": given.batch,
        "source_id": given.source_id,
        "later": kin.later,
        **{name: kin.told[name] for name in _OF_KIN},
        "stage": review.stage,
        "mark": review.mark,
        "mark_state": review.mark_state,
        "reason": review.reason,
        "violation": review.violation,
        "determination": review.determination,
        "outcome": review.outcome,
    }


def _scene(found: Covering) -> Json:
    """A scene that reaches a plot."""
    scene = found.scene
    return {
        "scene_id": scene.scene_id,
        "role": scene.role,
        "date": scene.date,
        "sensor": scene.sensor,
        "name": scene.name,
        "coverage": found.coverage,
        "pixel_m": scene.info.get("pixel_m"),
    }


def _times_here(value: Any) -> Any:
    """The same facts with the times of their computation as people here read them."""
    if isinstance(value, Mapping):
        return {
            name: shanghai(item) if name == "computed_at" else _times_here(item)
            for name, item in value.items()
        }
    return [_times_here(item) for item in value] if isinstance(value, list) else value


def _hint(hint: Mapping[str, Any], lang: texts.Lang) -> Json:
    facts = dict(hint["facts"])
    if kind := KINDS.get(str(facts.get("layer", "")).rpartition("-")[0]):
        facts["layer"] = kind.zh if lang == "zh-CN" else kind.en
    return {**hint, "text": texts.say(f"hint.{hint['key']}", lang, **facts)}
