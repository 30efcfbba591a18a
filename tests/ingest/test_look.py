"""A file is described also where it could not be taken, and nothing is decided about it."""

from pathlib import Path

import pytest

from georeview.errors import GeoreviewError
from georeview.errors.files import FileBroken, PartMissing
from georeview.geometry.land import Land
from georeview.ingest import Look, ReadOptions, beside
from georeview.ingest.look import look, shapes
from georeview.ingest.plots import read_plots
from georeview.ingest.sample import SHAPES
from tests.files import geojson, ids, projected, put, put_json, shapefile, squares, wkt

NOWHERE = Land()


def seen(path: Path, **options: object) -> Look:
    return look(beside(path), ReadOptions(**options), NOWHERE)  # type: ignore[arg-type]


def refused(path: Path, **options: object) -> list[str]:
    """Why the file is not taken; nothing where it is."""
    try:
        list(read_plots(beside(path), ReadOptions(**options), NOWHERE))  # type: ignore[arg-type]
    except GeoreviewError as refusal:
        return [refusal.code]
    return []


def about(found: Look) -> list[str]:
    return [question.about for question in found.questions]


def test_a_sound_file_raises_no_question(tmp_path: Path) -> None:
    found = seen(put(tmp_path, shapefile(squares(3))))
    assert (found.questions, found.rows, found.crs, found.crs_by) == ((), 3, "EPSG:4490", "file")
    (placing,) = found.placings
    assert placing.chosen
    assert placing.rows == (1, 2, 3)


@pytest.mark.parametrize("epsg", [4544, 32648])
def test_systems_that_fit_the_numbers_are_shown_and_none_is_chosen(
    tmp_path: Path, epsg: int
) -> None:
    path = put(tmp_path, shapefile(projected(squares(6), epsg), prj=None))
    found = seen(path)
    assert about(found) == ["crs"]
    assert {p.crs for p in found.placings} >= {"EPSG:4544", "EPSG:32648"}
    assert not any(placing.chosen for placing in found.placings)
    told = seen(path, crs=f"EPSG:{epsg}")
    assert told.questions == ()
    assert told.placings[0].crs == f"EPSG:{epsg}"
    west, south, *_ = told.placings[0].bbox or ()
    assert (west, south) == pytest.approx((107.1, 31.56), abs=1e-6)


def test_a_stated_system_that_is_denied_is_shown_where_it_would_lead(tmp_path: Path) -> None:
    found = seen(put(tmp_path, shapefile(projected(squares(3), 4545), prj=wkt(4544))))
    assert about(found) == ["crs"]
    stated = next(placing for placing in found.placings if placing.stated)
    assert (stated.crs, stated.chosen) == ("EPSG:4544", False)
    assert stated.share < 0.5


def test_two_columns_for_one_field_leave_the_others_matched(tmp_path: Path) -> None:
    columns = [ids("A1"), ids("1", name="JCBH"), ("TBLX", "C", 9, ["桥梁"])]
    path = put(tmp_path, shapefile(squares(1), columns))
    found = seen(path)
    assert about(found) == ["columns"]
    assert {c.header: c.field for c in found.columns} == {
        "TBBH": None, "JCBH": None, "TBLX": "type_issued",
    }  # fmt: skip
    assert seen(path, mapping={"source_id": "JCBH"}).questions == ()


def test_an_encoding_that_does_not_fit_is_asked_about_and_the_file_described(
    tmp_path: Path,
) -> None:
    columns = [ids("A1"), ("BZ", "C", 40, ["堤防外侧的养殖坑塘"])]
    path = put(tmp_path, shapefile(squares(1), columns, encoding="gb18030"))
    assert about(seen(path, encoding="klingon")) == ["encoding"]
    found = seen(path, encoding="utf-8")
    assert about(found) == ["encoding"]
    assert found.first == (("A1", "堤防外侧的养殖坑塘"),)
    assert found.readings[0].encoding == "gb18030"
    assert "堤防外侧的养殖坑塘" in found.readings[0].samples


def test_a_broken_file_is_refused_as_when_it_is_taken(tmp_path: Path) -> None:
    parts = shapefile(squares(2))
    del parts[".dbf"]
    with pytest.raises(PartMissing):
        seen(put(tmp_path, parts))
    (tmp_path / "a.geojson").write_bytes(b'{"type": "FeatureCollection", "features": [')
    with pytest.raises(FileBroken):
        seen(tmp_path / "a.geojson")


def test_of_many_shapes_some_are_drawn_from_all_parts_of_the_file(tmp_path: Path) -> None:
    n = 2 * SHAPES + 7
    plots = squares(10) * (n // 10 + 1)
    rows = [{"TBBH": str(row)} for row in range(n)]
    found = seen(put_json(tmp_path / "a.geojson", geojson(plots[:n], rows)))
    (placing,) = (p for p in found.placings if p.chosen)
    assert found.rows == n
    assert SHAPES / 2 < len(placing.shapes) <= SHAPES
    assert placing.rows[0] == 1
    assert placing.rows[-1] > n - 5


def test_rows_are_handed_out_as_they_came(tmp_path: Path) -> None:
    path = put(tmp_path, shapefile(projected(squares(3), 4545), prj=wkt(4545)))
    found = dict(shapes(beside(path), ReadOptions(), NOWHERE, (1, 3, 9)))
    assert set(found) == {1, 3}


@pytest.mark.parametrize(
    ("parts", "options"),
    [
        (shapefile(squares(2)), {}),
        (shapefile(projected(squares(2), 4544), prj=None), {}),
        (shapefile(projected(squares(2), 4544), prj=None), {"crs": "EPSG:4544"}),
        (shapefile(projected(squares(2), 4545), prj=wkt(4544)), {}),
        (shapefile(squares(2), [ids("A", "B"), ids("A", "B", name="JCBH")]), {}),
        (shapefile(squares(2), [ids("A", "B", name="X1")]), {}),
        (shapefile(squares(2)), {"encoding": "utf-8"}),
    ],
)
def test_the_questions_are_the_refusals_of_taking_it(
    tmp_path: Path, parts: dict[str, bytes], options: dict[str, str]
) -> None:
    path = put(tmp_path, parts)
    asked = [question.code for question in seen(path, **options).questions]
    assert asked == refused(path, **options)
