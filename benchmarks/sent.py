"""``python -m benchmarks.sent N FOLDER``: a shapefile as a ministry sends it, of any size, from one seed.

GBK without a ``.cpg``, columns of the field dictionary, CGCS2000 in degrees. Shapes are written by
GDAL, the table by ourselves: GDAL would say which encoding it is in.
"""

import struct
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks import synthetic
from georeview.geometry import measure
from georeview.geometry.systems import known

CHUNK = 20_000
COUNTIES = ("巴州区", "恩阳区", "南江县", "通江县", "平昌县")
CODES = ("511902", "511903", "511922", "511921", "511923")
KINDS = ("疑似采砂", "临河房屋", "桥梁", "坑塘养殖", "拦河闸坝(橡胶坝)", "其他水利工程")
RIVERS = ("巴河", "恩阳河", "南江河", "大通江", "小通江", "澌滩河")
COLUMNS = (
    ("TBBH", "C", 20, 0), ("PC", "C", 12, 0), ("TBLX", "C", 30, 0), ("BHLX", "C", 8, 0),
    ("QSX", "C", 8, 0), ("HSX", "C", 8, 0), ("SJY", "C", 20, 0), ("JCMJ", "N", 14, 2),
    ("XZQDM", "C", 6, 0), ("XZQMC", "C", 20, 0), ("XZMC", "C", 30, 0), ("XXDZ", "C", 80, 0),
    ("JD", "N", 12, 7), ("WD", "N", 11, 7), ("HLMC", "C", 30, 0), ("SFFWN", "C", 2, 0),
    ("BZ", "C", 100, 0), ("OBJECTID", "N", 9, 0),
)  # fmt: skip
"""Name, dBASE letter, width, decimals."""


def write(plots: int, folder: Path) -> Path:
    """Write the parts of ``sent.shp`` into a folder."""
    path = folder / "sent.shp"
    city = synthetic.city(1)
    with path.with_suffix(".table").open("wb") as table:
        table.write(_head(plots))
        for first in range(0, plots, CHUNK):
            shapes = np.array(synthetic.plots(city, min(CHUNK, plots - first), first), dtype=object)
            _write_shapes(path, shapes, more=first > 0)
            table.write(_records(shapely.from_wkb(shapes), first).tobytes())
        table.write(b"\x1a")
    path.with_suffix(".table").replace(path.with_suffix(".dbf"))
    path.with_suffix(".prj").write_text(known(4490).wkt, encoding="ascii")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    return path


def _write_shapes(path: Path, shapes: NDArray[np.object_], *, more: bool) -> None:
    from pyogrio.raw import write as write_shapes

    nothing = np.zeros(len(shapes), dtype=np.int32)
    write_shapes(
        str(path), shapes, [nothing], ["n"], geometry_type="Polygon", crs="EPSG:4490",
        driver="ESRI Shapefile", append=more,
    )  # fmt: skip


def _head(plots: int) -> bytes:
    size = 1 + sum(width for _, _, width, _ in COLUMNS)
    start = 33 + 32 * len(COLUMNS)
    head = struct.pack("<4B I H H 20x", 3, 123, 4, 10, plots, start, size)
    for name, letter, width, decimals in COLUMNS:
        head += struct.pack("<11sc4xBB14x", name.encode(), letter.encode(), width, decimals)
    return head + b"\r"


def _records(shapes: NDArray[np.object_], first: int) -> NDArray[np.uint8]:
    """Records (n, length) of plots from a number on."""
    cells = [_fixed(column, width) for column, (_, _, width, _) in zip(
        _columns(shapes, first), COLUMNS, strict=True
    )]  # fmt: skip
    mark = np.full((len(shapes), 1), ord(" "), dtype=np.uint8)
    return np.hstack([mark, *cells])


def _fixed(column: Sequence[str], width: int) -> NDArray[np.uint8]:
    data = b"".join(cell.encode("gbk").ljust(width) for cell in column)
    return np.frombuffer(data, dtype=np.uint8).reshape(len(column), width)


def _columns(shapes: NDArray[np.object_], first: int) -> Iterator[list[str]]:
    """The columns in order, a cell a row."""
    rows = range(first + 1, first + 1 + len(shapes))
    random = np.random.default_rng(first)
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    stated = measure.area(shapes) * random.uniform(0.98, 1.02, len(shapes))
    yield [f"SC5119{row:010d}" for row in rows]
    yield ["2023-01"] * len(rows)
    yield [KINDS[row * 7 % 6] for row in rows]
    yield ["新增" if row % 3 else "扩建" for row in rows]
    yield [f"2022{1 + row % 12:02d}{1 + row % 28:02d}" for row in rows]
    yield [f"2023{1 + row % 6:02d}{1 + row % 28:02d}" for row in rows]
    yield ["高分二号" if row % 2 else "北京三号" for row in rows]
    yield [f"{area:.2f}".rjust(14) for area in stated.tolist()]
    yield [CODES[row % 5] for row in rows]
    yield [COUNTIES[row % 5] for row in rows]
    yield [f"{RIVERS[row % 6]}镇" for row in rows]
    yield [f"{COUNTIES[row % 5]}{RIVERS[row % 6]}镇第{row % 97}村{row}号附近" for row in rows]
    yield [f"{lon:.7f}".rjust(12) for lon in middle[:, 0].tolist()]
    yield [f"{lat:.7f}".rjust(11) for lat in middle[:, 1].tolist()]
    yield [RIVERS[row * 5 % 6] for row in rows]
    yield ["是" if row % 4 else "否" for row in rows]
    yield [f"第{row}号图斑,影像可见堆放物" if row % 10 == 0 else "" for row in rows]
    yield [str(row).rjust(9) for row in rows]


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
