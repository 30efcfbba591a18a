"""Drawings."""

import tempfile
from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from georeview.errors.coordinates import CrsMissing
from georeview.geometry.crs import parse as known_system
from georeview.geometry.crs import project
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


BY_HANDLE = {"crs": "EPSG:4545", "mapping": {"source_id": "EntityHandle"}}
SQUARE = shapely.box(0, 0, 40, 30)
EAST, NORTH = shapely.get_coordinates(PLACED[0])[0].tolist()


def put_at(name: str, handle: str, at: tuple[float, float], more: str = "") -> str:
    """A reference to a block at a place."""
    found = insert(name, handle).replace("10\n0\n20\n0\n", f"10\n{at[0]!r}\n20\n{at[1]!r}\n")
    return found.replace("8\n0\n", "8\n图斑\n") + more


def drawn(folder: Path, body: str, blocks: str) -> Path:
    (folder / "a.dxf").write_text(dxf(body, blocks), encoding="utf-8")
    return folder / "a.dxf"


def test_open_lines_and_blocks_without_shapes_are_set_aside_by_name(tmp_path: Path) -> None:
    body = outline(PLACED[0], "A1") + outline(PLACED[1], "A2", closed=False) + insert("b", "A3")
    signs = block("b", words("北", shapely.Point(0, 0), "B1"))
    taken = take(drawn(tmp_path, body, signs), **BY_HANDLE)
    assert list(taken.plots) == ["A1"]
    assert taken.aside == {2: "not_polygon", 3: "drawing_block"}
    assert {"code": "drawing_blocks", "facts": {"n": 1, "shapes": 0}} in taken.read["notes"]


@settings(max_examples=8)
@given(st.floats(0.5, 3), st.floats(0.5, 3), st.floats(-180, 180), st.booleans(), st.booleans())
def test_a_block_is_drawn_where_how_large_and_which_way_round_it_is_inserted(
    wide: float, high: float, angle: float, nested: bool, below: bool
) -> None:
    seen = "210\n0\n220\n0\n230\n-1\n" if below else ""
    at = (-EAST if below else EAST, NORTH)
    more = f"41\n{wide!r}\n42\n{high!r}\n50\n{angle!r}\n{seen}"
    known = block("b", outline(SQUARE, "B1")) + block("c", put_at("b", "C1", (7.0, 9.0)))
    with tempfile.TemporaryDirectory() as folder:
        body = put_at("c" if nested else "b", "A1", at, more)
        taken = take(drawn(Path(folder), body, known), **BY_HANDLE)
    true = affinity.translate(SQUARE, 7, 9) if nested else SQUARE
    true = affinity.rotate(affinity.scale(true, wide, high, origin=(0, 0)), angle, origin=(0, 0))
    if below:
        true = affinity.scale(true, -1, 1, origin=(0, 0))
    true = affinity.translate(true, EAST, NORTH)
    ((name, plot),) = taken.plots.items()
    assert name == ("A1/C1/B1" if nested else "A1/B1")
    assert {"block_placed", "line_closed"} <= set(plot.flags)
    found = project([shapely.from_wkb(plot.wkb)], known_system("EPSG:4545"))[0]
    assert shapely.hausdorff_distance(found, true) < 1e-3


def test_blocks_in_rows_are_as_many_plots_with_the_layer_of_the_reference(tmp_path: Path) -> None:
    body = put_at("b", "A1", (EAST, NORTH), "70\n3\n71\n2\n44\n100\n45\n60\n")
    inner = outline(SQUARE, "B1").replace("8\n图斑\n", "8\n0\n") + words("x", SQUARE.centroid, "B2")
    taken = take(drawn(tmp_path, body, block("b", inner)), crs="EPSG:4545", mapping={"source_id": "EntityHandle"})  # fmt: skip
    assert taken.read["rows_in"] == 6
    assert taken.aside == dict.fromkeys(range(2, 7), "id_with_two_shapes"), (
        "one reference, one number"
    )
    (plot,) = taken.plots.values()
    assert (plot.extra["Layer"], plot.extra["标注"]) == ("图斑", "x")


def test_what_is_written_beside_a_reference_are_columns(tmp_path: Path) -> None:
    body = "".join(
        put_at("b", f"A{i}", (EAST + 100 * i, NORTH), "66\n1\n")
        + f"0\nATTRIB\n5\nC{i}\n8\n0\n10\n0\n20\n0\n40\n1\n1\n巴州-{i}\n2\nTBBH\n0\nSEQEND\n5\nD{i}\n"
        for i in range(2)
    )
    asked = "0\nATTDEF\n5\nB9\n100\nAcDbEntity\n8\n0\n100\nAcDbText\n10\n5\n20\n5\n40\n1\n1\n编号\n100\nAcDbAttributeDefinition\n3\n?\n2\nTBBH\n70\n0\n"
    taken = take(drawn(tmp_path, body, block("b", outline(SQUARE, "B1") + asked)), crs="EPSG:4545")
    assert list(taken.plots) == ["巴州-0", "巴州-1"]
    assert not any("编号" in str(plot.extra.get("标注")) for plot in taken.plots.values())


def test_arcs_that_are_made_straight_are_told(tmp_path: Path) -> None:
    corners = list(PLACED[0].exterior.coords)[:-1]
    curved = outline(PLACED[0], "A1").replace(
        f"20\n{corners[0][1]!r}\n", f"20\n{corners[0][1]!r}\n42\n0.5\n", 1
    )
    east, north = corners[0]
    circle = f"0\nCIRCLE\n5\nA3\n100\nAcDbEntity\n8\n0\n100\nAcDbCircle\n10\n{east + 300!r}\n20\n{north!r}\n40\n20\n"
    plots = take(drawing(tmp_path, curved + outline(PLACED[1], "A2") + circle), **BY_HANDLE).plots
    told = {name: "arcs_straightened" in plot.flags for name, plot in plots.items()}
    assert told == {"A1": True, "A2": False, "A3": True}


def test_a_drawing_does_not_say_where_it_lies(tmp_path: Path) -> None:
    with pytest.raises(CrsMissing):
        take(drawing(tmp_path, outline(PLACED[0], "A1") + words("1", PLACED[0].centroid, "B")), mapping={"source_id": "标注"})  # fmt: skip
