"""Plots that come again: what makes two plots of different batches one place, and what follows.

A number's suffix is only a hint, for numbers are opaque and used again; the shapes decide. Nothing
is inherited by itself: what was said before is shown, and proposed, never taken over.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

SAME_IOU: Final = 0.5
SAME_IOU_OF_BASE: Final = 0.3
OVERLAP_COVER: Final = 0.2
OVERLAP_M2: Final = 50.0
NEAR_M: Final = 20.0
"""Defaults of this product, not official ones."""

NEAR_DEGREES: Final = 0.0005
"""More than 20 m, as far north as 60°."""

_SUFFIX: Final = re.compile(r"[-_]\d{1,2}$")


class Relation(StrEnum):
    """How a plot lies to one of an earlier batch, the closest first."""

    SAME = "same"
    OVERLAP = "overlap"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Earlier:
    """A plot of an earlier batch, and what became of it.

    Attributes:
        plot_id: Its id.
        batch: Its batch.
        source_id: Its number as issued.
        wkb: Its shape, EPSG:4490.
        mark: Its mark.
        reason: Reason of a false positive.
        violation: Class of a violation.
        outcome: What it was closed as, ``None`` while it is open.
    """

    plot_id: str
    batch: str
    source_id: str
    wkb: bytes
    mark: str
    reason: str | None
    violation: str | None
    outcome: str | None


def alike(one: str, other: str) -> bool:
    """Whether two numbers are one but for the short suffix that a plot gets which comes again."""
    return bool({one, _SUFFIX.sub("", one)} & {other, _SUFFIX.sub("", other)})


def seen_before(lineage: Iterable[Mapping[str, Any]]) -> int:
    """How often a place was seen in earlier batches, from the lineage that stands in its facts."""
    return len({row["batch"] for row in lineage if row["relation"] == Relation.SAME})


def around_box(box: Sequence[float]) -> tuple[float, float, float, float]:
    """A box of degrees with all that lies near it."""
    west, south, east, north = box
    return west - NEAR_DEGREES, south - NEAR_DEGREES, east + NEAR_DEGREES, north + NEAR_DEGREES
