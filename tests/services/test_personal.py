"""Names of third parties: beside the ledger, for county and city only, and erased for good."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from georeview.core.access import EVERYTHING
from georeview.core.procedure import Command
from georeview.errors import BadValue, Forbidden, NotFound
from georeview.errors.people import NobodyNamed
from georeview.services import Services, open_services
from georeview.services.lines import event
from georeview.services.restore import restore
from georeview.settings import Settings
from tests.builders import NOW, a_batch, an_actor
from tests.places import Place
from tests.services.doors import open_doors

PLOT, NAME = "2023-1-0-0000000", "赵六水"
COUNTY, CITY = an_actor("county", "511902"), an_actor("city", "5119")
AUDITOR, TOWN = an_actor("auditor", "5119"), an_actor("township", "511902100")


@pytest.fixture
def doors(tmp_path: Path, place: Place) -> Iterator[Services]:
    with open_doors(tmp_path, store=place.address) as services:
        a_batch(services.store, 2)
        yield services


def mark(doors: Services, base: int = 2, **body: object) -> None:
    said = {"mark": "confirmed", "party": NAME, **body}
    doors.review.act(COUNTY, PLOT, Command("mark", f"e{base}", base, said))


def test_the_ledger_holds_a_hash_and_nothing_that_leads_to_the_name(
    doors: Services, place: Place
) -> None:
    mark(doors)
    mark(doors, 3)
    *_, first, second = doors.store.ledger.history(EVERYTHING, PLOT)
    assert NAME not in first.body + first.after + second.body + second.after
    # A salt of its own each time: the same name twice does not look the same.
    assert first.said["party"] != second.said["party"]
    assert list(doors.store.ledger.verify()) == []


@pytest.mark.parametrize(
    ("actor", "sees"), [(COUNTY, True), (CITY, True), (AUDITOR, False)], ids=str
)
def test_names_are_for_county_and_city(doors: Services, actor, *, sees: bool) -> None:
    mark(doors)
    detail = doors.plots.detail(actor, PLOT)
    token = detail.plot.review.course.party
    assert (detail.names or {}).get(token) == (NAME if sees else None)
    told = event(doors.plots.history(actor, PLOT)[-1], doors.plots.names(actor, PLOT))
    assert told["body"]["party"] == (NAME if sees else None)
    if sees:
        assert [one.value for one in doors.personal.of(actor, PLOT)] == [NAME]
    else:
        with pytest.raises(Forbidden):
            doors.personal.of(actor, PLOT)


def test_what_is_erased_is_gone_and_the_ledger_holds(doors: Services, place: Place) -> None:
    mark(doors)
    (left,) = doors.personal.erase(CITY, PLOT, "当事人申请,巴河办〔2024〕3号")
    assert (left.value, left.erased_by) == (None, CITY.user)
    with place.raw() as connection:
        rows = connection.execute("SELECT salt, value FROM personal").fetchall()
    assert [tuple(row) for row in rows] == [(None, None)]
    assert list(doors.store.ledger.verify()) == []
    noted = doors.store.access.entries(EVERYTHING, None, 1)[0]
    assert (noted.action, noted.subject, NAME in noted.detail) == ("erase_personal", PLOT, False)
    assert doors.plots.detail(CITY, PLOT).names == {left.token: None}
    with pytest.raises(NobodyNamed):
        doors.personal.erase(CITY, PLOT, "再次")
    mark(doors, 3)
    assert sum(one.value is None for one in doors.personal.of(CITY, PLOT)) == 1


def test_who_may_not_erase_and_what_is_no_erasure(doors: Services) -> None:
    mark(doors)
    with pytest.raises(Forbidden):
        doors.personal.erase(COUNTY, PLOT, "申请")
    with pytest.raises(NotFound):
        doors.personal.erase(an_actor("city", "5117"), PLOT, "申请")
    for reason, field in ((" ", None), ("x" * 401, None), ("申请", "note")):
        with pytest.raises(BadValue):
            doors.personal.erase(CITY, PLOT, reason, field)
    with pytest.raises(NobodyNamed):
        doors.personal.erase(CITY, PLOT, "申请", "person")


def test_nobody_sends_a_hash_for_a_name(doors: Services) -> None:
    with pytest.raises(BadValue) as refused:
        mark(doors, party="sha256:" + "0" * 64)
    assert refused.value.facts["field"] == "party"


@pytest.mark.parametrize(
    "change",
    ["value = '别人'", "plot_id = '2023-1-0-0000001'", "token = 'sha256:0'"],
)
def test_names_that_are_not_those_of_the_events_are_found(
    doors: Services, place: Place, change: str
) -> None:
    mark(doors)
    with place.raw() as connection:
        connection.execute(f"UPDATE personal SET {change}")
    assert "personal" in {flaw.code for flaw in doors.store.ledger.verify()}


def test_a_backup_carries_names_and_what_was_erased(doors: Services, tmp_path: Path) -> None:
    mark(doors)
    doors.personal.erase(CITY, PLOT, "申请")
    mark(doors, 3)
    doors.backups.write(tmp_path / "b.zip", lambda _: None, imagery=False)
    home = tmp_path / "other"
    restore(Settings(home=home), tmp_path / "b.zip", lambda: NOW, lambda _: None, flawed=False)
    again = open_services(Settings(home=home), lambda: NOW)
    values = [one.value for one in again.personal.of(CITY, PLOT)]
    assert sorted(values, key=str) == [None, NAME]
    assert list(again.store.ledger.verify()) == []
    again.close()
