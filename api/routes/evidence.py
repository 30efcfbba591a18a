"""Photos and documents beside a plot."""

from typing import Literal

from fastapi import Depends, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from api.deps import Doors, Needs, NeedsOnPlot, Who, signed_in
from api.shapes import answer, evidence, refusals, saved_as
from api.uploads import form_of, multipart
from georeview.core.access import Action
from georeview.core.reasons import AUTOMATIC_KINDS, EVIDENCE_KINDS

router = signed_in("evidence")

_KINDS = [kind for kind in EVIDENCE_KINDS if kind not in AUTOMATIC_KINDS]


@router.post(
    "/plots/{plot_id}/evidence",
    status_code=201,
    summary="Attach a photo or PDF",
    dependencies=[Depends(NeedsOnPlot(Action.ATTACH))],
    responses=refusals(400, 403, 404, 413, 415, 422),
    openapi_extra=multipart(
        {
            "kind": {"type": "string", "enum": _KINDS},
            "observed_at": {"type": "string", "format": "date-time"},
        },
        ["file"],
    ),
)
async def attach(plot_id: str, request: Request, who: Who, doors: Doors) -> Response:
    """Idempotent by content: the same bytes again are the same evidence."""
    async with form_of(request, doors.settings.max_evidence_mb * 2**20) as form:
        upload = form.file("file")
        attached = await run_in_threadpool(
            doors.review.attach,
            who,
            plot_id,
            upload.file,
            kind=form.text("kind") or "E_PHOTO",
            name=upload.filename or "",
            observed_at=form.text("observed_at"),
        )
    return answer(evidence(attached.file), 201)


@router.get(
    "/evidence/{evidence_id}",
    summary="The original bytes, or a preview",
    dependencies=[Depends(Needs(Action.SEE))],
    responses=refusals(403, 404),
)
def read(
    evidence_id: str, who: Who, doors: Doors, size: Literal["full", "thumb"] = "full"
) -> Response:
    """The original as a download; ``size=thumb`` a small picture with pixels only."""
    kept = {"Cache-Control": "private, max-age=31536000, immutable"}
    if size == "thumb":
        picture = doors.review.preview(who, evidence_id)
        return Response(picture, media_type="image/webp", headers=kept)
    file, path = doors.review.evidence(who, evidence_id)
    headers = kept | saved_as(file.name or file.evidence_id)
    return FileResponse(path, media_type=file.media_type, headers=headers)
