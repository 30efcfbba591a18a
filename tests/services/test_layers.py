"""Boundary layers come in whole, as versions that never change."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely

from georeview.core.layers import KINDS
from georeview.errors import (
    BadValue,
    Forbidden,
    GeometryKindWrong,
    LayerHasFaults,
    NotFound,
    TooLarge,
)
from georeview.ingest import ReadOptions
from georeview.services import Services
from georeview.services.people import owner
from georeview.storage.ports import LayerVersion
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
        owner("5119"),
        path,
        kind=kind,
        name=name,
        version=version,
        valid_from=None,
        options=ReadOptions(),
    )


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
            an_actor("county"),
            path,
            kind="mgmt_area",
            name="n",
            version="v",
            valid_from=None,
            options=ReadOptions(),
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


def test_versions_are_told_apart_by_what_they_cover(services: Services, tmp_path: Path) -> None:
    first = publish(services, put(tmp_path / "a", shapefile(squares(3))))
    assert services.layers.diff(first.layer_id, None) == (None, [])
    moved = [*squares(3)[:2], shapely.box(107.0, 31.9, 107.001, 31.901)]
    second = publish(services, put(tmp_path / "b", shapefile(moved)), version="v2")
    other, changes = services.layers.diff(second.layer_id, first.layer_id)
    assert other is not None
    assert other.layer_id == first.layer_id
    assert [change.change for change in changes] == ["added", "removed"]
    assert changes[0].part.shape.equals(moved[2])
    assert changes[1].part.shape.equals(squares(3)[2])
    _, back = services.layers.diff(first.layer_id, second.layer_id)
    assert [change.part.area_m2 for change in back] == [
        changes[1].part.area_m2,
        changes[0].part.area_m2,
    ]


def test_only_versions_of_one_kind_are_compared(services: Services, tmp_path: Path) -> None:
    file = put(tmp_path / "a", shapefile(squares(1)))
    area, water = publish(services, file), publish(services, file, kind="water")
    with pytest.raises(BadValue):
        services.layers.diff(area.layer_id, water.layer_id)
    with pytest.raises(NotFound):
        services.layers.diff("nothing", None)
