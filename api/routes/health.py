"""Is the process there, can it serve, how is it doing, which version is it."""

import platform
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse

from api.deps import Doors, Needs, actor
from api.shapes import answer, refusals
from api.watch import seen_of
from georeview import __version__
from georeview.core.access import Action, need
from georeview.errors.store import Draining
from georeview.meter import Figure
from georeview.metrics import CONTENT_TYPE

router = APIRouter(tags=["operations"])


class NeedsOrNear(Needs):
    """A right of people that machines on the listed addresses have without signing in."""

    async def __call__(self, request: Request) -> None:  # type: ignore[override]
        """Refuse unless the sender is near or has the right.

        A request that somebody passed on is not near, whatever address it seems to come from:
        a proxy on this machine that is not known as one would else open the door to everyone.
        """
        near = request.client is not None and request.client.host in request.app.state.near
        if not near or seen_of(request.scope).behind:
            need(await actor(request), self.action)


@router.get("/healthz", summary="The process answers")
async def healthz() -> Response:
    """Alive."""
    return answer({"status": "ok"}, Cache_Control="no-store")


@router.get("/readyz", summary="The service can serve")
def readyz(request: Request, doors: Doors) -> Response:
    """Store and home can be written and belong together, the disk has room, the clock is right."""
    if request.app.state.drain.begun:
        raise Draining
    doors.operations.check()
    return answer({"status": "ready"}, Cache_Control="no-store")


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=PlainTextResponse,
    responses=refusals(401, 403),
)
def metrics(
    request: Request, doors: Doors, _: Annotated[None, Depends(NeedsOrNear(Action.METRICS))]
) -> Response:
    """Requests, commits, queue, tiles, jobs and processes, as text; all processes together."""
    store = "postgis" if doors.settings.store else "sqlite"
    build = {"version": __version__, "python": platform.python_version(), "store": store}
    figures = [Figure("georeview_build_info", "Which build answers.", 1, build)]
    text = request.app.state.metrics.text([*figures, *doors.operations.figures()])
    return Response(text, media_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


@router.get("/version", summary="Which version this is")
async def version() -> Response:
    """Version of the software."""
    return answer({"version": __version__}, Cache_Control="no-store")
