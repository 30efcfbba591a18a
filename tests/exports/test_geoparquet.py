"""GeoParquet and FlatGeobuf: what the files say of themselves, and that their parts are found."""

import json
from dataclasses import replace

import pytest
from pyproj import CRS

from georeview import exports
from tests.exports.rows import HOLED, POINT, SQUARE, a_chunk, options


@pytest.mark.parametrize("code", [4490, 4524])
def test_the_metadata_are_those_of_the_specification(tmp_path, code) -> None:
    import pyarrow.parquet as pq

    out = tmp_path / "r.parquet"
    exports.write("geoparquet", [a_chunk([SQUARE, HOLED, POINT])], out, options(crs=f"EPSG:{code}"))
    with pq.ParquetFile(out) as file:
        geo = json.loads(file.metadata.metadata[b"geo"])
        assert file.metadata.row_group(0).column(0).compression == "ZSTD"
    column = geo["columns"][geo["primary_column"]]
    assert (geo["version"], column["encoding"]) == ("1.1.0", "WKB")
    assert column["geometry_types"] == ["Point", "Polygon", "MultiPolygon"]
    assert CRS.from_json_dict(column["crs"]).to_epsg() == code
    west, south, east, north = column["bbox"]
    assert west < east
    assert south < north


def test_every_group_of_rows_is_read_back(tmp_path, monkeypatch) -> None:
    from georeview.exports import geoparquet
    from georeview.exports.compare import compare
    from tests.exports.rows import written

    monkeypatch.setattr(geoparquet, "_GROUP", 3)
    form = geoparquet.GEOPARQUET
    chunks = [a_chunk([SQUARE] * n, first=10 * n) for n in (2, 4, 1)]
    rows, plan, losses, path = written(form, chunks, tmp_path)
    compare(rows.chunks(), form.reopen(path, plan), plan, losses, form.limits)


def test_rows_of_a_flatgeobuf_are_found_by_place(tmp_path) -> None:
    import pyogrio

    out = tmp_path / "r.fgb"
    exports.write("flatgeobuf", [a_chunk([SQUARE, HOLED, POINT])], out, options())
    near = pyogrio.read_dataframe(out, bbox=(107.09, 31.5, 107.11, 31.6))
    assert list(near["plot_id"]) == ["p_0"]


def test_a_row_of_a_flatgeobuf_that_is_missing_or_too_many_is_refused(tmp_path) -> None:
    from georeview.errors.exports import ExportDiffers
    from georeview.exports.compare import compare
    from georeview.exports.flatgeobuf import FLATGEOBUF as FORM
    from tests.exports.rows import written

    rows, plan, losses, path = written(FORM, [a_chunk([SQUARE, HOLED])], tmp_path)
    compare(rows.chunks(), FORM.reopen(path, plan), plan, losses, FORM.limits)
    for shapes in ([SQUARE], [SQUARE, HOLED, SQUARE]):
        other = replace(plan, sizes=((len(shapes), False),))
        path.with_suffix(".order").write_text("".join(f"p_{i}\n" for i in range(len(shapes))))
        with pytest.raises(ExportDiffers):
            compare([a_chunk(shapes)], FORM.reopen(path, other), other, losses, FORM.limits)
