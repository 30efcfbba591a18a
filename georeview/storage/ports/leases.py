"""What holds for a time only, outside the ledger: who works on a plot, and who looks at it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from georeview.core.access import Scope
from georeview.core.locks import Lock
from georeview.storage.ports.plots import Plot

Wanted = TypeVar("Wanted", bound=Lock | None)


class Locks(Protocol):
    """Who works on which plot."""

    def change(self, scope: Scope, plot_id: str, judge: Callable[[Plot], Wanted]) -> Wanted:
        """Give a plot another lock, or none.

        Args:
            scope: What the person sees.
            plot_id: The plot.
            judge: Gives the lock to keep, or raises the refusal; called while the store's lock is
                held.

        Raises:
            NotFound: No such plot in this scope.
        """

    def release(self, user: str) -> None:
        """Let go of everything somebody holds."""

    def among(self, plot_ids: Sequence[str]) -> Mapping[str, Lock]:
        """Who holds some plots, or did last."""


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who has a plot open.

    Attributes:
        page: The page it is open in.
        plot_id: The plot.
        user: Sign-in name.
        name: Name shown to others.
        unit: The unit the person acts for.
        until: When this is over unless it is said again, ISO 8601 in UTC.
    """

    page: str
    plot_id: str
    user: str
    name: str
    unit: str
    until: str


class Presence(Protocol):
    """Who looks at which plot."""

    def put(self, present: Present) -> None:
        """Say what a page shows from now on."""

    def leave(self, page: str) -> None:
        """A page shows no plot any more."""

    def all(self, now: str) -> list[Present]:
        """Every page that shows a plot, by the names of the people."""
