"""What people may ask for at random, whether they may have it or not."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from georeview.core.codes import MEASURES, REFUSALS, REOPENINGS, RETURNS
from georeview.core.commands import ACTION_FIELDS
from georeview.core.procedure import TRANSITIONS

DOC = "巴河办〔2023〕12号"
TEXT = ("说明", "现场复查")
DAYS = ("2023-05-03", "2023-05-04", "2023-06-20", "2024-06-01", "2026-01-05")
VALUES: Mapping[str, Sequence[object]] = {
    "text": TEXT,
    "note": TEXT,
    "county": ("511922", "511923"),
    "township": ("511923001",),
    "document_no": (DOC,),
    "date": DAYS,
    "recheck": DAYS,
    "finish": DAYS,
    "second": ("li", "liu"),
    "percent": (10, 60),
    "target": ("p2",),
    "point": ("107.1,31.5",),
    "layer_version": ("v2",),
    "unit": TEXT,
    "person": TEXT,
    "sample": TEXT,
    "area_m2": ("120",),
    "to": ("watch", "rectify_plan", "closed", "zhao"),
    "code": (*REFUSALS, *RETURNS, *REOPENINGS, "notice"),
    "measure": tuple(sorted(MEASURES)),
}

Choose = Callable[[Sequence[Any]], Any]
"""Takes one of several values."""

ACTIONS = (*TRANSITIONS, "mark", "submit", "approve", "accept_problem")


def body_of(action: str, choose: Choose) -> dict[str, object]:
    """What a step may carry: all it needs, and some of the rest."""
    body = {}
    for field in ACTION_FIELDS[action]:
        known = VALUES.get(field.name)
        if field.choices and (known is None or field.name in ("mark", "to", "code")):
            known = field.choices
        needed = any(field.name in step.needs for step in TRANSITIONS[action])
        if known and (needed or field.name in ("area_m2", "note") or choose((True, False))):
            body[field.name] = choose(known)
    return body
