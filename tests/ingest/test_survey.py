"""The survey office's boundary points."""

from pathlib import Path

import pytest
import shapely

from georeview.errors.coordinates import CrsOldDatum
from georeview.errors.files import FileBroken
from tests.files import projected, squares
from tests.ingest.making import survey
from tests.ingest.taken import take

HERE = squares(2)


def rings(geom: shapely.Geometry, east: float = 0) -> list[list[tuple[float, float]]]:
    parts = [geom.exterior, *geom.interiors]
    return [[(x + east, y) for x, y in ring.coords] for ring in parts]


def put(folder: Path, text: str, encoding: str = "gbk") -> Path:
    path = folder / "a.txt"
    path.write_bytes(text.encode(encoding))
    return path


def same(wkb: bytes, geom: shapely.Geometry) -> bool:
    shape = shapely.from_wkb(wkb)
    return bool(
        shapely.hausdorff_distance(shape, geom) < 1e-8
        and shape.symmetric_difference(geom).area < 1e-12
    )


@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize(
    ("epsg", "width", "zone"),
    [(4524, "3", "36"), (4545, "3", "36"), (4496, "6", "18"), (4524, "", ""), (4490, "", "")],
)
def test_plots_are_where_their_attributes_say(
    tmp_path: Path, encoding: str, epsg: int, width: str, zone: str
) -> None:
    geoms = projected(HERE, epsg)
    text = survey([(f"A{i}", rings(g)) for i, g in enumerate(geoms)], 几度分带=width, 带号=zone)
    taken = take(put(tmp_path, text, encoding))
    assert (taken.read["format"], taken.read["crs"]) == ("txt", f"EPSG:{epsg}")
    assert list(taken.plots) == ["A0", "A1"]
    assert all(same(p.wkb, g) for p, g in zip(taken.plots.values(), HERE, strict=True))
    assert taken.plots["A0"].fields["area_stated"] == 0.17
    assert taken.plots["A0"].extra["地块用途"] == "桥梁"


def test_rings_are_holes_or_parts_by_where_they_lie(tmp_path: Path) -> None:
    shell = HERE[0]
    hole = shell.buffer(-0.0001, join_style="mitre")
    with_hole = shapely.Polygon(shell.exterior, [hole.exterior])
    both = [*rings(projected([with_hole], 4524)[0]), *rings(projected([HERE[1]], 4524)[0])]
    taken = take(put(tmp_path, survey([("1", both)])))
    assert same(taken.plots["1"].wkb, shapely.MultiPolygon([with_hole, HERE[1]]))


def test_an_old_datum_is_refused(tmp_path: Path) -> None:
    text = survey([("1", rings(projected(HERE[:1], 4524)[0]))], 坐标系="80国家大地坐标系")
    with pytest.raises(CrsOldDatum):
        take(put(tmp_path, text))


def test_plots_that_cannot_be_read_are_set_aside(tmp_path: Path) -> None:
    good = rings(projected(HERE[:1], 4524)[0])
    text = survey([("1", good), ("2", good), ("3", []), ("4", [good[0][:2]])])
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if ",2,地块2," in line)
    lines[start + 1] = "J1,1,三百,36381700"
    taken = take(put(tmp_path, "\n".join(lines)))
    assert list(taken.plots) == ["1"]
    assert taken.aside == {2: "bad_coordinates", 3: "empty_geometry", 4: "bad_geometry"}
    assert {"code": "points_miscounted", "facts": {"n": 1, "row": 2}} in taken.read["notes"]


def test_points_before_the_first_plot_are_no_file_of_plots(tmp_path: Path) -> None:
    with pytest.raises(FileBroken):
        take(put(tmp_path, "[地块坐标]\nJ1,1,3527010,36381700\n"))


def test_a_ring_that_crosses_itself_is_mended_and_said(tmp_path: Path) -> None:
    corner = projected([shapely.Point(107.1, 31.56)], 4524)[0]
    x, y = corner.x, corner.y
    bow = [(x, y), (x + 40, y + 40), (x + 40, y), (x, y + 40), (x, y)]
    taken = take(put(tmp_path, survey([("1", [bow])])))
    assert "ring_repaired" in taken.plots["1"].flags
