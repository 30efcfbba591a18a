"""A season of a batch from April to December, lived by people through the doors of the product.

Each plot has a life: steps with days between them, by somebody who may take them. ``Season``
takes them day by day through ``ReviewService`` and ``BulkService``, at the time its clock shows.
"""

import heapq
import random
from collections import defaultdict
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Any

from georeview.clock import SHANGHAI
from georeview.core.access import EVERYTHING, Actor
from georeview.core.plot import UNLISTED, Review
from georeview.core.procedure import Command
from georeview.core.review import attachment
from georeview.errors import NotFound
from georeview.errors.review import FourEyes, RefusalLate
from georeview.services import Services
from georeview.services.ids import new_id
from georeview.services.review import kept
from georeview.storage.ports.evidence import EvidenceFile
from georeview.storage.ports.ledger import Pending, Settled
from tests.builders import (
    COUNTIES,
    a_batch_of,
    a_plot,
    an_account,
    an_actor,
    an_import,
    entries,
    some_facts,
)

FIRST, LAST = date(2023, 4, 11), date(2023, 12, 15)
REVIEW_DUE, RECTIFY_DUE = date(2023, 6, 30), date(2023, 11, 30)

NO_BYTES = "0" * 64
DOC = "巴河办〔2023〕12号"
MARKER, CHECKER, LEADER = (an_actor("city", "5119", user) for user in ("李", "刘", "林"))
PROVINCE, GIS = an_actor("province", "51"), an_actor("gis", "5119")


@dataclass(frozen=True)
class Ask:
    """One step somebody takes, some days after the last."""

    by: Actor
    action: str
    body: dict[str, object] = field(default_factory=dict)
    wait: int = 0
    late_h: float = 0
    attach: tuple[str, ...] = ()
    bulk: bool = False
    refused: type[Exception] | None = None


Life = Generator[Ask, Review, Any]
"""Asks for steps and is told what became of the plot; gives that back at the end of a part."""

Turn = tuple[int, Life, Ask]
"""Number of a plot, its life, and the step that comes next."""

Due = tuple[date, int, Life, Ask]


# Lives -------------------------------------------------------------------------------------------


class Plot:
    """One plot on its way through the season, and whoever has to do with it."""

    def __init__(self, season: "Season", number: int, plot_id: str, county: str) -> None:
        self.season, self.number, self.plot_id = season, number, plot_id
        self.rng = random.Random(f"{season.seed}{number}")
        self.settle_in(county)

    def settle_in(self, county: str) -> None:
        """Who reviews it there."""
        self.county = county
        self.reviewer, self.head = (an_actor("county", county, f"{county}-{n}") for n in "ab")
        self.town = an_actor("township", f"{county}100", f"{county}-t")

    @property
    def state(self) -> Review:
        return self.season.states[self.number]

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def days(self, least: int = 0, most: int = 20) -> int:
        return self.rng.randint(least, most)

    def live(self, *, dispatched: bool) -> Life:
        """From the intake to the end of the season."""
        if not dispatched:
            if self.chance(0.3):
                return
            yield Ask(MARKER, "dispatch", {"county": self.county}, self.days())
        if self.chance(0.12):
            yield from self.refused()
        if self.chance(0.04):
            yield Ask(LEADER, "stop_clock", {"text": "汛期", "document_no": DOC}, self.days())
            yield Ask(LEADER, "restart_clock", {"document_no": DOC}, self.days(0, 60))
        if self.chance(0.04):
            state = yield from self.merged() if self.number % 2 else self.withdrawn()
            if state.stage in UNLISTED or self.chance(0.3):
                return
        if self.chance(0.06):
            yield from self.extended("review")
        if self.chance(0.1):
            return
        state = yield from self.reviewed()
        while state.stage == "closed" and self.chance(0.15):
            body = {"code": self.rng.choice(["RO1", "RO4", "RO6"])}
            yield Ask(LEADER, "reopen", body, self.days(5, 90))
            state = yield from self.reviewed()

    def refused(self) -> Life:
        if self.chance(0.1):
            yield Ask(self.reviewer, "refuse", {"code": "RF1"}, 40, refused=RefusalLate)
            return
        yield Ask(self.reviewer, "refuse", {"code": "RF1"}, self.days(0, 3))
        if self.chance(0.5):
            other = self.rng.choice([c for c in COUNTIES if c != self.county])
            yield Ask(LEADER, "transfer", {"county": other}, self.days())
            self.settle_in(other)
        else:
            yield Ask(LEADER, "deny_refusal", {"text": "位于本县"}, self.days())

    def merged(self) -> Life:
        target = self.season.plots[self.number - 1].plot_id
        state = yield Ask(GIS, "merge", {"target": target}, self.days())
        if self.chance(0.5):
            state = yield Ask(LEADER, "unmerge", {"text": "并非重复"}, self.days())
        return state

    def withdrawn(self) -> Life:
        state = yield Ask(LEADER, "withdraw", {"document_no": DOC}, self.days())
        if self.chance(0.5):
            state = yield Ask(LEADER, "reinstate", {"document_no": DOC}, self.days())
        return state

    def extended(self, clock: str) -> Life:
        """The city within the ministry's date, the province beyond it."""
        wait = self.days()
        due = REVIEW_DUE if clock == "review" else RECTIFY_DUE
        day = self.season.today + timedelta(days=wait + self.days(30, 90))
        by = LEADER if day <= due else PROVINCE
        if by is LEADER or clock == "rectify":
            body = {"date": day.isoformat(), "document_no": DOC, "clock": clock}
            yield Ask(by, "extend", body, wait)

    def reviewed(self) -> Life:
        """Marked, submitted, perhaps sent back or asked about, at last accepted."""
        problem = self.chance(0.15)
        by = self.rng.choice([self.reviewer] * 7 + [self.town] * 2 + [MARKER])
        while True:
            state = yield from self.marked(by, problem=problem)
            if state.stage != "in_review":
                break
        if self.chance(0.1):
            return state
        if not problem:
            return (yield from self.negative())
        if state.mark == "rectified":
            state = yield Ask(CHECKER, "accept_problem", wait=self.days())
        elif self.chance(0.2):
            return (yield from self.watched())
        else:
            state = yield Ask(CHECKER, "accept_problem", {"severity": "serious"}, self.days())
        return (yield from self.put_right(state))

    def marked(self, by: Actor, *, problem: bool) -> Life:
        """Once round: up to the city's check, or back in review."""
        bulk = self.chance(0.3)
        state = self.state
        if by is self.town and state.township is None:
            if state.stage == "at_county":
                yield Ask(self.reviewer, "claim", wait=1)
            yield Ask(self.reviewer, "dispatch_town", {"township": self.town.grants[0].area})
            yield Ask(self.town, "open", wait=self.days())
        on_the_spot = problem and self.chance(0.2)
        if problem:
            mark = "rectified" if on_the_spot else "confirmed"
            body = {"mark": mark, "violation": "PR32", "area_m2": "120", "note": "弃渣"}
            kinds = ("E_PHOTO", "E_PHOTO", "E_FLOOD", "E_HISTORY")
        else:
            body, kinds = {"mark": "false_positive", "reason": "FP31"}, ()
        state = yield Ask(by, "mark", body, self.days(0, 45), attach=kinds)
        if self.chance(0.05):
            yield Ask(by, "undo_mark")
            state = yield Ask(by, "mark", body, self.days(0, 3))
        if self.chance(0.04):
            return (yield from self.asked_about())
        late_h = self.rng.choice([0, 20, 100]) if by is MARKER else 0
        state = yield Ask(by, "submit", wait=self.days(0, 5), late_h=late_h, bulk=bulk)
        if by is not MARKER:
            state = yield from self.checked(by, problem=problem, bulk=bulk)
        if state.stage == "city_check" and self.chance(0.05):
            return (yield from self.asked_about())
        if state.stage == "city_check" and self.chance(0.25):
            state = yield Ask(CHECKER, "return", {"code": "RT3"}, self.days(0, 30))
        return state

    def checked(self, by: Actor, *, problem: bool, bulk: bool) -> Life:
        if by is self.reviewer and self.chance(0.05):
            yield Ask(by, "approve", refused=FourEyes)
        if self.chance(0.1):
            return (yield Ask(self.head, "return", {"code": "RT1"}, self.days()))
        if bulk and not problem:
            return (yield Ask(self.head, "approve", {"reason": "FP31"}, self.days(), bulk=True))
        late_h = self.rng.choice([0, 0, 30, 71.9, 80, -3])
        return (yield Ask(self.head, "approve", {}, self.days(), late_h=late_h))

    def asked_about(self) -> Life:
        body = {"text": "界线偏移", "layer_version": "v1", "point": "106.9,31.9"}
        yield Ask(GIS, "query_boundary", body, self.days(0, 2))
        yield Ask(GIS, "resolve_boundary", {"text": "不变"}, self.days(1, 30))
        return (yield Ask(LEADER, "confirm", wait=self.days(0, 5)))

    def negative(self) -> Life:
        sample = self.season.sample
        if sample is None or self.chance(0.3):
            return (yield Ask(CHECKER, "accept_negative", wait=self.days()))
        return (yield Ask(CHECKER, "accept_negative", {"sample": sample}, self.days(), bulk=True))

    def watched(self) -> Life:
        state = yield Ask(CHECKER, "accept_watch", {"document_no": DOC}, self.days())
        if not self.chance(0.4):
            return state
        body = {"to": "rectify_plan", "text": "碍洪"}
        yield Ask(self.reviewer, "recheck", body, self.days(20, 60), attach=("E_PHOTO",))
        state = yield Ask(LEADER, "confirm", wait=self.days(0, 5))
        return (yield from self.put_right(state))

    def put_right(self, state: Review) -> Life:
        """From an accepted problem to the close-out, with what comes between."""
        while True:
            if state.stage == "rectify_plan":
                yield from self.planned()
            if state.stage != "city_accept":
                date_done = self.days(5, 120)
                done = self.season.today + timedelta(days=date_done)
                body = {"date": done.isoformat(), "measure": "M2"}
                photos = ("E_PHOTO", "E_PHOTO")
                state = yield Ask(self.reviewer, "claim_rectified", body, date_done, attach=photos)
                by, right, late_h = self.head, "accept_rectified", self.rng.choice([0, 25])
            else:
                by, right, late_h = LEADER, "close", 0
                if self.chance(0.2):
                    return state
            if self.chance(0.2):
                state = yield Ask(by, "reject_rectified", {"code": "RT6"}, self.days())
                continue
            state = yield Ask(by, right, {"method": "site"}, self.days(), late_h=late_h)
            if state.stage == "closed":
                return state

    def planned(self) -> Life:
        if self.chance(0.2):
            yield from self.extended("rectify")
        wait, due = self.days(0, 30), self.state.course.rectify_due_on or RECTIFY_DUE.isoformat()
        finish = (self.season.today + timedelta(days=wait + 20)).isoformat()
        if finish <= due and self.chance(0.7):
            body = {"measure": "M2", "unit": "水务局", "person": "张某", "finish": finish}
            yield Ask(self.reviewer, "plan", body, wait)
        if self.chance(0.1):
            body = {"text": "汛期", "document_no": DOC, "clock": "rectify"}
            yield Ask(LEADER, "stop_clock", body, self.days())
            yield Ask(LEADER, "restart_clock", {"document_no": DOC}, self.days(1, 30))


# Time --------------------------------------------------------------------------------------------


class Season:
    """Plots, people and a clock; taken through the services wave by wave.

    A wave is what happens at one time of one day. The first is at half past midnight, when the
    day in Shanghai is not yet that of UTC.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.now = datetime.combine(FIRST, time(8), SHANGHAI)
        self.sample: str | None = None
        self.plots: list[Plot] = []
        self.states: dict[int, Review] = {}

    def clock(self) -> datetime:
        """What the services read."""
        return self.now.astimezone(UTC)

    @property
    def today(self) -> date:
        return self.now.date()

    def play(self, services: Services, n: int) -> None:
        """Live it to its last day."""
        self.services = services
        due = self._begun(n)
        people = {p for plot in self.plots for p in (plot.reviewer, plot.head, plot.town)}
        for person in people | {MARKER, CHECKER, LEADER, GIS, PROVINCE}:
            an_account(services.store, person)
        while due and due[0][0] <= LAST:
            day, wave = due[0][0], 0
            while due and due[0][0] == day:
                self.now = datetime.combine(day, time(0, 30), SHANGHAI)
                self.now += timedelta(minutes=30 * wave)
                turns = []
                while due and due[0][0] == day:
                    turns.append(heapq.heappop(due)[1:])
                for entry in self._taken(turns):
                    heapq.heappush(due, entry)
                wave += 1
            if self.sample is None and day >= date(2023, 5, 31):
                self.sample = services.samples.draw(LEADER, "2023-1", "种子").sample_id

    def _begun(self, n: int) -> list[Due]:
        given = [a_plot(i) for i in range(n)]
        facts = [replace(some_facts(plot), band="out") for plot in given]
        counties = [None if i % 20 == 7 else COUNTIES[i % 5] for i in range(n)]
        self.services.store.deliveries.add(
            a_batch_of(),
            an_import(),
            entries(given, county=counties, facts=facts, now=self.clock()),
        )
        self.plots = [Plot(self, i, p.plot_id, COUNTIES[i % 5]) for i, p in enumerate(given)]
        self.states = {
            plot.number: self.services.store.ledger.review(EVERYTHING, plot.plot_id)
            for plot in self.plots
        }
        due = []
        for plot, county in zip(self.plots, counties, strict=True):
            life = plot.live(dispatched=county is not None)
            ask = next(life, None)
            if ask is not None:
                due.append((self.today + timedelta(days=ask.wait), plot.number, life, ask))
        heapq.heapify(due)
        return due

    def _taken(self, wave: Sequence[Turn]) -> list[Due]:
        """One wave: what is put beside, then the steps; each life says what comes next."""
        self._attached(wave)
        self._stepped(wave)
        following = []
        for number, life, _ in wave:
            try:
                then = life.send(self.states[number])
            except StopIteration:
                continue
            following.append((self.today + timedelta(days=then.wait), number, life, then))
        return following

    def _attached(self, wave: Sequence[Turn]) -> None:
        """Photos and papers, as ``ReviewService.attach`` keeps what it has read."""
        pending, at = [], self.now.isoformat()
        for number, _, ask in wave:
            state = self.states[number]
            for n, kind in enumerate(ask.attach):
                name = f"{state.plot_id}-{state.version}-{n}"
                body = {"evidence_id": name, "kind": kind, "sha256": NO_BYTES}
                draft = attachment(
                    state, f"e-{name}", ask.by, body=body, observed_at=None, now=self.clock()
                )
                file = EvidenceFile(
                    name, state.plot_id, NO_BYTES, kind, "x.jpg", "image/jpeg", 1, at, None, None,
                    None, ask.by.user, at,
                )  # fmt: skip
                pending.append(Pending(draft, evidence=file))
        self.services.store.ledger.append(pending)

    def _stepped(self, wave: Sequence[Turn]) -> None:
        """Each step is taken, or refused where that is what the life expects."""
        review, bulk = self.services.review, self.services.bulk
        alone = [(number, ask) for number, _, ask in wave if not ask.bulk]
        asked = [review.ask(ask.by, *self._command(number, ask)) for number, ask in alone]
        results = review.settle(asked).result()
        for (number, ask), result in zip(alone, results, strict=True):
            self._seen(number, ask, result)
        together: dict[tuple[str, str, str], list[tuple[int, Ask]]] = defaultdict(list)
        for number, _, ask in wave:
            if ask.bulk:
                together[ask.by.user, ask.action, repr(ask.body)].append((number, ask))
        for turns in together.values():
            first = turns[0][1]
            targets = [(self.states[n].plot_id, self.states[n].version) for n, _ in turns]
            told = chain.from_iterable(bulk.take(first.by, first.action, targets, first.body))
            for (number, ask), (_, result) in zip(turns, told, strict=True):
                self._seen(number, ask, result)

    def _command(self, number: int, ask: Ask) -> tuple[str, Command]:
        state = self.states[number]
        seen = (self.now - timedelta(hours=ask.late_h)).isoformat(timespec="seconds")
        command = Command(ask.action, new_id(), state.version, ask.body, observed_at=seen)
        return state.plot_id, command

    def _seen(self, number: int, ask: Ask, result: Settled | NotFound) -> None:
        told = result.result if isinstance(result, Settled) else result
        if ask.refused is not None:
            assert isinstance(told, ask.refused), (ask, told)
            return
        self.states[number] = kept(told).review
