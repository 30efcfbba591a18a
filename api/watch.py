"""What is seen of each request: its id, who sent it, one log line, and the figures of ``/metrics``.

Plain ASGI and outermost but for Starlette's own: what the guard refuses is seen too.
"""

import logging
import re
from dataclasses import dataclass
from time import perf_counter

from starlette.datastructures import Headers, MutableHeaders

from api import BASE
from api.asgi import App, Message, Receive, Scope, Send, headers_of
from api.drain import Drain
from api.proxies import Known, sender
from georeview.metrics import Metrics
from georeview.services.ids import new_id
from georeview.settings import Settings

log = logging.getLogger("georeview.request")

SEEN = "georeview.seen"
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines; only when they fail is that worth a line."""


@dataclass(slots=True)
class Seen:
    """What is known of a request by the time it is answered.

    Attributes:
        status: Status of the answer; 0 while there is none, and when it broke off.
        size: Bytes of its body.
        user: Sign-in name of who asked.
        code: Code of the refusal, if it was one.
        behind: Whether others passed the request on, whoever they are.
        begun: When its answer began, by the clock of ``perf_counter``.
        streamed: Whether the answer goes on until one side ends it.
    """

    status: int = 0
    size: int = 0
    user: str | None = None
    code: str | None = None
    behind: bool = False
    begun: float = 0.0
    streamed: bool = False


def seen_of(scope: Scope) -> Seen:
    """The notes on a request."""
    seen: Seen = scope.setdefault(SEEN, Seen())
    return seen


class Watch:
    """Gives each request its id and its sender, and tells afterwards what became of it."""

    def __init__(self, app: App, settings: Settings, metrics: Metrics, drain: Drain) -> None:
        self._app = app
        self._metrics = metrics
        self._drain = drain
        self._proxies = Known(settings.proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, method = perf_counter(), scope["method"]
        self._introduce(scope)
        seen = seen_of(scope)

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.status = message["status"]
                if seen.streamed:
                    seen.begun = perf_counter()
                if self._drain.begun:
                    MutableHeaders(scope=message)["Connection"] = "close"
            else:
                seen.size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except BaseException:
            seen.status = 0
            raise
        finally:
            # A stream is answered when it begins: how long somebody listens is no latency.
            answered = seen.begun if seen.streamed else perf_counter()
            self._tell(scope, seen, method, answered - started)

    def _introduce(self, scope: Scope) -> None:
        """Put down who asks and under which number, as far as those in front may be believed."""
        headers = headers_of(scope)
        peer, port = scope.get("client") or ("-", 0)
        believed = peer in self._proxies
        given = headers.get("x-request-id", "") if believed else ""
        scope["request_id"] = given if REQUEST_ID.fullmatch(given) else new_id()
        forwarded = ""
        if believed and "x-forwarded-for" in headers:
            # Each proxy may have added a header of its own.
            forwarded = ", ".join(Headers(scope=scope).getlist("x-forwarded-for"))
        scope["client"] = (sender(peer, forwarded, self._proxies), port)
        passed_on = "forwarded" in headers or bool(headers.get("x-forwarded-for"))
        seen_of(scope).behind = passed_on and not believed

    def _tell(self, scope: Scope, seen: Seen, method: str, seconds: float) -> None:
        route = _template(scope)
        named = method if method in METHODS else "OTHER"
        self._metrics.request(route, named, seen.status, seconds, seen.code)
        level = _level(seen.status, route)
        if not log.isEnabledFor(level):
            return
        fields = {
            "request_id": scope["request_id"],
            "method": method[:20],
            "route": route,
            "path": scope["path"][:200],
            "status": seen.status,
            "code": seen.code,
            "ms": round(seconds * 1000, 1),
            "bytes": seen.size,
            "address": scope["client"][0],
            "user": seen.user,
        }
        known = {name: value for name, value in fields.items() if value is not None}
        # Made here: ``log.log`` would look through the stack for who calls, at half its cost.
        log.handle(log.makeRecord(log.name, level, __file__, 0, "request", (), None, extra=known))


def _template(scope: Scope) -> str:
    """The address as its route writes it, ``-`` where there is none."""
    path = str(getattr(scope.get("route"), "path", "-"))
    # A route knows what stands in its own file; under which prefix that was included it does not.
    inside = scope["path"].startswith(f"{BASE}/") and not path.startswith(f"{BASE}/")
    return BASE + path if path != "-" and inside else path


def _level(status: int, route: str) -> int:
    """A request that got no whole answer, or a defect, is an error; probes that pass are noise."""
    if status == 0 or status == 500:
        return logging.ERROR
    if status > 500:
        return logging.WARNING
    return logging.DEBUG if route in PROBES else logging.INFO
