"""The peer of the marks race: what one writes first, FastAPI over an asynchronous pool.

No sign-in, no rules, no chain, no repeats: a row of what was said, and the plot's new state.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, Header, HTTPException, Request
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel

POOL = 20
SCHEMA = """
CREATE TABLE plain_state (
    plot_id text PRIMARY KEY, version int NOT NULL, mark text NOT NULL, reason text,
    violation text, note text, updated_at timestamptz NOT NULL);
CREATE TABLE plain_event (
    seq bigserial PRIMARY KEY, plot_id text NOT NULL, version int NOT NULL, body jsonb NOT NULL,
    recorded_at timestamptz NOT NULL);
"""
CHANGE = """UPDATE plain_state SET version = version + 1, mark = %(mark)s, reason = %(reason)s,
    violation = %(violation)s, note = %(note)s, updated_at = now()
WHERE plot_id = %(plot_id)s AND version = %(base)s RETURNING version"""
ADD = """INSERT INTO plain_event (plot_id, version, body, recorded_at)
VALUES (%s, %s, %s, now())"""


class Mark(BaseModel):
    """What is said of a plot."""

    mark: str
    reason: str | None = None
    violation: str | None = None
    note: str | None = None


class Kept(Mark):
    """The plot as it is now."""

    plot_id: str
    version: int


@asynccontextmanager
async def _pool(application: FastAPI) -> AsyncIterator[None]:
    address = os.environ["MARKS_DATABASE"]
    async with AsyncConnectionPool(address, min_size=POOL, max_size=POOL, open=False) as pool:
        await pool.wait()
        application.state.pool = pool
        yield


app = FastAPI(lifespan=_pool)


@app.get("/readyz")
async def readyz() -> dict[str, str]:
    """The pool is there."""
    return {"status": "ok"}


@app.post("/api/v1/plots/{plot_id}/marks", status_code=201)
async def post_mark(
    request: Request, plot_id: str, mark: Mark, if_match: Annotated[str, Header()]
) -> Kept:
    """Keep a mark, if the plot has not moved on."""
    said = mark.model_dump()
    async with request.app.state.pool.connection() as connection:
        place = {"plot_id": plot_id, "base": int(if_match.strip('"'))}
        row = await (await connection.execute(CHANGE, said | place)).fetchone()
        if row is None:
            raise HTTPException(412)
        await connection.execute(ADD, (plot_id, row[0], Jsonb(said)))
    return Kept(plot_id=plot_id, version=row[0], **said)
