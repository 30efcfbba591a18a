"""Saying what a plot is: mark, undo, submit (T10-T12), and offline records that came late."""

from operator import attrgetter

from georeview.core.access import Action, Actor, Role
from georeview.core.ledger import Value, stamp
from georeview.core.permits import TIMED
from georeview.core.plot import DETERMINATIONS, STATE_FIELDS, Mark, Review, Stage
from georeview.core.procedure.step import Case, Changes, Step, stages
from georeview.core.reasons import REASONS
from georeview.core.requirements import missing
from georeview.errors import BadValue
from georeview.errors.review import (
    ActionNotAllowed,
    BulkUnfit,
    EvidenceIncomplete,
    NothingToUndo,
    OtherUnit,
    PermitOver,
)

RECTIFIES = frozenset({Stage.RECTIFY_PLAN, Stage.RECTIFYING})
"""Where ``rectified`` is a claim in draft, which ``claim_rectified`` makes good."""

_REASONING = ("reason", "reason_source", "violation", "severity", "determination")
_PERMIT = ("permit_no", "permit_authority", "permit_date", "permit_valid_to")
_KEPT = ("type_actual", "note", "area_m2", "volume_m3", "review_mode", *_PERMIT)
_kept_of = attrgetter(*_KEPT)


def _mark(case: Case) -> Changes:
    mark = case.asked("mark")
    if mark is None or mark == Mark.PENDING:
        raise BadValue(field="mark", value=mark or "")
    if case.bulk:
        _need_one_reason(case, mark)
    state = case.state
    after = judged(case, mark)
    after |= zip(_KEPT, _kept_of(state), strict=True)
    after |= {name: value for name, value in case.body.items() if name in STATE_FIELDS}
    if "party" in case.body:
        after["party"] = case.body["party"]
    if after["permit_no"] != state.permit_no:
        after["permit_id"] = None  # another number is not what the register says
    return after | {
        **_by(case),
        "mark": mark,
        "mark_state": "draft",
        "stage": Stage.IN_REVIEW.value,
        "assignee": case.actor.user,
        "second_look": None,
    }


def _need_one_reason(case: Case, mark: str) -> None:
    """With one click many plots are marked only as what they are not, and why is named.

    Raises:
        BulkUnfit: They would be called a problem.
        FieldMissing: No reason is named.
    """
    if mark != Mark.FALSE_POSITIVE:
        raise BulkUnfit(action=case.action)
    case.need("reason")


def _by(case: Case) -> Changes:
    return {
        "marked_by": case.actor.user,
        "marked_unit": case.actor.unit,
        "marked_role": case.role.value,
        "marked_at": stamp(case.now),
    }


def judged(case: Case, mark: str) -> Changes:
    """What a mark says of reason, class and determination, from the body and what was said before.

    Raises:
        BadValue: The values do not go together.
    """
    state, body = case.state, case.body
    same = mark == state.mark
    after: Changes = {name: getattr(state, name) if same else None for name in _REASONING}
    after |= {name: value for name, value in body.items() if name in _REASONING}
    if mark == Mark.FALSE_POSITIVE:
        _name_reason(after, case)
    else:
        _name_violation(after, case)
    if after["determination"] not in DETERMINATIONS[mark]:
        raise BadValue(field="determination", value=str(after["determination"]))
    return after


def _claim_in_draft(case: Case) -> Changes:
    """On the way to rectification a mark only notes that it is done; the verdict stays."""
    mark = case.asked("mark")
    if mark != Mark.RECTIFIED:
        raise ActionNotAllowed(action="mark", stage=str(case.state.stage))
    note = case.body.get("note", case.state.note)
    return {"mark": mark, "mark_state": "draft", "note": note}


def _name_reason(after: Changes, case: Case) -> None:
    """A negative always has a reason: the given, the suggested, or “other”, and says which."""
    if case.asked("violation"):
        raise BadValue(field="violation", value=case.asked("violation"))
    if case.asked("reason"):
        after["reason_source"] = case.asked("reason_source") or "chosen"
        after["determination"] = case.asked("determination")
    elif not after["reason"]:
        after["reason"] = case.proof.suggestion or "FP99"
        after["reason_source"] = "suggested" if case.proof.suggestion else "default"
    after["violation"] = after["severity"] = None
    after["determination"] = after["determination"] or REASONS[str(after["reason"])].determination


def _name_violation(after: Changes, case: Case) -> None:
    if case.asked("reason"):
        raise BadValue(field="reason", value=case.asked("reason"))
    after["reason"] = after["reason_source"] = None
    after["violation"] = after["violation"] or "PR90"
    after["determination"] = after["determination"] or "problem"


def _undo(case: Case) -> Changes:
    state = case.state
    if not _is_own(state, case.actor):
        raise NothingToUndo(plot=state.plot_id)
    before = dict(state.undo[-1].before)
    # The plot stays claimed by whoever marked it; only what the mark said is taken back.
    kept: dict[str, Value] = {"stage": Stage.IN_REVIEW.value, "assignee": case.actor.user}
    if state.stage == Stage.CITY_CHECK:
        kept |= {"review_done_on": None, "stop": None}
    return {**before, "mark_state": "draft", **kept}


def _undo_claim(case: Case) -> Changes:
    if not _is_own(case.state, case.actor):
        raise NothingToUndo(plot=case.state.plot_id)
    return dict(case.state.undo[-1].before)


def _is_own(state: Review, actor: Actor) -> bool:
    return bool(state.undo) and state.undo[-1].actor == actor.user


def _submit(case: Case) -> Changes:
    state = case.state
    if state.marked_unit != case.actor.unit:
        raise OtherUnit(unit=state.marked_unit or "-")
    lacking = missing(state, case.proof)
    if lacking:
        raise EvidenceIncomplete(missing=lacking)
    if state.reason in TIMED and (state.permit_valid_to or "9") < case.today.isoformat():
        raise PermitOver(number=state.permit_no or "-", valid_to=state.permit_valid_to)
    after: Changes = {
        "mark_state": "submitted",
        "submitted_at": state.submitted_at or stamp(case.now),
    }
    if state.marked_role == Role.CITY.value:
        done = case.done_day.isoformat()
        return {**after, "stage": Stage.CITY_CHECK.value, "review_done_on": done}
    return {**after, "stage": Stage.COUNTY_CHECK.value}


def _submittable(state: Review, actor: Actor) -> bool:
    return state.mark != Mark.PENDING and state.marked_unit == actor.unit


def _link(case: Case) -> Changes:
    """The plot rests on an entry of the register: what that says is filled in, not typed again."""
    return {"permit_id": case.asked("permit"), **{name: case.asked(name) for name in _PERMIT}}


def _unlink(_: Case) -> Changes:
    return {"permit_id": None, **dict.fromkeys(_PERMIT)}


def _is_linked(state: Review, _: Actor) -> bool:
    return state.permit_id is not None


def _settle_conflict(_: Case) -> Changes:
    return {"second_look": None}


def _in_conflict(state: Review, _: Actor) -> bool:
    return state.second_look is not None


_LINKABLE = stages(Stage.AT_COUNTY, Stage.AT_TOWN, Stage.IN_REVIEW)
_LINKED_BY_CITY = stages(Stage.IMPORTED, Stage.CITY_CHECK, Stage.CLOSED)
"""Also what is closed: a permit that was prolonged goes on under another number."""

STEPS = (
    Step(
        "T10",
        Action.MARK,
        stages(Stage.AT_COUNTY, Stage.AT_TOWN, Stage.IN_REVIEW),
        (Stage.IN_REVIEW,),
        _mark,
        city_also=stages(Stage.IMPORTED),
        bulk=True,
        values_first=True,
    ),
    Step("T10", Action.MARK, RECTIFIES, (), _claim_in_draft, needs=("mark",)),
    Step(
        "T11",
        Action.UNDO_MARK,
        stages(Stage.IN_REVIEW, Stage.COUNTY_CHECK, Stage.CITY_CHECK),
        (Stage.IN_REVIEW,),
        _undo,
        offered=_is_own,
        values_first=True,
    ),
    Step("T11", Action.UNDO_MARK, RECTIFIES, (), _undo_claim, offered=_is_own),
    Step(
        "T12",
        Action.SUBMIT,
        stages(Stage.IN_REVIEW),
        (Stage.COUNTY_CHECK, Stage.CITY_CHECK),
        _submit,
        bulk=True,
        values_first=True,
        offered=_submittable,
    ),
    Step(
        "–",
        Action.LINK_PERMIT,
        _LINKABLE,
        (),
        _link,
        city_also=_LINKED_BY_CITY,
        needs=("permit",),
        bulk=True,
    ),
    Step(
        "–",
        Action.UNLINK_PERMIT,
        _LINKABLE,
        (),
        _unlink,
        city_also=_LINKED_BY_CITY,
        bulk=True,
        offered=_is_linked,
    ),
    Step(
        "–",
        Action.SETTLE_CONFLICT,
        frozenset(Stage),
        (),
        _settle_conflict,
        offered=_in_conflict,
    ),
)
