"""Random ways through the real procedure, counted by the product and once more by hand."""

import random
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest

from georeview.core.clocks import timing
from georeview.core.deadlines import working_days
from georeview.core.figures import SETS
from georeview.core.standing import Standing, Track
from georeview.errors import GeoreviewError
from georeview.services.calendar import is_working_day
from tests.core.walking import (
    CITY,
    CITY_TWO,
    COUNTY,
    COUNTY_TWO,
    FULL,
    GIS,
    NEIGHBOUR,
    Walk,
)
from tests.services import by_hand

PROOF = replace(FULL, calendar=is_working_day)
FALSE = {"mark": "false_positive", "reason": "FP31"}
TRUE = {"mark": "confirmed", "violation": "PR32", "area_m2": "120", "note": "堆放弃渣"}

STEPS = (
    (COUNTY, "mark", FALSE), (COUNTY, "mark", TRUE), (COUNTY, "submit", {}),
    (COUNTY_TWO, "approve", {}), (COUNTY_TWO, "return", {"code": "RT1"}),
    (CITY, "return", {"code": "RT3"}), (CITY, "accept_negative", {}), (CITY, "accept_problem", {}),
    (CITY, "accept_watch", {"document_no": "7"}),
    (COUNTY, "refuse", {"code": "RF1"}), (CITY, "transfer", {"county": "511922"}),
    (CITY, "deny_refusal", {"text": "应由你县负责"}), (NEIGHBOUR, "claim", {}),
    (NEIGHBOUR, "mark", FALSE), (NEIGHBOUR, "submit", {}),
    (COUNTY, "query_boundary", {"text": "界线不符", "layer_version": "v1"}),
    (GIS, "resolve_boundary", {"text": "无变化"}), (CITY, "confirm", {}),
    (COUNTY, "plan", {"measure": "M2", "unit": "镇", "person": "甲", "finish": "2023-10-01"}),
    (COUNTY, "claim_rectified", {"measure": "M2"}), (COUNTY_TWO, "accept_rectified", {"method": "site"}),
    (COUNTY_TWO, "reject_rectified", {"code": "RT6"}), (CITY, "reject_rectified", {"code": "RT6"}),
    (CITY, "close", {"method": "site"}), (CITY, "reopen", {"code": "RO4"}),
    (CITY_TWO, "reopen", {"code": "RO1"}), (CITY, "extend", {"document_no": "8"}),
    (CITY, "stop_clock", {"text": "汛期", "document_no": "9"}),
    (CITY, "restart_clock", {"text": "汛期结束", "document_no": "10"}),
)  # fmt: skip
"""What people try in turn; what the procedure does not allow then, it refuses."""


def walk(seed: int) -> Walk:
    """A plot that somebody does something to every few days, until the season is over."""
    rng = random.Random(seed)
    plot = Walk()
    while plot.today < date(2023, 12, 10):
        plot.wait(rng.choice([2, 5, 9, 16]))
        for actor, action, body in rng.sample(STEPS, len(STEPS)):
            own = dict(body)
            if action == "claim_rectified":
                own["date"] = plot.today.isoformat()
            if action == "extend":
                own["date"] = (plot.today + timedelta(days=rng.randint(5, 60))).isoformat()
            if action in ("extend", "stop_clock", "reopen", "refuse") and rng.random() < 0.9:
                continue
            with suppress(GeoreviewError):
                plot.act(actor, action, proof=PROOF, **own)
                break
    return plot


def standing_on(plot: Walk, day: date) -> Standing:
    track = Track(by_hand.REVIEW_DUE, by_hand.RECTIFY_DUE, is_working_day)
    for event in plot.events:
        if by_hand.here(event.recorded_at) <= day:
            track.take(event)
    return track.standing()


LETTERS = {
    "V": "reviewed",
    "P": "problems",
    "Q": "owed",
    "reached": "reached",
    "returned": "returned",
}


@pytest.mark.parametrize("seed", range(8))
def test_a_plot_counts_as_what_its_events_say(seed: int) -> None:
    plot = walk(seed)
    assert len(plot.events) > 5
    for day in [date(2023, 5, 20), date(2023, 7, 15), date(2023, 9, 30), date(2023, 12, 15)]:
        found = standing_on(plot, day)
        told = by_hand.tell([e for e in plot.events if by_hand.here(e.recorded_at) <= day], day)
        assert (told is None) == (not found.dispatched)
        if told is None:
            continue
        for letter, name in LETTERS.items():
            assert SETS[name].holds(found, day) == told[letter], (name, day)
        assert SETS["submitted"].holds(found, day) == (told["S"] or told["V"])
        assert SETS["rectified"].holds(found, day) == (told["Q"] and (told["R"] or told["C"]))
        assert found.days == told["days"]
        for clock in ("review", "rectify"):
            assert getattr(found, clock).late(day) == told[clock]["late"], (clock, day)


@pytest.mark.parametrize("seed", range(8, 20, 2))
def test_lists_and_tables_agree_on_what_is_late(seed: int) -> None:
    plot = walk(seed)
    day = plot.today
    found, review = standing_on(plot, day), plot.state

    def count(after: date, until: date) -> int:
        return working_days(after, until, is_working_day)

    for clock, due in (("review", by_hand.REVIEW_DUE), ("rectify", by_hand.RECTIFY_DUE)):
        told = timing(review, clock, due.isoformat(), day, count)  # type: ignore[arg-type]
        held = getattr(found, clock)
        assert told is not None
        assert held.done == (told.done is not None)
        assert held.late(day) == (told.state in ("overdue_open", "done_late"))
        if not held.done:
            assert held.due_on(day) == told.due_eff
