"""Whatever anybody asks for in whatever order, the store keeps what the procedure promises.

The ways are those of ``tests/core/test_procedure.py``, taken through the services on real stores.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from georeview.clock import SHANGHAI
from georeview.core.access import EVERYTHING, Actor
from georeview.core.ledger import Event
from georeview.core.plot import Review, Stage
from georeview.core.procedure import TRANSITIONS, Command
from georeview.core.query import Filter, PageOf
from georeview.core.review import attachment, possible
from georeview.errors import GeoreviewError
from georeview.services import Services, open_services
from georeview.services.ids import new_id
from georeview.settings import Settings
from georeview.storage.ports.evidence import EvidenceFile
from georeview.storage.ports.ledger import Pending
from georeview.storage.ports.plots import Plot
from tests.builders import (
    a_batch_of,
    a_plot,
    an_account,
    an_import,
    entries,
    some_facts,
)
from tests.core.walking import CITY, EVERYBODY, NOW
from tests.core.wishes import ACTIONS, body_of
from tests.places import NewPlace
from tests.services import by_hand
from tests.services.by_hand import plain

KINDS = ("E_PHOTO", "E_PHOTO", "E_FLOOD", "E_HISTORY", "E_DOC", "E_BOUND", "E_STATE")
N, STEPS = 3, 200
ONWARDS = frozenset(
    {
        "dispatch", "mark", "submit", "approve", "accept_negative", "accept_problem", "accept_watch",
        "plan", "claim_rectified", "accept_rectified", "close", "confirm", "recheck", "reopen",
        "overrule", "return", "transfer", "deny_refusal", "resolve_boundary", "unmerge",
    }
)  # fmt: skip


class World:
    """A store whose days pass, and in it, batch by batch, plots with all their papers."""

    def __init__(self, settings: Settings) -> None:
        self.now, self.batches = NOW, 0
        self.services = open_services(settings, lambda: self.now)
        for person in EVERYBODY:
            an_account(self.services.store, person)

    @property
    def today(self) -> date:
        return self.now.astimezone(SHANGHAI).date()

    def batch(self) -> list[str]:
        """A new batch of plots of one county, each with photos of its first day."""
        self.batches += 1
        self.now = NOW
        name, store = f"batch-{self.batches}", self.services.store
        plots = [a_plot(n, batch=name, seed=self.batches) for n in range(N)]
        facts = [
            replace(some_facts(plot), band="out", county="511923", suggestion="FP31")
            for plot in plots
        ]
        counties = ["511923"] * (N - 1) + [None]
        store.deliveries.add(
            a_batch_of(name),
            an_import(name, self.batches),
            entries(plots, county=counties, facts=facts, now=self.now),
        )
        ids = [plot.plot_id for plot in plots]
        for plot_id in ids:
            self.papers(plot_id)
        return ids

    def papers(self, plot_id: str) -> None:
        state = self.services.store.ledger.review(EVERYTHING, plot_id)
        for n, kind in enumerate(KINDS):
            name, at = f"{plot_id}-{n}", self.now.isoformat()
            file = EvidenceFile(
                name, plot_id, "0" * 64, kind, "x.jpg", "image/jpeg", 1, "2030-01-01T00:00:00+08:00",
                None, None, None, CITY.user, at,
            )  # fmt: skip
            body = {"evidence_id": name, "kind": kind, "sha256": "0" * 64}
            draft = attachment(state, name, CITY, body=body, observed_at=None, now=self.now)
            self.services.store.ledger.append([Pending(draft, evidence=file)])


@pytest.fixture(scope="module", params=["sqlite", "postgis"])
def world(
    request: pytest.FixtureRequest, places: NewPlace, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    with places(request.param, tmp_path_factory.mktemp("world")) as place:
        made = World(Settings(home=place.home, store=place.address))
        yield made
        made.services.close()


@pytest.mark.parametrize("seed", range(6))
def test_whatever_anybody_does_the_store_keeps_its_promises(world: World, seed: int) -> None:
    services, ids, rng = world.services, world.batch(), random.Random(seed)
    since, taken, reached = services.store.ledger.head().seq, 0, set[str | None]()
    for _ in range(STEPS):
        which = rng.randrange(N)
        before = services.store.plots.get(EVERYTHING, ids[which]).review
        actor, action = wish(before, rng)
        world.now += timedelta(days=rng.choice([0, 0, 0, 1, 10]))
        fit = {"target": ids[which - 1], "date": world.today.isoformat()}
        body = body_of(action, rng.choice)
        named = body | {name: value for name, value in fit.items() if name in body}
        command = Command(action, new_id(), before.version, named)
        try:
            kept = services.review.act(actor, ids[which], command)
        except GeoreviewError:
            continue
        taken += 1
        reached.add(kept.review.stage)
        reached_by_a_rule(before, kept.review, kept.event)
        closed_with_proof(services, kept.review)
    for plot_id in ids:
        clocks_are_sane(services, services.store.plots.get(EVERYTHING, plot_id), world.today)
    assert services.store.ledger.head().seq == since + taken
    assert taken > STEPS / 10
    assert len(reached) > 4
    assert list(services.store.ledger.verify()) == []
    figures_add_up(world)


def wish(state: Review, rng: random.Random) -> tuple[Actor, str]:
    """Mostly a step that somebody is offered and that leads on, so that histories come far."""
    if rng.random() < 0.2:
        return rng.choice(EVERYBODY), rng.choice(ACTIONS)
    offered = [(actor, action) for actor in EVERYBODY for action in possible(state, actor)]
    leading = [one for one in offered if one[1] in ONWARDS]
    return rng.choice(leading or offered)


def reached_by_a_rule(before: Review, after: Review, event: Event) -> None:
    assert after.version == before.version + 1
    if after.stage != before.stage:
        targets = {to for step in TRANSITIONS[event.action] for to in step.targets}
        assert after.stage in targets or event.action in ("unmerge", "reinstate")


def closed_with_proof(services: Services, state: Review) -> None:
    """Nothing is closed without two people and what its kind of end rests on."""
    if state.stage != Stage.CLOSED:
        return
    files = services.store.evidence.of_plot(EVERYTHING, state.plot_id)
    kinds = {file.kind for file in files}
    events = services.store.ledger.history(EVERYTHING, state.plot_id)
    course = state.course
    if state.outcome == "negative_historic":
        assert kinds >= {"E_FLOOD", "E_HISTORY"}
    if state.outcome == "rectified":
        assert sum(file.kind == "E_PHOTO" for file in files) >= 2
        assert len({course.claimed_by, course.accepted_by, events[-1].actor}) == 3
    if state.outcome in ("negative", "negative_historic"):
        assert any(event.action in ("submit", "overrule") for event in events)
        assert events[-1].actor not in (state.marked_by, course.approved_by)


def clocks_are_sane(services: Services, plot: Plot, today: date) -> None:
    timing = services.plots.timing(plot, ())
    if timing is None:
        return
    assert timing.due_eff >= timing.due
    assert timing.overdue_days >= 0
    if timing.done is None and plot.review.stage != Stage.WATCH:
        late = services.store.plots.page(
            EVERYTHING,
            Filter(batch=plot.given.batch, overdue_on=today),
            PageOf(limit=N),
            count=True,
        )
        listed = plot.given.plot_id in {one.given.plot_id for one in late.items}
        assert listed == (timing.state == "overdue_open"), timing


def figures_add_up(world: World) -> None:
    """The table of the batch is what plain loops over its events find."""
    name, today = f"batch-{world.batches}", world.today
    table = world.services.figures.table(CITY, batch=name)
    events = [e for e in world.services.store.ledger.events() if e.plot_id.startswith(f"{name}-")]
    told = by_hand.by_hand(events, today)
    for unit, figures in [("total", table.total), *((r.unit, r.figures) for r in table.rows)]:
        found = {key: plain(value) for key, value in figures.items() if key != "sample_error_rate"}
        assert found == told[unit], unit
