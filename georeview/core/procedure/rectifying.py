"""Putting a problem right: plan, progress, claim, acceptance, close-out, watch list (T20-T26, T35)."""

from georeview.core.access import Action, Actor, Role
from georeview.core.clocks import due_eff
from georeview.core.course import CLAIMS
from georeview.core.deadlines import later
from georeview.core.plot import Mark, Review, Stage
from georeview.core.procedure.step import Case, Changes, Step, stages
from georeview.core.procedure.verifying import need_return_text, next_recheck, proposed
from georeview.core.reasons import PHOTOS_FOR_RECTIFIED
from georeview.core.requirements import Missing
from georeview.errors import BadValue
from georeview.errors.review import DateImpossible, EvidenceIncomplete, FinishLate, SeverityUnfit

DAYS_TO_RECTIFY = 60
"""Working days for rectification where no batch date applies any more."""


def _plan(case: Case) -> Changes:
    finish = case.day("finish") or case.today
    if finish < case.today:
        raise BadValue(field="finish", value=finish.isoformat())
    due = due_eff(case.state, "rectify", case.proof.dues.get("rectify"), case.today)
    if due is not None and finish > due:
        raise FinishLate(finish=finish.isoformat(), due=due.isoformat())
    return {
        "stage": Stage.RECTIFYING.value,
        "measure": case.asked("measure"),
        "measure_unit": case.asked("unit"),
        "measure_person": case.asked("person"),
        "finish_on": finish.isoformat(),
    }


def _progress(case: Case) -> Changes:
    if case.role is Role.SYSTEM:
        # A system speaks for somebody; who that is stands in the event.
        case.need("unit", "person")
    percent, before = case.body.get("percent"), case.course.percent or 0
    pictured = bool(case.body.get("evidence"))
    if not case.asked("text") and (not pictured or _number(percent) < before):
        case.need("text")
    return {"percent": percent}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _claim_rectified(case: Case) -> Changes:
    course = case.course
    done, confirmed = case.asked("date") or "", course.confirmed_on or ""
    if done > case.today.isoformat() or done < confirmed:
        raise DateImpossible(
            field="date", value=done, first=confirmed or "-", last=case.today.isoformat()
        )
    measure = case.asked("measure") or course.measure
    if measure is None:
        case.need("measure")
    photos = case.proof.photos_since(confirmed)
    if photos < PHOTOS_FOR_RECTIFIED:
        lacking = Missing("evidence", ("E_PHOTO",), PHOTOS_FOR_RECTIFIED - photos)
        raise EvidenceIncomplete(missing=(lacking,))
    return {
        "stage": Stage.COUNTY_ACCEPT.value,
        "mark": Mark.RECTIFIED.value,
        "mark_state": "submitted",
        "measure": measure,
        "claimed_by": case.actor.user,
        "claimed_on": done,
    }


def _need_after_claim(case: Case, day: str, *, later: bool = False) -> None:
    """An acceptance looks at the place as it was after it was put right.

    Args:
        case: What it is judged from.
        day: Day of the visit or the image.
        later: Whether the same day is too early.

    Raises:
        DateImpossible: It lies before, or in the future.
    """
    claimed = case.course.claimed_on or ""
    early = day <= claimed if later else day < claimed
    if early or day > case.today.isoformat():
        raise DateImpossible(
            field="date", value=day, first=claimed or "-", last=case.today.isoformat()
        )


def _accept_rectified(case: Case) -> Changes:
    _need_after_claim(case, case.asked("date") or case.today.isoformat())
    return {
        "stage": Stage.CITY_ACCEPT.value,
        "accepted_by": case.actor.user,
        "rectify_done_on": case.done_day.isoformat(),
    }


def _reject_rectified(case: Case) -> Changes:
    need_return_text(case)
    return {
        "stage": Stage.RECTIFYING.value,
        "mark": Mark.CONFIRMED.value,
        "mark_state": "verified",
        **dict.fromkeys(("claimed_by", "claimed_on", "accepted_by", "rectify_done_on")),
    }


def _close(case: Case) -> Changes:
    method = case.asked("method")
    if method == "imagery":
        case.need("date")
        _need_after_claim(case, case.asked("date") or "", later=True)
    severity = case.state.severity
    if method == "document" and severity in ("serious", "major"):
        raise SeverityUnfit(action=case.action, severity=severity)
    return {"stage": Stage.CLOSED.value, "outcome": "rectified", "mark_state": "verified"}


# The watch list ----------------------------------------------------------------------------------


def _propose_recheck(case: Case) -> Changes:
    if case.asked("to") == "watch" and (case.day("date") or next_recheck(case.today)) <= case.today:
        raise BadValue(field="date", value=str(case.body["date"]))
    if case.proof.photos_since(case.course.watched_on or "") == 0:
        raise EvidenceIncomplete(missing=(Missing("evidence", ("E_PHOTO",)),))
    return proposed(case)


def rechecked(case: Case) -> Changes:
    """What a confirmed recheck makes of a plot on the watch list."""
    to, today = case.asked("to"), case.today
    after: Changes = {"stage": to, "watched_on": today.isoformat()}
    if to == Stage.WATCH:
        return after | {"recheck_due_on": (case.day("date") or next_recheck(today)).isoformat()}
    if to == Stage.CLOSED:
        return after | {"outcome": "watch_cleared", "recheck_due_on": None}
    due = later(today, DAYS_TO_RECTIFY, case.proof.calendar).isoformat()
    return {
        **after,
        **CLAIMS,
        "recheck_due_on": None,
        "determination": "problem",
        "confirmed_on": today.isoformat(),
        "rectify_due_on": due,
        "rectify_due_set_on": today.isoformat(),
    }


def nothing_proposed(state: Review, _: Actor) -> bool:
    """Whether no proposal waits."""
    return state.course.proposal is None


_COUNTY = frozenset({Role.COUNTY})
_CITY = frozenset({Role.CITY})

STEPS = (
    Step(
        "T20",
        Action.PLAN,
        stages(Stage.RECTIFY_PLAN),
        (Stage.RECTIFYING,),
        _plan,
        needs=("measure", "unit", "person", "finish"),
    ),
    Step(
        "T21",
        Action.PROGRESS,
        stages(Stage.RECTIFYING),
        (),
        _progress,
        needs=("percent",),
        values_first=True,
    ),
    Step(
        "T22",
        Action.CLAIM_RECTIFIED,
        stages(Stage.RECTIFY_PLAN, Stage.RECTIFYING),
        (Stage.COUNTY_ACCEPT,),
        _claim_rectified,
        needs=("date",),
    ),
    Step(
        "T23",
        Action.ACCEPT_RECTIFIED,
        stages(Stage.COUNTY_ACCEPT),
        (Stage.CITY_ACCEPT,),
        _accept_rectified,
        needs=("method",),
        not_by=("claimed_by",),
    ),
    Step(
        "T24",
        Action.REJECT_RECTIFIED,
        stages(Stage.COUNTY_ACCEPT),
        (Stage.RECTIFYING,),
        _reject_rectified,
        roles=_COUNTY,
        needs=("code",),
    ),
    Step(
        "T25",
        Action.CLOSE,
        stages(Stage.CITY_ACCEPT),
        (Stage.CLOSED,),
        _close,
        needs=("method",),
        not_by=("claimed_by", "accepted_by"),
    ),
    Step(
        "T26",
        Action.REJECT_RECTIFIED,
        stages(Stage.CITY_ACCEPT),
        (Stage.RECTIFYING,),
        _reject_rectified,
        roles=_CITY,
        needs=("code",),
    ),
    Step(
        "T35",
        Action.RECHECK,
        stages(Stage.WATCH),
        (),
        _propose_recheck,
        needs=("to", "text"),
        offered=nothing_proposed,
    ),
)
