"""Who am I."""

from fastapi import Response

from api.deps import Doors, Who, signed_in
from api.shapes import answer
from georeview.core.access import actions_of

router = signed_in("session")


@router.get("/me", summary="Who am I, and what may I do")
def me(who: Who, doors: Doors) -> Response:
    """Name, unit, roles with their areas, and actions."""
    return answer(
        {
            "user": who.user,
            "name": who.name,
            "unit": who.unit,
            "grants": [{"role": g.role.value, "area": g.area} for g in who.grants],
            "roles": sorted({g.role.value for g in who.grants}),
            "areas": sorted({g.area for g in who.grants}),
            "actions": [action.value for action in actions_of(who)],
            "demo": doors.settings.demo,
        }
    )
