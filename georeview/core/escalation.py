"""When a county is reminded, given notice, summoned or criticised: one row a trigger.

Pure: what is known of a county on a day → proposals. A person of the city issues; nothing here does.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from georeview.core.clocks import CLOCKS, SOON
from georeview.core.deadlines import Calendar, Count, later

Facts = Mapping[str, str | int | float]
"""What the sentence of a proposal needs."""

REPLY_DAYS: Mapping[str, int | None] = MappingProxyType(
    {"remind": None, "notice": 5, "summons": None, "criticism": 10}
)
"""Step → working days to answer in; ``None`` where none is owed, or the city sets the day by hand."""

NEAR = 3
"""Working days before the due date at which is reminded a second time."""

EFFECT = 10
"""Working days in which a notice or a summons should have had an effect."""

BEHIND_PCT = 20
"""Points by which the share reported may lie behind the share of time that has passed."""

TWICE = 2
"""Returns of one plot, or wrong negatives of one sample, from which somebody above is told."""


@dataclass(frozen=True, slots=True)
class Late:
    """One plot that is late: its clock, the last day in time, working days, severity."""

    plot_id: str
    clock: str
    due: date
    days: int
    severity: str | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A step that was issued to a county.

    Attributes:
        step: A key of ``REPLY_DAYS``.
        basis: Name of its trigger.
        clock: Of which clock, where it concerns one.
        on: When.
        reply_due: By when to answer.
        replied_on: When the county answered.
        plots: Which plots it named.
    """

    step: str
    basis: str
    clock: str | None
    on: date
    reply_due: date | None
    replied_on: date | None
    plots: frozenset[str]


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of a county on a day.

    Attributes:
        today: The day.
        calendar: Which days people work.
        count: Working days between two days.
        late: Plots that are late.
        returned: Plots that the city sent back, with how often.
        submitted: Plots reported, and plots dispatched.
        period: First day of the batch and the last for its review.
        open_due: Clock → due day of plots not done → how many.
        wrong: Wrong negatives that the last sample found.
        drawn_on: When it was drawn.
        issued: What was issued before, oldest first.
    """

    today: date
    calendar: Calendar
    count: Count
    late: Sequence[Late] = ()
    returned: Mapping[str, int] = field(default_factory=dict)
    submitted: tuple[int, int] = (0, 0)
    period: tuple[date, date] | None = None
    open_due: Mapping[str, Mapping[date, int]] = field(default_factory=dict)
    wrong: int = 0
    drawn_on: date | None = None
    issued: Sequence[Issued] = ()

    def of(self, step: str) -> list[Issued]:
        """What was issued of a step, oldest first."""
        return [one for one in self.issued if one.step == step]

    def since(self, step: str, day: date) -> bool:
        """Whether a step was issued on a day or later."""
        return any(one.on >= day for one in self.of(step))


@dataclass(frozen=True, slots=True)
class Proposal:
    """A step that the figures suggest.

    Attributes:
        step: Which.
        basis: Name of the trigger.
        facts: What its sentence ``escalation.because.<basis>`` needs.
        clock: Of which clock, where it concerns one.
        plots: The plots it rests on; empty for all that are open on the clock.
    """

    step: str
    basis: str
    facts: Facts
    clock: str | None = None
    plots: tuple[str, ...] = ()


Finder = Callable[[Situation], Iterator[Proposal]]


def _due_within(basis: str, most: int, least: int) -> Finder:
    """Plots that fall due in so many working days, unless reminded of since they came so near."""

    def find(now: Situation) -> Iterator[Proposal]:
        for clock in CLOCKS:
            near = {
                due: n
                for due, n in now.open_due.get(clock, {}).items()
                if due >= now.today and least <= now.count(now.today, due) <= most
            }
            reminded = any(
                one.basis == basis and one.clock == clock and now.count(one.on, now.today) < most
                for one in now.of("remind")
            )
            if near and not reminded:
                first = min(near)
                facts: Facts = {
                    "n": sum(near.values()),
                    "due": first.isoformat(),
                    "left": now.count(now.today, first),
                }
                yield Proposal("remind", basis, facts, clock)

    return find


def _first_overdue(now: Situation) -> Iterator[Proposal]:
    for clock in CLOCKS:
        late = [one for one in now.late if one.clock == clock]
        if late and not _told_of(now, "notice", late):
            yield _late("notice", "first_overdue", late, clock)


def _told_of(now: Situation, step: str, late: Sequence[Late]) -> bool:
    """Whether a step was issued after the first of these was late."""
    first = min(one.due for one in late)
    return any(one.on > first for one in now.of(step))


def _late(step: str, basis: str, late: Sequence[Late], clock: str | None = None) -> Proposal:
    facts: Facts = {"n": len(late), "worst": max(one.days for one in late)}
    return Proposal(step, basis, facts, clock, tuple(sorted({one.plot_id for one in late})))


def _returned_twice(now: Situation) -> Iterator[Proposal]:
    named = frozenset[str]().union(*(one.plots for one in now.of("notice")))
    plots = tuple(sorted(p for p, n in now.returned.items() if n >= TWICE and p not in named))
    if plots:
        most = max(now.returned[plot] for plot in plots)
        yield Proposal("notice", "returned_twice", {"n": len(plots), "most": most}, None, plots)


def _behind_pace(now: Situation) -> Iterator[Proposal]:
    done, all_of = now.submitted
    if now.period is None or not all_of or now.today > now.period[1]:
        return
    begun, due = now.period
    passed, whole = (now.today - begun).days, (due - begun).days
    told = any(one.basis == "behind_pace" for one in now.of("notice"))
    # In whole numbers: submitted/all < passed/whole - 20/100.
    if whole > 0 and 100 * (done * whole - passed * all_of) < -BEHIND_PCT * all_of * whole:
        facts: Facts = {
            "done": done,
            "n": all_of,
            "share": round(100 * done / all_of, 1),
            "passed": round(100 * passed / whole, 1),
        }
        if not told:
            yield Proposal("notice", "behind_pace", facts, "review")


def _unanswered(now: Situation) -> Iterator[Proposal]:
    for notice in now.of("notice"):
        due = notice.reply_due
        silent = due is not None and due < now.today and notice.replied_on is None
        if silent and due is not None and not now.since("summons", notice.on):
            facts: Facts = {"on": notice.on.isoformat(), "due": due.isoformat()}
            plots = tuple(sorted(notice.plots))
            yield Proposal("summons", "unanswered", facts, notice.clock, plots)
            return


def _without_effect(basis: str, before: str, step: str) -> Finder:
    """Plots that a step named and that are late still, so many working days after it."""

    def find(now: Situation) -> Iterator[Proposal]:
        for told in now.of(before):
            late = [one for one in now.late if one.plot_id in told.plots]
            over = now.today >= later(told.on, EFFECT, now.calendar)
            if late and over and not now.since(step, told.on):
                found = _late(step, basis, late, told.clock)
                facts = {**found.facts, "on": told.on.isoformat()}
                yield Proposal(step, basis, facts, told.clock, found.plots)
                return

    return find


def _wrong_negatives(now: Situation) -> Iterator[Proposal]:
    drawn = now.drawn_on
    if drawn is not None and now.wrong >= TWICE and not now.since("summons", drawn):
        facts: Facts = {"n": now.wrong, "on": drawn.isoformat()}
        yield Proposal("summons", "wrong_negatives", facts)


def _major_overdue(now: Situation) -> Iterator[Proposal]:
    named = frozenset[str]().union(*(one.plots for one in now.of("criticism")))
    late = [one for one in now.late if one.severity == "major" and one.plot_id not in named]
    if late:
        yield _late("criticism", "major_overdue", late, "rectify")


@dataclass(frozen=True, slots=True)
class Trigger:
    """What leads to a step; ``find`` is ``None`` where only a person can know it."""

    id: str
    step: str
    find: Finder | None


TRIGGERS: tuple[Trigger, ...] = (
    Trigger("due_in_10", "remind", _due_within("due_in_10", SOON, NEAR + 1)),
    Trigger("due_in_3", "remind", _due_within("due_in_3", NEAR, 0)),
    Trigger("first_overdue", "notice", _first_overdue),
    Trigger("returned_twice", "notice", _returned_twice),
    Trigger("behind_pace", "notice", _behind_pace),
    Trigger("unanswered", "summons", _unanswered),
    Trigger("overdue_after_notice", "summons", _without_effect("overdue_after_notice", "notice", "summons")),
    Trigger("wrong_negatives", "summons", _wrong_negatives),
    Trigger("overdue_after_summons", "criticism", _without_effect("overdue_after_summons", "summons", "criticism")),
    Trigger("major_overdue", "criticism", _major_overdue),
    Trigger("false_evidence", "criticism", None),
)  # fmt: skip
"""The one table; its thresholds are defaults of the product, not an official rule."""

BY_HAND = "by_hand"
"""What somebody names who issues a step for a reason of his own, in words."""


def proposals(now: Situation) -> list[Proposal]:
    """What the table suggests of a county, the gravest first."""
    found = [one for trigger in TRIGGERS if trigger.find for one in trigger.find(now)]
    order = list(REPLY_DAYS)
    return sorted(found, key=lambda one: -order.index(one.step))


def basis_of(step: str) -> tuple[str, ...]:
    """Triggers that may be named for a step."""
    return (*(one.id for one in TRIGGERS if one.step == step), BY_HAND)
