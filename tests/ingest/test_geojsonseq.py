"""GeoJSON line by line, and as a topology."""

import json
from pathlib import Path

import pytest
import shapely

from georeview.errors.files import LayerUnclear
from tests.files import geojson, put_json, squares
from tests.ingest.taken import take

HERE = squares(2)
LINES = [json.dumps(f) for f in geojson(HERE, [{"TBBH": "01"}, {"TBBH": "02"}])["features"]]


@pytest.mark.parametrize("form", ["{}\n", "\x1e{}\n", "{}\r\n\r\n"])
def test_features_come_line_by_line(tmp_path: Path, form: str) -> None:
    path = tmp_path / "a.geojsonl"
    path.write_text("".join(form.format(line) for line in LINES), newline="")
    assert list(take(path).plots) == ["01", "02"]


def test_a_line_that_is_cut_is_set_aside_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_text("\n".join([LINES[0], LINES[1][:50], LINES[1]]))
    taken = take(path)
    assert list(taken.plots) == ["01", "02"]
    assert taken.aside == {2: "row_unreadable"}
    assert {"code": "lines_broken", "facts": {"n": 1, "row": 2}} in taken.read["notes"]


def test_a_topology_is_put_together_again(tmp_path: Path) -> None:
    left, right = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    topology = {
        "type": "Topology",
        "transform": {"scale": [0.0004, 0.0004], "translate": [107.1, 31.56]},
        # The edge they share, then the rest of each.
        "arcs": [[[1, 0], [0, 1]], [[1, 1], [-1, 0], [0, -1], [1, 0]], [[1, 1], [1, 0], [0, -1], [-1, 0]]],
        "objects": {
            "图斑": {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Polygon", "arcs": [[0, 1]], "properties": {"TBBH": "1"}},
                    {"type": "MultiPolygon", "arcs": [[[2, 0]]], "properties": {"TBBH": "2"}},
                ],
            },
            "点": {"type": "Point", "coordinates": [0, 0], "properties": {"TBBH": "3"}},
        },
    }  # fmt: skip
    path = put_json(tmp_path / "a.topojson", topology)
    with pytest.raises(LayerUnclear) as refused:
        take(path)
    assert refused.value.facts["layers"] == "图斑, 点"
    plots = take(path, layer="图斑").plots
    for number, square in (("1", left), ("2", right)):
        placed = shapely.transform(square, lambda xy: xy * 0.0004 + (107.1, 31.56))
        assert shapely.from_wkb(plots[number].wkb).symmetric_difference(placed).area < 1e-14
    assert shapely.from_wkb(take(path, layer="点").plots["3"].wkb).equals(
        shapely.Point(107.1, 31.56)
    )
