"""Marks and steps of the workflow, and the evidence that goes with them."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, BinaryIO

from georeview.clock import Clock
from georeview.core import aside, splitting
from georeview.core.access import Action, Actor, Role, Scope, may, need, sees_evidence
from georeview.core.commands import instant
from georeview.core.ledger import Draft, Value
from georeview.core.locks import TAKES, holds_back, lease
from georeview.core.permits import linking
from georeview.core.personal import sealed
from georeview.core.plot import UNLISTED
from georeview.core.procedure import Command
from georeview.core.reasons import AUTOMATIC_KINDS, EVIDENCE_KINDS
from georeview.core.review import admit, attachment, decide, stale
from georeview.errors import BadValue, Forbidden, NotFound
from georeview.errors.review import KeyReused, PersonUnfit, PlotLocked, SampleUnfit, TargetUnfit
from georeview.errors.store import StoreBroken
from georeview.services.evidence_files import preview, take_in
from georeview.services.ids import new_id
from georeview.services.people import as_actor
from georeview.services.permit_files import linkable, serving
from georeview.services.plots import PlotService, seen_by
from georeview.settings import Settings
from georeview.storage.files import Files, Taken
from georeview.storage.ports.evidence import EvidenceFile
from georeview.storage.ports.ledger import (
    Asked,
    Idempotency,
    Kept,
    KeyClash,
    Known,
    Pending,
    Settled,
    Stale,
)
from georeview.storage.ports.plots import Plot
from georeview.storage.ports.store import Store

if TYPE_CHECKING:
    from georeview.ingest.evidence import EvidenceRead


@dataclass(frozen=True, slots=True)
class Attached:
    """An evidence file that lies safe, and whether it was there before."""

    file: EvidenceFile
    repeated: bool


class ReviewService:
    """The doors through which a review moves."""

    def __init__(
        self, store: Store, files: Files, plots: PlotService, clock: Clock, settings: Settings
    ) -> None:
        self._store = store
        self._files = files
        self._plots = plots
        self._clock = clock
        self._settings = settings

    def act(
        self,
        actor: Actor,
        plot_id: str,
        command: Command,
        idempotency: Idempotency | None = None,
    ) -> Kept:
        """Take one step: may they, load in scope, decide, keep.

        A repeat of an earlier request gets that request's answer, whatever has happened since.

        Raises:
            NotFound: The plot is not visible to the actor.
            GeoreviewError: Whatever ``core.review.decide`` refuses.
            StaleVersion: Someone else was first.
            KeyReused: The idempotency key belongs to another body.
        """
        return self.settled(self.ask(actor, plot_id, command, idempotency))

    def settled(self, asked: Asked) -> Kept:
        """Settle one step by itself; raises as ``act``."""
        (settled,) = self.settle([asked]).result()
        if isinstance(settled, NotFound):
            raise settled
        return kept(settled.result)

    def ask(
        self,
        actor: Actor,
        plot_id: str,
        command: Command,
        idempotency: Idempotency | None = None,
        family: Sequence[str] = (),
    ) -> Asked:
        """One step, to be settled together with others.

        Args:
            actor: Who asks.
            plot_id: The plot.
            command: The step.
            idempotency: What makes a later request the same one.
            family: The parts of the plot, where the step takes them along.
        """
        judge = partial(self._judge, actor, command)
        scope, target = seen_by(actor), command.body.get("target")
        if command.action == "unmerge":
            whole = partial(self._judge_whole, actor, judge)
            return Asked(plot_id, scope, whole, idempotency, family=family)
        kept = command.base if command.keep and command.action in aside.FIELD_WORK else None
        opens = command.action in TAKES
        brings = lease(actor, self._clock(), self._settings.lock_minutes) if opens else None
        if command.action == Action.LINK_PERMIT:
            return self._ask_to_link(actor, plot_id, command, idempotency)
        if command.action == "reassign":
            judge = partial(self._judge_handover, self._other(command.body.get("to")), judge)
        if "sample" in command.body:
            judge = partial(self._judge_sampled, self._batch_of(command.body["sample"]), judge)
        if command.action in _NAMING and isinstance(target, str):
            judge = partial(_judge_joined, scope, judge)
            return Asked(plot_id, scope, judge, idempotency, target)
        return Asked(plot_id, scope, judge, idempotency, base=kept, lease=brings)

    def _batch_of(self, sample: object) -> str | None:
        """The batch that a sample was drawn from; draws are never taken back."""
        with suppress(NotFound):
            return self._store.samples.get(sample).batch if isinstance(sample, str) else None
        return None

    def tried(self, actor: Actor, plot: Plot, command: Command) -> Draft:
        """What a step on a plot that the actor sees would come to now; nothing is kept.

        Raises:
            GeoreviewError: Whatever refuses it.
        """
        files = self._store.evidence.of_plot(seen_by(actor), plot.given.plot_id)
        return self._judge(actor, command, Known(plot, files, self._store.around()))

    def _ask_to_link(
        self, actor: Actor, plot_id: str, command: Command, idempotency: Idempotency | None
    ) -> Asked:
        """The register says what the permit is; its files go beside the plot in the same commit."""
        try:
            permit = linkable(self._store, actor, command.body.get("permit"))
        except BadValue as refusal:
            judge = partial(_judge_unlinked, actor, command, refusal)
            return Asked(plot_id, seen_by(actor), judge, idempotency)
        files = self._store.permits.files(permit.permit_id)
        judge = partial(self._judge, actor, replace(command, body=linking(permit)))
        beside = partial(serving, actor, files, self._clock)
        return Asked(plot_id, seen_by(actor), judge, idempotency, beside=beside)

    def _other(self, user: object) -> Actor | None:
        """Somebody who is to go on with the work; accounts that are shut are not there."""
        person = self._store.people.get(user) if isinstance(user, str) else None
        return None if person is None or person.disabled else as_actor(person)

    def settle(self, asked: Sequence[Asked]) -> Future[list[Settled | NotFound]]:
        """Judge steps and keep those that may be taken, in one commit with all that arrive now."""
        return self._store.ledger.settle(asked)

    def _judge(self, actor: Actor, command: Command, known: Known) -> Draft:
        """Called with the store's lock in hand: reads nothing but the clock."""
        return sealed(self._decided(actor, command, known), partial(token_hex, 16))

    def _decided(self, actor: Actor, command: Command, known: Known) -> Draft:
        review, who = known.plot.review, actor.on(known.plot.given.batch)
        now, lock = self._clock(), known.plot.lock
        held = lock is not None and holds_back(lock, command.action, actor.user, now)
        late = known.was is not None and known.was.version != review.version
        # What was done on top of a record that lies aside lies there too, though the lock is over.
        behind = any(one.actor == who.user and one.base == command.base for one in known.aside)
        # What settles a record is no record of its own: it waits until the plot is free.
        new = "record" not in command.body
        if known.was is not None and (late or (new and (held or behind))):
            _know_evidence(command, known.files)
            proof = self._plots.proof(known)
            return aside.aside(review, known.was, command, who, proof, now)
        admit(review, command, who)
        _know_evidence(command, known.files)
        _know_place(command, known.around.places)
        if "record" in command.body:
            aside.need_record(review, known.aside, command, who)
            if command.action == Action.SETTLE_CONFLICT:
                return aside.settled(review, command, who, now)
        draft = decide(review, command, who, self._plots.proof(known), now)
        if lock is not None and held:
            raise PlotLocked(plot=review.plot_id, who=lock.name, unit=lock.unit, until=lock.until)
        return draft

    def _judge_whole(
        self, actor: Actor, judge: Callable[[Known], Draft], known: Known
    ) -> Sequence[Draft]:
        """A plot is whole again: its parts go with it."""
        step = judge(known)
        parts = [part.review for part in known.family]
        if {part.plot_id for part in parts} != {*(known.plot.review.course.children or ())}:
            raise stale(known.plot.review)
        command = Command(step.action, step.event_id, step.base)
        gone = splitting.taken_back(parts, command, actor, Role(step.role), self._clock())
        return step, *gone

    @staticmethod
    def _judge_sampled(batch: str | None, judge: Callable[[Known], Draft], known: Known) -> Draft:
        """What vouches for negatives accepted together is a draw from their own batch."""
        draft = judge(known)
        if batch != known.plot.given.batch:
            raise SampleUnfit(field="sample", value=str(draft.body.get("sample")))
        return draft

    @staticmethod
    def _judge_handover(
        taker: Actor | None, judge: Callable[[Known], Draft], known: Known
    ) -> Draft:
        """Work is handed to somebody who may do it."""
        draft = judge(known)
        given, area = known.plot.given, known.plot.review.area
        if taker is None or not may(taker.on(given.batch), Action.MARK, area):
            raise PersonUnfit(field="to", value=str(draft.body.get("to")))
        return draft

    def need_on(self, actor: Actor, action: Action, plot_id: str) -> Plot:
        """A plot on which the actor has a right.

        Raises:
            NotFound: The plot is not visible to the actor.
            Forbidden: It is, and the right is not there.
        """
        plot = self._store.plots.get(seen_by(actor), plot_id)
        need(actor.on(plot.given.batch), action, plot.review.area)
        return plot

    def attach(
        self,
        actor: Actor,
        plot_id: str,
        source: BinaryIO,
        *,
        kind: str,
        name: str,
        observed_at: str | None = None,
    ) -> Attached:
        """Put a photo or document beside a plot; the same bytes twice are one file.

        Args:
            actor: Who attaches.
            plot_id: The plot.
            source: The bytes; read once, never changed.
            kind: Kind of evidence (``E_…``).
            name: File name as the sender called it; text only.
            observed_at: When it was made, by the device, ISO 8601 with offset, if told.

        Raises:
            NotFound: The plot is not visible to the actor.
            BadValue: The kind is not one that can be attached, or the time is none.
            TooLarge: Over the size limit.
            WrongKind: Neither a photo nor a PDF.
        """
        review = self.need_on(actor, Action.ATTACH, plot_id).review
        if kind not in EVIDENCE_KINDS or kind in AUTOMATIC_KINDS:
            raise BadValue(field="kind", value=kind[:80])
        moment = None if observed_at is None else instant(observed_at)
        taken, read = take_in(self._files, self._settings, source, name)
        file = self._record(actor, plot_id, taken, read, kind=kind, name=name)
        body: dict[str, Value] = {
            "evidence_id": file.evidence_id,
            "kind": kind,
            "media_type": read.media_type,
            "sha256": taken.sha256,
            "size": taken.size,
        }
        draft = attachment(
            review, new_id(), actor, body=body, observed_at=moment, now=self._clock()
        )
        # Whoever sends it: the ledger keeps one of several that arrive at once.
        same = Idempotency("", "attach", f"{kind} {taken.sha256}", taken.sha256)
        attached = self._keep(Pending(draft, same, evidence=file))
        if not attached.repeated:
            return Attached(file, repeated=False)
        first = str(json.loads(attached.event.body)["evidence_id"])
        return Attached(self._store.evidence.get(seen_by(actor), first), repeated=True)

    def _record(
        self,
        actor: Actor,
        plot_id: str,
        taken: Taken,
        read: "EvidenceRead",
        *,
        kind: str,
        name: str,
    ) -> EvidenceFile:
        return EvidenceFile(
            evidence_id=new_id(),
            plot_id=plot_id,
            sha256=taken.sha256,
            kind=kind,
            name=name[:200],
            media_type=read.media_type,
            size=taken.size,
            taken_at=read.taken_at,
            lon=read.lon,
            lat=read.lat,
            azimuth=read.azimuth,
            actor=actor.user,
            created_at=self._clock().isoformat(),
        )

    def evidence(self, actor: Actor, evidence_id: str) -> tuple[EvidenceFile, Path]:
        """One file with the place of its original bytes.

        Raises:
            NotFound: Not there, or its plot is not visible to the actor.
            Forbidden: The actor sees the plot and not its evidence.
            StoreBroken: The record is there and its file is not.
        """
        file = self._store.evidence.get(seen_by(actor), evidence_id)
        plot = self.need_on(actor, Action.SEE_EVIDENCE, file.plot_id)
        if not sees_evidence(actor, plot.review, plot.given.batch):
            raise Forbidden(action=Action.SEE_EVIDENCE.value)
        path = self._files.path("evidence", file.sha256)
        if not path.is_file():
            raise StoreBroken(why=file.sha256)
        return file, path

    def preview(self, actor: Actor, evidence_id: str) -> bytes:
        """A small picture of a photo without anything but its pixels (WebP).

        Raises:
            NotFound: As for ``evidence``, or the file is not a photo.
        """
        file, path = self.evidence(actor, evidence_id)
        if not file.media_type.startswith("image/"):
            raise NotFound(what=evidence_id)
        return self._files.cached(
            f"previews/{file.sha256}.webp",
            lambda: preview(path),
        )

    def _keep(self, pending: Pending) -> Kept:
        (result,) = self._store.ledger.append([pending])
        return kept(result)


def kept(result: Kept | Stale | KeyClash | Exception) -> Kept:
    """What was kept, or the refusal as an exception.

    Raises:
        StaleVersion: Someone else was first.
        KeyReused: The idempotency key belongs to another body.
        GeoreviewError: The step was refused.
    """
    if isinstance(result, Kept):
        return result
    if isinstance(result, Stale):
        raise stale(result.review)
    raise KeyReused if isinstance(result, KeyClash) else result


_NAMING = frozenset({"merge", "refuse", "send_back"})
"""Steps that may name another plot."""


def _judge_joined(scope: Scope, judge: Callable[[Known], Draft], known: Known) -> Draft:
    """A plot is joined to one that is still worked on, is seen, and is another.

    Raises:
        TargetUnfit: It is not.
    """
    draft, other = judge(known), known.other
    target = str(draft.body.get("target"))
    if other is None or other.given.plot_id == known.plot.given.plot_id:
        raise TargetUnfit(field="target", value=target)
    if not scope.sees(other.review, other.given.batch) or other.review.stage in UNLISTED:
        raise TargetUnfit(field="target", value=target)
    return draft


def _judge_unlinked(actor: Actor, command: Command, refusal: BadValue, known: Known) -> Draft:
    """Who may not link at all is told that before what is wrong with the permit."""
    admit(known.plot.review, command, actor.on(known.plot.given.batch))
    raise refusal


def _know_evidence(command: Command, files: Sequence[EvidenceFile]) -> None:
    """Evidence a mark names must lie beside the plot.

    Raises:
        BadValue: It names something else.
    """
    named = command.body.get("evidence") or []
    known = {file.evidence_id for file in files}
    strange = [item for item in named if item not in known] if isinstance(named, list) else [named]
    if strange:
        raise BadValue(field="evidence", value=str(strange[0])[:80])


def _know_place(command: Command, places: Mapping[str, str]) -> None:
    """A plot goes to a place of the current layers, where there are any.

    Raises:
        BadValue: No county or township has this code.
    """
    for field in ("county", "township"):
        code = command.body.get(field)
        if places and code is not None and code not in places:
            raise BadValue(field=field, value=str(code)[:80])
