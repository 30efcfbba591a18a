"""In, out and in again: the same plots, and the same values wherever the format can hold them."""

import hashlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from georeview.core.fields import EXPORT_FIELDS
from georeview.exports import FORMATS, made
from georeview.exports.base import Columns, ExportReport
from georeview.exports.spool import spool
from georeview.ingest import PlotRows, ReadOptions
from georeview.ingest.formats import READERS
from georeview.ingest.plots import read_plots
from tests.exports.rows import options

NEAR = 9e-9
"""A millimetre in degrees."""

BESIDE = {"shp": ".shp", "kmz": ".kmz"}
"""Suffix a packed file is read by."""

CHARACTERS = "水图斑号桥𠮷䃅𬇙é€aZ0 .,;:'\"<>&\\/()=+-@#%_|\n\t\u3000，。"
HIDDEN = CHARACTERS + "\x00\x07\x1b\x7f\u200e\u202e\ufffe\r"
IDS = st.text("0123456789", min_size=1, max_size=19)
VALUES = {
    "TBLX": st.one_of(st.none(), st.text(CHARACTERS, max_size=12)),
    "BZ": st.one_of(st.none(), st.text(HIDDEN, max_size=20), st.text("水𠮷", min_size=60)),
    "自定义的一列名称": st.one_of(st.none(), st.text(CHARACTERS, max_size=8)),
    "MARK": st.sampled_from(["原来的", "pending", None]),
    "整数": st.one_of(st.none(), st.integers(-(10**14), 10**14)),
    "大整数": st.integers(10**15, 2**63 - 1),
    "小数": st.one_of(st.none(), st.floats(-1e6, 1e6).map(lambda x: round(x, 6))),
    "日期": st.sampled_from(["2023-05-01", "2023年1月", None]),
}


@st.composite
def areas(draw: Any) -> shapely.Geometry:
    """A star-shaped area of some 10-100 m, now and then with a hole or a second part."""
    centre = draw(st.tuples(st.floats(106.6, 107.4), st.floats(31.5, 32.5)))
    corners = draw(st.integers(3, 12))
    reach = draw(st.lists(st.floats(0.5, 1.0), min_size=corners, max_size=corners))
    turn = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    ring = np.column_stack([np.cos(turn), np.sin(turn)]) * np.array(reach)[:, None] * 5e-4 + centre
    shape = shapely.Polygon(ring)
    if draw(st.booleans()) and corners > 4:
        shape = shapely.Polygon(ring, [(ring - centre) * 0.2 + centre])
    if draw(st.booleans()):
        shape = shapely.MultiPolygon([shape, shapely.transform(shape, lambda xy: xy + 0.01)])
    return shape


POINTS = st.builds(shapely.Point, st.floats(106.6, 107.4), st.floats(31.5, 32.5))


@st.composite
def sheets(draw: Any) -> list[tuple[shapely.Geometry, dict[str, object]]]:
    """Rows of a sender: all areas or all points, each with a number of its own."""
    shapes = draw(st.lists(draw(st.sampled_from([areas(), POINTS])), min_size=1, max_size=4))
    numbers = draw(st.lists(IDS, min_size=len(shapes), max_size=len(shapes), unique=True))
    return [
        (shape, {"TBBH": number, **{name: draw(value) for name, value in VALUES.items()}})
        for shape, number in zip(shapes, numbers, strict=True)
    ]


@dataclass
class Came:
    """Plots as they were read."""

    wkb: list[bytes]
    numbers: list[str]
    sent: Mapping[str, list[object]]


def read(path: Path, **given: Any) -> Came:
    """What the reader of plots makes of a file."""
    *parts, report = read_plots((path,), ReadOptions(**given))
    rows = [part for part in parts if isinstance(part, PlotRows)]
    assert not [aside for part in rows for aside in part.aside]
    names = dict.fromkeys(name for part in rows for name in (*part.fields, *part.extra))
    headers = {name: report.columns.get(name, name) for name in names}
    sent = {
        headers[name]: [
            value
            for part in rows
            for value in (
                part.extra.get(headers[name]) or part.fields.get(name) or [None] * len(part.row)
            )
        ]
        for name in names
    }
    numbers = [number for part in rows for number in part.source_id]
    wkb = [shape for part in rows for shape in part.wkb]
    order = sorted(range(len(numbers)), key=numbers.__getitem__)  # some formats sort by place
    return Came(
        [wkb[i] for i in order],
        [numbers[i] for i in order],
        {header: [values[i] for i in order] for header, values in sent.items()},
    )


def asked() -> list[Any]:
    """Every format that is read too, with its encodings and some systems."""
    return [
        pytest.param(form.name, encoding, code, id=f"{form.name}-{encoding}-{code}")
        for form in FORMATS.values()
        if BESIDE.get(form.name, form.suffix) in READERS
        for encoding in form.limits.encodings
        for code in (form.limits.systems[:1] or (4490, 4524, 4545, 32648))
    ]


@pytest.mark.parametrize(("name", "encoding", "code"), asked())
@settings(
    max_examples=5,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(rows=sheets())
def test_a_round_trip_changes_nothing(name: str, encoding: str, code: int, rows: Any) -> None:
    with tempfile.TemporaryDirectory() as made_here:
        folder = Path(made_here)
        first = read(sent_file(folder, rows))
        out, report = exported(folder, first, name, encoding, code)
        again = read(out, **layer_of(name, report), crs=f"EPSG:{code}")
    assert again.numbers == first.numbers
    one, two = (shapely.from_wkb(came.wkb) for came in (first, again))
    assert float(np.max(shapely.hausdorff_distance(one, two))) < NEAR
    assert list(shapely.get_num_coordinates(one)) == list(shapely.get_num_coordinates(two))
    written = {column.key: column.name for column in report.columns if not column.ours}
    lost = {(loss.column, loss.row) for loss in report.losses}
    for header, column in written.items():
        for row, value in enumerate(first.sent[header]):
            if (column, row + 1) not in lost:
                back = again.sent.get(column, [None] * len(again.numbers))[row]
                assert same(value, back, name), header


def sent_file(folder: Path, rows: Any) -> Path:
    features = [
        {"type": "Feature", "properties": values, "geometry": json.loads(shapely.to_geojson(shape))}
        for shape, values in rows
    ]
    path = folder / "sent.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def exported(
    folder: Path, came: Came, name: str, encoding: str, code: int
) -> tuple[Path, ExportReport]:
    """The plots as an export, with our columns as a store would fill them."""
    count = len(came.wkb)
    ours: dict[str, list[object]] = {field.name: [None] * count for field in EXPORT_FIELDS}
    ours |= {
        "plot_id": [f"p_{i}" for i in range(count)],
        "source_id": list(came.numbers),
        "version": [1] * count,
        "hash": [hashlib.sha256(number.encode()).hexdigest() for number in came.numbers],
        "mark": ["pending"] * count,
    }
    extras = {header: values for header, values in came.sent.items() if any(values)}
    wanted = options(encoding=encoding, crs=f"EPSG:{code}")
    spooled = spool([Columns(came.wkb, ours, extras)], folder, encoding, {})
    form = FORMATS[name]
    done = made(form, spooled, folder, f"out{form.suffix}", wanted)
    return folder / done.file, done.report


def layer_of(name: str, report: ExportReport) -> dict[str, str]:
    """Where a file holds several layers, the one with the rows."""
    return {"layer": "plots_points" if report.points else "plots"} if name == "gpkg" else {}


def same(one: object, other: object, name: str) -> bool:
    """Equal, where an empty text is none and a table of texts holds a number as a text."""
    if name in ("kml", "kmz"):  # blanks round a text are those of its layout
        one, other = (value.strip() if isinstance(value, str) else value for value in (one, other))
    if one in (None, "") or other in (None, ""):
        return one in (None, "") and other in (None, "")
    if isinstance(one, float | int) or isinstance(other, float | int):
        return float(str(one)) == float(str(other))
    return str(one) == str(other)
