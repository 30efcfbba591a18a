"""The daily look at what was closed on a permit for a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from georeview.clock import SHANGHAI, Clock
from georeview.core.access import EVERYTHING, Role
from georeview.core.notices import Told
from georeview.core.permit_watch import WATCH, asked_before, asking, ends_on, is_over
from georeview.core.permits import NOTICE_DAYS
from georeview.core.query import Filter
from georeview.services.ids import new_id
from georeview.storage.ports.ledger import Pending
from georeview.storage.ports.plots import Plot
from georeview.storage.ports.store import Store

KIND = "permits"
ENDING = "permit_ending"
TOLD = (Role.CITY, Role.COUNTY)
"""Who is told some time before."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What a look came to: plots for which the city was asked, and plots told of."""

    asked: int
    told: int


class PermitWatch:
    """Asks the city to reopen what a permit no longer covers, and tells before it comes to that."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def look(self) -> Watched:
        """Look once; a second look on the same day finds nothing more."""
        now = self._clock()
        today = now.astimezone(SHANGHAI).date()
        done = self._store.notices.done(KIND)
        since = today - timedelta(days=1) if done is None else date.fromordinal(done)
        soon = timedelta(days=NOTICE_DAYS)
        seq = self._store.ledger.head().seq
        asked, told = 0, list[Told]()
        for plots in self._closed(today + soon + timedelta(days=1)):
            ends = self._ends(plots)
            over = [plot for plot in plots if is_over(ends[plot.given.plot_id], today)]
            asked += self._ask(over, ends)
            for plot in plots:
                end = ends[plot.given.plot_id]
                if is_over(end, since + soon + timedelta(days=1)) or end is None:
                    continue
                for role in TOLD:
                    at = now.isoformat()
                    # Rising, so that a notice counts each of the plots it tells of.
                    told.append(_told(plot, role, today, seq + len(told), at))
        self._store.notices.tell(KIND, told, today.toordinal(), now.isoformat())
        return Watched(asked, len(told) // len(TOLD))

    def _closed(self, before: date) -> Iterator[list[Plot]]:
        for plots in self._store.plots.stream(EVERYTHING, Filter(permit_over_on=before)):
            yield list(plots)

    def _ends(self, plots: list[Plot]) -> dict[str, str | None]:
        ids = sorted({plot.review.permit_id for plot in plots if plot.review.permit_id})
        known = self._store.permits.some(EVERYTHING, ids)
        return {
            plot.given.plot_id: ends_on(plot.review, known.get(plot.review.permit_id or ""))
            for plot in plots
        }

    def _ask(self, plots: list[Plot], ends: dict[str, str | None]) -> int:
        drafts = []
        for plot in plots:
            end = str(ends[plot.given.plot_id])
            if plot.review.course.request is not None:
                continue
            history = self._store.ledger.history(EVERYTHING, plot.given.plot_id)
            if not asked_before(history, end):
                drafts.append(asking(plot.review, new_id(), end, self._clock()))
        if drafts:
            self._store.ledger.append([Pending(draft) for draft in drafts])
        return len(drafts)


def _told(plot: Plot, role: Role, today: date, seq: int, at: str) -> Told:
    return Told(
        kind=ENDING,
        user="",
        role=role.value,
        area=plot.review.area,
        day=today.isoformat(),
        plot_id=plot.given.plot_id,
        actor=WATCH.user,
        seq=seq,
        at=at,
    )
