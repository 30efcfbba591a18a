"""Taking a plot for review, keeping it longer, and letting go of it."""

from georeview.clock import Clock
from georeview.core.access import Action, Actor, need
from georeview.core.locks import Lock, holds_back, in_force, lease
from georeview.core.review import possible
from georeview.errors.review import ActionNotAllowed, PlotLocked
from georeview.services.plots import seen_by
from georeview.settings import Settings
from georeview.storage.ports.plots import Plot
from georeview.storage.ports.store import Store


class LockService:
    """Who works on which plot."""

    def __init__(self, store: Store, clock: Clock, settings: Settings) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings

    def take(self, actor: Actor, plot_id: str, *, over: bool = False) -> Lock:
        """Lock a plot for oneself, or keep it longer.

        Args:
            actor: Who is going to review it.
            plot_id: The plot.
            over: Whether also when somebody else has it.

        Raises:
            NotFound: The plot is not visible to the actor.
            Forbidden: The actor does not mark here, or may not take over.
            ActionNotAllowed: In its stage nothing is marked.
            PlotLocked: Somebody else has it.
        """
        now = self._clock()

        def judge(plot: Plot) -> Lock:
            who, area = actor.on(plot.given.batch), plot.review.area
            need(who, Action.MARK, area)
            if over:
                need(who, Action.TAKE_OVER, area)
            if Action.MARK.value not in possible(plot.review, who):
                raise ActionNotAllowed(action="lock", stage=str(plot.review.stage))
            held = plot.lock
            if held and not over and holds_back(held, Action.MARK.value, actor.user, now):
                raise PlotLocked(plot=plot_id, who=held.name, unit=held.unit, until=held.until)
            return lease(actor, now, self._settings.lock_minutes).lock

        return self._store.locks.change(seen_by(actor), plot_id, judge)

    def release(self, actor: Actor, plot_id: str) -> None:
        """Let go of a plot; over somebody else's head for who may.

        Raises:
            NotFound: The plot is not visible to the actor.
            Forbidden: The actor does not mark here, or may not release what somebody else has.
        """
        now = self._clock()

        def judge(plot: Plot) -> None:
            held = in_force(plot.lock, now)
            others = held is not None and held.user != actor.user
            right = Action.TAKE_OVER if others else Action.MARK
            need(actor.on(plot.given.batch), right, plot.review.area)

        self._store.locks.change(seen_by(actor), plot_id, judge)
