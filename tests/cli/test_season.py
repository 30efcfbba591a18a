"""The year of the demo's earlier batch: lived through the services, on the dates of then."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from georeview.cli.season import Clock, Truth, Year
from georeview.core.access import EVERYTHING
from georeview.core.query import Filter
from georeview.ingest import ReadOptions
from georeview.services import Services, open_services
from georeview.services.people import owner
from georeview.settings import Settings
from georeview.storage.ports.plots import Plot
from sample_data.make import DATA
from sample_data.photos import make_photo

BATCH = "2022"
FIRST = date(2022, 4, 11)


@pytest.fixture
def clock() -> Clock:
    return Clock(FIRST)


@pytest.fixture
def services(tmp_path: Path, clock: Clock) -> Iterator[Services]:
    opened = open_services(Settings(home=tmp_path / "home"), clock)
    yield opened
    opened.close()


def load(services: Services) -> list[Plot]:
    from georeview.services.layers import LayerAbout

    for file, kind in (("county_v1.gpkg", "county"), ("mgmt_area_v1.zip", "mgmt_area")):
        about = LayerAbout(kind=kind, name=kind, version="v1")
        services.layers.load(owner("5119"), DATA / file, about, ReadOptions())
    services.imports.load(
        owner("5119"), [DATA / "plots_2022.zip"], batch=BATCH, area="5119", options=ReadOptions(),
        review_due=date(2022, 6, 30), rectify_due=date(2022, 11, 30),
    )  # fmt: skip
    return [p for some in services.store.plots.stream(EVERYTHING, Filter(BATCH)) for p in some]


def test_plots_are_settled_as_they_truly_were_within_the_year(
    services: Services, clock: Clock
) -> None:
    with (DATA / "truth_2022.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["source_id"]: row for row in csv.DictReader(file)}
    truth = {number: Truth(row["code"], row["type_actual"]) for number, row in rows.items()}
    plots = load(services)
    problems = [plot for plot in plots if truth[plot.given.source_id].is_problem][:2]
    chosen = [*problems, *(plot for plot in plots if plot not in problems)][:5]
    units = {str(plot.review.county): "示例县" for plot in chosen}
    Year(services, clock, units, make_photo).live(chosen, truth)

    for plot in chosen:
        settled = services.store.plots.get(EVERYTHING, plot.given.plot_id).review
        case = truth[plot.given.source_id]
        assert settled.stage == "closed"
        assert (settled.violation or settled.reason) == case.code
        assert settled.outcome == ("rectified" if case.is_problem else settled.outcome)
    days = [change.event.recorded_at[:10] for change in services.store.feed.changes(0, 1000)]
    assert days == sorted(days)
    assert days[0] == "2022-04-11"
    assert "2022-05" < days[-1] < "2023-04"
    assert list(services.upkeep.verify()) == []
