"""Scenes: dated images from before and after."""

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from api.deps import Doors, Language, Needs, Who, signed_in
from api.routes.jobs import address
from api.routes.jobs import shape as shape_of
from api.routes.layers import day
from api.shapes import Json, answer, refusals, shanghai
from api.uploads import form_of, multipart
from georeview.core.access import Action
from georeview.errors import BadValue
from georeview.services.imagery import ROLES
from georeview.storage.ports.layers import Scene

router = signed_in("imagery")


def shape(scene: Scene) -> Json:
    """One scene."""
    return {
        "id": scene.scene_id,
        "scene_id": scene.scene_id,
        "name": scene.name,
        "role": scene.role,
        "date": scene.date,
        "sensor": scene.sensor,
        "sha256": scene.sha256,
        "footprint": scene.info.get("footprint"),
        "bands": scene.info.get("bands"),
        "info": dict(scene.info),
        "created_at": shanghai(scene.created_at),
    }


@router.get("/imagery", summary="All scenes", dependencies=[Depends(Needs(Action.SEE))])
def scenes(doors: Doors) -> Response:
    """Every scene with date, sensor, role, footprint and bands, oldest first."""
    return answer({"items": [shape(scene) for scene in doors.imagery.all()]})


@router.post(
    "/imagery",
    status_code=202,
    summary="Send a scene",
    dependencies=[Depends(Needs(Action.IMAGERY))],
    responses=refusals(400, 413, 415, 422),
    openapi_extra=multipart(
        {
            "role": {"type": "string", "enum": list(ROLES)},
            "date": {"type": "string", "format": "date"},
            "sensor": {"type": "string"},
            "name": {"type": "string"},
        },
        ["file"],
    ),
)
async def add(request: Request, who: Who, doors: Doors, lang: Language) -> Response:
    """A GeoTIFF with a coordinate system and a date; the job says which scene came of it."""
    async with form_of(request) as form:
        upload = form.file("file")
        role, taken = form.need("role"), day(form.need("date"), "date")
        if taken is None:
            raise BadValue(field="date", value="")
        job = await run_in_threadpool(
            doors.imagery.receive,
            who,
            upload.file,
            file=upload.filename or "",
            role=role,
            date=taken,
            sensor=form.text("sensor"),
            name=form.text("name"),
        )
    return answer(shape_of(job, lang), 202, Location=address(job))
