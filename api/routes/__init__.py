"""One file a noun; ``ROUTERS`` is the list of them."""

from fastapi import APIRouter

from api.routes import (
    batches,
    evidence,
    exports,
    health,
    imagery,
    layers,
    marks,
    me,
    plots,
    session,
    tiles,
    ui,
)

API: tuple[APIRouter, ...] = (
    session.router,
    me.router,
    batches.router,
    plots.router,
    marks.router,
    evidence.router,
    layers.router,
    imagery.router,
    exports.router,
)
"""Under ``/api/v1``."""

ROOT: tuple[APIRouter, ...] = (tiles.router, ui.router, health.router)
"""Outside the base path."""
