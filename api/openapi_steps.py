"""The steps of the procedure in the OpenAPI document: an address and a body of its own for each.

One route serves them all; a client that is built from the document should know what each carries.
"""

from copy import deepcopy
from typing import Any

from api import BASE
from api.bodies import schema
from georeview.core.commands import ACTION_FIELDS, BodyField
from georeview.core.procedure import TRANSITIONS
from georeview.texts import say

Json = dict[str, Any]

ALL = f"{BASE}/plots/{{plot_id}}/actions/{{action}}"
_OBSERVED = {"type": "string", "format": "date-time"}
_EXAMPLES: dict[str, object] = {
    "county": "511923",
    "township": "511923101",
    "document_no": "巴河办〔2023〕12号",
    "second": "li",
    "to": "wang",
}
_OF_KIND: dict[str, object] = {
    "text": "说明",
    "date": "2023-06-30",
    "decimal": "120",
    "percent": 60,
    "ids": [],
    "parts": [
        {
            "type": "Polygon",
            "coordinates": [[[107.1, 31.5], [107.2, 31.5], [107.1, 31.6], [107.1, 31.5]]],
        },
        {
            "type": "Polygon",
            "coordinates": [[[107.2, 31.5], [107.2, 31.6], [107.1, 31.6], [107.2, 31.5]]],
        },
    ],
    "point": "107.1,31.5",
}


def told_apart(document: Json) -> None:
    """Put an operation for each step in the place of the one for all."""
    paths = document["paths"]
    whole = paths.pop(ALL)["post"]
    document["components"]["responses"]["StepTaken"] = whole["responses"]["201"]
    whole["responses"]["201"] = {"$ref": "#/components/responses/StepTaken"}
    for action, fields in ACTION_FIELDS.items():
        paths[ALL.replace("{action}", action)] = {"post": _operation(whole, action, fields)}


def _operation(whole: Json, action: str, fields: tuple[BodyField, ...]) -> Json:
    own = deepcopy(whole)
    needed = needs(action)
    body = schema(fields, observed_at=_OBSERVED) | ({"required": needed} if needed else {})
    example = {field.name: _example(field) for field in fields if field.name in needed}
    own["operationId"] = f"step_{action}"
    own["summary"] = say(f"action.{action}", "en").capitalize()
    own["parameters"] = [p for p in own["parameters"] if p["name"] != "action"]
    own["requestBody"]["content"] = {"application/json": {"schema": body, "example": example}}
    own["requestBody"]["required"] = bool(needed)
    return own


def needs(action: str) -> list[str]:
    """What a step must carry, wherever the plot lies."""
    common = set.intersection(*(set(step.needs) for step in TRANSITIONS[action]))
    return [field.name for field in ACTION_FIELDS[action] if field.name in common]


def _example(field: BodyField) -> object:
    if field.choices:
        return field.choices[0]
    return _EXAMPLES.get(field.name, _OF_KIND[field.kind])
