"""Boundary layers and their versions."""

from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.deps import Doors, Language, Needs, Who, signed_in
from api.shapes import Json, answer, refusals, shanghai
from api.uploads import Form, form_of, multipart
from georeview import texts
from georeview.core.access import Action
from georeview.core.layers import KINDS
from georeview.errors import BadValue
from georeview.ingest import ReadOptions
from georeview.services.layer_changes import Touched
from georeview.services.layers import LayerAbout
from georeview.services.plots import seen_by
from georeview.settings import Settings
from georeview.storage.ports.layers import LayerVersion

router = signed_in("layers")

GEOJSON = "application/geo+json"
NOTHING: Json = {"type": "FeatureCollection", "against": None, "summary": None, "features": []}

ABOUT_FIELDS: dict[str, Any] = {
    "kind": {"type": "string", "enum": list(KINDS)},
    "name": {"type": "string"},
    "version": {"type": "string"},
    "valid_from": {"type": "string", "format": "date"},
    "source": {"type": "string", "example": "巴中市水利局"},
    "approval_no": {"type": "string", "example": "巴府发〔2021〕12号"},
    "scale": {"type": "integer", "example": 2000},
    "accuracy_m": {"type": "number", "example": 5},
    "crs": {"type": "string", "example": "EPSG:4545"},
    "encoding": {"type": "string", "example": "gb18030"},
    "layer": {"type": "string"},
}


def shape(layer: LayerVersion, in_use: frozenset[str]) -> Json:
    """One version of a layer."""
    kind = KINDS[layer.kind]
    return {
        "id": layer.layer_id,
        "layer_id": layer.layer_id,
        "kind": layer.kind,
        "kind_zh": kind.zh,
        "kind_en": kind.en,
        "style": kind.style,
        "name": layer.name,
        "version": layer.version,
        "valid_from": layer.valid_from,
        "source": layer.source,
        "approval_no": layer.approval_no,
        "scale": layer.scale,
        "file": layer.file,
        "sha256": layer.sha256,
        "crs_original": layer.crs_original,
        "accuracy_m": layer.accuracy_m,
        "features": layer.features,
        "bbox": list(layer.bbox),
        "current": layer.current,
        "in_use": layer.layer_id in in_use,
        "published_by": layer.actor,
        "created_at": shanghai(layer.created_at),
    }


@router.get("/layers", summary="All layers", dependencies=[Depends(Needs(Action.SEE))])
def layers(doors: Doors) -> Response:
    """Every version of every layer, current ones first.

    `current` is the newest of its kind and name; `in_use` the one of its kind that facts rest on.
    """
    in_use = doors.overlay.in_use()
    return answer({"items": [shape(layer, in_use) for layer in doors.layers.all()]})


@router.get(
    "/layers/{layer_id}",
    summary="One version of a layer",
    dependencies=[Depends(Needs(Action.SEE))],
    responses=refusals(404),
)
def layer(layer_id: str, who: Who, doors: Doors) -> Response:
    """Where it comes from, from when it holds and how well it is known.

    `plots_on_it` have facts that rest on this version, `plots_behind` on another one of its kind.
    """
    found = doors.layers.get(layer_id)
    resting, behind = doors.overlay.resting_on(seen_by(who), found)
    told = shape(found, doors.overlay.in_use())
    return answer(told | {"plots_on_it": resting, "plots_behind": behind})


@router.get(
    "/layers/{layer_id}/diff",
    summary="Where it differs from an earlier version",
    dependencies=[Depends(Needs(Action.SEE))],
    responses=refusals(404, 422),
)
def diff(layer_id: str, doors: Doors, against: str | None = None) -> Response:
    """GeoJSON: what differs from the version before, or from another one.

    `added` is covered now and was not, `removed` the other way round, `moved` belongs to another
    feature than before (`was_name`). `summary` has the sums.
    """
    version, other = doors.layer_changes.pair(layer_id, against)
    if other is None:
        data = orjson.dumps(NOTHING | {"layer_id": layer_id})
    else:
        data = doors.layer_changes.diff(version, other)
    return Response(data, media_type=GEOJSON)


@router.get(
    "/layers/{layer_id}/diff/plots",
    summary="Plots that lie where it differs",
    dependencies=[Depends(Needs(Action.SEE))],
    responses=refusals(404, 422),
)
def touched(
    layer_id: str,
    who: Who,
    doors: Doors,
    against: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Response:
    """Those with the largest part on a difference first; `matched` counts them all.

    `outdated`: its facts still rest on other versions than the current ones.
    """
    version, other = doors.layer_changes.pair(layer_id, against)
    found = [] if other is None else doors.layer_changes.touched(seen_by(who), version, other)
    names, versions = doors.plots.place_names(), doors.overlay.current_versions()
    items = [_touched(one, names, versions) for one in found[:limit]]
    return answer({"items": items, "matched": len(found), "against": other and other.layer_id})


def _touched(one: Touched, names: Any, versions: str) -> Json:
    given, review, facts = one.plot.given, one.plot.review, one.plot.facts
    west, south, east, north = given.bbox
    return {
        "plot_id": given.plot_id,
        "source_id": given.source_id,
        "batch": given.batch,
        "mark": review.mark,
        "stage": review.stage,
        "county": review.county,
        "county_name": names.get(review.county, review.county),
        "area_m2": dict(one.area_m2),
        "bbox": list(given.bbox),
        "point": [(west + east) / 2, (south + north) / 2],
        "outdated": facts is not None and facts.layers != versions,
    }


@router.post(
    "/layers",
    status_code=201,
    summary="Publish a version of a layer",
    dependencies=[Depends(Needs(Action.LAYER))],
    responses=refusals(400, 413, 415, 422),
    openapi_extra=multipart(ABOUT_FIELDS, ["file"]),
)
async def publish(request: Request, who: Who, doors: Doors, lang: Language) -> Response:
    """A file becomes the current version at once; `POST /layers/drafts` looks at it first."""
    async with form_of(request) as form:
        upload = form.file("file")
        limit = doors.settings.max_upload_mb * 2**20
        about = LayerAbout(
            kind=form.need("kind"),
            name=form.need("name"),
            version=form.need("version"),
            valid_from=day(form.text("valid_from"), "valid_from"),
            source=form.text("source"),
            approval_no=form.text("approval_no"),
            scale=whole(form, "scale"),
            accuracy_m=number(form, "accuracy_m"),
        )
        with doors.files.received(upload.file, upload.filename or "", limit) as path:
            options = read_options(form, doors.settings)
            done = await run_in_threadpool(doors.layers.load, who, path, about, options)
    notes = [
        {"code": note.code, "text": texts.say(f"flag.{note.code}.say", lang, **note.facts)}
        for note in done.notes
    ]
    return answer(shape(done.layer, doors.overlay.in_use()) | {"notes": notes}, 201)


def read_options(form: Form, settings: Settings) -> ReadOptions:
    """What a form says of how its file is to be read."""
    crs, encoding, layer = (form.text(name) for name in ("crs", "encoding", "layer"))
    return ReadOptions(crs, encoding, layer, expected=settings.extent_degrees)


def day(text: str | None, field: str) -> date | None:
    """A date of a form.

    Raises:
        BadValue: It is not a date.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadValue(field=field, value=text[:40]) from error


def number(form: Form, field: str) -> float | None:
    """A number of a form.

    Raises:
        BadValue: It is none.
    """
    text = form.text(field)
    try:
        return None if text is None else float(text)
    except ValueError as error:
        raise BadValue(field=field, value=str(text)[:40]) from error


def whole(form: Form, field: str) -> int | None:
    """A whole number of a form.

    Raises:
        BadValue: It is none.
    """
    found = number(form, field)
    if found is None or found.is_integer():
        return None if found is None else int(found)
    raise BadValue(field=field, value=str(found))
