"""Who is reviewing a plot just now."""

from fastapi import Response

from api.deps import Doors, Who, signed_in
from api.shapes import PlotLock, answer, answers, lock, refusals
from georeview.core.access import Action

router = signed_in("review", Action.SEE)


@router.put(
    "/plots/{plot_id}/lock",
    summary="Take a plot for review, or keep it longer",
    responses=answers(PlotLock, 403, 404, 409),
)
def take(plot_id: str, who: Who, doors: Doors, over: bool = False) -> Response:
    """For some minutes nobody else marks or submits it; the first mark does the same.

    `over=true` takes it from whoever has it: for county and city.
    """
    return answer(lock(doors.locks.take(who, plot_id, over=over)))


@router.delete(
    "/plots/{plot_id}/lock",
    status_code=204,
    summary="Let go of a plot",
    responses=refusals(403, 404),
)
def release(plot_id: str, who: Who, doors: Doors) -> Response:
    """One's own lock, or, for county and city, anybody's. Nothing to let go of is no error."""
    doors.locks.release(who, plot_id)
    return Response(status_code=204)
