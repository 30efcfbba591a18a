"""Boundary layers come in whole, as versions that never change."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from georeview.core.layers import KINDS
from georeview.errors import BadValue, Forbidden, NotFound, TooLarge
from georeview.errors.files import GeometryKindWrong, LayerHasFaults, LayerVersionTaken
from georeview.ingest import ReadOptions
from georeview.services import Services
from georeview.services.layers import LayerAbout
from georeview.services.people import owner
from georeview.storage.ports.layers import LayerVersion
from tests.builders import an_actor
from tests.files import (
    a_home,
    geojson,
    geopackage,
    ids,
    leftovers,
    projected,
    put,
    put_json,
    shapefile,
    squares,
    wkt,
)
from tests.places import Place

LINE = shapely.LineString([[107.1, 31.5], [107.2, 31.6]])


@pytest.fixture
def services(tmp_path: Path, place: Place) -> Iterator[Services]:
    with a_home(tmp_path, store=place.address) as services:
        yield services


def publish(
    services: Services, path: Path, kind: str = "mgmt_area", version: str = "v1", name: str = "线"
) -> LayerVersion:
    return services.layers.load(
        owner("5119"), path, LayerAbout(kind, name, version), ReadOptions()
    ).layer


def names_of(services: Services, layer: LayerVersion) -> list[tuple[str | None, str | None]]:
    return [(f.code, f.name) for f in services.layers.features(layer.layer_id)]


def test_features_keep_code_name_and_every_column(services: Services, tmp_path: Path) -> None:
    columns = [
        ids("0001", "0002", name="代码"),
        ("名称", "C", 20, ["通江", "巴河𬇙"]),
        ("备注", "C", 20, ["", "批复"]),
    ]
    file = shapefile(projected(squares(2), 4545), columns, prj=wkt(4545), cpg=b"GBK")
    layer = publish(services, put(tmp_path, file))
    assert names_of(services, layer) == [("0001", "通江"), ("0002", "巴河𬇙")]
    first, second = services.layers.features(layer.layer_id)
    assert (first.props["备注"], second.props["备注"]) == (None, "批复")
    assert shapely.hausdorff_distance(shapely.from_wkb(first.wkb), squares(1)[0]) < 1e-9
    assert (layer.crs_original, layer.features, layer.current) == ("EPSG:4545", 2, True)
    assert layer.bbox == pytest.approx(shapely.total_bounds(np.array(squares(2))))
    assert len(leftovers(tmp_path / "home")) == 5


def test_the_same_again_changes_nothing(services: Services, tmp_path: Path) -> None:
    path = put(tmp_path, shapefile(squares(2)))
    assert publish(services, path) == publish(services, path)
    assert len(services.layers.all()) == 1


def test_a_new_version_stands_beside_the_old(services: Services, tmp_path: Path) -> None:
    old = publish(services, put(tmp_path / "1", shapefile(squares(1))))
    new = publish(services, put(tmp_path / "2", shapefile(squares(2))), version="v2")
    assert [(v.version, v.current) for v in services.layers.all()] == [("v2", True), ("v1", False)]
    assert len(services.layers.features(old.layer_id)) == 1
    assert services.layers.get(new.layer_id).features == 2


@pytest.mark.parametrize("part", [".shp", ".dbf"])
def test_a_version_never_changes_not_even_its_table(
    services: Services, tmp_path: Path, part: str
) -> None:
    first = shapefile(squares(1), [ids("1")])
    other = shapefile(squares(1, lon=107.2), [ids("2")])
    publish(services, put(tmp_path / "1", first))
    kept = leftovers(tmp_path / "home")
    with pytest.raises(BadValue):
        publish(services, put(tmp_path / "2", {**first, part: other[part]}))
    assert leftovers(tmp_path / "home") == kept


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_takes_its_geometry_and_no_other(
    services: Services, tmp_path: Path, kind: str
) -> None:
    shapes = {"polygon": squares(1)[0], "line": LINE, "any": shapely.Point(107.1, 31.5)}
    wanted = KINDS[kind].shape
    for shape, geom in shapes.items():
        path = geopackage(tmp_path / f"{shape}.gpkg", [geom], {"code": ["1"], "name": ["n"]})
        if wanted in (shape, "any"):
            assert publish(services, path, kind, version=shape).features == 1
        else:
            with pytest.raises(GeometryKindWrong):
                publish(services, path, kind, version=shape)


@pytest.mark.parametrize(
    "geoms",
    [
        [*squares(30), None],
        [*squares(30), {"type": "Nonsense"}],
        [*squares(30), {"type": "Polygon", "coordinates": [[[0, 0], [1e999, 0], [1, 1], [0, 0]]]}],
        [*squares(30), shapely.box(10, 10, 11, 11)],
        [*squares(30), {"type": "Polygon", "coordinates": [[[107, 31], [107, 31], [107, 31], [107, 31]]]}],
    ],
)  # fmt: skip
def test_half_a_boundary_is_no_boundary(
    services: Services, tmp_path: Path, geoms: Sequence[object]
) -> None:
    rows = [{"code": str(i)} for i in range(len(geoms))]
    with pytest.raises(LayerHasFaults) as refused:
        publish(services, put_json(tmp_path / "a.json", geojson(geoms, rows)))  # type: ignore[arg-type]
    assert refused.value.facts == {"rows": 1}
    assert services.layers.all() == []
    assert leftovers(tmp_path / "home") == []


def test_an_outline_is_mended(services: Services, tmp_path: Path) -> None:
    bow = [[107, 31.5], [107.001, 31.501], [107.001, 31.5], [107, 31.501], [107, 31.5]]
    document = geojson([{"type": "Polygon", "coordinates": [bow]}], [{"code": "1"}])
    layer = publish(services, put_json(tmp_path / "a.json", document))
    (feature,) = services.layers.features(layer.layer_id)
    assert shapely.is_valid(shapely.from_wkb(feature.wkb))


def test_only_who_may_publishes_and_only_what_may(services: Services, tmp_path: Path) -> None:
    path = put(tmp_path, shapefile(squares(1)))
    with pytest.raises(Forbidden):
        services.layers.load(
            an_actor("county"), path, LayerAbout("mgmt_area", "n", "v"), ReadOptions()
        )
    for wrong in ({"kind": "lake"}, {"version": " "}, {"name": "a\nb"}, {"version": "x" * 201}):
        with pytest.raises(BadValue):
            publish(services, path, **wrong)
    big = tmp_path / "big.zip"
    with big.open("wb") as file:
        file.truncate(2 * 2**30)
    with pytest.raises(TooLarge):
        publish(services, big)
    assert leftovers(tmp_path / "home") == []


def diff(services: Services, layer_id: str, against: str | None) -> list[dict[str, Any]]:
    layer, other = services.layer_changes.pair(layer_id, against)
    if other is None:
        return []
    found: list[dict[str, Any]] = json.loads(services.layer_changes.diff(layer, other))["features"]
    return found


def test_versions_are_told_apart_by_what_they_cover(services: Services, tmp_path: Path) -> None:
    first = publish(services, put(tmp_path / "a", shapefile(squares(3))))
    assert diff(services, first.layer_id, None) == []
    moved = [*squares(3)[:2], shapely.box(107.0, 31.9, 107.001, 31.901)]
    second = publish(services, put(tmp_path / "b", shapefile(moved)), version="v2")
    added, removed = diff(services, second.layer_id, first.layer_id)
    assert (added["properties"]["change"], removed["properties"]["change"]) == ("added", "removed")
    assert shapely.from_geojson(json.dumps(added["geometry"])).equals(moved[2])
    assert shapely.from_geojson(json.dumps(removed["geometry"])).equals(squares(3)[2])
    back = diff(services, first.layer_id, second.layer_id)
    assert [one["properties"]["area_m2"] for one in back] == [
        removed["properties"]["area_m2"],
        added["properties"]["area_m2"],
    ]


def test_ground_that_goes_to_a_neighbour_has_moved(services: Services, tmp_path: Path) -> None:
    def counties(border: float) -> Path:
        shapes = [shapely.box(107, 31.5, border, 31.6), shapely.box(border, 31.5, 107.2, 31.6)]
        rows = [{"adcode": "511902", "name": "巴州区"}, {"adcode": "511903", "name": "恩阳区"}]
        return put_json(tmp_path / f"{border}.geojson", geojson(shapes, rows))

    first = publish(services, counties(107.1), "county")
    second = publish(services, counties(107.11), "county", "v2")
    (moved,) = diff(services, second.layer_id, first.layer_id)
    told = moved["properties"]
    assert (told["change"], told["name"], told["was_name"]) == ("moved", "巴州区", "恩阳区")
    assert told["area_m2"] == pytest.approx(10_520_000, rel=0.01)


def test_a_version_has_one_meaning_within_its_kind(services: Services, tmp_path: Path) -> None:
    """Facts say ``mgmt_area=v1``: two layers of that name would never be told apart."""
    publish(services, put(tmp_path / "1", shapefile(squares(1))), name="甲县")
    with pytest.raises(LayerVersionTaken) as refused:
        publish(services, put(tmp_path / "2", shapefile(squares(2))), name="乙县")
    assert refused.value.facts["name"] == "甲县"


def test_what_is_said_of_a_version_stays_with_it(services: Services, tmp_path: Path) -> None:
    path = put(tmp_path, shapefile(squares(1)))
    about = LayerAbout(
        "mgmt_area", "线", "v1", date(2021, 11, 30), "水利局", "巴府发〔2021〕12号", 2000, 2.5
    )
    services.layers.load(owner("5119"), path, about, ReadOptions())
    (kept,) = services.layers.all()
    assert (kept.source, kept.approval_no, kept.scale) == ("水利局", "巴府发〔2021〕12号", 2000)
    assert (kept.accuracy_m, kept.valid_from, kept.file) == (2.5, "2021-11-30", path.name)


def test_only_versions_of_one_kind_are_compared(services: Services, tmp_path: Path) -> None:
    file = put(tmp_path / "a", shapefile(squares(1)))
    area, water = publish(services, file), publish(services, file, kind="water")
    with pytest.raises(BadValue):
        diff(services, area.layer_id, water.layer_id)
    with pytest.raises(NotFound):
        diff(services, "nothing", None)
