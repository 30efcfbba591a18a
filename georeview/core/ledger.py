"""The chain of events: what an event is and how it is hashed.

An event holds what changed (``after``) beside what was asked (``body``), so a history can be
replayed for ever, whatever rules come later: ``apply`` never judges.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from types import MappingProxyType

import orjson

GENESIS = "0" * 64
"""``prev_hash`` of the first event."""

_SEPARATOR = "\x1f"


@lru_cache(maxsize=256)
def stamp(moment: datetime) -> str:
    """An aware instant as the store keeps it: such texts compare as the instants do.

    A step asks for the same one several times: of its event, its mark and its lock.
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


Value = str | int | bool | None | list["Value"] | dict[str, "Value"]
"""What a body may hold: no floats, for their text is not the same everywhere."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name of a third party that an event says only the salted hash of.

    Attributes:
        token: What the event says.
        plot_id: The plot.
        field: Field of the command that named it.
        salt: Goes into the hash before the name.
        value: The name.
    """

    token: str
    plot_id: str
    field: str
    salt: str
    value: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that the rules allow and the store has not kept yet.

    Attributes:
        event_id: Random identifier, made by whoever asks.
        plot_id: The plot.
        base: Version of the plot the decision was made on; ``None`` for events that do not
            depend on it and do not move it (evidence).
        action: What is done.
        actor: Sign-in name of the person.
        unit: Unit the person acts for.
        role: Role in which the person acts.
        observed_at: When it was done by the device's clock, ISO 8601 with offset.
        recorded_at: Server time, ISO 8601 UTC.
        body: What was asked.
        before: Review fields before, only those that change, and always ``stage``.
        after: The same fields after.
        named: Names that are kept beside the event, and are no part of it.
    """

    event_id: str
    plot_id: str
    base: int | None
    action: str
    actor: str
    unit: str
    role: str
    observed_at: str
    recorded_at: str
    body: Mapping[str, Value]
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    named: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One kept event. Every attribute but ``hash`` goes into the hash, in this order."""

    prev_hash: str
    seq: int
    event_id: str
    plot_id: str
    version: int
    action: str
    actor: str
    unit: str
    role: str
    observed_at: str
    recorded_at: str
    body: str
    before: str
    after: str
    hash: str

    @property
    def said(self) -> Mapping[str, Value]:
        """What was asked, decoded."""
        return _decoded(self.body)

    @property
    def changes(self) -> Mapping[str, Value]:
        """The changed review fields, decoded."""
        return _decoded(self.after)

    @property
    def replaced(self) -> Mapping[str, Value]:
        """The values the changed fields had before, decoded."""
        changed = self.changes
        return {k: v for k, v in _decoded(self.before).items() if k in changed}


Linked = tuple[str, int, str, str, int, str, str, str, str, str, str, str, str, str, str]
"""The columns of an event, in their order."""

HASHED = tuple(field.name for field in fields(Event) if field.name != "hash")
_hashed = attrgetter(*HASHED)


@lru_cache(maxsize=4096)
def _decoded(text: str) -> Mapping[str, Value]:
    """An object from its text; thousands of events say the same in ``after``."""
    decoded: dict[str, Value]
    try:
        decoded = orjson.loads(text)
    except orjson.JSONDecodeError:  # half characters and long numbers are for the slower way
        decoded = json.loads(text)
    return MappingProxyType(decoded)


_PLAIN = frozenset({str, int, bool, type(None)})


def canonical(value: Mapping[str, Value]) -> str:
    """JSON text that is the same everywhere: sorted keys, no blanks, no floats.

    Raises:
        TypeError: A float, or anything JSON does not know, is inside.
    """
    if type(value) is dict and _PLAIN.issuperset(map(type, value.values())):
        try:
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode("utf-8")
        except TypeError:  # half characters and numbers beyond 64 bits are for the slower way
            pass
    return plainly(value)


def plainly(value: Mapping[str, Value]) -> str:
    """What ``canonical`` promises, by the standard library alone; ten times slower."""
    _refuse_floats(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("a float has no place in an event; give text")
    if isinstance(value, Mapping):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_floats(item)


def digest(*values: object) -> str:
    """SHA-256 over the columns of an event, given in the order of ``HASHED``.

    Raises:
        ValueError: A value holds the separator (U+001F) or cannot be encoded.
    """
    return _hash_of(_SEPARATOR.join(map(str, values)))


def _hash_of(text: str) -> str:
    if text.count(_SEPARATOR) != len(HASHED) - 1:
        raise ValueError("U+001F cannot stand inside an event")
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


class Pattern:
    """A step that many plots take alike; what is the same for all is put into text once.

    Args:
        draft: The step; its ids are those of no plot, and perhaps its body.

    Raises:
        ValueError: A value holds the separator (U+001F).

    Attributes:
        draft: The same.
        body: What it asks, as text.
    """

    __slots__ = ("_between", "_end", "_said", "body", "draft")

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.body = canonical(draft.body)
        self._said = (
            draft.action,
            draft.actor,
            draft.unit,
            draft.role,
            draft.observed_at,
            draft.recorded_at,
        )
        self._end = (canonical(draft.before), canonical(draft.after))
        self._between = _SEPARATOR.join(("", *self._said, ""))

    def linked(
        self, event_id: str, plot_id: str, body: str, *, seq: int, version: int, prev_hash: str
    ) -> Linked:
        """The columns of the event that the step of one plot becomes, its hash last.

        Args:
            event_id: Identifier of the event.
            plot_id: The plot.
            body: What is asked about it, as canonical text.
            seq: Number of the event.
            version: Version of the plot after it.
            prev_hash: End of the chain before it.
        """
        before, after = self._end
        text = (
            f"{prev_hash}\x1f{seq}\x1f{event_id}\x1f{plot_id}\x1f{version}"
            f"{self._between}{body}\x1f{before}\x1f{after}"
        )
        return (
            prev_hash, seq, event_id, plot_id, version, *self._said, body, before, after,
            _hash_of(text),
        )  # fmt: skip


def keep(draft: Draft, *, seq: int, version: int, prev_hash: str) -> Event:
    """Put a draft at the end of the chain."""
    step = Pattern(draft)
    columns = step.linked(
        draft.event_id, draft.plot_id, step.body, seq=seq, version=version, prev_hash=prev_hash
    )
    return Event(*columns)


def intact(event: Event) -> bool:
    """Whether the event's content still gives its hash."""
    return digest(*_hashed(event)) == event.hash
