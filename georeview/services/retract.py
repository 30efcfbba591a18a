"""Files taken back as one, as long as nobody has reviewed a plot of theirs.

Always one commit; many plots take their time, so over HTTP that is a job.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from georeview.clock import Clock
from georeview.core.access import Action, Actor, need, role_for
from georeview.core.deliveries import Delivery
from georeview.core.ledger import Draft, Value
from georeview.core.plot import Review
from georeview.errors import Forbidden, NotFound
from georeview.errors.work import AlreadyRetracted
from georeview.services.ids import new_id
from georeview.services.jobs import JobService
from georeview.services.overlay import OverlayService
from georeview.services.plots import seen_by
from georeview.services.updates import given
from georeview.storage.ports.deliveries import TakeBack, unwatched
from georeview.storage.ports.jobs import Job
from georeview.storage.ports.plots import Import, NewPlot
from georeview.storage.ports.store import Store

KIND = "retract"
"""The kind of job that takes a large import back."""

AT_ONCE = 2_000
"""Plots that are taken back while somebody waits for the answer."""


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

    def __init__(
        self, store: Store, overlay: OverlayService, jobs: JobService, clock: Clock
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._overlay = overlay
        self._clock = clock

    def plots(self, name: str) -> int:
        """How many plots a file, or all files of one load, brought or changed."""
        files = self._store.deliveries.files(name)
        return sum(self._store.deliveries.brought([file.import_id for file in files]))

    def ask(self, actor: Actor, name: str) -> Retracted | Job:
        """Undo a file, or all files of one load: at once, or as a job where it has many plots.

        Asked for again while it goes on, or after it was refused, it is the same job.

        Raises:
            GeoreviewError: As ``retract``.
        """
        files, area = self._files(actor, name)
        need(actor, Action.RETRACT, area)
        self._need_kept(files)
        if self.plots(name) <= AT_ONCE:
            return self.retract(actor, name)
        once = once_of(name)
        job = self._jobs.ask(actor, Action.RETRACT, KIND, {"import": name}, area=area, once=once)
        return self._store.jobs.retry(job.given.job_id, self._clock().isoformat())

    def take_back(self, actor: Actor, job: Job, advance: Callable[[int], None]) -> Retracted:
        """Do what ``ask`` asked for; a try before that was killed after its commit has done it.

        Raises:
            GeoreviewError: As ``retract``.
        """
        name = str(job.given.options["import"])
        files, _ = self._files(actor, name)
        if not all(file.retracted_at for file in files):
            return self.retract(actor, name, advance)
        withdrawn, restored = self._store.deliveries.brought([file.import_id for file in files])
        named = tuple(file.file for file in files)
        return Retracted(files[0].batch, named, withdrawn, restored)

    def retract(
        self, actor: Actor, name: str, advance: Callable[[int], None] = unwatched
    ) -> Retracted:
        """Undo a file, or all files of one load, in one commit.

        Args:
            actor: Who takes them back.
            name: Id of a file as the batch tells it, or what the ids of a load have in common.
            advance: Told how many more plots are done; what it raises leaves all as it is.

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
        taken = TakeBack(names, at, facts, withdraw, restore, advance)
        withdrawn, restored = self._store.deliveries.retract(taken)
        return Retracted(files[0].batch, tuple(file.file for file in files), withdrawn, restored)

    def _need_kept(self, files: Sequence[Import]) -> None:
        for file in files:
            if file.retracted_at is not None:
                raise AlreadyRetracted(file=file.file, at=file.retracted_at)

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


def once_of(name: str) -> str:
    """What the one job that takes something back is known by."""
    return f"retract {name}"
