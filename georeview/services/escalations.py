"""Counties that do not act: what the figures suggest, what the city issues, what is answered."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from georeview.clock import SHANGHAI, Clock
from georeview.core.access import Action, Actor, Scope, area_of, may, need, scope_of
from georeview.core.clocks import CLOCKS
from georeview.core.deadlines import counting, later
from georeview.core.escalation import (
    BY_HAND,
    REPLY_DAYS,
    TWICE,
    Issued,
    Late,
    Proposal,
    Situation,
    basis_of,
    proposals,
)
from georeview.core.plot import STAGES
from georeview.core.query import Filter
from georeview.core.standing import RECTIFY_STOPS, REVIEW_STOPS, Standing
from georeview.errors import BadValue, NotFound
from georeview.errors.escalation import AlreadyAnswered, AlreadyIssued, NotProposed
from georeview.errors.review import DateImpossible, FieldMissing
from georeview.services.bulk import MOST, BulkService
from georeview.services.calendar import CalendarService
from georeview.services.figures import MOST_PLOTS, BehindPlot, FigureService
from georeview.services.ids import new_id
from georeview.services.plots import seen_by
from georeview.services.samples import SampleService
from georeview.storage.ports.escalations import Escalation
from georeview.storage.ports.ledger import Kept, Settled
from georeview.storage.ports.plots import Batch, Plot
from georeview.storage.ports.store import Store

TEXT_MAX = 2000
_STOPS: Mapping[str, frozenset[str]] = {"review": REVIEW_STOPS, "rectify": RECTIFY_STOPS}


@dataclass(frozen=True, slots=True)
class Suggested:
    """A step that is suggested for a county.

    Attributes:
        county: Its code.
        proposal: The step with its facts.
        reply_due: By when an answer would be due; ``None`` where the city sets the day.
        numbers: The plots it rests on by their issued numbers, the first some.
    """

    county: str
    proposal: Proposal
    reply_due: date | None
    numbers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the city decides from.

    Attributes:
        batch: Of which batch.
        today: As of which day.
        suggested: Steps that the figures suggest.
        issued: What was issued, newest first.
        stopped: County → why its clocks stand still (a stage, or ``force``) → plots.
    """

    batch: str
    today: date
    suggested: Sequence[Suggested]
    issued: Sequence[Escalation]
    stopped: Mapping[str, Mapping[str, int]]


class EscalationService:
    """Reminders, notices, summonses and public criticism."""

    def __init__(
        self,
        store: Store,
        figures: FigureService,
        samples: SampleService,
        calendar: CalendarService,
        bulk: BulkService,
        clock: Clock,
    ) -> None:
        self._store = store
        self._figures = figures
        self._samples = samples
        self._calendar = calendar
        self._bulk = bulk
        self._clock = clock

    # Looking -------------------------------------------------------------------------------------

    def desk(self, actor: Actor, batch: str | None = None) -> Desk:
        """What was issued; for whoever issues also what is suggested, and why.

        Raises:
            Forbidden: The actor sees no figures.
            NotFound: There is no such batch in the actor's area.
        """
        need(actor, Action.FIGURES)
        of, today = self._batch(actor, batch), self._figures.day(None)
        issued = self._store.escalations.all(of.name, area_of(actor, Action.FIGURES, of.name))
        if not may(actor, Action.ESCALATE):
            return Desk(of.name, today, (), issued, {})
        by_county = self._standings(actor, of, today)
        suggested = [
            self._suggested(actor, county, one, today)
            for county in sorted(by_county)
            for one in proposals(self._situation(actor, of, county, by_county[county], today))
        ]
        stopped = {county: _stopped(found) for county, found in by_county.items()}
        return Desk(of.name, today, suggested, issued, {c: s for c, s in stopped.items() if s})

    def look(self, actor: Actor, told: Callable[[int], None]) -> int:
        """Work out, for every batch, how many steps are suggested; the city's inbox says it."""
        n = 0
        for batch in self._store.plots.batches(seen_by(actor)):
            found = Counter(one.county for one in self.desk(actor, batch.name).suggested)
            self._store.escalations.propose(
                batch.name, sorted(found.items()), self._clock().isoformat()
            )
            n += found.total()
            told(1)
        return n

    # Issuing -------------------------------------------------------------------------------------

    def issue(
        self,
        actor: Actor,
        *,
        county: str,
        step: str,
        basis: str,
        document_no: str,
        batch: str | None = None,
        clock: str | None = None,
        reply_due: date | None = None,
        text: str = "",
    ) -> tuple[Escalation, int]:
        """Issue a step to a county: an event of every plot it names, and one record.

        Args:
            actor: Who issues.
            county: To whom.
            step: Which.
            basis: The trigger, or ``by_hand`` with a text.
            document_no: Number of the document.
            batch: Of which batch; the newest when not named.
            clock: Which of two suggestions of one trigger is meant.
            reply_due: By when to answer; worked out where the step has working days of its own.
            text: What is said beside.

        Returns:
            The record, and how many plots have the event.

        Raises:
            Forbidden: The actor issues nothing there.
            BadValue: No such step or trigger.
            NotProposed: The figures do not bear the trigger out.
            AlreadyIssued: The county has this step under this number.
        """
        need(actor, Action.ESCALATE, county)
        if step not in REPLY_DAYS:
            raise BadValue(field="step", value=step[:40])
        if basis not in basis_of(step):
            raise BadValue(field="basis", value=basis[:40])
        number, said = document_no.strip(), text.strip()[:TEXT_MAX]
        if not number:
            raise FieldMissing(field="document_no")
        of, today = self._batch(actor, batch), self._figures.day(None)
        known = self._store.escalations.all(of.name, Scope((county,)))
        if any(one.step == step and one.document_no == number for one in known):
            raise AlreadyIssued(document_no=number)
        due = self._reply_due(step, reply_due, today)
        proposal = self._borne_out(actor, of, county, step, basis, clock, said, today)
        plots = self._plots(actor, of, county, proposal)
        body: dict[str, object] = {"code": step, "document_no": number}
        body |= {"date": due.isoformat()} if due else {}
        body |= {"text": said} if said else {}
        taken = self._taken(actor, plots, body)
        one = Escalation(
            escalation_id=new_id(),
            batch=of.name,
            county=county,
            step=step,
            basis=basis,
            clock=proposal.clock,
            document_no=number,
            issued_on=today.isoformat(),
            reply_due=due.isoformat() if due else None,
            text=said,
            facts=json.dumps(dict(proposal.facts), sort_keys=True),
            plots=json.dumps([plot.given.plot_id for plot in plots]),
            actor=actor.user,
            unit=actor.unit,
            at=self._clock().isoformat(),
        )
        self._store.escalations.add(one)
        return one, taken

    def reply(self, actor: Actor, escalation_id: str, on: date, text: str) -> Escalation:
        """Record what a county answered, and when.

        Raises:
            NotFound: Nothing of that name was issued where the actor may issue.
            DateImpossible: The day lies before the issue, or has not come.
            AlreadyAnswered: It has been recorded.
        """
        need(actor, Action.ESCALATE)
        one = self._store.escalations.get(escalation_id)
        if not may(actor, Action.ESCALATE, one.county):
            raise NotFound(what=escalation_id)
        today, said = self._figures.day(None), text.strip()[:TEXT_MAX]
        if not said:
            raise FieldMissing(field="text")
        if not date.fromisoformat(one.issued_on) <= on <= today:
            first, last = one.issued_on, today.isoformat()
            raise DateImpossible(field="date", value=on.isoformat(), first=first, last=last)
        if one.replied_on is not None:
            raise AlreadyAnswered(on=one.replied_on)
        self._store.escalations.answer(escalation_id, on.isoformat(), said, actor.user)
        return self._store.escalations.get(escalation_id)

    def _reply_due(self, step: str, given: date | None, today: date) -> date | None:
        if given is not None and given < today:
            first = today.isoformat()
            raise DateImpossible(field="date", value=given.isoformat(), first=first, last="-")
        days = REPLY_DAYS[step]
        if given is not None or days is None:
            if step == "summons" and given is None:
                raise FieldMissing(field="date")
            return given
        return later(today, days, self._calendar.calendar())

    def _borne_out(
        self,
        actor: Actor,
        batch: Batch,
        county: str,
        step: str,
        basis: str,
        clock: str | None,
        said: str,
        today: date,
    ) -> Proposal:
        """The suggestion that is meant; for a reason nobody but a person knows, a text."""
        standings = self._standings(actor, batch, today).get(county)
        if standings is None:
            raise NotFound(what=county)
        now = self._situation(actor, batch, county, standings, today)
        for one in proposals(now):
            if (one.step, one.basis) == (step, basis) and clock in (None, one.clock):
                return one
        if basis not in (BY_HAND, "false_evidence"):
            raise NotProposed(basis=basis)
        if not said:
            raise FieldMissing(field="text")
        late = tuple(sorted({plot.plot_id for plot in now.late}))
        return Proposal(step, basis, {"n": len(late)}, None, late)

    def _plots(self, actor: Actor, batch: Batch, county: str, found: Proposal) -> list[Plot]:
        """The plots that a step names: its own, or all of the county that are open on its clock."""
        if found.plots:
            return [
                self._store.plots.get(seen_by(actor), plot_id) for plot_id in found.plots[:MOST]
            ]
        if found.clock is None:
            return []
        stages = tuple(s.value for s, info in STAGES.items() if info.clock == found.clock)
        where = Filter(batch=batch.name, county=county, stages=stages)
        return [p for part in self._store.plots.stream(seen_by(actor), where) for p in part][:MOST]

    def _taken(self, actor: Actor, plots: Iterable[Plot], body: Mapping[str, object]) -> int:
        targets = [(plot.given.plot_id, plot.review.version) for plot in plots]
        results = self._bulk.take(actor, Action.ESCALATE.value, targets, body)
        return sum(
            isinstance(one, Settled) and isinstance(one.result, Kept)
            for part in results
            for _, one in part
        )

    # What is known -------------------------------------------------------------------------------

    def _batch(self, actor: Actor, name: str | None) -> Batch:
        found = self._store.plots.batches(seen_by(actor))
        batch = next((b for b in found if name in (None, b.name)), None)
        if batch is None:
            raise NotFound(what=name or "batch")
        return batch

    def _standings(
        self, actor: Actor, batch: Batch, today: date
    ) -> dict[str, list[tuple[Standing, int]]]:
        found: dict[str, list[tuple[Standing, int]]] = defaultdict(list)
        may_issue = scope_of(actor, Action.ESCALATE)
        for plot, n in self._figures.standings(actor, batch.name, today):
            if plot.county and plot.dispatched and may_issue.holds(plot.county):
                found[plot.county].append((plot, n))
        return found

    def _situation(
        self,
        actor: Actor,
        batch: Batch,
        county: str,
        standings: Sequence[tuple[Standing, int]],
        today: date,
    ) -> Situation:
        calendar = self._calendar.calendar()
        judged = self._samples.judged(batch.name, "9999").get(county)
        drawn = self._store.samples.all(batch.name)[:1]
        begun = datetime.fromisoformat(batch.created_at).astimezone(SHANGHAI).date()
        due = batch.review_due and date.fromisoformat(batch.review_due)
        return Situation(
            today=today,
            calendar=calendar,
            count=counting(calendar),
            late=self._late(actor, batch, county, today),
            returned=self._returned(actor, batch, county, today),
            submitted=(
                sum(n for plot, n in standings if plot.submitted or plot.verified),
                sum(n for _, n in standings),
            ),
            period=(begun, due) if due else None,
            open_due=_open_due(standings, today),
            wrong=judged.wrong if judged else 0,
            drawn_on=date.fromisoformat(drawn[0].as_of) if drawn else None,
            issued=[_issued(one) for one in self._before(batch, county)],
        )

    def _before(self, batch: Batch, county: str) -> list[Escalation]:
        return list(reversed(self._store.escalations.all(batch.name, Scope((county,)))))

    def _late(self, actor: Actor, batch: Batch, county: str, today: date) -> list[Late]:
        found = [
            Late(p.plot_id, "review", p.review_due or today, p.overdue_review_days)
            for p in self._behind(actor, batch, county, "overdue_review", today)
        ]
        for p in self._behind(actor, batch, county, "overdue_rectify", today):
            severity = self._store.plots.get(seen_by(actor), p.plot_id).review.severity
            due, days = p.rectify_due or today, p.overdue_rectify_days
            found.append(Late(p.plot_id, "rectify", due, days, severity))
        return found

    def _returned(self, actor: Actor, batch: Batch, county: str, today: date) -> dict[str, int]:
        """Plots that were sent back twice or more and are not settled."""
        found = {}
        for plot in self._behind(actor, batch, county, "returned", today):
            review = self._store.plots.get(seen_by(actor), plot.plot_id).review
            times = review.course.returns or 0
            if times >= TWICE and not plot.standing.verified:
                found[plot.plot_id] = times
        return found

    def _behind(
        self, actor: Actor, batch: Batch, county: str, set_id: str, today: date
    ) -> list[BehindPlot]:
        found: list[BehindPlot] = []
        after: int | None = 0
        while after is not None and len(found) < MOST:
            part = self._figures.behind(
                actor, set_id=set_id, batch=batch.name, as_of=today, unit=county,
                after=after, limit=MOST_PLOTS,
            )  # fmt: skip
            found += part.items
            after = part.after
        return found

    def _suggested(self, actor: Actor, county: str, found: Proposal, today: date) -> Suggested:
        days = REPLY_DAYS[found.step]
        due = None if days is None else later(today, days, self._calendar.calendar())
        scope = seen_by(actor)
        numbers = {p: self._store.plots.get(scope, p).given.source_id for p in found.plots[:20]}
        return Suggested(county, found, due, numbers)


def _issued(one: Escalation) -> Issued:
    day = date.fromisoformat
    return Issued(
        step=one.step,
        basis=one.basis,
        clock=one.clock,
        on=day(one.issued_on),
        reply_due=day(one.reply_due) if one.reply_due else None,
        replied_on=day(one.replied_on) if one.replied_on else None,
        plots=frozenset(json.loads(one.plots)),
    )


def _open_due(
    standings: Iterable[tuple[Standing, int]], today: date
) -> Mapping[str, Mapping[date, int]]:
    """Plots of a county that are not done, by clock and due day; those that stand still are not near."""
    found: dict[str, Counter[date]] = {clock: Counter() for clock in CLOCKS}
    for plot, n in standings:
        for clock in CLOCKS:
            held = plot.review if clock == "review" else plot.rectify
            owed = clock == "review" or (plot.verified and plot.determination == "problem")
            due = held.due_on(today)
            if owed and not held.done and held.stopped_since is None and due is not None:
                found[clock][due] += n
    return found


def _stopped(standings: Iterable[tuple[Standing, int]]) -> dict[str, int]:
    """Why clocks of a county stand still, each with the number of plots."""
    found: Counter[str] = Counter()
    for plot, n in standings:
        for clock in CLOCKS:
            held = plot.review if clock == "review" else plot.rectify
            if held.stopped_since is not None and not held.done:
                found[plot.stage if plot.stage in _STOPS[clock] else "force"] += n
    return dict(sorted(found.items()))
