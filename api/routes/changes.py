"""The feed of changes for other systems."""

from typing import Annotated, Any

from fastapi import Query, Response

from api.deps import Doors, Who, signed_in
from api.shapes import Changes, answer, answers
from georeview.core.access import Action
from georeview.errors import BadValue
from georeview.services.lines import change

router = signed_in("review", Action.SEE)

LIMIT_MAX = 1000


@router.get("/changes", summary="Changes since a cursor", responses=answers(Changes, 403, 422))
def changes(
    who: Who,
    doors: Doors,
    since: Annotated[str, Query(max_length=20, examples=["0"])] = "0",
    limit: Annotated[int, Query(ge=1, description=f"at most {LIMIT_MAX}; more is clamped")] = 100,
) -> Response:
    """Every event of my area in the order of the ledger; follow ``next``, also when nothing came.

    ``kind`` is ``event``; ``entered_scope`` when the event brought the plot into my area, with the
    whole review as it was then in ``state``; ``left_scope`` when it took it away, without content.
    """
    if not (since.isascii() and since.isdigit()) or int(since) > 2**62:
        raise BadValue(field="since", value=since)
    part = doors.feed.changes(who, int(since), min(limit, LIMIT_MAX))
    shown: list[dict[str, Any]] = [change(kind, item) for kind, item in part.items]
    return answer({"items": shown, "next": str(part.next), "more": part.more})
