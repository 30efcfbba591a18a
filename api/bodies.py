"""JSON schemas of bodies, from the tables of fields that also check them."""

from collections.abc import Iterable
from typing import Any

from georeview.core.commands import BodyField


def schema(fields: Iterable[BodyField], **more: Any) -> dict[str, Any]:
    """JSON schema of a body.

    Args:
        fields: What it may carry.
        **more: Properties that are no fields of a table.
    """
    properties: dict[str, Any] = dict(more)
    for field in fields:
        shape: dict[str, Any] = {"type": "string", "description": f"{field.zh} / {field.en}"}
        if field.kind == "ids":
            shape |= {"type": "array", "items": {"type": "string"}, "maxItems": field.limit}
        elif field.kind == "parts":
            shape |= {"type": "array", "items": {"type": "object"}, "maxItems": field.limit}
        elif field.kind == "choice":
            shape["enum"] = list(field.choices)
        elif field.kind == "date":
            shape["format"] = "date"
        elif field.kind == "decimal":
            shape["pattern"] = r"^\d{1,12}(\.\d{1,2})?$"
        else:
            shape["maxLength"] = field.limit
        properties[field.name] = shape
    return {"type": "object", "properties": properties, "additionalProperties": False}
