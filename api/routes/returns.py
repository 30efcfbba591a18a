"""The return package: looked at, its profile decided, made by a worker, fetched."""

from typing import Annotated, Any

from fastapi import Depends, Query, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Doors, JsonBody, Language, Who, signed_in
from api.routes.jobs import progress
from api.shapes import Json, answer, refusals, saved_as, shanghai
from georeview import texts
from georeview.core.access import Action
from georeview.core.jobs import JobState
from georeview.core.returns import RETURN_FIELDS, ReturnColumn, ReturnProfile, as_json
from georeview.services.return_package import flaw_name
from georeview.services.wording import refusal_in_words
from georeview.storage.ports.jobs import Job

router = signed_in("returns", Action.SEND_UP)

Batch = Annotated[str, Query(max_length=200)]


class ReturnIn(BaseModel):
    """Which batch goes back, and whether it may although something is missing."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"batch": "2023 水利部下发图斑", "incomplete": True}]},
    )
    batch: str = Field(max_length=200)
    incomplete: bool = False


class ColumnIn(BaseModel):
    """One column of the issuer's."""

    model_config = ConfigDict(extra="forbid")

    column: str = Field(max_length=80)
    field: str = Field(max_length=40)
    words: dict[str, str] = Field(default_factory=dict, max_length=80)
    required: bool = False


class ProfileIn(BaseModel):
    """Which columns of the issuer's take what, and how photos are called."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "columns": [
                        {"column": "FHQK", "field": "verdict", "words": {"not_problem": "否"}}
                    ],
                    "photo_name": "{source_id}_{n}",
                }
            ]
        },
    )
    columns: list[ColumnIn] = Field(max_length=60)
    photo_name: str = Field(max_length=120)


_RETURN, _PROFILE = JsonBody(ReturnIn), JsonBody(ProfileIn)


@router.get(
    "/returns/check", summary="What is missing before a batch goes back", responses=refusals(404)
)
def check(who: Who, doors: Doors, lang: Language, batch: Batch) -> Response:
    """Every plot that is not as it should be is counted; the first 500 are named."""
    found = doors.returns.check(who, batch)
    flaws = [
        {"code": code, "n": n, "name": flaw_name(code, lang)} for code, n in found.flaws.items()
    ]
    rows = [{**row, "names": [flaw_name(f, lang) for f in row["flaws"]]} for row in found.rows]
    others = [
        {**one, "says": texts.say(f"return.unfit.{one['why']}", lang)} for one in found.others
    ]
    return answer(
        {
            "plots": found.plots,
            "incomplete": found.incomplete,
            "flaws": flaws,
            "rows": rows,
            "files": found.files,
            "others": others,
        }
    )


@router.get(
    "/returns/profile", summary="Which of the issuer's columns take what", responses=refusals(404)
)
def profile(who: Who, doors: Doors, lang: Language, batch: Batch) -> Response:
    """The newest that fits the batch's files; `version` is null where it is only proposed."""
    known, version, headers = doors.returns.profile(who, batch)
    fields = {
        name: {"name": texts.say(f"return.field.{name}", lang), "words": dict(words)}
        for name, words in RETURN_FIELDS.items()
    }
    return answer({**as_json(known), "version": version, "headers": headers, "fields": fields})


@router.put(
    "/returns/profile",
    summary="Decide which of the issuer's columns take what",
    responses=refusals(404, 413, 415, 422),
    openapi_extra=_PROFILE.described(),
)
def keep_profile(
    body: Annotated[ProfileIn, Depends(_PROFILE)], who: Who, doors: Doors, batch: Batch
) -> Response:
    """Kept as another version for all batches of the same area; none is ever changed."""
    columns = (ReturnColumn(c.column, c.field, c.words, c.required) for c in body.columns)
    kept = ReturnProfile(tuple(columns), body.photo_name)
    return answer({"version": doors.returns.keep_profile(who, batch, kept)})


@router.post(
    "/returns",
    status_code=202,
    summary="Ask for a return package",
    responses=refusals(404, 409, 413, 415, 422),
    openapi_extra=_RETURN.described(),
)
def ask(
    body: Annotated[ReturnIn, Depends(_RETURN)], who: Who, doors: Doors, lang: Language
) -> Response:
    """The issuer's own shapefiles with their columns filled, photos, contents and signed head."""
    job = doors.returns.ask(who, body.batch, incomplete=body.incomplete)
    return answer(_shape(job, lang), 202, Location=f"/api/v1/returns/{job.given.job_id}")


@router.get("/returns/{return_id}", summary="How far it is", responses=refusals(404))
def state(return_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """queued, running, done, failed or cancelled; then what became of each file."""
    return answer(_shape(doors.returns.get(who, return_id), lang))


@router.get("/returns/{return_id}/file", summary="The package", responses=refusals(404))
def file(return_id: str, who: Who, doors: Doors) -> Response:
    """The finished zip."""
    path = doors.returns.file(who, return_id)
    batch: Any = doors.returns.get(who, return_id).given.options["batch"]
    return FileResponse(
        path, media_type="application/zip", headers=saved_as(f"{batch} 上报成果.zip")
    )


def _shape(job: Job, lang: texts.Lang) -> Json:
    done = job.state is JobState.DONE
    told: Any = {k: v for k, v in (job.result or {}).items() if k != "file"}
    finished = job.finished_at
    return {
        "id": job.given.job_id,
        "state": job.state.value,
        "batch": job.given.options["batch"],
        "url": f"/api/v1/returns/{job.given.job_id}/file" if done else None,
        "progress": progress(job),
        "about": told if done else None,
        "error": refusal_in_words(job.error, lang) if job.state is JobState.FAILED else None,
        "created_at": shanghai(job.given.created_at),
        "finished_at": shanghai(finished) if finished else None,
    }
