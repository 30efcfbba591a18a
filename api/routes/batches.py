"""Batches: what the ministry issued, how far it is, and what each file brought."""

import orjson
from fastapi import Response

from api.deps import Doors, Who, signed_in
from api.shapes import Json, answer, refusals, shanghai
from georeview.core.access import Action
from georeview.services.plots import BatchView

router = signed_in("batches", Action.SEE)


def _shape(view: BatchView) -> Json:
    batch = view.batch
    return {
        "id": batch.name,
        "name": batch.name,
        "area": batch.area,
        "review_due": batch.review_due,
        "rectify_due": batch.rectify_due,
        "hard": batch.hard,
        "created_at": shanghai(batch.created_at),
        "counts": dict(view.counts),
        "total": sum(view.counts.values()),
    }


@router.get("/batches", summary="Batches I see something of, newest first")
def batches(who: Who, doors: Doors) -> Response:
    """All batches with the number of plots per mark in the reader's area."""
    return answer({"items": [_shape(view) for view in doors.plots.batches(who)]})


@router.get(
    "/batches/{batch:path}",
    summary="One batch with its import reports",
    responses=refusals(404),
)
def batch(batch: str, who: Who, doors: Doors) -> Response:
    """One batch; to who sees the whole of it the reports say what became of every row."""
    view, sources = doors.plots.batch(who, batch)
    reports = [
        {
            "id": source.import_id,
            "file": source.file,
            "sha256": source.sha256,
            "created_at": shanghai(source.created_at),
            "retracted_at": source.retracted_at and shanghai(source.retracted_at),
            "report": orjson.loads(source.report),
        }
        for source in sources
    ]
    issued, current = doors.plots.issued(who, batch)
    return answer(_shape(view) | {"issued": issued, "current": current, "imports": reports})
