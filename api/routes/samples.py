"""Samples of negatives: drawn, looked at by another unit, and what they say of all."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

import orjson
from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Doors, JsonBody, Who, signed_in
from api.shapes import Json, answer, refusals, shanghai
from georeview.core.access import Action
from georeview.core.sampling import Judged
from georeview.services.samples import SampledPlot, SampleView
from georeview.storage.ports.figures import Sample

router = signed_in("samples", Action.LEAGUE)
looking = signed_in("samples", Action.SAMPLE)


class SampleIn(BaseModel):
    """What to draw from."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"batch": "2023 水利部下发图斑", "seed": "2023-09"}]},
    )
    batch: str = Field(max_length=200)
    seed: str | None = Field(None, max_length=80, description="one nobody can guess when left out")


class LookIn(BaseModel):
    """What a second look came to."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"result": "agree", "note": "现场为桥梁"}]}
    )
    result: Literal["agree", "wrong_negative", "evidence_insufficient", "not_checkable"]
    note: str | None = Field(None, max_length=2000)


_SAMPLE, _LOOK = JsonBody(SampleIn), JsonBody(LookIn)


@looking.post(
    "/samples",
    status_code=201,
    summary="Draw negatives for a second look",
    responses=refusals(404, 409, 413, 415, 422),
    openapi_extra=_SAMPLE.described(),
)
def draw(body: Annotated[SampleIn, Depends(_SAMPLE)], who: Who, doors: Doors) -> Response:
    """By strata of county and reason; the same seed draws the same plots of the same negatives."""
    sample = doors.samples.draw(who, body.batch, body.seed)
    return answer(_whole(doors.samples.view(who, sample.sample_id)), 201)


@router.get("/samples", summary="Samples of a batch, newest first")
def samples(who: Who, doors: Doors, batch: Annotated[str, Query(max_length=200)]) -> Response:
    """Who drew what, when, and from how many."""
    return answer({"items": [_drawn(one) for one in doors.samples.all(who, batch)]})


@router.get("/samples/{sample_id}", summary="A sample and what it says", responses=refusals(404))
def sample(sample_id: str, who: Who, doors: Doors) -> Response:
    """Strata, estimate with bounds, and the plots; first verdicts stay hidden until there is a second."""
    return answer(_whole(doors.samples.view(who, sample_id)))


@looking.post(
    "/samples/{sample_id}/plots/{plot_id}",
    status_code=201,
    summary="What a second look came to",
    responses=refusals(404, 409, 413, 415, 422),
    openapi_extra=_LOOK.described(),
)
def look(
    sample_id: str,
    plot_id: str,
    body: Annotated[LookIn, Depends(_LOOK)],
    who: Who,
    doors: Doors,
) -> Response:
    """Kept as an event of the plot; another unit than the one that marked it must look."""
    doors.samples.answer(who, sample_id, plot_id, body.result, body.note)
    return answer(_whole(doors.samples.view(who, sample_id)), 201)


def _drawn(one: Sample) -> Json:
    strata: list[Any] = orjson.loads(one.content)["strata"]
    return {
        "id": one.sample_id,
        "batch": one.batch,
        "as_of": one.as_of,
        "seed": one.seed,
        "frame": sum(stratum["size"] for stratum in strata),
        "n": sum(len(stratum["drawn"]) for stratum in strata),
        "frame_sha256": orjson.loads(one.content)["frame_sha256"],
        "sha256": one.sha256,
        "drawn_by": one.actor,
        "unit": one.unit,
        "drawn_at": shanghai(one.drawn_at),
    }


def _whole(view: SampleView) -> Json:
    return _drawn(view.sample) | {
        "strata": [asdict(stratum) for stratum in view.strata],
        "judged": None if view.judged is None else judged(view.judged),
        "plots": [_plot(one) for one in view.plots],
    }


def judged(found: Judged) -> Json:
    """What a sample says; shares are of 1."""
    expected, low, high = found.expected()
    return asdict(found) | {
        "least": found.least,
        "expected": {"n": expected, "low": low, "high": high},
    }


def _plot(one: SampledPlot) -> Json:
    drawn, review = one.drawn, one.plot.review
    seen = drawn.result is not None
    return {
        "plot_id": drawn.plot_id,
        "source_id": one.plot.given.source_id,
        "stratum": drawn.stratum,
        "place": drawn.place,
        "result": drawn.result,
        "note": drawn.note,
        "answered_by": drawn.actor,
        "answered_at": shanghai(drawn.answered_at) if drawn.answered_at else None,
        "first": {"reason": review.reason, "unit": review.marked_unit} if seen else None,
    }
