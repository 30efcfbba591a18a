"""Names of third parties on record of a plot, and erasing them."""

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Doors, JsonBody, Who, signed_in
from api.shapes import Json, answer, refusals, shanghai
from georeview.core.access import Action
from georeview.core.personal import OnRecord

router = signed_in("personal", Action.SEE_PERSONAL)
erasing = signed_in("personal", Action.ERASE_PERSONAL)


class ErasureIn(BaseModel):
    """What is to be erased, and why."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"reason": "当事人申请删除,巴河办〔2024〕3号"}]},
    )
    reason: str = Field(max_length=400)
    field: Literal["person", "party"] | None = Field(None, description="all fields when left out")


_ERASURE = JsonBody(ErasureIn)


@router.get("/plots/{plot_id}/personal", summary="Names on record", responses=refusals(404))
def on_record(plot_id: str, who: Who, doors: Doors) -> Response:
    """Each name with the hash that stands in the events; of erased ones, when, by whom and why."""
    return answer({"items": [_item(one) for one in doors.personal.of(who, plot_id)]})


@erasing.post(
    "/plots/{plot_id}/personal/erasure",
    summary="Erase names for good",
    responses=refusals(404, 409, 413, 415, 422),
    openapi_extra=_ERASURE.described(),
)
def erase(
    plot_id: str, body: Annotated[ErasureIn, Depends(_ERASURE)], who: Who, doors: Doors
) -> Response:
    """The ledger stays whole: it holds salted hashes, and the salt is erased too."""
    left = doors.personal.erase(who, plot_id, body.reason, body.field)
    return answer({"items": [_item(one) for one in left]})


def _item(one: OnRecord) -> Json:
    at = one.erased_at and shanghai(one.erased_at)
    return {**asdict(one), "erased_at": at}
