"""Imports: files of plots are sent, looked through, adjusted, and taken in when told."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.deps import Doors, JsonBody, Language, Needs, Who, signed_in
from api.routes import asked, found
from api.routes.jobs import address, shape
from api.shapes import Json, answer, refusals, saved_as
from api.uploads import form_of
from georeview import texts
from georeview.core.access import Action
from georeview.services.import_report import as_json, workbook
from georeview.services.told import Wish
from georeview.services.upload import Sent, Upload
from georeview.storage.ports.jobs import Job

router = signed_in("imports", Action.IMPORT)

MAX_LIMIT = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Kind = Literal["stored", "changed", "unchanged", "joined", "set_aside", "mended", "warned"]
REPORTED = ("file", "row", "source_id", "outcome", "mended", "warned", "flags", "county")
Cursor = Annotated[int, Query(ge=0, le=2**53)]

_ADJUST = JsonBody(asked.Adjustment)


@router.post(
    "/imports",
    status_code=202,
    summary="Send files of plots",
    responses=refusals(400, 413, 415, 422),
    openapi_extra=asked.FORM,
)
async def send(request: Request, who: Who, doors: Doors, lang: Language) -> Response:
    """Kept byte for byte and looked through; no plot is stored before the commit.

    `file` may stand several times: a shapefile in its parts, or several files of one batch. With
    `update=true` plots of the batch become what the files say; without it what contradicts them
    is set aside.
    """
    async with form_of(request, max_files=asked.MAX_FILES) as form:
        sent = [Sent(file.filename or "", file.file) for file in form.files("file")]
        wanted = asked.wanted(form, doors.settings)
        upload = await run_in_threadpool(doors.uploads.receive, who, sent, wanted)
    return _accepted(upload, lang)


@router.get("/imports", summary="Files sent by me or where I look after them, newest first")
def imports(
    who: Who,
    doors: Doors,
    lang: Language,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 20,
    cursor: Cursor | None = None,
) -> Response:
    """Without what was found in them, which each tells by itself."""
    seen, before = doors.uploads.all(who, before=cursor, limit=limit)
    items = [found.item(upload, lang) for upload in seen]
    return answer({"items": items, "next": None if before is None else str(before)})


@router.get("/imports/{import_id}", summary="What was found, or taken in", responses=refusals(404))
def state(import_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """queued, running, asking, ready, committing, done, retracting, retracted, failed or cancelled.

    `asking`: something has to be decided first (`questions`), by an adjustment. `ready`: looked
    through without a question; `report` says what a commit would do.
    """
    return answer(found.whole(doors.uploads.get(who, import_id), lang))


@router.post(
    "/imports/{import_id}/adjust",
    status_code=202,
    summary="Look at the same files in another way",
    responses=refusals(404, 409, 413, 415, 422),
    openapi_extra=_ADJUST.described(),
)
def adjust(
    import_id: str,
    body: Annotated[asked.Adjustment, Depends(_ADJUST)],
    who: Who,
    doors: Doors,
    lang: Language,
) -> Response:
    """Nothing is sent again: the bytes that were kept are looked at anew."""
    return _accepted(doors.uploads.adjust(who, import_id, asked.changes_of(body)), lang)


@router.get(
    "/imports/{import_id}/preview",
    summary="Shapes of a file, in one of the coordinate systems that fit",
    responses=refusals(404),
)
def preview(
    import_id: str,
    who: Who,
    doors: Doors,
    crs: Annotated[str | None, Query(max_length=8_000)] = None,
    part: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> Response:
    """A GeoJSON feature collection in EPSG:4490 of at most 2,000 simplified shapes of a file.

    `part` counts the entries of `found`. Features name row, number, outcome, flags and county.
    """
    drawn = doors.uploads.preview(who, import_id, part=part, crs=crs)
    return Response(drawn, media_type="application/geo+json")


@router.get(
    "/imports/{import_id}/rows", summary="What becomes of each row", responses=refusals(404, 422)
)
def rows(
    import_id: str,
    who: Who,
    doors: Doors,
    lang: Language,
    outcome: Kind | None = None,
    code: Annotated[str | None, Query(max_length=60)] = None,
    part: Annotated[int | None, Query(ge=0, le=10_000)] = None,
    row: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    cursor: Cursor = 0,
) -> Response:
    """In the order of the file. `before` is the outline as it came, `after` as it would be stored.

    `mended` and `warned` are stored rows that carry a flag.
    """
    names = _names(doors.uploads.get(who, import_id))
    lines, after = doors.uploads.rows(
        who, import_id, Wish(outcome, code, part, row), start=cursor, limit=limit
    )
    items = [found.row(line, names, lang) for line in lines]
    return answer({"items": items, "next": None if after is None else str(after)})


@router.get(
    "/imports/{import_id}/report.json",
    summary="The report for whoever sent the file, as JSON",
    responses=refusals(404),
)
def report_json(import_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """Counts, and every row that was set aside, mended or is to be looked at, with its reason."""
    upload = doors.uploads.get(who, import_id)
    told = _told_rows(upload, who, doors, lang)
    parts = as_json({**found.item(upload, lang), "report": upload.report}, told)
    headers = _saved(upload, "json")
    return StreamingResponse(parts, media_type="application/json", headers=headers)


@router.get(
    "/imports/{import_id}/report.xlsx",
    summary="The report for whoever sent the file, as a workbook",
    responses=refusals(404),
)
def report_xlsx(import_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """The same in two sheets: what became of each file, and which row is to be mended how."""
    upload = doors.uploads.get(who, import_id)
    parts = workbook(upload.report, _told_rows(upload, who, doors, lang), lang)
    headers = _saved(upload, "xlsx")
    return StreamingResponse(parts, media_type=XLSX, headers=headers)


@router.post(
    "/imports/{import_id}/commit",
    status_code=202,
    summary="Take the plots in",
    responses=refusals(404, 409),
)
def commit(import_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """Asked for again, it is the same import: nothing is taken in twice."""
    return _accepted(doors.uploads.commit(who, import_id), lang)


@router.post(
    "/imports/{import_id}/retract",
    summary="Take an import back as one",
    dependencies=[Depends(Needs(Action.RETRACT))],
    responses=refusals(404, 409),
)
def retract(import_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """Until the first review: new plots become withdrawn, changed ones are what they were.

    The id is that of an upload, or of one file as its batch names it. 200 when it is done; an import
    of many plots answers 202 with the job that takes it back, whose result says the same.
    """
    done = doors.retract.ask(who, doors.uploads.load_of(who, import_id))
    if isinstance(done, Job):
        return answer(shape(done, lang), 202, Location=address(done))
    return answer(asdict(done))


def _accepted(upload: Upload, lang: texts.Lang) -> Response:
    address = f"/api/v1/imports/{upload.looked.given.job_id}"
    return answer(found.whole(upload, lang), 202, Location=address)


# What is told of rows ----------------------------------------------------------------------------


def _names(upload: Upload) -> list[str]:
    """Name of the file of each part."""
    looks: Any = upload.found.get("looks", ())
    return [look["file"] for look in looks]


def _told_rows(upload: Upload, who: Who, doors: Doors, lang: texts.Lang) -> Iterator[Json]:
    """Every row that there is something to say about, without its outlines."""
    names, import_id = _names(upload), upload.looked.given.job_id
    lines = doors.uploads.every_row(who, import_id, Wish(flagged=True))
    told = (found.row(line, names, lang) for line in lines)
    return ({name: row[name] for name in REPORTED} for row in told)


def _saved(upload: Upload, suffix: str) -> dict[str, str]:
    options: Any = upload.looked.given.options
    return saved_as(f"{options['batch']} 入库报告.{suffix}")
