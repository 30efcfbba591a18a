"""KML and KMZ from phones and desktops."""

import zipfile
from pathlib import Path

import pytest
import shapely

from georeview.errors.files import LayerUnclear
from tests.ingest.taken import take

RING = "107.1,31.56,0 107.1004,31.56,0 107.1004,31.5604,0 107.1,31.56,0"
AREA = shapely.Polygon([(107.1, 31.56), (107.1004, 31.56), (107.1004, 31.5604)])


def polygon(ring: str = RING, hole: str = "") -> str:
    inner = f"<innerBoundaryIs><LinearRing><coordinates>{hole}</coordinates></LinearRing></innerBoundaryIs>"
    return (
        f"<Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing>"
        f"</outerBoundaryIs>{inner if hole else ''}</Polygon>"
    )


def mark(number: str, shape: str, more: str = "") -> str:
    data = f'<ExtendedData><Data name="TBBH"><value>{number}</value></Data></ExtendedData>'
    return f"<Placemark>{more}{data}{shape}</Placemark>"


def kml(path: Path, body: str, encoding: str = "UTF-8") -> Path:
    text = f'<?xml version="1.0" encoding="{encoding}"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'
    path.write_bytes(text.encode("gbk" if encoding == "GB2312" else encoding))
    return path


@pytest.mark.parametrize(
    ("shape", "expected", "flags"),
    [
        (polygon(), AREA, []),
        (polygon(RING.replace(",", " , ")), AREA, []),
        (f"<MultiGeometry>{polygon()}</MultiGeometry>", AREA, []),
        (
            f"<MultiGeometry>{polygon()}<Point><coordinates>107.1,31.56</coordinates></Point></MultiGeometry>",
            AREA,
            ["left_out"],
        ),
        (f"<LineString><coordinates>{RING}</coordinates></LineString>", AREA, ["line_closed"]),
        ("<Point><coordinates>107.1,31.56,300</coordinates></Point>", shapely.Point(107.1, 31.56), ["z_dropped", "is_point"]),
    ],
)  # fmt: skip
def test_shapes_of_every_kind(
    tmp_path: Path, shape: str, expected: shapely.Geometry, flags: list[str]
) -> None:
    plot = take(kml(tmp_path / "a.kml", mark("01", shape))).plots["01"]
    assert shapely.equals(shapely.from_wkb(plot.wkb), expected)
    assert set(flags) <= set(plot.flags)


def test_a_hole_stays_one(tmp_path: Path) -> None:
    hole = "107.1002,31.5601 107.1003,31.5601 107.1003,31.5602 107.1002,31.5601"
    plot = take(kml(tmp_path / "a.kml", mark("1", polygon(hole=hole)))).plots["1"]
    assert len(shapely.from_wkb(plot.wkb).interiors) == 1


def test_every_kind_of_data_is_a_column(tmp_path: Path) -> None:
    more = (
        "<name>一号</name><description><![CDATA[<table><tr><td>河流</td><td>巴河</td></tr></table>]]>"
        "</description><TimeStamp><when>2023-01-15</when></TimeStamp>"
    )
    schema = '<ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="TBBH">007</SimpleData><SimpleData name="HLMC">巴河</SimpleData></SchemaData></ExtendedData>'
    taken = take(
        kml(tmp_path / "a.kml", f'<Placemark id="p1">{more}{schema}{polygon()}</Placemark>')
    )
    plot = taken.plots["007"]
    assert plot.fields["river_stated"] == "巴河"
    assert plot.extra["name"] == "一号"
    assert plot.extra["when"] == "2023-01-15"
    assert plot.extra["description"].startswith("<table>")
    assert plot.extra["kml_id"] == "p1"


def test_folders_are_layers(tmp_path: Path) -> None:
    folders = "".join(
        f"<Folder><name>{name}</name>{mark(number, polygon())}</Folder>"
        for name, number in (("甲", "1"), ("乙", "2"), ("甲", "3"))
    )
    path = kml(tmp_path / "a.kml", folders + "<Folder><name>空</name></Folder>")
    with pytest.raises(LayerUnclear) as refused:
        take(path)
    assert refused.value.facts["layers"] == "甲, 乙, 甲#2"
    assert list(take(path, layer="甲#2").plots) == ["3"]


def test_one_folder_among_others_is_meant(tmp_path: Path) -> None:
    body = f"<Folder><name>空</name></Folder><Folder><name>甲</name>{mark('1', polygon())}</Folder>"
    assert list(take(kml(tmp_path / "a.kml", body)).plots) == ["1"]


def test_a_declared_encoding_is_held_against_the_content(tmp_path: Path) -> None:
    body = mark("1", polygon(), "<name>河道管理范围</name>")
    taken = take(kml(tmp_path / "a.kml", body, "GB2312"))
    assert (taken.read["encoding"], taken.plots["1"].extra["name"]) == ("gb18030", "河道管理范围")


@pytest.mark.parametrize("names", [("doc.kml", "other.kml"), ("图斑.KML",)])
def test_the_document_in_a_kmz_is_found(tmp_path: Path, names: tuple[str, ...]) -> None:
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as file:
        for number, name in reversed(list(enumerate(names))):
            file.writestr(name, kml(tmp_path / "b.kml", mark(str(number), polygon())).read_bytes())
    assert list(take(tmp_path / "a.kmz").plots) == ["0"]


def test_a_kmz_may_lie_in_a_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.kmz", "w") as file:
        file.write(kml(tmp_path / "b.kml", mark("1", polygon())), "doc.kml")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.write(tmp_path / "a.kmz", "手机/a.kmz")
    assert list(take(tmp_path / "a.zip").plots) == ["1"]


def test_a_broken_shape_is_set_aside_alone(tmp_path: Path) -> None:
    body = mark("1", polygon()) + mark("2", polygon("a,b c,d")) + mark("3", "")
    assert take(kml(tmp_path / "a.kml", body)).aside == {2: "bad_geometry", 3: "empty_geometry"}
