"""Rows as a GeoDataFrame."""

from georeview.exports.frame import frame
from tests.exports.rows import POINT, SQUARE, a_chunk


def test_a_frame_holds_what_an_export_would() -> None:
    chunks = [
        a_chunk([SQUARE], {"mark": ["甲"]}, mark=["pending"], marked_on=["2023-06-30"]),
        a_chunk([POINT], {"BZ": ["乙"]}, first=1, mark=["confirmed"], area_m2=[2.5]),
    ]
    made = frame(chunks)
    assert made.crs.to_epsg() == 4490
    assert list(made.geometry) == [SQUARE, POINT]
    assert list(made["GR_mark"]) == ["pending", "confirmed"]
    assert list(made["mark"].fillna("-")) == ["甲", "-"]
    assert list(made["BZ"].fillna("-")) == ["-", "乙"]
    assert made["marked_on"][0].isoformat() == "2023-06-30T00:00:00"
    assert made["area_m2"][1] == 2.5
    assert list(made["source_id"]) == ["0" * 19, "0" * 18 + "1"]
