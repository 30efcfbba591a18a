"""Files with something odd about them, and what becomes of each: plots read, rows set aside, flags.

``docs/incoming.md`` shows the outcome; ``scripts/incoming.py`` writes it there, a test holds it true.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from georeview import sandbox
from georeview.ingest import ReadOptions, beside
from tests.files import ids, projected, put, shapefile, squares, zipped
from tests.ingest.hostile.binary import block, dxf, insert
from tests.ingest.hostile.markup import gml
from tests.ingest.making import seven_zip, xlsx
from tests.ingest.test_dxf import outline
from tests.ingest.test_gdal import ARC

HERE = squares(2)
PARTS = {f"图斑{suffix}": data for suffix, data in shapefile(HERE).items()}
HEAD = ["TBBH", "JD", "WD", "面积"]
OUTCOMES = "tests.ingest.many:outcomes"
DRAWING = ReadOptions(crs="EPSG:4545", mapping={"source_id": "EntityHandle"})


def _nested(folder: Path, levels: int) -> Path:
    path = seven_zip(folder / "0.7z", PARTS)
    for level in range(1, levels + 1):
        path = zipped(folder / f"{level}.zip", {path.name: path.read_bytes()})
    return path


def _cells(*cells: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        rows = [[str(i), 106.75 + i / 100, 31.86, cell] for i, cell in enumerate(cells)]
        return xlsx(folder / "a.xlsx", {"图斑": [["某市图斑表"], [], HEAD, *rows]})

    return write


def _drawn(blocks: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        body = outline(projected(HERE, 4545)[0], "A1") + insert("b", "A2")
        (folder / "a.dxf").write_text(dxf(body, blocks), encoding="utf-8")
        return folder / "a.dxf"

    return write


def _arc(folder: Path) -> Path:
    (folder / "a.gml").write_text(gml(ARC))
    return folder / "a.gml"


def _bare(name: str, data: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return write


_PLACED = projected(HERE, 4545)[1]
CASES: Mapping[str, tuple[Callable[[Path], Path], ReadOptions]] = {
    "a 7z in a zip": (lambda folder: _nested(folder, 1), ReadOptions()),
    "a 7z in a zip in a zip in a zip": (lambda folder: _nested(folder, 3), ReadOptions()),
    "one deeper": (lambda folder: _nested(folder, 4), ReadOptions()),
    "RAR": (_bare("a.rar", b"Rar!\x1a\x07\x01\x00"), ReadOptions()),
    "RAR in a zip": (lambda f: zipped(f / "a.zip", {**PARTS, "照片.rar": b"Rar!\x1a\x07"}), ReadOptions()),
    "areas 3.5亩, 0.2公顷": (_cells("3.5亩", "0.2公顷"), ReadOptions()),
    "areas 约4亩, 3-4亩, 1,5": (_cells("约4亩", "3-4亩", "1,5"), ReadOptions()),
    "an arc": (_arc, ReadOptions()),
    "a block with a closed line": (_drawn(block("b", outline(_PLACED, "B1"))), DRAWING),
    "a block without": (_drawn(block("b", outline(_PLACED, "B1", closed=False))), DRAWING),
    "a block that holds itself": (_drawn(block("b", insert("b", "B1"))), DRAWING),
    "a table without places": (lambda f: xlsx(f / "a.xlsx", {"s": [["TBBH", "备注"], ["1", "x"]]}), ReadOptions()),
    "two areas in one place": (lambda f: put(f, shapefile([HERE[0]] * 2, [ids("1", "2")])), ReadOptions()),
}  # fmt: skip


def tried(folder: Path) -> dict[str, str]:
    """Case → what became of it."""
    made = []
    for n, (name, (write, options)) in enumerate(CASES.items()):
        here = folder / f"odd-{n}"
        here.mkdir(parents=True)
        made.append((name, beside(write(here)), options))
    found = sandbox.run(OUTCOMES, tuple(m[1] for m in made), tuple(m[2] for m in made), None)
    return {name: _told(outcome) for (name, _, _), outcome in zip(made, found, strict=True)}


def _told(outcome: Mapping[str, Any]) -> str:
    if outcome["code"] != "taken":
        return f"refused: `{outcome['code']}`"
    told = [f"{outcome['read']['kept']} read"]
    flags = dict.fromkeys(flag for plot in outcome["plots"] for flag in plot[4])
    notes = [note["code"] for note in outcome["read"]["notes"]]
    told += [f"row {row} set aside: `{code}`" for row, code in outcome["aside"]]
    return ", ".join(told + [f"`{code}`" for code in dict.fromkeys([*flags, *notes])])
