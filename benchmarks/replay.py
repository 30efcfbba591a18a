"""Replaying a ledger: events parsed from their text and followed to the plots' reviews.

The peer keeps a dictionary per plot and updates it with each event's ``after``, without undo,
versions or clocks: what one writes first.
"""

import json
from collections.abc import Sequence
from dataclasses import astuple
from datetime import UTC, datetime, timedelta

from benchmarks.harness import AnswersDiffer, Result, cpu_of, pair
from georeview.core.access import Actor, Grant, Role
from georeview.core.intake import Intake
from georeview.core.ledger import GENESIS, Event, Value, keep
from georeview.core.procedure import Command
from georeview.core.replay import replay
from georeview.core.requirements import Proof
from georeview.core.review import decide

PLOTS = 5_000

GOAL = 100_000
"""Events a second."""

NOW = datetime(2023, 5, 4, 1, 2, 3, tzinfo=UTC)
CITY = Actor("li", "李", "市河长办", (Grant(Role.CITY, "5119"),))
FIRST, SECOND = (
    Actor(user, user, "平昌县专班", (Grant(Role.COUNTY, "511923"),)) for user in ("wang", "zhao")
)
PROVEN = Proof(evidence={"E_PHOTO": 2}, facts=True, band="out", photos=("2023-06-01",) * 2)
WAY: tuple[tuple[Actor, str, dict[str, object]], ...] = (
    (FIRST, "mark", {"mark": "confirmed", "violation": "PR32", "area_m2": "90", "note": "弃渣"}),
    (FIRST, "submit", {}),
    (SECOND, "approve", {}),
    (CITY, "accept_problem", {}),
    (FIRST, "claim_rectified", {"date": "2023-05-04", "measure": "M2"}),
    (SECOND, "accept_rectified", {"method": "site"}),
    (CITY, "close", {"method": "site"}),
)


Row = tuple[str, int, str, str, int, str, str, str, str, str, str, str, str, str, str]


def race(runs: int) -> Result:
    """Replay the histories of closed problems, event by event from their columns.

    Raises:
        AnswersDiffer: The two disagree about a plot's stage or mark.
    """
    rows = [_history(n) for n in range(PLOTS)]
    events = sum(map(len, rows))

    def ours() -> list[tuple[object, object]]:
        reviews = (replay(own[0][3], (Event(*row) for row in own)) for own in rows)
        return [(review.stage, review.mark) for review in reviews]

    def plain() -> list[tuple[object, object]]:
        return [_followed(own) for own in rows]

    if ours() != plain():
        raise AnswersDiffer("stage or mark of a plot")
    us, peers, ratio = pair(cpu_of(ours), {"a dictionary a plot": cpu_of(plain)}, runs)
    return Result(
        us=us,
        peers=peers,
        ratio=ratio,
        unit=f"CPU seconds for {events:,} events of {PLOTS:,} plots",
        checked="stage and mark of every plot",
        notes=(f"{events / us:,.0f} events a second, parsing included; the goal is {GOAL:,}",),
    )


def _history(n: int) -> list[Row]:
    """The events of one plot from import to close-out, as their columns."""
    plot_id, events = f"p{n}", list[Event]()
    intake = Intake(CITY, Role.CITY, area="5119", now=NOW)
    body: dict[str, Value] = {"source_id": f"SC511923-2023-{n:06d}"}
    for first in intake.events(plot_id, (f"i{n}", f"d{n}"), county="511923", body=body):
        events.append(keep(first, seq=len(events) + 1, version=len(events) + 1, prev_hash=GENESIS))
    # Times and notes of no two plots are the same, so that no text is parsed only once.
    now = NOW + timedelta(seconds=n)
    for actor, action, said in WAY:
        state = replay(plot_id, events)
        noted = {**said, "note": f"{said['note']} {n}"} if "note" in said else said
        command = Command(action, f"{action}{n}", state.version, noted)
        draft = decide(state, command, actor, PROVEN, now)
        version = state.version + 1
        events.append(keep(draft, seq=len(events) + 1, version=version, prev_hash=events[-1].hash))
    return [astuple(event) for event in events]


def _followed(own: Sequence[Row]) -> tuple[object, object]:
    state: dict[str, object] = {}
    for row in own:
        state |= json.loads(row[13])
    return state["stage"], state["mark"]
