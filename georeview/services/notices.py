"""The inbox: what came back to me, what my unit was sent, what is due and what is late."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from georeview.clock import SHANGHAI, Clock
from georeview.core.access import Action, Actor, Scope, may, scope_of
from georeview.core.clocks import SOON
from georeview.core.deadlines import later
from georeview.core.notices import Told, told
from georeview.core.query import Filter, PageOf
from georeview.services.calendar import calendar_with
from georeview.services.plots import PlotService
from georeview.storage.ports import Json
from georeview.storage.ports.notices import Notice
from georeview.storage.ports.store import Store

KIND = "notices"
DAYS = 60
"""How long a notice is shown."""

MOST = 100
STEP = 200
FIRST = 5000
"""With how many of its last events a store begins that is older than its notices."""


@dataclass(frozen=True, slots=True)
class Item:
    """One notice as a person sees it.

    Attributes:
        name: What it is called when it is read.
        kind: What it tells.
        plots: Of how many plots.
        batch: Of which batch, all when empty.
        plot_id: The plot, when it is one.
        at: When it was last added to, ISO 8601 UTC.
        seq: What it has come to.
        read: Whether the person has read all of it.
    """

    name: str
    kind: str
    plots: int
    batch: str
    plot_id: str | None
    at: str
    seq: int
    read: bool


class NoticeService:
    """Telling people, and what they have been told."""

    def __init__(self, store: Store, plots: PlotService, clock: Clock) -> None:
        self._store = store
        self._plots = plots
        self._clock = clock

    # Telling -------------------------------------------------------------------------------------

    def due(self) -> Iterator[tuple[str, Json]]:
        """Whether events wait to be told of: the name that only one job has."""
        since, end = self._since(), self._store.ledger.head().seq
        if since < end:
            yield f"{KIND} {since} {self._clock():%Y%m%d%H}", {}

    def tell(self) -> int:
        """Turn events into notices; each is told once, however often this is begun.

        Returns:
            How many events were looked at.
        """
        since = begun = self._since()
        while step := self._store.feed.changes(since, STEP):
            since = step[-1].event.seq
            found: list[Told] = [one for change in step for one in told(change)]
            self._store.notices.tell(KIND, found, since, self._clock().isoformat())
        return since - begun

    def _since(self) -> int:
        done = self._store.notices.done(KIND)
        return max(0, self._store.ledger.head().seq - FIRST) if done is None else done

    # The inbox -----------------------------------------------------------------------------------

    def inbox(self, actor: Actor) -> list[Item]:
        """What the actor was told: what is late and due first, then the newest.

        A plot's notice goes to whoever holds the role where the plot lay at the event.
        """
        read = self._store.notices.read(actor.user)
        today = self._clock().astimezone(SHANGHAI).date()
        since = (today - timedelta(days=DAYS)).isoformat()
        roles = [(g.role.value, Scope((g.area,))) for g in actor.grants]
        found = self._store.notices.of(actor.user, roles, since, MOST)
        shown = [
            _item(one, read.get(str(one.number), -1)) for one in found if _concerns(one, actor)
        ]
        return [*self._dates(actor, today, read.get), *shown]

    def _dates(self, actor: Actor, today: date, read: Callable[[str, int], int]) -> Iterator[Item]:
        """What is late, due soon, or to be decided; new each day, and when it grows."""
        if may(actor, Action.ESCALATE):
            proposed = self._store.escalations.proposed(scope_of(actor, Action.ESCALATE))
            if proposed:
                name = f"escalation_proposed {today.isoformat()}"
                seen, at = read(name, -1) >= proposed, self._clock().isoformat()
                yield Item(name, "escalation_proposed", proposed, "", None, at, proposed, seen)
        if not may(actor, Action.MARK):
            return
        late = self._count(actor, today)
        calendar = calendar_with(self._store.around().own_days)
        soon = self._count(actor, later(today, SOON + 1, calendar)) - late
        for kind, n in (("overdue", late), ("due_soon", soon)):
            name = f"{kind} {today.isoformat()}"
            if n:
                seen = read(name, -1) >= n
                yield Item(name, kind, n, "", None, self._clock().isoformat(), n, seen)

    def _count(self, actor: Actor, day: date) -> int:
        page = self._plots.page(actor, Filter(overdue_on=day), PageOf(limit=1), count=True)
        return page.matched or 0

    def set_read(self, actor: Actor, names: Sequence[str]) -> None:
        """Keep that the actor has read these; those that are none of the actor's are passed over."""
        wanted = set(names)
        read = {item.name: item.seq for item in self.inbox(actor) if item.name in wanted}
        if read:
            self._store.notices.set_read(actor.user, read)


def _concerns(notice: Notice, actor: Actor) -> bool:
    """Nobody is told of his own step, nor of a batch that none of his grants of that role names."""
    if notice.user_name:
        return True
    if notice.actor == actor.user and notice.plots == 1:
        return False
    return any(
        g.role.value == notice.role
        and g.covers(notice.area)
        and (not g.batches or notice.batch in g.batches)
        for g in actor.grants
    )


def _item(notice: Notice, read: int) -> Item:
    return Item(
        name=str(notice.number),
        kind=notice.kind,
        plots=notice.plots,
        batch=notice.batch,
        plot_id=notice.plot_id if notice.plots == 1 else None,
        at=notice.at,
        seq=notice.seq,
        read=read >= notice.seq,
    )
