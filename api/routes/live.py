"""What pages of people at work hear of each other; no contract for others."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from api.callers import COOKIE
from api.deps import Doors, JsonBody, Needs, Who
from api.live import Live
from api.shapes import answer, here
from api.watch import seen_of
from georeview.core.access import Action
from georeview.errors import BadValue, NotSignedIn

router = APIRouter(
    prefix="/ui", tags=["page"], include_in_schema=False, dependencies=[Depends(Needs(Action.SEE))]
)

Page = Annotated[str, Query(pattern=r"^[A-Za-z0-9-]{16,64}$")]
"""Which page it is: a name it gives itself, by chance."""

_STREAM = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Whoever passes it on passes each line on at once."""


def _number(given: str | None) -> int | None:
    if given is None:
        return None
    if not (given.isascii() and given.isdigit()) or int(given) > 2**62:
        raise BadValue(field="since", value=given[:40])
    return int(given)


@router.get("/live")
async def live(
    request: Request,
    who: Who,
    page: Page,
    since: str | None = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Server-sent events: ``change``, ``here``, ``at`` and, after too much, ``reload``.

    ``Last-Event-ID``, else ``since``, is the number of the last event the page knows.
    """
    token = request.cookies.get(COOKIE)
    if token is None:
        raise NotSignedIn
    listeners = cast("Live", request.app.state.live)
    stream = await listeners.join(token, who, page, _number(last_event_id or since))
    seen_of(request.scope).streamed = True
    return StreamingResponse(stream, headers=_STREAM, media_type="text/event-stream")


@router.get("/live/changes")
def changes(who: Who, doors: Doors, since: str | None = None) -> Response:
    """The same once, for a page that gets no stream; ``items`` is null after too much."""
    head, known = doors.live.head(), _number(since)
    items = doors.live.after(who, head if known is None else known, head)
    return answer({"items": items, "seq": max(head, known or 0)}, Cache_Control="no-store")


class OpenPage(BaseModel):
    """What a page shows."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}]})
    page: str = Field(pattern=r"^[A-Za-z0-9-]{16,64}$")
    plot_id: str | None = Field(max_length=80)


_OPEN = JsonBody(OpenPage)


@router.post("/presence")
def presence(body: Annotated[OpenPage, Depends(_OPEN)], who: Who, doors: Doors) -> Response:
    """Say which plot a page shows, every quarter of a minute; who else is there, and who holds it."""
    if body.plot_id is None:
        doors.live.say_closed(who, body.page)
        return Response(status_code=204)
    return answer(here(doors.live.say_open(who, body.page, body.plot_id)))
