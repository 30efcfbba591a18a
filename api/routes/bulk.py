"""One step on many plots."""

from typing import Annotated, Any

from fastapi import Depends, Header, Response
from pydantic import BaseModel, ConfigDict, Field

from api import problems
from api.deps import Doors, JsonBody, Language, Who, signed_in
from api.sent import KEY_MAX, Sent
from api.shapes import BulkDone, Json, answer, answers
from georeview import texts
from georeview.core.access import Action
from georeview.core.query import Filter
from georeview.errors import GeoreviewError, NotFound
from georeview.errors.review import FieldMissing
from georeview.services import cql2
from georeview.services.bulk import MOST
from georeview.services.review import kept
from georeview.services.wording import readable
from georeview.storage.ports.ledger import Settled

router = signed_in("review", Action.SEE)


class Target(BaseModel):
    """A plot and the version it was seen in."""

    model_config = ConfigDict(extra="forbid")
    plot_id: str = Field(max_length=80)
    version: int = Field(ge=0)


class BulkIn(BaseModel):
    """Which step, on which plots: by name, or all that meet a filter and were not changed since."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "action": "approve",
                    "plots": [{"plot_id": "p_6f1c9a0e2b7d4c55", "version": 4}],
                    "body": {"reason": "FP31"},
                }
            ]
        },
    )
    action: str = Field(max_length=40)
    plots: list[Target] | None = Field(None, max_length=MOST)
    batch: str | None = Field(None, max_length=200)
    filter: str | Json | None = Field(
        None,
        max_length=cql2.CHARACTERS_MAX,
        description="CQL2, text or JSON, as in GET /plots",
        examples=["mark = 'false_positive' AND stage = 'county_check'"],
    )
    as_of_seq: int | None = Field(None, ge=0, description="number of the last event that was seen")
    body: Json = Field(default_factory=dict)


_BULK = JsonBody(BulkIn)


@router.post(
    "/plots/bulk",
    summary="Take a step on many plots",
    responses=answers(BulkDone, 400, 403, 413, 415, 422, 503),
    openapi_extra=_BULK.described(),
)
def post_bulk(
    body: Annotated[BulkIn, Depends(_BULK)],
    who: Who,
    doors: Doors,
    lang: Language,
    idempotency_key: Annotated[str | None, Header(max_length=KEY_MAX)] = None,
) -> Response:
    """Each plot is an event of its own and stands or falls alone; at most 5,000 at once."""
    if body.plots is not None:
        targets = [(target.plot_id, target.version) for target in body.plots]
    elif body.as_of_seq is None:
        raise FieldMissing(field="as_of_seq", value="")
    else:
        where = Filter(batch=body.batch, condition=cql2.read(body.filter))
        targets = doors.bulk.matching(who, where, body.as_of_seq)
    sent = Sent(None, idempotency_key, body.body)
    items = [
        _item(plot_id, result, lang)
        for part in doors.bulk.take(
            who, body.action, targets, body.body, lambda: sent.same(who, f"bulk/{body.action}")
        )
        for plot_id, result in part
    ]
    done = sum(item["status"] == 201 for item in items)
    return answer({"items": items, "done": done, "refused": len(items) - done})


def _item(plot_id: str, result: Settled | NotFound, lang: texts.Lang) -> Json:
    try:
        if isinstance(result, NotFound):
            raise result
        event = kept(result.result)
    except GeoreviewError as error:
        review = result.known.plot.review if isinstance(result, Settled) else None
        return _line(
            plot_id,
            problems.status_of(type(error)),
            version=review and review.version,
            stage=review and review.stage,
            **_said(error, lang),
        )
    return _line(
        plot_id, 201, version=event.review.version, stage=event.review.stage, seq=event.event.seq
    )


def _line(plot_id: str, status: int, **more: Any) -> Json:
    empty = dict.fromkeys(("version", "stage", "seq", "code", "title", "hint"))
    return {"plot_id": plot_id, "status": status, **empty, **more}


def _said(error: GeoreviewError, lang: texts.Lang) -> Json:
    facts = readable(error.facts, lang)
    return {
        "code": error.code,
        "title": texts.say(f"error.{error.code}.say", lang, **facts),
        "hint": texts.say(f"error.{error.code}.hint", lang, **facts),
    }
