"""Exports: asked for, made in the background, fetched."""

from typing import Annotated, Any
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Depends, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Doors, JsonBody, Needs, Who
from api.shapes import Json, Problem, answer, refusals, shanghai
from georeview.core.access import Action
from georeview.core.query import Filter
from georeview.storage.ports import Export

router = APIRouter(tags=["exports"], dependencies=[Depends(Needs(Action.EXPORT))])


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
    county: str | None = Field(None, max_length=6)
    mark: list[str] = Field(default_factory=list, max_length=4)
    stage: list[str] = Field(default_factory=list, max_length=20)


_EXPORT = JsonBody(ExportIn)


def _shape(export: Export) -> Json:
    done = export.state == "done"
    losses: Any = orjson.loads(export.losses) if export.losses else None
    return {
        "id": export.export_id,
        "state": export.state,
        "format": export.format,
        "url": f"/api/v1/exports/{export.export_id}/file" if done else None,
        "losses": losses,
        "error": orjson.loads(export.error) if export.error else None,
        "created_at": shanghai(export.created_at),
        "finished_at": shanghai(export.finished_at) if export.finished_at else None,
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
    where = Filter(
        batch=body.batch, county=body.county, marks=tuple(body.mark), stages=tuple(body.stage)
    )
    export = doors.exports.ask(
        who, where=where, format=body.format, encoding=body.encoding, crs=body.crs
    )
    return answer(_shape(export), 202, Location=f"/api/v1/exports/{export.export_id}")


@router.get("/exports/{export_id}", summary="How far it is", responses={404: {"model": Problem}})
def state(export_id: str, who: Who, doors: Doors) -> Response:
    """queued, running, done or failed; what was lost on the way is listed."""
    return answer(_shape(doors.exports.get(who, export_id)))


@router.get("/exports/{export_id}/file", summary="The file", responses={404: {"model": Problem}})
def file(export_id: str, who: Who, doors: Doors) -> Response:
    """The finished file."""
    path = doors.exports.file(who, export_id)
    name = f"attachment; filename*=UTF-8''{quote(path.name, safe='')}"
    return FileResponse(
        path, media_type="application/octet-stream", headers={"Content-Disposition": name}
    )
