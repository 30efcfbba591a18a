"""Marks and steps of the workflow."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool

from api import BASE, problems
from api.bodies import schema
from api.deps import Needs, Who, actor, described, known_query, services
from api.gather import Gather
from api.sent import SENT_HEADERS, AsSent, Sent
from api.shapes import Moved, answer, answers, detail
from api.straight import StepRoute
from georeview.core.access import Action, Actor
from georeview.core.aside import ASIDE
from georeview.core.commands import ACTION_FIELDS, BodyField
from georeview.core.procedure import Command
from georeview.errors.review import StaleVersion
from georeview.services.ids import new_id
from georeview.services.lines import event, receipt
from georeview.services.review import kept
from georeview.storage.ports.ledger import Asked, Idempotency, Settled

router = APIRouter(
    prefix=BASE,
    tags=["review"],
    dependencies=[Depends(actor), Depends(known_query), Depends(Needs(Action.SEE))],
    route_class=StepRoute,
)

_EXAMPLE = {"mark": "false_positive", "reason": "FP31", "note": "现场核实,位于管理范围线外"}


def _schema(fields: tuple[BodyField, ...]) -> dict[str, Any]:
    return schema(fields, observed_at={"type": "string", "format": "date-time"})


_ON_SHAPES = frozenset({"split", "unmerge"})
"""Steps that read and measure before anything is judged: not on the loop."""

_ANSWERS = answers(Moved, 400, 403, 404, 409, 412, 413, 415, 422, 428, 503, status=201)


def _described(schema: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    return described(schema, example) | {"parameters": list(SENT_HEADERS)}


@router.post(
    "/plots/{plot_id}/marks",
    status_code=201,
    summary="Mark a plot",
    responses=_ANSWERS,
    openapi_extra=_described(_schema(ACTION_FIELDS["mark"]), _EXAMPLE),
)
async def post_mark(request: Request, plot_id: str, sent: AsSent, who: Who) -> Response:
    """Say what a plot is; ``pending`` takes back one's own last mark."""
    undo = sent.body.get("mark") == "pending"
    command = _command("undo_mark", {}, sent) if undo else _command("mark", sent.body, sent)
    return await _act(request, who, plot_id, command, sent.same(who, "marks"))


@router.post(
    "/plots/{plot_id}/actions/{action}",
    status_code=201,
    summary="Take a step of the workflow",
    responses=_ANSWERS,
    openapi_extra=_described({"type": "object"}, {}),
)
async def post_action(
    request: Request, plot_id: str, action: str, sent: AsSent, who: Who
) -> Response:
    """A step of the procedure; which fields it needs and who may take it: docs/procedure.md."""
    command = _command(action, sent.body, sent)
    return await _act(request, who, plot_id, command, sent.same(who, f"actions/{action}"))


def _command(action: str, asked: dict[str, Any], sent: Sent) -> Command:
    fields = {name: value for name, value in asked.items() if name != "observed_at"}
    observed_at = sent.body.get("observed_at")
    return Command(action, new_id(), sent.base, fields, observed_at, keep=sent.keep)


async def _act(
    request: Request, who: Actor, plot_id: str, command: Command, same: Idempotency | None
) -> Response:
    """Have a step settled with all others that arrive now, and say what became of it."""
    doors, lang = services(request), problems.lang_of(request)
    steps: Gather[Asked, Settled] = request.app.state.steps
    if command.action in _ON_SHAPES:
        asked = await run_in_threadpool(doors.splits.ask, who, plot_id, command, same)
    else:
        asked = doors.review.ask(who, plot_id, command, same)
    settled = await steps(asked)
    try:
        done = kept(settled.result)
    except StaleVersion as error:
        current = doors.plots.shown(who, settled.known)
        return problems.refusal(error, lang, plot=detail(current, doors.plots, lang))
    conflict = done.event.action == ASIDE
    if not settled.seen:
        return answer({"event": receipt(done.event), "conflict": conflict}, 201)
    seen = doors.plots.shown(who, settled.known)
    plot = detail(seen, doors.plots, lang)
    told = {"event": event(done.event, seen.names), "plot": plot, "conflict": conflict}
    return answer(told, 201, ETag=f'"{done.review.version}"')
