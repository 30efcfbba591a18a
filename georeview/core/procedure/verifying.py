"""The checks of county and city: approve, return, accept, overrule (T13-T19)."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date

from georeview.core.access import Action, Actor, Role
from georeview.core.codes import RETURNS
from georeview.core.course import CLAIMS
from georeview.core.permits import TIMED
from georeview.core.plot import DETERMINATIONS, Mark, Review, Stage
from georeview.core.procedure.reviewing import judged
from georeview.core.procedure.step import Case, Changes, Step, stages
from georeview.core.requirements import missing
from georeview.core.severity import propose_text
from georeview.errors import BadValue
from georeview.errors.review import BulkUnfit, MarkUnfit, NeverReturned, SeverityUnfit

HISTORIC = ("E_FLOOD", "E_HISTORY")
"""Evidence of what is old: whether it obstructs floods, and how old it is."""

RECHECK_MONTHS = 12
"""How long what is kept on the books is left alone."""


def _approve(case: Case) -> Changes:
    if case.bulk:
        _need_plain_negative(case)
    return {
        "stage": Stage.CITY_CHECK.value,
        "approved_by": case.actor.user,
        "review_done_on": case.done_day.isoformat(),
    }


def _need_plain_negative(case: Case) -> None:
    """With one click go only negatives of one reason whose evidence is complete.

    Raises:
        FieldMissing: The reason is not named.
        BulkUnfit: The plot is another case.
    """
    case.need("reason")
    state = case.state
    plain = state.mark == Mark.FALSE_POSITIVE and state.reason == case.asked("reason")
    if not plain or missing(state, case.proof):
        raise BulkUnfit(action=case.action)


def need_return_text(case: Case) -> None:
    """A coded return needs what its code asks for.

    Raises:
        FieldMissing: A field.
    """
    field = RETURNS[case.asked("code") or ""].field
    if field:
        case.need(field)


def _return(case: Case) -> Changes:
    need_return_text(case)
    return {**BACK_TO_REVIEW, "stage": Stage.IN_REVIEW.value}


def _return_by_city(case: Case) -> Changes:
    return {**_return(case), "returns": (case.course.returns or 0) + 1}


BACK_TO_REVIEW: Changes = {"mark_state": "draft", "approved_by": None, "review_done_on": None}
"""What a step back to the review takes from a plot; the mark itself stays."""


# Accepting ---------------------------------------------------------------------------------------


def _need_mark(case: Case, *marks: str) -> None:
    if case.state.mark not in marks:
        raise MarkUnfit(action=case.action, mark=case.state.mark)


def _accept_negative(case: Case) -> Changes:
    determination = case.asked("determination") or case.state.determination
    if determination not in DETERMINATIONS[Mark.FALSE_POSITIVE]:
        _need_mark(case, Mark.FALSE_POSITIVE)
        raise BadValue(field="determination", value=str(determination))
    if case.bulk:
        case.need("sample")
    _need_mark(case, Mark.FALSE_POSITIVE)
    return negative(case, determination)


def negative(case: Case, determination: str) -> Changes:
    """A plot that is no problem is done with.

    Raises:
        EvidenceIncomplete: It is called historic without proof.
    """
    historic = determination == "not_problem_historic"
    if historic:
        case.need_evidence(*HISTORIC)
    return {
        "stage": Stage.CLOSED.value,
        "outcome": "negative_historic" if historic else "negative",
        "determination": determination,
        "mark_state": "verified",
        **_followed_up(case),
    }


def _followed_up(case: Case) -> Changes:
    """What rests on a permit for a time is looked at again when that time is over."""
    state = case.state
    return {"follow_up_on": state.permit_valid_to} if state.reason in TIMED else {}


def _accept_problem(case: Case) -> Changes:
    if case.asked("determination") not in (None, "problem"):
        raise BadValue(field="determination", value=case.asked("determination"))
    _need_mark(case, Mark.CONFIRMED, Mark.RECTIFIED)
    state = case.state
    said: Changes = {
        "mark": state.mark,
        "violation": case.asked("violation") or state.violation,
        "severity": case.asked("severity") or state.severity,
    }
    return problem(case, said)


def problem(case: Case, said: Changes) -> Changes:
    """A problem goes to rectification; one that is rectified already, to the city's check of it.

    Args:
        case: What it is judged from.
        said: Mark, class and severity.

    Raises:
        FieldMissing: It has no class.
    """
    state = case.state
    violation = said["violation"]
    if not violation:
        case.need("violation")
    severity = said["severity"] or propose_text(str(violation), state.area_m2, state.volume_m3)
    after: Changes = {
        **CLAIMS,
        "mark": said["mark"],
        "mark_state": "verified",
        "determination": "problem",
        "violation": violation,
        "severity": severity,
        "reason": None,
        "reason_source": None,
        "confirmed_on": case.today.isoformat(),
    }
    if said["mark"] != Mark.RECTIFIED:
        return {**after, "stage": Stage.RECTIFY_PLAN.value}
    # Fixed on the spot: the county's approval was its acceptance too.
    done = case.course.review_done_on
    return {
        **after,
        "mark_state": "submitted",
        "stage": Stage.CITY_ACCEPT.value,
        "claimed_by": state.marked_by,
        "claimed_on": done,
        "accepted_by": case.course.approved_by,
        "rectify_done_on": done,
    }


def _accept_watch(case: Case) -> Changes:
    if case.asked("determination") not in (None, "problem_historic"):
        raise BadValue(field="determination", value=case.asked("determination"))
    _need_mark(case, Mark.CONFIRMED)
    state = case.state
    said: Changes = {
        "mark": state.mark,
        "violation": case.asked("violation") or state.violation,
        "severity": case.asked("severity") or state.severity,
    }
    return watched(case, said)


def watched(case: Case, said: Changes) -> Changes:
    """An old problem that stays for now is kept on the books.

    Raises:
        EvidenceIncomplete: Its age or its effect is not proven.
        SeverityUnfit: It is too serious to stay.
        BadValue: The recheck lies in the past.
    """
    state = case.state
    recheck = case.day("recheck") or next_recheck(case.today)
    if recheck <= case.today:
        raise BadValue(field="recheck", value=recheck.isoformat())
    violation = said["violation"]
    severity = said["severity"] or propose_text(
        str(violation or "PR90"), state.area_m2, state.volume_m3
    )
    case.need_evidence(*HISTORIC)
    if severity == "major":
        raise SeverityUnfit(action=case.action, severity=severity)
    return {
        "stage": Stage.WATCH.value,
        "mark": Mark.CONFIRMED.value,
        "mark_state": "verified",
        "determination": "problem_historic",
        "violation": violation or "PR90",
        "severity": severity,
        "reason": None,
        "reason_source": None,
        "watch_no": case.asked("document_no"),
        "watched_on": case.today.isoformat(),
        "recheck_due_on": recheck.isoformat(),
    }


def next_recheck(day: date) -> date:
    """The day of the next recheck when nobody names one."""
    months = day.month - 1 + RECHECK_MONTHS
    year, month = day.year + months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


# Overruling --------------------------------------------------------------------------------------


def proposed(case: Case) -> Changes:
    """What one person proposes waits on the plot until a second confirms it."""
    return {
        "proposal": {
            "action": case.action,
            "body": dict(case.body),
            "by": case.actor.user,
            "unit": case.actor.unit,
            "on": case.today.isoformat(),
        }
    }


def _propose_overruling(case: Case) -> Changes:
    if case.asked("second") == case.actor.user:
        raise BadValue(field="second", value=case.actor.user)
    overruled(case)  # what cannot be confirmed is not proposed
    return proposed(case)


def overruled(case: Case) -> Changes:
    """The city's own verdict instead of the mark it was sent.

    Raises:
        NeverReturned: The county was not asked again before.
        MarkUnfit: The mark is the one the plot has.
    """
    mark = case.asked("mark") or ""
    if not case.course.returns:
        raise NeverReturned
    if mark == case.state.mark:
        raise MarkUnfit(action=case.action, mark=mark)
    said = judged(case, mark)
    if mark == Mark.FALSE_POSITIVE:
        verdict = negative(case, str(said["determination"]))
    elif said["determination"] == "problem_historic":
        verdict = watched(case, {**said, "mark": mark})
    else:
        verdict = problem(case, {**said, "mark": mark})
    return {**said, "mark": mark, **verdict}


def _returned(state: Review, _: Actor) -> bool:
    return bool(state.course.returns) and state.course.proposal is None


def _is(*marks: str) -> Callable[[Review, Actor], bool]:
    return lambda state, _: state.mark in marks


_CITY_CHECK = stages(Stage.CITY_CHECK)
_FOUR_EYES = ("marked_by", "approved_by")

STEPS = (
    Step(
        "T13",
        Action.APPROVE,
        stages(Stage.COUNTY_CHECK),
        (Stage.CITY_CHECK,),
        _approve,
        not_by=("marked_by",),
        bulk=True,
    ),
    Step(
        "T14",
        Action.RETURN,
        stages(Stage.COUNTY_CHECK),
        (Stage.IN_REVIEW,),
        _return,
        roles=frozenset({Role.COUNTY}),
        needs=("code",),
    ),
    Step(
        "T15",
        Action.ACCEPT_NEGATIVE,
        _CITY_CHECK,
        (Stage.CLOSED,),
        _accept_negative,
        not_by=_FOUR_EYES,
        bulk=True,
        offered=_is(Mark.FALSE_POSITIVE),
    ),
    Step(
        "T16",
        Action.ACCEPT_PROBLEM,
        _CITY_CHECK,
        (Stage.RECTIFY_PLAN, Stage.CITY_ACCEPT),
        _accept_problem,
        not_by=_FOUR_EYES,
        offered=_is(Mark.CONFIRMED, Mark.RECTIFIED),
    ),
    Step(
        "T17",
        Action.ACCEPT_WATCH,
        _CITY_CHECK,
        (Stage.WATCH,),
        _accept_watch,
        needs=("document_no",),
        not_by=_FOUR_EYES,
        offered=_is(Mark.CONFIRMED),
    ),
    Step(
        "T18",
        Action.RETURN,
        _CITY_CHECK,
        (Stage.IN_REVIEW,),
        _return_by_city,
        roles=frozenset({Role.CITY}),
        needs=("code",),
    ),
    Step(
        "T19",
        Action.OVERRULE,
        _CITY_CHECK,
        (),
        _propose_overruling,
        needs=("mark", "text", "document_no", "second"),
        not_by=_FOUR_EYES,
        offered=_returned,
    ),
)
