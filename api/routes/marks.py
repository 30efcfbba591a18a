"""Marks and steps of the workflow."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, Response

from api import problems
from api.deps import (
    BaseVersion,
    Doors,
    IdempotencyKey,
    JsonObject,
    Language,
    Needs,
    Who,
    body_hash,
)
from api.shapes import Moved, Problem, answer, detail, event
from georeview import texts
from georeview.core.access import Action, Actor
from georeview.core.commands import ACTION_FIELDS, BodyField
from georeview.core.review import Command
from georeview.errors import BadValue, StaleVersion
from georeview.services import Services
from georeview.services.review import new_id
from georeview.storage.ports import Idempotency

router = APIRouter(tags=["review"], dependencies=[Depends(Needs(Action.SEE))])

_EXAMPLE = {"mark": "false_positive", "reason": "FP31", "note": "现场核实,位于管理范围线外"}


def _schema(fields: tuple[BodyField, ...]) -> dict[str, Any]:
    """JSON schema of a body, from the one table that also checks it."""
    properties: dict[str, Any] = {"observed_at": {"type": "string", "format": "date-time"}}
    for field in fields:
        shape: dict[str, Any] = {"type": "string", "description": f"{field.zh} / {field.en}"}
        if field.kind == "ids":
            shape |= {"type": "array", "items": {"type": "string"}, "maxItems": field.limit}
        elif field.kind == "choice":
            shape["enum"] = list(field.choices)
        elif field.kind == "date":
            shape["format"] = "date"
        elif field.kind == "decimal":
            shape["pattern"] = r"^\d{1,12}(\.\d{1,2})?$"
        else:
            shape["maxLength"] = field.limit
        properties[field.name] = shape
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _body(schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    return {
        "requestBody": {"content": {"application/json": {"schema": schema, "example": example}}}
    }


_ANSWERS: dict[int | str, dict[str, Any]] = {
    201: {"model": Moved},
    **{status: {"model": Problem} for status in (403, 404, 409, 412, 422, 428)},
}


@router.post(
    "/plots/{plot_id}/marks",
    status_code=201,
    summary="Mark a plot",
    responses=_ANSWERS,
    openapi_extra=_body(_schema(ACTION_FIELDS["mark"]), _EXAMPLE),
)
def post_mark(
    plot_id: str,
    body: JsonObject,
    base: BaseVersion,
    who: Who,
    doors: Doors,
    lang: Language,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Say what a plot is; ``pending`` takes back one's own last mark."""
    action = "undo_mark" if body.get("mark") == "pending" else "mark"
    asked = {} if action == "undo_mark" else body
    return _act(doors, who, lang, plot_id, action, asked, base, idempotency_key, sent=body)


@router.post(
    "/plots/{plot_id}/actions/{action}",
    status_code=201,
    summary="Take a step of the workflow",
    responses=_ANSWERS,
    openapi_extra=_body(
        {"oneOf": [_schema(fields) for fields in ACTION_FIELDS.values()]},
        {"township": "511923101"},
    ),
)
def post_action(
    plot_id: str,
    action: str,
    body: JsonObject,
    base: BaseVersion,
    who: Who,
    doors: Doors,
    lang: Language,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """One of: dispatch, dispatch_town, mark, undo_mark, submit."""
    return _act(doors, who, lang, plot_id, action, body, base, idempotency_key, sent=body)


def _act(
    doors: Services,
    who: Actor,
    lang: texts.Lang,
    plot_id: str,
    action: str,
    body: dict[str, Any],
    base: int | None,
    key: str | None,
    *,
    sent: dict[str, Any],
) -> Response:
    fields = {name: value for name, value in body.items() if name != "observed_at"}
    command = Command(action, new_id(), base, fields, _observed(body.get("observed_at")))
    same = Idempotency(who.user, action, key, body_hash(sent)) if key else None
    try:
        kept = doors.review.act(who, plot_id, command, same)
    except StaleVersion as error:
        current = doors.plots.detail(who, plot_id)
        return problems.refusal(error, lang, plot=detail(current, doors.plots, lang))
    plot = detail(doors.plots.after(who, kept), doors.plots, lang)
    return answer({"event": event(kept.event), "plot": plot}, 201, ETag=f'"{kept.review.version}"')


def _observed(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise BadValue(field="observed_at", value=str(value)[:40]) from error
    if moment.tzinfo is None:
        raise BadValue(field="observed_at", value=str(value)[:40])
    return moment
