"""The same plots in every form files take: what was written is what is stored."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from georeview.core.access import EVERYTHING
from georeview.core.query import Filter
from georeview.services import Services
from georeview.services.load_report import LoadReport
from georeview.storage.ports.plots import NewPlot
from tests.files import (
    Column,
    a_home,
    geojson,
    geopackage,
    ids,
    load,
    projected,
    put,
    put_json,
    shapefile,
    squares,
    wkt,
    zipped,
)

HERE = squares(2)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    with a_home(tmp_path) as services:
        yield services


def stored(services: Services) -> list[NewPlot]:
    chunks = services.store.plots.stream(EVERYTHING, Filter(batch="2023-1"))
    return [plot.given for chunk in chunks for plot in chunk]


def read(report: LoadReport) -> dict[str, Any]:
    assert report.complete, report
    return dict(report.files[0].read)


# Shapefiles lie about -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "members",
    [
        "plots{}",
        "PLOTS{}",
        "一级/二级/图斑{}",
        "folder\\plots{}",
        "__MACOSX/._plots{}|plots{}",
        "readme.txt|plots{}|plots.shp.xml|plots.sbn",
    ],
)
def test_a_zip_may_be_packed_in_any_way(services: Services, tmp_path: Path, members: str) -> None:
    parts = shapefile(HERE)
    packed = {}
    for pattern in members.split("|"):
        for suffix, data in parts.items():
            name = pattern.format(suffix)
            packed[name.upper() if pattern == "PLOTS{}" else name] = (
                b"junk" if "._" in pattern else data
            )
    load_ = load(services, zipped(tmp_path / "a.zip", packed))
    assert read(load_)["format"] == "shp"
    assert [plot.source_id for plot in stored(services)] == ["A000", "A001"]


def test_parts_may_differ_in_case(services: Services, tmp_path: Path) -> None:
    parts = {k.upper() if k == ".dbf" else k: v for k, v in shapefile(HERE).items()}
    path = put(tmp_path, parts)
    path.rename(tmp_path / "PLOTS.shp")
    assert read(load(services, tmp_path / "PLOTS.shp"))["kept"] == 2
    mixed = {f"{'Plots' if k == '.prj' else 'plots'}{k}": v for k, v in shapefile(HERE).items()}
    assert load(services, zipped(tmp_path / "a.zip", mixed)).files[0].unchanged == 2


def test_one_of_several_in_a_zip_is_chosen_by_name(services: Services, tmp_path: Path) -> None:
    packed = {}
    for name in ("甲", "乙"):
        parts = shapefile(HERE, [ids(f"{name}1", f"{name}2")])
        packed |= {f"{name}{suffix}": data for suffix, data in parts.items()}
    load(services, zipped(tmp_path / "a.zip", packed), layer="乙")
    assert [plot.source_id for plot in stored(services)] == ["乙1", "乙2"]


# Encodings ----------------------------------------------------------------------------------------

RARE = "𬇙水河𠮷䃅"


@pytest.mark.parametrize(
    ("encoding", "cpg", "ldid", "by"),
    [
        ("gb18030", None, 0, "content"),
        ("gb18030", b"GB18030", 0, "cpg"),
        ("gb18030", b"GBK", 0, "cpg"),
        ("gb18030", b"CP936", 0, "cpg"),
        ("gb18030", b"ANSI 936\r\n", 0, "cpg"),
        ("gb18030", b"", 0x4D, "ldid"),
        ("gb18030", b"", 0, "content"),
        ("utf-8", None, 0, "content"),
        ("utf-8", b"UTF-8", 0, "cpg"),
        ("utf-8", None, 0x4D, "content"),
        ("utf-8", b"GB2312", 0, "content"),
    ],
)
def test_texts_are_read_whatever_the_marks_say(
    services: Services, tmp_path: Path, encoding: str, cpg: bytes | None, ldid: int, by: str
) -> None:
    texts = [RARE, "乡镇图斑河流名称"]
    columns = [ids("1", "2"), ("HLMC", "C", 60, texts), ("备注", "C", 60, texts)]
    file = shapefile(HERE, columns, encoding=encoding, cpg=cpg, ldid=ldid)
    report = read(load(services, put(tmp_path, file)))
    assert (report["encoding"], report["encoding_by"]) == (encoding, by)
    assert [plot.fields["river_stated"] for plot in stored(services)] == texts
    assert [plot.fields["note_issued"] for plot in stored(services)] == texts
    lied = [note for note in report["notes"] if note["code"] == "encoding_lied"]
    assert bool(lied) == (by == "content" and bool(cpg or ldid))


def test_gbk_that_happens_to_be_utf8_is_gbk(services: Services, tmp_path: Path) -> None:
    columns = [ids("1", "2"), ("BZ", "C", 9, ["图", "图"])]
    report = read(load(services, put(tmp_path, shapefile(HERE, columns))))
    assert report["encoding"] == "gb18030"
    assert stored(services)[0].fields["note_issued"] == "图"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_character_cut_in_the_middle_keeps_its_row(
    services: Services, tmp_path: Path, encoding: str
) -> None:
    cut = "河道管理范围".encode(encoding)[:-1]
    columns = [ids("1", "2"), ("BZ", "C", len(cut), [cut, "河"])]
    load(services, put(tmp_path, shapefile(HERE, columns, encoding=encoding)))
    first, second = stored(services)
    assert first.fields["note_issued"] == "河道管理范"
    assert first.flags == [{"code": "text_cut", "facts": {"columns": "BZ"}}]
    assert second.flags == []


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_headers_cut_at_ten_bytes_are_known(
    services: Services, tmp_path: Path, encoding: str
) -> None:
    name, river = (text.encode(encoding)[:10] for text in ("图斑编号", "疑似类型"))
    columns = [ids("1", "2", name=name), (river, "C", 9, ["桥梁", "房屋"])]
    report = read(load(services, put(tmp_path, shapefile(HERE, columns, encoding=encoding))))
    assert set(report["columns"]) == {"source_id", "type_issued"}


def test_geojson_in_gb18030_is_read_when_it_is_said(services: Services, tmp_path: Path) -> None:
    document = geojson(HERE, [{"TBBH": "1", "HLMC": RARE}, {"TBBH": "2"}])
    load(services, put_json(tmp_path / "a.geojson", document, "gb18030"), encoding="GB18030")
    assert stored(services)[0].fields["river_stated"] == RARE


# Numbers stay as issued ---------------------------------------------------------------------------

IDS = ["0012", "12", "1234567890123456789", "1234567890123456788"]


@pytest.mark.parametrize("letter", ["C", "N"])
def test_ids_stay_exact_in_a_shapefile(services: Services, tmp_path: Path, letter: str) -> None:
    path = put(tmp_path, shapefile(squares(4), [ids(*IDS, letter=letter)]))
    load(services, path)
    assert [plot.source_id for plot in stored(services)] == IDS


def test_ids_stay_exact_with_a_fraction_of_zeros(services: Services, tmp_path: Path) -> None:
    column: Column = ("TBBH", "N", 24, ["1234567890123456789.000", "12.000"])
    load(services, put(tmp_path, shapefile(HERE, [column])))
    assert [plot.source_id for plot in stored(services)] == ["1234567890123456789", "12"]


def test_ids_stay_exact_in_a_geopackage_beside_empty_cells(
    services: Services, tmp_path: Path
) -> None:
    numbers = [1234567890123456789, None, 1234567890123456788]
    path = geopackage(tmp_path / "a.gpkg", squares(3), {"TBBH": numbers})
    report = load(services, path).files[0]
    assert [plot.source_id for plot in stored(services)] == [str(n) for n in numbers if n]
    assert [item.code for item in report.set_aside] == ["no_id"]


def test_ids_stay_exact_in_geojson(services: Services, tmp_path: Path) -> None:
    values = [1234567890123456789, "0012", 12, " 12 "]
    rows = [{"TBBH": value, "XX": 0.1 + i} for i, value in enumerate(values)]
    load(services, put_json(tmp_path / "a.json", geojson(squares(4), rows)))
    assert [plot.source_id for plot in stored(services)] == [str(value) for value in values]
    assert stored(services)[0].extra == {"XX": 0.1}


def test_what_json_allows_and_a_store_does_not(services: Services, tmp_path: Path) -> None:
    rows = [
        {"TBBH": "1", "BZ": "x\ud800y", "deep": {"a": [1]}, "nan": float("nan"), "yes": True},
        {"TBBH": "2", "BZ": "a\x00b\x1fc", "nan": 1e400, "\ud800": 1},
    ]
    path = tmp_path / "a.json"
    import json

    path.write_text(json.dumps(geojson(HERE, rows)), encoding="ascii")
    load(services, path)
    one, two = stored(services)
    assert (one.fields["note_issued"], two.fields["note_issued"]) == ("x?y", "ab\x1fc")
    assert one.extra == {"deep": '{"a": [1]}', "nan": None, "yes": 1, "?": None}
    assert list(services.store.ledger.verify()) == []


def test_what_is_read_otherwise_than_it_came_stays_beside(
    services: Services, tmp_path: Path
) -> None:
    columns: list[Column] = [
        ids("1", "2"),
        ("QSX", "C", 10, ["20220305", "2022-03-05"]),
        ("AB", "C", 6, ["左岸", ""]),
        ("BZ", "C", 6, ["/", "好"]),
        ("FHR", "C", 6, ["-", "张三"]),
    ]
    load(services, put(tmp_path, shapefile(HERE, columns)))
    first, second = stored(services)
    assert first.fields["img_before"] == second.fields["img_before"] == "2022-03-05"
    assert first.extra == {"QSX": "20220305", "AB": "左岸", "BZ": "/"}
    assert second.extra == {}


# Coordinate systems -------------------------------------------------------------------------------


@pytest.mark.parametrize("epsg", [4490, 4545, 4524, 4544, 4523, 4326, 32648, 3857])
def test_every_system_in_use_leads_to_the_same_place(
    services: Services, tmp_path: Path, epsg: int
) -> None:
    given = projected(HERE, epsg)
    report = read(load(services, put(tmp_path, shapefile(given, prj=wkt(epsg)))))
    assert (report["crs"], report["crs_by"]) == (f"EPSG:{epsg}", "file")
    for plot, true, source in zip(stored(services), HERE, given, strict=True):
        found = shapely.from_wkb(plot.wkb)
        assert shapely.hausdorff_distance(found, true) < 1e-9
        assert shapely.equals(shapely.from_wkb(plot.source_wkb), source)
        assert plot.source_crs == f"EPSG:{epsg}"


def test_a_missing_system_is_taken_from_positions_that_agree(
    services: Services, tmp_path: Path
) -> None:
    centres = shapely.get_coordinates(shapely.centroid(HERE))
    columns: list[Column] = [
        ids("1", "2"),
        ("JD", "C", 20, [f"{lon:.6f}" for lon in centres[:, 0]]),
        ("WD", "C", 20, [f"{lat:.6f}" for lat in centres[:, 1]]),
    ]
    file = shapefile(projected(HERE, 4544), columns, prj=None)
    report = read(load(services, put(tmp_path, file)))
    assert (report["crs"], report["crs_by"]) == ("EPSG:4544", "evidence")


def test_a_missing_system_may_be_given(services: Services, tmp_path: Path) -> None:
    file = shapefile(projected(HERE, 4545), prj=None)
    report = read(load(services, put(tmp_path, file), crs="EPSG:4545"))
    assert report["crs_by"] == "given"


def test_x_and_y_in_metres_are_no_longitude(services: Services, tmp_path: Path) -> None:
    metres: list[Column] = [
        ids("1", "2"),
        ("X", "N", 20, ["3492000.1"] * 2),
        ("Y", "N", 20, ["414000.2"] * 2),
    ]
    load(services, put(tmp_path, shapefile(HERE, [*metres, ("JD", "N", 20, ["107.1"] * 2)])))
    plot = stored(services)[0]
    assert plot.extra == {"X": 3492000.1, "Y": 414000.2}
    assert plot.fields["lon"] == 107.1


# Areas --------------------------------------------------------------------------------------------


def test_areas_are_brought_to_square_metres(services: Services, tmp_path: Path) -> None:
    from georeview.geometry import measure

    area = measure.area(np.array(HERE))
    columns: list[Column] = [
        ids("1", "2"),
        ("JCMJ", "N", 20, [f"{area[0] / 666.6667:.4f}", f"{area[1]:.1f}"]),
        ("QX", "C", 12, ["平昌县", "巴州区"]),
    ]
    report = read(load(services, put(tmp_path, shapefile(HERE, columns))))
    assert report["area_unit"] == "m2, mu"
    stated = [plot.fields["area_stated_m2"] for plot in stored(services)]
    assert stated == pytest.approx(list(area), rel=1e-3)


def test_a_cell_may_name_its_own_unit(services: Services, tmp_path: Path) -> None:
    from georeview.geometry import measure

    area = measure.area(np.array(squares(4)))
    cells = [f"{area[0]:.1f}", f"{area[1] / 666.6667:.4f}亩", f"{area[2] / 1e4:.6f} 公顷", "约4亩"]
    path = put(tmp_path, shapefile(squares(4), [ids("1", "2", "3", "4"), ("JCMJ", "C", 20, cells)]))
    report = read(load(services, path))
    assert report["area_unit"] == "ha, m2, mu"
    plain, mu, ha, unclear = stored(services)
    for plot, true in zip((plain, mu, ha), area, strict=False):
        assert plot.fields["area_stated_m2"] == pytest.approx(true, rel=1e-3)
    assert [[flag["code"] for flag in plot.flags] for plot in (plain, mu, ha, unclear)] == [
        [],
        ["unit_in_cell"],
        ["unit_in_cell"],
        ["area_not_read"],
    ]
    assert mu.extra == {"JCMJ": cells[1]}, "what came goes back as it came"
    assert "area_stated_m2" not in unclear.fields


def test_the_unit_is_told_by_the_areas_that_are_stored(services: Services, tmp_path: Path) -> None:
    """An outline that crosses itself has no area to go by before it is mended."""
    bow = shapely.Polygon([(107.1, 31.56), (107.101, 31.561), (107.101, 31.56), (107.1, 31.561)])
    from georeview.geometry import measure

    area = measure.area(shapely.make_valid(np.array([bow])))[0]
    columns: list[Column] = [ids("1"), ("JCMJ", "N", 20, [f"{area / 666.6667:.4f}"])]
    report = read(load(services, put(tmp_path, shapefile([bow], columns))))
    assert report["area_unit"] == "mu"
    assert "area_differs" not in [flag["code"] for flag in stored(services)[0].flags]


def test_shapes_that_are_equal_once_mended_are_told(services: Services, tmp_path: Path) -> None:
    square = squares(1)[0]
    (west, south, _, _), corners = square.bounds, list(square.exterior.coords)
    spiked = shapely.Polygon([*corners[:-1], corners[0], (west - 0.001, south), corners[0]])
    crossing = geojson([square, spiked], [{"TBBH": "1"}, {"TBBH": "2"}])
    load(services, put_json(tmp_path / "a.geojson", crossing))
    one, other = stored(services)
    assert shapely.from_wkb(one.wkb).equals(shapely.from_wkb(other.wkb))
    assert {"code": "duplicate", "facts": {"other": "1"}} in other.flags
