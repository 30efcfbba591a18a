"""Plots: lists, one plot, its history and its facts."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Query, Response

from api.deps import Doors, Language, Who, signed_in
from api.shapes import (
    FactSheet,
    History,
    PlotDetail,
    PlotPage,
    answer,
    answers,
    detail,
    facts,
    items,
    past,
    refusals,
)
from georeview.clock import SHANGHAI
from georeview.core.access import Action
from georeview.core.plot import Mark, Stage
from georeview.core.query import MAX_LIMIT, Filter, box_of, instant_of
from georeview.services import cql2
from georeview.services.lines import event
from georeview.services.plots import encode_cursor, page_of

router = signed_in("plots", Action.SEE)

Determination = Literal["not_problem", "not_problem_historic", "problem", "problem_historic"]


class PlotQuery:
    """The conditions of a list, from the query string."""

    def __init__(
        self,
        doors: Doors,
        batch: Annotated[str | None, Query(max_length=200)] = None,
        county: Annotated[str | None, Query(max_length=12)] = None,
        township: Annotated[str | None, Query(max_length=12)] = None,
        mark: Annotated[list[Mark] | None, Query(max_length=4)] = None,
        determination: Determination | None = None,
        stage: Annotated[list[Stage] | None, Query(max_length=20)] = None,
        overdue: Annotated[bool, Query()] = False,
        assignee: Annotated[str | None, Query(max_length=60)] = None,
        reason: Annotated[str | None, Query(max_length=8)] = None,
        q: Annotated[str | None, Query(max_length=200)] = None,
        bbox: Annotated[
            str | None, Query(max_length=120, examples=["107.0,31.5,107.2,31.6"])
        ] = None,
        updated_since: datetime | None = None,
        filter: Annotated[  # noqa: A002 - the standard's word
            str | None,
            Query(
                max_length=cql2.CHARACTERS_MAX,
                description="CQL2, text or JSON, over the members of an item; docs/filters.md",
                examples=["mark = 'pending' AND area_m2 > 500"],
            ),
        ] = None,
        second_look: bool = False,
        conflict: Annotated[
            bool, Query(description="a record that came too late waits to be settled")
        ] = False,
        permit: Annotated[
            str | None, Query(max_length=80, description="rests on this permit")
        ] = None,
        without_permit: Annotated[
            bool, Query(description="a work that needs a permit and rests on none that holds")
        ] = False,
        permit_over: Annotated[
            bool, Query(description="closed on a permit that has run out")
        ] = False,
        outdated: bool = False,
    ) -> None:
        today = doors.clock().astimezone(SHANGHAI).date()
        self.where = Filter(
            batch=batch,
            county=county,
            township=township,
            marks=tuple(mark or ()),
            stages=tuple(stage or ()),
            determination=determination,
            reason=reason,
            assignee=assignee,
            overdue_on=today if overdue else None,
            q=q,
            bbox=box_of(bbox),
            updated_since=instant_of(updated_since),
            second_look=second_look,
            conflict=conflict,
            permit=permit,
            without_permit_on=today if without_permit else None,
            permit_over_on=today if permit_over else None,
            condition=cql2.read(filter),
            facts_not_on=doors.overlay.current_versions() if outdated else None,
        )


@router.get(
    "/plots",
    summary="Plots in my area",
    responses=answers(PlotPage, 400, 422),
)
def plots(
    who: Who,
    doors: Doors,
    query: Annotated[PlotQuery, Depends()],
    sort: Annotated[str, Query(max_length=20, examples=["-area_m2"])] = "source_id",
    limit: Annotated[int, Query(ge=1, description=f"at most {MAX_LIMIT}; more is clamped")] = 100,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    count: Annotated[str, Query(pattern="^(exact|none)$")] = "exact",
    geometry: bool = False,
) -> Response:
    """A part of a list; ``next`` leads on, ``matched`` is the exact number."""
    part = page_of(sort, limit=limit, cursor=cursor)
    page = doors.plots.page(who, query.where, part, count=count == "exact")
    return answer(
        {
            "items": items(page.items, doors.plots, geometry=geometry),
            "matched": page.matched,
            "next": encode_cursor(part, page.after),
        }
    )


@router.get(
    "/plots/{plot_id}",
    summary="One plot",
    responses=answers(PlotDetail, 404),
)
def plot(plot_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """Everything about one plot; the ETag is what a change of it must name."""
    seen = doors.plots.detail(who, plot_id)
    return answer(detail(seen, doors.plots, lang), ETag=f'"{seen.plot.review.version}"')


@router.get(
    "/plots/{plot_id}/history",
    summary="Its events, oldest first",
    responses=answers(History, 404),
)
def history(plot_id: str, who: Who, doors: Doors) -> Response:
    """What was done, by whom, when, with the hash of each event."""
    names = doors.plots.names(who, plot_id)
    return answer({"items": [event(kept, names) for kept in doors.plots.history(who, plot_id)]})


@router.get(
    "/plots/{plot_id}/shapes",
    summary="What it was given, oldest first",
    responses=refusals(404),
)
def shapes(plot_id: str, who: Who, doors: Doors) -> Response:
    """Shape and values of every delivery; `until_seq` is the event that replaced them."""
    return answer({"items": list(map(past, doors.plots.given(who, plot_id)))})


@router.get(
    "/plots/{plot_id}/facts",
    summary="Its overlay facts",
    responses=answers(FactSheet, 404),
)
def plot_facts(plot_id: str, who: Who, doors: Doors, lang: Language) -> Response:
    """Each fact with the layer version it comes from and when it was computed.

    `outdated`: a layer it rests on has a newer version. `lineage`: plots of other batches at this
    place, the earlier ones the closest first, then the `later` ones, each with what became of it.
    """
    seen = doors.plots.detail(who, plot_id)
    found = seen.plot.facts
    outdated = found is not None and found.layers != doors.overlay.current_versions()
    kinships = doors.lineage.of(who, seen.plot)
    return answer(facts(seen, kinships, lang) | {"outdated": outdated})
