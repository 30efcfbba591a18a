"""GPX of phones."""

from pathlib import Path

import pytest
import shapely

from georeview.errors.files import LayerUnclear
from tests.ingest.taken import take

POINTS = ((107.1, 31.56), (107.1004, 31.56), (107.1004, 31.5604), (107.1, 31.56))
WAYPOINT = '<wpt lon="107.1" lat="31.56"><ele>300</ele><name>一号</name><extensions><x:TBBH xmlns:x="u">7</x:TBBH></extensions></wpt>'


def gpx(path: Path, body: str) -> Path:
    path.write_text(f'<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{body}</gpx>')
    return path


def track(number: str, points: tuple[tuple[float, float], ...] = POINTS, kind: str = "trk") -> str:
    step = f"{kind}pt"
    inner = "".join(f'<{step} lon="{x}" lat="{y}"><time>t</time></{step}>' for x, y in points)
    inner = f"<trkseg>{inner}</trkseg>" if kind == "trk" else inner
    return f"<{kind}><extensions><TBBH>{number}</TBBH></extensions>{inner}</{kind}>"


def test_waypoints_are_points(tmp_path: Path) -> None:
    plot = take(gpx(tmp_path / "a.gpx", WAYPOINT)).plots["7"]
    assert shapely.from_wkb(plot.wkb).equals(shapely.Point(107.1, 31.56))
    assert (plot.extra["name"], plot.extra["ele"]) == ("一号", "300")


@pytest.mark.parametrize("kind", ["trk", "rte"])
def test_a_closed_way_is_an_area(tmp_path: Path, kind: str) -> None:
    taken = take(gpx(tmp_path / "a.gpx", track("1", kind=kind) + track("2", POINTS[:3], kind)))
    assert shapely.from_wkb(taken.plots["1"].wkb).equals(shapely.Polygon(POINTS))
    assert "line_closed" in taken.plots["1"].flags
    assert taken.aside == {2: "not_polygon"}


def test_points_and_tracks_are_layers(tmp_path: Path) -> None:
    path = gpx(tmp_path / "a.gpx", WAYPOINT + track("1"))
    with pytest.raises(LayerUnclear) as refused:
        take(path)
    assert refused.value.facts["layers"] == "waypoints, tracks"
    assert list(take(path, layer="tracks").plots) == ["1"]
