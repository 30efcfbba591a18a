"""Imports: files of plots are sent, looked through, and taken in when told."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from api.deps import Doors, Language, Needs, Who
from api.routes.jobs import shape as shape_of
from api.routes.layers import day
from api.shapes import Json, answer, refusals, shanghai
from api.uploads import Form, form_of, multipart
from georeview import texts
from georeview.core.access import Action
from georeview.core.fields import AREA_UNITS_M2, PLOT_FIELDS
from georeview.errors import BadValue
from georeview.ingest import ReadOptions
from georeview.services.uploads import Sent, Upload, Wanted
from georeview.settings import Settings

router = APIRouter(tags=["imports"], dependencies=[Depends(Needs(Action.IMPORT))])

_FORM = multipart(
    {
        "batch": {"type": "string", "example": "2023 水利部下发图斑"},
        "area": {"type": "string", "example": "5119"},
        "crs": {"type": "string", "example": "EPSG:4545"},
        "encoding": {"type": "string", "example": "gb18030"},
        "layer": {"type": "string"},
        "map": {"type": "array", "items": {"type": "string", "example": "source_id=TBBH"}},
        "area_unit": {"type": "string", "enum": list(AREA_UNITS_M2)},
        "review_due": {"type": "string", "format": "date"},
        "rectify_due": {"type": "string", "format": "date"},
    },
    ["file"],
)


def _shape(upload: Upload, lang: texts.Lang) -> Json:
    options: Any = upload.looked.given.options
    import_id, job = upload.looked.given.job_id, upload.job
    shown = shape_of(job, lang)
    return {
        "id": import_id,
        "state": upload.state,
        "batch": options["batch"],
        "area": options["area"],
        "files": options["files"],
        "review_due": options["review_due"],
        "rectify_due": options["rectify_due"],
        "counts": upload.counts(),
        "report": upload.report,
        "progress": shown["progress"],
        "error": shown["error"],
        "job": job.given.job_id,
        "created_at": shanghai(upload.looked.given.created_at),
        "finished_at": shown["finished_at"],
    }


@router.post(
    "/imports",
    status_code=202,
    summary="Send files of plots",
    responses=refusals(400, 413, 415, 422),
    openapi_extra=_FORM,
)
async def send(request: Request, who: Who, doors: Doors, lang: Language) -> Response:
    """Kept byte for byte and looked through; no plot is stored before the commit.

    `file` may stand several times: a shapefile in its parts, or several files of one batch.
    """
    async with form_of(request) as form:
        sent = [Sent(file.filename or "", file.file) for file in form.files("file")]
        wanted = _wanted(form, doors.settings)
        upload = await run_in_threadpool(doors.uploads.receive, who, sent, wanted)
    address = f"/api/v1/imports/{upload.looked.given.job_id}"
    return answer(_shape(upload, lang), 202, Location=address)


@router.get("/imports/{import_id}", summary="What was found, or taken in", responses=refusals(404))
def state(import_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """queued, running, ready (looked through), committing, done, failed or cancelled."""
    return answer(_shape(doors.uploads.get(who, import_id), lang))


@router.post(
    "/imports/{import_id}/commit",
    status_code=202,
    summary="Take the plots in",
    responses=refusals(404, 409),
)
def commit(import_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """Asked for again, it is the same import: nothing is taken in twice."""
    upload = doors.uploads.commit(who, import_id)
    return answer(_shape(upload, lang), 202, Location=f"/api/v1/imports/{import_id}")


def _wanted(form: Form, settings: Settings) -> Wanted:
    due: list[date | None] = [day(form.text(n), n) for n in ("review_due", "rectify_due")]
    unit = form.text("area_unit")
    if unit is not None and unit not in AREA_UNITS_M2:
        raise BadValue(field="area_unit", value=unit[:40])
    read = ReadOptions(
        crs=form.text("crs"),
        encoding=form.text("encoding"),
        layer=form.text("layer"),
        mapping=_mapping(form.texts("map")),
        area_unit=unit,
        expected=settings.extent_degrees,
    )
    return Wanted(form.need("batch"), _area(form), read, due[0], due[1])


def _area(form: Form) -> str:
    """An area code: province 2, city 4, county 6, township 9 digits."""
    area = form.need("area")
    if not (area.isascii() and area.isdigit() and len(area) in (2, 4, 6, 9)):
        raise BadValue(field="area", value=area[:40])
    return area


def _mapping(pairs: list[str]) -> dict[str, str]:
    fields = {field.name for field in PLOT_FIELDS}
    found = {}
    for pair in pairs:
        name, equals, column = pair.partition("=")
        if not equals or name not in fields:
            raise BadValue(field="map", value=pair[:80])
        found[name] = column
    return found
