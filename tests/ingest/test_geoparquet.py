"""Parquet with shapes, in each of the ways in which it may hold them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow.parquet import write_table

from georeview.ingest import geoarrow
from tests.files import squares
from tests.ingest.making import typed_parquet
from tests.ingest.taken import take

RING = st.integers(3, 9).flatmap(
    lambda n: st.tuples(st.floats(107, 107.2), st.floats(31.5, 31.6), st.floats(1e-4, 1e-2)).map(
        lambda at: shapely.Point(at[0], at[1]).buffer(at[2], quad_segs=n)
    )
)
SHAPE = st.one_of(
    RING,
    RING.map(lambda ring: shapely.Polygon(ring.exterior, [ring.buffer(-5e-5).exterior])),
    st.none(),
)


def native(shapes: list[Any], kind: str, *, interleaved: bool, dimensions: str = "xy") -> pa.Array:
    """A column of GeoArrow, list by list."""

    def numbers(xy: Any) -> Any:
        return (
            list(map(float, xy))
            if interleaved
            else dict(zip(dimensions, map(float, xy), strict=True))
        )

    def ring(line: Any) -> list[Any]:
        z = "z" in dimensions
        return [numbers(xy) for xy in shapely.get_coordinates(line, include_z=z).tolist()]

    def polygon(one: Any) -> list[Any]:
        return [ring(one.exterior), *map(ring, one.interiors)]

    made = {
        "point": lambda one: ring(one)[0],
        "linestring": ring,
        "polygon": polygon,
        "multipolygon": lambda one: list(map(polygon, one.geoms)),
    }[kind]
    floats = pa.float64()
    stored: Any = (
        pa.list_(floats, len(dimensions))
        if interleaved
        else pa.struct([(d, floats) for d in dimensions])
    )
    for _ in range(geoarrow._LISTS[kind]):
        stored = pa.list_(stored)
    return pa.array([None if one is None else made(one) for one in shapes], stored)


@given(st.lists(SHAPE, min_size=1, max_size=6), st.booleans(), st.booleans(), st.integers(0, 2))
@settings(max_examples=60)
def test_shapes_come_out_as_they_went_in(
    shapes: list[Any], interleaved: bool, several: bool, start: int
) -> None:
    if several:
        shapes = [
            one and shapely.MultiPolygon([one, shapely.transform(one, lambda xy: xy + 1)])
            for one in shapes
        ]
    kind = "multipolygon" if several else "polygon"
    column = native(shapes, kind, interleaved=interleaved)[start:]
    assert geoarrow.fits(kind, column.type)
    found = geoarrow.geometries(column, kind)
    assert list(shapely.to_wkb(found)) == list(
        shapely.to_wkb(np.array(shapes[start:], dtype=object))
    )


def test_one_broken_ring_spoils_no_other_row(tmp_path: Path) -> None:
    column = native(squares(3), "polygon", interleaved=False).to_pylist()
    column[1][0] = column[1][0][:2]
    cells = pa.array(column, native(squares(1), "polygon", interleaved=False).type)
    taken = take(described(tmp_path, cells, "polygon"))
    assert list(taken.plots) == ["0", "2"]
    assert taken.aside == {2: "bad_geometry"}


def described(folder: Path, cells: pa.Array, encoding: str, **about: Any) -> Path:
    """GeoParquet with a description."""
    table = pa.table({"TBBH": [str(i) for i in range(len(cells))], "geometry": cells})
    column = {"encoding": encoding, "geometry_types": [], **about}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), folder / "a.parquet")
    return folder / "a.parquet"


@pytest.mark.parametrize("interleaved", [True, False])
def test_heights_are_told_and_left(tmp_path: Path, interleaved: bool) -> None:
    high = [shapely.force_3d(squares(1)[0], 12.0)]
    cells = native(high, "polygon", interleaved=interleaved, dimensions="xyz")
    (plot,) = take(described(tmp_path, cells, "polygon")).plots.values()
    assert plot.flags == ["z_dropped"]
    assert shapely.from_wkb(plot.wkb).equals(squares(1)[0])


def test_points_and_closed_lines_are_plots(tmp_path: Path) -> None:
    for kind, shapes in (
        ("point", [square.centroid for square in squares(2)]),
        ("linestring", [shapely.LineString(square.exterior.coords) for square in squares(2)]),
    ):
        cells = native([*shapes, None], kind, interleaved=False)
        taken = take(described(tmp_path, cells, kind))
        assert list(taken.plots) == ["0", "1"]
        assert taken.aside == {3: "empty_geometry"}


@pytest.mark.parametrize("crs", [None, "EPSG:4490", {"id": {"authority": "EPSG", "code": 4490}}])
def test_geoarrow_needs_no_description_of_geoparquet(tmp_path: Path, crs: object) -> None:
    cells = native(squares(2), "polygon", interleaved=True)
    about = {
        b"ARROW:extension:name": b"geoarrow.polygon",
        b"ARROW:extension:metadata": json.dumps({"crs": crs}).encode(),
    }
    schema = pa.schema(
        [pa.field("TBBH", pa.string()), pa.field("where", cells.type, metadata=about)]
    )
    write_table(pa.table([pa.array(["1", "2"]), cells], schema=schema), tmp_path / "a.parquet")
    taken = take(tmp_path / "a.parquet", crs=None if crs else "EPSG:4490")
    assert list(taken.plots) == ["1", "2"]
    assert taken.read["crs"] == "EPSG:4490"


@pytest.mark.parametrize("crs", ["EPSG:4490", "srid:4490", "OGC:CRS84", ""])
def test_the_type_of_parquet_says_the_system(tmp_path: Path, crs: str) -> None:
    wkb = [*shapely.to_wkb(np.array(squares(1))).tolist(), None]
    taken = take(typed_parquet(tmp_path / "a.parquet", {"TBBH": ["1", "2"]}, wkb, crs))
    assert list(taken.plots) == ["1"]
    assert taken.aside == {2: "empty_geometry"}
    assert taken.read["crs"] == ("EPSG:4490" if "4490" in crs else "EPSG:4326")
