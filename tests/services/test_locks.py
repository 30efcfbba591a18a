"""A plot that somebody works on is kept for that person, for a time and on every way to it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from georeview.core.procedure import Command
from georeview.errors import Forbidden, NotFound
from georeview.errors.review import ActionNotAllowed, PlotLocked, StaleVersion
from georeview.services import Services, open_services
from georeview.settings import Settings
from georeview.storage.ports.people import Person, Session
from tests.builders import NOW, a_batch, an_actor, some_facts
from tests.places import Place

TOWN = "511902100"
ANNA, BEN = (an_actor("county", "511902", name) for name in ("anna", "ben"))
CLERK, OTHER_CLERK = (an_actor("township", TOWN, name) for name in ("clerk", "other"))
CITY = an_actor("city", "5119")
STRANGER = an_actor("county", "511921")
LEASE = timedelta(minutes=20)


@dataclass
class Office:
    """The services, a plot of 511902 at version 2, and a clock that is told to move."""

    doors: Services
    plot: str
    later: list[timedelta]

    def step(self, actor, action: str = "mark", base: int | None = None, **body: object):
        version = self.doors.plots.detail(CITY, self.plot).plot.review.version
        body = body or ({"mark": "confirmed"} if action == "mark" else {})
        event_id = f"{action}{actor.user}{version}{self.later}"
        command = Command(action, event_id, version if base is None else base, body)
        return self.doors.review.act(actor, self.plot, command)

    def holder(self) -> str | None:
        lock = self.doors.plots.lock(self.doors.plots.detail(CITY, self.plot).plot)
        return lock and lock.user

    def may(self, actor) -> set[str]:
        return set(self.doors.plots.detail(actor, self.plot).may)

    def forward(self, by: timedelta) -> None:
        self.later.append(by)


@pytest.fixture
def office(tmp_path: Path, place: Place) -> Iterator[Office]:
    later: list[timedelta] = []
    settings = Settings(home=tmp_path / "home", store=place.address)
    doors = open_services(settings, lambda: NOW + sum(later, timedelta()))
    plot = a_batch(doors.store, 1)[0]
    doors.store.facts.put([replace(some_facts(plot), band="out")])
    yield Office(doors, plot.plot_id, later)
    doors.close()


def test_the_first_mark_keeps_others_out_until_the_lease_is_over(office: Office) -> None:
    office.step(ANNA)
    with pytest.raises(PlotLocked) as refused:
        office.step(BEN)
    until = (NOW + LEASE).isoformat(timespec="milliseconds")
    assert refused.value.facts == {
        "plot": office.plot, "who": "anna", "unit": ANNA.unit, "until": until,
    }  # fmt: skip
    assert {"mark", "undo_mark", "submit"}.isdisjoint(office.may(BEN))
    assert "mark" in office.may(ANNA)
    office.forward(LEASE)
    assert office.holder() is None
    assert "mark" in office.may(BEN)
    office.step(BEN)
    assert office.holder() == "ben"


def test_the_version_is_named_before_the_lock(office: Office) -> None:
    office.step(ANNA)
    with pytest.raises(StaleVersion):
        office.step(BEN, base=2)


def test_marking_on_keeps_it_longer_and_moves_no_version_by_itself(office: Office) -> None:
    office.step(ANNA)
    office.forward(LEASE * 0.75)
    office.step(ANNA)
    office.forward(LEASE * 0.75)
    assert office.holder() == "anna"
    before = office.doors.plots.detail(CITY, office.plot).plot.review
    office.doors.locks.take(ANNA, office.plot)
    office.forward(LEASE * 0.75)
    assert office.holder() == "anna"
    assert office.doors.plots.detail(CITY, office.plot).plot.review == before


def test_a_county_that_claims_and_a_township_that_opens_hold_the_plot(office: Office) -> None:
    office.step(ANNA, "claim")
    assert office.holder() == "anna"
    office.step(BEN, "dispatch_town", township=TOWN)
    assert office.holder() is None, "it has gone on"
    office.step(CLERK, "open")
    assert office.holder() == "clerk"
    with pytest.raises(PlotLocked):
        office.step(OTHER_CLERK)


def test_submitting_and_returning_let_go(office: Office) -> None:
    office.step(ANNA, mark="false_positive", reason="FP31")
    with pytest.raises(PlotLocked):
        office.step(BEN, "submit")
    office.step(ANNA, "submit")
    assert office.holder() is None
    office.step(BEN, "return", code="RT1", text="请补照片")
    assert office.holder() is None
    office.step(BEN)
    assert office.holder() == "ben"


def test_the_city_verifies_whoever_holds_the_plot(office: Office) -> None:
    office.step(ANNA, mark="false_positive", reason="FP31")
    assert "stop_clock" in office.may(CITY)
    office.step(CITY, "stop_clock", text="等待批复", document_no="1号")
    assert office.holder() == "anna", "a step that leaves the plot where it is takes nothing away"
    with pytest.raises(PlotLocked):
        office.step(CITY)


def test_the_holder_lets_go_and_so_does_signing_out(office: Office) -> None:
    take, release = office.doors.locks.take, office.doors.locks.release
    assert take(ANNA, office.plot).user == "anna"
    with pytest.raises(PlotLocked):
        take(BEN, office.plot)
    release(ANNA, office.plot)
    assert take(BEN, office.plot).user == "ben"
    office.doors.store.people.put(Person("ben", "ben", "", None, False, BEN.grants))
    session = Session("0" * 64, "ben", NOW.isoformat(), (NOW + LEASE).isoformat())
    office.doors.store.people.open_session(session)
    office.doors.store.people.close_session(session.token_sha256)
    assert office.holder() is None


def test_county_and_city_go_over_the_holders_head_and_nobody_else_does(office: Office) -> None:
    take, release = office.doors.locks.take, office.doors.locks.release
    office.step(ANNA, "dispatch_town", township=TOWN)
    take(CLERK, office.plot)
    for act in (lambda: take(OTHER_CLERK, office.plot, over=True),
                lambda: release(OTHER_CLERK, office.plot)):  # fmt: skip
        with pytest.raises(Forbidden):
            act()
    assert office.holder() == "clerk"
    assert take(ANNA, office.plot, over=True).user == "anna"
    release(CITY, office.plot)
    assert office.holder() is None
    take(CLERK, office.plot)
    with pytest.raises(PlotLocked):
        office.step(OTHER_CLERK)


def test_what_is_not_seen_or_not_marked_is_not_locked(office: Office) -> None:
    take = office.doors.locks.take
    with pytest.raises(NotFound):
        take(STRANGER, office.plot)
    for unfit in (an_actor("auditor", "5119"), an_actor("gis", "5119")):
        with pytest.raises(Forbidden):
            take(unfit, office.plot)
        with pytest.raises(Forbidden):
            office.doors.locks.release(unfit, office.plot)
    office.step(ANNA, mark="false_positive", reason="FP31")
    office.step(ANNA, "submit")
    with pytest.raises(ActionNotAllowed):
        take(ANNA, office.plot)


def test_two_who_mark_at_once_do_not_both_get_the_plot(office: Office) -> None:
    review = office.doors.review
    marks = [
        review.ask(who, office.plot, Command("mark", f"e-{who.user}", base, {"mark": "confirmed"}))
        for who, base in ((ANNA, 2), (BEN, 2), (BEN, 3))
    ]
    first, late, second = review.settle(marks).result(timeout=20)
    assert isinstance(late.result, StaleVersion)
    assert isinstance(second.result, PlotLocked)
    assert (office.holder(), first.known.plot.lock.user) == ("anna", "anna")


def test_what_was_done_offline_is_kept_beside_a_plot_that_somebody_has(office: Office) -> None:
    office.doors.locks.take(ANNA, office.plot)
    late = Command("mark", "offline", 2, {"mark": "confirmed"}, keep=True)
    kept = office.doors.review.act(BEN, office.plot, late)
    assert (kept.event.action, kept.review.mark, kept.review.version) == ("aside", "pending", 2)
    assert office.holder() == "anna"
