"""What becomes of each row of a file, written down so that every one of them can be reached.

One line of JSON a row, file after file. A cursor is a place in that file of lines, so the
millionth row costs no more to reach than the first, and nothing is held in memory.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import shapely

from georeview.ingest import Flag

MENDED = frozenset(
    {
        "arcs_straightened",
        "block_placed",
        "left_out",
        "line_closed",
        "m_dropped",
        "outline_cleaned",
        "parts_dropped",
        "parts_overlap",
        "ring_repaired",
        "ring_reversed",
        "z_dropped",
    }
)
"""Flags of what was put right by a rule; every other flag is for a person to look at."""

KINDS = ("stored", "changed", "unchanged", "joined", "set_aside", "mended", "warned")
"""What rows can be asked for by: the five outcomes, and of the stored ones those with flags."""

TOGETHER = 2_000
"""Rows that are written down together."""


class Outcome(StrEnum):
    """What becomes of a row; the five add up to the rows of a file."""

    STORED = "stored"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    JOINED = "joined"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class RowTold:
    """One row.

    Attributes:
        row: Its row in the file, from 1.
        source_id: Number as issued; ``None`` where there is none or nobody looked again.
        outcome: What becomes of it.
        flags: Why it was set aside, or what there is to know about it.
        wkb: As it would be stored, EPSG:4490.
        county: Name of the county that holds its largest share.
    """

    row: int
    source_id: str | None
    outcome: Outcome
    flags: tuple[Flag, ...] = ()
    wkb: bytes | None = None
    county: str | None = None


Tell = Callable[[int, Iterable[RowTold]], None]
"""Is given rows of the n-th file, from 0, as they are decided."""


def untold(_file: int, _rows: Iterable[RowTold]) -> None:
    """Nobody asks about single rows."""


def kinds_of(row: RowTold) -> list[str]:
    """Its outcome, and whether it was mended or is to be looked at."""
    if row.outcome not in (Outcome.STORED, Outcome.CHANGED):
        return [row.outcome.value]
    codes = {flag.code for flag in row.flags}
    more = (("mended", codes & MENDED), ("warned", codes - MENDED))
    return [row.outcome.value, *(name for name, found in more if found)]


@dataclass(frozen=True, slots=True)
class Wish:
    """Which rows are wanted; ``None`` is any.

    Attributes:
        kind: One of ``KINDS``.
        code: A flag they carry.
        file: Number of the file, from 0.
        row: Its row in the file, from 1.
        flagged: Only rows that there is something to say about.
    """

    kind: str | None = None
    code: str | None = None
    file: int | None = None
    row: int | None = None
    flagged: bool = False

    def met(self, line: Mapping[str, Any]) -> bool:
        """Whether a row is wanted."""
        return (
            (self.kind is None or self.kind in line["kinds"])
            and (self.code is None or any(flag["code"] == self.code for flag in line["flags"]))
            and (self.file is None or self.file == line["file"])
            and (self.row is None or self.row == line["row"])
            and (bool(line["flags"]) or not self.flagged)
        )


class Lines:
    """Rows written down, counted on the way, and read again.

    Args:
        path: Where the lines are; not there before the first is added.

    Attributes:
        kinds: How many of the rows added here are of each kind.
        codes: How many of them carry each flag.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.kinds: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()

    def add(self, file: int, rows: Iterable[RowTold]) -> None:
        """Write rows of the n-th file, from 0."""
        remaining = iter(rows)
        with self._path.open("ab") as out:
            while some := list(islice(remaining, TOGETHER)):
                out.writelines(self._lines(file, some))

    def _lines(self, file: int, rows: Sequence[RowTold]) -> Iterator[bytes]:
        shapes = shapely.from_wkb(np.array([row.wkb for row in rows], dtype=object))
        boxes = shapely.bounds(shapes).round(7).tolist()
        outlines = shapely.to_geojson(shapes)
        for row, box, outline in zip(rows, boxes, outlines, strict=True):
            kinds = kinds_of(row)
            self.kinds.update(kinds)
            self.codes.update({flag.code for flag in row.flags})
            # An outline that nothing is to be said about is in the picture of the whole.
            shown = row.flags and outline
            line = {
                "file": file,
                "row": row.row,
                "source_id": row.source_id,
                "kinds": kinds,
                "flags": [{"code": flag.code, "facts": dict(flag.facts)} for flag in row.flags],
                "county": row.county,
                "bbox": None if row.wkb is None else box,
                "after": orjson.Fragment(shown) if shown else None,
            }
            yield orjson.dumps(line) + b"\n"

    def read(self, wish: Wish, *, start: int = 0) -> Iterator[tuple[int, dict[str, Any]]]:
        """Wanted rows from a place in the lines on, each with the place behind it."""
        if not self._path.exists():
            return
        with self._path.open("rb") as lines:
            lines.seek(start)
            for text in lines:
                start += len(text)
                # A line in which the wanted flag is not even named need not be understood.
                if wish.code is not None and wish.code.encode() not in text:
                    continue
                line = orjson.loads(text)
                if wish.met(line):
                    yield start, line
