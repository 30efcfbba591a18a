"""Boundary layers and their versions."""

from datetime import date

import orjson
from fastapi import APIRouter, Depends, Request, Response
from shapely import to_geojson
from starlette.concurrency import run_in_threadpool

from api.deps import Doors, Needs, Who
from api.shapes import Json, Problem, answer, shanghai
from api.uploads import form_of, multipart
from georeview.core.access import Action
from georeview.core.layers import KINDS
from georeview.errors import BadValue
from georeview.ingest import ReadOptions
from georeview.services.plots import seen_by
from georeview.storage.ports import LayerVersion

router = APIRouter(tags=["layers"])


def shape(layer: LayerVersion) -> Json:
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
        "sha256": layer.sha256,
        "crs_original": layer.crs_original,
        "accuracy_m": layer.accuracy_m,
        "features": layer.features,
        "bbox": list(layer.bbox),
        "current": layer.current,
        "published_by": layer.actor,
        "created_at": shanghai(layer.created_at),
    }


@router.get("/layers", summary="All layers", dependencies=[Depends(Needs(Action.SEE))])
def layers(doors: Doors) -> Response:
    """Every version of every layer, current ones first."""
    return answer({"items": [shape(layer) for layer in doors.layers.all()]})


@router.get(
    "/layers/{layer_id}",
    summary="One version of a layer",
    dependencies=[Depends(Needs(Action.SEE))],
    responses={404: {"model": Problem}},
)
def layer(layer_id: str, who: Who, doors: Doors) -> Response:
    """Where it comes from, from when it holds and how well it is known.

    `plots_on_it` have facts that rest on this version, `plots_behind` on another one of its kind.
    """
    found = doors.layers.get(layer_id)
    resting, behind = doors.overlay.resting_on(seen_by(who), found)
    return answer(shape(found) | {"plots_on_it": resting, "plots_behind": behind})


@router.get(
    "/layers/{layer_id}/diff",
    summary="Where it differs from an earlier version",
    dependencies=[Depends(Needs(Action.SEE))],
    responses={status: {"model": Problem} for status in (404, 422)},
)
def diff(layer_id: str, doors: Doors, against: str | None = None) -> Response:
    """GeoJSON: what was `added` and what was `removed` since the version before, or another one."""
    other, changes = doors.layers.diff(layer_id, against)
    body = {
        "type": "FeatureCollection",
        "layer_id": layer_id,
        "against": other and other.layer_id,
        "features": [
            {
                "type": "Feature",
                "geometry": orjson.Fragment(to_geojson(change.part.shape)),
                "properties": {
                    "change": change.change,
                    "code": change.feature.code,
                    "name": change.feature.name,
                    "area_m2": change.part.area_m2,
                },
            }
            for change in changes
        ],
    }
    return Response(orjson.dumps(body), media_type="application/geo+json")


@router.post(
    "/layers",
    status_code=201,
    summary="Publish a version of a layer",
    dependencies=[Depends(Needs(Action.LAYER))],
    responses={status: {"model": Problem} for status in (400, 413, 415, 422)},
    openapi_extra=multipart(
        {
            "kind": {"type": "string", "enum": list(KINDS)},
            "name": {"type": "string"},
            "version": {"type": "string"},
            "valid_from": {"type": "string", "format": "date"},
            "crs": {"type": "string", "example": "EPSG:4545"},
        },
        ["file"],
    ),
)
async def publish(request: Request, who: Who, doors: Doors) -> Response:
    """A file (zipped shapefile, GeoPackage or GeoJSON) becomes the current version."""
    async with form_of(request) as form:
        upload = form.file("file")
        limit = doors.settings.max_upload_mb * 2**20
        with doors.files.received(upload.file, upload.filename or "", limit) as path:
            kept = await run_in_threadpool(
                doors.layers.load,
                who,
                path,
                kind=form.need("kind"),
                name=form.need("name"),
                version=form.need("version"),
                valid_from=day(form.text("valid_from"), "valid_from"),
                options=ReadOptions(crs=form.text("crs")),
            )
    return answer(shape(kept), 201)


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
