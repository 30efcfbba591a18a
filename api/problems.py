"""Every refusal as ``application/problem+json``, in the reader's language."""

import errno
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount
from starlette.types import Receive, Scope, Send

from api.asgi import headers_of
from api.watch import seen_of
from georeview import texts
from georeview.errors import (
    BadValue,
    Forbidden,
    GeoreviewError,
    Malformed,
    NotFound,
    NotSignedIn,
    RuleBroken,
    TooLarge,
    TooOften,
    Unavailable,
    VersionMismatch,
    VersionMissing,
    WrongKind,
)
from georeview.errors.http import BodyTooSlow, UnknownHost
from georeview.errors.store import MachineShort
from georeview.services.wording import readable

STATUS: Mapping[type[GeoreviewError], int] = {
    Malformed: 400,
    UnknownHost: 400,
    BodyTooSlow: 408,
    NotSignedIn: 401,
    Forbidden: 403,
    NotFound: 404,
    RuleBroken: 409,
    VersionMissing: 428,
    VersionMismatch: 412,
    TooLarge: 413,
    WrongKind: 415,
    BadValue: 422,
    TooOften: 429,
    Unavailable: 503,
    GeoreviewError: 500,
}
"""Family of refusal → status; the nearest family of a class counts."""

RETRY_SECONDS = 5


def status_of(kind: type[GeoreviewError]) -> int:
    """The status of a refusal."""
    return next(STATUS[base] for base in kind.__mro__ if base in STATUS)


def problem(
    status: int,
    code: str,
    lang: texts.Lang,
    *,
    facts: Mapping[str, object] | None = None,
    **more: Any,
) -> Response:
    """One problem document.

    Args:
        status: HTTP status.
        code: Code of the refusal; its sentence and hint are looked up.
        lang: Language of the sentence.
        facts: What the sentence names.
        **more: Further members of the document.
    """
    known = readable(facts or {}, lang)
    title = texts.say(f"error.{code}.say", lang, **known)
    body = {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": title,
        "code": code,
        "hint": texts.say(f"error.{code}.hint", lang, **known),
        "errors": [],
        **more,
    }
    return Problem(body, lang)


class Problem(Response):
    """A problem document; under which number the request went is known when it is sent."""

    media_type = "application/problem+json"

    def __init__(self, document: Mapping[str, Any], lang: texts.Lang) -> None:
        headers = {"Content-Language": lang, "Cache-Control": "no-store"}
        super().__init__(_dump(document), document["status"], headers)
        self.document = document

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, and note for the log that it was a refusal."""
        seen_of(scope).code = self.document["code"]
        self.body = _dump({**self.document, "request_id": scope["request_id"]})
        self.headers["Content-Length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def _dump(document: Mapping[str, Any]) -> bytes:
    return orjson.dumps(document, default=str)


def refusal(error: GeoreviewError, lang: texts.Lang, **more: Any) -> Response:
    """The problem document of a refusal."""
    status = status_of(type(error))
    if "field" in error.facts:
        more["errors"] = [{"field": error.facts["field"], "value": str(error.facts.get("value"))}]
    response = problem(status, error.code, lang, facts=error.facts, **more)
    if status == 429:
        response.headers["Retry-After"] = str(error.facts.get("seconds", RETRY_SECONDS))
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def defect(request_id: str, lang: texts.Lang) -> Response:
    """The problem document of a fault of ours: a number to ask about, and nothing else."""
    return problem(500, "defect", lang, facts={"request_id": request_id})


def install(app: FastAPI) -> None:
    """Answer every refusal with a problem document; what is none, the guard answers."""
    app.add_exception_handler(GeoreviewError, on_refusal)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)


def lang_of(request: Request) -> texts.Lang:
    """The language to answer in."""
    return texts.pick(headers_of(request.scope).get("accept-language"))


SHORTAGES = frozenset(
    {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EDQUOT, errno.EAGAIN}
)
"""What the system says when it has nothing left; it passes, and can be said anywhere."""


def shortage(error: Exception) -> GeoreviewError | None:
    """A shortage may meet any line that opens or imports something; it is no defect of that line."""
    number = errno.ENOMEM if isinstance(error, MemoryError) else getattr(error, "errno", None)
    short = isinstance(error, OSError | MemoryError) and number in SHORTAGES
    return MachineShort(why=errno.errorcode[number]) if short and number else None


async def on_refusal(request: Request, error: Exception) -> Response:
    """Answer a refusal with its problem document."""
    if not isinstance(error, GeoreviewError):
        raise error
    return refusal(error, lang_of(request))


async def _on_invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = [
        {"field": ".".join(str(part) for part in item["loc"][1:]), "message": str(item["msg"])}
        for item in error.errors()
    ]
    names = dict.fromkeys(_asked_for(item["loc"]) for item in error.errors())
    facts = {"field": " / ".join(names)}
    return problem(422, "bad_value", lang_of(request), facts=facts, errors=found)


def _asked_for(place: Sequence[int | str]) -> str:
    """The member that a place in a request is about."""
    named = [part for part in place[1:] if isinstance(part, str)]
    return named[-1] if named else "body"


_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}


async def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = _BY_STATUS.get(error.status_code, "malformed")
    response = problem(error.status_code, code, lang_of(request), facts={"limit": "-"})
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    allowed = _allowed(request) if error.status_code == 405 else []
    if allowed:
        response.headers["Allow"] = ", ".join(allowed)
    return response


def _allowed(request: Request) -> list[str]:
    """The methods of an address: a route knows its own only, and several may share the address."""
    scope = dict(request.scope)
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    found = [
        method
        for method in _METHODS
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    return [*found, "HEAD"] if "GET" in found else found
