"""What a list of plots is asked for: values only; the store turns them into conditions."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from georeview.clock import SHANGHAI
from georeview.core.conditions import Condition
from georeview.core.ledger import stamp
from georeview.errors import BadValue

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
        second_look: Whether a mark was made before another delivery changed the plot.
        conflict: Whether a record that came too late waits beside it to be settled.
        permit: Entry of the register of permits it rests on.
        without_permit_on: A work that needs a permit, and rests on none that holds on this day.
        permit_over_on: Closed on a permit that ran out before this day.
        facts_not_on: Layer versions text; its facts rest on others.
        updated_since: ISO instant; changed at or after it.
        condition: What else must hold, read from CQL2.
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
    second_look: bool = False
    conflict: bool = False
    permit: str | None = None
    without_permit_on: date | None = None
    permit_over_on: date | None = None
    facts_not_on: str | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class PageOf:
    """Which part of a list: order, length and where the last part ended."""

    sort: Sort = "source_id"
    descending: bool = False
    limit: int = 100
    after: tuple[str | float | int | None, str] | None = None


def box_of(text: str | None) -> tuple[float, float, float, float] | None:
    """``west,south,east,north`` in degrees as a box.

    Raises:
        BadValue: It is none.
    """
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadValue(field="bbox", value=text) from error
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadValue(field="bbox", value=text)
    return west, south, east, north


def instant_of(value: datetime | None) -> str | None:
    """An instant as the store compares it; without an offset it is local time.

    Raises:
        BadValue: No year of ours.
    """
    if value is None:
        return None
    aware = value if value.tzinfo else value.replace(tzinfo=SHANGHAI)
    if not 1900 <= aware.year <= 2200:
        raise BadValue(field="updated_since", value=str(value))
    return stamp(aware)
