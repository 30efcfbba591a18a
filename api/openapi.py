"""The OpenAPI document: what FastAPI knows of the routes, with examples and our refusals.

Example answers stand in ``examples.json``, one per address; a test compares them with real ones.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api import BASE
from api.openapi_steps import told_apart
from api.shapes import Problem

Json = dict[str, Any]


SIGN_IN = f"{BASE}/session"
PASSWORD = f"{BASE}/session/password"
METHODS = ("get", "post", "put", "patch", "delete")
PROBLEM = "#/components/schemas/Problem"

REFUSALS: Mapping[str, tuple[str, str]] = {
    "400": ("Not readable as what it claims to be, or an unknown parameter", "malformed"),
    "401": ("Not signed in", "not_signed_in"),
    "403": ("Not yours to do", "forbidden"),
    "404": ("Not there, or not visible to you", "not_found"),
    "409": ("Against the rules of the workflow; says what is missing", "evidence_incomplete"),
    "412": ("Somebody was first; the present state of the plot is in `plot`", "stale_version"),
    "413": ("Over a stated limit", "too_large"),
    "415": ("A kind of content that is not taken", "wrong_kind"),
    "422": ("A value that is not possible; `errors` names the fields", "bad_value"),
    "428": ("The change names no version", "version_missing"),
    "429": ("Too often; `Retry-After` says when to come back", "too_often"),
    "503": ("Cannot be kept or read now; `Retry-After` says when to try again", "disk_full"),
}
"""Status → what it means, and the code of its example."""


def install(app: FastAPI) -> None:
    """Let the app describe itself by this document."""
    app.openapi = _document_of(app)  # type: ignore[method-assign]


def _document_of(app: FastAPI) -> Callable[[], Json]:
    def document() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    return document


def _document(app: FastAPI) -> Json:
    found = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    parts = found.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = Problem.model_json_schema()
    parts["responses"] = {f"Refused{status}": _refused(status) for status in REFUSALS}
    parts["securitySchemes"] = {
        "session": {"type": "apiKey", "in": "cookie", "name": "georeview_session"},
        "key": {"type": "http", "scheme": "bearer"},
    }
    examples = orjson.loads(resources.files(__package__).joinpath("examples.json").read_bytes())
    for path, method, operation in operations(found):
        _refine(path, operation, examples.get(f"{method.upper()} {path}"))
    told_apart(found)
    return found


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Address, method and description of everything in a document."""
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method]


def _refined_statuses(path: str, operation: Json) -> set[str]:
    """What can refuse it: what it names, and what stands before every address of its kind."""
    named = {status for status in operation["responses"] if int(status) >= 400}
    if not operation.get("parameters") and "requestBody" not in operation:
        named.discard("422")
    if path.startswith(f"{BASE}/"):
        named |= {"400", "503"}
    if path not in {SIGN_IN, "/healthz", "/readyz", "/version"}:
        named |= {"401"}
    if operation.get("tags") != ["session"] and (path.startswith((f"{BASE}/", "/tiles/"))):
        named |= {"403"}
    if "{" in path:
        named |= {"404"}
    return named | ({"503"} if path == "/readyz" else set())


def _refine(path: str, operation: Json, example: object) -> None:
    statuses = _refined_statuses(path, operation)
    kept = {status: told for status, told in operation["responses"].items() if int(status) < 400}
    for told in kept.values():
        if example is not None:
            content = told.setdefault("content", {}).setdefault("application/json", {"schema": {}})
            content["example"] = example
            if not content["schema"]:
                content["schema"] = {"type": "object"}
        elif told.get("content", {}).get("application/json", {}).get("schema") == {}:
            # Bytes of some other kind; FastAPI takes every answer for JSON.
            told["content"] = {"application/octet-stream": {}}
    refused = {
        status: {"$ref": f"#/components/responses/Refused{status}"} for status in sorted(statuses)
    }
    operation["responses"] = kept | refused
    if "401" in statuses and path != SIGN_IN:
        operation["security"] = [{"session": []}, {"key": []}]


def _refused(status: str) -> Json:
    meaning, code = REFUSALS[status]
    example = {
        "type": f"/problems/{code}",
        "title": meaning,
        "status": int(status),
        "detail": meaning,
        "code": code,
        "hint": "",
        "errors": [],
        "request_id": "8f14e45fceea167a",
    }
    content: Json = {"schema": {"$ref": PROBLEM}, "example": example}
    return {"description": meaning, "content": {"application/problem+json": content}}
