"""The first events of a file's plots, judged once for all of them."""

from datetime import datetime
from functools import partial

from georeview.core.access import Actor, Role
from georeview.core.deadlines import day_of
from georeview.core.ledger import Pattern, Value
from georeview.core.plot import Review, Stage
from georeview.core.procedure import Command
from georeview.core.review import draft


def sent_to(county: str, now: datetime) -> dict[str, Value]:
    """What a dispatch to a county makes of a plot that nobody has reviewed."""
    return {
        "stage": Stage.AT_COUNTY.value,
        "county": county,
        "area": county,
        "dispatched_on": day_of(now).isoformat(),
    }


class Intake:
    """The first events of the plots of one file: taken in and, if possible, dispatched.

    What is the same for all plots is judged and written once, for a file may hold a million.

    Args:
        actor: Who takes the batch in.
        role: In which role.
        area: Area code of the batch.
        now: Server time.
    """

    def __init__(self, actor: Actor, role: Role, *, area: str, now: datetime) -> None:
        self._now = now
        self._make = partial(draft, actor=actor, role=role, now=now)
        taken: dict[str, Value] = {"stage": Stage.IMPORTED.value, "area": area}
        imported = self._make(Review(""), Command("import", "", 0), body={}, after=taken)
        self._imported = Pattern(imported)
        self._held = Review("", version=1, stage=Stage.IMPORTED.value, area=area)
        self._steps: dict[str | None, tuple[Pattern, ...]] = {}

    def steps(self, county: str | None) -> tuple[Pattern, ...]:
        """What is done first with a plot, in order; the same object for all of a county.

        The first of them is asked with a body of its own: where the plot came from (batch, number,
        file, row, hash of the geometry).

        Args:
            county: County of the largest share; ``None`` leaves the plot with the city.
        """
        if county not in self._steps:
            sent = () if county is None else (self._dispatch(county),)
            self._steps[county] = (self._imported, *sent)
        return self._steps[county]

    def _dispatch(self, county: str) -> Pattern:
        sent = sent_to(county, self._now)
        said: dict[str, Value] = {"county": county, "auto": True}
        return Pattern(self._make(self._held, Command("dispatch", "", 1), body=said, after=sent))
