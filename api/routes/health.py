"""Is the process there, can it serve, which version is it."""

from fastapi import APIRouter, Response

from api.deps import Doors
from api.shapes import answer
from georeview import __version__

router = APIRouter(tags=["operations"])


@router.get("/healthz", summary="The process answers")
def healthz() -> Response:
    """Alive."""
    return answer({"status": "ok"}, Cache_Control="no-store")


@router.get("/readyz", summary="The service can serve")
def readyz(doors: Doors) -> Response:
    """Store and home can be written and belong together, the disk has room, the clock is right."""
    doors.operations.check()
    return answer({"status": "ready"}, Cache_Control="no-store")


@router.get("/version", summary="Which version this is")
def version() -> Response:
    """Version of the software."""
    return answer({"version": __version__}, Cache_Control="no-store")
