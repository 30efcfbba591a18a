"""Marks through the services: rights, versions, repeats, places and evidence."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from georeview.core.access import EVERYTHING, Action
from georeview.core.procedure import Command
from georeview.errors import BadValue, Forbidden, NotFound, RuleBroken, VersionMissing
from georeview.errors.review import KeyReused, StaleVersion
from georeview.services import Services
from georeview.storage.ports.layers import LayerFeature, LayerVersion
from georeview.storage.ports.ledger import Idempotency
from tests.builders import NOW, a_batch, a_shape, an_actor, some_facts
from tests.places import Place
from tests.services.doors import open_doors
from tests.services.pictures import a_photo

COUNTY = an_actor("county", "511902")
STRANGER = an_actor("county", "511921")
CITY = an_actor("city", "5119")
KEY = Idempotency(COUNTY.user, "marks", "k-1", "body-a")


@pytest.fixture
def doors(tmp_path: Path, place: Place) -> Iterator[Services]:
    with open_doors(tmp_path, store=place.address) as services:
        yield services


@pytest.fixture
def plot_id(doors: Services) -> str:
    """A plot of 511902 at version 2."""
    plot = a_batch(doors.store, 1)[0]
    doors.store.facts.put([some_facts(plot)])
    return plot.plot_id


def a_command(base: int | None = 2, action: str = "mark", **body: object) -> Command:
    return Command(action, f"e{base}", base, body or {"mark": "confirmed"})


def test_a_mark_is_there_for_every_reader_when_it_is_answered(
    doors: Services, plot_id: str
) -> None:
    kept = doors.review.act(COUNTY, plot_id, a_command())
    assert doors.plots.detail(CITY, plot_id).plot.review == kept.review
    assert doors.plots.history(CITY, plot_id)[-1] == kept.event


def test_the_order_of_refusals(doors: Services, plot_id: str) -> None:
    """Area, right, version, value, rule: each hides the ones behind it."""
    wrong = {"mark": "nonsense", "evidence": ["none"]}
    gis = an_actor("gis", "5119")
    cases = [
        (STRANGER, Command("mark", "e", None, wrong), NotFound),
        (gis, Command("mark", "e", None, wrong), Forbidden),
        (COUNTY, Command("mark", "e", None, wrong), VersionMissing),
        (COUNTY, Command("mark", "e", 1, wrong), StaleVersion),
        (COUNTY, Command("mark", "e", 2, wrong), BadValue),
        (COUNTY, Command("submit", "e", 2, {"county": "x"}), BadValue),
        (COUNTY, Command("submit", "e", 2, {}), RuleBroken),
    ]
    for actor, command, refusal in cases:
        with pytest.raises(refusal):
            doors.review.act(actor, plot_id, command)
    assert doors.store.ledger.review(EVERYTHING, plot_id).version == 2


def test_a_repeat_gets_its_answer_though_the_plot_has_moved_on(
    doors: Services, plot_id: str
) -> None:
    first = doors.review.act(COUNTY, plot_id, a_command(), KEY)
    doors.review.act(COUNTY, plot_id, a_command(3, mark="rectified"))
    again = doors.review.act(COUNTY, plot_id, a_command(), KEY)
    assert (again.event, again.review, again.repeated) == (first.event, first.review, True)
    with pytest.raises(KeyReused):
        doors.review.act(
            COUNTY, plot_id, a_command(), Idempotency(COUNTY.user, "marks", "k-1", "body-b")
        )


def test_a_key_lends_no_sight(doors: Services, plot_id: str) -> None:
    doors.review.act(COUNTY, plot_id, a_command(), KEY)
    with pytest.raises(NotFound):
        doors.review.act(STRANGER, plot_id, a_command(), KEY)


def test_plots_go_only_to_places_of_the_current_layers(doors: Services, plot_id: str) -> None:
    layer = LayerVersion(
        "county-1", "county", "county", "v1", None, "c.gpkg", "0" * 64, "EPSG:4490", 50.0, 1,
        (106.0, 31.0, 108.0, 33.0), NOW.isoformat(), "gis",
    )  # fmt: skip
    features = [LayerFeature(a_shape(1).wkb, "511902100", "东城街道", {})]
    doors.store.layers.add(layer, features)
    with pytest.raises(BadValue) as refused:
        doors.review.act(COUNTY, plot_id, a_command(2, "dispatch_town", township="511902999"))
    assert refused.value.facts["field"] == "township"
    kept = doors.review.act(COUNTY, plot_id, a_command(2, "dispatch_town", township="511902100"))
    assert kept.review.stage == "at_town"


def attach(doors: Services, plot_id: str, actor=COUNTY, data: bytes | None = None, **more):
    given = {"kind": "E_PHOTO", "name": "现场.jpg", **more}
    return doors.review.attach(actor, plot_id, io.BytesIO(data or a_photo()), **given)


def test_evidence_is_kept_byte_for_byte_and_told_of_in_the_ledger(
    doors: Services, plot_id: str
) -> None:
    attached = attach(doors, plot_id, observed_at="2023-05-17T10:21:33+08:00")
    file, path = doors.review.evidence(CITY, attached.file.evidence_id)
    assert path.read_bytes() == a_photo()
    assert file == attached.file
    event = doors.plots.history(COUNTY, plot_id)[-1]
    assert (event.action, event.version) == ("attach", 2)
    assert event.observed_at == "2023-05-17T10:21:33+08:00"
    assert file.sha256 in event.body


def test_the_same_bytes_by_anybody_are_one_piece_of_evidence(doors: Services, plot_id: str) -> None:
    first, second = attach(doors, plot_id), attach(doors, plot_id, CITY, name="b.jpg")
    assert second.repeated
    assert second.file == first.file
    other = attach(doors, plot_id, kind="E_HISTORY")
    assert other.file.evidence_id != first.file.evidence_id


def test_evidence_is_for_who_may_see_it(doors: Services, plot_id: str) -> None:
    evidence_id = attach(doors, plot_id).file.evidence_id
    with pytest.raises(NotFound):
        doors.review.evidence(STRANGER, evidence_id)
    with pytest.raises(Forbidden):
        doors.review.evidence(an_actor("gis", "5119"), evidence_id)
    with pytest.raises(Forbidden):
        doors.review.need_on(an_actor("auditor", "5119"), Action.ATTACH, plot_id)


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "E_FACT"}, {"kind": "x"}, {"observed_at": "gestern"}, {"observed_at": "2023"}],
)
def test_what_is_refused_leaves_no_file(
    doors: Services, plot_id: str, wrong: dict[str, str]
) -> None:
    with pytest.raises(BadValue):
        attach(doors, plot_id, **wrong)
    assert not (doors.settings.home / "evidence").exists()
    assert len(doors.plots.history(COUNTY, plot_id)) == 2
