"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import BASE
from api.callers import COOKIE, address_of
from api.deps import Doors, JsonBody, known_query
from api.shapes import refusals
from georeview.services import Services
from georeview.services.sessions import SignedIn

router = APIRouter(prefix=BASE, tags=["session"], dependencies=[Depends(known_query)])


class Credentials(BaseModel):
    """Name and password."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"username": "wangfang", "password": "……"}]}
    )
    username: str = Field(max_length=60)
    password: str = Field(max_length=1000)


class Chosen(BaseModel):
    """The password so far, and the one to be."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"password": "……", "new_password": "……"}]}
    )
    password: str = Field(max_length=1000)
    new_password: str = Field(max_length=1000)


_CREDENTIALS, _CHOSEN = JsonBody(Credentials), JsonBody(Chosen)


def give_cookie(doors: Services, session: SignedIn) -> Response:
    """204 with the session's cookie."""
    response = Response(status_code=204)
    response.set_cookie(
        COOKIE,
        session.token,
        max_age=doors.settings.session_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=doors.settings.https,
        path="/",
    )
    return response


@router.post(
    "/session",
    status_code=204,
    summary="Sign in",
    responses=refusals(400, 401, 413, 415, 422, 429),
    openapi_extra=_CREDENTIALS.described(),
)
def sign_in(
    body: Annotated[Credentials, Depends(_CREDENTIALS)], request: Request, doors: Doors
) -> Response:
    """Open a session; an older one of this browser ends."""
    session = doors.sessions.sign_in(body.username, body.password, address_of(request))
    doors.sessions.sign_out(request.cookies.get(COOKIE))
    return give_cookie(doors, session)


@router.post(
    "/session/password",
    status_code=204,
    summary="Choose a password of one's own",
    responses=refusals(400, 401, 413, 415, 422, 429),
    openapi_extra=_CHOSEN.described(),
)
def choose_password(
    body: Annotated[Chosen, Depends(_CHOSEN)], request: Request, doors: Doors
) -> Response:
    """All other sessions end. After a one-time password this is all that a session may do."""
    token, address = request.cookies.get(COOKIE), address_of(request)
    session = doors.sessions.choose_password(token, body.password, body.new_password, address)
    return give_cookie(doors, session)


@router.delete("/session", status_code=204, summary="Sign out")
def sign_out(request: Request, doors: Doors) -> Response:
    """End the session of this browser; there need be none."""
    doors.sessions.sign_out(request.cookies.get(COOKIE))
    response = Response(status_code=204)
    response.delete_cookie(
        COOKIE, path="/", httponly=True, samesite="lax", secure=doors.settings.https
    )
    return response
