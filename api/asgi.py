"""Names for what passes between a server and an application (ASGI)."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Scope = MutableMapping[str, Any]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_HEADERS = "georeview.headers"


def headers_of(scope: Scope) -> Mapping[str, str]:
    """The headers of a request by their names in small letters; of several the first.

    Read once: a dozen are asked for on the way of a mark, and each look-up of the framework goes
    through all that came.
    """
    known: Mapping[str, str] | None = scope.get(_HEADERS)
    if known is None:
        backwards = reversed(scope["headers"])
        known = {name.decode("latin-1"): text.decode("latin-1") for name, text in backwards}
        scope[_HEADERS] = known
    return known
