"""What becomes of each row of a file, written down so that every one of them can be reached.

One line of JSON a row, file after file. A cursor is a place in that file of lines, so the
millionth row costs no more to reach than the first, and nothing is held in memory.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from georeview.ingest import Flag

MENDED = frozenset(
    {
        "outline_cleaned",
        "parts_dropped",
        "ring_repaired",
        "ring_reversed",
        "z_dropped",
    }
)
"""Flags of what was put right by a rule; every other flag is for a person to look at."""


class Outcome(StrEnum):
    """What becomes of a row; the four add up to the rows of a file."""

    STORED = "stored"
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
