"""What stands before every route: host, origin, size, headers. Plain ASGI, no body is read."""

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders

from api import problems
from georeview import errors, texts
from georeview.settings import Settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
JSON_LIMIT = 2**20

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}


def policy(nonce: str) -> str:
    """The content security policy of a page whose own script block carries the nonce."""
    return (
        "default-src 'none'; "
        f"script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
        "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'"
    )


class Guard:
    """Refuses unknown hosts, foreign pages and oversized bodies; gives each answer its headers."""

    def __init__(self, app: App, settings: Settings) -> None:
        self._app = app
        self._hosts = {host.strip().lower() for host in settings.hosts.split(",")}
        self._upload_limit = settings.max_upload_mb * 2**20

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope["request_id"] = secrets.token_hex(8)
        scope["nonce"] = secrets.token_urlsafe(16)
        limit = self._limit(headers)
        finish = _with_headers(send, scope)
        try:
            self._check_host(headers)
            _check_origin(scope["method"], headers)
            _check_length(headers, limit)
        except errors.GeoreviewError as error:
            response = problems.refusal(error, texts.pick(headers.get("accept-language")))
            await response(scope, receive, finish)
            return
        await self._app(scope, _capped(receive, limit), finish)

    def _limit(self, headers: Headers) -> int:
        multipart = headers.get("content-type", "").startswith("multipart/")
        return self._upload_limit if multipart else JSON_LIMIT

    def _check_host(self, headers: Headers) -> None:
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        if host not in self._hosts:
            raise errors.UnknownHost(host=host[:80])


def _check_origin(method: str, headers: Headers) -> None:
    """A change may come from our own pages and from programs, never from another site's page."""
    if method in SAFE:
        return
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise errors.ForeignRequest
        return
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        raise errors.ForeignRequest


def _check_length(headers: Headers, limit: int) -> None:
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > limit:
        raise errors.TooLarge(limit=f"{limit // 2**20} MB")


def _capped(receive: Receive, limit: int) -> Receive:
    """Count what really arrives: a chunked body states no length."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise errors.TooLarge(limit=f"{limit // 2**20} MB")
        return message

    return counted


def _with_headers(send: Send, scope: MutableMapping[str, Any]) -> Send:
    async def finish(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Content-Security-Policy", policy(scope["nonce"]))
            headers["X-Request-Id"] = scope["request_id"]
            if scope["path"].startswith("/api/"):
                headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return finish
