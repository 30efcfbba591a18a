"""Exports through the service: the sample batch out and in again, and only what one may see."""

import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely

from georeview.core.access import EVERYTHING, Role
from georeview.core.procedure import Command
from georeview.core.query import Filter
from georeview.errors import Forbidden, NotFound
from georeview.errors.exports import ExportOption, NothingToExport
from georeview.exports import FORMATS
from georeview.exports.frame import frame
from georeview.geometry.crs import known, to_4490
from georeview.ingest import ReadOptions
from georeview.services import Services, open_services
from georeview.services.layers import LayerAbout
from georeview.services.people import owner
from tests.builders import an_actor
from tests.places import BACK_ENDS

DATA = Path(__file__).parents[2] / "sample_data" / "data"
BATCH = "2023 样例"
NOW = datetime(2023, 6, 30, 2, tzinfo=UTC)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=BACK_ENDS)
def services(request, places, tmp_path_factory):
    """The whole sample batch, laid over every sample layer, with a few marks."""
    with places(request.param, tmp_path_factory.mktemp("sample")) as place:
        opened = open_services(place.settings, lambda: NOW)
        fill(opened)
        yield opened
        opened.close()


def fill(opened: Services) -> None:
    manifest = json.loads((DATA / "manifest.json").read_text("utf-8"))
    for layer in manifest["layers"]:
        opened.layers.load(
            owner("5119"),
            DATA / layer["file"],
            LayerAbout(
                layer["kind"],
                layer["name"],
                layer["version"],
                date.fromisoformat(layer["valid_from"]),
            ),
            ReadOptions(),
        )
    opened.imports.load(
        owner("5119"),
        [DATA / name for name in (*manifest["batch"]["plots"], manifest["batch"]["notes"])],
        batch=BATCH,
        area="5119",
        options=ReadOptions(),
        review_due=date(2023, 6, 30),
        rectify_due=date(2023, 11, 30),
    )
    mark(opened, "SC511923-2023-000001", "false_positive", reason="FP31", note="𠮷" * 100)
    mark(opened, "SC511923-2023-000003", "confirmed", violation="PR31", note="=堆放弃渣")


def mark(services: Services, number: str, value: str, **body: str) -> None:
    plot = services.store.plots.by_source(EVERYTHING, BATCH, number)
    command = Command("mark", f"e-{number}", plot.review.version, {"mark": value, **body})
    services.review.act(an_actor(Role.COUNTY, "511923"), plot.given.plot_id, command)


def plots(services: Services, where: Filter | None = None):
    return [
        p
        for chunk in services.store.plots.stream(EVERYTHING, where or Filter(batch=BATCH))
        for p in chunk
    ]


def read(out: Path, name: str):
    """Everything in a file, areas then points, by geopandas alone."""
    import geopandas
    import pandas as pd

    if name == "csv":
        table = pd.read_csv(out, dtype=str, keep_default_na=False)
        return [geopandas.GeoDataFrame(table, geometry=shapely.from_wkt(table["wkt"]))]
    if name == "xlsx":
        table = geopandas.read_file(out, layer="图斑", HEADERS="FORCE")
        return [geopandas.GeoDataFrame(table, geometry=shapely.from_wkt(table["wkt"]))]
    if name == "kmz":
        return [geopandas.read_file(f"/vsizip/{out}/doc.kml")]
    if name == "geoparquet":
        return [geopandas.read_parquet(out)]
    if name not in ("gpkg", "shp"):
        return [geopandas.read_file(out)]
    layers = ("plots", "plots_points") if name == "gpkg" else (out.stem, f"{out.stem}_points")
    return [geopandas.read_file(out, layer=layer) for layer in layers]


def said(cell: object) -> object:
    """A text cell of a data frame."""
    return cell if isinstance(cell, str) and cell else None


ASKED = [
    (form.name, encoding, f"EPSG:{code}")
    for form in FORMATS.values()
    for encoding in form.limits.encodings
    for code in form.limits.systems or (4490, 4524)
    if (form.name, encoding)
    != ("csv", "gb18030")  # pandas has no reader for both; see tests/exports
]


@pytest.mark.parametrize(("name", "encoding", "crs"), ASKED)
def test_the_sample_batch_comes_out_as_it_is(services, tmp_path, name, encoding, crs) -> None:
    out = tmp_path / f"r{FORMATS[name].suffix}"
    report = services.exports.write(
        owner("5119"), where=Filter(batch=BATCH), format=name, out=out, encoding=encoding, crs=crs
    )
    frames = read(out, name)
    assert (report.rows, report.points, sum(map(len, frames))) == (1299, 5, 1299)
    id_column, note, sent = (
        ("SRC_ID", "NOTE", "BZ") if name == "shp" else ("source_id", "note", "BZ")
    )
    found = {row[id_column]: row for one in frames for _, row in one.iterrows()}
    cut = {(x.source_id, x.column) for x in report.losses}
    came = plots(services)
    assert set(found) == {plot.given.source_id for plot in came}
    back = to_4490(
        np.array([found[p.given.source_id].geometry for p in came], dtype=object),
        known(int(crs[5:])),
    )
    given = shapely.from_wkb([p.given.wkb for p in came])
    assert float(np.max(shapely.hausdorff_distance(given, back))) < 9e-9
    for plot in came:
        row = found[plot.given.source_id]
        if (plot.given.source_id, sent) not in cut:
            came_as = plot.given.extra.get(sent, plot.given.fields.get("note_issued"))
            assert said(row[sent]) == came_as
        if (plot.given.source_id, note) not in cut:
            assert said(row[note]) == plot.review.note
    assert len(report.losses) <= 8


def test_planted_characters_and_long_notes_leave_unchanged(services, tmp_path) -> None:
    out = tmp_path / "r.zip"
    report = services.exports.write(owner("5119"), where=Filter(batch=BATCH), format="shp", out=out)
    areas, _ = read(out, "shp")
    text = "".join(str(value) for column in areas for value in areas[column])
    assert "𠮷" in text
    assert "䃅" in text
    long = [
        p.given.fields["note_issued"]
        for p in plots(services)
        if len(p.given.fields.get("note_issued") or "") >= 200
    ]
    assert len(long) == 5
    with zipfile.ZipFile(out) as file:
        beside = file.read("r_full_texts.csv").decode("utf-8-sig")
    assert all(note in beside for note in long)
    assert {x.full for x in report.losses if x.column == "BZ"} == set(long)
    assert list(areas[areas.SRC_ID == "SC511923-2023-000001"].CUT) == [1]


@pytest.mark.parametrize("name", ["shp", "gpkg", "geojson", "geoparquet", "flatgeobuf", "xlsx"])
def test_an_export_taken_in_again_changes_nothing(services, tmp_path, name) -> None:
    out = tmp_path / f"r{FORMATS[name].suffix}"
    crs = "EPSG:4490" if name == "geojson" else "EPSG:4524"
    services.exports.write(owner("5119"), where=Filter(batch=BATCH), format=name, out=out, crs=crs)
    layers = {"shp": ("r", "r_points"), "gpkg": ("plots", "plots_points")}
    head = services.store.ledger.head().seq
    unchanged = 0
    for layer in layers.get(name, (None,)):
        options = ReadOptions(layer=layer, crs=crs if name == "xlsx" else None)
        loaded = services.imports.load(
            owner("5119"), [out], batch=BATCH, area="5119", options=options
        )
        (file,) = loaded.files
        assert (file.stored, file.set_aside) == (0, ())
        unchanged += file.unchanged
    assert unchanged == 1299
    assert services.store.ledger.head().seq == head


def test_a_county_exports_its_own_plots_only(services, tmp_path) -> None:
    out = tmp_path / "r.gpkg"
    actor = an_actor(Role.COUNTY, "511923")
    report = services.exports.write(actor, where=Filter(batch=BATCH), format="gpkg", out=out)
    own = [p for p in plots(services) if p.review.county == "511923"]
    assert report.rows == len(own) > 0
    ids = {i for one in read(out, "gpkg") for i in one["source_id"]}
    assert ids == {p.given.source_id for p in own}
    with pytest.raises(NothingToExport):
        services.exports.write(
            actor,
            where=Filter(batch=BATCH, county="511921"),
            format="gpkg",
            out=tmp_path / "x.gpkg",
        )


def test_filters(services, tmp_path) -> None:
    where = Filter(batch=BATCH, county="511923", marks=("confirmed", "false_positive"))
    report = services.exports.write(
        owner("5119"), where=where, format="csv", out=tmp_path / "r.csv"
    )
    assert report.rows == 2
    assert [(x.column, x.code) for x in report.losses] == [("note", "quoted")]


def test_rows_for_a_notebook(services) -> None:
    made = frame(services.exports.rows(owner("5119"), Filter(batch=BATCH, county="511922")))
    assert len(made) == len([p for p in plots(services) if p.review.county == "511922"])
    assert {"area_m2", "TBBH", "hash"} <= set(made.columns)


def test_facts_and_marks_stand_in_their_columns(services, tmp_path) -> None:
    out = tmp_path / "r.zip"
    services.exports.write(owner("5119"), where=Filter(batch=BATCH), format="shp", out=out)
    row = read(out, "shp")[0].set_index("SRC_ID").loc["SC511923-2023-000003"]
    plot = services.store.plots.by_source(EVERYTHING, BATCH, "SC511923-2023-000003")
    assert (row.MARK, row.MARK_ST, row.REASON, row.DISORDER, row.NOTE) == (
        "confirmed",
        "draft",
        "PR31",
        "3",
        "=堆放弃渣",
    )
    assert ("511923", "平昌县", 3, plot.hash) == (row.ADCODE, row.COUNTY, row.VERSION, row.HASH)
    assert pytest.approx(plot.facts.area_m2, abs=0.005) == row.AREA_M2
    assert row.REV_AT.date() == date(2023, 6, 30)
    assert (row.REV_DUE.date(), row.REC_DUE.date()) == (date(2023, 6, 30), date(2023, 11, 30))
    assert row.ASOF == "2023-06-30T10:00:00"
    assert row.LAYER_VER == "v1"


def test_facts_behind_the_columns_can_be_traced(services, tmp_path) -> None:
    import geopandas

    out = tmp_path / "r.gpkg"
    where = Filter(batch=BATCH, county="511923")
    services.exports.write(owner("5119"), where=where, format="gpkg", out=out)
    table = geopandas.read_file(out, layer="facts")
    plot = services.store.plots.by_source(EVERYTHING, BATCH, "SC511923-2023-000003")
    rows = table[table.plot_id == plot.given.plot_id].set_index("kind")
    assert {"mgmt_area", "water", "river", "county", "township"} <= set(rows.index)
    assert rows.in_m2["mgmt_area"] == plot.facts.in_m2
    assert rows.name["river"] == plot.facts.river
    assert (rows.version["mgmt_area"], rows.code["county"]) == ("v1", plot.facts.county)
    assert "features" in json.loads(rows.detail["mgmt_area"])


def test_who_may_not(services, tmp_path) -> None:
    for role in (Role.TOWNSHIP, Role.ADMIN):
        with pytest.raises(Forbidden):
            services.exports.write(
                an_actor(role, "511923"),
                where=Filter(batch=BATCH),
                format="csv",
                out=tmp_path / "r.csv",
            )
    with pytest.raises(NotFound):
        services.exports.write(
            an_actor(Role.CITY, "5101"),
            where=Filter(batch=BATCH),
            format="csv",
            out=tmp_path / "r.csv",
        )
    for where in (Filter(batch=BATCH, marks=("wrong",)), Filter(batch=BATCH, stages=("nowhere",))):
        with pytest.raises(ExportOption):
            services.exports.write(owner("5119"), where=where, format="csv", out=tmp_path / "r.csv")
    assert list(tmp_path.iterdir()) == []


def test_names_of_people_stay_here_unless_asked_for(services, tmp_path) -> None:
    source = tmp_path / "named.geojson"
    feature = {
        "type": "Feature",
        "properties": {"TBBH": "X-1", "FHR": "张三", "复核时间": "2023-05-01", "JSDW": "某公司"},
        "geometry": json.loads(shapely.to_geojson(shapely.box(107.1, 31.56, 107.101, 31.561))),
    }
    source.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    services.imports.load(
        owner("5119"), [source], batch="named", area="5119", options=ReadOptions()
    )
    out = tmp_path / "r.csv"
    report = services.exports.write(
        owner("5119"), where=Filter(batch="named"), format="csv", out=out
    )
    assert "张三" not in out.read_text("utf-8-sig")
    assert "某公司" in out.read_text("utf-8-sig")
    assert report.options.left_out == ("FHR",)
    report = services.exports.write(
        owner("5119"), where=Filter(batch="named"), format="csv", out=out, personal=True
    )
    assert "张三" in out.read_text("utf-8-sig")
    assert (report.options.left_out, report.options.personal) == ((), ("FHR",))
    noted = services.store.access.entries(EVERYTHING, None, 1)[0]
    assert (noted.action, noted.subject, noted.area) == ("export_personal", "named", "5119")
    assert json.loads(noted.detail) == {"columns": ["FHR"]}
    with pytest.raises(Forbidden):
        services.exports.write(
            an_actor("gis", "5119"), where=Filter(batch="named"), format="csv", out=out,
            personal=True,
        )  # fmt: skip


def test_each_try_at_an_export_writes_into_a_folder_of_its_own(services) -> None:
    actor = an_actor(Role.CITY, "5119")
    asked = services.exports.ask(
        actor, where=Filter(batch=BATCH), format="csv", encoding="utf-8", crs="EPSG:4490"
    )
    first, second = (
        services.exports.make(actor, replace(asked, claim=replace(asked.claim, fence=fence)))
        for fence in (1, 2)
    )
    assert first["file"] != second["file"]
    assert first["losses"] == second["losses"]
    with pytest.raises(NotFound):
        services.exports.file(actor, asked.given.job_id)
