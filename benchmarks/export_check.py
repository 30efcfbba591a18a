"""``python -m benchmarks.export_check FORMAT FOLDER``: the same rows in both files, or an error."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import shapely

from benchmarks.harness import AnswersDiffer
from georeview.core.fields import EXPORT_FIELDS

ID, NOTE = (
    next(n for n, field in enumerate(EXPORT_FIELDS) if field.name == name)
    for name in ("source_id", "note")
)
AREA = 1e-6
"""How far total areas may differ, as a part."""

Answer = tuple[list[str], list[str], float]


def main(name: str, folder: Path) -> None:
    """Ids and notes row by row, and the total area."""
    ours, theirs = _answer(name, folder / "ours"), _answer(name, folder / "peer")
    for what, mine, other in zip(("ids", "notes"), ours, theirs, strict=False):
        if mine != other:
            raise AnswersDiffer(f"{name}: {what} differ")
    if abs(ours[2] - theirs[2]) > AREA * theirs[2]:
        raise AnswersDiffer(f"{name}: areas differ")


def _answer(name: str, path: Path) -> Answer:
    if name == "xlsx":
        return _sheet(path.with_suffix(".xlsx"), linked=path.stem == "ours")
    import geopandas

    if name == "geoparquet":
        frame = geopandas.read_parquet(path.with_suffix(".parquet"))
    elif name == "shp":
        frame = geopandas.read_file(path.with_suffix(".zip"))
    elif name == "gpkg":
        layer = "plots" if path.stem == "ours" else None
        frame = geopandas.read_file(path.with_suffix(".gpkg"), layer=layer)
    else:
        frame = geopandas.read_file(path.with_suffix(f".{name}"))
    ids, notes = frame.iloc[:, ID], frame.iloc[:, NOTE]
    return list(ids), _said(notes), float(shapely.area(frame.geometry.values).sum())


def _sheet(path: Path, *, linked: bool) -> Answer:
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()[1:]
    ids = [row[ID + linked] for row in rows]
    shapes = shapely.from_wkt([row[-1] for row in rows])
    return ids, _said([row[NOTE + linked] for row in rows]), float(shapely.area(shapes).sum())


def _said(cells: Sequence[Any]) -> list[str]:
    """Texts; an empty one and none are told apart by few formats."""
    return [cell if isinstance(cell, str) else "" for cell in cells]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
