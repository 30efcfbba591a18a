import csv
import json
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from sample_data import boundaries, geography, rivers, truth
from sample_data.make import DATA, SEED, make_vectors

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

MU_COUNTY = "511922"


def read(path: str | Path, **options: str) -> "GeoDataFrame":
    import geopandas

    where = f"/vsizip/{path}" if str(path).endswith(".zip") else path
    return geopandas.read_file(where, engine="pyogrio", **options)


def plots_of(folder: Path) -> "GeoDataFrame":
    return read(folder / "plots_2023.zip", encoding="gb18030")


def truth_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def flaws_of(rows: list[dict[str, str]]) -> Counter[str]:
    return Counter(name for row in rows for name in row["defect"].split(";") if name)


def member(folder: Path, archive: str, ending: str) -> bytes:
    with zipfile.ZipFile(folder / archive) as file:
        return file.read(f"{Path(archive).stem}.{ending}")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return truth_of(DATA)


def test_the_batch_has_exactly_the_plots_of_each_county(rows):
    assert len({row["source_id"] for row in rows}) == len(rows) == 1299
    assert Counter(row["county"] for row in rows) == truth.COUNTY_PLOTS


def test_the_truth_has_exactly_the_planted_verdicts(rows):
    assert Counter(row["determination"] for row in rows) == {
        "problem": 24,
        "problem_historic": 5,
        "not_problem_historic": 40,
        "not_problem": 1230,
    }
    severities = Counter(row["severity"] for row in rows if row["severity"])
    assert severities == {"major": 3, "serious": 8, "general": 18}
    disorders = Counter(row["code"][:3] for row in rows if row["code"].startswith("PR"))
    assert disorders == {"PR1": 6, "PR2": 4, "PR3": 9, "PR4": 10}
    codes = Counter(row["code"] for row in rows)
    assert {code: codes[code] for code in ("FP21", "FP13", "FP31", "FP24", "FP61", "FP51")} == {
        "FP21": 430,
        "FP13": 150,
        "FP31": 150,
        "FP24": 120,
        "FP61": 40,
        "FP51": 5,
    }


def test_every_planted_defect_is_there(rows):
    assert flaws_of(rows) == {
        "wrong_type": 90,
        "area_in_mu": 268 - sum("point" in r["defect"] and r["county"] == MU_COUNTY for r in rows),
        "county_stated_wrong": 15,
        "two_counties": 12,
        "three_counties": 2,
        "far": 7,
        "no_county": 2,
        "layer_v1": 6,
        "self_crossing": 8,
        "reversed_ring": 4,
        "repeated_vertices": 3,
        "spike": 3,
        "zero_width": 2,
        "multipart": 10,
        "duplicate": 6,
        "tiny": 7,
        "sliver": 4,
        "point": 5,
        "z": 6,
        "dates_swapped": 4,
        "rare_name": 6,
        "long_note": 5,
    }


def test_the_attributes_are_gb18030_that_nothing_declares():
    table = member(DATA, "plots_2023.zip", "dbf")
    assert table[29] == 0
    assert "𠮷".encode("gb18030") in table
    assert "䃅".encode("gb18030") in table
    with zipfile.ZipFile(DATA / "plots_2023.zip") as file:
        assert sorted(name[-3:] for name in file.namelist()) == ["dbf", "prj", "shp", "shx"]
    assert {"𠮷家渡大桥", "䃅石河大桥"} <= set(plots_of(DATA)["XMMC"])


def test_ids_are_of_all_three_kinds(rows):
    ids = [row["source_id"] for row in rows]
    assert sum(one.isdigit() and len(one) == 19 for one in ids) == 30
    assert sum(one.startswith("00") for one in ids) == 25


def test_polygons_and_points_lie_in_zone_36_of_cgcs2000():
    plots = plots_of(DATA)
    points = read(DATA / "plots_2023_points.zip")
    assert (len(plots), len(points)) == (1294, 5)
    assert plots.crs.to_epsg() == points.crs.to_epsg() == 4524
    low_x, low_y, high_x, high_y = plots.total_bounds
    assert 36_337_971 < low_x < high_x < 36_481_267
    assert 3_453_166 < low_y < high_y < 3_631_847


def test_rings_are_stored_the_wrong_way_only_where_planted(rows):
    planted = {row["source_id"] for row in rows if "reversed_ring" in row["defect"]}
    crossing = {row["source_id"] for row in rows if "self_crossing" in row["defect"]}
    plots = plots_of(DATA)
    assert set(plots["TBBH"][~plots.geometry.is_valid]) >= crossing
    raw = member(DATA, "plots_2023.zip", "shp")
    turned, at, row = set(), 100, 0
    while at < len(raw):
        words = int.from_bytes(raw[at + 4 : at + 8], "big")
        parts, points = np.frombuffer(raw, "<i4", 2, at + 8 + 36)
        ring = np.frombuffer(raw, "<f8", 2 * points, at + 8 + 44 + 4 * parts).reshape(-1, 2)
        x, y = (ring - ring[0]).T
        if parts == 1 and np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) > 0:
            turned.add(plots["TBBH"][row])
        at, row = at + 8 + 2 * words, row + 1
    assert turned == planted


def test_only_six_plots_have_a_height(rows):
    planted = {row["source_id"] for row in rows if "z" in row["defect"].split(";")}
    plots = plots_of(DATA)
    xyz, owner = shapely.get_coordinates(plots.geometry.values, include_z=True, return_index=True)
    assert len(planted) == 6
    assert set(plots["TBBH"].to_numpy()[owner[xyz[:, 2] > 0]]) == planted


def test_one_county_states_its_areas_in_mu(rows):
    county = {row["source_id"]: row["county"] for row in rows}
    plots = plots_of(DATA)
    ratio = plots["JCMJ"] / shapely.area(shapely.make_valid(plots.geometry.values))
    in_mu = plots["TBBH"].map(county) == MU_COUNTY
    assert ratio[~in_mu].between(0.8, 1.2).all()
    assert (ratio[in_mu] * 10_000 / 15).between(0.8, 1.2).all()


def test_long_notes_are_whole_in_the_table_beside():
    notes = read(DATA / "plots_2023_notes.gpkg")
    assert [len(note) for note in notes["note"]] == [200] * 5
    short = plots_of(DATA).set_index("TBBH")["BZ"]
    for source_id, note in zip(notes["source_id"], notes["note"], strict=True):
        assert note.startswith(short[source_id])
        assert len(short[source_id].encode("gb18030")) <= 254


def test_the_published_line_says_of_each_plot_what_was_planted(rows):
    bands = {row["source_id"]: row["band"] for row in rows}
    areas = read(DATA / "mgmt_area_v1.zip").to_crs(4524)
    area = areas.union_all()
    shapely.prepare(area)
    plots = plots_of(DATA)
    shapes = shapely.make_valid(shapely.force_2d(plots.geometry.values))
    vertices = [shapely.get_coordinates(part) for part in shapely.get_parts(area.boundary)]
    pieces = [
        shapely.LineString(xy[low : low + 41])
        for xy in vertices
        for low in range(0, len(xy) - 1, 40)
    ]
    _, gap = shapely.STRtree(pieces).query_nearest(shapes, return_distance=True, all_matches=False)
    inside = shapely.intersects(area, shapely.point_on_surface(shapes))
    found = np.select([gap > 2000, gap < 10, inside], ["unknown", "critical", "in"], default="out")
    assert list(found) == list(plots["TBBH"].map(bands))
    assert Counter(bands.values()) == {"in": 1099, "out": 131, "critical": 60, "unknown": 9}


def test_the_management_line_is_dense_valid_and_wrong_where_planted():
    areas = read(DATA / "mgmt_area_v1.zip")
    assert areas.geometry.is_valid.all()
    assert 235_000 < shapely.get_num_coordinates(areas.geometry.values).sum() < 245_000
    river = next(one for one in rivers.build(SEED) if one.code == "SYN-R03")
    stretch = next(one for one in boundaries.ERRORS_V1 if one.code == river.code)
    true_left, _ = boundaries.corridor(river)
    left, _ = boundaries.corridor(river, [stretch])
    missing = shapely.difference(true_left, left)
    assert missing.area > 0.9 * 600 * (river.width_m.min() / 2 + 25)
    assert not shapely.intersects(left, shapely.buffer(shapely.Point(missing.centroid), 10))


def test_gcj02_moves_by_the_amount_known_for_the_city():
    place = np.array([[106.75, 31.86], [107.10, 31.563]])
    moved = geography.to_gcj02(place)
    east, north = (geography.to_metres(moved) - geography.to_metres(place)).T
    assert ((np.hypot(east, north) > 442) & (np.hypot(east, north) < 509)).all()
    azimuth = np.degrees(np.arctan2(east, north))
    assert ((azimuth > 115) & (azimuth < 127)).all()


def test_tributaries_end_on_a_vertex_of_what_they_join():
    lines = read(DATA / "river_v1.zip")
    vertices = {
        code: set(map(tuple, shapely.get_coordinates(line)))
        for code, line in zip(lines["river_code"], lines.geometry, strict=True)
    }
    joins = [
        (line.coords[-1], vertices[parent])
        for line, parent in zip(lines.geometry, lines["parent_cod"], strict=True)
        if parent in vertices
    ]
    assert len(joins) == 9
    assert all(end in vertices_of_main for end, vertices_of_main in joins)


def test_towns_fill_their_counties():
    towns = read(DATA / "town_v1.gpkg").to_crs(4545)
    counties = read(DATA / "county_v1.gpkg").to_crs(4545)
    for county in counties.itertuples():
        cells = towns[towns["adcode"].str.startswith(county.adcode)]
        assert 6 <= len(cells) <= 10
        assert (cells["adcode"].str.len() == 9).all()
        assert abs(cells.area.sum() / county.geometry.area - 1) < 1e-6


def test_permits_cover_what_needs_one_with_planted_faults():
    permits = read(DATA / "permit_v1.gpkg")
    assert len(permits) == permits["permit_no"].nunique() == 700
    assert (permits["valid_to"] < "2023-04-01").sum() == 40


def test_the_manifest_names_files_that_exist():
    manifest = json.loads((DATA / "manifest.json").read_text("utf-8"))
    named = [layer["file"] for layer in manifest["layers"]]
    named += [*manifest["batch"]["plots"], manifest["batch"]["notes"]]
    named += [*manifest["earlier"]["plots"], manifest["earlier"]["truth"]]
    assert all((DATA / name).exists() for name in named)
    assert "合成示例" in manifest["label"]


def test_committed_files_stay_small():
    sizes = [path.stat().st_size for path in DATA.iterdir()]
    assert max(sizes) < 1_400_000
    assert sum(sizes) < 6_000_000


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(made, tmp_path):
    again = make_vectors(tmp_path, 7)
    assert len(again) == 13
    assert [
        path.name for path in again if path.read_bytes() != (made / path.name).read_bytes()
    ] == []


@pytest.mark.slow
def test_another_seed_keeps_every_count(made, rows):
    other = truth_of(made)
    for column in ("county", "code", "severity", "band"):
        assert Counter(row[column] for row in other) == Counter(row[column] for row in rows)
    theirs, ours = flaws_of(other), flaws_of(rows)
    assert theirs.keys() == ours.keys()
    assert all(theirs[name] == ours[name] for name in ours if name != "area_in_mu")
    codes = {row["source_id"]: row["code"] for row in rows}
    assert sum(codes.get(row["source_id"]) == row["code"] for row in other) < 900
