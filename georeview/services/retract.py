"""Files taken back as one, as long as nobody has reviewed a plot of theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from georeview.clock import Clock
from georeview.core.access import Action, Actor, need, role_for
from georeview.core.deliveries import Delivery
from georeview.core.ledger import Draft, Value
from georeview.core.plot import Review
from georeview.errors import Forbidden, NotFound
from georeview.services.ids import new_id
from georeview.services.overlay import OverlayService
from georeview.services.plots import seen_by
from georeview.services.updates import given
from georeview.storage.ports import Import, NewPlot, Store, TakeBack


@dataclass(frozen=True, slots=True)
class Retracted:
    """What became of files that were taken back.

    Attributes:
        batch: Their batch.
        files: Their names.
        withdrawn: How many plots they had brought, now withdrawn.
        restored: How many plots they had changed, now what they were.
    """

    batch: str
    files: tuple[str, ...]
    withdrawn: int
    restored: int


class RetractService:
    """Taking files back."""

    def __init__(self, store: Store, overlay: OverlayService, clock: Clock) -> None:
        self._store = store
        self._overlay = overlay
        self._clock = clock

    def retract(self, actor: Actor, name: str) -> Retracted:
        """Undo a file, or all files of one load, in one commit.

        Args:
            actor: Who takes them back.
            name: Id of a file as the batch tells it, or what the ids of a load have in common.

        Raises:
            NotFound: There is no such file, or it is not for this person to see.
            Forbidden: The actor may not take it back.
            AlreadyRetracted: It has been taken back.
            BuiltUpon: A later file has changed its plots.
            ReviewBegun: Somebody has reviewed some of them.
        """
        files, area = self._files(actor, name)
        need(actor, Action.RETRACT, area)
        role = role_for(actor, Action.RETRACT, area)
        if role is None:
            raise Forbidden(action=Action.RETRACT.value)
        names = tuple(file.import_id for file in files)
        were = [plot for file in names for plot in self._store.deliveries.before(file)]
        facts = {fact.plot_id: fact for fact in self._overlay.facts(were)}
        now = self._clock()
        delivery = Delivery(actor, role, now)

        def withdraw(file: str, state: Review) -> Draft:
            return delivery.retracted(state, new_id(), file)

        def restore(file: str, state: Review, plot: NewPlot, was: Mapping[str, Value]) -> Draft:
            return delivery.restored(state, new_id(), {**given(plot), "import": file}, was)

        at = now.astimezone(UTC).isoformat()
        taken = TakeBack(names, at, facts, withdraw, restore)
        withdrawn, restored = self._store.deliveries.retract(taken)
        return Retracted(files[0].batch, tuple(file.file for file in files), withdrawn, restored)

    def _files(self, actor: Actor, name: str) -> tuple[Sequence[Import], str]:
        """The files, in the order in which they came, and the area of their batch."""
        files = self._store.deliveries.files(name)
        if not files:
            raise NotFound(what=name)
        batches = {batch.name: batch for batch in self._store.plots.batches(seen_by(actor))}
        batch = batches.get(files[0].batch)
        if batch is None or not seen_by(actor).holds(batch.area):
            raise NotFound(what=name)
        return files, batch.area
