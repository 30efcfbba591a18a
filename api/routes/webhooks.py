"""Webhooks: changes brought to another system, instead of fetched by it."""

from typing import Annotated

from fastapi import Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Doors, JsonBody, Language, Who, signed_in
from api.shapes import Json, answer, refusals, shanghai
from georeview import texts
from georeview.core.access import Action
from georeview.storage.ports.notices import Webhook

router = signed_in("review", Action.SEE)


class WebhookIn(BaseModel):
    """Where to."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"url": "https://rivers.example.cn/hooks/georeview"}]},
    )
    url: str = Field(max_length=1000)


_WEBHOOK = JsonBody(WebhookIn)


def _shape(hook: Webhook, lang: texts.Lang) -> Json:
    state = "disabled" if hook.disabled_at else "failing" if hook.failures else "active"
    why = hook.last_error
    return {
        "id": hook.webhook_id,
        "url": hook.url,
        "owner": hook.owner,
        "state": state,
        "since": str(hook.since),
        "created_at": shanghai(hook.created_at),
        "delivered_at": shanghai(hook.delivered_at) if hook.delivered_at else None,
        "failures": hook.failures,
        "failing_since": shanghai(hook.failing_since) if hook.failing_since else None,
        "next_try_at": shanghai(hook.next_at) if state == "failing" else None,
        "disabled_at": shanghai(hook.disabled_at) if hook.disabled_at else None,
        "error": _said(why, lang) if why else None,
    }


def _said(why: str, lang: texts.Lang) -> str:
    """Why the last delivery failed."""
    if why.isdigit():
        return texts.say("webhook.answered", lang, status=why)
    return texts.say(f"webhook.{why}", lang)


@router.get("/webhooks", summary="Where I am told of changes")
def webhooks(who: Who, doors: Doors, lang: Language) -> Response:
    """``since`` is the number of the last event that was delivered."""
    return answer({"items": [_shape(hook, lang) for hook in doors.webhooks.all(who)]})


@router.post(
    "/webhooks",
    status_code=201,
    summary="Be told of every change in my area",
    responses=refusals(403, 409, 413, 415, 422),
    openapi_extra=_WEBHOOK.described(),
)
def add(
    body: Annotated[WebhookIn, Depends(_WEBHOOK)], who: Who, doors: Doors, lang: Language
) -> Response:
    """Each line of `GET /changes` is posted as `{"type","timestamp","data"}`, in order.

    Signed after Standard Webhooks (`webhook-id`, `webhook-timestamp`, `webhook-signature: v1,…`);
    ``secret`` is told this once. What is not answered with 2xx is tried again over three days;
    then, or after 410, the webhook is disabled. A message may come twice, with the same id.
    """
    made = doors.webhooks.add(who, body.url)
    return answer(_shape(made, lang) | {"secret": made.secret}, 201)


@router.delete(
    "/webhooks/{webhook_id}", status_code=204, summary="Be told no more", responses=refusals(404)
)
def remove(webhook_id: str, who: Who, doors: Doors) -> Response:
    """At once; what was not delivered is still in `GET /changes`."""
    doors.webhooks.remove(who, webhook_id)
    return Response(status_code=204)
