"""One file a noun; ``SIGN_IN``, ``API`` and ``ROOT`` list their routers."""

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

SIGN_IN: APIRouter = session.router
"""Under ``/api/v1``, for whoever is not signed in yet."""

API: tuple[APIRouter, ...] = (
    me.router,
    batches.router,
    plots.router,
    marks.router,
    evidence.router,
    layers.router,
    imagery.router,
    exports.router,
)
"""Under ``/api/v1``, for whoever is signed in."""

ROOT: tuple[APIRouter, ...] = (tiles.router, ui.router, health.router)
"""Outside the base path."""
