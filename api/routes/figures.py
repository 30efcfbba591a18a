"""Key figures, the league table, what was published, and the plots behind a figure."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import orjson
from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Doors, JsonBody, Who, signed_in
from api.shapes import Json, answer, refusals, shanghai
from georeview.core.access import Action
from georeview.core.breakdown import DIMENSIONS
from georeview.core.figures import FIGURES, FORMULA_VERSION, SETS
from georeview.errors import BadValue
from georeview.services.figures import MOST_PLOTS, BehindPlot, told
from georeview.storage.ports.figures import League

router = signed_in("figures", Action.FIGURES)
publishing = signed_in("figures", Action.PUBLISH)

CURSOR_MAX = 19


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of which batch, as of when."""

    batch: Annotated[str | None, Query(max_length=200, description="the newest when not named")] = (
        None
    )
    as_of: Annotated[
        date | None, Query(description="end of this day, Asia/Shanghai; today when not named")
    ] = None


Asked = Annotated[Wanted, Depends(Wanted)]


class LeagueIn(BaseModel):
    """Which table to publish."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"batch": "2023 水利部下发图斑", "as_of": "2023-06-30"}]},
    )
    batch: str | None = Field(None, max_length=200)
    as_of: date | None = None


_LEAGUE = JsonBody(LeagueIn)


By = Literal["county", "township", "river", "disorder", "type", "reason", "reviewer"]


@router.get("/stats", summary="Key figures of my area", responses=refusals(404, 422))
def stats(
    who: Who,
    doors: Doors,
    asked: Asked,
    by: Annotated[By | None, Query(description="part by part, the parts adding up")] = None,
) -> Response:
    """Each rate with what is divided and by what; `null` where there is nothing to divide by.

    With `by`, rows as in `/league`, the largest part first, and their total.
    """
    if by is None:
        return answer(told(doors.figures.stats(who, asked.batch, asked.as_of).total))
    return answer(doors.figures.breakdown(who, by, asked.batch, asked.as_of).as_json())


@router.get("/figures", summary="What each figure means")
def meanings() -> Response:
    """Names and formulas of figures, and the sets of plots they count."""
    figures = [
        {
            "id": row.id,
            "kind": row.kind,
            "zh": row.zh,
            "en": row.en,
            "num": row.num,
            "den": row.den,
            "formula": row.formula,
        }
        for row in FIGURES.values()
    ]
    sets = [{"id": row.id, "zh": row.zh, "en": row.en} for row in SETS.values()]
    parts = [{"id": row.id, "zh": row.zh, "en": row.en} for row in DIMENSIONS.values()]
    told_of = {"items": figures, "sets": sets, "by": parts}
    return answer({"formula_version": FORMULA_VERSION} | told_of)


@router.get("/league", summary="League table of the counties", responses=refusals(404, 422))
def league(who: Who, doors: Doors, asked: Asked) -> Response:
    """The live table for city, province and auditors; for others the one published last by then."""
    if doors.figures.compares(who):
        table = doors.figures.table(who, asked.batch, asked.as_of)
        return answer(table.as_json() | {"published": None})
    return answer(_whole(doors.figures.latest(who, asked.batch, asked.as_of)))


@router.get("/league/published", summary="Published tables", responses=refusals(404, 422))
def published(who: Who, doors: Doors, asked: Asked) -> Response:
    """Newest first; each is as it was shown, whatever happened since."""
    found = doors.figures.published(who, asked.batch, asked.as_of)
    return answer({"items": [_published(one) for one in found]})


@publishing.post(
    "/league/published",
    status_code=201,
    summary="Publish a table",
    responses=refusals(403, 404, 413, 415, 422),
    openapi_extra=_LEAGUE.described(),
)
def publish(body: Annotated[LeagueIn, Depends(_LEAGUE)], who: Who, doors: Doors) -> Response:
    """Freeze the table as it is now, sworn to by a signed head, for every unit to read."""
    return answer(_whole(doors.figures.publish(who, body.batch, body.as_of)), 201)


@router.get("/league/plots", summary="The plots behind a figure", responses=refusals(404, 422))
def plots(
    who: Who,
    doors: Doors,
    asked: Asked,
    plot_set: Annotated[
        str,
        Query(alias="set", max_length=40, examples=["overdue_review"], description="of /figures"),
    ],
    by: Annotated[By, Query(description="what divides the plots")] = "county",
    unit: Annotated[str | None, Query(max_length=200, description="part, `-` for none")] = None,
    limit: Annotated[int, Query(ge=1, description=f"at most {MOST_PLOTS}; more is clamped")] = 100,
    cursor: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """The very plots that were counted, as they stood then; `matched` is the figure."""
    behind = doors.figures.behind(
        who,
        set_id=plot_set,
        batch=asked.batch,
        as_of=asked.as_of,
        by=by,
        unit=unit,
        after=_after(cursor),
        limit=limit,
    )
    return answer(
        {
            "items": [_plot(plot) for plot in behind.items],
            "matched": behind.matched,
            "next": None if behind.after is None else str(behind.after),
        }
    )


def _after(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < CURSOR_MAX):
        raise BadValue(field="cursor", value=cursor[:40])
    return int(cursor)


def _whole(found: League) -> Json:
    """A published table as it was shown."""
    shown: dict[str, Any] = orjson.loads(found.content)
    return shown | {"published": _published(found)}


def _published(found: League) -> Json:
    return {
        "id": found.league_id,
        "as_of": found.as_of,
        "seq": found.seq,
        "sha256": found.sha256,
        "head": orjson.loads(found.head),
        "published_by": found.actor,
        "published_at": shanghai(found.published_at),
    }


def _plot(plot: BehindPlot) -> Json:
    stood = plot.standing
    return {
        "plot_id": plot.plot_id,
        "source_id": plot.source_id,
        "type_issued": plot.type_issued,
        "county": stood.county,
        "stage": stood.stage,
        "determination": stood.determination,
        "review_due_on": plot.review_due,
        "rectify_due_on": plot.rectify_due,
        "overdue_review_days": plot.overdue_review_days,
        "overdue_rectify_days": plot.overdue_rectify_days,
        "days": stood.days,
    }
