"""From the city to whoever reviews: dispatch, claim, refusal, transfer, townships (T02-T09)."""

from datetime import date

from georeview.core.access import Action, Actor
from georeview.core.codes import REFUSALS
from georeview.core.deadlines import later
from georeview.core.plot import Mark, Review, Stage
from georeview.core.procedure.step import OPEN, Case, Changes, Step, stages
from georeview.errors import BadValue
from georeview.errors.review import AlreadySubmitted, RefusalFinal, RefusalLate, RefusedBefore

DAYS_TO_REFUSE = 5
"""Working days after its dispatch in which a county may refuse a plot."""

FINAL_TRANSFER = 2
"""The transfer after which nobody refuses any more."""

UNMARKED: Changes = {
    "mark": Mark.PENDING.value,
    "mark_state": "draft",
    **dict.fromkeys(
        (
            "determination", "outcome", "reason", "reason_source", "violation", "severity",
            "marked_by", "marked_unit", "marked_role", "marked_at", "assignee", "second_look",
            "party",
        )
    ),
}  # fmt: skip
"""What a plot says that nobody has marked."""


def is_code(text: str | None, digits: int) -> bool:
    """Whether this is an area code of so many digits."""
    return text is not None and len(text) == digits and text.isascii() and text.isdigit()


def _to_county(case: Case, county: str) -> Changes:
    return {
        "stage": Stage.AT_COUNTY.value,
        "county": county,
        "township": None,
        "area": county,
        "dispatched_on": case.today.isoformat(),
    }


def _dispatch(case: Case) -> Changes:
    county = case.asked("county") or case.proof.county
    if county is None or not is_code(county, 6) or not county.startswith(case.state.area):
        raise BadValue(field="county", value=county or "")
    return _to_county(case, county)


def _claim(case: Case) -> Changes:
    return {"stage": Stage.IN_REVIEW.value, "assignee": case.actor.user}


def need_code_proof(case: Case) -> None:
    """A coded refusal needs what its code asks for.

    Raises:
        FieldMissing: A field.
        EvidenceIncomplete: A piece of evidence.
    """
    code = REFUSALS[case.asked("code") or ""]
    if code.field:
        case.need(code.field)
    if code.evidence:
        case.need_evidence(code.evidence)


def _refuse(case: Case) -> Changes:
    course = case.course
    need_code_proof(case)
    if case.state.submitted_at is not None:
        raise AlreadySubmitted(action="refuse")
    if (course.transfers or 0) >= FINAL_TRANSFER:
        raise RefusalFinal
    last = last_day_to_refuse(case)
    if last is not None and case.today.isoformat() > last:
        raise RefusalLate(last=last)
    county = case.state.county or ""
    return {
        "stage": Stage.REFUSED.value,
        "refused_by": [*(c for c in course.refused_by or () if c != county), county],
    }


def last_day_to_refuse(case: Case) -> str | None:
    """The last day on which the county may refuse; events of before it was kept set no day."""
    sent = case.course.dispatched_on
    if sent is None:
        return None
    last = later(date.fromisoformat(sent), DAYS_TO_REFUSE, case.proof.calendar)
    return last.isoformat()


def _transfer(case: Case) -> Changes:
    county, course = case.asked("county"), case.course
    if county is None or not is_code(county, 6) or county == case.state.county:
        raise BadValue(field="county", value=county or "")
    transfers = (course.transfers or 0) + 1
    if county in (course.refused_by or ()) and transfers < FINAL_TRANSFER:
        raise RefusedBefore(county=county)
    return {**_to_county(case, county), **UNMARKED, "transfers": transfers}


def _deny_refusal(case: Case) -> Changes:
    """Back to the county that refused; a refusal that was wrong has stopped no clock."""
    county = case.state.county or ""
    others = [c for c in case.course.refused_by or () if c != county]
    return {
        "stage": Stage.AT_COUNTY.value,
        "township": None,
        "area": county,
        "stop": None,
        "refused_by": list(others) or None,
    }


def _dispatch_town(case: Case) -> Changes:
    township = case.asked("township")
    own = case.state.county or "?"
    if township is None or not is_code(township, 9) or not township.startswith(own):
        raise BadValue(field="township", value=township or "")
    return {"stage": Stage.AT_TOWN.value, "township": township, "area": township}


def _send_back(case: Case) -> Changes:
    need_code_proof(case)
    if case.state.submitted_at is not None:
        raise AlreadySubmitted(action="send_back")
    county = case.state.county
    return {"stage": Stage.AT_COUNTY.value, "township": None, "area": county}


def _open(case: Case) -> Changes:
    return {"stage": Stage.IN_REVIEW.value, "assignee": case.actor.user}


def _reassign(case: Case) -> Changes:
    return {"assignee": case.asked("to")}


def _refusable(state: Review, _: Actor) -> bool:
    return state.submitted_at is None and (state.course.transfers or 0) < FINAL_TRANSFER


def _unsubmitted(state: Review, _: Actor) -> bool:
    return state.submitted_at is None


STEPS = (
    Step(
        "T02",
        Action.DISPATCH,
        stages(Stage.IMPORTED),
        (Stage.AT_COUNTY,),
        _dispatch,
        bulk=True,
        values_first=True,
    ),
    Step("T03", Action.CLAIM, stages(Stage.AT_COUNTY), (Stage.IN_REVIEW,), _claim, bulk=True),
    Step(
        "T04",
        Action.REFUSE,
        stages(Stage.AT_COUNTY, Stage.IN_REVIEW),
        (Stage.REFUSED,),
        _refuse,
        needs=("code",),
        offered=_refusable,
    ),
    Step(
        "T05",
        Action.TRANSFER,
        stages(Stage.REFUSED),
        (Stage.AT_COUNTY,),
        _transfer,
        needs=("county",),
    ),
    Step(
        "T06",
        Action.DENY_REFUSAL,
        stages(Stage.REFUSED),
        (Stage.AT_COUNTY,),
        _deny_refusal,
        needs=("text",),
    ),
    Step(
        "T07",
        Action.DISPATCH_TOWN,
        stages(Stage.AT_COUNTY, Stage.IN_REVIEW),
        (Stage.AT_TOWN,),
        _dispatch_town,
        bulk=True,
        values_first=True,
    ),
    Step(
        "T08",
        Action.SEND_BACK,
        stages(Stage.AT_TOWN),
        (Stage.AT_COUNTY,),
        _send_back,
        needs=("code",),
        offered=_unsubmitted,
    ),
    Step("T09", Action.OPEN, stages(Stage.AT_TOWN), (Stage.IN_REVIEW,), _open),
    Step(
        "–",
        Action.REASSIGN,
        OPEN - {Stage.IMPORTED, Stage.REFUSED, Stage.WATCH},
        (),
        _reassign,
        needs=("to",),
        bulk=True,
    ),
)
