"""The register of permits as it is kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from georeview.core.access import Scope
from georeview.core.ledger import Value
from georeview.core.permits import Permit, Standing

Order = Literal["number", "valid_to"]


@dataclass(frozen=True, slots=True)
class PermitChange:
    """One change of an entry.

    Attributes:
        permit_id: Of which.
        revision: What it made of it.
        at: When, ISO 8601 UTC.
        actor: Sign-in name of who changed it.
        unit: For which unit.
        action: ``add``, ``change``, ``withdraw``, ``take_in`` or ``file``.
        detail: What changed, by name: old and new.
    """

    permit_id: str
    revision: int
    at: str
    actor: str
    unit: str
    action: str
    detail: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class PermitFile:
    """A document or photo of a permit; ``note`` says of a photo why it shows plots further away."""

    file_id: str
    permit_id: str
    sha256: str
    kind: str
    name: str
    media_type: str
    size: int
    taken_at: str | None
    lon: float | None
    lat: float | None
    azimuth: float | None
    note: str | None
    actor: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the register is asked for; ``None`` asks for nothing.

    Attributes:
        q: Text found in number, name, kind, authority or a document's number.
        with_holder: Whether ``q`` is looked for in who holds it as well.
        kind: Its kind, to the letter.
        standing: What it is good for on ``today``.
        bbox: Met by the permit's own box, degrees.
        in_use: Whether plots rest on it.
        today: The day here.
    """

    today: date
    q: str | None = None
    with_holder: bool = False
    kind: str | None = None
    standing: Standing | None = None
    bbox: tuple[float, float, float, float] | None = None
    in_use: bool = False


@dataclass(frozen=True, slots=True)
class PermitPage:
    """A part of the register, and where it ended if it goes on."""

    items: Sequence[Permit]
    matched: int
    after: tuple[str, str] | None


class Permits(Protocol):
    """Entries, what was changed of them, and their files.

    A permit is seen from a scope that holds its area, or lies in it: what a city keeps of no county
    is there for all of its counties.
    """

    def add(self, entries: Iterable[tuple[Permit, PermitChange]]) -> None:
        """Keep new entries, each with its first change, in one commit."""

    def change(self, entries: Iterable[tuple[Permit, PermitChange]]) -> None:
        """Keep other values of entries, each the next revision, in one commit.

        Raises:
            PermitChanged: One of them has been changed meanwhile; nothing was kept.
        """

    def add_file(self, file: PermitFile, permit: Permit, change: PermitChange) -> bool:
        """Keep a file of an entry; false when it is there already.

        Raises:
            PermitChanged: The entry has been changed meanwhile.
        """

    def get(self, scope: Scope, permit_id: str) -> Permit:
        """One entry.

        Raises:
            NotFound: None in this scope.
        """

    def some(self, scope: Scope, permit_ids: Sequence[str]) -> Mapping[str, Permit]:
        """Those of some entries that the scope sees, by id."""

    def page(
        self, scope: Scope, wanted: Wanted, order: Order, limit: int, after: tuple[str, str] | None
    ) -> PermitPage:
        """A part of the register."""

    def kinds(self, scope: Scope) -> list[str]:
        """The kinds there are, the most frequent first."""

    def numbered(self, numbers: Sequence[str]) -> Mapping[str, list[Permit]]:
        """Number → entries with it, wherever they lie, without those that were withdrawn."""

    def changes(self, permit_id: str) -> list[PermitChange]:
        """What was changed of an entry, oldest first."""

    def files(self, permit_id: str) -> list[PermitFile]:
        """Its files, oldest first."""

    def plots(self, scope: Scope, permit_ids: Sequence[str]) -> Mapping[str, int]:
        """Entry → how many plots that the scope sees rest on it."""
