"""Who has failed to sign in too often lately, and for how long nobody more is let try."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from georeview.clock import Clock
from georeview.errors import TooOften
from georeview.storage.ports.store import Store

FAILURES_BEFORE_PAUSE = 5
PAUSE = timedelta(minutes=10)


class Pauses:
    """Failures of accounts (``user:…``), and of addresses with passwords and with keys."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def check(self, *whos: str) -> None:
        """Refuse while any of these pauses.

        Raises:
            TooOften: Too many failures lately.
        """
        now = self._clock()
        for who in whos:
            over = _over(who, self._store.people.failures(who, (now - PAUSE).isoformat()), now)
            if over is not None:
                raise TooOften(seconds=max(1, int((over - now).total_seconds())))

    def failed(self, *whos: str) -> None:
        """Note that somebody failed."""
        now = self._clock()
        for who in whos:
            self._store.people.failed(who, now.isoformat(), (now - PAUSE).isoformat())

    def of_users(self) -> dict[str, datetime]:
        """The accounts that pause now, each with when its pause is over."""
        now = self._clock()
        every = self._store.people.every_failure((now - PAUSE).isoformat())
        found = {
            who.removeprefix("user:"): _over(who, failures, now)
            for who, failures in every.items()
            if who.startswith("user:")
        }
        return {user: over for user, over in found.items() if over is not None}


def _over(who: str, failures: Sequence[str], now: datetime) -> datetime | None:
    """When the pause after these failures is over, ``None`` when there is none."""
    # What a clock that has since been set back dated into the future would last too long.
    told = [at for at in failures if at <= now.isoformat()]
    allowed = FAILURES_BEFORE_PAUSE if who.startswith("user:") else 10 * FAILURES_BEFORE_PAUSE
    return datetime.fromisoformat(told[-allowed]) + PAUSE if len(told) >= allowed else None
