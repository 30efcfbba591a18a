"""Keys with which other systems come."""

from typing import Annotated

from fastapi import Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Doors, JsonBody, Language, Who, signed_in
from api.routes.people import givable, role_name
from api.shapes import Json, answer, refusals, shanghai
from georeview import texts
from georeview.core.access import Action, Grant, Role
from georeview.services.keys import is_over
from georeview.storage.ports.people import AccessKey

router = signed_in("people", Action.PEOPLE)


class KeyIn(BaseModel):
    """A new key."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "river-ledger",
                    "role": "county",
                    "area": "511923",
                    "unit": "平昌县水利局",
                    "expires": "2027-12-31",
                }
            ]
        },
    )
    name: str = Field(max_length=50)
    role: Role
    area: str = Field(max_length=20)
    unit: str | None = Field(None, max_length=200)
    expires: str | None = Field(None, max_length=10, description="its last day; empty for none")


_KEY = JsonBody(KeyIn)


def _shape(key: AccessKey, doors: Doors, lang: texts.Lang) -> Json:
    over = is_over(key, doors.clock())
    return {
        "id": key.key_id,
        "name": key.name,
        "unit": key.unit,
        "role": key.role,
        "role_name": role_name(Role(key.role), lang),
        "area": key.area,
        "state": "revoked" if key.revoked_at else "expired" if over else "active",
        "created_at": shanghai(key.created_at),
        "created_by": key.created_by,
        "expires_at": shanghai(key.expires_at) if key.expires_at else None,
        "revoked_at": shanghai(key.revoked_at) if key.revoked_at else None,
        "last_used_on": key.last_used,
    }


@router.get("/keys", summary="Keys I look after, also those that are over")
def keys(who: Who, doors: Doors, lang: Language) -> Response:
    """Of a key only its hash is kept: nobody can be told it again."""
    items = [_shape(key, doors, lang) for key in doors.keys.all(who)]
    return answer({"items": items, "may_give": givable(who, lang)})


@router.post(
    "/keys",
    status_code=201,
    summary="Make a key for another system",
    responses=refusals(403, 409, 413, 415, 422),
    openapi_extra=_KEY.described(),
)
def add(body: Annotated[KeyIn, Depends(_KEY)], who: Who, doors: Doors, lang: Language) -> Response:
    """``key`` is told this once; it is sent as ``Authorization: Bearer …``."""
    made = doors.keys.add(
        who,
        body.name,
        Grant(body.role, body.area),
        unit=body.unit or None,
        expires_on=body.expires or None,
    )
    return answer(_shape(made.key, doors, lang) | {"key": made.secret}, 201)


@router.delete("/keys/{key_id}", status_code=204, summary="Revoke it", responses=refusals(404))
def revoke(key_id: str, who: Who, doors: Doors) -> Response:
    """From now on it opens nothing; it stays in the list."""
    doors.keys.revoke(who, key_id)
    return Response(status_code=204)
