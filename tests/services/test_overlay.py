"""Facts follow the layers: each says what it rests on, and what was known stays beside."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely

from georeview.core.access import EVERYTHING
from georeview.errors import NotFound
from georeview.ingest import ReadOptions
from georeview.services import Services
from georeview.services.layers import LayerAbout
from georeview.services.people import owner
from georeview.storage.ports.plots import Facts
from tests.files import a_home, geojson, ids, load, put, put_json, shapefile, squares
from tests.places import Place

AREA = shapely.box(107.0, 31.5, 107.1002, 31.6)
"""A management area whose edge runs through the middle of the first plot."""


@pytest.fixture
def services(tmp_path: Path, place: Place) -> Iterator[Services]:
    with a_home(tmp_path, store=place.address) as services:
        load(services, put(tmp_path / "plots", shapefile(squares(2), [ids("1", "2")])))
        yield services


def publish(services: Services, folder: Path, area: shapely.Geometry, version: str) -> None:
    path = put_json(folder / f"{version}.geojson", geojson([area], [{"code": "m", "name": "线"}]))
    services.layers.load(owner("5119"), path, LayerAbout("mgmt_area", "线", version), ReadOptions())


def facts(services: Services, number: str = "1") -> Facts:
    found = services.store.plots.by_source(EVERYTHING, "2023-1", number).facts
    assert found is not None
    return found


def test_without_layers_there_is_the_area_and_nothing_else(services: Services) -> None:
    assert facts(services).area_m2 == pytest.approx(1_680, rel=0.01)
    assert (facts(services).band, facts(services).layers) == ("unknown", "")
    assert services.overlay.outdated() == 0


def test_a_new_version_outdates_facts_until_they_are_computed_anew(
    services: Services, tmp_path: Path
) -> None:
    publish(services, tmp_path, AREA, "v1")
    assert services.overlay.outdated() == 2
    report = services.overlay.run("2023-1")
    assert (report.plots, report.layers) == (2, "mgmt_area=v1")
    assert services.overlay.outdated() == 0
    assert facts(services).in_share == pytest.approx(0.5, abs=0.01)
    assert facts(services).detail["overlay"]["mgmt_area"]["version"] == "v1"

    publish(services, tmp_path, shapely.box(107.0, 31.5, 107.2, 31.6), "v2")
    assert services.store.facts.layers_used("2023-1") == {"mgmt_area=v1": 2}
    assert services.overlay.outdated() == 2
    services.overlay.run(None)
    assert services.store.facts.layers_used("2023-1") == {"mgmt_area=v2": 2}
    assert facts(services).in_share == pytest.approx(1)
    assert facts(services).detail["overlay"]["mgmt_area"]["version"] == "v2"


def test_what_was_known_before_is_kept(services: Services, tmp_path: Path, place: Place) -> None:
    publish(services, tmp_path, AREA, "v1")
    services.overlay.run("2023-1")
    publish(services, tmp_path, shapely.box(107.0, 31.5, 107.2, 31.6), "v2")
    services.overlay.run("2023-1")
    with place.raw() as database:
        past = database.execute(
            "SELECT layers, COUNT(*) FROM facts_past GROUP BY layers ORDER BY 1"
        )
        assert past.fetchall() == [("", 2), ("mgmt_area=v1", 2)]


def test_computing_facts_moves_no_review(services: Services, tmp_path: Path) -> None:
    head = services.store.ledger.head()
    publish(services, tmp_path, AREA, "v1")
    services.overlay.run("2023-1")
    after = services.store.ledger.head()
    assert (after.seq, after.hash) == (head.seq, head.hash)
    assert list(services.store.ledger.verify()) == []


def test_a_batch_that_is_not_there_is_refused(services: Services) -> None:
    with pytest.raises(NotFound):
        services.overlay.run("none")


def test_a_lost_cache_is_made_again(services: Services, tmp_path: Path) -> None:
    publish(services, tmp_path, AREA, "v1")
    services.overlay.run("2023-1")
    for file in (tmp_path / "home" / "cache").rglob("*.pickle"):
        file.unlink()
    assert services.overlay.run("2023-1").plots == 2


def test_plots_loaded_later_rest_on_the_current_layers(services: Services, tmp_path: Path) -> None:
    publish(services, tmp_path, AREA, "v1")
    load(services, put(tmp_path / "more", shapefile(squares(1, lat=31.57), [ids("3")])))
    assert facts(services, "3").layers == "mgmt_area=v1"
    assert services.overlay.outdated() == 2
