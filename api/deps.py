"""What routes are given: the services, who asks, and what the headers say."""

import hashlib
from typing import Annotated, Any, cast

import orjson
from fastapi import Depends, Header, Request

from georeview import texts
from georeview.core.access import Action, Actor, need
from georeview.errors import BadVersionHeader, Malformed
from georeview.services import Services

COOKIE = "georeview_session"


def services(request: Request) -> Services:
    """The services of this app."""
    return cast("Services", request.app.state.services)


Doors = Annotated[Services, Depends(services)]


def actor(request: Request, doors: Doors) -> Actor:
    """Who asks.

    Raises:
        NotSignedIn: Nobody is signed in.
    """
    return doors.people.actor(request.cookies.get(COOKIE))


Who = Annotated[Actor, Depends(actor)]


class Needs:
    """A route's right: checked from the headers alone, before any body is read."""

    def __init__(self, action: Action) -> None:
        self.action = action

    def __call__(self, who: Who) -> None:
        """Refuse unless the person has the right anywhere; where, the service judges."""
        need(who, self.action)


def language(request: Request) -> texts.Lang:
    """The language to answer in."""
    return texts.pick(request.headers.get("accept-language"))


Language = Annotated[texts.Lang, Depends(language)]


def base_version(if_match: Annotated[str | None, Header()] = None) -> int | None:
    """The version in ``If-Match``, ``None`` when there is no such header.

    Raises:
        BadVersionHeader: It is not an ETag we gave out.
    """
    if if_match is None:
        return None
    text = if_match.strip().strip('"')
    if not text.isdigit() or len(text) > 12:
        raise BadVersionHeader(value=if_match[:40])
    return int(text)


BaseVersion = Annotated[int | None, Depends(base_version)]
IdempotencyKey = Annotated[str | None, Header(max_length=200)]


async def json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object; an empty body is an empty object.

    Raises:
        Malformed: It is not one.
    """
    raw = await request.body()
    try:
        body = orjson.loads(raw) if raw.strip() else {}
    except orjson.JSONDecodeError as error:
        raise Malformed from error
    if not isinstance(body, dict):
        raise Malformed
    return body


JsonObject = Annotated[dict[str, Any], Depends(json_object)]


def body_hash(body: dict[str, Any]) -> str:
    """The same for the same body, however its keys were ordered."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()
