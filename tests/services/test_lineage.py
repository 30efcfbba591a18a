"""A plot that comes again in another batch: what it is told of before, and what the other learns."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from shapely.affinity import translate

from georeview.core.access import EVERYTHING, Actor, Role
from georeview.core.procedure import Command
from georeview.core.query import Filter
from georeview.errors import NotFound
from georeview.ingest import ReadOptions
from georeview.services import Services
from georeview.services.export_rows import columns
from georeview.services.lineage import Kinship
from georeview.storage.ports.plots import Plot
from tests.builders import an_actor
from tests.files import a_home, ids, put, shapefile, squares
from tests.places import Place
from tests.services.pictures import a_photo

CITY = an_actor(Role.CITY, "5119")
CHECKER = an_actor(Role.CITY, "5119", user="checker")
STRANGER = an_actor(Role.COUNTY, "511921")


@pytest.fixture
def services(tmp_path: Path, place: Place) -> Iterator[Services]:
    with a_home(tmp_path, store=place.address) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "sent"


def load(services: Services, folder: Path, batch: str, **shapes: shapely.Geometry) -> None:
    path = put(folder / batch, shapefile(list(shapes.values()), [ids(*shapes)]))
    options = ReadOptions()
    services.imports.load(CITY, [path], batch=batch, area="5119", options=options)


def plot(services: Services, batch: str, number: str) -> Plot:
    (chunk,) = services.store.plots.stream(EVERYTHING, Filter(batch=batch))
    return next(found for found in chunk if found.given.source_id == number)


def step(services: Services, actor: Actor, at: Plot, action: str, **body: object) -> None:
    state = services.plots.detail(CITY, at.given.plot_id).plot.review
    command = Command(action, f"{action}-{state.version}-{at.given.plot_id}", state.version, body)
    services.review.act(actor, at.given.plot_id, command)


def settle(services: Services, at: Plot) -> None:
    """A negative, marked by one person of the city and accepted by another."""
    photo = {"kind": "E_PHOTO", "name": "现场.jpg"}
    services.review.attach(CITY, at.given.plot_id, io.BytesIO(a_photo()), **photo)
    step(services, CITY, at, "mark", mark="false_positive", reason="FP31")
    step(services, CITY, at, "submit")
    step(services, CHECKER, at, "accept_negative", determination="not_problem")


def told(kin: list[Kinship]) -> list[tuple[str, bool, str]]:
    return [(one.plot.given.source_id, one.later, one.told["relation"]) for one in kin]


def test_a_place_that_comes_again_is_told_what_it_was(services: Services, folder: Path) -> None:
    same, moved, alone = squares(3)
    load(services, folder, "2022", A=same, B=moved, C=alone)
    settle(services, plot(services, "2022", "A"))
    step(services, CITY, plot(services, "2022", "B"), "mark", mark="confirmed", violation="PR32")
    half = (moved.bounds[2] - moved.bounds[0]) / 2
    load(
        services, folder, "2023", X=same, **{"B-2": translate(moved, half / 2), "Z": squares(4)[3]}
    )

    again, shifted, new = (plot(services, "2023", number) for number in ("X", "B-2", "Z"))
    assert told(services.lineage.of(CITY, again)) == [("A", False, "same")]
    assert told(services.lineage.of(CITY, shifted)) == [("B", False, "same")]
    assert services.lineage.of(CITY, new) == []
    assert [p.facts and p.facts.suggestion for p in (again, shifted, new)] == ["FP31", "PR32", None]
    # The first plot learns that its place has come again, and nothing of its own has changed.
    first = plot(services, "2022", "A")
    assert told(services.lineage.of(CITY, first)) == [("X", True, "same")]
    assert first.review.outcome == "negative"
    assert again.review.mark == "pending"


def test_laying_over_anew_keeps_what_came_before(services: Services, folder: Path) -> None:
    shape = squares(1)[0]
    load(services, folder, "2022", A=shape)
    load(services, folder, "2023", X=shape)
    services.overlay.run(None)
    assert told(services.lineage.of(CITY, plot(services, "2023", "X"))) == [("A", False, "same")]
    assert told(services.lineage.of(CITY, plot(services, "2022", "A"))) == [("X", True, "same")]


def test_what_was_withdrawn_has_never_been_there(services: Services, folder: Path) -> None:
    shape = squares(1)[0]
    load(services, folder, "2022", A=shape)
    step(services, CITY, plot(services, "2022", "A"), "withdraw", document_no="1号")
    load(services, folder, "2023", X=shape)
    assert services.lineage.of(CITY, plot(services, "2023", "X")) == []


def test_a_plot_out_of_sight_is_not_told_of(services: Services, folder: Path) -> None:
    shape = squares(1)[0]
    load(services, folder, "2022", A=shape)
    load(services, folder, "2023", X=shape)
    again = plot(services, "2023", "X")
    step(services, CITY, again, "dispatch", county="511921")
    here = plot(services, "2023", "X")
    assert services.lineage.of(STRANGER, here) == []
    with pytest.raises(NotFound):
        services.plots.detail(STRANGER, plot(services, "2022", "A").given.plot_id)


def test_exports_name_the_group_and_count_the_times_before(
    services: Services, folder: Path
) -> None:
    shape = squares(1)[0]
    for batch in ("2021", "2022", "2023"):
        load(services, folder, batch, A=shape)
    found = [plot(services, batch, "A") for batch in ("2021", "2022", "2023")]
    values = columns(found, [None] * 3, {}, {}, "2023-06-30").values
    assert values["repeat_n"] == [0, 1, 2]
    assert values["lineage"] == [found[0].given.plot_id] * 3
