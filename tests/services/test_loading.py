"""Files larger than what is held at a time: nothing is lost between chunks, and work can stop."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely

from georeview.core.access import EVERYTHING
from georeview.core.query import Filter
from georeview.errors.files import JsonTooLarge
from georeview.errors.store import DiskFull
from georeview.errors.work import Stopped
from georeview.geometry import measure
from georeview.ingest import ReadOptions
from georeview.ingest.geojson import MAX_MB
from georeview.ingest.raw import CHUNK
from georeview.services import Services
from georeview.services.loading import STEPS
from georeview.services.people import owner
from georeview.services.told import RowTold
from georeview.storage.ports.plots import NewPlot
from tests.files import (
    Column,
    a_home,
    geopackage,
    ids,
    leftovers,
    load,
    own_temp,
    put,
    shapefile,
    squares,
)

MANY = CHUNK + 40
NUMBERS = [f"A{n:05d}" for n in range(MANY)]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of one chunk and some rows."""
    return many(tmp_path_factory.mktemp("large"), NUMBERS, shapes(MANY))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with a_home(tmp_path) as services:
        yield services


def stored(services: Services) -> list[NewPlot]:
    chunks = services.store.plots.stream(EVERYTHING, Filter(batch="2023-1"))
    return [plot.given for chunk in chunks for plot in chunk]


def shapes(n: int) -> list[shapely.Geometry]:
    """Plots in rows of a hundred."""
    west, south = 106.9 + (np.arange(n) % 100) * 0.001, 31.5 + (np.arange(n) // 100) * 0.001
    return list(shapely.box(west, south, west + 0.0004, south + 0.0004))


def many(folder: Path, numbers: list[str], geoms: list[shapely.Geometry], *more: Column) -> Path:
    return put(folder, shapefile(geoms, [ids(*numbers), *more]))


@pytest.mark.slow
def test_numbers_and_shapes_that_come_again_chunks_later_are_seen(
    services: Services, tmp_path: Path
) -> None:
    numbers, geoms = list(NUMBERS), shapes(MANY)
    numbers[-1], geoms[-1] = numbers[3], geoms[3]
    numbers[-2] = numbers[4]
    geoms[-3] = shapely.Polygon(np.roll(shapely.get_coordinates(geoms[5])[:-1], 2, axis=0))
    report = load(services, many(tmp_path, numbers, geoms)).files[0]
    assert [(i.row, i.code, i.facts) for i in report.set_aside] == [
        (MANY - 1, "id_with_two_shapes", {"row": 5}),
        (MANY, "row_repeated", {"row": 4}),
    ]
    assert report.stored == MANY - 2
    plots = stored(services)
    assert [plot.row for plot in plots] == list(range(1, MANY - 1))
    assert [plot.source_id for plot in plots] == NUMBERS[:-2]
    assert plots[-1].flags == [{"code": "duplicate", "facts": {"other": "A00005"}}]


@pytest.mark.slow
def test_units_rest_on_all_rows_of_a_county(services: Services, tmp_path: Path) -> None:
    geoms = shapes(MANY)
    area = measure.area(np.array(geoms))
    mu = [n % 2 == 1 for n in range(MANY)]
    stated = [f"{a / (666.6667 if m else 1):.4f}" for a, m in zip(area, mu, strict=True)]
    columns: list[Column] = [
        ("QX", "C", 12, ["平昌县" if m else "巴州区" for m in mu]),
        ("JCMJ", "N", 20, stated),
    ]
    report = load(services, many(tmp_path, NUMBERS, geoms, *columns)).files[0]
    assert report.read["area_unit"] == "m2, mu"
    found = [plot.fields["area_stated_m2"] for plot in stored(services)]
    assert found == pytest.approx(list(area), rel=1e-3)
    assert report.flagged == {}


@pytest.mark.slow
def test_a_text_that_differs_only_in_the_last_row_decides_the_encoding(
    services: Services, tmp_path: Path
) -> None:
    notes = ["河"] * (MANY - 1) + ["𠮷䃅"]
    path = many(tmp_path, NUMBERS, shapes(MANY), ("BZ", "C", 20, notes))
    assert load(services, path).files[0].read["encoding"] == "gb18030"
    assert stored(services)[-1].fields["note_issued"] == "𠮷䃅"


@pytest.mark.slow
def test_rows_are_told_in_order_whatever_becomes_of_them(
    services: Services, tmp_path: Path
) -> None:
    numbers = ["" if n % 700 == 3 else number for n, number in enumerate(NUMBERS)]
    told: list[RowTold] = []
    services.imports.load(
        owner("5119"),
        [many(tmp_path, numbers, shapes(MANY))],
        batch="b",
        area="5119",
        options=ReadOptions(),
        dry_run=True,
        tell=lambda _, rows: told.extend(rows),
    )
    assert [row.row for row in told] == list(range(1, MANY + 1))
    assert [row.row for row in told if row.outcome == "set_aside"] == list(range(4, MANY, 700))


@pytest.mark.slow
def test_a_number_of_an_earlier_file_is_found_wherever_it_stood(
    services: Services, tmp_path: Path, large: Path
) -> None:
    geoms = shapes(MANY)
    other = put(tmp_path / "2", shapefile(geoms[:2], [ids(NUMBERS[-1], "B")]))
    third = put(tmp_path / "3", shapefile([geoms[-1], geoms[1]], [ids(NUMBERS[-1], "B")]))
    report = load(services, large, other, third)
    assert [file.stored for file in report.files] == [MANY, 1, 0]
    assert [(i.row, i.code) for i in report.files[1].set_aside] == [(1, "already_with_other_shape")]
    assert report.files[2].unchanged == 2


@pytest.mark.slow
def test_texts_reach_plots_of_every_chunk(services: Services, tmp_path: Path, large: Path) -> None:
    texts = {"TBBH": [NUMBERS[0], NUMBERS[-1]], "BZ": ["甲", "乙"]}
    table = geopackage(tmp_path / "texts.gpkg", None, texts)
    report = load(services, table, large)
    assert (report.files[0].joined, report.files[1].stored) == (2, MANY)
    plots = stored(services)
    assert [plots[n].fields.get("note_issued") for n in (0, 1, -1)] == ["甲", None, "乙"]


# How far it is, and stopping ----------------------------------------------------------------------


class Watch:
    """Counts steps, and stops the work once there were some."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.done = 0
        self.calls = 0
        self._stop_at = stop_at

    def __call__(self, steps: int) -> None:
        self.done += steps
        self.calls += 1
        if self._stop_at is not None and self.done >= self._stop_at:
            raise Stopped


def watched(services: Services, path: Path, watch: Watch, *, dry_run: bool = False) -> None:
    services.imports.load(
        owner("5119"),
        [path],
        batch="b",
        area="5119",
        options=ReadOptions(),
        dry_run=dry_run,
        advance=watch,
    )


@pytest.mark.parametrize("dry_run", [True, False])
def test_all_steps_of_a_file_are_told(services: Services, large: Path, dry_run: bool) -> None:
    watch = Watch()
    watched(services, large, watch, dry_run=dry_run)
    assert watch.done == STEPS
    assert watch.calls >= 6


@pytest.mark.parametrize("share", [0.1, 0.6, 0.8, 0.99])
def test_work_that_is_stopped_anywhere_keeps_nothing(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: Path, share: float
) -> None:
    temp = own_temp(tmp_path / "temp", monkeypatch)
    with pytest.raises(Stopped):
        watched(services, large, Watch(stop_at=round(share * STEPS)))
    assert services.store.plots.batches(EVERYTHING) == []
    assert services.store.ledger.head().seq == 0
    assert [name for name in leftovers(tmp_path / "home") if not name.startswith("sources")] == []
    assert list(temp.iterdir()) == []


def test_json_is_taken_up_to_a_size(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    with path.open("wb") as file:
        file.write(b"{")
        file.truncate(MAX_MB * 2**20 + 1)
    with pytest.raises(JsonTooLarge) as refused:
        load(services, path)
    assert refused.value.facts == {"file": "a.geojson", "limit": MAX_MB}


def test_a_disk_that_fills_up_on_the_way_is_a_refusal(tmp_path: Path) -> None:
    with a_home(tmp_path) as services:
        room = services.files.room()
    # As little is left as the load itself will need.
    with a_home(tmp_path, min_free_mb=room // 2**20 + 10**6) as services, pytest.raises(DiskFull):
        load(services, put(tmp_path, shapefile(squares(1))))
