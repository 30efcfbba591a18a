"""What GDAL reads for us."""

from pathlib import Path

import shapely

from tests.ingest.hostile.base import Trap
from tests.ingest.hostile.binary import queried
from tests.ingest.hostile.markup import gml
from tests.ingest.taken import take

ARC = """<gml:featureMember><ogr:plots><ogr:shape><gml:Polygon srsName="EPSG:4490"><gml:exterior><gml:Ring>
<gml:curveMember><gml:Curve><gml:segments><gml:Arc><gml:posList>107.1 31.56 107.1005 31.5605 107.101 31.56
</gml:posList></gml:Arc><gml:LineStringSegment><gml:posList>107.101 31.56 107.1 31.56</gml:posList>
</gml:LineStringSegment></gml:segments></gml:Curve></gml:curveMember></gml:Ring></gml:exterior></gml:Polygon>
</ogr:shape><ogr:TBBH>02</ogr:TBBH></ogr:plots></gml:featureMember>"""


def test_arcs_become_short_straight_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.gml"
    path.write_text(gml(ARC))
    taken = take(path)
    assert list(taken.plots) == ["01", "02"]
    half = shapely.Point(107.1005, 31.56).buffer(0.0005, quad_segs=64)
    found = shapely.from_wkb(taken.plots["02"].wkb)
    assert abs(found.area / (half.area / 2) - 1) < 0.01
    assert "arcs_straightened" in taken.plots["02"].flags
    assert "arcs_straightened" not in taken.plots["01"].flags


def test_a_text_in_another_encoding_is_read(tmp_path: Path) -> None:
    hexed = "河道管理范围".encode("gbk").hex()
    path = queried(f"UPDATE plots SET TBBH = CAST(x'{hexed}' AS TEXT) WHERE fid = 2")
    made = path(tmp_path, Trap(tmp_path, 0))
    assert list(take(made).plots) == ["1", "河道管理范围"]
