"""What the review knows of a plot: the state that events build up."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType

from georeview.core.course import NO_COURSE, Course, course_of
from georeview.core.ledger import Value


class Mark(StrEnum):
    """What the reviewer says."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    FALSE_POSITIVE = "false_positive"
    RECTIFIED = "rectified"


class Stage(StrEnum):
    """Where the plot lies in the procedure, which says who holds it."""

    IMPORTED = "imported"
    AT_COUNTY = "at_county"
    REFUSED = "refused"
    AT_TOWN = "at_town"
    IN_REVIEW = "in_review"
    COUNTY_CHECK = "county_check"
    CITY_CHECK = "city_check"
    BOUNDARY_QUERY = "boundary_query"
    RECTIFY_PLAN = "rectify_plan"
    RECTIFYING = "rectifying"
    COUNTY_ACCEPT = "county_accept"
    CITY_ACCEPT = "city_accept"
    WATCH = "watch"
    CLOSED = "closed"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class StageInfo:
    """What a stage means for the plot that lies in it; its name stands in the texts.

    Attributes:
        holders: Roles that must act; empty when nobody must.
        clock: ``review`` or ``rectify``: whose time runs, or is stopped here; ``None`` without.
        stopped: Whether the county's time stands still here.
        checked: Whether a plot here has been submitted, so that those above the city see it.
    """

    holders: tuple[str, ...]
    clock: str | None = None
    stopped: bool = False
    checked: bool = True


STAGES: Mapping[Stage, StageInfo] = MappingProxyType(
    {
        Stage.IMPORTED: StageInfo(("city",), "review", checked=False),
        Stage.AT_COUNTY: StageInfo(("county",), "review", checked=False),
        Stage.REFUSED: StageInfo(("city",), "review", stopped=True, checked=False),
        Stage.AT_TOWN: StageInfo(("township",), "review", checked=False),
        Stage.IN_REVIEW: StageInfo(("county", "township"), "review", checked=False),
        Stage.COUNTY_CHECK: StageInfo(("county",), "review"),
        Stage.CITY_CHECK: StageInfo(("city",), "review", stopped=True),
        Stage.BOUNDARY_QUERY: StageInfo(("gis", "city"), "review", stopped=True, checked=False),
        Stage.RECTIFY_PLAN: StageInfo(("county",), "rectify"),
        Stage.RECTIFYING: StageInfo(("county", "township"), "rectify"),
        Stage.COUNTY_ACCEPT: StageInfo(("county",), "rectify"),
        Stage.CITY_ACCEPT: StageInfo(("city",), "rectify", stopped=True),
        Stage.WATCH: StageInfo(("county",)),
        Stage.CLOSED: StageInfo(()),
        Stage.MERGED: StageInfo((), checked=False),
        Stage.WITHDRAWN: StageInfo((), checked=False),
    }
)
"""Every stage, in the order of the procedure."""

UNLISTED = (Stage.MERGED, Stage.WITHDRAWN)
"""Stages whose plots lists leave out, unless they are asked for by name."""

DETERMINATIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "false_positive": frozenset({"not_problem", "not_problem_historic"}),
        "confirmed": frozenset({"problem", "problem_historic"}),
        "rectified": frozenset({"problem"}),
    }
)
"""The determinations each mark may go with; any other pair is refused."""


@dataclass(frozen=True, slots=True)
class UndoPoint:
    """What a mark changed and who made it, so that it can be taken back."""

    actor: str
    before: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Review:
    """State of one plot's review; a value, equal to the replay of the plot's events.

    Attributes:
        plot_id: The plot.
        version: Number of review events so far; the ETag of the plot.
        seq: Ledger number of the last event that moved the version.
        stage: Where it lies; ``None`` before it is imported.
        area: Most specific area code it belongs to; decides who sees it.
        county: County code set by dispatch.
        township: Township code set by dispatch.
        assignee: Who claimed it by marking.
        mark: What the reviewer says.
        mark_state: ``draft`` or ``submitted``.
        determination: What the reviewer proposes.
        outcome: Set when closed.
        reason: FP code.
        reason_source: ``chosen``, ``suggested`` or ``default``.
        violation: PR code.
        severity: Chosen severity, where it was chosen.
        type_actual: What is really there.
        note: Free text.
        permit_no: Number of the permit the negative rests on.
        permit_authority: Who gave it.
        permit_date: When, ISO date.
        permit_valid_to: Until when, ISO date.
        permit_id: The entry of the register that these come from, where it is linked.
        area_m2: Measured area of the problem, decimal text.
        volume_m3: Measured volume, decimal text.
        review_mode: ``desk`` or ``site``.
        marked_by: Who marked last.
        marked_unit: For which unit.
        marked_role: In which role.
        marked_at: Server time of the mark, ISO UTC.
        second_look: Why the mark should be looked at once more: ``revised``, another delivery
            changed the plot; ``conflict``, somebody's offline record lies beside it.
        submitted_at: Server time of the first time it was submitted; from then on it is seen by
            those above the city.
        undo: Marks that can still be taken back, newest last.
        course_text: The ``Course`` as text: marks never touch it, so they need not read it.
    """

    plot_id: str
    version: int = 0
    seq: int = 0
    stage: str | None = None
    area: str = ""
    county: str | None = None
    township: str | None = None
    assignee: str | None = None
    mark: str = Mark.PENDING.value
    mark_state: str = "draft"
    determination: str | None = None
    outcome: str | None = None
    reason: str | None = None
    reason_source: str | None = None
    violation: str | None = None
    severity: str | None = None
    type_actual: str | None = None
    note: str | None = None
    permit_no: str | None = None
    permit_authority: str | None = None
    permit_date: str | None = None
    permit_valid_to: str | None = None
    permit_id: str | None = None
    area_m2: str | None = None
    volume_m3: str | None = None
    review_mode: str | None = None
    marked_by: str | None = None
    marked_unit: str | None = None
    marked_role: str | None = None
    marked_at: str | None = None
    second_look: str | None = None
    submitted_at: str | None = None
    undo: tuple[UndoPoint, ...] = ()
    course_text: str = NO_COURSE

    @property
    def course(self) -> Course:
        """What the procedure knows beside the mark."""
        return course_of(self.course_text)


STATE_FIELDS: tuple[str, ...] = tuple(
    f.name
    for f in fields(Review)
    if f.name not in {"plot_id", "version", "seq", "undo", "course_text"}
)
"""Fields that events change: the columns of the projection, in order."""
