"""What a register is, and how its entries begin and go on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from georeview.core.access import Action, Actor, may
from georeview.core.commands import BodyField, checked
from georeview.core.ledger import Value
from georeview.errors.registers import StepNotOpen
from georeview.errors.review import DateImpossible, FieldMissing

Content = Mapping[str, Value]

FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of an entry.

    Attributes:
        register: In which register.
        entry_id: Our id, the same in all versions.
        version: From 1 on; the greatest counts.
        state: Where it stands.
        area: Area code of whoever it concerns.
        plot_id: The plot it concerns, if it does one.
        content: Checked fields.
        step: What made this version.
        actor: Who.
        unit: For which unit.
        at: When, ISO 8601 UTC.
    """

    register: str
    entry_id: str
    version: int
    state: str
    area: str
    plot_id: str | None
    content: Content
    step: str
    actor: str
    unit: str
    at: str

    def text(self, name: str) -> str | None:
        """A field as text, ``None`` where it is not told."""
        value = self.content.get(name)
        return None if value is None else str(value)

    def day(self, name: str) -> date | None:
        """A day, ``None`` where it is not told."""
        value = self.text(name)
        return None if value is None else date.fromisoformat(value)


@dataclass(frozen=True, slots=True)
class RegisterStep:
    """What somebody does with an entry.

    Attributes:
        id: Its name in addresses.
        right: The right it needs.
        sources: States it starts from.
        target: State it leads to; the same when ``None``.
        fields: What it may carry.
        needs: What it must.
    """

    id: str
    right: Action
    sources: frozenset[str]
    target: str | None
    fields: tuple[BodyField, ...]
    needs: tuple[str, ...] = ()


Rule = Callable[[Content, date], None]
"""Refuses contents that cannot be, as of today."""


@dataclass(frozen=True, slots=True)
class Register:
    """A register.

    Attributes:
        id: Its name in addresses.
        reads: The right to read it.
        writes: The right to add to it and to put an entry right.
        fields: What an entry may say when it is added.
        needs: What it must.
        begins: State of a new entry.
        rule: What cannot be.
        steps: What is done with it afterwards.
        on_plot: Whether an entry may, or must, concern a plot: ``no``, ``may``, ``must``.
        states: States in which an entry may still be put right.
        personal: Fields that name third parties: kept apart, shown to who may write only.
        public: Whether everybody reads all of it that meets their area, in either direction.
    """

    id: str
    reads: Action
    writes: Action
    fields: tuple[BodyField, ...]
    needs: tuple[str, ...]
    begins: str
    rule: Rule
    steps: tuple[RegisterStep, ...]
    on_plot: str = "no"
    states: frozenset[str] = field(default_factory=frozenset)
    personal: tuple[str, ...] = ()
    public: bool = False

    def step(self, name: str) -> RegisterStep | None:
        """A step by its name."""
        return next((step for step in self.steps if step.id == name), None)

    def may(self, actor: Actor, entry: Entry) -> list[str]:
        """What somebody may do with an entry now; ``change`` is putting it right."""
        own = (
            ["change"] if entry.state in self.states and may(actor, self.writes, entry.area) else []
        )
        return own + [
            step.id
            for step in self.steps
            if entry.state in step.sources and may(actor, step.right, entry.area)
        ]

    def begun(self, body: Mapping[str, object], today: date) -> Content:
        """What a new entry says.

        Raises:
            BadValue: A field is unknown or not possible.
            FieldMissing: One that is needed is not there.
        """
        content = checked(self.fields, body)
        need(content, self.needs)
        self.rule(content, today)
        return content

    def changed(self, entry: Entry, body: Mapping[str, object], today: date) -> Content:
        """What an entry says once it is put right; an empty value takes a field away.

        Raises:
            StepNotOpen: It is too late for that.
            BadValue: A field is unknown or not possible.
            FieldMissing: One that is needed is taken away.
        """
        if entry.state not in self.states:
            raise StepNotOpen(action="change", state=entry.state)
        given = checked(self.fields, body)
        content = {k: v for k, v in entry.content.items() if k not in body} | given
        need(content, self.needs)
        self.rule(content, today)
        return content

    def taken(
        self, entry: Entry, step: RegisterStep, body: Mapping[str, object], today: date
    ) -> Content:
        """What an entry says after a step.

        Raises:
            StepNotOpen: Its state does not allow the step.
            BadValue: A field is unknown or not possible.
            FieldMissing: One that is needed is not there.
        """
        if entry.state not in step.sources:
            raise StepNotOpen(action=step.id, state=entry.state)
        given = checked(step.fields, body)
        need(given, step.needs)
        content = {**entry.content, **given}
        self.rule(content, today)
        return content


def need(content: Content, names: tuple[str, ...]) -> None:
    """Refuse what lacks a field.

    Raises:
        FieldMissing: One is not told.
    """
    for name in names:
        if name not in content:
            raise FieldMissing(field=name, value="")


def between(content: Content, name: str, first: date | None, last: date | None) -> None:
    """Refuse a day before or after what is possible; what is not told is not looked at.

    Raises:
        DateImpossible: It is.
    """
    value = content.get(name)
    if value is None:
        return
    day = date.fromisoformat(str(value))
    if (first is not None and day < first) or (last is not None and day > last):
        raise DateImpossible(
            field=name,
            value=str(value),
            first=(first or FIRST_DAY).isoformat(),
            last="…" if last is None else last.isoformat(),
        )


def day_of(content: Content, name: str) -> date | None:
    """A day, ``None`` where it is not told."""
    value = content.get(name)
    return None if value is None else date.fromisoformat(str(value))
