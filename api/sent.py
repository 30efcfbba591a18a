"""A step of the workflow as it was sent: the version it is based on, its key, its body."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request

from api.asgi import headers_of
from api.deps import json_object
from georeview.core.access import Actor
from georeview.errors import BadValue, VersionMissing
from georeview.errors.http import BadVersionHeader
from georeview.storage.ports.ledger import Idempotency

KEY_MAX = 200
VERSION_DIGITS = 12


def _header(name: str, schema: dict[str, object]) -> Mapping[str, object]:
    return {"name": name, "in": "header", "required": False, "schema": {"type": "string", **schema}}


SENT_HEADERS = (
    _header("If-Match", {"examples": ['"3"']}),
    _header("Idempotency-Key", {"maxLength": KEY_MAX}),
    _header("On-Behalf-Of", {"description": "with a key: the person it is sent for"}),
    _header(
        "Prefer",
        {
            "description": "`conflict=keep`: done offline; kept beside the plot when it comes too late"
        },
    ),
)
"""The headers for the OpenAPI document."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What came.

    Attributes:
        base: Version in ``If-Match``; ``None`` when there is no such header.
        key: ``Idempotency-Key``, if there is one.
        body: The body, an object.
        keep: Whether it was done offline and is to be kept also when it comes too late.
    """

    base: int | None
    key: str | None
    body: dict[str, Any]
    keep: bool = False

    def based(self) -> int:
        """The version it is based on.

        Raises:
            VersionMissing: It names none.
        """
        if self.base is None:
            raise VersionMissing
        return self.base

    def same(self, who: Actor, route: str) -> Idempotency | None:
        """What makes a later request the same one: who, where, the key, and the body as sent."""
        if not self.key:
            return None
        # However its keys were ordered.
        whole = orjson.dumps(self.body, option=orjson.OPT_SORT_KEYS)
        return Idempotency(who.user, route, self.key, hashlib.sha256(whole).hexdigest())


async def as_sent(request: Request) -> Sent:
    """Headers, then the body.

    One dependency for what might be four: each costs a mark a tenth of its time.

    Raises:
        BadVersionHeader: ``If-Match`` is not an ETag we gave out.
        BadValue: The key is too long.
        NotJson: The body says that it is something else.
        Malformed: It is no JSON object.
    """
    headers = headers_of(request.scope)
    base, key = _version(headers.get("if-match")), headers.get("idempotency-key")
    if key is not None and len(key) > KEY_MAX:
        raise BadValue(field="Idempotency-Key", value=key[:80])
    return Sent(base, key, await json_object(request), _prefers_keeping(headers.get("prefer")))


AsSent = Annotated[Sent, Depends(as_sent)]


def _prefers_keeping(given: str | None) -> bool:
    """Whether ``conflict=keep`` is among the preferences; others are passed over (RFC 7240)."""
    if given is None:
        return False
    return any(one.strip().replace(" ", "").lower() == "conflict=keep" for one in given.split(","))


def _version(given: str | None) -> int | None:
    if given is None:
        return None
    text = given.strip().strip('"')
    if not (text.isascii() and text.isdigit() and len(text) <= VERSION_DIGITS):
        raise BadVersionHeader(value=given[:40])
    return int(text)
