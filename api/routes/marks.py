"""Marks and steps of the workflow."""

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
    described,
)
from api.shapes import Moved, answer, answers, detail, event
from georeview import texts
from georeview.core.access import Action, Actor
from georeview.core.commands import ACTION_FIELDS, BodyField
from georeview.core.review import Command
from georeview.errors import StaleVersion
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


_ANSWERS = answers(Moved, 400, 403, 404, 409, 412, 413, 415, 422, 428, status=201)


@router.post(
    "/plots/{plot_id}/marks",
    status_code=201,
    summary="Mark a plot",
    responses=_ANSWERS,
    openapi_extra=described(_schema(ACTION_FIELDS["mark"]), _EXAMPLE),
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
    command = _command(action, asked, base, body)
    return _act(doors, who, lang, plot_id, command, _same(who, "marks", idempotency_key, body))


@router.post(
    "/plots/{plot_id}/actions/{action}",
    status_code=201,
    summary="Take a step of the workflow",
    responses=_ANSWERS,
    openapi_extra=described(
        {"anyOf": [_schema(fields) for fields in ACTION_FIELDS.values()]},
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
    command = _command(action, body, base, body)
    same = _same(who, f"actions/{action}", idempotency_key, body)
    return _act(doors, who, lang, plot_id, command, same)


def _command(action: str, asked: dict[str, Any], base: int | None, sent: dict[str, Any]) -> Command:
    fields = {name: value for name, value in asked.items() if name != "observed_at"}
    return Command(action, new_id(), base, fields, sent.get("observed_at"))


def _same(who: Actor, route: str, key: str | None, sent: dict[str, Any]) -> Idempotency | None:
    """What makes a later request the same one: who, where, the key, and the body as sent."""
    return Idempotency(who.user, route, key, body_hash(sent)) if key else None


def _act(
    doors: Services,
    who: Actor,
    lang: texts.Lang,
    plot_id: str,
    command: Command,
    same: Idempotency | None,
) -> Response:
    try:
        kept = doors.review.act(who, plot_id, command, same)
    except StaleVersion as error:
        current = doors.plots.detail(who, plot_id)
        return problems.refusal(error, lang, plot=detail(current, doors.plots, lang))
    plot = detail(doors.plots.after(who, kept), doors.plots, lang)
    return answer({"event": event(kept.event), "plot": plot}, 201, ETag=f'"{kept.review.version}"')
