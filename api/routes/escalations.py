"""Counties that do not act: what is suggested, what was issued, what they answered."""

import json
from datetime import date as day
from typing import Annotated

from fastapi import Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import Doors, JsonBody, Language, Who, signed_in
from api.shapes import Json, answer, refusals, shanghai
from georeview import texts
from georeview.core.access import Action
from georeview.core.escalation import REPLY_DAYS, basis_of
from georeview.services.escalations import Desk, Suggested
from georeview.storage.ports.escalations import Escalation

router = signed_in("escalation", Action.FIGURES)
issuing = signed_in("escalation", Action.ESCALATE)


class EscalationIn(BaseModel):
    """What to issue, to whom."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "county": "511921",
                    "step": "notice",
                    "basis": "first_overdue",
                    "document_no": "巴河长办〔2023〕9号",
                }
            ]
        },
    )
    batch: str | None = Field(None, max_length=200, description="the newest when not named")
    county: str = Field(max_length=12)
    step: str = Field(max_length=20, description=", ".join(REPLY_DAYS))
    basis: str = Field(max_length=40, description="a trigger, or by_hand with a text")
    clock: str | None = Field(None, max_length=10, description="which of two suggestions is meant")
    document_no: str = Field(max_length=200)
    date: day | None = Field(None, description="answer due; a summons needs it")
    text: str = Field("", max_length=2000)


class ReplyIn(BaseModel):
    """What a county answered, and when."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"date": "2023-07-07", "text": "已全部完成复核"}]},
    )
    date: day
    text: str = Field(max_length=2000)


_ESCALATION, _REPLY = JsonBody(EscalationIn), JsonBody(ReplyIn)


def _issued(one: Escalation, today: day, names: dict[str, str], lang: texts.Lang) -> Json:
    silent = one.reply_due is not None and one.replied_on is None
    return {
        "id": one.escalation_id,
        "batch": one.batch,
        "county": one.county,
        "county_name": names.get(one.county),
        "step": one.step,
        "basis": one.basis,
        "says": _because(one.basis, json.loads(one.facts), lang),
        "document_no": one.document_no,
        "issued_on": one.issued_on,
        "reply_due": one.reply_due,
        "overdue": silent and str(one.reply_due) < today.isoformat(),
        "text": one.text,
        "plots": len(json.loads(one.plots)),
        "by": one.unit,
        "at": shanghai(one.at),
        "replied_on": one.replied_on,
        "reply": one.reply,
    }


def _because(basis: str, facts: Json, lang: texts.Lang) -> str:
    return texts.say(f"escalation.because.{basis}", lang, **facts)


def _suggested(one: Suggested, names: dict[str, str], lang: texts.Lang) -> Json:
    found = one.proposal
    return {
        "county": one.county,
        "county_name": names.get(one.county),
        "step": found.step,
        "basis": found.basis,
        "clock": found.clock,
        "facts": found.facts,
        "says": _because(found.basis, dict(found.facts), lang),
        "reply_due": one.reply_due and one.reply_due.isoformat(),
        "plots": len(found.plots),
        "first_plots": [{"plot_id": p, "source_id": n} for p, n in one.numbers.items()],
    }


def _overview(desk: Desk, names: dict[str, str]) -> list[Json]:
    """What each county was issued, and how much of it is unanswered."""
    today = desk.today.isoformat()
    counties = {one.county for one in desk.issued} | {one.county for one in desk.suggested}
    return [
        {
            "county": county,
            "county_name": names.get(county),
            **{step: sum((o.county, o.step) == (county, step) for o in desk.issued) for step in REPLY_DAYS},
            "unanswered": sum(
                o.county == county and bool(o.reply_due) and o.replied_on is None and str(o.reply_due) < today
                for o in desk.issued
            ),
            "stopped": desk.stopped.get(county, {}),
        }
        for county in sorted(counties | set(desk.stopped))
    ]  # fmt: skip


@router.get("/escalations", summary="What was issued to counties", responses=refusals(404))
def escalations(
    who: Who,
    doors: Doors,
    lang: Language,
    batch: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """For whoever issues also what the figures suggest now, each with what it rests on."""
    desk, names = doors.escalations.desk(who, batch), dict(doors.plots.place_names())
    return answer(
        {
            "batch": desk.batch,
            "as_of": desk.today.isoformat(),
            "suggested": [_suggested(one, names, lang) for one in desk.suggested],
            "issued": [_issued(one, desk.today, names, lang) for one in desk.issued],
            "counties": _overview(desk, names),
            "basis": {step: basis_of(step) for step in REPLY_DAYS},
        }
    )


@issuing.post(
    "/escalations",
    status_code=201,
    summary="Issue a reminder, notice, summons or criticism",
    responses=refusals(403, 404, 409, 413, 415, 422),
    openapi_extra=_ESCALATION.described(),
)
def issue(
    body: Annotated[EscalationIn, Depends(_ESCALATION)], who: Who, doors: Doors, lang: Language
) -> Response:
    """An event `escalate` of every plot it names, and one record of the county.

    Working days to answer in are those of the step: 5 for a notice, 10 for a criticism.
    """
    given = body.model_dump(exclude={"date"})
    made, taken = doors.escalations.issue(who, **given, reply_due=body.date)
    names = dict(doors.plots.place_names())
    return answer(_issued(made, doors.figures.day(None), names, lang) | {"events": taken}, 201)


@issuing.post(
    "/escalations/{escalation_id}/reply",
    summary="Record what a county answered",
    responses=refusals(403, 404, 409, 413, 415, 422),
    openapi_extra=_REPLY.described(),
)
def reply(
    escalation_id: str,
    body: Annotated[ReplyIn, Depends(_REPLY)],
    who: Who,
    doors: Doors,
    lang: Language,
) -> Response:
    """Once; without it the next step is suggested when the answer is due."""
    made = doors.escalations.reply(who, escalation_id, body.date, body.text)
    names = dict(doors.plots.place_names())
    return answer(_issued(made, doors.figures.day(None), names, lang))
