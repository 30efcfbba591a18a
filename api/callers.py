"""Who comes: a browser with its session, or another system with its key."""

from collections.abc import Sequence
from typing import NamedTuple

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api import BASE
from api.asgi import headers_of
from api.gather import Gather
from georeview.core.access import Actor
from georeview.errors import GeoreviewError, NotSignedIn
from georeview.errors.people import BadKey, PersonMissing
from georeview.services import Services

COOKIE = "georeview_session"
FOR_WHOM = "on-behalf-of"
"""Header in which a system names the person it writes for."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FOR_PEOPLE = f"{BASE}/plots/"
_FOR_ITSELF = (f"{BASE}/exports", f"{BASE}/webhooks")
"""What a system may ask for that changes nothing about plots."""


class Bearer(NamedTuple):
    """A key, and the sign-in name of the person it is used for."""

    secret: str
    person: str | None


def callers(doors: Services, sent: Sequence[str | Bearer]) -> list[Actor | GeoreviewError]:
    """Who each of several sessions and keys is: one look for all of a kind, each time anew."""
    tokens = [one for one in sent if isinstance(one, str)]
    keys = [one for one in sent if isinstance(one, Bearer)]
    people = iter(doors.sessions.actors(tokens) if tokens else ())
    systems = iter(doors.keys.actors(keys) if keys else ())
    return [next(people if isinstance(one, str) else systems) for one in sent]


async def who_calls(request: Request) -> Actor:
    """Who asks; those who come together are looked up together.

    Raises:
        NotSignedIn: Nobody is signed in, or the key opens nothing.
        TooOften: Too many wrong keys from this address.
        PasswordToChange: The person must choose a password first.
        PersonMissing: A system would change something and names nobody.
    """
    look_up: Gather[str | Bearer, Actor] = request.app.state.sign_ins
    given = headers_of(request.scope).get("authorization")
    if given is None:
        token = request.cookies.get(COOKIE)
        if not token:
            raise NotSignedIn
        return await look_up(token)
    scheme, _, secret = given.partition(" ")
    if scheme.lower() != "bearer":
        raise BadKey
    person = _person(request)
    try:
        return await look_up(Bearer(secret.strip(), person))
    except BadKey:
        doors: Services = request.app.state.services
        await run_in_threadpool(doors.keys.wrong, address_of(request))
        raise


def _person(request: Request) -> str | None:
    """For whom a system does what it asks for; nobody where it only looks or asks for itself."""
    path = request.scope["path"]
    if request.scope["method"] in _SAFE or path.startswith(_FOR_ITSELF):
        return None
    person = headers_of(request.scope).get(FOR_WHOM)
    if person is None or not path.startswith(_FOR_PEOPLE):
        raise PersonMissing
    return person


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else "-"
