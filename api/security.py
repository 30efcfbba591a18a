"""What stands before every route: host, origin, size, headers. Plain ASGI, no body is read."""

import asyncio
import logging
import secrets
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect

from api import problems
from api.asgi import App, Message, Receive, Scope, Send, headers_of
from api.watch import seen_of
from georeview import texts
from georeview.errors import GeoreviewError, TooLarge
from georeview.errors.http import BodyTooSlow, ForeignRequest, UnknownHost
from georeview.settings import Settings

log = logging.getLogger("georeview.api")

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
JSON_LIMIT = 2**20
LIMIT = "georeview.body_limit"
NONCE = "georeview.nonce"
GONE = 499
"""What is put down for a sender who went away before all of a request was there."""

READ_SECONDS = 60
"""How long to wait for the next part of a body."""

PERSONAL = ("/api/", "/tiles/", "/ui/")
"""Addresses whose answers depend on who asks."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}


def nonce_of(scope: Scope) -> str:
    """The nonce of a page's own script block: made when one is asked for, new for each answer."""
    if NONCE not in scope:
        scope[NONCE] = secrets.token_urlsafe(16)
    return str(scope[NONCE])


def policy(nonce: str = "") -> str:
    """The content security policy; of a page, with the nonce that its script block carries."""
    own = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    return (
        f"default-src 'none'; script-src {own}; style-src {own}; "
        "img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
        "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'"
    )


def _raw(headers: Mapping[str, str]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.lower().encode(), text.encode()) for name, text in headers.items())


_PLAIN_POLICY = (b"content-security-policy", policy().encode())
_FIXED = (*_raw(HEADERS), _PLAIN_POLICY)
_API_FIXED = (*_FIXED, *_raw({"Cache-Control": "no-store"}))
_FIXED_NAMES = frozenset(name for name, _ in _API_FIXED)
_VARY = (b"vary", b"Cookie, Authorization")


class Guard:
    """Refuses unknown hosts, foreign pages and oversized bodies; gives each answer its headers."""

    def __init__(self, app: App, settings: Settings) -> None:
        self._app = app
        self._hosts = {host.strip().lower() for host in settings.hosts.split(",")}
        self._upload_limit = settings.max_upload_mb * 2**20

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = headers_of(scope)
        scope[LIMIT] = self._limit(headers)
        # Every address that can be read answers HEAD: the same answer without its body.
        bodiless = scope["method"] == "HEAD"
        asked = {**scope, "method": "GET"} if bodiless else scope
        finish = _with_headers(send, asked)
        if bodiless:
            finish = _without_body(finish)
        lang = texts.pick(headers.get("accept-language"))
        try:
            self._check_host(headers)
            _check_origin(scope["method"], headers)
            _check_length(headers, scope[LIMIT])
            await self._app(asked, _capped(receive, asked), finish)
        except GeoreviewError as error:
            await problems.refusal(error, lang)(scope, receive, finish)
        except ClientDisconnect:
            seen_of(scope).status = GONE
        except Exception as error:
            short = problems.shortage(error)
            if short is None:
                log.exception("request.failed", extra={"request_id": scope["request_id"]})
            if seen_of(scope).status:
                raise  # an answer that breaks off must not look whole
            told = (
                problems.refusal(short, lang)
                if short
                else problems.defect(scope["request_id"], lang)
            )
            await told(scope, receive, finish)
        finally:
            scope["route"] = asked.get("route")

    def _limit(self, headers: Mapping[str, str]) -> int:
        multipart = headers.get("content-type", "").startswith("multipart/")
        return self._upload_limit if multipart else JSON_LIMIT

    def _check_host(self, headers: Mapping[str, str]) -> None:
        given = headers.get("host", "")
        if _host_of(f"//{given}") not in self._hosts:
            raise UnknownHost(host=given[:80])


def lower_limit(scope: Scope, limit: int) -> None:
    """Take less of a body than the service takes at all, before it is read.

    Raises:
        TooLarge: It says that it is longer.
    """
    scope[LIMIT] = min(limit, scope[LIMIT])
    _check_length(headers_of(scope), scope[LIMIT])


@lru_cache(maxsize=256)
def _host_of(address: str) -> str:
    """The host of an address in small letters, nothing when it is none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _check_origin(method: str, headers: Mapping[str, str]) -> None:
    """A change may come from our own pages and from programs, never from another site's page."""
    # No page of another site can send a key, and beside one no cookie is looked at.
    if method in SAFE or "authorization" in headers:
        return
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise ForeignRequest
        return
    origin = headers.get("origin")
    if origin is not None and origin.partition("//")[2].lower() != headers.get("host", "").lower():
        raise ForeignRequest


def _check_length(headers: Mapping[str, str], limit: int) -> None:
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()) or int(length) > limit:
        raise TooLarge(limit=_shown(limit))


def _shown(limit: int) -> str:
    return f"{limit // 2**20} MB"


def _capped(receive: Receive, scope: Scope) -> Receive:
    """Count what really arrives, for a chunked body states no length, and wait only so long."""
    taken, more = 0, True

    async def counted() -> Message:
        nonlocal taken, more
        if not more:
            return await receive()
        try:
            async with asyncio.timeout(READ_SECONDS):
                message = await receive()
        except TimeoutError as error:
            raise BodyTooSlow(seconds=READ_SECONDS) from error
        taken += len(message.get("body", b""))
        more = bool(message.get("more_body", False))
        if taken > scope[LIMIT]:
            raise TooLarge(limit=_shown(scope[LIMIT]))
        return message

    return counted


def _with_headers(send: Send, scope: Scope) -> Send:
    async def finish(message: Message) -> None:
        if message["type"] == "http.response.start":
            nonce, path = scope.get(NONCE), scope["path"]
            own = _API_FIXED if path.startswith("/api/") else _FIXED
            if nonce:
                ruled = (_PLAIN_POLICY[0], policy(nonce).encode())
                own = tuple(ruled if one is _PLAIN_POLICY else one for one in own)
            given = {name.lower() for name, _ in message["headers"]}
            if not _FIXED_NAMES.isdisjoint(given):
                own = tuple(header for header in own if header[0] not in given)
            numbered = (b"x-request-id", scope["request_id"].encode())
            message["headers"] = [*message["headers"], *own, numbered]
            if path.startswith(PERSONAL):
                # Two people may share a browser: what one was shown is not kept for the other.
                if b"vary" in given:
                    MutableHeaders(scope=message).add_vary_header("Cookie, Authorization")
                else:
                    message["headers"].append(_VARY)
        await send(message)

    return finish


def _without_body(send: Send) -> Send:
    async def finish(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return finish
