"""Plots come in whole: every row stored or set aside with its reason, and twice changes nothing."""

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import shapely
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from georeview.core.access import EVERYTHING
from georeview.core.query import Filter
from georeview.errors import BadValue, Forbidden, GeoreviewError, TooLarge
from georeview.errors.files import NoShapes
from georeview.ingest import ReadOptions
from georeview.services import Services
from georeview.services.layers import LayerAbout
from georeview.services.people import owner
from georeview.storage.ports.plots import Plot
from tests.builders import an_actor
from tests.files import (
    SAMPLE,
    Column,
    a_home,
    geojson,
    geopackage,
    ids,
    leftovers,
    load,
    own_temp,
    projected,
    put,
    put_json,
    shapefile,
    squares,
    wkt,
    zipped,
)
from tests.ingest.making import Cell, xlsx
from tests.places import Place


@pytest.fixture
def services(tmp_path: Path, place: Place) -> Iterator[Services]:
    with a_home(tmp_path, store=place.address) as services:
        yield services


def plots(services: Services, batch: str = "2023-1") -> list[Plot]:
    chunks = services.store.plots.stream(EVERYTHING, Filter(batch=batch))
    return [plot for chunk in chunks for plot in chunk]


def numbers(services: Services) -> list[str]:
    return [plot.given.source_id for plot in plots(services)]


# Every row --------------------------------------------------------------------------------------


def test_rows_are_stored_and_their_source_is_kept_byte_for_byte(
    services: Services, tmp_path: Path
) -> None:
    path = zipped(tmp_path / "图斑.zip", {f"a{k}": v for k, v in shapefile(squares(3)).items()})
    report = load(services, path)
    assert (report.files[0].rows_in, report.files[0].stored, report.complete) == (3, 3, True)
    assert numbers(services) == ["A000", "A001", "A002"]
    (taken,) = services.store.plots.imports("2023-1")
    assert services.files.path("sources", taken.sha256).read_bytes() == path.read_bytes()


def test_every_part_of_a_loose_shapefile_is_kept(services: Services, tmp_path: Path) -> None:
    parts = shapefile(squares(2))
    load(services, put(tmp_path / "in", parts))
    for data in parts.values():
        sha256 = hashlib.sha256(data).hexdigest()
        assert services.files.path("sources", sha256).read_bytes() == data


def test_the_same_file_twice_changes_nothing(services: Services, tmp_path: Path) -> None:
    path = put(tmp_path, shapefile(squares(3)))
    load(services, path)
    head, kept = services.store.ledger.head(), leftovers(tmp_path / "home")
    again = load(services, path).files[0]
    assert (again.stored, again.unchanged, again.rows_in) == (0, 3, 3)
    assert services.store.ledger.head() == head
    assert leftovers(tmp_path / "home") == kept
    assert len(services.store.plots.imports("2023-1")) == 1


@pytest.mark.parametrize("epsg", [4524, 4545, 3857])
def test_the_same_plots_in_another_system_are_there_already(
    services: Services, tmp_path: Path, epsg: int
) -> None:
    own = squares(7)
    load(services, put(tmp_path / "degrees", shapefile(own)))
    other = shapefile(projected(own, epsg), prj=wkt(epsg))
    again = load(services, put(tmp_path / "metres", other)).files[0]
    assert (again.unchanged, again.set_aside) == (7, ())


def test_a_plot_that_moved_by_two_centimetres_has_another_shape(
    services: Services, tmp_path: Path
) -> None:
    load(services, put(tmp_path / "first", shapefile(squares(2))))
    moved = squares(2, lon=107.1 + 2e-7)
    again = load(services, put(tmp_path / "then", shapefile(moved))).files[0]
    assert [item.code for item in again.set_aside] == ["already_with_other_shape"] * 2


def test_one_number_with_two_shapes_is_for_a_person(services: Services, tmp_path: Path) -> None:
    a, b, c = squares(3)
    path = put(tmp_path, shapefile([a, b, a, c], [ids("X", "X", "X", "Y")]))
    report = load(services, path).files[0]
    assert [(item.row, item.code) for item in report.set_aside] == [
        (2, "id_with_two_shapes"),
        (3, "row_repeated"),
    ]
    moved = put(tmp_path / "later", shapefile([b], [ids("X")]))
    (aside,) = load(services, moved).files[0].set_aside
    assert (aside.code, aside.source_id) == ("already_with_other_shape", "X")
    assert numbers(services) == ["X", "Y"]


def test_a_number_in_two_files_of_one_call_is_seen(services: Services, tmp_path: Path) -> None:
    one, two = squares(2)
    first = put(tmp_path / "1", shapefile([one], [ids("X")]))
    second = put(tmp_path / "2", shapefile([two], [ids("X")]))
    report = load(services, first, second)
    assert [file.stored for file in report.files] == [1, 0]
    assert report.files[1].set_aside[0].code == "already_with_other_shape"


def test_other_values_for_a_known_plot_are_told_not_dropped(
    services: Services, tmp_path: Path
) -> None:
    def file(kind: str, note: str) -> Path:
        columns = [ids("X"), ("TBLX", "C", 20, [kind]), ("BZ", "C", 20, [note])]
        return put(tmp_path / kind / note, shapefile(squares(1), columns))

    load(services, file("桥梁", "近桥头北侧"))
    assert load(services, file("桥梁", "近桥")).complete, "a cut text says less, not something else"
    (aside,) = load(services, file("房屋", "近桥头北侧")).files[0].set_aside
    assert (aside.code, aside.facts) == ("already_with_other_values", {"columns": "type_issued"})
    assert plots(services)[0].given.fields["type_issued"] == "桥梁"


def test_our_own_export_coming_back_changes_nothing(services: Services, tmp_path: Path) -> None:
    load(services, put(tmp_path, shapefile(squares(1), [ids("X"), ("TBLX", "C", 20, ["桥梁"])])))
    plot_id = plots(services)[0].given.plot_id
    columns = [ids("X", name="SRC_ID"), ("PLOT_ID", "C", 36, [plot_id]), ("NOTE", "C", 9, ["已核"])]
    report = load(services, put(tmp_path / "back", shapefile(squares(1), columns)))
    assert report.complete
    assert report.files[0].unchanged == 1


# Texts beside -----------------------------------------------------------------------------------


def notes(path: Path, **rows: str) -> Path:
    return geopackage(path, None, {"TBBH": list(rows), "BZ": list(rows.values())})


def test_a_table_without_shapes_adds_its_texts(services: Services, tmp_path: Path) -> None:
    shapes = put(tmp_path, shapefile(squares(2), [ids("X", "Y"), ("BZ", "C", 6, ["很长", ""])]))
    texts = notes(tmp_path / "notes.gpkg", X="很长的备注" * 40)
    report = load(services, shapes, texts)
    assert (report.files[1].rows_in, report.files[1].joined) == (1, 1)
    assert plots(services)[0].given.fields["note_issued"] == "很长的备注" * 40
    again = load(services, shapes, texts)
    assert [file.unchanged for file in again.files] == [2, 1]
    assert load(services, shapes).complete, "the cut note contradicts nothing"


def test_texts_without_a_plot_are_set_aside(services: Services, tmp_path: Path) -> None:
    shapes = put(tmp_path, shapefile(squares(1), [ids("X")]))
    texts = notes(tmp_path / "notes.gpkg", X="一", Z="二")
    report = load(services, shapes, texts)
    assert [(i.row, i.code) for i in report.files[1].set_aside] == [(2, "text_without_plot")]
    later = notes(tmp_path / "later.gpkg", X="另一段")
    (aside,) = load(services, later).files[0].set_aside
    assert aside.code == "already_with_other_values"


def a_list(path: Path, rows: list[list[Cell]]) -> Path:
    """A list without places, as a workbook or as text."""
    if path.suffix == ".xlsx":
        return xlsx(path, {"清单": rows})
    path.write_text("\n".join(",".join(map(str, row)) for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["清单.csv", "清单.xlsx"])
def test_a_list_is_joined_by_number(services: Services, tmp_path: Path, name: str) -> None:
    columns: list[Column] = [
        ids("01", "02"),
        ("BZ", "C", 6, ["很长", ""]),
        ("QX", "C", 9, ["平昌县"] * 2),
    ]
    shapes = put(tmp_path, shapefile(squares(2), columns))
    listed = a_list(
        tmp_path / name,
        [
            ["图斑编号", "备注", "县区", "面积", "整改建议"],
            ["01", "很长的备注", "平昌县", "1.5亩", "拆除"],
            ["02", "", "巴州区", "", ""],
            ["03", "没有图形", "", "", ""],
        ],
    )
    report = load(services, shapes, listed)
    assert [(file.stored, file.joined) for file in report.files] == [(2, 0), (0, 2)]
    assert [(i.row, i.code) for i in report.files[1].set_aside] == [(4, "text_without_plot")]
    one, two = (plot.given for plot in plots(services))
    assert one.fields["note_issued"] == "很长的备注", "a text that was cut is whole again"
    assert one.fields["area_stated_m2"] == pytest.approx(1000)
    assert one.extra["整改建议"] == "拆除"
    assert two.fields["county_stated"] == "平昌县", "what stands beside the shape is followed"
    (told,) = [flag for flag in two.flags if flag["code"] == "joined_differs"]
    assert told["facts"] == {"row": 3, "said": "county_stated=巴州区"}
    again = load(services, shapes, listed)
    assert [file.unchanged for file in again.files] == [2, 2], "told once more, it is the same"


def test_a_list_alone_has_nothing_to_be_joined_to(services: Services, tmp_path: Path) -> None:
    listed = a_list(tmp_path / "a.csv", [["TBBH", "BZ"], ["01", "a"]])
    with pytest.raises(NoShapes):
        load(services, listed)
    load(services, put(tmp_path, shapefile(squares(1), [ids("01")])))
    report = services.imports.load(
        owner("5119"), [listed], batch="2023-1", area="5119", options=ReadOptions(), update=True
    )
    assert report.files[0].changed == 1, "but to plots that are there"
    assert plots(services)[0].given.fields["note_issued"] == "a"


def test_texts_without_a_number_or_twice_are_counted(services: Services, tmp_path: Path) -> None:
    shapes = put(tmp_path, shapefile(squares(1), [ids("X")]))
    texts = geopackage(tmp_path / "n.gpkg", None, {"TBBH": ["X", None, "X"], "BZ": ["a", "b", "c"]})
    report = load(services, shapes, texts).files[1]
    assert (report.rows_in, report.joined) == (3, 1)
    assert [(i.row, i.code) for i in report.set_aside] == [(2, "no_id"), (3, "row_repeated")]


# Nothing half-loaded ------------------------------------------------------------------------------


def test_a_refused_file_leaves_the_others_out_too(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temp = own_temp(tmp_path / "temp", monkeypatch)
    good = put(tmp_path / "good", shapefile(squares(1)))
    bad = put(tmp_path / "bad", shapefile(squares(1), prj=None))
    with pytest.raises(GeoreviewError):
        load(services, good, bad)
    assert services.store.plots.batches(EVERYTHING) == []
    assert services.store.ledger.head().seq == 0
    assert leftovers(tmp_path / "home") == []
    assert list(temp.iterdir()) == []


def test_two_gigabytes_are_refused_before_they_are_read(services: Services, tmp_path: Path) -> None:
    big = tmp_path / "big.gpkg"
    with big.open("wb") as file:
        file.truncate(2 * 2**30)
    with pytest.raises(TooLarge) as refused:
        load(services, big)
    assert refused.value.facts == {"limit": "512 MB"}
    assert leftovers(tmp_path / "home") == []


def test_looking_keeps_nothing(services: Services, tmp_path: Path) -> None:
    path = put(tmp_path, shapefile(squares(3)))
    report = services.imports.load(
        owner("5119"), [path], batch="b", area="5119", options=ReadOptions(), dry_run=True
    )
    assert (report.dry_run, report.files[0].stored) == (True, 3)
    assert services.store.plots.batches(EVERYTHING) == []
    assert leftovers(tmp_path / "home") == []


def test_a_number_of_any_length_is_stored_or_said(services: Services, tmp_path: Path) -> None:
    longest, longer = "".join(chr(0x4E00 + n) for n in range(200)), "x" * 201
    rows = [{"TBBH": number, "TBLX": "桥梁"} for number in (longest, longer, "𠮷" * 5000)]
    report = load(services, put_json(tmp_path / "a.json", geojson(squares(3), rows)))
    assert [(i.row, i.code) for i in report.files[0].set_aside] == [
        (2, "id_too_long"),
        (3, "id_too_long"),
    ]
    assert numbers(services) == [longest]


@pytest.mark.parametrize("batch", ["", "  ", "x" * 201, "一行\n两行"])
def test_a_batch_needs_a_name(services: Services, tmp_path: Path, batch: str) -> None:
    with pytest.raises(BadValue):
        load(services, put(tmp_path, shapefile(squares(1))), batch=batch)


def test_only_who_may_loads(services: Services, tmp_path: Path) -> None:
    path = put(tmp_path, shapefile(squares(1)))
    for actor in (an_actor("county"), an_actor("auditor", "5119"), an_actor("city", "5120")):
        with pytest.raises(Forbidden):
            services.imports.load(actor, [path], batch="b", area="5119", options=ReadOptions())


# Whatever comes, the counts add up ----------------------------------------------------------------

ROW = st.tuples(
    st.sampled_from(["", "1", "01", "001", "甲", "1234567890123456789", "无"]),
    st.sampled_from([*squares(3), None, "far", "bowtie", "inf"]),
    st.sampled_from(["桥梁", "房屋", None]),
)


def shape_of(kind: object) -> object:
    if kind == "far":
        return shapely.box(10, 10, 10.1, 10.1)
    if kind == "bowtie":
        ring = [[107, 31.5], [107.001, 31.501], [107.001, 31.5], [107, 31.501], [107, 31.5]]
        return {"type": "Polygon", "coordinates": [ring]}
    if kind == "inf":
        return {"type": "Point", "coordinates": [float("inf"), 31.5]}
    return kind


@pytest.mark.slow
@settings(max_examples=20, phases=[Phase.explicit, Phase.generate])
@given(st.lists(st.lists(ROW, max_size=6), min_size=1, max_size=3))
def test_in_is_stored_and_unchanged_and_joined_and_aside(
    files: list[list[tuple[str, object, str | None]]],
) -> None:
    with tempfile.TemporaryDirectory() as folder, a_home(Path(folder)) as services:
        paths = []
        for n, rows in enumerate(files):
            base = (f"base{n}", shapely.box(107, 31.5, 107.001, 31.501), "桥梁")
            whole = [*[base] * 120, *rows]
            document = geojson(
                [shape_of(shape) for _, shape, _ in whole],
                [
                    {"TBBH": f"{i}-{number}" if number.startswith("base") else number, "TBLX": kind}
                    for i, (number, _, kind) in enumerate(whole)
                ],
            )
            paths.append(put_json(Path(folder) / f"{n}.geojson", document))
        for round_ in (1, 2):
            report = load(services, *paths)
            for file, rows in zip(report.files, files, strict=True):
                assert file.rows_in == len(rows) + 120
                told = file.stored + file.unchanged + file.joined + file.set_aside_n
                assert told == file.rows_in
            if round_ == 2:
                assert not any(file.stored for file in report.files)
        stored = numbers(services)
        assert len(stored) == len(set(stored))
        assert list(services.store.ledger.verify()) == []


# The sample ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_whole_sample_comes_in_with_its_defects_flagged(
    services: Services, tmp_path: Path
) -> None:
    for kind in ("county", "mgmt_area"):
        file = next(SAMPLE.glob(f"{kind}_v1.*"))
        services.layers.load(owner("5119"), file, LayerAbout(kind, kind, "v1"), ReadOptions())
    files = [SAMPLE / f"plots_2023{rest}" for rest in (".zip", "_points.zip", "_notes.gpkg")]
    report = load(services, *files)
    assert [(f.rows_in, f.stored, f.joined) for f in report.files] == [
        (1_294, 1_294, 0),
        (5, 5, 0),
        (5, 0, 5),
    ]
    flagged = report.files[0].flagged
    planted = {
        "ring_reversed": 4,
        "outline_cleaned": 8,
        "duplicate": 3,
        "tiny": 7,
        "sliver": 4,
        "z_dropped": 6,
        "county_differs": 15,
        "dates_reversed": 4,
    }
    assert flagged["ring_repaired"] >= 8
    assert {code: flagged[code] for code in planted} == planted
    assert report.files[1].flagged == {"is_point": 5}
    assert report.files[0].read["area_unit"] == "m2, mu"
    stored = plots(services)
    assert len(stored) == 1_299
    assert sum("𠮷" in str(p.given.fields) or "䃅" in str(p.given.fields) for p in stored) == 6
    assert sum(len(str(p.given.fields.get("note_issued") or "")) >= 200 for p in stored) == 5
    assert sum(p.given.source_id.startswith("0") for p in stored) == 25
    assert sum(p.given.source_id.isdigit() and len(p.given.source_id) == 19 for p in stored) >= 30
    assert sum(bool(p.facts and p.facts.multi_county) for p in stored) == 14
    assert sum(p.review.stage == "imported" for p in stored) == 2
    head = services.store.ledger.head()
    again = load(services, *files)
    assert [f.unchanged for f in again.files] == [1_294, 5, 5]
    assert services.store.ledger.head() == head
