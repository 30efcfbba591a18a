"""Registers beside the plots: who answers for which reach, findings, referrals to enforcement."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date
from pathlib import Path
from typing import BinaryIO

from georeview.clock import SHANGHAI, Clock
from georeview.core.access import EVERYTHING, Action, Actor, may, need
from georeview.core.ledger import Value
from georeview.core.procedure import Command
from georeview.core.registers import FINDINGS, REFERRALS, REGISTERS, Entry, Register
from georeview.core.registers.duties import Place, answers, in_force
from georeview.core.registers.findings import overdue_days
from georeview.core.registers.register import Content
from georeview.errors import BadValue, Forbidden, NotFound
from georeview.errors.registers import EntryMoved, NotConfirmed
from georeview.errors.review import FieldMissing
from georeview.services.calendar import CalendarService
from georeview.services.ids import new_id
from georeview.services.plots import PlotService, seen_by
from georeview.services.review import ReviewService
from georeview.settings import Settings
from georeview.storage.files import Files, plain_name
from georeview.storage.ports.plots import Plot
from georeview.storage.ports.registers import Document, Held
from georeview.storage.ports.store import Store

log = logging.getLogger("georeview.registers")

NAME_MAX = 120
REFERRED_MARKS = frozenset({"confirmed", "rectified"})


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry for whoever asks.

    Attributes:
        held: Its last version and its plot.
        personal: What names third parties; empty for who may not read it.
        documents: Its files.
        may: What the reader may do with it.
        overdue_days: Working days its reply is late; ``None`` where it is not.
    """

    held: Held
    personal: Mapping[str, str]
    documents: Sequence[Document]
    may: Sequence[str]
    overdue_days: int | None

    @property
    def entry(self) -> Entry:
        """Its last version."""
        return self.held.entry


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of a register.

    Attributes:
        plot_id: Of a plot.
        river: Of a river, by its code or name.
        state: In a state.
        area: Of an area, by the beginning of its code.
        overdue: Whether only those whose reply is late.
        day: Of duties, only those in force on a day.
    """

    plot_id: str | None = None
    river: str | None = None
    state: str | None = None
    area: str | None = None
    overdue: bool = False
    day: date | None = None


class RegisterService:
    """Entries, read and written within the rights of their register."""

    def __init__(
        self,
        store: Store,
        files: Files,
        plots: PlotService,
        review: ReviewService,
        calendars: CalendarService,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._store = store
        self._files = files
        self._plots = plots
        self._review = review
        self._calendars = calendars
        self._clock = clock
        self._settings = settings

    # Reading -------------------------------------------------------------------------------------

    def all(self, actor: Actor, register: str, wanted: Wanted = Wanted()) -> list[Shown]:
        """Entries that the actor reads, the newest first.

        Raises:
            Forbidden: The actor does not read this register.
        """
        of = _register(register)
        need(actor, of.reads)
        scope = EVERYTHING if of.public else seen_by(actor)
        found = self._store.registers.current(of.id, scope, plot_id=wanted.plot_id)
        return self._shown(actor, of, [one for one in found if self._reads(actor, of, one)], wanted)

    def get(self, actor: Actor, register: str, entry_id: str) -> Shown:
        """One entry.

        Raises:
            Forbidden: The actor does not read this register.
            NotFound: There is no such entry, or it lies outside the actor's area.
        """
        of = _register(register)
        need(actor, of.reads)
        (shown,) = self._shown(actor, of, [self._held(actor, of, entry_id)], Wanted())
        return shown

    def history(self, actor: Actor, register: str, entry_id: str) -> list[Entry]:
        """All versions of an entry, the first first; raises as ``get``."""
        self.get(actor, register, entry_id)
        return self._store.registers.history(entry_id)

    def of_plot(self, actor: Actor, plot_id: str) -> dict[str, list[Shown]]:
        """Who answers for a plot today, and what was found and referred there.

        Raises:
            NotFound: The plot is not visible to the actor.
        """
        place = place_of(self._plots.detail(actor, plot_id).plot)
        today = self.today()
        duties = [d for d in self.all(actor, "duties") if answers(d.entry, place, today)]
        told = {"duties": sorted(duties, key=by_level)}
        for of in (FINDINGS, REFERRALS):
            readable = may(actor, of.reads)
            told[of.id] = self.all(actor, of.id, Wanted(plot_id=plot_id)) if readable else []
        return told

    def mine(self, actor: Actor) -> list[Shown]:
        """Reaches for which the actor answers, by the account that is named in the register."""
        if not may(actor, Action.SEE):
            return []
        wanted = Wanted(day=self.today())
        return [
            d for d in self.all(actor, "duties", wanted) if d.entry.text("account") == actor.user
        ]

    def today(self) -> date:
        """The day here."""
        return self._clock().astimezone(SHANGHAI).date()

    def _held(self, actor: Actor, of: Register, entry_id: str) -> Held:
        scope = EVERYTHING if of.public else seen_by(actor)
        found = self._store.registers.get(of.id, scope, entry_id)
        if not self._reads(actor, of, found):
            raise NotFound(what=entry_id)
        return found

    @staticmethod
    def _reads(actor: Actor, of: Register, one: Held) -> bool:
        area = one.entry.area
        if may(actor, of.reads, area):
            return True
        return of.public and any(area_meets(area, g.area) for g in actor.grants)

    def _shown(
        self, actor: Actor, of: Register, found: Sequence[Held], wanted: Wanted
    ) -> list[Shown]:
        today, calendar = self.today(), self._calendars.calendar()
        late = {one.entry.entry_id: overdue_days(one.entry, today, calendar) for one in found}
        kept = [one for one in found if _wanted(one, wanted, late[one.entry.entry_id])]
        files = self._store.registers.documents([one.entry.entry_id for one in kept])
        return [
            Shown(
                one,
                self._personal(actor, of, one.entry),
                files.get(one.entry.entry_id, ()),
                of.may(actor, one.entry),
                late[one.entry.entry_id],
            )
            for one in kept
        ]

    def _personal(self, actor: Actor, of: Register, entry: Entry) -> Mapping[str, str]:
        if not of.personal or not may(actor, of.writes, entry.area):
            return {}
        return self._store.registers.personal(entry.entry_id)

    # Writing -------------------------------------------------------------------------------------

    def add(
        self, actor: Actor, register: str, body: Mapping[str, object], plot_id: str | None = None
    ) -> Shown:
        """A new entry.

        A finding on a plot is told in the plot's own history first, by the rules of the procedure.

        Args:
            actor: Who adds it.
            register: To which register.
            body: What it says; ``area`` where it concerns no plot.
            plot_id: The plot it concerns.

        Raises:
            Forbidden: The actor may not, or not there.
            NotFound: The plot is not visible to the actor.
            NotConfirmed: It is referred without having been confirmed.
            BadValue: A field is not possible, or there must be a plot, or must not.
            DateImpossible: A day is before or after what can be.
        """
        of = _register(register)
        need(actor, of.writes)
        plot = self._plot(actor, of, plot_id)
        told = dict(body)
        area = plot.review.area if plot else _area(of, told)
        need(actor, of.writes, area)
        content = of.begun(told, self.today())
        if plot is not None and of is FINDINGS:
            command = Command(
                "record_finding", new_id(), plot.review.version, {"text": content["text"]}
            )
            self._review.act(actor, plot.review.plot_id, command)
        entry = self._entry(actor, of, new_id(), area, plot_id, content)
        self._keep(of, entry)
        return self.get(actor, register, entry.entry_id)

    def change(
        self, actor: Actor, register: str, entry_id: str, base: int, body: Mapping[str, object]
    ) -> Shown:
        """Put an entry right; an empty value takes a field away.

        Raises:
            Forbidden: The actor may not.
            NotFound: There is no such entry, or it lies outside the actor's area.
            EntryMoved: Somebody else was first.
            StepNotOpen: It is too late for that.
            BadValue: A field is not possible.
        """
        of = _register(register)
        entry = self._based(actor, of, of.writes, entry_id, base)
        before = {**entry.content, **self._store.registers.personal(entry_id)}
        content = of.changed(replace(entry, content=before), body, self.today())
        area = str(content.get("area", entry.area)) if of.public else entry.area
        need(actor, of.writes, area)
        moved = self._next(actor, entry, "change", entry.state, content)
        self._keep(of, replace(moved, area=area), told=True)
        return self.get(actor, register, entry_id)

    def step(
        self,
        actor: Actor,
        register: str,
        entry_id: str,
        base: int,
        step: str,
        body: Mapping[str, object],
    ) -> Shown:
        """Take a step with an entry.

        Raises:
            Forbidden: The actor may not.
            NotFound: There is no such entry or step, or it lies outside the actor's area.
            EntryMoved: Somebody else was first.
            StepNotOpen: The entry's state does not allow it.
            BadValue: A field is not possible.
        """
        of = _register(register)
        taken = of.step(step)
        if taken is None:
            raise NotFound(what=step)
        entry = self._based(actor, of, taken.right, entry_id, base)
        content = of.taken(entry, taken, body, self.today())
        moved = self._next(actor, entry, step, taken.target or entry.state, content)
        self._keep(of, moved)
        return self.get(actor, register, entry_id)

    def link(self, actor: Actor, register: str, entry_id: str, base: int, plot_id: str) -> Shown:
        """Say which plot an entry concerns that was kept without one.

        Raises:
            Forbidden: The actor may not, or not there.
            NotFound: The entry or the plot is not visible to the actor.
            EntryMoved: Somebody else was first.
            BadValue: It concerns a plot already, or none can be named.
        """
        of = _register(register)
        entry = self._based(actor, of, of.writes, entry_id, base)
        if of.on_plot != "may" or entry.plot_id is not None:
            raise BadValue(field="plot_id", value=plot_id[:80])
        plot = self._plot(actor, of, plot_id)
        if plot is None:
            raise FieldMissing(field="plot_id", value="")
        need(actor, of.writes, plot.review.area)
        text = {"text": str(entry.content["text"])}
        command = Command("record_finding", new_id(), plot.review.version, text)
        self._review.act(actor, plot_id, command)
        moved = self._next(actor, entry, "link", entry.state, entry.content)
        self._keep(of, replace(moved, plot_id=plot_id, area=plot.review.area))
        return self.get(actor, register, entry_id)

    def attach(
        self, actor: Actor, register: str, entry_id: str, source: BinaryIO, name: str
    ) -> Shown:
        """Add a file to an entry; who may take a step with it may prove it.

        Raises:
            Forbidden: The actor may do nothing with the entry.
            NotFound: There is no such entry, or it lies outside the actor's area.
            TooLarge: The file is larger than evidence may be.
        """
        of = _register(register)
        entry = self._held(actor, of, entry_id).entry
        rights = {of.writes, *(step.right for step in of.steps)}
        if not any(may(actor, right, entry.area) for right in rights):
            raise Forbidden(action=of.writes.value)
        taken = self._files.take(source, "evidence", self._settings.max_evidence_mb * 2**20)
        at = self._clock().astimezone(UTC).isoformat(timespec="milliseconds")
        named = plain_name(name)[:NAME_MAX]
        document = Document(entry_id, taken.sha256, named, taken.size, actor.user, at)
        self._store.registers.attach(document)
        return self.get(actor, register, entry_id)

    def document(
        self, actor: Actor, register: str, entry_id: str, sha256: str
    ) -> tuple[Document, Path]:
        """A file of an entry, and where its bytes lie; raises as ``get``."""
        found = self.get(actor, register, entry_id).documents
        document = next((one for one in found if one.sha256 == sha256), None)
        if document is None:
            raise NotFound(what=sha256)
        return document, self._files.path("evidence", sha256)

    def erase_personal(self, actor: Actor, register: str, entry_id: str) -> Shown:
        """Forget who is named in an entry, for good; that it was done is logged.

        Raises:
            Forbidden: The actor may not.
            NotFound: There is no such entry, or it lies outside the actor's area.
        """
        of = _register(register)
        entry = self._held(actor, of, entry_id).entry
        need(actor, of.writes, entry.area)
        self._store.registers.erase_personal(entry_id)
        log.warning("register.personal_erased", extra={"entry": entry_id, "actor": actor.user})
        return self.get(actor, register, entry_id)

    def _plot(self, actor: Actor, of: Register, plot_id: str | None) -> Plot | None:
        if plot_id is None:
            if of.on_plot == "must":
                raise FieldMissing(field="plot_id", value="")
            return None
        if of.on_plot == "no":
            raise BadValue(field="plot_id", value=plot_id[:80])
        plot = self._plots.detail(actor, plot_id).plot
        if of is REFERRALS and plot.review.mark not in REFERRED_MARKS:
            raise NotConfirmed(plot=plot.given.source_id)
        return plot

    def _based(self, actor: Actor, of: Register, right: Action, entry_id: str, base: int) -> Entry:
        need(actor, of.reads)
        entry = self._held(actor, of, entry_id).entry
        need(actor, right, entry.area)
        if entry.version != base:
            raise EntryMoved(who=entry.actor, at=entry.at)
        return entry

    def _entry(
        self,
        actor: Actor,
        of: Register,
        entry_id: str,
        area: str,
        plot_id: str | None,
        content: Content,
    ) -> Entry:
        return Entry(
            register=of.id,
            entry_id=entry_id,
            version=1,
            state=of.begins,
            area=area,
            plot_id=plot_id,
            content=content,
            step="add",
            actor=actor.user,
            unit=actor.unit,
            at=self._clock().astimezone(UTC).isoformat(timespec="milliseconds"),
        )

    def _next(self, actor: Actor, entry: Entry, step: str, state: str, content: Content) -> Entry:
        at = self._clock().astimezone(UTC).isoformat(timespec="milliseconds")
        return replace(
            entry,
            version=entry.version + 1,
            state=state,
            content=content,
            step=step,
            actor=actor.user,
            unit=actor.unit,
            at=at,
        )

    def _keep(self, of: Register, entry: Entry, *, told: bool | None = None) -> None:
        """Keep a version, and what names third parties apart from it."""
        personal = {k: str(v) for k, v in entry.content.items() if k in of.personal}
        content: dict[str, Value] = {k: v for k, v in entry.content.items() if k not in of.personal}
        kept = replace(entry, content=content)
        self._store.registers.put(kept, personal if personal or told else None)
        facts = {"entry": entry.entry_id, "register": of.id, "step": entry.step}
        log.info("register.kept", extra=facts | {"actor": entry.actor})

    def add_duties(
        self, actor: Actor, bodies: Sequence[Mapping[str, object]]
    ) -> list[Content | Exception]:
        """What would become of rows of a list: contents that can be kept, or why not."""
        need(actor, REGISTERS["duties"].writes)
        known = [one.entry.content for one in self._store.registers.current("duties", EVERYTHING)]
        return [self._row(actor, body, known) for body in bodies]

    def _row(
        self, actor: Actor, body: Mapping[str, object], known: list[Content]
    ) -> Content | Exception:
        of = REGISTERS["duties"]
        try:
            content = of.begun(body, self.today())
            need(actor, of.writes, str(content["area"]))
        except (BadValue, Forbidden) as error:
            return error
        if content in known:
            return NotNew(content)
        known.append(content)
        return content

    def keep_duties(self, actor: Actor, contents: Sequence[Content]) -> None:
        """Keep rows of a list that were looked through, in one commit."""
        of = REGISTERS["duties"]
        entries = [
            self._entry(actor, of, new_id(), str(content["area"]), None, content)
            for content in contents
        ]
        for entry in entries:
            need(actor, of.writes, entry.area)
        self._store.registers.put_all(entries)


class NotNew(Exception):
    """A row of a list that is in the register already, word for word."""


def _register(name: str) -> Register:
    if name not in REGISTERS:
        raise NotFound(what=name)
    return REGISTERS[name]


def _area(of: Register, body: dict[str, object]) -> str:
    """The area of an entry that concerns no plot: a field of its own, or told beside."""
    area = body.get("area") if of.public else body.pop("area", None)
    if area in (None, ""):
        raise FieldMissing(field="area", value="")
    if not (isinstance(area, str) and area.isascii() and area.isdigit() and len(area) <= 12):
        raise BadValue(field="area", value=str(area)[:40])
    return area


def _wanted(one: Held, wanted: Wanted, late: int | None) -> bool:
    tests: list[Callable[[], bool]] = [
        lambda: wanted.state in (None, one.entry.state),
        lambda: wanted.area is None or area_meets(one.entry.area, wanted.area),
        lambda: not wanted.overdue or late is not None,
        lambda: wanted.river is None or wanted.river in rivers_of(one),
        lambda: wanted.day is None or in_force(one.entry, wanted.day),
    ]
    return all(test() for test in tests)


def rivers_of(one: Held) -> frozenset[str]:
    """By what names and codes an entry's river is known."""
    told = {one.entry.text("river"), one.entry.text("river_code")}
    if one.plot is not None:
        told |= {one.plot.river, one.plot.river_code}
    return frozenset(name for name in told if name)


def area_meets(one: str, other: str) -> bool:
    """Whether one area lies in another."""
    return one.startswith(other) or other.startswith(one)


def place_of(plot: Plot) -> Place:
    """Where a plot lies, as far as anybody answers for it."""
    facts, review = plot.facts, plot.review
    area = review.township or (facts.township if facts else None) or review.county or review.area
    if not area.startswith(review.area):
        area = review.area
    if facts is None:
        return Place(area, None, None, None, None)
    return Place(area, facts.river, facts.river_code, facts.chainage_m, facts.bank)


def by_level(one: Shown) -> tuple[int, str]:
    """Chiefs from the city down, departments after them."""
    order = ("city", "county", "township", "village", None)
    return order.index(one.entry.text("level")), one.entry.text("name") or ""
