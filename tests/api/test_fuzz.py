"""Anything on any address of the OpenAPI document: never a defect, always a problem document."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.openapi import operations
from georeview.core.commands import ACTION_FIELDS
from tests.api.conftest import BATCH, World

SESSION = "/api/v1/session"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
TRAPS = st.sampled_from(
    [
        "", "0", "-1", "1e999", "nan", "inf", "²", "٣", "\x00", "\x1f", "%00", "../../etc/passwd",
        "' OR 1=1 --", "<script>", "9" * 30, "2023-02-30", "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00", "true", "null", "[[[[", "\U0001f409", "\u202e", "W/\"1\"",
        "107,31,108,32", "nan,nan,nan,nan", "-source_id", "p0", "p3", BATCH,
    ]
)  # fmt: skip
WORDS = TRAPS | TEXT
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
RAW = st.binary(max_size=60) | st.sampled_from([b"{", b"[" * 3000, b'{"a":"\\ud800"}', b"\xff"])
REAL = {
    "plot_id": ["p0", "p1", "p2", "p3", "p5"],
    "action": sorted(ACTION_FIELDS),
    "batch": [BATCH],
    "z": ["8", "12"],
    "x": ["204", "3266"],
    "y": ["104", "1668"],
    "fmt": ["webp", "jpg"],
}
"""Values that get behind the door."""

FORM = (
    b'--x\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n%s\r\n--x--\r\n',
    b"--x\r\n\r\n%s%s%s",
    b"%s%s%s",
)


@dataclass(frozen=True, repr=False)
class Door:
    """One operation of the document."""

    path: str
    method: str
    operation: dict[str, Any]


@st.composite
def requests(draw: st.DrawFn, doors: list[Door]) -> dict[str, Any]:
    """A request that looks like one of the document's, with anything in its places."""
    door = draw(st.sampled_from(doors))
    path, method, operation = door.path, door.method, door.operation
    parameters = operation.get("parameters", [])
    for parameter in parameters:
        if parameter["in"] == "path":
            likely = st.sampled_from(REAL.get(parameter["name"], ["0"]))
            value = quote(draw(likely | likely | likely | WORDS), safe="")
            path = path.replace("{" + parameter["name"] + "}", value)
    named = [p["name"] for p in parameters if p["in"] == "query"]
    query = draw(st.lists(st.tuples(st.sampled_from(named), WORDS), max_size=3)) if named else []
    headers = {"If-Match": draw(st.sampled_from(['"2"', '"3"', "4", "5"]) | WORDS)}
    headers |= draw(st.sampled_from([{}, {"Idempotency-Key": "k"}, {"Accept-Language": ";q=,en"}]))
    content = b""
    if "requestBody" in operation:
        content, kind = draw(_body(operation))
        headers["Content-Type"] = kind
    url = path + (f"?{urlencode(query)}" if query else "")
    sent = {name: value.encode("latin-1", "replace") for name, value in headers.items()}
    sent = {n: v.replace(b"\n", b"").replace(b"\r", b"").strip() for n, v in sent.items()}
    return {"method": method.upper(), "url": url, "headers": sent, "content": content}


@st.composite
def _body(draw: st.DrawFn, operation: dict[str, Any]) -> tuple[bytes, str]:
    media, content = next(iter(operation["requestBody"]["content"].items()))
    if media == "multipart/form-data":
        parts = tuple(draw(st.sampled_from([b"file", b"kind", b"\xff"]) | RAW) for _ in range(3))
        return draw(st.sampled_from(FORM)) % parts, "multipart/form-data; boundary=x"
    known = content["example"]
    changed = {name: draw(st.just(value) | JSON) for name, value in known.items()}
    body = draw(st.just(known) | st.just(changed) | st.dictionaries(WORDS, JSON, max_size=3))
    raw = draw(st.just(json.dumps(body).encode()) | RAW)
    return raw, draw(st.sampled_from([media, media, f"{media}; charset=utf-8", "text/plain", ""]))


def try_out(browser: TestClient, door: Door, examples: int, before: Callable[[], None]) -> set[int]:
    """Send a door what nobody would; the statuses it answered with."""
    seen = set()

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(requests([door]))
    def anything(request: dict[str, Any]) -> None:
        before()
        answer = browser.request(**request)
        seen.add(answer.status_code)
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert {"code", "title", "hint", "status"} <= set(answer.json())

    anything()
    return seen


def doors_of(world: World) -> list[Door]:
    return [Door(*found) for found in operations(world.browser().get("/openapi.json").json())]


def _examples(door: Door) -> int:
    """How often a door is tried: what changes plots often, a step of forty that share a route less."""
    if "/actions/" in door.path:
        return 8
    return 60 if "{plot_id}" in door.path else 15


@pytest.mark.slow
@pytest.mark.parametrize("user", ["county", "city"])
def test_no_request_meets_a_defect(world: World, user: str) -> None:
    browser = world.browser(user)
    for door in doors_of(world):
        if door.path != SESSION:
            try_out(browser, door, _examples(door), lambda: None)
    assert list(world.services.store.ledger.verify()) == []


@pytest.mark.slow
def test_no_sign_in_meets_a_defect(world: World) -> None:
    seen = set()
    for door in doors_of(world):
        if door.path == SESSION:
            later = partial(world.clock.forward, minutes=11)
            seen |= try_out(world.browser(), door, 60, later)
    assert seen <= {204, 400, 401, 413, 415, 422}
