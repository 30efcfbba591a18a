"""Tables of text, as spreadsheets, phones and programs write them."""

from pathlib import Path

import pytest
import shapely

from georeview.errors.files import FormatDisguised, NoShapes
from georeview.services import Services
from tests.files import load, projected, squares
from tests.ingest.taken import take

ROWS = [
    "图斑编号,地物类型,经度,纬度",
    "0012345678901234567,桥梁,106.75,31.86",
    "2,房屋,106.751,31.861",
]


def text(folder: Path, name: str, lines: list[str], encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


def at(plot: object) -> tuple[float, float]:
    point = shapely.from_wkb(plot.wkb)  # type: ignore[attr-defined]
    return round(point.x, 6), round(point.y, 6)


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", ("utf-8", "content")),
        ("utf-8-sig", ("utf-8", "mark")),
        ("gbk", ("gb18030", "content")),
        ("utf-16", ("utf-16", "mark")),
    ],
)
@pytest.mark.parametrize("between", [",", "\t", ";", "|"])
def test_encoding_and_what_parts_the_cells_are_found(
    tmp_path: Path, encoding: str, found: tuple[str, str], between: str
) -> None:
    lines = [line.replace(",", between) for line in ROWS]
    name = "a.tsv" if between == "\t" else "a.csv"
    taken = take(text(tmp_path, name, lines, encoding))
    assert (taken.read["encoding"], taken.read["encoding_by"]) == found
    assert list(taken.plots) == ["0012345678901234567", "2"]
    assert at(taken.plots["2"]) == (106.751, 31.861)
    assert taken.plots["2"].fields["type_issued"] == "房屋"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("106.75", "31.86"),
        ("106°45′00″", "31°51′36″"),
        ("106度45分0秒", "31度51分36秒"),
    ],
)
def test_degrees_in_every_spelling(tmp_path: Path, first: str, second: str) -> None:
    taken = take(text(tmp_path, "a.csv", ["TBBH,JD,WD", f"1,{first},{second}"]))
    assert at(taken.plots["1"]) == (106.75, 31.86)


def test_exchanged_columns_are_put_right_and_said(tmp_path: Path) -> None:
    taken = take(text(tmp_path, "a.csv", ["TBBH,经度,纬度", "1,31.86,106.75"]), crs="EPSG:4490")
    assert at(taken.plots["1"]) == (106.75, 31.86)
    assert "axes_exchanged" in taken.notes()


@pytest.mark.parametrize("epsg", [4545, 4524])
@pytest.mark.parametrize(
    ("north", "east"), [("X", "Y"), ("Y", "X"), ("北坐标(m)", "东坐标(m)"), ("纵坐标", "横坐标")]
)
def test_north_is_known_by_its_numbers(tmp_path: Path, epsg: int, north: str, east: str) -> None:
    point = projected([shapely.Point(106.75, 31.86)], epsg)[0]
    lines = [f"TBBH,{north},{east}", f"1,{point.y!r},{point.x!r}"]
    taken = take(text(tmp_path, "a.csv", lines), crs=f"EPSG:{epsg}")
    assert at(taken.plots["1"]) == (106.75, 31.86)
    assert "axes_exchanged" not in taken.notes()


@pytest.mark.parametrize("form", ["WKT", "EWKT", "hex"])
def test_whole_shapes_in_a_column(tmp_path: Path, form: str) -> None:
    shape = squares(1)[0]
    written = {
        "WKT": shape.wkt,
        "EWKT": f"SRID=4490;{shape.wkt}",
        "hex": shapely.to_wkb(shapely.set_srid(shape, 4490), hex=True, include_srid=True),
    }[form]
    path = text(tmp_path, "a.csv", ["TBBH,几何", f'1,"{written}"', '2,"POLYGON((1 1"'])
    taken = take(path, crs="EPSG:4490" if form == "WKT" else None)
    assert shapely.from_wkb(taken.plots["1"].wkb).equals(shape)
    assert "几何" not in taken.plots["1"].extra
    assert taken.aside == {3: "bad_geometry"}


def test_titles_above_and_totals_below_are_not_plots(tmp_path: Path) -> None:
    lines = ["巴中市图斑表,,,", ",,,", *ROWS, ",,,", "合计,2,,", "填表人,,,"]
    taken = take(text(tmp_path, "a.csv", lines, "gbk"))
    assert len(taken.plots) == 2
    assert taken.aside == {7: "empty_geometry", 8: "empty_geometry"}, "as a spreadsheet counts them"
    assert {"code": "headers_below", "facts": {"row": 3}} in taken.read["notes"]


def test_a_place_that_cannot_be_read_is_set_aside(tmp_path: Path) -> None:
    taken = take(text(tmp_path, "a.csv", [*ROWS, "3,桥,村口,31.9"]))
    assert taken.aside == {4: "bad_coordinates"}


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    lines = ["sep=;", "TBBH;JD;WD;BZ", '1;106.75;31.86;"two', 'lines"', "", "2;106.75;村口;x"]
    assert take(text(tmp_path, "a.csv", lines)).aside == {4: "bad_coordinates"}


def test_an_open_quote_swallows_nothing(tmp_path: Path) -> None:
    lines = [f"{ROWS[0]},备注", f'{ROWS[1]},"12 英寸', f"{ROWS[2]},b"]
    taken = take(text(tmp_path, "a.csv", lines))
    assert len(taken.plots) == 2
    assert "quotes_open" in taken.notes()


def test_a_quote_against_formulas_is_no_text(tmp_path: Path) -> None:
    lines = [f"{ROWS[0]},BZ", f"{ROWS[1]},'=SUM(A1)", f"{ROWS[2]},'a"]
    plots = take(text(tmp_path, "a.csv", lines)).plots
    assert [plot.fields["note_issued"] for plot in plots.values()] == ["=SUM(A1)", "'a"]


def test_a_table_without_places_alone_says_so(services: Services, tmp_path: Path) -> None:
    with pytest.raises(NoShapes):
        load(services, text(tmp_path, "a.csv", ["TBBH,MC", "1,a"]))


def test_a_program_called_csv_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"MZ\x90\x00" + bytes(2_000))
    with pytest.raises(FormatDisguised):
        take(path)


@pytest.mark.parametrize("epsg", [4490, 4545, 4524, 4544, 32648])
def test_a_table_that_we_wrote_needs_no_system(tmp_path: Path, epsg: int) -> None:
    """Its ``lon`` and ``lat`` tell the system of its shapes."""
    shape = squares(1)[0]
    written = projected([shape], epsg)[0].wkt
    path = text(
        tmp_path,
        "a.csv",
        ["plot_id,source_id,version,hash,lon,lat,wkt", f'p,01,1,h,107.1002,31.5602,"{written}"'],
    )
    taken = take(path)
    assert taken.read["crs"] == f"EPSG:{epsg}"
    assert shapely.hausdorff_distance(shapely.from_wkb(taken.plots["01"].wkb), shape) < 1e-8
