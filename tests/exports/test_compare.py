"""The comparer: a file in which anything was changed behind the writer's back is refused."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from georeview.errors.exports import ExportDiffers
from georeview.exports import FORMATS, made
from georeview.exports.base import Losses
from georeview.exports.compare import compare
from georeview.exports.spool import spool
from tests.exports.rows import HOLED, POINT, SQUARE, a_chunk, options, written

ROWS = {
    "note": ["未见异常", "已拆除", "复核"],
    "area_m2": [1683.52, 20.5, None],
    "version": [2, 3, 4],
    "marked_on": ["2023-06-30", None, "2023-07-01"],
}


def rows():
    return [a_chunk([SQUARE, HOLED, POINT], **ROWS)]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("note", "未见异样"),
        ("area_m2", 1683.53),
        ("version", 9),
        ("marked_on", "2023-06-29"),
        ("note", None),
    ],
)
def test_a_flipped_value_is_refused(tmp_path, name, column, value) -> None:
    form = FORMATS[name]

    def reopen(path, plan):
        wanted = next(c.name for c in plan.columns if c.ours and c.key == column)
        for found in form.reopen(path, plan):
            held = list(found.values[wanted])
            if len(held) > 1:
                held[0] = value
            yield replace(found, values={**found.values, wanted: held})

    spooled = spool(rows(), tmp_path, "utf-8", {})
    made(form, spooled, tmp_path, f"r{form.suffix}", options())
    again = tmp_path / "again"
    again.mkdir()
    with pytest.raises(ExportDiffers) as refused:
        made(replace(form, reopen=reopen), spooled, again, f"r{form.suffix}", options())
    assert refused.value.facts["plot"] == "0" * 19


def flip(path, before: bytes, after: bytes) -> None:
    data = path.read_bytes()
    at = data.rindex(before)  # extents in headers come first
    path.write_bytes(data[:at] + after + data[at + len(before) :])


@pytest.mark.parametrize(
    ("name", "part", "before", "after"),
    [
        ("shp", "out.dbf", "异常".encode(), "正常".encode()),
        ("shp", "out.dbf", b"1683.52", b"1683.54"),
        ("shp", "out.dbf", b"20230630", b"20230629"),
        ("shp", "out.shp", np.float64(31.5604).tobytes(), np.float64(31.56041).tobytes()),
        ("csv", "", b"1683.52", b"1683.53"),
        ("csv", "", b"31.5604", b"31.5605"),
        ("geojson", "", b"2023-06-30", b"2023-06-31"),
        ("geojson", "", b"31.5604", b"31.5605"),
        ("gpkg", "", "异常".encode(), "正常".encode()),
    ],
)
def test_a_byte_flipped_in_the_file_is_refused(tmp_path, name, part, before, after) -> None:
    form = FORMATS[name]
    spooled, plan, losses, path = written(form, rows(), tmp_path)
    compare(spooled.chunks(), form.reopen(path, plan), plan, losses, form.limits)
    flip(path / part if part else path, before, after)
    with pytest.raises(ExportDiffers):
        compare(spooled.chunks(), form.reopen(path, plan), plan, losses, form.limits)


def test_a_missing_row_is_refused(tmp_path) -> None:
    form = FORMATS["csv"]
    spooled, plan, losses, path = written(form, rows(), tmp_path)
    path.write_text(
        "".join(path.read_text("utf-8-sig").splitlines(keepends=True)[:-1]), "utf-8-sig"
    )
    with pytest.raises(ExportDiffers):
        compare(spooled.chunks(), form.reopen(path, plan), plan, losses, form.limits)


def test_a_row_too_many_is_refused(tmp_path) -> None:
    form = FORMATS["csv"]
    spooled, plan, losses, path = written(form, rows(), tmp_path)
    lines = path.read_text("utf-8-sig").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[-1]]), "utf-8-sig")
    with pytest.raises(ExportDiffers):
        compare(spooled.chunks(), form.reopen(path, plan), plan, losses, form.limits)


def test_a_loss_that_is_not_listed_is_refused(tmp_path) -> None:
    form = FORMATS["shp"]
    chunk = a_chunk([SQUARE], note=["水" * 100])
    spooled, plan, losses, path = written(form, [chunk], tmp_path)
    assert len(losses) == 1
    with pytest.raises(ExportDiffers):
        compare(spooled.chunks(), form.reopen(path, plan), plan, Losses(), form.limits)


def test_parts_in_another_order_are_the_same_shape(tmp_path) -> None:
    form = FORMATS["geojson"]
    spooled, plan, losses, path = written(form, [a_chunk([HOLED])], tmp_path)
    turned = shapely.MultiPolygon([HOLED.geoms[1], HOLED.geoms[0]])

    def reopen():
        for found in form.reopen(path, plan):
            yield replace(found, geoms=np.array([turned], dtype=object))

    compare(spooled.chunks(), reopen(), plan, losses, form.limits)


@pytest.mark.parametrize("shift", [2e-8, -2e-8, 1.0])
def test_a_vertex_that_moved_by_two_millimetres_is_refused(tmp_path, shift) -> None:
    form = FORMATS["geojson"]
    spooled, plan, losses, path = written(form, [a_chunk([HOLED, SQUARE])], tmp_path)
    xy = shapely.get_coordinates(SQUARE)
    xy[1, 1] += shift

    def reopen():
        for found in form.reopen(path, plan):
            yield replace(found, geoms=np.array([HOLED, shapely.Polygon(xy)], dtype=object))

    with pytest.raises(ExportDiffers):
        compare(spooled.chunks(), reopen(), plan, losses, form.limits)
