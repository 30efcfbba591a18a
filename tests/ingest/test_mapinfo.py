"""MapInfo tables."""

from pathlib import Path

import pytest

from georeview.errors.files import PartMissing
from tests.files import projected, squares
from tests.ingest import matrix
from tests.ingest.taken import take

HERE = squares(3)
RARE = ["𬇙水河", "河道管理范围", "桥"]
HEADER = """Version 300
Charset "{}"
Delimiter ","
CoordSys Earth Projection 1, 104
Columns 2
  TBBH Char(20)
  河流名称 Char(40)
Data

"""
REGION = "Region 1\n  4\n107.1 31.56\n107.1004 31.56\n107.1004 31.5604\n107.1 31.56\n"


def mif(folder: Path, rows: list[str], *, stated: str, encoding: str, n: int = 0) -> Path:
    text = HEADER.format(stated) + REGION * (n or len(rows))
    (folder / "a.mif").write_bytes(text.encode(encoding))
    lines = "".join(f'"{i:02}","{row}"\n' for i, row in enumerate(rows))
    (folder / "a.MID").write_bytes(lines.encode(encoding))
    return folder / "a.mif"


@pytest.mark.parametrize(
    ("stated", "encoding", "found"),
    [
        ("WindowsSimpChinese", "gb18030", ("gb18030", "stated")),
        ("Neutral", "gb18030", ("gb18030", "content")),
        ("WindowsLatin1", "gb18030", ("gb18030", "content")),
        ("UTF-8", "utf-8", ("utf-8", "stated")),
        ("WindowsSimpChinese", "utf-8", ("utf-8", "content")),
    ],
)
def test_the_bytes_decide_whatever_is_stated(
    tmp_path: Path, stated: str, encoding: str, found: tuple[str, str]
) -> None:
    taken = take(mif(tmp_path, RARE, stated=stated, encoding=encoding))
    assert (taken.read["encoding"], taken.read["encoding_by"]) == found
    assert [plot.fields["river_stated"] for plot in taken.plots.values()] == RARE
    assert list(taken.plots) == ["00", "01", "02"]


@pytest.mark.parametrize("epsg", [4545, 4524])
def test_a_grid_on_wgs_84_is_the_zone_it_stands_for(tmp_path: Path, epsg: int) -> None:
    write = matrix.FORMS["MapInfo MIF"].write
    taken = take(write(tmp_path, projected(HERE, epsg), matrix.COMMON, epsg, "CP936"))
    assert taken.read["crs"] == f"EPSG:{epsg}"
    assert "read_as_cgcs2000" in taken.notes()


def test_a_part_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = mif(tmp_path, RARE, stated="Neutral", encoding="gb18030")
    (tmp_path / "a.MID").unlink()
    with pytest.raises(PartMissing) as refused:
        take(path)
    assert refused.value.facts["part"] == ".mid"
