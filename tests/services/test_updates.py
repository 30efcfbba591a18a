"""A batch delivered again: what is new, changed, gone and unchanged, and nothing lost of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely

from georeview.core.access import EVERYTHING, Role
from georeview.core.query import Filter, PageOf
from georeview.ingest import ReadOptions
from georeview.services import Services
from georeview.services.load_report import LoadReport
from georeview.storage.ports.plots import Plot
from tests.builders import a_mark, an_actor, kept
from tests.files import Column, a_home, ids, put, shapefile, squares
from tests.places import Place

CITY = an_actor(Role.CITY, "5119")
BATCH = "2023-1"


@pytest.fixture
def services(tmp_path: Path, place: Place) -> Iterator[Services]:
    with a_home(tmp_path, store=place.address) as opened:
        yield opened


def load(services: Services, path: Path, **how: bool) -> LoadReport:
    options = ReadOptions()
    return services.imports.load(CITY, [path], batch=BATCH, area="5119", options=options, **how)


def plots(services: Services, where: Filter = Filter(batch=BATCH)) -> dict[str, Plot]:  # noqa: B008
    page = services.store.plots.page(EVERYTHING, where, PageOf(), count=False)
    return {plot.given.source_id: plot for plot in page.items}


def delivery(folder: Path, shapes: list[shapely.Geometry], *numbers: str) -> Path:
    return put(folder, shapefile(shapes, [ids(*numbers)]))


def text(name: str, value: str) -> Column:
    return (name, "C", 40, [value])


@pytest.fixture
def first(services: Services, tmp_path: Path) -> Path:
    path = delivery(tmp_path / "first", squares(4), "A", "B", "C", "D")
    load(services, path)
    return path


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """B moved, C unchanged, E new; A and D are gone."""
    b, c, e = squares(6)[4], squares(4)[2], squares(6)[5]
    return delivery(tmp_path / "second", [b, c, e], "B", "C", "E")


@pytest.mark.usefixtures("first")
def test_what_would_change_is_told_before_anything_does(services: Services, second: Path) -> None:
    before = {number: plot.given for number, plot in plots(services).items()}
    report = load(services, second, update=True, dry_run=True)
    (file,) = report.files
    assert (file.rows_in, file.stored, file.changed, file.unchanged) == (3, 1, 1, 1)
    assert (report.gone, report.gone_plots, report.import_id) == (2, ("A", "D"), None)
    assert {number: plot.given for number, plot in plots(services).items()} == before


@pytest.mark.usefixtures("first")
def test_without_being_told_nothing_that_is_there_changes(services: Services, second: Path) -> None:
    report = load(services, second)
    (file,) = report.files
    assert (file.stored, file.changed, file.unchanged, report.gone) == (1, 0, 1, 2)
    assert [(item.source_id, item.code) for item in file.set_aside] == [
        ("B", "already_with_other_shape")
    ]
    assert set(plots(services)) == {"A", "B", "C", "D", "E"}


@pytest.mark.usefixtures("first")
def test_an_update_changes_the_plot_and_keeps_its_mark(services: Services, second: Path) -> None:
    was = plots(services)["B"]
    kept(services.store.ledger.append([a_mark(services.store, was.given.plot_id, CITY)])[0])
    report = load(services, second, update=True)
    assert (report.complete, report.files[0].changed) == (True, 1)
    now = plots(services)
    assert set(now) == {"A", "B", "C", "D", "E"}
    assert now["B"].given.plot_id == was.given.plot_id
    assert shapely.from_wkb(now["B"].given.wkb).equals(squares(6)[4])
    assert now["B"].facts is not None
    assert was.facts is not None
    assert now["B"].facts.lon != was.facts.lon
    assert (now["B"].review.mark, now["B"].review.second_look) == ("false_positive", "revised")
    assert list(plots(services, Filter(second_look=True))) == ["B"]
    given = services.plots.given(CITY, was.given.plot_id)
    assert [plot.wkb for _, plot in given] == [was.given.wkb, now["B"].given.wkb]
    assert list(services.store.ledger.verify()) == []
    again = load(services, second, update=True)
    assert (again.files[0].unchanged, again.files[0].changed) == (3, 0)


def test_values_are_added_to_what_is_known(services: Services, tmp_path: Path) -> None:
    columns = [ids("A"), text("TBLX", "桥梁"), text("BZ", "原文"), text("QT", "x")]
    load(services, put(tmp_path / "first", shapefile(squares(1), columns)))
    changed = [ids("A"), text("TBLX", "疑似采砂")]
    report = load(services, put(tmp_path / "second", shapefile(squares(1), changed)), update=True)
    assert report.files[0].changed == 1
    (plot,) = plots(services).values()
    assert plot.given.fields["type_issued"] == "疑似采砂"
    assert plot.given.fields["note_issued"] == "原文"
    assert plot.given.extra["QT"] == "x"


@pytest.mark.usefixtures("first")
def test_an_update_is_taken_back_with_its_facts(services: Services, second: Path) -> None:
    before = plots(services)
    report = load(services, second, update=True)
    assert report.import_id is not None
    done = services.retract.retract(CITY, report.import_id)
    assert (done.withdrawn, done.restored) == (1, 1)
    after = plots(services)
    assert set(after) == {"A", "B", "C", "D"}
    assert after["B"].given == before["B"].given
    assert after["B"].facts == before["B"].facts
    assert list(services.store.ledger.verify()) == []


def test_what_was_taken_back_comes_in_again_under_its_id(services: Services, first: Path) -> None:
    before = plots(services)
    (source,) = services.store.plots.imports(BATCH)
    services.retract.retract(CITY, source.import_id)
    assert plots(services) == {}
    report = load(services, first)
    assert (report.files[0].stored, report.gone) == (4, 0)
    after = plots(services)
    assert {n: p.given.plot_id for n, p in after.items()} == {
        n: p.given.plot_id for n, p in before.items()
    }
    assert {plot.review.stage for plot in after.values()} == {
        plot.review.stage for plot in before.values()
    }
    assert list(services.store.ledger.verify()) == []


def test_another_file_of_the_batch_misses_nothing(
    services: Services, first: Path, tmp_path: Path
) -> None:
    report = load(services, delivery(tmp_path / "more", squares(6)[5:], "F"))
    assert (report.files[0].stored, report.gone, report.gone_plots) == (1, 0, ())
    assert first.exists()
