"""The document others build their clients from: whole, valid, and true to the answers."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest

from api import shapes
from api.openapi import operations
from georeview.core.commands import ACTION_FIELDS, check
from georeview.core.procedure import TRANSITIONS
from tests.api.conftest import BATCH, World
from tests.api.test_evidence import attach, photo


@pytest.fixture
def document(world: World) -> dict[str, Any]:
    return world.browser().get("/openapi.json").json()


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def target(document: dict[str, Any], reference: str) -> Any:
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    found = set(references(document))
    assert "#/components/schemas/Problem" in found
    for reference in found:
        assert reference.startswith("#/")
        target(document, reference)


def test_operations_have_names_of_their_own_and_say_what_they_do(document: dict[str, Any]) -> None:
    told = [operation for _, _, operation in operations(document)]
    names = [operation["operationId"] for operation in told]
    assert len(names) == len(set(names))
    for path, method, operation in operations(document):
        assert operation["summary"], (method, path)
        in_path = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert in_path == set(re.findall(r"\{(\w+)\}", path)), path


def test_every_body_and_answer_has_an_example_that_fits(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        bodies = operation.get("requestBody", {}).get("content", {})
        answers = [
            kind
            for answer in operation["responses"].values()
            for kind in target_of(document, answer).get("content", {}).items()
        ]
        for media, content in (*bodies.items(), *answers):
            if "json" not in media:
                continue
            assert "example" in content, (method, path, media)
            model = content["schema"].get("$ref", "").rpartition("/")[2]
            if model:
                getattr(shapes, model).model_validate(content["example"])
            known = content["schema"].get("properties")
            assert known is None or set(content["example"]) <= set(known), (method, path)


def test_the_examples_of_steps_are_steps(document: dict[str, Any]) -> None:
    posts = document["paths"]["/api/v1/plots/{plot_id}/marks"]["post"]
    check("mark", posts["requestBody"]["content"]["application/json"]["example"])
    for action in TRANSITIONS:
        posts = document["paths"][f"/api/v1/plots/{{plot_id}}/actions/{action}"]["post"]
        content = posts["requestBody"]["content"]["application/json"]
        # The parts of a split come as shapes and stand in the event as plots.
        example = {name: value for name, value in content["example"].items() if name != "parts"}
        assert check(action, example) == example
        assert set(content["schema"].get("required", ())) <= set(content["example"])
    assert set(content["schema"]["properties"]) - {"observed_at"} == {
        field.name for field in ACTION_FIELDS[action]
    }
    assert "/api/v1/plots/{plot_id}/actions/{action}" not in document["paths"]


def target_of(document: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    return target(document, answer["$ref"]) if "$ref" in answer else answer


def test_refusals_are_problems_and_nothing_else(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        refused = {s: a for s, a in operation["responses"].items() if int(s) >= 400}
        for status, answer in refused.items():
            assert list(target_of(document, answer)["content"]) == ["application/problem+json"]
            assert answer["$ref"].endswith(status)
        if path.startswith("/api/v1/") and path != "/api/v1/session":
            assert {"401", "503"} <= set(refused), (method, path)


def names(value: object) -> object:
    """The names of an answer, to any depth that examples and answers share."""
    return set(value) if isinstance(value, dict) else type(value)


def test_examples_are_like_real_answers(world: World, document: dict[str, Any]) -> None:
    county, city = world.browser("county"), world.browser("city")
    kept = attach(county, photo())
    sent = {"mark": "false_positive", "reason": "FP31"}
    marked = county.post("/api/v1/plots/p0/marks", json=sent, headers={"If-Match": '"2"'})
    submitted = county.post("/api/v1/plots/p0/actions/submit", headers={"If-Match": '"3"'})
    asked = county.post("/api/v1/exports", json={"batch": BATCH, "format": "csv"})
    real = {
        "GET /api/v1/me": county.get("/api/v1/me"),
        "GET /api/v1/batches": county.get("/api/v1/batches"),
        "GET /api/v1/batches/{batch}": city.get(f"/api/v1/batches/{BATCH}"),
        "GET /api/v1/plots": county.get("/api/v1/plots"),
        "GET /api/v1/plots/{plot_id}": county.get("/api/v1/plots/p0"),
        "GET /api/v1/plots/{plot_id}/history": county.get("/api/v1/plots/p0/history"),
        "GET /api/v1/changes": county.get("/api/v1/changes"),
        "POST /api/v1/plots/{plot_id}/evidence": kept,
        "POST /api/v1/plots/{plot_id}/marks": marked,
        "POST /api/v1/plots/{plot_id}/actions/submit": submitted,
        "POST /api/v1/exports": asked,
        "GET /api/v1/exports/{export_id}": county.get(f"/api/v1/exports/{asked.json()['id']}"),
        "GET /api/v1/stats": county.get("/api/v1/stats"),
        "GET /api/v1/figures": county.get("/api/v1/figures"),
        "GET /api/v1/league": city.get("/api/v1/league"),
        "POST /api/v1/league/published": city.post("/api/v1/league/published", json={}),
        "GET /api/v1/league/published": county.get("/api/v1/league/published"),
        "GET /api/v1/league/plots": city.get("/api/v1/league/plots?set=dispatched"),
        "GET /tiles/plots/tilejson.json": county.get("/tiles/plots/tilejson.json"),
        "GET /healthz": county.get("/healthz"),
        "GET /readyz": county.get("/readyz"),
        "GET /version": county.get("/version"),
    }
    for key, answer in real.items():
        method, path = key.split(" ")
        responses = document["paths"][path][method.lower()]["responses"]
        told = target_of(document, responses[str(answer.status_code)])
        example = told["content"]["application/json"]["example"]
        given = answer.json()
        assert set(example) == set(given), key
        for name in ("event", "plot"):
            assert names(example.get(name)) == names(given.get(name)), (key, name)
        if example.get("items"):
            assert set(example["items"][0]) == set(given["items"][0]), key


def test_the_document_can_be_read_without_signing_in(world: World) -> None:
    answer = world.browser().get("/openapi.json")
    assert answer.status_code == 200
    assert io.BytesIO(answer.content).getbuffer().nbytes < 400_000
