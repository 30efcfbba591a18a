"""Drawings."""

from pathlib import Path

import pytest
import shapely

from georeview import errors
from tests.files import projected, squares
from tests.ingest.hostile.binary import block, dxf, insert
from tests.ingest.taken import take

HERE = squares(2)
PLACED = projected(HERE, 4545)
GIVEN = {"crs": "EPSG:4545", "mapping": {"source_id": "标注"}}


def outline(geom: shapely.Geometry, handle: str, *, closed: bool = True) -> str:
    corners = list(geom.exterior.coords)[:-1]
    points = "".join(f"10\n{x!r}\n20\n{y!r}\n" for x, y in corners)
    return (
        f"0\nLWPOLYLINE\n5\n{handle}\n100\nAcDbEntity\n8\n图斑\n100\nAcDbPolyline\n90\n{len(corners)}\n"
        f"70\n{int(closed)}\n{points}"
    )


def words(text: str, at: shapely.Point, handle: str) -> str:
    return (
        f"0\nTEXT\n5\n{handle}\n100\nAcDbEntity\n8\n注记\n100\nAcDbText\n10\n{at.x!r}\n20\n{at.y!r}\n40\n1\n"
        f"1\n{text}\n100\nAcDbText\n"
    )


def drawing(folder: Path, body: str, encoding: str = "gbk", head: str = "") -> Path:
    (folder / "a.dxf").write_bytes(dxf(body, head=head).encode(encoding))
    return folder / "a.dxf"


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_an_outline_is_called_by_the_text_in_it(tmp_path: Path, encoding: str) -> None:
    body = "".join(
        outline(g, f"A{i}") + words(f"巴州-00{i}", g.centroid, f"B{i}")
        for i, g in enumerate(PLACED)
    )
    taken = take(drawing(tmp_path, body, encoding), **GIVEN)
    assert list(taken.plots) == ["巴州-000", "巴州-001"]
    for plot, geom in zip(taken.plots.values(), HERE, strict=True):
        assert shapely.hausdorff_distance(shapely.from_wkb(plot.wkb), geom) < 1e-8
        assert "line_closed" in plot.flags
        assert plot.extra["Layer"] == "图斑"
    assert set(taken.aside.values()) == {"drawing_text"}
    assert {"code": "drawing_texts", "facts": {"n": 2}} in taken.read["notes"]


def test_of_nested_outlines_the_inner_one_has_the_text(tmp_path: Path) -> None:
    inner = PLACED[0].buffer(-10, join_style="mitre")
    edge = shapely.Point(PLACED[0].exterior.coords[0]).buffer(3).intersection(PLACED[0]).centroid
    body = outline(PLACED[0], "A1") + outline(inner, "A2")
    body += words("内", PLACED[0].centroid, "B1") + words("外", edge, "B2")
    plots = take(drawing(tmp_path, body), **GIVEN).plots
    areas = {name: shapely.from_wkb(plot.wkb).area for name, plot in plots.items()}
    assert areas["内"] < areas["外"]


def test_open_lines_and_blocks_are_set_aside_by_name(tmp_path: Path) -> None:
    body = outline(PLACED[0], "A1") + outline(PLACED[1], "A2", closed=False) + insert("b", "A3")
    (tmp_path / "a.dxf").write_text(dxf(body, block("b", outline(PLACED[1], "A4"))))
    taken = take(tmp_path / "a.dxf", crs="EPSG:4545", mapping={"source_id": "EntityHandle"})
    assert list(taken.plots) == ["A1"]
    assert taken.aside == {2: "not_polygon", 3: "drawing_block"}
    assert "drawing_blocks" in taken.notes()


def test_a_drawing_does_not_say_where_it_lies(tmp_path: Path) -> None:
    with pytest.raises(errors.CrsMissing):
        take(drawing(tmp_path, outline(PLACED[0], "A1") + words("1", PLACED[0].centroid, "B")), mapping={"source_id": "标注"})  # fmt: skip
