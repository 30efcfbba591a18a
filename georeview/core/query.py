"""What a list of plots is asked for: values only; the store turns them into conditions."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Sort = Literal["source_id", "area_m2", "updated_at", "due_on", "risk"]
SORTS: tuple[Sort, ...] = ("risk", "source_id", "area_m2", "updated_at", "due_on")
MAX_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on plots, all of which must hold; ``None`` and empty ask for nothing.

    Attributes:
        batch: Batch name.
        county: County code.
        township: Township code.
        marks: Any of these marks.
        stages: Any of these stages.
        determination: Determination.
        reason: FP or PR code.
        assignee: Sign-in name.
        overdue_on: Still to be reviewed on this day although due before it.
        q: Text found in number, river, township, county, place or issued type.
        bbox: West, south, east, north in degrees (EPSG:4490); met by the plot's own box.
        updated_since: ISO instant; changed at or after it.
    """

    batch: str | None = None
    county: str | None = None
    township: str | None = None
    marks: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    determination: str | None = None
    reason: str | None = None
    assignee: str | None = None
    overdue_on: date | None = None
    q: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    updated_since: str | None = None


@dataclass(frozen=True, slots=True)
class PageOf:
    """Which part of a list: order, length and where the last part ended."""

    sort: Sort = "source_id"
    descending: bool = False
    limit: int = 100
    after: tuple[str | float | int | None, str] | None = None
