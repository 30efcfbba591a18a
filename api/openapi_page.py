"""The OpenAPI document as rows for a plain page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address.

    Attributes:
        anchor: Name to link to.
        method: In capitals.
        path: Address with its placeholders.
        tag: Group it belongs to.
        summary: One line.
        description: More of it.
        parameters: Name, place and type of each.
        body: Example of the body as JSON text, or its schema; empty when it takes none.
        answers: Status codes.
    """

    anchor: str
    method: str
    path: str
    tag: str
    summary: str
    description: str
    parameters: tuple[tuple[str, str, str], ...]
    body: str
    answers: tuple[str, ...]


def operations(document: Mapping[str, Any]) -> list[Operation]:
    """Every operation in the document's order."""
    return list(_walk(document))


def _walk(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield _operation(path, method, methods[method])


def _operation(path: str, method: str, given: Mapping[str, Any]) -> Operation:
    parameters = tuple(
        (p["name"], p["in"], str(p.get("schema", {}).get("type", "")))
        for p in given.get("parameters", [])
    )
    return Operation(
        anchor=given["operationId"],
        method=method.upper(),
        path=path,
        tag=(given.get("tags") or [""])[0],
        summary=given.get("summary", ""),
        description=given.get("description", ""),
        parameters=parameters,
        body=_body(given),
        answers=tuple(given.get("responses", {})),
    )


def _body(given: Mapping[str, Any]) -> str:
    content = given.get("requestBody", {}).get("content", {})
    for media in content.values():
        shown = media.get("example") or media.get("schema")
        return orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode("utf-8")
    return ""
