"""The first events of a file's plots, judged once for all of them."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from georeview.core.access import Actor, Role
from georeview.core.deadlines import day_of
from georeview.core.ledger import Pattern, Repeat, Value
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
        self._dispatched: dict[str, Pattern] = {}

    def events(
        self,
        plot_id: str,
        event_ids: tuple[str, str],
        *,
        county: str | None,
        body: Mapping[str, Value],
    ) -> tuple[Repeat, ...]:
        """The first events of one plot.

        Args:
            plot_id: The new plot.
            event_ids: Identifiers for the two events.
            county: County of the largest share; ``None`` leaves the plot with the city.
            body: Where it came from (batch, number, file, row, hash of the geometry).
        """
        first = Repeat(self._imported, event_ids[0], plot_id, body)
        if county is None:
            return (first,)
        if county not in self._dispatched:
            self._dispatched[county] = self._dispatch(county)
        sent = self._dispatched[county]
        return first, Repeat(sent, event_ids[1], plot_id, sent.draft.body)

    def _dispatch(self, county: str) -> Pattern:
        sent = sent_to(county, self._now)
        said: dict[str, Value] = {"county": county, "auto": True}
        return Pattern(self._make(self._held, Command("dispatch", "", 1), body=said, after=sent))
