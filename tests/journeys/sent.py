"""Files as a city office gets them by mail, made of the sample's plots."""

from collections.abc import Sequence
from pathlib import Path

import shapely

from georeview.ingest import ReadOptions
from georeview.ingest.plots import PlotRow, read_plots
from sample_data.make import DATA
from tests.files import Column, projected, shapefile, zipped

ROWS = 60


def sample_rows(n: int = ROWS) -> Sequence[PlotRow]:
    """Plots of one county with single outlines, as the sample has them."""
    rows = read_plots((DATA / "plots_2023.zip",), ReadOptions()).rows
    single = [
        row
        for row in rows
        if row.fields.get("county_stated") == "平昌县"
        and shapely.from_wkb(row.wkb).geom_type == "Polygon"
    ]
    return single[:n]


def without_prj(folder: Path, *, n: int = ROWS) -> Path:
    """A GBK shapefile in a zip that names no coordinate system and holds a few faults.

    Its eastings fit two systems, a kilometre and a half apart: only one brings the plots to their
    rivers. Row 2 crosses itself, row 3 has no number, and row 5 the number of row 4.
    """
    rows = sample_rows(n)
    shapes = [shapely.from_wkb(row.wkb) for row in rows]
    west, south, east, north = shapes[1].bounds
    shapes[1] = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    numbers = [f"补2024-{row:04d}" for row in range(1, n + 1)]
    numbers[2], numbers[4] = "", numbers[3]
    kinds = [str(row.fields.get("type_issued") or "") for row in rows]
    areas = [f"{row.fields.get('area_stated_m2') or 0:.1f}".rjust(12) for row in rows]
    notes = [str(row.fields.get("note_issued") or "")[:10] for row in rows]
    columns: list[Column] = [
        ("TBBH", "C", 24, numbers),
        ("TBLX", "C", 40, kinds),
        ("MJ", "C", 12, areas),
        ("QSX", "C", 10, ["2022-03-05"] * n),
        ("HSX", "C", 10, ["2023-02-11"] * n),
        ("SHUOMING", "C", 40, notes),
    ]
    parts = shapefile(projected(shapes, 4544), columns, encoding="gbk", prj=None)
    return zipped(
        folder / "平昌县补充图斑.zip", {f"图斑{suffix}": data for suffix, data in parts.items()}
    )
