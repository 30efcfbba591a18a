"""Late records through the services: stored whatever happened meanwhile, on either back end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from georeview.core.access import EVERYTHING
from georeview.core.aside import ASIDE
from georeview.core.procedure import Command
from georeview.core.query import Filter, PageOf
from georeview.errors import BadValue, Forbidden, NotFound
from georeview.errors.review import RecordSettled, StaleVersion
from georeview.services import Services
from georeview.services.review import kept
from georeview.storage.ports.ledger import Idempotency, Kept, Settled
from tests.builders import a_batch, an_actor, some_facts
from tests.places import Place
from tests.services.doors import open_doors

CITY = an_actor("city", "5119")
COUNTY = an_actor("county", "511902")
STRANGER = an_actor("county", "511921")
TOWN = an_actor("township", "511902100")
KEY = Idempotency(TOWN.user, "marks", "k-1", "body-a")


@pytest.fixture
def doors(tmp_path: Path, place: Place) -> Iterator[Services]:
    with open_doors(tmp_path, store=place.address) as services:
        yield services


@pytest.fixture
def plot_id(doors: Services) -> str:
    """A plot that the township has, at version 3."""
    plot = a_batch(doors.store, 1)[0]
    doors.store.facts.put([some_facts(plot)])
    doors.review.act(COUNTY, plot.plot_id, command("dispatch_town", 2, township="511902100"))
    return plot.plot_id


def command(action: str, base: int | None, **body: object) -> Command:
    return Command(action, f"{action}-{base}-{len(body)}", base, body)


def late(name: str, base: int | None = 3, action: str = "mark", **body: object) -> Command:
    said = body or ({"mark": "false_positive", "reason": "FP31"} if action == "mark" else {})
    return Command(action, name, base, said, "2023-04-09T18:00:00+08:00", keep=True)


def waiting(doors: Services) -> int:
    page = doors.plots.page(CITY, Filter(conflict=True), PageOf(), count=True)
    assert page.matched == len(page.items)
    return page.matched or 0


def test_a_late_record_is_kept_and_moves_nothing(doors: Services, plot_id: str) -> None:
    review = doors.review.act(COUNTY, plot_id, command("mark", 3, mark="confirmed")).review
    done = doors.review.act(TOWN, plot_id, late("r1"), KEY)
    assert (done.event.action, done.event.version, done.review) == (ASIDE, 4, review)
    assert done.event.observed_at == "2023-04-09T18:00:00+08:00"
    seen = doors.plots.detail(COUNTY, plot_id)
    assert (seen.plot.review, seen.plot.conflicts) == (review, 1)
    assert [(one.record, one.said["reason"], may) for one, may in seen.aside] == [
        ("r1", "FP31", True)
    ]
    again = doors.review.act(TOWN, plot_id, late("r2"), KEY)
    assert (again.event, again.repeated) == (done.event, True)
    assert waiting(doors) == 1
    assert list(doors.store.ledger.verify()) == []


def test_without_the_wish_and_for_work_at_a_desk_the_first_one_wins(
    doors: Services, plot_id: str
) -> None:
    doors.review.act(COUNTY, plot_id, command("mark", 3, mark="confirmed"))
    with pytest.raises(StaleVersion):
        doors.review.act(TOWN, plot_id, command("mark", 3, mark="false_positive"))
    with pytest.raises(StaleVersion):
        doors.review.act(CITY, plot_id, late("r1", 3, "extend", date="2023-07-01"))
    assert waiting(doors) == 0


@pytest.mark.parametrize(
    "wrong", [{"mark": "nonsense"}, {"mark": "confirmed", "evidence": ["none"]}, {"colour": "red"}]
)
def test_what_is_malformed_is_refused_however_late(
    doors: Services, plot_id: str, wrong: dict[str, object]
) -> None:
    doors.review.act(COUNTY, plot_id, command("mark", 3, mark="confirmed"))
    with pytest.raises(BadValue):
        doors.review.act(TOWN, plot_id, late("r1", **wrong))
    with pytest.raises(StaleVersion):
        doors.review.act(TOWN, plot_id, late("r1", 40))
    assert waiting(doors) == 0


def test_when_the_plot_has_left_there_is_a_receipt(doors: Services, plot_id: str) -> None:
    doors.review.act(TOWN, plot_id, command("send_back", 3, code="RF5", text="位置不明"))
    with pytest.raises(NotFound):
        doors.plots.detail(TOWN, plot_id)
    asked = [doors.review.ask(TOWN, plot_id, late(name), KEY) for name in ("r1", "r2")]
    for one in [*doors.review.settle(asked).result(), *doors.review.settle(asked[:1]).result()]:
        assert isinstance(one, Settled)
        assert (one.seen, kept(one.result).event.event_id) == (False, "r1")
    assert doors.plots.detail(COUNTY, plot_id).plot.conflicts == 1
    with pytest.raises(NotFound):
        doors.review.act(TOWN, plot_id, command("mark", 3, mark="confirmed"))
    for stranger in (STRANGER, an_actor("township", "511902200")):
        with pytest.raises(NotFound):
            doors.review.act(stranger, plot_id, late("r3"))


def test_whoever_holds_the_plot_keeps_what_is_there(doors: Services, plot_id: str) -> None:
    review = doors.review.act(COUNTY, plot_id, command("mark", 3, mark="confirmed")).review
    doors.review.act(TOWN, plot_id, late("r1"))
    said = {"record": "r1", "text": "现场已核"}
    with pytest.raises(Forbidden):
        doors.review.act(an_actor("gis", "5119"), plot_id, command("settle_conflict", 4, **said))
    done = doors.review.act(COUNTY, plot_id, command("settle_conflict", 4, **said))
    assert (done.event.action, done.review) == ("settle_conflict", review)
    assert waiting(doors) == 0
    with pytest.raises(RecordSettled):
        doors.review.act(COUNTY, plot_id, command("settle_conflict", 4, **said))
    assert list(doors.store.ledger.verify()) == []


def test_the_late_record_becomes_a_step_of_its_own(doors: Services, plot_id: str) -> None:
    doors.review.act(COUNTY, plot_id, command("mark", 3, mark="confirmed"))
    doors.review.act(TOWN, plot_id, late("r1"))
    doors.review.act(TOWN, plot_id, late("r2", action="claim_rectified", date="2023-04-09"))
    assert waiting(doors) == 1
    (first, _), (second, _) = doors.plots.detail(TOWN, plot_id).aside
    assert (first.record, second.record) == ("r1", "r2")
    doors.locks.release(COUNTY, plot_id)
    done = doors.review.act(TOWN, plot_id, command("mark", 4, **first.said, record="r1"))
    assert (done.review.mark, done.review.version) == ("false_positive", 5)
    assert [one.record for one, _ in doors.plots.detail(TOWN, plot_id).aside] == ["r2"]
    assert list(doors.store.ledger.verify()) == []


def test_records_of_one_group_see_each_other(doors: Services, plot_id: str) -> None:
    """Everything a phone brings home arrives at once."""
    asked = [
        doors.review.ask(COUNTY, plot_id, command("mark", 3, mark="confirmed")),
        doors.review.ask(TOWN, plot_id, late("r1")),
        doors.review.ask(TOWN, plot_id, late("r2", action="submit")),
        doors.review.ask(COUNTY, plot_id, command("settle_conflict", 4, record="r1")),
    ]
    results = [one.result for one in doors.review.settle(asked).result()]  # type: ignore[union-attr]
    assert all(isinstance(one, Kept) for one in results), results
    assert [one.record for one, _ in doors.plots.detail(COUNTY, plot_id).aside] == ["r2"]
    assert list(doors.store.ledger.verify()) == []


def test_what_rests_on_a_record_that_a_lock_put_aside_lies_there_too(
    doors: Services, plot_id: str
) -> None:
    review = doors.review.act(COUNTY, plot_id, command("mark", 3, mark="confirmed")).review
    assert doors.review.act(TOWN, plot_id, late("r1", 4)).event.action == ASIDE
    doors.locks.release(COUNTY, plot_id)
    done = doors.review.act(TOWN, plot_id, late("r2", 4, "submit"))
    assert (done.event.action, done.review) == (ASIDE, review)
    taken = doors.review.act(TOWN, plot_id, command("mark", 4, mark="false_positive", record="r1"))
    assert taken.review.mark == "false_positive"


def test_the_projection_made_anew_is_the_same(doors: Services, plot_id: str) -> None:
    doors.review.act(COUNTY, plot_id, command("mark", 3, mark="confirmed"))
    doors.review.act(TOWN, plot_id, late("r1"))
    before = doors.store.plots.get(EVERYTHING, plot_id)
    doors.store.ledger.rebuild()
    assert doors.store.plots.get(EVERYTHING, plot_id) == before
    assert waiting(doors) == 1
