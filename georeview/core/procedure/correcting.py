"""What happens beside the way: reopening, dates, boundaries, merging, proposals (T27-T36)."""

from dataclasses import replace

from georeview.core.access import Action, Actor, Role
from georeview.core.clocks import CLOCKS, clock_of
from georeview.core.course import CLAIMS
from georeview.core.deadlines import later
from georeview.core.ledger import Value
from georeview.core.plot import Review, Stage
from georeview.core.procedure.dispatching import UNMARKED
from georeview.core.procedure.rectifying import DAYS_TO_RECTIFY, nothing_proposed, rechecked
from georeview.core.procedure.step import OPEN, Case, Change, Changes, Step, stages
from georeview.core.procedure.verifying import BACK_TO_REVIEW, overruled, proposed
from georeview.errors import BadValue
from georeview.errors.review import (
    ActionNotAllowed,
    ClockAsItIs,
    DateImpossible,
    FourEyes,
    HardDate,
    NothingProposed,
    SecondNeeded,
)

DAYS_TO_REVIEW = 10
"""Working days for the review of a plot that was reopened."""


# Reopening and asking for it ---------------------------------------------------------------------


def _reopen(case: Case) -> Changes:
    """The review begins anew; what was decided stays in the history."""
    today, calendar = case.today, case.proof.calendar
    county = case.state.county
    return {
        **UNMARKED,
        **CLAIMS,
        **BACK_TO_REVIEW,
        "stage": Stage.IN_REVIEW.value,
        "area": county or case.state.area,
        "township": None,
        "dispatched_on": today.isoformat(),
        "closed_on": None,
        "confirmed_on": None,
        "review_due_on": later(today, DAYS_TO_REVIEW, calendar).isoformat(),
        "review_due_set_on": today.isoformat(),
        "rectify_due_on": later(today, DAYS_TO_RECTIFY, calendar).isoformat(),
        "rectify_due_set_on": today.isoformat(),
        "stops": None,
        "stop": None,
        "force_stop": None,
        "watch_no": None,
        "watched_on": None,
        "recheck_due_on": None,
        "follow_up_on": None,
        "request": None,
    }


def _request(case: Case) -> Changes:
    """Something the city is asked for; it stays on the plot until the city acts on it."""
    (held,) = proposed(case).values()
    return {"request": held}


def _request_extend(case: Case) -> Changes:
    _need_future(case)
    return _request(case)


def _escalate(case: Case) -> Changes:
    return {
        "escalation": {
            "code": case.asked("code"),
            "document_no": case.asked("document_no"),
            "on": case.today.isoformat(),
            "reply_due": case.asked("date"),
        }
    }


# Dates and clocks --------------------------------------------------------------------------------


def _need_future(case: Case) -> None:
    day = case.asked("date") or ""
    if day < case.today.isoformat():
        raise DateImpossible(field="date", value=day, first=case.today.isoformat(), last="-")


def _extend(case: Case) -> Changes:
    _need_future(case)
    day = case.asked("date") or ""
    clock = _named_clock(case)
    ministry = case.proof.dues.get(clock)
    beyond = case.proof.hard and ministry is not None and day > ministry
    if beyond and case.role is Role.CITY:
        raise HardDate(due=ministry)
    return {
        f"{clock}_due_on": day,
        f"{clock}_due_set_on": case.today.isoformat(),
        "request": None,
    }


def _named_clock(case: Case) -> str:
    clock = case.asked("clock") or clock_of(case.state)
    if clock not in CLOCKS:
        raise BadValue(field="clock", value=str(clock))
    return clock


def _stop_clock(case: Case) -> Changes:
    if case.course.force_stop is not None:
        raise ClockAsItIs(action=case.action)
    stop: dict[str, Value] = {
        "clock": _named_clock(case),
        "since": case.today.isoformat(),
        "why": "force",
    }
    return {"force_stop": stop}


def _restart_clock(case: Case) -> Changes:
    stop = case.course.force_stop
    if stop is None:
        raise ClockAsItIs(action=case.action)
    span: list[Value] = [stop["clock"], stop["since"], case.today.isoformat()]
    earlier: list[Value] = [*(case.course.stops or ())]
    return {"force_stop": None, "stops": [*earlier, span]}


def _is_whole(state: Review, _: Actor) -> bool:
    return not state.course.undone


def _is_forced(state: Review, _: Actor) -> bool:
    return state.course.force_stop is not None


def _is_free(state: Review, _: Actor) -> bool:
    return state.course.force_stop is None


# Boundaries --------------------------------------------------------------------------------------


def _query_boundary(case: Case) -> Changes:
    if case.asked("point") is None and case.proof.count("E_BOUND") == 0:
        case.need("point")
    return {"stage": Stage.BOUNDARY_QUERY.value}


def _propose_boundary(case: Case) -> Changes:
    if case.asked("layer_version") is None:
        case.need("text")
    return proposed(case)


def _resolved(_: Case) -> Changes:
    return {**BACK_TO_REVIEW, "stage": Stage.IN_REVIEW.value}


# Merging and withdrawing -------------------------------------------------------------------------


def _merge(case: Case) -> Changes:
    """Whether the other plot can take it in is looked at where both are known."""
    return {
        "stage": Stage.MERGED.value,
        "left_stage": case.state.stage,
        "target": case.asked("target"),
    }


def _split(case: Case) -> Changes:
    """Whether the parts are the plot is looked at where its shape is known."""
    parts = case.body["parts"]
    return {
        "stage": Stage.MERGED.value,
        "left_stage": case.state.stage,
        "children": [part["plot_id"] for part in parts if isinstance(part, dict)]
        if isinstance(parts, list)
        else None,
    }


def _unmerge(case: Case) -> Changes:
    return {
        "stage": case.course.left_stage or Stage.IMPORTED.value,
        "left_stage": None,
        "target": None,
        "children": None,
    }


def _withdraw(case: Case) -> Changes:
    return {"stage": Stage.WITHDRAWN.value, "left_stage": case.state.stage}


def _reinstate(case: Case) -> Changes:
    if case.course.undone:
        raise ActionNotAllowed(action=case.action, stage=str(case.state.stage))
    return {"stage": case.course.left_stage or Stage.IMPORTED.value, "left_stage": None}


# Proposals ---------------------------------------------------------------------------------------


def _confirmed(become: Change) -> Change:
    """The step of the second person: what was proposed becomes true."""

    def confirm(case: Case) -> Changes:
        held = case.course.proposal
        if held is None:
            raise NothingProposed
        said = held["body"]
        body = said if isinstance(said, dict) else {}
        second = body.get("second")
        if held["by"] == case.actor.user:
            raise FourEyes(action=case.action, who=case.actor.user)
        if second not in (None, case.actor.user):
            raise SecondNeeded(who=second)
        after = become(replace(case, action=str(held["action"]), body=body))
        return {**after, "proposal": None}

    return confirm


def _confirm(id_: str, source: Stage, targets: tuple[Stage, ...], become: Change) -> Step:
    return Step(
        id_,
        Action.CONFIRM,
        stages(source),
        targets,
        _confirmed(become),
        not_by=("marked_by", "approved_by"),
        offered=_is_second,
    )


def _decline(case: Case) -> Changes:
    """What was proposed lapses; where nothing was, what was asked for."""
    if case.course.proposal is not None:
        return {"proposal": None}
    if case.course.request is None:
        raise NothingProposed
    return {"request": None}


def _is_proposed(state: Review, _: Actor) -> bool:
    return state.course.proposal is not None or state.course.request is not None


def _is_second(state: Review, actor: Actor) -> bool:
    held = state.course.proposal
    if held is None or held["by"] == actor.user:
        return False
    body = held["body"]
    second = body.get("second") if isinstance(body, dict) else None
    return second in (None, actor.user)


_ANYWHERE = frozenset(Stage) - {Stage.WITHDRAWN}
_CLOCKED = OPEN - {Stage.WATCH}

STEPS = (
    Step(
        "T27",
        Action.REOPEN,
        stages(Stage.CLOSED, Stage.WATCH),
        (Stage.IN_REVIEW,),
        _reopen,
        needs=("code",),
        bulk=True,
    ),
    Step(
        "T28",
        Action.EXTEND,
        _CLOCKED,
        (),
        _extend,
        needs=("date", "document_no"),
        bulk=True,
    ),
    Step(
        "T29",
        Action.QUERY_BOUNDARY,
        stages(Stage.IN_REVIEW, Stage.COUNTY_CHECK, Stage.CITY_CHECK),
        (Stage.BOUNDARY_QUERY,),
        _query_boundary,
        needs=("text", "layer_version"),
    ),
    Step(
        "T30",
        Action.RESOLVE_BOUNDARY,
        stages(Stage.BOUNDARY_QUERY),
        (),
        _propose_boundary,
        offered=nothing_proposed,
    ),
    Step("T31", Action.MERGE, OPEN, (Stage.MERGED,), _merge, needs=("target",)),
    Step(
        "T32",
        Action.SPLIT,
        stages(Stage.IMPORTED, Stage.AT_COUNTY, Stage.REFUSED, Stage.IN_REVIEW),
        (Stage.MERGED,),
        _split,
        needs=("parts",),
    ),
    Step("T33", Action.UNMERGE, stages(Stage.MERGED), (), _unmerge, needs=("text",)),
    Step(
        "T34",
        Action.WITHDRAW,
        _ANYWHERE,
        (Stage.WITHDRAWN,),
        _withdraw,
        needs=("document_no",),
        bulk=True,
    ),
    Step(
        "T34",
        Action.REINSTATE,
        stages(Stage.WITHDRAWN),
        (),
        _reinstate,
        needs=("document_no",),
        bulk=True,
        offered=_is_whole,
    ),
    Step(
        "T36",
        Action.STOP_CLOCK,
        _CLOCKED,
        (),
        _stop_clock,
        needs=("text", "document_no"),
        bulk=True,
        offered=_is_free,
    ),
    Step(
        "T36",
        Action.RESTART_CLOCK,
        _CLOCKED,
        (),
        _restart_clock,
        needs=("document_no",),
        bulk=True,
        offered=_is_forced,
    ),
    _confirm(
        "T19",
        Stage.CITY_CHECK,
        (Stage.CLOSED, Stage.RECTIFY_PLAN, Stage.CITY_ACCEPT, Stage.WATCH),
        overruled,
    ),
    _confirm("T30", Stage.BOUNDARY_QUERY, (Stage.IN_REVIEW,), _resolved),
    _confirm("T35", Stage.WATCH, (Stage.WATCH, Stage.RECTIFY_PLAN, Stage.CLOSED), rechecked),
    Step(
        "–",
        Action.DECLINE,
        stages(Stage.CITY_CHECK, Stage.WATCH, Stage.BOUNDARY_QUERY, Stage.CLOSED),
        (),
        _decline,
        needs=("text",),
        bulk=True,
        offered=_is_proposed,
    ),
    Step(
        "–",
        Action.REQUEST_REOPEN,
        stages(Stage.CLOSED, Stage.WATCH),
        (),
        _request,
        needs=("code", "text"),
    ),
    Step(
        "–",
        Action.REQUEST_EXTEND,
        _CLOCKED,
        (),
        _request_extend,
        needs=("date", "text"),
    ),
    Step("–", Action.RECORD_FINDING, _ANYWHERE, (), lambda _: {}, needs=("text",)),
    Step(
        "–",
        Action.ESCALATE,
        _CLOCKED,
        (),
        _escalate,
        needs=("code", "document_no"),
        bulk=True,
    ),
)
