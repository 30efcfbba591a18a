"""Results that come back in a list: sent, looked through, adjusted, and applied when told."""

from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from api.deps import Doors, JsonBody, Language, Who, signed_in
from api.routes.jobs import shape as shape_of
from api.shapes import Json, answer, refusals, saved_as, shanghai
from api.uploads import form_of, multipart
from georeview import texts
from georeview.core.access import Action
from georeview.core.results import NAMES, WORDED, possible
from georeview.services import result_report
from georeview.services.result_uploads import Delivery
from georeview.services.upload import Sent
from georeview.services.wording import refusal_in_words

router = signed_in("results", Action.MARK)

MAX_FILES = 500
MAX_LIMIT = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORM = multipart({"batch": {"type": "string", "example": "2023 水利部下发图斑"}}, ["file"])


class ResultsAdjustment(BaseModel):
    """How a list is read; what is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"columns": {"mark": "是否问题"}, "words": {"mark": {"否": "false_positive"}}}
            ]
        },
    )
    columns: dict[str, str] = Field(default_factory=dict, max_length=len(NAMES))
    words: dict[str, dict[str, str]] = Field(default_factory=dict, max_length=len(WORDED))
    encoding: str | None = Field(None, max_length=40, examples=["gb18030"])
    layer: str | None = Field(None, max_length=200)


_ADJUST = JsonBody(ResultsAdjustment)


@router.get(
    "/results/worklist",
    summary="The rows to review as a workbook to fill in",
    responses=refusals(404, 413),
)
def worklist(
    who: Who,
    doors: Doors,
    batch: Annotated[str, Query(max_length=200)],
    county: Annotated[str | None, Query(max_length=12)] = None,
) -> Response:
    """What waits to be marked, with drop-down lists; sent back, it is read without any mapping."""
    data = doors.worklists.workbook(who, batch, county)
    return _file(data, f"{batch} 复核清单.xlsx", XLSX)


@router.post(
    "/results",
    status_code=202,
    summary="Send a list of results",
    responses=refusals(400, 413, 415, 422),
    openapi_extra=FORM,
)
async def send(request: Request, who: Who, doors: Doors, lang: Language) -> Response:
    """A workbook, text table, shapefile or GeoPackage; nothing is marked before the commit.

    `file` may stand several times: a shapefile in its parts, and photos named after the plots.
    """
    async with form_of(request, max_files=MAX_FILES) as form:
        sent = [Sent(file.filename or "", file.file) for file in form.files("file")]
        batch = form.need("batch")
        delivery = await run_in_threadpool(doors.result_uploads.receive, who, sent, batch)
    return _accepted(delivery, lang)


@router.get("/results", summary="Lists I have sent, newest first")
def lists(
    who: Who,
    doors: Doors,
    lang: Language,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[int | None, Query(ge=0, le=2**53)] = None,
) -> Response:
    """Without their rows, which each tells by itself."""
    seen, before = doors.result_uploads.all(who, before=cursor, limit=limit)
    items = [_item(delivery, lang) for delivery in seen]
    return answer({"items": items, "next": None if before is None else str(before)})


@router.get("/results/{results_id}", summary="What was found in a list", responses=refusals(404))
def state(results_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """queued, running, asking, ready, committing, done, failed or cancelled.

    `asking`: a column has to be named first. `words` are those nobody has explained: their rows
    are set aside until somebody does.
    """
    return answer(_whole(doors.result_uploads.get(who, results_id), lang))


@router.get(
    "/results/{results_id}/rows", summary="What becomes of each row", responses=refusals(404)
)
def rows(
    results_id: str,
    who: Who,
    doors: Doors,
    lang: Language,
    outcome: Annotated[str | None, Query(max_length=20)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
    cursor: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> Response:
    """In the order of the list; `outcome` is one of mark unchanged conflict not_found twice unread refused."""
    every = doors.result_uploads.get(who, results_id).rows
    found = [row for row in every if outcome in (None, row["outcome"])]
    items = [result_report.said_of(row, lang) for row in found[cursor : cursor + limit]]
    more = cursor + limit < len(found)
    return answer({"items": items, "next": str(cursor + limit) if more else None})


@router.post(
    "/results/{results_id}/adjust",
    status_code=202,
    summary="Read the same list in another way",
    responses=refusals(404, 409, 413, 415, 422),
    openapi_extra=_ADJUST.described(),
)
def adjust(
    results_id: str,
    body: Annotated[ResultsAdjustment, Depends(_ADJUST)],
    who: Who,
    doors: Doors,
    lang: Language,
) -> Response:
    """Nothing is sent again: the bytes that were kept are read anew."""
    changes = body.model_dump(include=body.model_fields_set)
    return _accepted(doors.result_uploads.adjust(who, results_id, changes), lang)


@router.post(
    "/results/{results_id}/commit",
    status_code=202,
    summary="Mark the plots of a list",
    responses=refusals(404, 409),
)
def commit(results_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """One event for each row that says more, by the rules of the map; asked again, it is the same."""
    return _accepted(doors.result_uploads.commit(who, results_id), lang)


@router.get(
    "/results/{results_id}/report.{form}",
    summary="The report for whoever made the list",
    responses=refusals(404),
)
def report(results_id: str, form: str, who: Who, doors: Doors, lang: Language) -> Response:
    """Every row with what became of it and why: as `xlsx` to send back, or as `json`."""
    delivery = doors.result_uploads.get(who, results_id)
    told = [result_report.said_of(row, lang) for row in delivery.rows]
    name = f"{delivery.looked.given.options['batch']} 回填报告"
    if form == "xlsx":
        return _file(result_report.workbook(told, lang), f"{name}.xlsx", XLSX)
    return answer({**_item(delivery, lang), "rows": told})


# Shapes -----------------------------------------------------------------------------------------


def _accepted(delivery: Delivery, lang: texts.Lang) -> Response:
    address = f"/api/v1/results/{delivery.looked.given.job_id}"
    return answer(_whole(delivery, lang), 202, Location=address)


def _item(delivery: Delivery, lang: texts.Lang) -> Json:
    given = delivery.looked.given
    shown = shape_of(delivery.job, lang)
    error: Any = delivery.job.error or delivery.found.get("refused")
    photos: Any = ((delivery.taken and delivery.taken.result) or {}).get("photos")
    return {
        "id": given.job_id,
        "state": delivery.state,
        "batch": given.options["batch"],
        "files": given.options["files"],
        "counts": delivery.counts,
        "photos": photos,
        "progress": shown["progress"],
        "error": refusal_in_words(error, lang),
        "created_at": shanghai(given.created_at),
        "finished_at": shown["finished_at"],
    }


def _whole(delivery: Delivery, lang: texts.Lang) -> Json:
    found = delivery.found
    return _item(delivery, lang) | {
        "headers": found.get("headers", ()),
        "columns": found.get("columns", {}),
        "unclear": found.get("unclear", {}),
        "asks": refusal_in_words(found.get("asks"), lang),
        "words": found.get("words", {}),
        "explained": delivery.looked.given.options["words"],
        "possible": {name: possible(name) for name in WORDED},
        "photos_sent": len(found.get("photos", ())),
    }


def _file(data: bytes, name: str, kind: str) -> Response:
    return Response(data, media_type=kind, headers=saved_as(name))
