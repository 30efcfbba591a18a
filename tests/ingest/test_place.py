"""Files whose coordinates are told by what is known of the land: used and said, or only said."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely

from georeview import texts
from georeview.errors.coordinates import AxesSwapped, CrsMissing
from georeview.geometry.shift import SHIFTS
from georeview.ingest import ReadOptions
from georeview.services import Services
from georeview.services.layers import LayerAbout
from georeview.services.people import owner
from georeview.storage.ports.plots import NewPlot
from tests.files import (
    Column,
    a_home,
    geojson,
    ids,
    load,
    projected,
    put,
    put_json,
    shapefile,
    wkt,
)

X = np.linspace(0, 1, 1_000)
RIVER = np.column_stack([106.9 + 0.5 * X, 31.75 + 0.05 * np.sin(25 * X)])
SPOTS = RIVER[::25]
PLOTS = [shapely.box(x - 2e-4, y - 2e-4, x + 2e-4, y + 2e-4) for x, y in SPOTS]
COUNTIES = {
    "511902": shapely.box(106.3, 31.2, 107.15, 32.8),
    "511921": shapely.box(107.15, 31.2, 107.8, 32.8),
}
NAMES = {"511902": "巴州区", "511921": "通江县"}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A home with a river and two counties; each test brings a batch of its own."""
    folder = tmp_path_factory.mktemp("land")
    with a_home(folder) as services:
        rivers = geojson([shapely.LineString(RIVER)], [{"river_code": "R1", "name": "示例河"}])
        counties = geojson(
            list(COUNTIES.values()), [{"adcode": code, "name": NAMES[code]} for code in COUNTIES]
        )
        for kind, document in (("river", rivers), ("county", counties)):
            path = put_json(folder / f"{kind}.geojson", document)
            services.layers.load(owner("5119"), path, LayerAbout(kind, kind, "v1"), ReadOptions())
        yield services


def file(
    folder: Path,
    plots: Sequence[shapely.Geometry],
    *more: Column,
    epsg: int = 4490,
    prj: int | None = 4490,
) -> Path:
    columns = [ids(*(f"A{n}" for n in range(len(plots)))), *more]
    parts = shapefile(projected(plots, epsg), columns, prj=wkt(prj) if prj else None)
    return put(folder / "in", parts)


def counties(*, wrong: int = 0) -> Column:
    stated = ["511902" if x < 107.15 else "511921" for x in SPOTS[:, 0]]
    stated[:wrong] = ["511922"] * wrong
    return ("XZQDM", "C", 12, stated)


def positions(lonlat: np.ndarray) -> list[Column]:
    return [("JD", "C", 20, [f"{x:.7f}" for x in lonlat[:, 0]]), ("WD", "C", 20, [f"{y:.7f}" for y in lonlat[:, 1]])]  # fmt: skip


def notes(services: Services, path: Path, **options: object) -> dict[str, dict[str, object]]:
    """Notes about the file by code, after looking that each can be said."""
    report = load(services, path, batch=str(path), **options)
    assert report.complete
    found = {note["code"]: dict(note["facts"]) for note in report.files[0].read["notes"]}
    for code, facts in found.items():
        for lang in texts.LANGS:
            assert texts.say(f"flag.{code}.say", lang, **facts)
    return found


def stored(services: Services, path: Path) -> NewPlot:
    """The first plot of a file."""
    return services.store.plots.known(str(path), ["A0"])["A0"]


def moved(name: str) -> list[shapely.Geometry]:
    return list(shapely.transform(np.array(PLOTS), SHIFTS[name].there))


@pytest.mark.parametrize("name", SHIFTS)
def test_plots_off_a_phone_map_are_told_and_not_moved(
    services: Services, tmp_path: Path, name: str
) -> None:
    path = file(tmp_path, moved(name), epsg=4545, prj=4545)
    told = notes(services, path)["offset_by_rivers"]
    assert (told["system"], told["offer"]) == (name, f"EPSG:4545+{name}")
    assert told["after_pct"] == 100
    plot = stored(services, path)
    assert shapely.hausdorff_distance(shapely.from_wkb(plot.wkb), moved(name)[0]) < 1e-9


def test_read_in_the_shifted_system_they_are_where_they_were(
    services: Services, tmp_path: Path
) -> None:
    path = file(tmp_path, moved("GCJ-02"))
    assert notes(services, path, crs="gcj02") == {}
    plot = stored(services, path)
    assert shapely.hausdorff_distance(shapely.from_wkb(plot.wkb), PLOTS[0]) < 1e-9
    assert shapely.equals(shapely.from_wkb(plot.source_wkb), moved("GCJ-02")[0])
    assert plot.source_crs == "EPSG:4490+GCJ-02"


def test_axes_are_exchanged_when_it_is_said(services: Services, tmp_path: Path) -> None:
    swapped = list(shapely.transform(np.array(projected(PLOTS, 4545)), lambda xy: xy[:, ::-1]))
    path = file(tmp_path, swapped, prj=4545)
    with pytest.raises(AxesSwapped) as refused:
        load(services, path, batch="asked")
    assert notes(services, path, crs=str(refused.value.facts["offer"])) == {}
    plot = stored(services, path)
    assert shapely.hausdorff_distance(shapely.from_wkb(plot.wkb), PLOTS[0]) < 1e-8


def test_stated_positions_off_a_phone_map_are_told_apart_from_shifted_plots(
    services: Services, tmp_path: Path
) -> None:
    path = file(tmp_path / "one", PLOTS, *positions(SHIFTS["BD-09"].there(SPOTS)))
    assert notes(services, path)["positions_shifted"]["system"] == "BD-09"
    path = file(tmp_path / "two", moved("GCJ-02"), *positions(SPOTS))
    told = notes(services, path)["offset_by_positions"]
    assert (told["system"], told["after_m"]) == ("GCJ-02", pytest.approx(28, abs=3))


def test_counties_that_rows_state_single_a_system_out(services: Services, tmp_path: Path) -> None:
    path = file(tmp_path, PLOTS, counties(), epsg=4545, prj=None)
    assert notes(services, path) == {
        "crs_by_county": {
            "crs": "EPSG:4545 (CGCS2000 / 3-degree Gauss-Kruger CM 108E)",
            "pct": 100.0,
        }
    }


@pytest.mark.parametrize("more", [[], [counties(wrong=5)]], ids=["none", "wrong"])
def test_without_them_a_person_is_asked_and_the_river_ranks(
    services: Services, tmp_path: Path, more: list[Column]
) -> None:
    for epsg in (4544, 32648):
        with pytest.raises(CrsMissing) as refused:
            load(services, file(tmp_path, PLOTS, *more, epsg=epsg, prj=None), batch="asked")
        assert str(refused.value.facts["candidates"]).startswith(f"EPSG:{epsg} ")


def test_a_file_that_names_the_wrong_twin_is_doubted(services: Services, tmp_path: Path) -> None:
    told = notes(services, file(tmp_path, PLOTS, epsg=4544, prj=32648))
    assert str(told["crs_doubtful"]["other"]).startswith("EPSG:4544 ")


def test_a_file_in_its_place_is_told_nothing(services: Services, tmp_path: Path) -> None:
    path = file(tmp_path, PLOTS, counties(), *positions(SPOTS), epsg=4524, prj=4524)
    assert notes(services, path) == {}
