"""The sample's planted truth: what was drawn on, in and beside the line is found there."""

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely

from georeview.geometry import crs
from georeview.geometry.repair import repair
from georeview.overlay.engine import compute
from georeview.overlay.index import LayerFeature, prepare
from tests.overlay.scene import NOW, scalars

SAMPLE = Path(__file__).parents[2] / "sample_data" / "data"
CODE = {"river": "river_code", "county": "adcode", "town": "adcode", "permit": "permit_no"}

pytestmark = pytest.mark.slow


def _read(name, encoding=None):
    import pyogrio

    meta, _, geoms, columns = pyogrio.raw.read(SAMPLE / name, encoding=encoding)
    lonlat = crs.to_4490(shapely.from_wkb(geoms), crs.parse(meta["crs"]))
    return lonlat, dict(zip(meta["fields"], (list(c) for c in columns), strict=True))


def _layer(row):
    lonlat, columns = _read(row["file"])
    features = [
        LayerFeature(wkb, code, name, {"kind": kind, "valid_to": until, "permit_no": code})
        for wkb, code, name, kind, until in zip(
            shapely.to_wkb(lonlat),
            columns[CODE.get(row["kind"], "code")],
            columns["name"],
            columns.get("kind", [None] * len(lonlat)),
            columns.get("valid_to", [None] * len(lonlat)),
            strict=True,
        )
    ]
    return prepare(row["kind"], row["name"], row["version"], features)


@pytest.fixture(scope="module")
def found():
    """Columns and planted truth, row by row."""
    manifest = json.loads((SAMPLE / "manifest.json").read_text("utf-8"))
    geoms, ids, types = [], [], []
    for name in manifest["batch"]["plots"]:
        lonlat, columns = _read(name, "gb18030")
        geoms.append(repair(lonlat).geoms)
        ids += columns["TBBH"]
        types += columns["TBLX"]
    layers = {row["kind"]: _layer(row) for row in manifest["layers"]}
    table = compute(ids, list(shapely.to_wkb(np.concatenate(geoms))), types, layers, NOW)
    with (SAMPLE / "truth.csv").open(encoding="utf-8-sig") as file:
        truth = {row["source_id"]: row for row in csv.DictReader(file)}
    return [(row, truth[row["plot_id"]]) for row in scalars(table)]


def test_every_plot_lies_in_the_band_it_was_drawn_in(found):
    assert len(found) == 1_299
    assert [(row["band"], true["band"]) for row, true in found if row["band"] != true["band"]] == []
    assert Counter(row["band"] for row, _ in found)["critical"] == 60


def test_counties_are_found_and_nobody_is_dropped(found):
    assert sum(row["county"] is None for row, _ in found) == 2
    assert sum(row["multi_county"] for row, _ in found) == 14
    wrong = [row for row, true in found if row["county"] and row["county"] != true["county"]]
    assert wrong == []


def test_no_true_problem_is_suggested_away_and_most_suggestions_are_right(found):
    said = [(row["suggestion"], true["code"]) for row, true in found if row["suggestion"]]
    assert len(said) > 700
    assert sum(guess == true for guess, true in said) > 0.95 * len(said)
    assert [guess for guess, true in said if true.startswith("PR")] == []
