"""Exports: asked for, made by a worker, fetched."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Doors, JsonBody, Who, signed_in
from api.routes.jobs import progress
from api.shapes import Counted, Json, answer, answers, failure, refusals, saved_as, shanghai
from georeview.clock import SHANGHAI
from georeview.core.access import Action
from georeview.core.jobs import JobState
from georeview.core.query import Filter, box_of, instant_of
from georeview.services import cql2
from georeview.storage.ports.jobs import Job

router = signed_in("exports", Action.EXPORT)


class ExportIn(BaseModel):
    """What to export."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"batch": "2023 水利部下发图斑", "format": "shp", "mark": ["confirmed"]}]
        },
    )
    batch: str = Field(max_length=200)
    format: str = Field(max_length=20)
    encoding: str = Field("utf-8", max_length=20)
    crs: str = Field("EPSG:4490", max_length=20)
    pictures: bool = Field(False, description="before and after in xlsx, photos in kmz")
    personal: bool = Field(False, description="the sender's columns that name people; logged")
    county: str | None = Field(None, max_length=12)
    township: str | None = Field(None, max_length=12)
    mark: list[str] = Field(default_factory=list, max_length=4)
    stage: list[str] = Field(default_factory=list, max_length=20)
    determination: str | None = Field(None, max_length=30)
    reason: str | None = Field(None, max_length=8)
    overdue: bool = False
    assignee: str | None = Field(None, max_length=60)
    q: str | None = Field(None, max_length=200)
    bbox: str | None = Field(None, max_length=120, examples=["107.0,31.5,107.2,31.6"])
    updated_since: datetime | None = None
    filter: str | Json | None = Field(
        None,
        max_length=cql2.CHARACTERS_MAX,
        description="CQL2, text or JSON, as in GET /plots",
        examples=["mark = 'pending' AND area_m2 > 500"],
    )

    def where(self, today: date) -> Filter:
        """The same conditions as those of a list."""
        return Filter(
            batch=self.batch,
            county=self.county,
            township=self.township,
            marks=tuple(self.mark),
            stages=tuple(self.stage),
            determination=self.determination,
            reason=self.reason,
            overdue_on=today if self.overdue else None,
            assignee=self.assignee,
            q=self.q,
            bbox=box_of(self.bbox),
            updated_since=instant_of(self.updated_since),
            condition=cql2.read(self.filter),
        )


_EXPORT = JsonBody(ExportIn)


def _shape(job: Job) -> Json:
    export_id, done = job.given.job_id, job.state is JobState.DONE
    finished = job.finished_at
    return {
        "id": export_id,
        "state": job.state.value,
        "format": job.given.options["format"],
        "url": f"/api/v1/exports/{export_id}/file" if done else None,
        "progress": progress(job),
        "losses": (job.result or {}).get("losses"),
        "error": failure(job.error) if job.state is JobState.FAILED else None,
        "created_at": shanghai(job.given.created_at),
        "finished_at": shanghai(finished) if finished else None,
    }


@router.post(
    "/exports",
    status_code=202,
    summary="Ask for an export",
    responses=refusals(403, 404, 413, 415, 422),
    openapi_extra=_EXPORT.described(),
)
def ask(body: Annotated[ExportIn, Depends(_EXPORT)], who: Who, doors: Doors) -> Response:
    """The data with a loss report beside it; only what the asker may see."""
    job = doors.exports.ask(
        who,
        where=body.where(doors.clock().astimezone(SHANGHAI).date()),
        format=body.format,
        encoding=body.encoding,
        crs=body.crs,
        pictures=body.pictures,
        personal=body.personal,
    )
    return answer(_shape(job), 202, Location=f"/api/v1/exports/{job.given.job_id}")


@router.post(
    "/exports/count",
    summary="How many plots an export would hold",
    responses=answers(Counted, 400, 403, 404, 413, 415, 422),
    openapi_extra=_EXPORT.described(),
)
def count(body: Annotated[ExportIn, Depends(_EXPORT)], who: Who, doors: Doors) -> Response:
    """The exact number under the same conditions and rights; nothing is made."""
    where = body.where(doors.clock().astimezone(SHANGHAI).date())
    return answer({"matched": doors.exports.count(who, where)})


@router.get("/exports/{export_id}", summary="How far it is", responses=refusals(404))
def state(export_id: str, who: Who, doors: Doors) -> Response:
    """queued, running, done, failed or cancelled; what was lost on the way is listed."""
    return answer(_shape(doors.exports.get(who, export_id)))


@router.get("/exports/{export_id}/file", summary="The file", responses=refusals(404))
def file(export_id: str, who: Who, doors: Doors) -> Response:
    """The finished file."""
    path = doors.exports.file(who, export_id)
    return FileResponse(path, media_type="application/octet-stream", headers=saved_as(path.name))
