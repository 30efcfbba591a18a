"""Notices: what came back to me, what my unit was sent, what is due and what is late."""

from typing import Annotated

from fastapi import Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Doors, JsonBody, Language, Who, signed_in
from api.shapes import Json, answer, refusals, shanghai
from georeview import texts
from georeview.core.access import Action
from georeview.services.notices import Item

router = signed_in("review", Action.SEE)


class ReadIn(BaseModel):
    """Which were read."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"ids": ["17", "overdue 2023-06-20"]}]}
    )
    ids: list[Annotated[str, Field(max_length=60)]] = Field(max_length=200)


_READ = JsonBody(ReadIn)


def _shape(item: Item, lang: texts.Lang) -> Json:
    return {
        "id": item.name,
        "kind": item.kind,
        "says": texts.say(f"notice.{item.kind}", lang, n=item.plots),
        "plots": item.plots,
        "batch": item.batch or None,
        "plot_id": item.plot_id,
        "at": shanghai(item.at),
        "read": item.read,
    }


class WishIn(BaseModel):
    """How I want notices by mail."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"wish": "daily"}]})
    wish: str = Field(max_length=10, description="now, daily or never")


_WISH = JsonBody(WishIn)


@router.get("/notices/mail", summary="How I am told by mail")
def mail(who: Who, doors: Doors) -> Response:
    """``sends`` says whether this service sends any mail; addresses are kept by administrators."""
    wish, email, sends = doors.mails.wish(who)
    return answer({"wish": wish, "email": email, "sends": sends})


@router.put(
    "/notices/mail",
    summary="Be told by mail at once, daily or never",
    responses=refusals(404, 413, 415, 422),
    openapi_extra=_WISH.described(),
)
def set_mail(body: Annotated[WishIn, Depends(_WISH)], who: Who, doors: Doors) -> Response:
    """The next mail keeps to it."""
    doors.mails.set_wish(who, body.wish)
    return mail(who, doors)


@router.get("/notices", summary="My inbox, newest first")
def notices(who: Who, doors: Doors, lang: Language) -> Response:
    """What is told of one batch on one day in one way is one notice; it is unread when it grows."""
    items = [_shape(item, lang) for item in doors.notices.inbox(who)]
    return answer({"items": items, "unread": sum(not item["read"] for item in items)})


@router.post(
    "/notices/read",
    status_code=204,
    summary="I have read these",
    responses=refusals(413, 415, 422),
    openapi_extra=_READ.described(),
)
def read(body: Annotated[ReadIn, Depends(_READ)], who: Who, doors: Doors) -> Response:
    """Each person reads for oneself; a notice of a unit stays unread for the others."""
    doors.notices.set_read(who, body.ids)
    return Response(status_code=204)
