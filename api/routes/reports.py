"""Reports: asked for, set by a worker, fetched."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Doors, JsonBody, Language, Who, signed_in
from api.routes.jobs import progress
from api.shapes import Json, answer, failure, refusals, saved_as, shanghai
from georeview.core.access import Action
from georeview.core.jobs import JobState
from georeview.services.printing import REPORTS, Asked
from georeview.storage.ports.jobs import Job

router = signed_in("reports", Action.SEE)


class ReportIn(BaseModel):
    """Which report, as what kind of file, and what it is to tell of."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"report": "league", "form": "pdf", "as_of": "2023-06-30"}]
        },
    )
    report: str = Field(max_length=20, description=", ".join(REPORTS))
    form: str = Field("pdf", max_length=10, description="pdf, docx, xlsx; zip for dossiers")
    batch: str | None = Field(None, max_length=200, description="the newest when not named")
    as_of: date | None = Field(None, description="end of this day; today when not named")
    by: str | None = Field(None, max_length=40, description="breakdown: what divides it")
    river: str | None = Field(None, max_length=60, description="river: its code or name")
    letter: str | None = Field(None, max_length=20, description="notice, summons or criticism")
    county: str | None = Field(None, max_length=12, description="letters: to this county only")
    number: str | None = Field(None, max_length=200, description="letters: document number")
    plot: str | None = Field(None, max_length=60, description="dossier: id of the plot")


_REPORT = JsonBody(ReportIn)


def _shape(job: Job) -> Json:
    report_id, done = job.given.job_id, job.state is JobState.DONE
    return {
        "id": report_id,
        "state": job.state.value,
        "report": job.given.options["report"],
        "form": job.given.options["form"],
        "url": f"/api/v1/reports/{report_id}/file" if done else None,
        "progress": progress(job),
        "documents": (job.result or {}).get("documents"),
        "error": failure(job.error) if job.state is JobState.FAILED else None,
        "created_at": shanghai(job.given.created_at),
        "finished_at": shanghai(job.finished_at) if job.finished_at else None,
    }


@router.post(
    "/reports",
    status_code=202,
    summary="Ask for a report",
    responses=refusals(403, 413, 415, 422),
    openapi_extra=_REPORT.described(),
)
def ask(
    body: Annotated[ReportIn, Depends(_REPORT)], who: Who, doors: Doors, lang: Language
) -> Response:
    """A document in the asker's language, of what the asker may see; each report has its own right."""
    asked = Asked(**body.model_dump(exclude={"report", "form"}))
    job = doors.printing.ask(who, body.report, body.form, asked, lang)
    return answer(_shape(job), 202, Location=f"/api/v1/reports/{job.given.job_id}")


@router.get("/reports/{report_id}", summary="How far it is", responses=refusals(404))
def state(report_id: str, who: Who, doors: Doors) -> Response:
    """queued, running, done, failed or cancelled, and how many documents of how many are written."""
    return answer(_shape(doors.printing.get(who, report_id)))


@router.get("/reports/{report_id}/file", summary="The file", responses=refusals(404))
def file(report_id: str, who: Who, doors: Doors) -> Response:
    """The finished file."""
    path = doors.printing.file(who, report_id)
    return FileResponse(path, media_type="application/octet-stream", headers=saved_as(path.name))
