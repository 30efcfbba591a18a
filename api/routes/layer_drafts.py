"""Versions of boundary layers before they are published: sent, looked through, adjusted."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.deps import Doors, JsonBody, Language, Who, signed_in
from api.routes import found
from api.routes.jobs import shape as shape_of
from api.routes.layers import ABOUT_FIELDS, GEOJSON, day, number, read_options, whole
from api.shapes import Json, answer, refusals, shanghai
from api.uploads import form_of, multipart
from georeview import texts
from georeview.core.access import Action
from georeview.core.layers import KINDS
from georeview.errors import BadValue
from georeview.services.layer_drafts import Changes
from georeview.services.layers import ACCURACY_MAX_M, SCALES, TEXT_MAX
from georeview.services.upload import Sent, Upload
from georeview.services.wording import refusal_in_words

router = signed_in("layers", Action.LAYER)

MAX_FILES = 20
READ = ("crs", "encoding", "layer")


class Adjustment(BaseModel):
    """What is decided anew about a version; what is left out stays as it is, null is proposed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"kind": "mgmt_area", "version": "2024", "crs": "EPSG:4545"}]
        },
    )
    kind: str | None = Field(None, max_length=40)
    name: str | None = Field(None, max_length=TEXT_MAX)
    version: str | None = Field(None, max_length=TEXT_MAX)
    valid_from: date | None = None
    source: str | None = Field(None, max_length=TEXT_MAX)
    approval_no: str | None = Field(None, max_length=TEXT_MAX)
    scale: int | None = Field(None, ge=SCALES[0], le=SCALES[1])
    accuracy_m: float | None = Field(None, gt=0, le=ACCURACY_MAX_M)
    crs: str | None = Field(None, max_length=8_000)
    encoding: str | None = Field(None, max_length=40)
    layer: str | None = Field(None, max_length=200)


_ADJUST = JsonBody(Adjustment)


@router.post(
    "/layers/drafts",
    status_code=202,
    summary="Send a file that is to become a version of a layer",
    responses=refusals(400, 413, 415, 422),
    openapi_extra=multipart(ABOUT_FIELDS, ["file"]),
)
async def send(request: Request, who: Who, doors: Doors, lang: Language) -> Response:
    """Kept byte for byte and looked through; nothing is published before the commit.

    `file` may stand several times for a shapefile in its parts.
    """
    async with form_of(request, max_files=MAX_FILES) as form:
        sent = [Sent(file.filename or "", file.file) for file in form.files("file")]
        begins = day(form.text("valid_from"), "valid_from")
        about = {
            **{name: form.text(name) for name in ("name", "version", "source", "approval_no")},
            "kind": _kind(form.text("kind")),
            "valid_from": begins and begins.isoformat(),
            "scale": whole(form, "scale"),
            "accuracy_m": number(form, "accuracy_m"),
        }
        read = read_options(form, doors.settings)
        draft = await run_in_threadpool(doors.drafts.receive, who, sent, about, read)
    return _accepted(draft, lang)


@router.get("/layers/drafts", summary="Files of layers sent lately, newest first")
def drafts(
    who: Who, doors: Doors, lang: Language, limit: Annotated[int, Query(ge=1, le=50)] = 10
) -> Response:
    """Mine, and those where I look after the area."""
    return answer({"items": [_item(draft, lang) for draft in doors.drafts.all(who, limit=limit)]})


@router.get("/layers/drafts/{draft_id}", summary="What was found in it", responses=refusals(404))
def state(draft_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """queued, running, asking, ready, committing, done, failed or cancelled, as imports are.

    `about` has what was said of the version, and a proposal for the rest; `summary` what would
    differ from the version that facts rest on now (`against`).
    """
    return answer(_whole(doors.drafts.get(who, draft_id), lang))


@router.post(
    "/layers/drafts/{draft_id}/adjust",
    status_code=202,
    summary="Say something else of it, or look at it in another way",
    responses=refusals(404, 409, 413, 415, 422),
    openapi_extra=_ADJUST.described(),
)
def adjust(
    draft_id: str,
    body: Annotated[Adjustment, Depends(_ADJUST)],
    who: Who,
    doors: Doors,
    lang: Language,
) -> Response:
    """Nothing is sent again: the bytes that were kept are looked at anew."""
    said = body.model_dump(mode="json", exclude_unset=True)
    changes: Changes = {"about": {name: said[name] for name in said if name not in READ}}
    changes |= {name: said[name] or None for name in READ if name in said}  # type: ignore[typeddict-item]
    _kind(body.kind)
    return _accepted(doors.drafts.adjust(who, draft_id, changes), lang)


@router.get(
    "/layers/drafts/{draft_id}/preview",
    summary="Its shapes, in one of the coordinate systems that fit",
    responses=refusals(404),
)
def preview(
    draft_id: str,
    who: Who,
    doors: Doors,
    crs: Annotated[str | None, Query(max_length=8_000)] = None,
) -> Response:
    """A GeoJSON feature collection in EPSG:4490 of at most 2,000 simplified shapes."""
    return Response(doors.drafts.preview(who, draft_id, crs), media_type=GEOJSON)


@router.get(
    "/layers/drafts/{draft_id}/diff",
    summary="What would differ from the version in use",
    responses=refusals(404),
)
def diff(draft_id: str, who: Who, doors: Doors) -> Response:
    """GeoJSON as `GET /layers/{id}/diff` gives it; empty as long as something is unclear."""
    return Response(doors.drafts.diff(who, draft_id), media_type=GEOJSON)


@router.post(
    "/layers/drafts/{draft_id}/commit",
    status_code=202,
    summary="Publish it",
    responses=refusals(404, 409),
)
def commit(draft_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """Asked for again, it is the same version: nothing is published twice."""
    return _accepted(doors.drafts.commit(who, draft_id), lang)


def _accepted(draft: Upload, lang: texts.Lang) -> Response:
    address = f"/api/v1/layers/drafts/{draft.looked.given.job_id}"
    return answer(_whole(draft, lang), 202, Location=address)


def _item(draft: Upload, lang: texts.Lang) -> Json:
    options: Any = draft.looked.given.options
    shown = shape_of(draft.job, lang)
    result: Mapping[str, Any] = (draft.taken and draft.taken.result) or {}
    return {
        "id": draft.looked.given.job_id,
        "state": draft.state,
        "files": options["files"],
        "about": draft.found.get("about", options["about"]),
        "said": options["about"],
        "progress": shown["progress"],
        "error": refusal_in_words(draft.error, lang),
        "job": draft.job.given.job_id,
        "layer_id": result.get("layer_id"),
        "asked_by": draft.looked.given.user,
        "created_at": shanghai(draft.looked.given.created_at),
        "finished_at": shown["finished_at"],
    }


def _whole(draft: Upload, lang: texts.Lang) -> Json:
    read: Any = draft.looked.given.options["read"]
    seen = draft.found
    return _item(draft, lang) | {
        "read": {name: read[name] for name in READ},
        **found.looked(seen, lang),
        "features": seen.get("features"),
        "against": seen.get("against"),
        "summary": seen.get("summary"),
    }


def _kind(kind: str | None) -> str | None:
    """A kind that is one.

    Raises:
        BadValue: It is none.
    """
    if kind is not None and kind not in KINDS:
        raise BadValue(field="kind", value=kind[:40])
    return kind
