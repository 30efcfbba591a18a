"""A plot that is several things becomes several plots, and back (T32, T33).

The parts are plots of their own from their first event on; the plot they were cut from lies
``merged`` and names them. Parts go with the step that undoes it, as long as none has gone on.
"""

from collections.abc import Sequence
from datetime import datetime

from georeview.core.access import Actor, Role
from georeview.core.ledger import Draft, Pattern, Value
from georeview.core.plot import Review, Stage
from georeview.core.procedure import Command
from georeview.core.review import draft
from georeview.errors.review import PartsGoneOn

BEFORE = "~"
"""Stands between the number of a plot and that of its part: ``SC511921-2023-000123~1``."""

EARLY = frozenset({Stage.IMPORTED, Stage.AT_COUNTY, Stage.REFUSED, Stage.AT_TOWN, Stage.IN_REVIEW})
"""Stages in which a part can still be taken back."""


def first_step(
    parent: str, actor: Actor, role: Role, *, area: str, now: datetime
) -> tuple[Pattern, ...]:
    """What is done first with every part: it is there, with the city, and says what it is part of."""
    taken: dict[str, Value] = {"stage": Stage.IMPORTED.value, "area": area, "parent": parent}
    made = draft(Review(""), Command("import", "", 0), actor, role, body={}, after=taken, now=now)
    return (Pattern(made),)


def next_numbers(number: str, taken: Sequence[str], n: int) -> list[str]:
    """Numbers for parts of a plot behind those that there were: whatever they are, none comes twice.

    Args:
        number: The plot's own.
        taken: Numbers that begin with it.
        n: How many are needed.
    """
    start = number + BEFORE
    ends = (one.removeprefix(start) for one in taken if one.startswith(start))
    last = max((int(end) for end in ends if end.isascii() and end.isdigit()), default=0)
    return [f"{start}{last + k}" for k in range(1, n + 1)]


def taken_back(
    parts: Sequence[Review], command: Command, actor: Actor, role: Role, now: datetime
) -> list[Draft]:
    """The events by which parts go when the plot is whole again.

    Raises:
        PartsGoneOn: One of them is past its review.
    """
    there = [part for part in parts if part.stage != Stage.WITHDRAWN]
    gone = [part.plot_id for part in there if part.stage not in EARLY]
    if gone:
        raise PartsGoneOn(plots=", ".join(gone))
    after: dict[str, Value] = {"stage": Stage.WITHDRAWN.value, "left_stage": None, "undone": True}
    return [
        draft(
            part,
            Command(command.action, f"{command.event_id}-{n}", part.version),
            actor,
            role,
            body={"parent": part.course.parent},
            after=after,
            now=now,
        )
        for n, part in enumerate(there, 1)
    ]
