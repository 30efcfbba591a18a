"""One file a noun; ``SIGN_IN``, ``API`` and ``ROOT`` list their routers."""

from fastapi import APIRouter

from api.routes import (
    batches,
    bulk,
    changes,
    escalations,
    evidence,
    exports,
    figures,
    health,
    imagery,
    imports,
    jobs,
    keys,
    layer_drafts,
    layers,
    live,
    locks,
    marks,
    me,
    notices,
    people,
    permits,
    personal,
    plots,
    registers,
    reports,
    results,
    returns,
    samples,
    session,
    tiles,
    ui,
    webhooks,
)

SIGN_IN: APIRouter = session.router
"""Under ``/api/v1``, for whoever is not signed in yet."""

STEPS: APIRouter = marks.router
"""Marks and steps, with their whole address: the busiest way, tried before all others."""

API: tuple[APIRouter, ...] = (
    me.router,
    batches.router,
    plots.router,
    personal.router,
    personal.erasing,
    permits.router,
    bulk.router,
    locks.router,
    changes.router,
    evidence.router,
    layer_drafts.router,
    layers.router,
    imagery.router,
    imports.router,
    exports.router,
    reports.router,
    escalations.router,
    escalations.issuing,
    results.router,
    returns.router,
    jobs.router,
    figures.router,
    figures.publishing,
    samples.router,
    samples.looking,
    *registers.ROUTERS,
    people.router,
    keys.router,
    webhooks.router,
    notices.router,
)
"""Under ``/api/v1``, for whoever is signed in."""

ROOT: tuple[APIRouter, ...] = (tiles.router, ui.router, live.router, health.router)
"""Outside the base path."""
