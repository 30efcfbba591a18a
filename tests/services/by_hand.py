"""The league table of a season worked out once more, from the events alone.

By sets of dates and plain loops; it shares nothing with the product but the events and the
calendar's package.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from statistics import median
from typing import Any

import chinese_calendar

from georeview.clock import SHANGHAI
from georeview.core.figures import Rate, Value
from georeview.core.ledger import Event
from tests.builders import a_plot, some_facts

REVIEW_DUE, RECTIFY_DUE = date(2023, 6, 30), date(2023, 11, 30)
DAY = timedelta(days=1)

is_workday = cache(chinese_calendar.is_workday)
read = cache(json.loads)


def by_hand(
    events: Sequence[Event], day: date, by: str = "county"
) -> dict[str | None, dict[str, Any]]:
    """Figures of each county, or of each part by something else, and of all under ``total``."""
    plots = [told | placed(plot_id) for plot_id, told in told_of(events, day).items()]
    units: dict[str | None, dict[str, Any]] = {
        unit: count([p for p in plots if p[by] == unit]) for unit in {p[by] for p in plots}
    }
    return units | {"total": count(plots)}


@cache
def placed(plot_id: str) -> dict[str, Any]:
    """What the season's plots are beside their events."""
    return {"river": some_facts(a_plot(int(plot_id[-7:]))).river, "type": "疑似采砂"}


def told_of(events: Sequence[Event], day: date) -> dict[str, dict[str, Any]]:
    """What each plot is at the end of a day, by its id."""
    lives: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        if here(event.recorded_at) <= day:
            lives[event.plot_id].append(event)
    told = {plot_id: tell(life, day) for plot_id, life in lives.items()}
    return {plot_id: found for plot_id, found in told.items() if found}


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


OUTSIDE = {"imported", "merged", "withdrawn"}
VERIFIED = {"rectify_plan", "rectifying", "county_accept", "city_accept", "watch", "closed"}


def tell(events: list[Event], day: date) -> dict[str, Any] | None:
    """What a plot is on a day, each question asked of the whole list of events."""
    said = [read(e.after) for e in events]
    asked = [read(e.body) for e in events]
    stages: list[str] = []
    for changes in said:
        stages.append(changes.get("stage", stages[-1] if stages else ""))
    if stages[-1] in OUTSIDE:
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
    begun = [i for i, e in enumerate(events) if e.action in ("dispatch", "transfer", "reopen")]
    # What the city marks itself begins with its mark.
    started = begun[-1] if begun else min(i for i, s in enumerate(stages) if s not in OUTSIDE)
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
        "township": value.get("township"),
        "reason": coded(value),
        "disorder": coded(value)[2] if (coded(value) or "").startswith("PR") else None,
        "reviewer": value.get("marked_by") or value.get("assignee"),
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


def coded(value: dict[str, Any]) -> Any:
    """The code of what the mark says now."""
    if value.get("mark") == "false_positive":
        return value.get("reason")
    return value.get("violation") if value.get("mark") in ("confirmed", "rectified") else None


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
        "due_eff": due_eff,
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


def plain(value: Value) -> Any:
    """A figure of the product as it stands here."""
    return (value.num, value.den) if isinstance(value, Rate) else value


def order(units: dict[str | None, dict[str, Any]]) -> list[str | None]:
    """Counties from first to last."""

    def share(pair: tuple[int, int]) -> Fraction:
        return Fraction(*pair) if pair[1] else Fraction(1)

    def key(code: str) -> tuple[Any, ...]:
        own = units[code]
        shares = [-share(own[name]) for name in ("review_rate", "rectify_rate", "first_pass_rate")]
        return (own["overdue_rectify_n"], own["overdue_review_n"], *shares, code)

    return sorted((c for c in units if c not in (None, "total")), key=key)  # type: ignore[arg-type]
