"""Reading plots: lists, one plot with all about it, and the columns behind the page."""

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from operator import is_
from typing import Any, cast

from georeview.clock import SHANGHAI, Clock
from georeview.core.access import Action, Actor, Scope, may, need, scope_of, sees_evidence
from georeview.core.aside import Aside, lying, settles
from georeview.core.clocks import Clock as PhaseClock
from georeview.core.clocks import Timing, clock_of, is_past_review, timing
from georeview.core.commands import HASH_OF_NAME
from georeview.core.deadlines import OwnDays
from georeview.core.ledger import Event
from georeview.core.locks import HELD_BACK, Lock, in_force
from georeview.core.plot import Review, Stage
from georeview.core.query import MAX_LIMIT, SORTS, Filter, PageOf, Sort
from georeview.core.requirements import Missing, Proof, missing
from georeview.core.review import possible
from georeview.errors import BadValue, NotFound
from georeview.services.calendar import calendar_with, count_with
from georeview.services.imagery import Covering, Footprints, covering, is_pair
from georeview.services.memory import give_back
from georeview.storage.ports.evidence import EvidenceFile
from georeview.storage.ports.layers import Around, Scene
from georeview.storage.ports.ledger import Known
from georeview.storage.ports.plots import Batch, Facts, Import, NewPlot, Page, Plot, Rows
from georeview.storage.ports.store import Store

Names = Mapping[str, str | None] | None
"""Token → name, ``None`` once erased; nothing at all for who may see no names."""

MANY = 50_000
"""Rows of one answer that leave memory behind which is worth giving back."""


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything about one plot, for one person.

    Attributes:
        plot: The plot.
        evidence: Its files; empty for who may not see them.
        missing: What the mark still needs.
        may: Steps this person may take now.
        scenes: Scenes whose valid data reach it, oldest first.
        around: What stands beside every plot.
        aside: Records that came too late and wait to be settled, each with whether this person may.
        names: Of third parties, by what the review says instead; ``None`` for who may see none.
    """

    plot: Plot
    evidence: Sequence[EvidenceFile]
    missing: Sequence[Missing]
    may: Sequence[str]
    scenes: Sequence[Covering]
    around: Around
    aside: Sequence[tuple[Aside, bool]] = ()
    names: Names = None


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch with the number of plots per mark that one person sees."""

    batch: Batch
    counts: Mapping[str, int]


class PlotService:
    """Lists and single plots, always through somebody's scope."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._footprints = Footprints()
        self._proofs = _Proofs()

    def batches(self, actor: Actor) -> list[BatchView]:
        """Batches the actor sees something of, newest first."""
        scope = seen_by(actor)
        return [
            BatchView(batch, self._store.plots.counts(scope, batch.name))
            for batch in self._store.plots.batches(scope)
        ]

    def stages(self, actor: Actor, batch: str) -> Mapping[Stage, tuple[int, int]]:
        """Stage → how many plots of a batch lie in it, and how many of those are overdue."""
        scope, listed = seen_by(actor), Filter(batch=batch, stages=tuple(Stage))
        today = self._clock().astimezone(SHANGHAI).date()
        late = self._store.plots.stages(scope, replace(listed, overdue_on=today))
        found = self._store.plots.stages(scope, listed)
        return {stage: (found.get(stage, 0), late.get(stage, 0)) for stage in Stage}

    def page(self, actor: Actor, where: Filter, page: PageOf, *, count: bool) -> Page:
        """A part of a list."""
        return self._store.plots.page(seen_by(actor), where, page, count=count)

    def detail(self, actor: Actor, plot_id: str) -> Detail:
        """One plot with what it needs and what the actor may do.

        Raises:
            NotFound: Not there, or not visible to the actor.
        """
        scope = seen_by(actor)
        plot = self._store.plots.get(scope, plot_id)
        files = self._store.evidence.of_plot(scope, plot_id)
        late = lying(self._store.ledger.history(scope, plot_id)) if plot.conflicts else ()
        return self.shown(actor, Known(plot, files, self._store.around(), aside=late))

    def shown(self, actor: Actor, known: Known) -> Detail:
        """The same from what is known of a plot the actor sees; only names are read, if any."""
        plot, review = known.plot, known.plot.review
        proof, scenes = self._proof(known)
        who = actor.on(plot.given.batch)
        return Detail(
            plot,
            known.files if sees_evidence(actor, review, plot.given.batch) else (),
            missing(review, proof),
            self._possible(who, plot),
            scenes,
            known.around,
            [(record, settles(review, record, who)) for record in known.aside],
            self._names(who, plot, some=HASH_OF_NAME in review.course_text or bool(known.aside)),
        )

    def _possible(self, who: Actor, plot: Plot) -> Sequence[str]:
        """The steps the actor may take now; while somebody else holds the plot, few."""
        steps = possible(plot.review, who)
        if plot.lock is None or plot.lock.user == who.user or not self.lock(plot):
            return steps
        return [step for step in steps if step not in HELD_BACK]

    def lock(self, plot: Plot) -> Lock | None:
        """Who holds a plot just now."""
        return None if plot.lock is None else in_force(plot.lock, self._clock())

    def _names(self, who: Actor, plot: Plot, *, some: bool = True) -> Names:
        """Token → name of what is on record of a plot, for whoever may see names there."""
        if not may(who, Action.SEE_PERSONAL, plot.review.area):
            return None
        found = self._store.personal.of_plot(plot.given.plot_id) if some else []
        return {one.token: one.value for one in found}

    def proof(self, known: Known) -> Proof:
        """What is known about a plot beside its review."""
        return self._proof(known)[0]

    def _proof(self, known: Known) -> tuple[Proof, list[Covering]]:
        """A step is judged by it and then shown with it: it is worked out once."""
        return self._proofs.of(known, self._worked_out)

    def _worked_out(self, known: Known) -> tuple[Proof, list[Covering]]:
        facts, given = known.plot.facts, known.plot.given
        scenes = covering(known.around.scenes, given.wkb, given.bbox, self._footprints)
        counted: dict[str, int] = {}
        for file in known.files:
            counted[file.kind] = counted.get(file.kind, 0) + 1
        proof = Proof(
            evidence=counted,
            facts=facts is not None and facts.band is not None,
            image_pair=is_pair(scenes),
            band=facts.band if facts else None,
            permits=_permits(facts),
            suggestion=facts.suggestion if facts and _is_negative(facts.suggestion) else None,
            county=facts.county if facts else None,
            photos=tuple(_taken_on(file) for file in known.files if file.kind == "E_PHOTO"),
            dues={"review": known.plot.review_due, "rectify": known.plot.rectify_due},
            hard=known.plot.hard,
            calendar=calendar_with(known.around.own_days),
        )
        return proof, scenes

    def batch(self, actor: Actor, name: str) -> tuple[BatchView, list[Import]]:
        """One batch with the files taken in for it; those only for who sees the whole of it.

        Raises:
            NotFound: Not there, or the actor sees nothing of it.
        """
        view = next((v for v in self.batches(actor) if v.batch.name == name), None)
        if view is None:
            raise NotFound(what=name)
        whole = seen_by(actor).holds(view.batch.area)
        return view, self._store.plots.imports(name) if whole else []

    def around(self) -> Around:
        """What stands beside every plot now."""
        return self._store.around()

    def issued(self, actor: Actor, batch: str) -> tuple[int, int]:
        """How many plots of a batch were issued, and how many there are after splits and merges."""
        return self._store.plots.issued(seen_by(actor), batch)

    def place_names(self) -> Mapping[str, str]:
        """Code → name of every county and township of the current layers."""
        return self.around().places

    def timing(self, plot: Plot, own_days: OwnDays) -> Timing | None:
        """How a plot stands today against the clock of its stage.

        Args:
            plot: The plot.
            own_days: What the office says of days, beside the packaged calendar.
        """
        clock = clock_of(plot.review)
        if clock is None:
            return None
        batch_due = plot.review_due if clock == "review" else plot.rectify_due
        today = self._clock().astimezone(SHANGHAI).date()
        review = plot.review
        marked_at = review.marked_at if is_past_review(review) else None
        return _timing(
            review.course_text, review.stage, marked_at, clock, batch_due, today, own_days
        )

    def history(self, actor: Actor, plot_id: str) -> list[Event]:
        """The plot's events, oldest first."""
        return self._store.ledger.history(seen_by(actor), plot_id)

    def names(self, actor: Actor, plot_id: str) -> Names:
        """Names in its history, by what events say instead; ``None`` for who may see none."""
        plot = self._store.plots.get(seen_by(actor), plot_id)
        return self._names(actor.on(plot.given.batch), plot)

    def given(self, actor: Actor, plot_id: str) -> list[tuple[int | None, NewPlot]]:
        """What the plot was given, oldest first, each with the event that replaced it."""
        scope = seen_by(actor)
        pasts = self._store.deliveries.pasts(scope, plot_id)
        present = self._store.plots.get(scope, plot_id).given
        return [*((past.replaced_by, past.given) for past in pasts), (None, present)]

    def rows(self, actor: Actor, batch: str) -> Iterator[Rows]:
        """The actor's queue as columns, part by part."""
        rows = 0
        for part in self._store.plots.rows(seen_by(actor), batch):
            rows += len(part.fid)
            yield part
        if rows > MANY:
            give_back()

    def marks(self, actor: Actor, batch: str) -> Iterator[Sequence[tuple[str, str, int]]]:
        """Mark, its state and the late records of the same plots in the same order."""
        return self._store.plots.marks(seen_by(actor), batch)


_Grounds = tuple[NewPlot, Facts | None, Sequence[EvidenceFile], Sequence[Scene]]


class _Proofs:
    """What speaks for a plot, kept as long as the very things it was worked out from are in hand."""

    MOST = 1536

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._kept: dict[str, tuple[_Grounds, tuple[Proof, list[Covering]]]] = {}

    def of(
        self, known: Known, work_out: Callable[[Known], tuple[Proof, list[Covering]]]
    ) -> tuple[Proof, list[Covering]]:
        plot = known.plot
        plot_id = plot.given.plot_id
        grounds = (plot.given, plot.facts, known.files, known.around.scenes)
        kept = self._kept.get(plot_id)
        if kept is not None and all(map(is_, kept[0], grounds)):
            return kept[1]
        proof = work_out(known)
        with self._gate:
            self._kept[plot_id] = (grounds, proof)
            if len(self._kept) > self.MOST:
                del self._kept[next(iter(self._kept))]
        return proof


def _taken_on(file: EvidenceFile) -> str:
    """The day of a photo here: the camera's, where it says one, else that of its arrival."""
    moment = datetime.fromisoformat(file.taken_at or file.created_at)
    return (moment.astimezone(SHANGHAI) if moment.tzinfo else moment).date().isoformat()


@lru_cache(maxsize=4096)
def _timing(
    course_text: str,
    stage: str | None,
    marked_at: str | None,
    clock: PhaseClock,
    batch_due: str | None,
    today: date,
    own_days: OwnDays,
) -> Timing | None:
    """The plots of a batch share their dates and mostly their course: worked out once for all."""
    review = Review("", stage=stage, marked_at=marked_at, course_text=course_text)
    return timing(review, clock, batch_due, today, count_with(own_days))


def dues_of(plot: Plot) -> dict[str, str | None]:
    """Both due dates in force, without stopped days: ``review_due_on``, ``rectify_due_on``."""
    course = plot.review.course
    return {
        "review_due_on": course.review_due_on or plot.review_due,
        "rectify_due_on": course.rectify_due_on or plot.rectify_due,
    }


@lru_cache(maxsize=1024)
def seen_by(actor: Actor) -> Scope:
    """What the actor may see; it follows from the grants alone.

    Raises:
        Forbidden: The actor sees no plots at all.
    """
    need(actor, Action.SEE)
    return scope_of(actor)


def _is_negative(code: str | None) -> bool:
    return code is not None and code.startswith("FP")


def _permits(facts: Facts | None) -> frozenset[str]:
    """Numbers of registered permits that the overlay found at the place."""
    hints = cast("list[dict[str, Any]]", facts.detail.get("hints", []) if facts else [])
    permits = (hint for hint in hints if hint["key"] == "permit")
    found = (hint["facts"].get("number") for hint in permits)
    return frozenset(str(number) for number in found if number)


# Cursors and pages -------------------------------------------------------------------------------


def page_of(sort: str, *, limit: int, cursor: str | None) -> PageOf:
    """Which part of a list a request asks for; ``-`` before a sort turns it round.

    Raises:
        BadValue: The sort is not one of ours, or the cursor is not one of this order.
    """
    name = sort.removeprefix("-")
    if name not in SORTS:
        raise BadValue(field="sort", value=sort[:80])
    chosen: Sort = name
    page = PageOf(chosen, sort.startswith("-"), min(max(limit, 1), MAX_LIMIT))
    return page if cursor is None else replace(page, after=_decode(cursor, page))


def encode_cursor(page: PageOf, after: tuple[str | float | int | None, str] | None) -> str | None:
    """An opaque text for where a part of a list ended; it holds for the same order only."""
    if after is None:
        return None
    place = json.dumps([page.sort, page.descending, *after])
    return base64.urlsafe_b64encode(place.encode("utf-8")).decode("ascii")


def _decode(cursor: str, page: PageOf) -> tuple[str | float | int | None, str]:
    try:
        order, descending, value, plot = json.loads(base64.urlsafe_b64decode(cursor))
    except (ValueError, TypeError) as error:
        raise BadValue(field="cursor", value=cursor[:80]) from error
    ours = isinstance(plot, str) and isinstance(value, str | float | int | None)
    if not ours or (order, descending) != (page.sort, page.descending):
        raise BadValue(field="cursor", value=cursor[:80])
    return value, plot
