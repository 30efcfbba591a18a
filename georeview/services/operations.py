"""Whether this process can serve: what ``/readyz`` asks, and what opening the services asks."""

from contextlib import suppress
from datetime import datetime, timedelta

from georeview.clock import SHANGHAI, Clock
from georeview.core.jobs import JobState
from georeview.errors import Unavailable
from georeview.errors.store import ClockBehind
from georeview.meter import Figure
from georeview.settings import Settings
from georeview.storage.files import Files
from georeview.storage.ports.store import Store

UP = "Whether the store could be read just now."
CLOCK_SLACK = timedelta(minutes=5)
"""How far the clocks of several servers may differ before one of them counts as wrong."""


class OperationsService:
    """What whoever keeps the service running asks for."""

    def __init__(self, store: Store, files: Files, clock: Clock, settings: Settings) -> None:
        self._store = store
        self._files = files
        self._clock = clock
        self._settings = settings

    def check(self) -> None:
        """Refuse unless everything a request may need is there.

        The store can be read and written and is migrated, the disk has room, the home can be
        written and is the store's own, and the clock has not fallen behind the ledger.

        Raises:
            Unavailable: Something is not; the class says what.
        """
        self._store.ready()
        self.check_home()
        self._files.need_room(self._settings.min_free_mb * 2**20)
        self._files.need_writable()
        self._check_clock()

    def figures(self) -> list[Figure]:
        """What ``/metrics`` looks up when it is asked; what cannot be read now is left out."""
        floor = self._settings.min_free_mb * 2**20
        found = [
            Figure(
                "georeview_home_floor_bytes", "Free room under which nothing is taken in.", floor
            )
        ]
        with suppress(Unavailable):
            free = self._files.room()
            found.append(Figure("georeview_home_free_bytes", "Free room in the home.", free))
        try:
            head = self._store.ledger.head()
            jobs = self._store.jobs.counts()
        except Unavailable:
            return [*found, Figure("georeview_store_up", UP, 0)]
        return [
            *found,
            Figure("georeview_store_up", UP, 1),
            Figure("georeview_ledger_events", "Events in the ledger.", head.seq),
            *(
                Figure("georeview_jobs", "Jobs by state.", jobs.get(state, 0), {"state": state})
                for state in JobState
            ),
        ]

    def check_home(self) -> None:
        """Hold the home to the store; the first store that uses a home marks it.

        Raises:
            Unavailable: They do not belong together.
        """
        used = self._store.ledger.head().seq > 0
        self._files.belong(self._store.store_id(), used=used)

    def _check_clock(self) -> None:
        """Notice a clock that was set back.

        Nothing rests on it: events are ordered by their number, whatever time they say. But the
        times people will read are wrong, and only an administrator can mend that.
        """
        for event in self._store.ledger.events(self._store.ledger.head().seq - 1):
            at = datetime.fromisoformat(event.recorded_at)
            if at > self._clock() + CLOCK_SLACK:
                raise ClockBehind(last=at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"))
