"""Files as a city office gets them by mail, made of the sample's plots."""

from pathlib import Path

import numpy as np
import shapely

from georeview.geometry import crs
from sample_data import boundaries, rivers, writers
from sample_data.make import DATA, SEED, counties
from tests.files import Column, ids, projected, shapefile, squares, wkt, zipped

ROWS = 60


def without_prj(folder: Path, *, n: int = ROWS) -> Path:
    """A GBK shapefile in a zip that names no coordinate system and holds a few faults.

    Its eastings fit two systems, a kilometre and a half apart: only one brings the plots to their
    rivers. Row 2 crosses itself, row 3 has no number, and row 5 the number of row 4.
    """
    import pyogrio

    frame = pyogrio.read_dataframe(f"/vsizip/{DATA / 'plots_2023.zip'}", encoding="gb18030")
    frame = frame[(frame.XZQMC == "平昌县") & (frame.geom_type == "Polygon")].head(n)
    shapes = _in_degrees(frame.geometry.to_numpy())
    west, south, east, north = shapes[1].bounds
    shapes[1] = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    numbers = [f"补2024-{row:04d}" for row in range(1, n + 1)]
    numbers[2], numbers[4] = "", numbers[3]
    columns: list[Column] = [
        ("TBBH", "C", 24, numbers),
        ("TBLX", "C", 40, frame.TBLX.fillna("").tolist()),
        ("QSX", "C", 10, ["2022-03-05"] * n),
        ("HSX", "C", 10, ["2023-02-11"] * n),
        ("SHUOMING", "C", 40, ["合成示例数据"] * n),
    ]
    parts = shapefile(projected(shapes, 4544), columns, encoding="gbk", prj=None)
    members = {f"图斑{suffix}": data for suffix, data in parts.items()}
    return zipped(folder / "平昌县补充图斑.zip", members)


def two_layers(folder: Path) -> Path:
    """Two shapefiles in a zip: one names no system, one has the number in a column of its own."""
    here = squares(2)
    one = shapefile(projected(here[:1], 4545), [ids("A1")], prj=None)
    columns = [ids("B1", name="BIANHAO"), ("MJ", "C", 9, ["3.4"])]
    other = shapefile(projected(here[1:], 4524), columns, prj=wkt(4524))
    members = {f"甲, 一{k}": v for k, v in one.items()} | {f"乙{k}": v for k, v in other.items()}
    return zipped(folder / "a.zip", members)


def _in_degrees(shapes: np.ndarray) -> list[shapely.Geometry]:
    """Shapes of the sample's file, which lie in zone 36, as longitude and latitude."""
    return list(shapely.transform(shapes, lambda xy: crs.inverse(xy, crs.known(4524))))


def repaired(folder: Path) -> Path:
    """The sample's management areas without the errors that its first version was given."""
    path = folder / "管理范围2024.zip"
    writers.write_layer_zip(path, boundaries.mgmt_area(rivers.build(SEED), counties(), ()))
    return path
