"""The door: whatever goes in comes out of every format, or is listed, or nothing is there."""

import csv
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import shapely

from georeview import exports, sandbox
from georeview.errors.exports import (
    ExportFailed,
    ExportOption,
    ExportTooLarge,
    NothingToExport,
    OutNotWritable,
)
from georeview.exports import FORMATS
from georeview.geometry.crs import known, to_4490
from tests.exports.rows import HOLED, POINT, SQUARE, a_chunk, options

NOTE = "水" * 84 + "𠮷" + "后面还有"
HARD = {
    "type_issued": ["桥梁", "𠮷野䃅", "", None],
    "note": [NOTE, 'a\nb,"c"', "=1+1", " 前后有空格 "],
    "area_m2": [1234.567, 0.0, -0.004, None],
    "edge_m": [-44.54, 1e-9, 9.96, float("nan")],
    "multi_county": [0, 1, None, 1],
    "marked_on": ["2023-06-30", None, "", "2023-01-01"],
    "photo_n": [0, 12, 9999, None],
}
EXTRAS = {
    "BZ": ["-号开头", "第二行\r\n", None, "\x00零\u202e反"],
    "MARK": ["原来的", "列", "叫", "MARK"],
    "图斑所在行政村名称": ["村", "庄", None, "里"],
    "大整数": [1234567890123456789, 5, None, 7],
    "JCMJ": [1.5, 2, None, 1e-7],
    "n": [1, -2, None, 999_999_999_999],
}
SHAPES = [SQUARE, HOLED, POINT, shapely.transform(SQUARE, lambda xy: xy + 0.01)]


def asked():
    """Every format with every encoding and some systems it takes."""
    for form in FORMATS.values():
        for encoding in form.limits.encodings:
            for code in form.limits.systems or (4490, 4524):
                yield pytest.param(
                    form.name, encoding, f"EPSG:{code}", id=f"{form.name}-{encoding}-{code}"
                )


def read(out, layer=None):
    """Whatever was written, by geopandas alone."""
    import geopandas

    if out.suffix == ".csv":
        raw = out.read_bytes()
        text = raw.decode("utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "gb18030")
        head, *rows = csv.reader(text.splitlines(keepends=True))
        table = {name: [row[i] for row in rows] for i, name in enumerate(head)}
        return geopandas.GeoDataFrame(table, geometry=shapely.from_wkt(table["wkt"]))
    if out.suffix == ".zip":
        return geopandas.read_file(out, layer=f"{out.stem}{layer or ''}")
    if out.suffix == ".parquet":
        return geopandas.read_parquet(out)
    if out.suffix == ".xlsx":
        table = geopandas.read_file(out, layer="图斑", HEADERS="FORCE")
        return geopandas.GeoDataFrame(table, geometry=shapely.from_wkt(table["wkt"]))
    if out.suffix == ".kmz":
        return geopandas.read_file(f"/vsizip/{out}/doc.kml")
    if out.suffix == ".fgb":  # its rows lie along a curve
        return geopandas.read_file(out).sort_values("plot_id", ignore_index=True)
    return geopandas.read_file(out, layer=f"plots{layer or ''}" if out.suffix == ".gpkg" else None)


@pytest.mark.parametrize(("name", "encoding", "crs"), list(asked()))
def test_hard_rows_come_out_of_every_format(tmp_path, name, encoding, crs) -> None:
    form = FORMATS[name]
    out = tmp_path / f"成果{form.suffix}"
    chunks = [a_chunk(SHAPES, EXTRAS, **HARD)]
    report = exports.write(name, chunks, out, options(encoding=encoding, crs=crs))
    assert (report.rows, report.points) == (4, 1)
    frames = [read(out), read(out, "_points")] if name in ("shp", "gpkg") else [read(out)]
    assert [len(f) for f in frames] == ([4] if len(frames) == 1 else [3, 1])
    ids = "SRC_ID" if name == "shp" else "source_id"
    shapes = dict(
        zip(
            (i for f in frames for i in f[ids]),
            (g for f in frames for g in f.geometry),
            strict=True,
        )
    )
    for i, shape in enumerate(SHAPES):
        back = to_4490(np.array([shapes[f"{i:019d}"]], dtype=object), known(int(crs[5:])))[0]
        assert shapely.hausdorff_distance(back, shape) < 8e-9
        assert shapely.get_num_coordinates(back) == shapely.get_num_coordinates(shape)
        assert back.area == pytest.approx(shape.area, rel=1e-6)
    if name in ("shp", "gpkg", "geoparquet", "flatgeobuf"):
        assert all(f.crs.to_epsg(min_confidence=25) == int(crs[5:]) for f in frames)


@pytest.mark.parametrize("name", FORMATS)
def test_texts_come_out_as_they_went_in_or_are_listed(tmp_path, name) -> None:
    out = tmp_path / f"r{FORMATS[name].suffix}"
    report = exports.write(
        name, [a_chunk(SHAPES[:2], {"BZ": ["好", "=2"]}, note=["短", "𠮷\n䃅"])], out, options()
    )
    frame = read(out)
    note, listed = ("NOTE", set()) if name == "shp" else ("note", set())
    if name == "csv":
        listed = {("BZ", "quoted")}
    assert list(frame[note]) == ["短", "𠮷\n䃅"]
    assert {(loss.column, loss.code) for loss in report.losses} == listed
    assert list(frame["BZ"]) == ["好", "'=2" if name == "csv" else "=2"]


@pytest.mark.parametrize("name", FORMATS)
def test_the_senders_columns_keep_their_names_and_ours_give_way(tmp_path, name) -> None:
    out = tmp_path / f"r{FORMATS[name].suffix}"
    sent = {"MARK": ["甲"], "mark": ["乙"], "geom": ["丙"], "fid": ["x"], "wkt": ["丁"]}
    report = exports.write(name, [a_chunk([SQUARE], sent, mark=["pending"])], out, options())
    frame = read(out)
    assert frame["MARK"][0] == "甲"
    ours = next(c for c in report.columns if c.ours and c.key == "mark")
    assert ours.name.startswith("GR_")
    assert frame[ours.name][0] == "pending"
    assert {c.key for c in report.columns if not c.ours} == set(sent)
    names = [c.name.casefold() for c in report.columns]
    assert len(set(names)) == len(names)


def test_what_a_shapefile_cannot_hold_lies_beside_in_full(tmp_path) -> None:
    out = tmp_path / "r.zip"
    report = exports.write("shp", [a_chunk(SHAPES, EXTRAS, **HARD)], out, options())
    with zipfile.ZipFile(out) as file:
        told = json.loads(file.read("r_report.json"))
        rows = list(csv.DictReader(file.read("r_full_texts.csv").decode("utf-8-sig").splitlines()))
        codebook = file.read("r_codebook.csv").decode("utf-8-sig")
    assert [(r["column"], r["text"]) for r in rows] == [("NOTE", NOTE)]
    assert told["losses"] == [json.loads(json.dumps(x)) for x in report.as_json()["losses"]]
    assert "图斑所" in codebook
    assert "图斑所在行政村名称" in codebook
    frame = read(out)
    assert list(frame["CUT"]) == [1, 0, 0]
    assert frame["NOTE"][0] == "水" * 84
    codes = {(x.column, x.row): x.code for x in report.losses}
    # rows 1-3 are areas, the point comes last
    assert codes == {
        ("NOTE", 1): "cut",
        ("NOTE", 3): "blanks",
        ("BZ", 3): "characters",
    }


def test_huge_whole_numbers_stay_exact(tmp_path) -> None:
    for name, form in FORMATS.items():
        out = tmp_path / f"r{form.suffix}"
        exports.write(name, [a_chunk([SQUARE], {"NO": [1234567890123456789]})], out, options())
        assert str(read(out)["NO"][0]) == "1234567890123456789"


def test_nothing_to_export_is_refused_and_leaves_nothing(tmp_path) -> None:
    with pytest.raises(NothingToExport):
        exports.write("shp", [], tmp_path / "r.zip", options())
    assert list(tmp_path.iterdir()) == []


def test_points_alone(tmp_path) -> None:
    for name, form in FORMATS.items():
        out = tmp_path / f"r{form.suffix}"
        report = exports.write(name, [a_chunk([POINT, POINT])], out, options(crs="EPSG:4490"))
        assert report.points == report.rows == 2
        assert len(read(out, "_points")) == 2


@pytest.mark.parametrize(
    ("name", "encoding", "crs", "out"),
    [
        ("dwg", "utf-8", "EPSG:4490", "r.dwg"),
        ("shp", "gbk", "EPSG:4490", "r.zip"),
        ("geojson", "gb18030", "EPSG:4490", "r.geojson"),
        ("geojson", "utf-8", "EPSG:4524", "r.geojson"),
        ("shp", "utf-8", "EPSG:2381", "r.zip"),
        ("shp", "utf-8", "http://example.org/crs", "r.zip"),
        ("shp", "utf-8", "EPSG:4490", "r.shp"),
    ],
)
def test_what_is_not_possible_is_refused_first(tmp_path, name, encoding, crs, out) -> None:
    def never():
        raise AssertionError("rows were read")
        yield

    with pytest.raises(ExportOption):
        exports.write(name, never(), tmp_path / out, options(encoding=encoding, crs=crs))


def test_more_columns_than_dbase_holds_are_refused(tmp_path) -> None:
    sent = {f"C{i}": ["x"] for i in range(250)}
    with pytest.raises(ExportTooLarge) as refused:
        exports.write("shp", [a_chunk([SQUARE], sent)], tmp_path / "r.zip", options())
    assert refused.value.facts["limit"] == 255
    assert list(tmp_path.iterdir()) == []


def test_more_bytes_than_a_part_holds_are_refused(tmp_path, monkeypatch) -> None:
    from georeview.exports import shapefile
    from tests.exports.rows import written

    monkeypatch.setattr(shapefile, "LIMITS", replace(shapefile.LIMITS, bytes=500))
    with pytest.raises(ExportTooLarge):
        written(shapefile.SHAPEFILE, [a_chunk([SQUARE])], tmp_path)


def test_a_folder_that_is_not_there(tmp_path) -> None:
    with pytest.raises(OutNotWritable):
        exports.write("csv", [a_chunk([SQUARE])], tmp_path / "no" / "r.csv", options())


def test_what_was_there_stays_until_the_new_one_is_whole(tmp_path, monkeypatch) -> None:
    out = tmp_path / "r.csv"
    out.write_text("old")
    with pytest.raises(NothingToExport):
        exports.write("csv", [], out, options())
    monkeypatch.setattr(exports, "_LIMITS", sandbox.Limits(file_mb=0))
    with pytest.raises((ExportFailed, Exception)):
        exports.write("csv", [a_chunk([SQUARE])], out, options())
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]
    monkeypatch.undo()
    exports.write("csv", [a_chunk([SQUARE])], out, options())
    assert out.read_text("utf-8-sig").startswith("plot_id,")
    assert {p.name for p in tmp_path.iterdir()} == {"r.csv", "r.csv.report.json"}
