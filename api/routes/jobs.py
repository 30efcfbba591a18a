"""Long work: what waits, how far it is, and stopping it."""

from typing import Annotated, Any

from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Doors, JsonBody, Language, Who, signed_in
from api.shapes import Json, answer, refusals, shanghai
from georeview import texts
from georeview.core.access import Action
from georeview.core.jobs import JobState
from georeview.errors import BadValue
from georeview.jobs.tasks import TASKS
from georeview.services.wording import readable
from georeview.storage.ports.jobs import Job

router = signed_in("jobs", Action.JOBS)

MAX_LIMIT = 200


class JobIn(BaseModel):
    """Work that needs no file: its kind, for which batch, and whether only for what is behind."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"kind": "overlay", "batch": "2023 水利部下发图斑"}]},
    )
    kind: str = Field(max_length=40)
    batch: str | None = Field(None, max_length=200)
    behind: bool = False


_JOB = JsonBody(JobIn)


def shape(job: Job, lang: texts.Lang) -> Json:
    """One job, without what only whoever asked for it may see."""
    given, task = job.given, TASKS.get(job.given.kind)
    done = job.state is JobState.DONE
    waits = job.state is JobState.QUEUED and job.attempts > 0
    return {
        "id": given.job_id,
        "kind": given.kind,
        "name": texts.say(f"job.kind.{given.kind}", lang),
        "state": job.state.value,
        "cancelling": job.cancelling and job.state is JobState.RUNNING,
        "progress": progress(job) | {"says": _step(job, lang)},
        "attempts": job.attempts,
        "next_try_at": shanghai(job.run_after) if waits else None,
        "asked_by": given.user,
        "area": given.area,
        "batch": given.options.get("batch"),
        "result": {name: (job.result or {}).get(name) for name in task.shown}
        if task and done
        else None,
        "url": task.url.replace("{id}", given.job_id) if task and task.url else None,
        "error": _error(job, lang),
        "created_at": shanghai(given.created_at),
        "started_at": shanghai(job.started_at) if job.started_at else None,
        "finished_at": shanghai(job.finished_at) if job.finished_at else None,
    }


def progress(job: Job) -> Json:
    """Steps done of how many, 0 where that is not known, and what is being done."""
    known = job.progress
    return {"done": known.done, "total": known.total, "step": known.step}


def address(job: Job) -> str:
    """Where a job is looked at."""
    return f"/api/v1/jobs/{job.given.job_id}"


def _step(job: Job, lang: texts.Lang) -> str | None:
    step = job.progress.step
    return None if step is None else texts.say(f"job.step.{step}", lang)


def _error(job: Job, lang: texts.Lang) -> Json | None:
    """The last refusal in the reader's language."""
    if job.error is None:
        return None
    known: Any = job.error
    code, facts = known["code"], readable(known["facts"], lang)
    return {
        "code": code,
        "title": texts.say(f"error.{code}.say", lang, **facts),
        "hint": texts.say(f"error.{code}.hint", lang, **facts),
    }


@router.get("/jobs", summary="Long work I asked for or look after, newest first")
def jobs(
    who: Who,
    doors: Doors,
    lang: Language,
    state: JobState | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
    cursor: Annotated[str | None, Query(max_length=20)] = None,
) -> Response:
    """Who looks after an area sees what runs there, whoever asked for it."""
    seen = doors.jobs.all(who, state=state, before=_before(cursor), limit=limit)
    items = [shape(job, lang) for job in seen.jobs]
    return answer({"items": items, "next": None if seen.before is None else str(seen.before)})


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise BadValue(field="cursor", value=cursor[:40])
    return int(cursor)


@router.post(
    "/jobs",
    status_code=202,
    summary="Ask for long work that needs no file",
    responses=refusals(403, 404, 413, 415, 422),
    openapi_extra=_JOB.described(),
)
def ask(body: Annotated[JobIn, Depends(_JOB)], who: Who, doors: Doors, lang: Language) -> Response:
    """`overlay`: compute all facts of a batch, or of all plots, anew from the current layers.

    With `behind`, only those that rest on other versions of layers than the current ones.
    """
    task = TASKS.get(body.kind)
    if task is None or task.right is None:
        raise BadValue(field="kind", value=body.kind)
    if body.batch is not None:
        doors.plots.batch(who, body.batch)
    job = doors.jobs.ask(who, task.right, body.kind, {"batch": body.batch, "behind": body.behind})
    return answer(shape(job, lang), 202, Location=address(job))


@router.get("/jobs/{job_id}", summary="How far it is", responses=refusals(404))
def job(job_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """State, progress, and, when it has failed, why and what to do about it."""
    return answer(shape(doors.jobs.get(who, job_id), lang))


@router.post("/jobs/{job_id}/cancel", summary="Stop it", responses=refusals(404, 409))
def cancel(job_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """Out of the queue at once; a job that is running ends at its next step."""
    return answer(shape(doors.jobs.cancel(who, job_id), lang))
