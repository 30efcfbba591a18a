"""``python -m benchmarks.export_rows N FOLDER``: rows of an export, lying ready for both sides.

Plots of a city's rivers with the columns an export has, filled as in a batch that is half
reviewed, and a sender's own columns behind them; all from one seed.
"""

import pickle
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from benchmarks import synthetic
from benchmarks.export import PEERED
from georeview.core.fields import EXPORT_FIELDS, ExportField
from georeview.exports.base import Columns
from georeview.exports.spool import spool

SEED = 20231130
CHUNK = 2_000
"""Rows that come from the store together."""

SENT = ("TBLX", "XZQDM", "XZQMC", "HLMC", "QSX", "HSX", "SJY", "BZ")
WORDS = ("甲", "乙", "丙丁", None)
TOWNS = tuple(f"示例{n}镇" for n in range(60))
NOTES = ("", None, "现场未见异常", "堆放弃渣,已责令清理", "桥梁,有批复,不属于问题", "农用地翻耕")
KNOWN: Mapping[str, Sequence[str | None]] = MappingProxyType(
    {
        "mark": ("pending", "confirmed", "false_positive", "rectified"),
        "note": NOTES,
        "BZ": NOTES,
        "township_name": TOWNS,
        "XZQMC": TOWNS,
        "as_of": ("2023-11-30T18:00:00",),
    }
)


def chunks(plots: int) -> Iterator[Columns]:
    """All rows, chunk by chunk."""
    city = synthetic.city(SEED)
    for first in range(0, plots, CHUNK):
        count = min(CHUNK, plots - first)
        yield _chunk(synthetic.plots(city, count, SEED + first), first, count)


def _chunk(wkb: list[bytes], first: int, count: int) -> Columns:
    chance = np.random.default_rng(first)
    rows = range(first, first + count)
    values = {field.name: _values(field, rows, chance) for field in EXPORT_FIELDS}
    values["plot_id"] = [f"p_{row:032x}" for row in rows]
    values["source_id"] = [f"SC511923-2023-{row:06d}" for row in rows]
    values["hash"] = [f"{int(n):016x}" * 4 for n in chance.integers(1, 2**62, count)]
    extras = {
        "TBBH": values["source_id"],
        "JCMJ": chance.uniform(40, 60_000, count).round(2).tolist(),
        **{name: _texts(name, rows, WORDS) for name in SENT},
    }
    return Columns(wkb, values, extras)


def _values(field: ExportField, rows: range, chance: np.random.Generator) -> list[Any]:
    if field.kind == "text":
        return _texts(field.name, rows, ("1", "2") if field.width < 6 else WORDS)
    if field.kind == "date":
        return [f"2023-{1 + row % 12:02d}-{1 + row % 28:02d}" if row % 3 else None for row in rows]
    if field.kind == "integer":
        return chance.integers(0, 9, len(rows)).tolist()
    return chance.uniform(0, 1, len(rows)).round(field.decimals).tolist()


def _texts(name: str, rows: range, others: Sequence[str | None]) -> list[Any]:
    held = KNOWN.get(name, others)
    return [held[row % len(held)] for row in rows]


def main(plots: int, folder: Path) -> None:
    """Spool the rows for us, and pickle a GeoDataFrame for the peers."""
    (folder / "spool").mkdir()
    rows = spool(chunks(plots), folder / "spool", "utf-8", {})
    (folder / "rows.pickle").write_bytes(pickle.dumps(rows))
    if plots <= PEERED:
        from georeview.exports.frame import frame

        frame(chunks(plots)).to_pickle(folder / "frame.pickle")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
