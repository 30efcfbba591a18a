"""A season of a batch from April to December, and its league table worked out once more.

``play`` gives every plot a life with refusals, returns, stops and reopenings and keeps it in the
ledger. ``by_hand`` makes the figures of a day from the events alone, by sets of dates and plain
loops, and shares nothing with the product but the events and the calendar's package.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import cache
from statistics import median
from typing import Any

import chinese_calendar

from georeview.clock import SHANGHAI
from georeview.core.ledger import Draft, Event, Value
from georeview.services import Services
from georeview.storage.ports.ledger import Pending
from tests.builders import COUNTIES, a_batch

FIRST, LAST = date(2023, 4, 11), date(2023, 12, 15)
REVIEW_DUE, RECTIFY_DUE = date(2023, 6, 30), date(2023, 11, 30)
DAY = timedelta(days=1)

is_workday = cache(chinese_calendar.is_workday)
read = cache(json.loads)


# Playing -----------------------------------------------------------------------------------------


@dataclass
class Life:
    """One plot on its way through the season."""

    plot_id: str
    county: str | None
    rng: random.Random
    at: datetime
    stage: str
    version: int
    drafts: list[Draft] = field(default_factory=list)

    def step(
        self,
        action: str,
        stage: str | None = None,
        /,
        *,
        wait: tuple[int, int] = (0, 20),
        late_h: float = 0,
        body: dict[str, Value] | None = None,
        **changes: Value,
    ) -> bool:
        """One step, some days after the last; false when the season is over before."""
        self.at += timedelta(days=self.rng.randint(*wait), minutes=self.rng.randint(1, 300))
        if self.at.date() > LAST:
            return False
        after = changes | ({"stage": stage} if stage and stage != self.stage else {})
        self.drafts.append(
            Draft(
                event_id=f"{self.plot_id}-{self.version}",
                plot_id=self.plot_id,
                base=self.version,
                action=action,
                actor="wang",
                unit="unit",
                role="county",
                observed_at=(self.at - timedelta(hours=late_h)).isoformat(timespec="seconds"),
                recorded_at=self.at.astimezone(UTC).isoformat(timespec="milliseconds"),
                body=body or {},
                before={"stage": self.stage},
                after=after,
            )
        )
        self.stage = stage or self.stage
        self.version += 1
        return True

    def chance(self, share: float) -> bool:
        return self.rng.random() < share


def live(life: Life) -> None:
    """From wherever it lies to the end of the season."""
    if life.county is not None and life.chance(0.12):
        life.step("refuse", "refused", body={"code": "RF1"})
        if life.chance(0.5):
            other = life.rng.choice([c for c in COUNTIES if c != life.county])
            life.step("transfer", "at_county", county=other, area=other)
        elif life.chance(0.8):
            life.step("deny_refusal", "at_county")
        else:
            return
    if life.chance(0.04):
        life.step("stop_clock", body={"reason": "汛期"})
        life.step("restart_clock", wait=(0, 60))
    if life.chance(0.03):
        life.step("merge", "merged")
        if life.chance(0.5):
            return
        life.step("unmerge", "at_county")
    if life.chance(0.06):
        day = life.at.date() + timedelta(days=life.rng.randint(30, 90))
        life.step("extend", body={"date": day.isoformat(), "document_no": "1"})
    if life.chance(0.1):
        return
    review(life)
    while life.stage == "closed" and life.chance(0.15):
        code = life.rng.choice(["RO1", "RO4", "RO6"])
        life.step(
            "reopen", "in_review", wait=(5, 90), body={"code": code}, mark="pending",
            determination=None,
        )  # fmt: skip
        review(life)


def review(life: Life) -> None:
    """Marked, submitted, perhaps sent back or asked about, at last accepted."""
    problem = life.chance(0.25)
    own = life.stage == "imported"
    while True:
        found = "problem" if problem else "not_problem"
        life.step("mark", "in_review", wait=(0, 60), determination=found)
        if life.chance(0.05):
            life.step("query_boundary", "boundary_query")
            life.step("resolve_boundary", "in_review", wait=(1, 40))
        if own:
            life.step("submit", "city_check", late_h=life.rng.choice([0, 20, 100]))
        else:
            life.step("submit", "county_check")
            if life.chance(0.1):
                life.step("return", "in_review", body={"code": "RT1"})
                continue
            late_h = life.rng.choice([0, 0, 30, 71.9, 80, -3])
            life.step("approve", "city_check", late_h=late_h)
        if life.chance(0.06):
            life.step("query_boundary", "boundary_query")
            life.step("resolve_boundary", "in_review", wait=(1, 20))
            continue
        if not life.chance(0.25):
            break
        life.step("return", "in_review", wait=(0, 30), body={"code": "RT3"})
    if life.chance(0.1) or life.stage != "city_check":
        return
    if not problem:
        life.step("accept_negative", "closed", determination="not_problem", outcome="negative")
    elif life.chance(0.2):
        life.step("accept_watch", "watch", determination="problem_historic")
        if life.chance(0.3):
            life.step("recheck", "rectify_plan", wait=(20, 60), determination="problem")
            rectify(life)
    elif life.chance(0.2):
        life.step("accept_problem", "city_accept", determination="problem")
        accept(life)
    else:
        life.step("accept_problem", "rectify_plan", determination="problem")
        rectify(life)


def rectify(life: Life) -> None:
    life.step("plan", "rectifying", wait=(0, 30))
    if life.chance(0.1):
        life.step("stop_clock", body={"reason": "汛期", "clock": "rectify"})
        life.step("restart_clock", wait=(1, 30))
    life.step("claim_rectified", "county_accept", wait=(5, 120), mark="rectified")
    if life.chance(0.2):
        life.step("reject_rectified", "rectifying", mark="confirmed", body={"code": "RT6"})
        rectify(life)
        return
    if life.step("accept_rectified", "city_accept", late_h=life.rng.choice([0, 25])):
        accept(life)


def accept(life: Life) -> None:
    if life.chance(0.2):
        life.step("reject_rectified", "rectifying", mark="confirmed", body={"code": "RT6"})
        rectify(life)
    elif life.chance(0.8):
        life.step("close", "closed", wait=(0, 40), outcome="rectified")


def play(services: Services, n: int, seed: int = 0) -> None:
    """Plots with a season behind them, kept in the order of time."""
    plots = a_batch(services.store, n)
    drafts: list[Draft] = []
    for number, plot in enumerate(plots):
        begin = datetime.combine(FIRST, time(8), SHANGHAI)
        life = Life(
            plot.plot_id, COUNTIES[number % 5], random.Random(f"{seed}{number}"), begin,
            "at_county", 2,
        )  # fmt: skip
        live(life)
        drafts += life.drafts
    drafts.sort(key=lambda draft: draft.recorded_at)
    for start in range(0, len(drafts), 2000):
        services.store.ledger.append([Pending(draft) for draft in drafts[start : start + 2000]])


# By hand -----------------------------------------------------------------------------------------


def by_hand(events: Sequence[Event], day: date) -> dict[str | None, dict[str, Any]]:
    """Figures of each county as of the end of a day, and of all under ``total``."""
    lives: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if here(event.recorded_at) <= day:
            lives[event.plot_id].append(event)
    plots = [told for told in (tell(life, day) for life in lives.values()) if told]
    units: dict[str | None, dict[str, Any]] = {
        unit: count([p for p in plots if p["county"] == unit])
        for unit in {p["county"] for p in plots}
    }
    return units | {"total": count(plots)}


@cache
def here(instant: str) -> date:
    return datetime.fromisoformat(instant).astimezone(SHANGHAI).date()


def done_on(event: Event) -> date:
    waited = datetime.fromisoformat(event.recorded_at) - datetime.fromisoformat(event.observed_at)
    if 0 <= waited.total_seconds() <= 72 * 3600:
        return here(event.observed_at)
    return here(event.recorded_at)


def dates(after: date, until: date) -> Iterator[date]:
    while after < until:
        after += DAY
        yield after


def worked(after: date, until: date) -> int:
    return sum(is_workday(day) for day in dates(after, until))


def plus(day: date, days: int) -> date:
    while days:
        day += DAY
        days -= is_workday(day)
    return day


VERIFIED = {"rectify_plan", "rectifying", "county_accept", "city_accept", "watch", "closed"}


def tell(events: list[Event], day: date) -> dict[str, Any] | None:
    """What a plot is on a day, each question asked of the whole list of events."""
    said = [read(e.after) for e in events]
    asked = [read(e.body) for e in events]
    stages: list[str] = []
    for changes in said:
        stages.append(changes.get("stage", stages[-1] if stages else ""))
    if stages[-1] in {"imported", "merged", "withdrawn"}:
        return None
    value = {name: v for changes in said for name, v in changes.items()}
    entered = [i for i in range(1, len(stages)) if stages[i] != stages[i - 1]]
    back = max((i for i in entered if stages[i] == "in_review"), default=-1)
    sent = [
        i
        for i in entered
        if stages[i] == "city_check" and events[i].action in ("approve", "submit")
    ]
    arrived = [i for i in entered if stages[i] == "city_check"]
    reopened = max((i for i, e in enumerate(events) if e.action == "reopen"), default=-1)
    verified = stages[-1] in VERIFIED
    review_done = done_on(events[sent[-1]]) if sent and sent[-1] > back else None
    rectify_done = None
    for i, event in enumerate(events):
        if i <= reopened or event.action == "reject_rectified":
            rectify_done = None
        elif event.action == "accept_rectified":
            rectify_done = done_on(event)
        elif stages[i] == "city_accept" and i in entered and stages[i - 1] == "city_check":
            rectify_done = done_on(events[max(s for s in sent if s < i)])
    started = max(i for i, e in enumerate(events) if e.action in ("dispatch", "transfer", "reopen"))
    clocks = {
        clock: clock_of(events, stages, asked, clock, done, day)
        for clock, done in (("review", review_done), ("rectify", rectify_done))
    }
    start = here(events[started].recorded_at)
    days = None
    if review_done is not None:
        days = len(
            [
                d
                for d in dates(start, review_done)
                if is_workday(d) and d not in clocks["review"]["still"]
            ]
        )
    problem = value.get("determination")
    returned = [
        i for i, e in enumerate(events) if e.action == "return" and stages[i - 1] == "city_check"
    ]
    return {
        "county": value.get("county"),
        "stage": stages[-1],
        "S": bool(arrived) and arrived[-1] > back,
        "V": verified,
        "P": verified and problem in ("problem", "problem_historic"),
        "Q": verified and problem == "problem",
        "R": verified and problem == "problem" and rectify_done is not None,
        "C": problem == "problem" and stages[-1] == "closed",
        "reached": bool(arrived),
        "returned": bool(returned),
        "relapsed": any(
            e.action == "reopen" and b.get("code") == "RO4"
            for e, b in zip(events, asked, strict=True)
        ),
        "review": clocks["review"],
        "rectify": clocks["rectify"],
        "days": days,
    }


def clock_of(
    events: list[Event],
    stages: list[str],
    asked: list[dict[str, Any]],
    clock: str,
    done: date | None,
    day: date,
) -> dict[str, Any]:
    """When something is due, whether it is late, and by how much."""
    due, set_on = (REVIEW_DUE if clock == "review" else RECTIFY_DUE), date.min
    for i, event in enumerate(events):
        on = here(event.recorded_at)
        if event.action == "reopen":
            due, set_on = plus(on, 10 if clock == "review" else 60), on
        if clock == "rectify" and stages[max(i - 1, 0) : i + 1] == ["watch", "rectify_plan"]:
            due, set_on = plus(on, 60), on
        running = "rectify" if stages[i] in VERIFIED else "review"
        if event.action == "extend" and clock == running:
            due, set_on = date.fromisoformat(asked[i]["date"]), on
    still = stopped_dates(events, stages, asked, clock, day)
    due_eff = due + len([d for d in still if set_on < d <= min(done or day, day)]) * DAY
    return {
        "done": done,
        "still": still,
        "late": (done or day) > due_eff,
        "overdue": worked(due_eff, day) if done is None and day > due_eff else None,
    }


def stopped_dates(
    events: list[Event], stages: list[str], asked: list[dict[str, Any]], clock: str, day: date
) -> set[date]:
    """Every date on which a clock stood still, told by what the events say by then."""
    own = {"refused", "city_check", "boundary_query"} if clock == "review" else {"city_accept"}
    still: set[date] = set()
    for i in range(len(events)):
        since = here(events[i].recorded_at)
        if stages[i] in own and (i == 0 or stages[i - 1] != stages[i]):
            ends = [j for j in range(i + 1, len(events)) if stages[j] != stages[i]]
            if ends and events[ends[0]].action == "deny_refusal":
                continue
            still |= set(dates(since, here(events[ends[0]].recorded_at) if ends else day))
        if events[i].action == "stop_clock":
            running = "rectify" if stages[i] in VERIFIED else "review"
            if asked[i].get("clock", running) == clock:
                ends = [j for j in range(i + 1, len(events)) if events[j].action == "restart_clock"]
                still |= set(dates(since, here(events[ends[0]].recorded_at) if ends else day))
    return still


def count(plots: list[dict[str, Any]]) -> dict[str, Any]:
    """All figures of some plots; rates as two counts."""

    def n(*names: str) -> int:
        return len([p for p in plots if all(p[name] for name in names)])

    timed = [p["days"] for p in plots if p["days"] is not None]
    found: dict[str, Any] = {
        "submit_rate": (len([p for p in plots if p["S"] or p["V"]]), len(plots)),
        "review_rate": (n("V"), len(plots)),
        "confirm_rate": (n("P"), n("V")),
        "rectify_rate": (len([p for p in plots if p["Q"] and (p["R"] or p["C"])]), n("Q")),
        "closeout_rate": (n("C"), n("Q")),
        "closed_all_rate": (len([p for p in plots if p["stage"] == "closed"]), len(plots)),
        "watch_n": len([p for p in plots if p["stage"] == "watch"]),
        "first_pass_rate": (len([p for p in plots if p["V"] and not p["returned"]]), n("V")),
        "return_rate": (n("returned"), n("reached")),
        "relapse_n": n("relapsed"),
        "median_days": float(median(timed)) if timed else None,
    }
    for clock, of in (("review", plots), ("rectify", [p for p in plots if p["Q"]])):
        done = [p for p in of if p[clock]["done"]]
        open_late = [p for p in of if not p[clock]["done"] and p[clock]["late"]]
        on_time = [p for p in done if not p[clock]["late"]]
        found[f"{clock}_ontime_rate"] = (len(on_time), len(done) + len(open_late))
        found[f"overdue_{clock}_n"] = len(open_late)
        found[f"max_overdue_{clock}_days"] = max(
            (p[clock]["overdue"] for p in open_late), default=0
        )
    return found


def order(units: dict[str | None, dict[str, Any]]) -> list[str | None]:
    """Counties from first to last."""

    def share(pair: tuple[int, int]) -> Fraction:
        return Fraction(*pair) if pair[1] else Fraction(1)

    def key(code: str) -> tuple[Any, ...]:
        own = units[code]
        shares = [-share(own[name]) for name in ("review_rate", "rectify_rate", "first_pass_rate")]
        return (own["overdue_rectify_n"], own["overdue_review_n"], *shares, code)

    return sorted((c for c in units if c not in (None, "total")), key=key)  # type: ignore[arg-type]
